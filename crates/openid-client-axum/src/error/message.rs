//! What the developer sees: what was expected, and what to do.

use std::fmt;

use super::{LoginError, has_no_answer};

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoginRequired => f.write_str(
                "the request needs a person who has logged in: answer with `Login::refuse`, or \
                 send the browser to `Login::login_path`",
            ),
            Self::UnknownClient => f.write_str(
                "`client` in the URL of the login is not a name that `LoginLayerBuilder::client` \
                 was given: correct the link",
            ),
            Self::NoSuchClient { name } => write!(
                f,
                "`{}` is not a client of the layer, or a `RequireLogin::at` around this one does \
                 not name it: correct the name, or add the client with `LoginLayerBuilder::client`",
                name.escape_debug()
            ),
            Self::ClientNotNamed => f.write_str(
                "the layer has several clients, and the route does not say whose access token it \
                 needs: put `RequireLogin::at` around it, or call `Login::at`",
            ),
            Self::ReturnToRefused => f.write_str(
                "`return_to` must be a path of this application, such as `/x`, and not a path of \
                 the layer: correct the link",
            ),
            Self::NotBegun(error) => write!(f, "the login cannot begin: {error}"),
            Self::ProviderUnavailable { error, .. } if has_no_answer(error) => {
                write!(f, "the metadata of the provider cannot be fetched: {error}")
            }
            Self::ProviderUnavailable { error, .. } => {
                write!(f, "the metadata of the provider cannot be used: {error}")
            }
            Self::NoPendingLogin => f.write_str(
                "this browser has no cookie of a login with the `state` of the callback: the \
                 login must begin and end on the host of the redirect URI, in one browser, within \
                 ten minutes",
            ),
            Self::PendingLoginRefused => f.write_str(
                "the cookie of the login cannot be opened, or is that of another login: give every \
                 instance the same key, and add the earlier key with \
                 `LoginLayerBuilder::also_opened_by` when you change it",
            ),
            Self::AnotherRedirectUri => f.write_str(
                "the callback came to the redirect URI of another client: register for each client \
                 the redirect URI that `ClientBuilder::redirect_uri` sets",
            ),
            Self::CallbackUsed => f.write_str(
                "the callback was used before, for example by the same page in another tab: begin \
                 another login",
            ),
            Self::CallbackRefused(error) => write!(f, "the callback is refused: {error}"),
            Self::NoIdToken => f.write_str(
                "the login brought no ID Token: leave `openid` in its scope, and do not set \
                 another scope in `LoginLayerBuilder::authorization_request`",
            ),
            Self::CookieTooLarge {
                cookie,
                bytes,
                most,
            } => {
                let remedy = match *cookie {
                    "session" => {
                        "ask for fewer claims, or keep sessions on the server (feature \
                         `tower-sessions`, `LoginLayerBuilder::tower_sessions`)"
                    }
                    _ => "use a shorter redirect URI",
                };
                write!(
                    f,
                    "the cookie with the {cookie} would have {bytes} bytes, where browsers keep \
                     {most}: {remedy}"
                )
            }
            Self::LogoutFromElsewhere => f.write_str(
                "the request to log out must be a POST request from a page of this application: \
                 post a form to `Login::logout_path`, and let proxies keep `Sec-Fetch-Site` and \
                 `Origin`",
            ),
            Self::LogoutFailed(error) => write!(f, "the logout is not complete: {error}"),
            Self::LogoutReturnRefused(error) => {
                write!(f, "the return from the logout is refused: {error}")
            }
            Self::LogoutNotBegun(error) => {
                write!(f, "the logout at the provider cannot begin: {error}")
            }
            Self::LogoutTokenRefused(error) => write!(f, "the logout token is refused: {error}"),
            Self::FrontChannelLogoutRefused(error) => write!(
                f,
                "the front-channel logout is refused: {error}; register \
                 `frontchannel_logout_session_required` at the provider"
            ),
            Self::RequestRefused { expected } => write!(f, "the request must be {expected}"),
            Self::NoAccessToken(error) => write!(f, "there is no access token: {error}"),
            Self::TokensNotKept => f.write_str(
                "the layer keeps no tokens: call `LoginLayerBuilder::keep_tokens` to use them",
            ),
            Self::Store(error) => write!(
                f,
                "the store of the layer fails: {error}; it must answer within \
                 `LoginLayerBuilder::store_deadline`"
            ),
            Self::Session { cause } => write!(
                f,
                "the store of the sessions (tower-sessions) fails: {cause}; it must answer within \
                 `LoginLayerBuilder::store_deadline`"
            ),
            Self::LayersCollide => f.write_str(
                "two `LoginLayer`s around this route have the same name, prefix or path of a \
                 redirect URI: set `LoginLayerBuilder::name` and `prefix`, and another redirect URI",
            ),
            Self::LayerMissing { layer } => write!(
                f,
                "`{layer}` is not around this route: add it to the router after the route"
            ),
        }
    }
}
