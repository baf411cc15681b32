//! Errors, sorted by their cause.
//!
//! | group | variants |
//! |---|---|
//! | the server said no | [`ResponseBody`](Error::ResponseBody), [`AuthorizationResponse`](Error::AuthorizationResponse), [`WwwAuthenticateChallenge`](Error::WwwAuthenticateChallenge) |
//! | the server is wrong | [`Rejected`](Error::Rejected), [`TokensUnverified`](Error::TokensUnverified), [`RegistrationUnusable`](Error::RegistrationUnusable) |
//! | the server lacks it | [`Metadata`](Error::Metadata), [`Unsupported`](Error::Unsupported) |
//! | no answer | [`Unanswered`](Error::Unanswered), [`Expired`](Error::Expired), [`Key`](Error::Key), [`Authentication`](Error::Authentication), [`Store`](Error::Store), [`Aborted`](Error::Aborted) |
//! | the caller is wrong | [`Misuse`](Error::Misuse), [`Profile`](Error::Profile) |

mod answer;
mod answered;
mod artefact;
mod asked_at;
mod fault;
mod misuse;
mod refused_response;
mod registration;
mod rejection;
mod step_up;
mod successor;
mod tls_fault;
mod unverified;
mod unverified_error;
mod way_out;

pub(crate) use self::answer::{codes, refuses_access_token};
pub use self::answered::{
    AuthorizationResponseError, ResponseBodyError, WwwAuthenticateChallengeError,
};
pub use self::artefact::Artefact;
pub use self::fault::{
    AuthenticationFault, Expired, KeyFault, MetadataError, NoAnswer, StoreError, Unanswered,
    Unsupported,
};
pub use self::misuse::{Misuse, SealFault};
pub use self::refused_response::RefusedResponse;
pub use self::registration::RegistrationUnusable;
pub use self::rejection::Rejection;
pub use self::step_up::StepUp;
pub(crate) use self::successor::{is_about_time, lacks_keys};
pub use self::tls_fault::TlsFault;
pub use self::unverified::TokensUnverified;
pub use self::unverified_error::UnverifiedError;

use std::sync::Arc;

use crate::entropy::EntropyFault;
use crate::profile::{Party, ProfileViolation};
pub use crate::reason::{Reason, TimestampRule};
pub(crate) use crate::reason::{printable, printable_url, printable_within};

/// Why an operation failed.
///
/// Cheap to clone: what it holds is shared.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server refused the request with an OAuth error in the response body.
    #[error(transparent)]
    ResponseBody(#[from] Arc<ResponseBodyError>),
    /// The authorization response carried an OAuth error.
    #[error(transparent)]
    AuthorizationResponse(#[from] Arc<AuthorizationResponseError>),
    /// The server refused the request with a `WWW-Authenticate` challenge.
    #[error(transparent)]
    WwwAuthenticateChallenge(#[from] Arc<WwwAuthenticateChallengeError>),
    /// What the server sent fails a check.
    #[error(transparent)]
    Rejected(#[from] Arc<Rejection>),
    /// Tokens came, but their ID Token could not be verified. The error keeps them.
    #[error(transparent)]
    TokensUnverified(#[from] Arc<TokensUnverified>),
    /// The server has registered a client that protects less than what was asked for. The error
    /// keeps the registration.
    #[error(transparent)]
    RegistrationUnusable(#[from] Arc<RegistrationUnusable>),
    /// The server metadata lacks something that the operation needs.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// Valid, but not supported here.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// No usable response came.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// The person did not answer in time.
    #[error(transparent)]
    Expired(#[from] Expired),
    /// A private key could not be used.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// A client authentication method of the application's own failed; nothing was sent.
    #[error(transparent)]
    Authentication(#[from] AuthenticationFault),
    /// A token store failed or cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source of randomness failed; nothing was sent.
    #[error(transparent)]
    Entropy(#[from] EntropyFault),
    /// The caller gave up while the operation was waiting.
    #[error("the operation was aborted")]
    Aborted,
    /// The client, a request or the server leaves the security profile that the client is under.
    #[error(transparent)]
    Profile(#[from] Arc<ProfileViolation>),
    /// The library was used in a way that cannot work.
    #[error(transparent)]
    Misuse(#[from] Misuse),
}

impl Error {
    /// A stable code for programs and log searches; the same as that of the reference client
    /// wherever it has one. `None` for misuse and for a violation of the [profile](crate::profile)
    /// by the client itself, which a program cannot handle. [`Misuse::LoginExpired`] has a code,
    /// because the program begins a new login, and so have [`Misuse::NotSealedHere`] and
    /// [`Misuse::AnotherResource`].
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::ResponseBody(_) => "OAUTH_RESPONSE_BODY_ERROR",
            Self::AuthorizationResponse(_) => "OAUTH_AUTHORIZATION_RESPONSE_ERROR",
            Self::WwwAuthenticateChallenge(_) => "OAUTH_WWW_AUTHENTICATE_CHALLENGE",
            Self::Rejected(rejection) => rejection.code(),
            Self::TokensUnverified(unverified) => return unverified.cause().code(),
            Self::RegistrationUnusable(unusable) => unusable.rejection().code(),
            Self::Metadata(error) => error.code(),
            Self::Unsupported(_) => "OAUTH_UNSUPPORTED_OPERATION",
            Self::Unanswered(unanswered) => unanswered.reason.code(),
            Self::Expired(_) => "OAUTH_TIMEOUT",
            Self::Key(_) => "OAUTH_KEY_UNAVAILABLE",
            Self::Authentication(_) => "OAUTH_CLIENT_AUTHENTICATION_UNAVAILABLE",
            Self::Store(_) => "OAUTH_STORE_FAILED",
            Self::Entropy(_) => "OAUTH_ENTROPY_UNAVAILABLE",
            Self::Aborted => "OAUTH_ABORT",
            Self::Profile(violation) => match violation.party {
                Party::Server => "OAUTH_UNSUPPORTED_OPERATION",
                Party::Client | Party::Key | Party::Request => return None,
            },
            Self::Misuse(Misuse::LoginExpired { .. }) => "OAUTH_LOGIN_EXPIRED",
            Self::Misuse(Misuse::NotSealedHere(_)) => "OAUTH_SEALED_VALUE_REFUSED",
            Self::Misuse(Misuse::AnotherResource { .. }) => "OAUTH_ANOTHER_RESOURCE",
            Self::Misuse(_) => return None,
        })
    }

    /// What leaves the security profile that the client is under.
    pub fn profile_violation(&self) -> Option<&ProfileViolation> {
        match self {
            Self::Profile(violation) => Some(violation),
            _ => None,
        }
    }

    /// The rejection, when the server is wrong; tests and alerts match on its parts.
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Rejected(rejection) => Some(rejection),
            Self::TokensUnverified(unverified) => unverified.cause().rejection(),
            Self::RegistrationUnusable(unusable) => Some(unusable.rejection()),
            _ => None,
        }
    }
}

impl From<ProfileViolation> for Error {
    fn from(violation: ProfileViolation) -> Self {
        Arc::new(violation).into()
    }
}

#[cfg(test)]
mod tests;
