use crate::error::asked_at::asked_at;
use crate::error::unverified_error::{UnverifiedError, carried};
use crate::error::way_out::way_out;
use crate::error::{Artefact, Reason, RefusedResponse};
use crate::secret::Secret;

/// Something that a server sent was refused: what it was, and which check it failed.
///
/// Two rejections are equal when both of that is equal.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{artefact} refused: {reason}{}{}{}", way_out(*.artefact, .reason), asked_at(*.artefact, .reason, .url.as_deref()), carried(.unverified_error.as_deref()))]
pub struct Rejection {
    /// What was refused.
    pub artefact: Artefact,
    /// Why.
    pub reason: Reason,
    /// The refresh token in the token response, if the response or its ID Token was refused.
    pub(super) refresh_token: Option<Secret>,
    /// Whether it came in answer to a refresh.
    pub(super) is_refresh: bool,
    /// The response that was refused, if it holds more than the reason.
    pub(crate) response: Option<Box<RefusedResponse>>,
    /// The error in the authorization response that was refused.
    pub(super) unverified_error: Option<Box<UnverifiedError>>,
    /// Where the metadata document was asked for.
    pub(super) url: Option<String>,
}

impl Rejection {
    /// The refusal of an artefact, without a refresh token.
    pub const fn new(artefact: Artefact, reason: Reason) -> Self {
        Self {
            artefact,
            reason,
            refresh_token: None,
            is_refresh: false,
            response: None,
            unverified_error: None,
            url: None,
        }
    }

    /// The stable code; see [`Error::code`](crate::Error::code).
    pub fn code(&self) -> &'static str {
        match (self.artefact, &self.reason) {
            (Artefact::UserInfoResponse, Reason::NotSigned { .. }) => "OAUTH_JWT_USERINFO_EXPECTED",
            (Artefact::IntrospectionResponse, Reason::NotSigned { .. }) => {
                "OAUTH_JWT_INTROSPECTION_EXPECTED"
            }
            (Artefact::SourcedClaims, Reason::MediaType { .. }) => "OAUTH_JWT_CLAIMS_EXPECTED",
            (_, reason) => reason.code(),
        }
    }
}

/// Compares what was refused and why.
impl PartialEq for Rejection {
    fn eq(&self, other: &Self) -> bool {
        self.artefact == other.artefact && self.reason == other.reason
    }
}
