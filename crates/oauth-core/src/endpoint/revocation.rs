//! Revocation: telling the server that a token is no longer needed (RFC 7009).

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::configuration::Configuration;
use crate::endpoint::{Endpoint, Sender};
use crate::error::{Artefact, Error};
use crate::names::EndpointName;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::wire::{Draft, Parameters, refusal};

/// The revocation of a token. Revoke the refresh token at a logout, because a server then also
/// revokes the tokens issued from it (RFC 7009 section 2.1).
///
/// Success means that the token is invalid now, not that it was valid before (section 2.2). After
/// an error, treat the token as still valid; the request can be repeated.
#[derive(Debug, Clone)]
pub struct RevocationEndpoint {
    /// The client and the server.
    pub configuration: Configuration,
    /// The access or refresh token.
    pub token: Secret,
    /// Further parameters, for example `token_type_hint`; those of the protocol take precedence.
    pub parameters: Parameters,
}

impl RevocationEndpoint {
    /// Creates the revocation of `token`.
    pub fn new(configuration: Configuration, token: impl Into<Secret>) -> Self {
        Self {
            configuration,
            token: token.into(),
            parameters: Parameters::new(),
        }
    }
}

impl Endpoint for RevocationEndpoint {
    type Output = ();

    const NAME: EndpointName = EndpointName::Revocation;

    fn sender(&self) -> Sender<'_> {
        Sender::Client(&self.configuration)
    }

    fn request(&self) -> Result<Draft, Error> {
        let mut form = self.parameters.clone();
        form.set("token", self.token.expose().as_str());
        Ok(Draft::post_form(
            self.configuration.endpoint(Self::NAME)?,
            form,
        ))
    }

    /// Ignores the body of a success (section 2.2). Some servers use status 204.
    fn response(&self, _now: UnixTime, response: &Response<Bytes>) -> Result<(), Error> {
        match response.status() {
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(()),
            _ => Err(refusal(Artefact::RevocationResponse, 200, response)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RevocationEndpoint;

    use crate::endpoint::Endpoint;
    use crate::error::{Artefact, Error, Reason};

    use crate::testing;
    use crate::testing::NOW;
    use crate::time::UnixTime;

    fn revocation() -> RevocationEndpoint {
        RevocationEndpoint::new(testing::configuration(), "45ghiukldjahdnhzdauz")
    }

    /// The example in RFC 7009 section 2.1.
    #[test]
    fn the_example_of_the_specification() {
        let mut revocation = revocation();
        revocation.parameters.append("token", "another");
        revocation
            .parameters
            .append("token_type_hint", "refresh_token");
        let mut draft = revocation.request().unwrap();
        assert_eq!(draft.url.as_str(), "https://op.example/revoke");
        assert_eq!(
            draft.form_mut().unwrap().encode(),
            "token_type_hint=refresh_token&token=45ghiukldjahdnhzdauz"
        );
        assert!(!format!("{revocation:?}").contains("45ghi"));
    }

    #[test]
    fn success_is_200_or_204_with_any_body() {
        let now = UnixTime::from_seconds(NOW);
        for body in ["", "{}", "nonsense", r#"{"error":"invalid_request"}"#] {
            let response = testing::response(200, body);
            revocation().response(now, &response).unwrap();
        }
        let response = testing::response(204, "");
        revocation().response(now, &response).unwrap();
        let refused = testing::response(400, r#"{"error":"unsupported_token_type"}"#);
        let Err(Error::ResponseBody(error)) = revocation().response(now, &refused) else {
            panic!();
        };
        assert_eq!(error.error, "unsupported_token_type");
        for status in [202, 302, 503] {
            let response = testing::response(status, "");
            let error = revocation().response(now, &response).unwrap_err();
            assert_eq!(error.code(), Some("OAUTH_RESPONSE_IS_NOT_CONFORM"));
            let rejection = error.rejection().unwrap();
            assert_eq!(rejection.artefact, Artefact::RevocationResponse);
            assert_eq!(
                rejection.reason,
                Reason::Status {
                    expected: 200,
                    found: status,
                    location: None
                }
            );
        }
    }
}
