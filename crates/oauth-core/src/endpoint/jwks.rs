//! The server's public keys (RFC 7517 section 5).

use bytes::Bytes;
use http::{Response, StatusCode};
use jose::JwkSet;

use crate::configuration::Configuration;
use crate::endpoint::{Endpoint, Sender};
use crate::error::{Artefact, Error, Reason};
use crate::names::EndpointName;
use crate::time::UnixTime;
use crate::wire::{Draft, json_text, not_json, refusal, unencoded};

/// The key set at `jwks_uri`.
#[derive(Debug, Clone)]
pub struct JwksEndpoint {
    configuration: Configuration,
}

impl JwksEndpoint {
    /// Creates a request for the key set of the configuration's server.
    pub const fn new(configuration: Configuration) -> Self {
        Self { configuration }
    }
}

impl Endpoint for JwksEndpoint {
    type Output = JwkSet;

    const NAME: EndpointName = EndpointName::Jwks;

    fn sender(&self) -> Sender<'_> {
        Sender::Unauthenticated(self.configuration.policy())
    }

    fn request(&self) -> Result<Draft, Error> {
        let url = self.configuration.endpoint(Self::NAME)?;
        Ok(Draft::get(
            url,
            "application/json, application/jwk-set+json",
        ))
    }

    fn response(&self, _now: UnixTime, response: &Response<Bytes>) -> Result<JwkSet, Error> {
        let artefact = Artefact::KeySet;
        if response.status() != StatusCode::OK {
            return Err(refusal(artefact, 200, response));
        }
        let headers = response.headers();
        unencoded(artefact, headers)?;
        let parse = if self.policy().danger.accept_padded_keys {
            JwkSet::danger_parse_padded
        } else {
            JwkSet::parse
        };
        parse(json_text(response.body())).map_err(|error| {
            let reason = match error {
                jose::Error::Json { reason, .. } => not_json(
                    reason,
                    headers,
                    &["application/json", "application/jwk-set+json"],
                ),
                error => Reason::of_key_set(error),
            };
            artefact.rejected(reason).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::JwksEndpoint;
    use crate::endpoint::Endpoint;
    use crate::error::{Artefact, Error, Reason};
    use crate::testing::{NOW, SERVER_KEY, configuration, key_set, response};
    use crate::time::UnixTime;

    #[test]
    fn the_request_asks_for_a_key_set() {
        let draft = JwksEndpoint::new(configuration()).request().unwrap();
        assert_eq!(draft.method, "GET");
        assert_eq!(draft.url.as_str(), "https://op.example/jwks");
        assert_eq!(
            draft.headers["accept"],
            "application/json, application/jwk-set+json"
        );
    }

    #[test]
    fn a_set_is_read_and_a_bad_key_in_it_does_no_harm() {
        assert_eq!(read(&key_set(&[&SERVER_KEY])).unwrap(), (1, 0));
        let unknown = json!({"keys": [{"kty": "new"}, 7, {"kty": "RSA"}]});
        assert_eq!(read(&unknown.to_string()).unwrap(), (0, 3));
    }

    #[test]
    fn a_document_that_is_no_set_is_refused() {
        let many = json!({"keys": vec![json!({}); 257]}).to_string();
        for (body, code, reason) in [
            (
                "{}",
                "OAUTH_INVALID_RESPONSE",
                Reason::Missing {
                    member: "keys".into(),
                },
            ),
            (
                r#"{"keys":{}}"#,
                "OAUTH_INVALID_RESPONSE",
                Reason::IllTyped {
                    member: "keys".into(),
                    expected: "an array",
                    found: "object".to_owned(),
                },
            ),
            (
                "<html>",
                "OAUTH_PARSE_ERROR",
                Reason::Json(jose::json::Error::Syntax { line: 1, column: 1 }),
            ),
            (
                "[]",
                "OAUTH_INVALID_RESPONSE",
                Reason::Json(jose::json::Error::NotAnObject { found: "array" }),
            ),
            (
                &many,
                "OAUTH_INVALID_RESPONSE",
                Reason::Jose(jose::Error::TooManyKeys {
                    limit: 256,
                    found: 257,
                }),
            ),
        ] {
            let error = read(body).unwrap_err();
            assert_eq!(error.code(), Some(code));
            let rejection = error.rejection().unwrap();
            assert_eq!(rejection.artefact, Artefact::KeySet);
            assert_eq!(rejection.reason, reason);
        }
    }

    fn read(body: &str) -> Result<(usize, usize), Error> {
        let now = UnixTime::from_seconds(NOW);
        let set = JwksEndpoint::new(configuration()).response(now, &response(200, body))?;
        Ok((set.keys().len(), set.skipped().len()))
    }
}
