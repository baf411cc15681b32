//! The endpoint of a claims provider (OpenID Connect Core 1.0 section 5.6.2.2).

use bytes::Bytes;
use http::{Response, StatusCode, header};
use url::Url;

use crate::endpoint::{Endpoint, Sender};
use crate::error::{Artefact, Error, Reason, printable_url};
use crate::names::EndpointName;
use crate::outbound::ResponseBody;
use crate::policy::Policy;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::DistributedClaims;
use crate::wire::{Draft, authorization, content_type, jwt, resource_refusal};

/// The request for distributed claims: the JWT of a claims provider, unverified.
///
/// The access token of the source goes only to its endpoint, and the body has at most 64 KiB. The
/// URL comes from a response, so a driver that can reach private networks needs a policy about
/// destinations.
#[derive(Debug, Clone)]
pub struct DistributedClaimsEndpoint {
    source: DistributedClaims,
    policy: Policy,
}

impl DistributedClaimsEndpoint {
    /// Creates the request for the claims of `source`, on the terms of `policy`.
    pub const fn new(source: DistributedClaims, policy: Policy) -> Self {
        Self { source, policy }
    }
}

impl Endpoint for DistributedClaimsEndpoint {
    type Output = Secret;

    const NAME: EndpointName = EndpointName::DistributedClaims;

    fn sender(&self) -> Sender<'_> {
        Sender::Unauthenticated(&self.policy)
    }

    fn response_body(&self) -> ResponseBody {
        ResponseBody::Buffered {
            cap: self.policy.body_cap().min(CAP),
        }
    }

    /// Builds the GET request, with the access token in a header (RFC 6750 section 2.1).
    ///
    /// The endpoint must be https, also where the policy allows http for the server: a stranger
    /// chooses it.
    fn request(&self) -> Result<Draft, Error> {
        let text = &self.source.endpoint;
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_endpoint = |url: &Url| {
            url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
        };
        let url = Url::parse(text)
            .ok()
            .filter(|url| is_plain && is_endpoint(url));
        let url = url.ok_or_else(|| {
            Artefact::ClaimSources.rejected(Reason::Url {
                member: "endpoint".into(),
                expected: "an https URL without user name",
                found: printable_url(text),
            })
        })?;
        let mut draft = Draft::get(url, MEDIA_TYPE);
        if let Some(access_token) = &self.source.access_token {
            // The server chose the token, so one that cannot be sent is the server's fault.
            let value = authorization("Bearer", "access_token", access_token).map_err(|_| {
                Artefact::ClaimSources.rejected(Reason::IllTyped {
                    member: "access_token".into(),
                    expected: "visible ASCII characters",
                    found: "something else".to_owned(),
                })
            })?;
            draft.headers.insert(header::AUTHORIZATION, value);
        }
        Ok(draft)
    }

    /// Returns the JWT of a response with the status 200 and the media type `application/jwt`.
    fn response(&self, _now: UnixTime, response: &Response<Bytes>) -> Result<Secret, Error> {
        if response.status() != StatusCode::OK {
            return Err(resource_refusal(ARTEFACT, 200, response));
        }
        jwt(ARTEFACT, response, MEDIA_TYPE)?.ok_or_else(|| {
            // Section 5.6.2: the claims must come as a JWT.
            let found = content_type(response.headers());
            let expected = MEDIA_TYPE;
            ARTEFACT
                .rejected(Reason::MediaType { expected, found })
                .into()
        })
    }
}

const ARTEFACT: Artefact = Artefact::SourcedClaims;

const MEDIA_TYPE: &str = "application/jwt";

/// The largest number of bytes of a response.
const CAP: usize = 64 * 1024;
