//! The session at the server as seen by a frame in the browser (OpenID Connect Session Management
//! 1.0).

use jose::HashAlgorithm;
use url::Url;

use crate::authorization::is_session_state;
use crate::configuration::Configuration;
use crate::error::{Error, MetadataError, Misuse};
use crate::metadata::endpoint_url;

/// The page for the frame of the application that asks the server's frame whether the session has
/// changed (section 3.1), as HTML with a script and without any other resource.
///
/// Serve the text at a URL of the application with the media type `text/html; charset=utf-8`, and
/// load it in a hidden `iframe` with the parameters of [`session_frame_fragment`] in the fragment.
/// The page loads the server's `check_session_iframe` and asks it every 5 seconds. It answers to
/// its parent, and only to a parent of the same origin, with one message: `changed` or `error`.
///
/// - `changed`: begin a login with `prompt=none` and the ID Token as `id_token_hint`. If it fails,
///   or if its ID Token names another user, end the session.
/// - `error`: the server could not read the message. Do not begin a login, and end the session.
///
/// The script reads messages from the origin and the window of the server's frame alone.
pub const SESSION_FRAME: &str = include_str!("session_frame.html");

/// The fragment for the URL of [`SESSION_FRAME`], without `#`: the client, the URL of the server's
/// frame, and the `session_state` of the login
/// ([`TokenSet::session_state`](crate::flow::TokenSet::session_state), which refreshes and the
/// stored form keep).
///
/// # Errors
///
/// [`Error::Metadata`] when the server metadata lacks a usable `check_session_iframe`;
/// [`Misuse::InvalidArgument`] for a `session_state` with white space or a control character, or
/// longer than 4 KiB.
pub fn session_frame_fragment(
    configuration: &Configuration,
    session_state: &str,
) -> Result<String, Error> {
    const MEMBER: &str = "check_session_iframe";
    let text = configuration.server().check_session_iframe.as_deref();
    let text = text.ok_or(MetadataError::Missing { member: MEMBER })?;
    let url = endpoint_url(MEMBER, text, configuration.policy())?;
    if !is_session_state(session_state) {
        return Err(Misuse::InvalidArgument {
            argument: "session_state",
            expected: "the one of an authorization response, without spaces and control characters",
            found: "another text".to_owned(),
        }
        .into());
    }
    let client_id = configuration.client().client_id.as_str();
    let mut fragment = url::form_urlencoded::Serializer::new(String::new());
    fragment.append_pair("client_id", client_id);
    fragment.append_pair("frame", url.as_str());
    fragment.append_pair("session_state", session_state);
    Ok(fragment.finish())
}

/// The `session_state` that a server calculates for a client at the origin of `url` (section 3.2):
/// SHA-256 in hexadecimal digits of client, origin, state of the browser at the server and salt,
/// with spaces between them; then a dot and the salt.
///
/// A client treats `session_state` as opaque. The calculation serves tests of a page in which the
/// test acts as the server.
pub fn session_state(client_id: &str, url: &Url, browser_state: &str, salt: &str) -> String {
    let origin = url.origin().ascii_serialization();
    let input = format!("{client_id} {origin} {browser_state} {salt}");
    let digest = HashAlgorithm::Sha256.digest(input.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.{salt}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    /// The digest is that of `sha256sum`.
    #[test]
    fn the_calculation() {
        let url = Url::parse("https://app.example.com:443/cb?x=1").unwrap();
        assert_eq!(
            session_state("app", &url, "opbs", "salt"),
            "08ba7efd575fd328b7b78d271ea5e20b4debc2dba6e1c86c7c668ec6641dfc0c.salt"
        );
        let port = Url::parse("https://app.example.com:8443/").unwrap();
        assert_ne!(
            session_state("app", &port, "opbs", "salt"),
            session_state("app", &url, "opbs", "salt")
        );
    }

    fn fragment(frame: Option<&str>, session_state: &str) -> Result<String, Error> {
        let setup = testing::setup().client_id("my app");
        let setup = setup.server(|it| it.check_session_iframe = frame.map(str::to_owned));
        session_frame_fragment(&setup.build(), session_state)
    }

    #[test]
    fn the_fragment_of_the_frame() {
        assert_eq!(
            fragment(Some("https://op.example/frame?a=1"), "x.y").unwrap(),
            "client_id=my+app&frame=https%3A%2F%2Fop.example%2Fframe%3Fa%3D1&session_state=x.y"
        );
        for session_state in ["", "x y", "x\ny", &"s".repeat(4097)] {
            let error = fragment(Some("https://op.example/frame"), session_state).unwrap_err();
            let Error::Misuse(Misuse::InvalidArgument { argument, .. }) = error else {
                panic!("{error}");
            };
            assert_eq!(argument, "session_state");
        }
        for (frame, code) in [
            (None, "OAUTH_MISSING_SERVER_METADATA"),
            (
                Some("http://op.example/frame"),
                "OAUTH_HTTP_REQUEST_FORBIDDEN",
            ),
            (
                Some("javascript:alert(1)"),
                "OAUTH_REQUEST_PROTOCOL_FORBIDDEN",
            ),
        ] {
            assert_eq!(fragment(frame, "x.y").unwrap_err().code(), Some(code));
        }
    }

    /// The test reads the script, because no browser runs it here.
    #[test]
    fn the_page_checks_origin_and_source_and_loads_nothing_else() {
        for needed in [
            "event.origin !== frame.origin",
            "event.source !== watched.contentWindow",
            "parent.postMessage(answer, location.origin)",
            "frame.origin);",
        ] {
            assert!(SESSION_FRAME.contains(needed), "{needed}");
        }
        for forbidden in [
            "innerHTML",
            "eval(",
            "document.write",
            "\"*\"",
            "'*'",
            "src=\"",
            "http:",
        ] {
            assert!(!SESSION_FRAME.contains(forbidden), "{forbidden}");
        }
    }
}
