//! What the person sees.

use super::{LoginError, has_no_answer, is_denied};

impl LoginError {
    /// The heading of the page.
    pub(crate) const fn title(&self) -> &'static str {
        match self {
            Self::LoginRequired | Self::UnknownClient => "Log in",
            Self::LogoutFromElsewhere
            | Self::LogoutFailed(_)
            | Self::LogoutReturnRefused(_)
            | Self::FrontChannelLogoutRefused(_)
            | Self::LogoutNotBegun(_) => "The logout did not work",
            _ => "The login did not work",
        }
    }

    /// What the person can do, in a sentence or two.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::LoginRequired => "Log in to see this page.",
            Self::UnknownClient => "This site has no such way to log in. Choose another one.",
            Self::ReturnToRefused => {
                "This link leads to a page that a login may not lead to, so it was not followed. \
                 Log in from the start page."
            }
            Self::NoPendingLogin => {
                "This browser did not begin this login, or began it too long ago. Log in again, in \
                 one browser from beginning to end, and permit cookies for this site."
            }
            Self::PendingLoginRefused | Self::CallbackUsed => {
                "This login is over. Log in again if you are not logged in."
            }
            Self::CallbackRefused(error) if is_denied(error) => {
                "The login was cancelled, or you are not permitted to log in here. Log in again to \
                 try another account."
            }
            Self::LogoutFromElsewhere => {
                "Another site asked to log you out, so nothing was done. Log out with the button \
                 of this site."
            }
            Self::ProviderUnavailable { error, .. } if has_no_answer(error) => {
                "The site where your account is cannot be reached. Try again in a few minutes."
            }
            Self::ProviderUnavailable { .. } => {
                "The site where your account is does not answer as it should. Try again in a few \
                 minutes. If it happens again, tell the operators of this site the code below."
            }
            Self::LogoutFailed(_) => "You may still be logged in. Log out again in a few minutes.",
            Self::LogoutReturnRefused(_) => {
                "You did not come here from a logout of this browser, so nothing was done."
            }
            Self::LogoutNotBegun(_) => {
                "You are logged out here. You may still be logged in at the site where your \
                 account is."
            }
            Self::RequestRefused { .. }
            | Self::LogoutTokenRefused(_)
            | Self::FrontChannelLogoutRefused(_) => {
                "This address does not take such a request. Go back to the site and try again."
            }
            Self::NotBegun(error) | Self::CallbackRefused(error) | Self::NoAccessToken(error)
                if has_no_answer(error) =>
            {
                "The site where your account is does not answer. Try again in a few minutes."
            }
            Self::Store(_) | Self::Session { .. } | Self::NoAccessToken(_) => {
                "Try again in a few minutes."
            }
            Self::CallbackRefused(_) | Self::AnotherRedirectUri => {
                "The answer of the site where your account is was refused. Log in again. If it \
                 happens again, tell the operators of this site the code below."
            }
            Self::NotBegun(_)
            | Self::NoSuchClient { .. }
            | Self::ClientNotNamed
            | Self::NoIdToken
            | Self::CookieTooLarge { .. }
            | Self::TokensNotKept
            | Self::LayersCollide
            | Self::LayerMissing { .. } => {
                "This site is not set up correctly. Tell its operators the code below."
            }
        }
    }
}
