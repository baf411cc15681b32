//! The pushed authorization request endpoint (RFC 9126).

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use jose::json;

use crate::cache::ServerRole;
use crate::configuration::Configuration;
use crate::dpop::ProofOfPossession;
use crate::endpoint::{Endpoint, Sender};
use crate::error::{Artefact, Error, Misuse, printable};
use crate::names::EndpointName;
use crate::request_object::{RequestObject, SignedRequest};
use crate::time::UnixTime;
use crate::validate::{Form, check_request};
use crate::wire::{Draft, Members, Parameters, granting_object, refusal};

/// An authorization request that the client sends to the server before the browser goes there.
///
/// It cannot be read or changed in the browser, and the client authenticates itself before the user
/// is asked for consent.
#[derive(Debug, Clone)]
pub struct PushedAuthorizationRequest {
    /// The client and the server.
    pub configuration: Configuration,
    /// The parameters of the authorization request, or a `request` that the caller made with
    /// `client_id`.
    pub parameters: Parameters,
    /// The settings for a request object that contains the parameters, if there is to be one.
    pub request_object: Option<RequestObject>,
}

/// The reference to a pushed request for the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedAuthorizationResponse {
    request_uri: String,
    expires_in: u64,
}

impl PushedAuthorizationResponse {
    /// The reference, which is valid for one use.
    pub fn request_uri(&self) -> &str {
        &self.request_uri
    }

    /// The lifetime of the reference from the receipt of the response.
    pub const fn expires_in(&self) -> Duration {
        Duration::from_secs(self.expires_in)
    }

    /// Reads the response. The status of success is 201 (section 2.2); some servers use 200.
    fn read(response: &Response<Bytes>) -> Result<Self, Error> {
        if !matches!(response.status(), StatusCode::CREATED | StatusCode::OK) {
            return Err(refusal(ARTEFACT, 201, response));
        }
        let object = granting_object(ARTEFACT, response, "request_uri")?;
        let members = Members::new(ARTEFACT, &object);
        Ok(Self {
            request_uri: members.text("request_uri")?.to_owned(),
            expires_in: expires_in(&members)?,
        })
    }
}

impl Endpoint for PushedAuthorizationRequest {
    type Output = PushedAuthorizationResponse;

    const NAME: EndpointName = EndpointName::PushedAuthorization;

    fn sender(&self) -> Sender<'_> {
        Sender::Client(&self.configuration)
    }

    fn signed_request(&self) -> Option<SignedRequest<'_>> {
        let request_object = self.request_object.as_ref()?;
        Some(request_object.of_authorization(&self.configuration))
    }

    /// The proof binds the code to its key from the start (RFC 9449 section 10.1).
    fn proof(&self) -> Option<ProofOfPossession<'_>> {
        Some(ProofOfPossession {
            key: self.configuration.dpop_key()?,
            role: ServerRole::AuthorizationServer,
            access_token: None,
        })
    }

    fn request(&self) -> Result<Draft, Error> {
        // RFC 9126 section 2.1 forbids `request_uri`.
        if self.parameters.contains("request_uri") {
            return Err(Misuse::InvalidArgument {
                argument: "parameters",
                expected: "without request_uri in a pushed request",
                found: "one".to_owned(),
            }
            .into());
        }
        let form = Form {
            signed: self.request_object.is_some(),
            pushed: true,
        };
        check_request(&self.configuration, &self.parameters, form)?;
        let mut form = self.parameters.clone();
        if !form.contains("client_id") {
            form.set("client_id", &*self.configuration.client().client_id);
        }
        let url = self.configuration.endpoint(Self::NAME)?;
        Ok(Draft::post_form(url, form))
    }

    fn response(
        &self,
        _now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<PushedAuthorizationResponse, Error> {
        PushedAuthorizationResponse::read(response)
    }
}

/// Reads the required lifetime (RFC 9126 section 2.2): a number, or a string of digits, which some
/// servers send.
fn expires_in(members: &Members<'_>) -> Result<u64, Error> {
    const EXPECTED: &str = "a whole number of seconds from 0";
    let member = "expires_in";
    match members.optional(member) {
        Some(json::Value::Number(number)) => number
            .as_u64()
            .ok_or_else(|| members.ill_typed(member, EXPECTED, &number.to_string())),
        Some(json::Value::String(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => text
            .parse()
            .map_err(|_| members.ill_typed(member, EXPECTED, &printable(text))),
        Some(other) => Err(members.ill_typed(member, EXPECTED, other.kind())),
        None => Err(members.missing(member)),
    }
}

const ARTEFACT: Artefact = Artefact::PushedAuthorizationResponse;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Reason;
    use crate::testing;
    use crate::testing::NOW;

    fn endpoint(form: &str) -> PushedAuthorizationRequest {
        PushedAuthorizationRequest {
            configuration: testing::configuration(),
            parameters: Parameters::decode(form),
            request_object: None,
        }
    }

    fn read(status: u16, body: &str) -> Result<PushedAuthorizationResponse, Error> {
        let now = UnixTime::from_seconds(NOW);
        endpoint("").response(now, &testing::response(status, body))
    }

    #[test]
    fn the_parameters_are_posted_as_they_are() {
        let mut draft = endpoint("resource=a&scope=x&resource=b").request().unwrap();
        assert_eq!(draft.url.as_str(), "https://op.example/par");
        assert_eq!(
            draft.form_mut().unwrap().encode(),
            "resource=a&scope=x&resource=b&client_id=app"
        );
        let mut draft = endpoint("client_id=app&request=r").request().unwrap();
        assert_eq!(
            draft.form_mut().unwrap().encode(),
            "client_id=app&request=r"
        );
    }

    #[test]
    fn a_reference_is_not_pushed() {
        let error = endpoint("request_uri=urn%3Ax").request().unwrap_err();
        assert!(matches!(
            error,
            Error::Misuse(Misuse::InvalidArgument {
                argument: "parameters",
                ..
            })
        ));
    }

    /// The example in RFC 9126 section 2.2.
    #[test]
    fn the_example_of_the_specification() {
        let uri = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c";
        for expires_in in ["60", "\"60\""] {
            let body = format!(r#"{{"request_uri":"{uri}","expires_in":{expires_in},"x":1}}"#);
            let response = read(201, &body).unwrap();
            assert_eq!(response.request_uri(), uri);
            assert_eq!(response.expires_in(), Duration::from_secs(60));
        }
    }

    #[test]
    fn each_fault_of_a_response_is_named() {
        let missing = |member: &'static str| Reason::Missing {
            member: member.into(),
        };
        let ill_typed = |member: &'static str, expected, found: &str| Reason::IllTyped {
            member: member.into(),
            expected,
            found: found.to_owned(),
        };
        let uri = |found| ill_typed("request_uri", "a non-empty string", found);
        let expiry = |found| ill_typed("expires_in", "a whole number of seconds from 0", found);
        for (status, body, reason) in [
            (201, r#"{"expires_in":60}"#, missing("request_uri")),
            (
                201,
                r#"{"request_uri":"","expires_in":60}"#,
                uri("an empty string"),
            ),
            (201, r#"{"request_uri":7,"expires_in":60}"#, uri("number")),
            (201, r#"{"request_uri":"urn:x"}"#, missing("expires_in")),
            (
                201,
                r#"{"request_uri":"urn:x","expires_in":-1}"#,
                expiry("-1"),
            ),
            (
                201,
                r#"{"request_uri":"urn:x","expires_in":"6 0"}"#,
                expiry("string"),
            ),
            (
                201,
                r#"{"request_uri":"urn:x","expires_in":""}"#,
                expiry(""),
            ),
            (
                201,
                r#"{"request_uri":null,"expires_in":60}"#,
                missing("request_uri"),
            ),
            (
                201,
                r#"{"request_uri":"urn:x","expires_in":null}"#,
                missing("expires_in"),
            ),
            (
                202,
                r#"{"request_uri":"urn:x","expires_in":60}"#,
                Reason::Status {
                    expected: 201,
                    found: 202,
                    location: None,
                },
            ),
        ] {
            let error = read(status, body).unwrap_err();
            let rejection = error.rejection().unwrap();
            assert_eq!(rejection.artefact, ARTEFACT);
            assert_eq!(rejection.reason, reason, "{body}");
        }
        for status in [200, 201, 400] {
            let error = read(status, r#"{"error":"invalid_request"}"#).unwrap_err();
            assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"), "{status}");
        }
    }

    #[test]
    fn success_is_201_or_200() {
        for status in [200, 201] {
            let response = read(status, r#"{"request_uri":"urn:x","expires_in":60}"#).unwrap();
            assert_eq!(response.request_uri(), "urn:x");
        }
    }
}
