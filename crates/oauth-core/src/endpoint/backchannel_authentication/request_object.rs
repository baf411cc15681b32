//! The request as a signed JWT (CIBA Core 1.0 section 7.1.1).

use std::sync::Arc;

use jose::json;
use jose::jws::ProtectedHeader;
use jose::jws::SigningInput;
use serde_json::Map;
use serde_json::Value;

use super::BackchannelAuthentication;
use crate::env::Env;
use crate::env::random_token;
use crate::error::Error;
use crate::error::KeyFault;
use crate::error::Misuse;
use crate::key::KeyJob;
use crate::key::KeyName;
use crate::key::KeyReference;
use crate::key::KeyResult;
use crate::secret::Secret;
use crate::wire::Parameters;

/// A request object that waits for its signature.
#[derive(Debug)]
pub(crate) struct RequestObject {
    key: KeyName,
    input: SigningInput,
}

impl RequestObject {
    /// The request as claims, with a `jti` and times of its own.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for a parameter that cannot be sent, [`Error::Entropy`].
    pub(crate) fn prepare(
        request: &BackchannelAuthentication,
        key: &KeyReference,
        env: &Env<'_>,
    ) -> Result<Self, Error> {
        let configuration = &request.configuration;
        let now = configuration.policy().skewed(env.now);
        let mut claims = claims(&request.form()?)?;
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("iss", configuration.client().client_id.as_str().into());
        set("aud", configuration.server().issuer.as_str().into());
        set("exp", now.saturating_add(LIFETIME).seconds().into());
        set("iat", now.seconds().into());
        set("nbf", now.seconds().into());
        set("jti", random_token(env.entropy)?.into());
        let mut header = ProtectedHeader::new(key.algorithm);
        if let Some(key_id) = &key.key_id {
            header = header.kid(key_id);
        }
        let claims = Value::Object(claims).to_string();
        Ok(Self {
            key: key.name.clone(),
            input: SigningInput::new(&header, claims.as_bytes()),
        })
    }

    /// What the key has to do.
    pub(crate) fn job(&self) -> KeyJob {
        KeyJob::Sign {
            key: self.key.clone(),
            algorithm: self.input.algorithm(),
            input: self.input.as_bytes().to_vec(),
        }
    }

    /// The signed request object.
    pub(crate) fn finish(self, result: KeyResult) -> Result<Secret, Error> {
        let signature = result.signature()?;
        let jwt = self.input.finish(&signature).map_err(|error| KeyFault {
            key: self.key,
            source: Some(Arc::new(error)),
        })?;
        Ok(jwt.into())
    }
}

/// Text, but for those parameters that are numbers or JSON in themselves. Text that occurs several
/// times, as `resource` may, becomes an array.
fn claims(form: &Parameters) -> Result<Map<String, Value>, Error> {
    let mut claims = Map::new();
    for (name, text) in form.iter() {
        let value = match name {
            "requested_expiry" => text.parse::<u64>().map_or(Value::Null, Value::from),
            "claims" | "authorization_details" => structured(name, text)?,
            _ => Value::from(text),
        };
        match claims.get_mut(name) {
            None => {
                claims.insert(name.to_owned(), value);
            }
            Some(first @ Value::String(_)) => *first = Value::Array(vec![first.take(), value]),
            Some(Value::Array(values)) if value.is_string() => values.push(value),
            Some(_) => return Err(unsendable("one value", format!("several for `{name}`"))),
        }
    }
    Ok(claims)
}

fn structured(name: &str, text: &str) -> Result<Value, Error> {
    let limits = json::Limits::new(text.len(), 32);
    let value = json::parse(text.as_bytes(), limits).map(|value| value.to_owned_value());
    value.map_err(|_| unsendable("JSON", format!("other text for `{name}`")))
}

fn unsendable(expected: &'static str, found: String) -> Error {
    Misuse::InvalidArgument {
        argument: "parameter",
        expected,
        found,
    }
    .into()
}

/// Seconds for which a request object is valid.
const LIFETIME: i64 = 60;
