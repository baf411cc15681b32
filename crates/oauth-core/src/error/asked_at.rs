//! The URL of a metadata document, and advice for a discovery document that is missing or of
//! another issuer.

use std::sync::Arc;

use crate::error::{Artefact, Error, Reason, Rejection};

impl Rejection {
    /// The URL of the discovery document, or of the protected resource metadata, that was refused,
    /// without its query; `None` for any other artefact.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

impl Error {
    /// Keeps the URL of the metadata document.
    pub(crate) fn asked_at(self, url: String) -> Self {
        match self {
            Self::Rejected(mut rejection) if is_metadata(rejection.artefact) => {
                Arc::make_mut(&mut rejection).url = Some(url);
                Self::Rejected(rejection)
            }
            other => other,
        }
    }
}

const fn is_metadata(artefact: Artefact) -> bool {
    matches!(
        artefact,
        Artefact::DiscoveryDocument | Artefact::ProtectedResourceMetadata
    )
}

/// Returns the text that follows the reason in the message of a rejection.
pub(super) fn asked_at(artefact: Artefact, reason: &Reason, url: Option<&str>) -> String {
    let Some(url) = url else {
        return String::new();
    };
    let advice = match reason {
        Reason::Status { found: 404, .. } if artefact == Artefact::DiscoveryDocument => {
            not_found(url)
        }
        Reason::AttributeMismatch {
            member: "issuer",
            expected: Some(expected),
            found: Some(found),
        } => another_issuer(expected, found),
        _ => "",
    };
    format!("; asked for at {url}{advice}")
}

/// The difference between the issuer that the application gave and the one in the document.
fn another_issuer(given: &str, found: &str) -> &'static str {
    let without_scheme = |url| str::split_once(url, "://").map(|(_, rest)| rest);
    if given.trim_end_matches('/') == found.trim_end_matches('/') {
        ": the two differ in the slash at the end; take the issuer as the server writes it"
    } else if without_scheme(given) == without_scheme(found) {
        ": the two differ in the scheme; a server behind a proxy must be told its public URL"
    } else {
        ": give the issuer as the server writes it, or tell the server its public URL"
    }
}

/// Returns the advice for an issuer without a document. Most of these are issuers of Keycloak,
/// whose paths have changed.
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
