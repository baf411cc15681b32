use std::fmt;
use std::sync::Arc;

use crate::documents::ClientInformation;
use crate::error::Rejection;

/// Error for a registration that protects the client less than what was asked for.
///
/// It keeps the registration. Without it, nothing could use or delete the client at the server, and
/// new credentials would be lost that have replaced the old ones (RFC 7592 section 2.2).
#[derive(Debug, Clone)]
pub struct RegistrationUnusable {
    rejection: Rejection,
    information: ClientInformation,
}

impl RegistrationUnusable {
    pub(crate) fn new(rejection: Rejection, information: ClientInformation) -> Arc<Self> {
        Arc::new(Self {
            rejection,
            information,
        })
    }

    /// What is wrong with it.
    pub const fn rejection(&self) -> &Rejection {
        &self.rejection
    }

    /// What is registered, for a
    /// [`DeleteRegistrationRequest`](crate::endpoint::DeleteRegistrationRequest) or an
    /// [`UpdateRegistrationRequest`](crate::endpoint::UpdateRegistrationRequest), or for a client
    /// that accepts it. It holds secrets.
    pub const fn client_information(&self) -> &ClientInformation {
        &self.information
    }
}

impl fmt::Display for RegistrationUnusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "registered, but not usable: {}", self.rejection)
    }
}

impl std::error::Error for RegistrationUnusable {}
