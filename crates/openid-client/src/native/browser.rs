//! The browser that the person uses.

use std::io;

use oauth_core::error::Misuse;
use url::Url;
use webbrowser::{Browser, BrowserOptions};

use crate::error::Error;

/// No browser could be opened. It is no reason to end the login: show the URL to the person.
#[derive(Debug, thiserror::Error)]
#[error("no browser could be opened: show the URL to the person")]
pub struct NoBrowser(#[source] Source);

/// What stands against it.
#[derive(Debug, thiserror::Error)]
enum Source {
    #[error(transparent)]
    Url(Error),
    #[error(transparent)]
    System(io::Error),
}

/// Opens a page in the person's default browser. That is not a browser inside the application,
/// which could read the password (RFC 8252 section 8.12).
///
/// # Errors
///
/// [`NoBrowser`] if the URL is neither https nor http, as other schemes start other programs, or if
/// the machine has no browser, for example because it is reached over SSH.
pub async fn open_browser(url: &Url) -> Result<(), NoBrowser> {
    if !matches!(url.scheme(), "https" | "http") {
        let refused = Misuse::InvalidArgument {
            argument: "url",
            expected: "a page for a browser: https or http",
            found: format!("the scheme {}", url.scheme().escape_debug()),
        };
        return Err(NoBrowser(Source::Url(
            oauth_core::Error::from(refused).into(),
        )));
    }
    let url = url.to_string();
    let opened = tokio::task::spawn_blocking(move || {
        let options = BrowserOptions::new().with_suppress_output(true).clone();
        webbrowser::open_browser_with_options(Browser::Default, &url, &options)
    });
    let opened = opened.await.unwrap_or_else(|error| Err(error.into()));
    opened.map_err(|error| NoBrowser(Source::System(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_url_that_starts_another_program_is_not_opened() {
        for url in ["file:///etc/passwd", "javascript:alert(1)", "ms-msdt:/id"] {
            let refused = open_browser(&Url::parse(url).unwrap()).await.unwrap_err();
            let NoBrowser(Source::Url(error)) = &refused else {
                panic!("{refused:?}");
            };
            let text = error.to_string();
            assert!(
                text.contains("a page for a browser: https or http"),
                "{text}"
            );
        }
    }
}
