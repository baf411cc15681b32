//! Where a discovery document was asked for, and what to try where there is none.

use crate::error::{Artefact, Error, Reason, Rejection};

impl Rejection {
    /// The URL that was asked for a discovery document, without its query; `None` for anything
    /// else.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

impl Error {
    /// Keeps the URL that was asked for a discovery document.
    pub(crate) fn asked_at(self, url: String) -> Self {
        match self {
            Self::Rejected(mut rejection) if rejection.artefact == Artefact::DiscoveryDocument => {
                rejection.url = Some(url);
                Self::Rejected(rejection)
            }
            other => other,
        }
    }
}

/// What follows the reason in the message of a rejection.
pub(super) fn asked_at(reason: &Reason, url: Option<&str>) -> String {
    let Some(url) = url else {
        return String::new();
    };
    let advice = match reason {
        Reason::Status { found: 404, .. } => not_found(url),
        Reason::AttributeMismatch {
            member: "issuer",
            expected: Some(expected),
            found: Some(found),
        } if expected.trim_end_matches('/') == found.trim_end_matches('/') => {
            ": the two differ in the slash at the end; take the issuer as the server writes it"
        }
        _ => "",
    };
    format!("; asked for at {url}{advice}")
}

/// Most issuers that are not found are those of Keycloak, whose paths have changed.
fn not_found(url: &str) -> &'static str {
    if url.contains("/auth/realms/") {
        ": take the issuer as tokens have it in `iss`, a slash at the end included; Keycloak has no \
         /auth in it since version 17"
    } else if url.contains("/realms/") {
        ": take the issuer as tokens have it in `iss`, a slash at the end included; Keycloak before \
         version 17 has /auth before /realms"
    } else {
        ": take the issuer as tokens have it in `iss`, a slash at the end included; that of Keycloak \
         ends with /realms/ and the name of the realm"
    }
}
