//! A client authentication method of the application's own.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

use crate::client_auth::form_of;
use crate::entropy::Entropy;
use crate::env::Env;
use crate::error::{AuthenticationFault, Error, Misuse, printable, printable_url};
use crate::metadata::{ClientMetadata, ServerMetadata};
use crate::parties::Parties;
use crate::time::UnixTime;
use crate::wire::{Draft, DraftBody, Parameters};

/// A client authentication method that this library does not have.
///
/// The contract: answer at once, from what is at hand, since a step of an operation waits for it; make
/// what a server accepts once, such as a `jti`, anew for each call, since a request that is sent
/// again asks again; send `client_id` where the server has to be told who is there. The answer is
/// added to the request and can replace nothing in it.
///
/// `Debug` shows the name alone.
pub trait CustomAuthentication: Send + Sync {
    /// The name of the method, as `token_endpoint_auth_method` has it (RFC 7591 section 2).
    fn name(&self) -> &str;

    /// The credentials for one request.
    ///
    /// # Errors
    ///
    /// Whatever stands in the way. The operation ends in [`Error::Authentication`] with this as its
    /// source, and nothing is sent; keep secrets out of it.
    fn credentials(
        &self,
        request: &UnauthenticatedRequest<'_>,
    ) -> Result<Credentials, Box<dyn StdError + Send + Sync>>;
}

impl fmt::Debug for dyn CustomAuthentication + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomAuthentication({:?})", self.name())
    }
}

/// What a method may look at: a request that is complete but for its credentials. `Debug` shows no
/// values, and of the URL no query.
#[derive(Clone, Copy)]
pub struct UnauthenticatedRequest<'a> {
    parties: &'a Parties,
    env: &'a Env<'a>,
    draft: &'a Draft,
}

impl<'a> UnauthenticatedRequest<'a> {
    /// The server.
    pub const fn server(&self) -> &'a ServerMetadata {
        &self.parties.server
    }

    /// The client.
    pub const fn client(&self) -> &'a ClientMetadata {
        &self.parties.client
    }

    /// Where the request goes.
    pub const fn url(&self) -> &'a Url {
        &self.draft.url
    }

    /// Its parameters; `None` when its body is no form.
    pub const fn form(&self) -> Option<&'a Parameters> {
        match &self.draft.body {
            DraftBody::Form(form) => Some(form),
            _ => None,
        }
    }

    /// The time for what is signed, with the policy's clock skew.
    pub fn now(&self) -> UnixTime {
        self.parties.policy.skewed(self.env.now)
    }

    /// The source of randomness, for identifiers.
    pub const fn entropy(&self) -> &'a dyn Entropy {
        self.env.entropy
    }
}

impl fmt::Debug for UnauthenticatedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnauthenticatedRequest")
            .field("url", &printable_url(self.url().as_str()))
            .field("form", &self.form())
            .finish_non_exhaustive()
    }
}

/// What a method adds to a request. `Debug` shows no values.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    headers: HeaderMap,
    parameters: Parameters,
}

impl Credentials {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header, which counts as secret.
    #[must_use]
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.headers.append(name, value);
        self
    }

    /// Adds a parameter of the form.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.append(name, value);
        self
    }

    fn add_to(self, draft: &mut Draft) -> Result<(), Error> {
        for name in self.headers.keys() {
            if draft.headers.contains_key(name) || RESERVED.contains(name) {
                return Err(invalid("headers that nothing else sets", name.as_str()));
            }
        }
        draft.headers.extend(self.headers);
        for (name, value) in self.parameters.iter() {
            let form = form_of(draft)?;
            match form.first(name) {
                None => form.append(name, value),
                // Such as `client_id`, which some requests name in any case.
                Some(present) if present == value => {}
                Some(_) => {
                    return Err(invalid("parameters that nothing else sets", name));
                }
            }
        }
        Ok(())
    }
}

/// Adds to a request what `method` says.
pub(super) fn apply(
    method: &Arc<dyn CustomAuthentication>,
    parties: &Parties,
    env: &Env<'_>,
    draft: &mut Draft,
) -> Result<(), Error> {
    let request = UnauthenticatedRequest {
        parties,
        env,
        draft,
    };
    let credentials = method.credentials(&request);
    credentials
        .map_err(|source| AuthenticationFault {
            method: method.name().to_owned(),
            source: Arc::from(source),
        })?
        .add_to(draft)
}

fn invalid(expected: &'static str, found: &str) -> Error {
    Misuse::InvalidArgument {
        argument: "authentication",
        expected,
        found: printable(found),
    }
    .into()
}

/// Headers that are set after the credentials, or by the driver.
const RESERVED: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    HeaderName::from_static("dpop"),
    header::HOST,
    header::TRANSFER_ENCODING,
];
