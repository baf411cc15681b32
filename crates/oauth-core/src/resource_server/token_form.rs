//! Whether an access token is opaque, or a JWT of the server that it names.

use jose::jws::Unverified;
use jose::{base64url, json};

use crate::error::{Artefact, Error, Reason};

/// The form of an access token. Nothing is verified yet: the name of the issuer only selects the
/// keys and the rules, and is compared once more when the signature is valid.
#[derive(Debug)]
pub(super) enum TokenForm {
    /// No signed JWT, and why it is none. It does not say where it comes from.
    Opaque(Error),
    /// A signed JWT with its `iss`, if it has one.
    Jwt { iss: Option<String> },
}

impl TokenForm {
    /// Reads the form.
    ///
    /// A JWT stays one if its header cannot be used here, for example because of its algorithm:
    /// otherwise it would be introspected as an opaque token, and shown to a server that did not
    /// issue it.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] for a JWT whose claims cannot be read, so that its issuer is not known.
    pub(super) fn of(token: &str) -> Result<Self, Error> {
        let rejected = |reason| Error::from(Artefact::AccessToken.rejected(reason));
        if !has_the_form_of_a_jws(token)
            && let Err(error) = Unverified::parse(token)
        {
            return Ok(Self::Opaque(rejected(error.into())));
        }
        let payload = token.split('.').nth(1).unwrap_or_default();
        let payload = base64url::decode(payload).map_err(|_| {
            let part = jose::Part::Payload;
            rejected(Reason::Jose(jose::Malformed::Base64Url { part }.into()))
        })?;
        let object = json::parse_object_with_repeats(&payload, json::Limits::CLAIMS)
            .map_err(|error| rejected(Reason::Json(error)))?;
        match object.get("iss") {
            None => Ok(Self::Jwt { iss: None }),
            Some(json::Value::String(iss)) => Ok(Self::Jwt {
                iss: Some(iss.to_string()),
            }),
            Some(other) => Err(rejected(Reason::IllTyped {
                member: "iss".into(),
                expected: "a string",
                found: other.kind().to_owned(),
            })),
        }
    }
}

/// Whether the token has three segments, of which the first begins like a JSON object (RFC 7515
/// section 7.1): a brace, and then a quotation mark or white space.
fn has_the_form_of_a_jws(token: &str) -> bool {
    let is_object = token.starts_with("ey") || token.starts_with("ew");
    is_object && token.split('.').take(4).count() == 3
}
