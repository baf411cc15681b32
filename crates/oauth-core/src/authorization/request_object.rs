//! Request objects (RFC 9101): an authorization request as a signed JWT, which nobody in the browser
//! can change.

use jose::json;
use serde_json::Map;
use serde_json::Value;

use crate::assertion::ModifyAssertion;
use crate::assertion::check_asymmetric;
use crate::configuration::Configuration;
use crate::env::Env;
use crate::env::random_token;
use crate::error::Error;
use crate::error::Misuse;
use crate::error::printable;
use crate::key::KeyReference;
use crate::key::PendingSignature;
use crate::wire::Parameters;

/// How request objects are signed.
#[derive(Debug, Clone)]
pub struct RequestObject {
    key: KeyReference,
    modify: Option<ModifyAssertion>,
}

impl RequestObject {
    /// Request objects signed with `key`, which the server must know as this client's.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] when the key's algorithm is symmetric.
    pub fn new(key: KeyReference) -> Result<Self, Error> {
        check_asymmetric(&key)?;
        Ok(Self { key, modify: None })
    }

    /// Changes each request object before it is signed.
    #[must_use]
    pub fn modify_assertion(mut self, modify: ModifyAssertion) -> Self {
        self.modify = Some(modify);
        self
    }

    /// A new request object with these parameters (RFC 9101 section 4), which waits for its
    /// signature.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for a parameter that cannot become a claim.
    pub(super) fn prepare(
        &self,
        configuration: &Configuration,
        env: &Env<'_>,
        parameters: &Parameters,
    ) -> Result<PendingSignature, Error> {
        self.prepare_with([("typ", TYPE.into())], configuration, env, parameters)
    }

    /// The same for a backchannel authentication request (CIBA Core 1.0 section 7.1.1), which has no
    /// type of its own.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for a parameter that cannot become a claim.
    pub(crate) fn prepare_backchannel(
        &self,
        configuration: &Configuration,
        env: &Env<'_>,
        parameters: &Parameters,
    ) -> Result<PendingSignature, Error> {
        self.prepare_with([], configuration, env, parameters)
    }

    fn prepare_with<const N: usize>(
        &self,
        header: [(&'static str, Value); N],
        configuration: &Configuration,
        env: &Env<'_>,
        parameters: &Parameters,
    ) -> Result<PendingSignature, Error> {
        let mut claims = claims_of(parameters)?;
        let client_id = configuration.client().client_id.as_str();
        let now = configuration.policy().skewed(env.now);
        // No `sub`: with the client's identifier in it, a request object could pass as a client
        // assertion (RFC 9101 section 10.8).
        let own: [(&str, Value); 6] = [
            ("jti", random_token(env.entropy)?.into()),
            ("aud", configuration.server().issuer.as_str().into()),
            ("exp", now.saturating_add(LIFETIME).seconds().into()),
            ("iat", now.seconds().into()),
            ("nbf", now.seconds().into()),
            ("iss", client_id.into()),
        ];
        claims.extend(own.map(|(name, value)| (name.to_owned(), value)));
        let kid = self.key.key_id.as_deref().map(|kid| ("kid", kid.into()));
        let header = kid.into_iter().chain(header);
        PendingSignature::new(&self.key, header, claims, self.modify.as_ref())
    }
}

/// Each parameter as a claim. What is a number or JSON by nature becomes that (OpenID Connect Core
/// 1.0 section 6.1, RFC 9396 section 3), and several resources an array (RFC 8707 section 2).
fn claims_of(parameters: &Parameters) -> Result<Map<String, Value>, Error> {
    let mut claims = Map::new();
    for (name, value) in parameters.iter() {
        if RESERVED.contains(&name) {
            return Err(invalid("without claims of the request object itself", name));
        }
        let claim = match name {
            "max_age" => seconds(value, "max_age as a whole number of seconds")?,
            "requested_expiry" => seconds(value, "requested_expiry as a whole number of seconds")?,
            "claims" => json_text(value, "claims as a JSON object", Value::is_object)?,
            "authorization_details" => json_text(
                value,
                "authorization_details as a JSON array",
                Value::is_array,
            )?,
            _ => value.into(),
        };
        match (name, claims.get_mut(name)) {
            (_, None) => {
                claims.insert(name.to_owned(), claim);
            }
            ("resource", Some(Value::Array(resources))) => resources.push(claim),
            ("resource", Some(first)) => {
                let first = first.take();
                claims.insert(name.to_owned(), Value::Array(vec![first, claim]));
            }
            (_, Some(_)) => return Err(invalid("each once in a request object", name)),
        }
    }
    Ok(claims)
}

fn seconds(text: &str, expected: &'static str) -> Result<Value, Error> {
    text.parse::<u64>()
        .map(Value::from)
        .map_err(|_| invalid(expected, text))
}

fn json_text(
    text: &str,
    expected: &'static str,
    is_expected: fn(&Value) -> bool,
) -> Result<Value, Error> {
    json::parse(text.as_bytes(), json::Limits::DOCUMENT)
        .ok()
        .map(|value| value.to_owned_value())
        .filter(is_expected)
        .ok_or_else(|| invalid(expected, text))
}

fn invalid(expected: &'static str, found: &str) -> Error {
    Misuse::InvalidArgument {
        argument: "parameters",
        expected,
        found: printable(found),
    }
    .into()
}

/// RFC 9101 section 10.8: tells it from every other JWT of the client.
const TYPE: &str = "oauth-authz-req+jwt";

/// Seconds for which a request object is valid.
const LIFETIME: i64 = 60;

/// Claims about the request object itself, and what must not be inside one (RFC 9101 section 4).
const RESERVED: [&str; 9] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "request",
    "request_uri",
];
