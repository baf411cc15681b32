//! The pages that a user sees.

pub(crate) mod account;
pub(crate) mod attacks;
pub(crate) mod device;
pub(crate) mod home;
pub(crate) mod result;
pub(crate) mod timeline;

use http::{HeaderValue, Response, StatusCode, header};
use openid_client::Error;

use crate::html;
use crate::journey::Refusal;
use crate::web::Page;

pub(crate) const STYLE: &str = include_str!("assets/style.css");
pub(crate) const ICON: &str = include_str!("assets/icon.svg");

/// Returns the page for an error outside of a login.
pub(crate) fn failed(host: &str, error: &Error) -> Page {
    let body = format!(
        r#"{}<p><a class="button" href="/">Start again</a></p>"#,
        result::reason(&Refusal::of(error))
    );
    let text = html::page("That did not work", "", host, None, &body);
    with_status(StatusCode::BAD_GATEWAY, typed("text/html", text))
}

/// Returns the page for a failure of this program.
pub(crate) fn message(host: &str, message: &str) -> Page {
    let body = format!(r#"<p role="alert">{}</p>"#, html::escape(message));
    let text = html::page("That did not work", "", host, None, &body);
    with_status(StatusCode::INTERNAL_SERVER_ERROR, typed("text/html", text))
}

/// Returns a document in UTF-8.
pub(crate) fn typed(kind: &'static str, text: impl Into<String>) -> Page {
    let mut page = Response::new(text.into());
    let kind = match HeaderValue::from_str(&format!("{kind}; charset=utf-8")) {
        Ok(kind) => kind,
        Err(_) => HeaderValue::from_static("text/plain"),
    };
    page.headers_mut().insert(header::CONTENT_TYPE, kind);
    page
}

fn with_status(status: StatusCode, mut page: Page) -> Page {
    *page.status_mut() = status;
    page
}
