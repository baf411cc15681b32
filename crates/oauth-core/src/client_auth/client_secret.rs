//! The secret that client and server share, and its source.

use jose::SignatureAlgorithm;

use crate::error::{Error, Misuse};
use crate::metadata::ClientMetadata;
use crate::secret::Secret;

/// The secret of a method that needs one.
#[derive(Debug, Clone, Default)]
pub enum ClientSecret {
    /// The `client_secret` of the client metadata. For a client that registers itself, the server
    /// issues this secret, so the method can be chosen before the secret exists.
    #[default]
    Registered,
    /// This secret.
    Given(Secret),
}

impl ClientSecret {
    /// Returns the secret that `method` needs.
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] if none is registered, [`Misuse::InvalidArgument`] if it is
    /// empty.
    pub(super) fn resolve<'a>(
        &'a self,
        client: &'a ClientMetadata,
        method: &'static str,
    ) -> Result<&'a Secret, Error> {
        let secret = match self {
            Self::Given(secret) => secret,
            Self::Registered => client
                .client_secret
                .as_ref()
                .ok_or(Misuse::MissingArgument {
                    argument: "client_secret",
                    purpose: method,
                })?,
        };
        check_not_empty(secret)?;
        Ok(secret)
    }
}

impl<T: Into<Secret>> From<T> for ClientSecret {
    fn from(secret: T) -> Self {
        Self::Given(secret.into())
    }
}

pub(super) fn check_not_empty(secret: &Secret) -> Result<(), Error> {
    if secret.expose().is_empty() {
        return Err(Misuse::InvalidArgument {
            argument: "client_secret",
            expected: "the secret that the provider has given the client",
            found: "an empty string".to_owned(),
        }
        .into());
    }
    Ok(())
}

/// Whether a secret is long enough for an HMAC: at least as long as the hash (RFC 7518 section
/// 3.2). An attacker who has seen one token can search for a shorter key offline.
pub(crate) fn fits(secret: &Secret, algorithm: SignatureAlgorithm) -> bool {
    let length = secret.expose().len();
    algorithm
        .hash()
        .is_some_and(|hash| length >= hash.output_length())
}

/// Refuses a secret that is too short for an HMAC.
///
/// # Errors
///
/// [`Misuse::InvalidArgument`] with the length and the algorithm.
pub(crate) fn check_length(secret: &Secret, algorithm: SignatureAlgorithm) -> Result<(), Error> {
    if fits(secret, algorithm) {
        return Ok(());
    }
    Err(Misuse::InvalidArgument {
        argument: "client_secret",
        expected: "as long as the hash of its HMAC algorithm, at least",
        found: format!("{} bytes for {algorithm}", secret.expose().len()),
    }
    .into())
}
