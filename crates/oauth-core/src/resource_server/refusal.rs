//! The reasons for which a request does not pass.

use std::time::Duration;

use crate::error::{Artefact, Error, Reason};
use crate::resource_server::proof::lacks_nonce;

/// The reason for which a request does not pass.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The request failed a check, or the check could not be made.
    #[error(transparent)]
    Error(#[from] Error),
    /// The access token was granted too little (RFC 6750 section 3.1).
    #[error("the access token was granted too little; required scope: {}", scope.join(" "))]
    InsufficientScope {
        /// The required scope values; empty if authorization details are insufficient.
        scope: Vec<String>,
    },
    /// The login was too long ago or of another kind (RFC 9470 section 3).
    #[error("the login does not suffice")]
    InsufficientUserAuthentication {
        /// The classes of which one suffices; empty if any does.
        acr_values: Vec<String>,
        /// How long ago the login may be.
        max_age: Option<Duration>,
    },
}

/// What the response says: its status, its error code and an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The request has no access token; the response then has no error code (RFC 6750 section 3.1).
    Unauthenticated,
    /// An OAuth error.
    Refused {
        status: u16,
        error: &'static str,
        description: &'static str,
    },
    /// The resource server cannot decide.
    Unable { status: u16 },
}

impl Refusal {
    pub(super) fn verdict(&self) -> Verdict {
        match self {
            Self::Error(error) => of_error(error),
            Self::InsufficientScope { .. } => Verdict::Refused {
                status: 403,
                error: "insufficient_scope",
                description: "The access token was granted too little",
            },
            Self::InsufficientUserAuthentication { .. } => Verdict::Refused {
                status: 401,
                error: "insufficient_user_authentication",
                description: "Another or a more recent login is required",
            },
        }
    }
}

fn of_error(error: &Error) -> Verdict {
    let rejection = match error {
        Error::Rejected(rejection) => rejection,
        Error::Misuse(_) | Error::Metadata(_) => return Verdict::Unable { status: 500 },
        _ => return Verdict::Unable { status: 503 },
    };
    // The description is fixed: details would help an attacker, and the log has them.
    match (rejection.artefact, &rejection.reason) {
        (
            Artefact::ResourceRequest,
            Reason::Missing { .. } | Reason::UnsupportedTokenType { .. },
        ) => Verdict::Unauthenticated,
        (Artefact::ResourceRequest, _) => Verdict::Refused {
            status: 400,
            error: "invalid_request",
            description: "The Authorization header is malformed or repeated",
        },
        (Artefact::AccessToken, _) => Verdict::Refused {
            status: 401,
            error: "invalid_token",
            description: "The access token is not valid here",
        },
        (Artefact::DPoPProof, Reason::ReplayStoreFull) => Verdict::Unable { status: 503 },
        (Artefact::DPoPProof, reason) if lacks_nonce(reason) => Verdict::Refused {
            status: 401,
            error: "use_dpop_nonce",
            description: "The DPoP proof needs a nonce of this server",
        },
        (Artefact::DPoPProof, _) => Verdict::Refused {
            status: 401,
            error: "invalid_dpop_proof",
            description: "The DPoP proof is missing or not valid for this request",
        },
        _ => Verdict::Unable { status: 503 },
    }
}
