//! The paths that the layer answers itself.

mod back_channel_logout;
mod begin;
mod callback;
mod front_channel_logout;
mod logged_out;
mod logout;

use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, Limited};
use tokio::time::timeout;

use crate::error::LoginError;
use crate::settings::Settings;

/// A path that the layer answers itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Login,
    Callback,
    Logout,
    LoggedOut,
    /// With the name of the client.
    BackChannelLogout(String),
    /// With the name of the client.
    FrontChannelLogout(String),
}

impl Route {
    /// The route of a path.
    pub(crate) fn of(settings: &Settings, path: &str) -> Option<Self> {
        if settings.clients.iter().any(|it| it.callback == path) {
            return Some(Self::Callback);
        }
        let route = path.strip_prefix(&settings.prefix)?.strip_prefix('/')?;
        match route {
            "login" => Some(Self::Login),
            "logout" => Some(Self::Logout),
            "logged-out" => Some(Self::LoggedOut),
            _ => {
                let (route, name) = route.split_once('/')?;
                settings.client(name).ok()?;
                match route {
                    "backchannel-logout" => Some(Self::BackChannelLogout(name.to_owned())),
                    "frontchannel-logout" if settings.has_front_channel => {
                        Some(Self::FrontChannelLogout(name.to_owned()))
                    }
                    _ => None,
                }
            }
        }
    }

    const fn methods(&self) -> &'static [Method] {
        match self {
            Self::Login | Self::LoggedOut | Self::FrontChannelLogout(_) => &[Method::GET],
            Self::Callback | Self::Logout => &[Method::GET, Method::POST],
            Self::BackChannelLogout(_) => &[Method::POST],
        }
    }
}

/// Answers a request to a route.
pub(crate) async fn answer<B: Body + Send>(
    settings: &Settings,
    route: Route,
    parts: &Parts,
    body: B,
) -> Response<Bytes>
where
    B::Data: Send,
{
    let methods = route.methods();
    if !methods.contains(&parts.method) {
        return not_allowed(settings, methods);
    }
    let form = match parts.method == Method::POST {
        true => form(parts, body).await,
        false => Ok(Bytes::new()),
    };
    let form = match form {
        Ok(form) => form,
        Err(error) => return settings.error_page(&error),
    };
    let answered = match route {
        Route::Login => begin::answer(settings, parts).await,
        Route::Callback => callback::answer(settings, parts, form).await,
        Route::Logout if parts.method == Method::GET => logout::confirm(settings, parts).await,
        Route::Logout => logout::answer(settings, parts, &form).await,
        Route::LoggedOut => logged_out::answer(settings, parts),
        Route::BackChannelLogout(client) => {
            back_channel_logout::answer(settings, &client, &form).await
        }
        Route::FrontChannelLogout(client) => {
            front_channel_logout::answer(settings, &client, parts).await
        }
    };
    answered.unwrap_or_else(|error| settings.error_page(&error))
}

/// The form in the body of a POST request.
///
/// # Errors
///
/// [`LoginError::RequestRefused`] for another media type, and for a body that is too large or does
/// not arrive.
async fn form<B: Body + Send>(parts: &Parts, body: B) -> Result<Bytes, LoginError>
where
    B::Data: Send,
{
    let content_type = parts.headers.get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    if !essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(FORM)) {
        let expected = "a form (application/x-www-form-urlencoded)";
        return Err(LoginError::RequestRefused { expected });
    }
    let expected = "a form of at most 64 KiB, which arrives within 30 seconds";
    let body = Box::pin(body.map_err(|_| Unreadable));
    let collected = timeout(DEADLINE, Limited::new(body, LARGEST).collect());
    match collected.await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        _ => Err(LoginError::RequestRefused { expected }),
    }
}

/// Error for a body that does not arrive.
#[derive(Debug)]
struct Unreadable;

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body does not arrive")
    }
}

impl std::error::Error for Unreadable {}

fn not_allowed(settings: &Settings, methods: &[Method]) -> Response<Bytes> {
    let (expected, allow) = match methods {
        [_, _] => ("GET or POST", "GET, POST"),
        [Method::POST] => ("POST", "POST"),
        _ => ("GET", "GET"),
    };
    let mut response = settings.error_page(&LoginError::RequestRefused { expected });
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(allow));
    response
}

/// Adds cookies to a response.
fn with_cookies(
    mut response: Response<Bytes>,
    cookies: impl IntoIterator<Item = HeaderValue>,
) -> Response<Bytes> {
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The largest form, in bytes.
const LARGEST: usize = 64 << 10;

/// How long a form may take to arrive.
const DEADLINE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http::Request;
    use http_body::Frame;

    use super::*;

    /// A body that never arrives.
    struct Silent;

    impl Body for Silent {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
            Poll::Pending
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_form_that_does_not_arrive_is_given_up() {
        let request = Request::post("/").header(CONTENT_TYPE, FORM).body(());
        let (parts, ()) = request.unwrap().into_parts();
        let read = timeout(DEADLINE.saturating_mul(2), form(&parts, Silent));
        match read.await.unwrap() {
            Err(LoginError::RequestRefused { expected }) => {
                assert!(expected.contains("30 seconds"), "{expected}");
            }
            other => panic!("{other:?}"),
        }
    }
}
