//! Logout that the application begins (OpenID Connect RP-Initiated Logout 1.0), and logout that the
//! server reports.

mod back_channel;
mod front_channel;
mod session_state;

use url::Url;

pub use self::back_channel::{logged_out, logout_failed, logout_token};
pub use self::front_channel::FrontChannelLogout;
pub use self::session_state::{SESSION_FRAME, session_frame_fragment, session_state};
use crate::authorization::{Callback, ExpectedState, browser_url};
use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Reason};
use crate::metadata::endpoint_url;
use crate::secret::Secret;
use crate::wire::Parameters;

/// The URL that logs the user out at the provider (OpenID Connect RP-Initiated Logout 1.0 section
/// 2).
///
/// End the application's own session first: the user may not return from the provider.
#[derive(Debug, Clone)]
pub struct EndSession {
    configuration: Configuration,
    parameters: Parameters,
}

impl EndSession {
    /// Creates a logout request with the client's identifier alone; the provider then asks the
    /// user.
    pub fn new(configuration: Configuration) -> Self {
        let mut parameters = Parameters::new();
        parameters.set("client_id", configuration.client().client_id.as_str());
        Self {
            configuration,
            parameters,
        }
    }

    /// Sets the ID Token of the session to end, as [`IdToken::jwt`](crate::validate::IdToken::jwt)
    /// gives it. It may have expired. It passes through the browser.
    #[must_use]
    pub fn id_token_hint(self, id_token: impl Into<Secret>) -> Self {
        self.parameter("id_token_hint", id_token.into().expose().as_str())
    }

    /// Sets where the browser returns to, as registered; the text is sent unchanged. Providers use
    /// it only with an [`id_token_hint`](Self::id_token_hint) or another proof of who is asking.
    #[must_use]
    pub fn post_logout_redirect_uri(self, uri: impl Into<String>) -> Self {
        self.parameter("post_logout_redirect_uri", uri)
    }

    /// Sets a value that the browser brings back.
    /// [`random_state`](crate::authorization::random_state) generates an unpredictable one, and
    /// [`check_return`] compares it.
    #[must_use]
    pub fn state(self, state: impl Into<String>) -> Self {
        self.parameter("state", state)
    }

    /// Sets who logs out, for example an e-mail address or a session identifier.
    #[must_use]
    pub fn logout_hint(self, logout_hint: impl Into<String>) -> Self {
        self.parameter("logout_hint", logout_hint)
    }

    /// Sets the languages for the provider's pages, in order of preference and separated by spaces
    /// (RFC 5646 tags).
    #[must_use]
    pub fn ui_locales(self, ui_locales: impl Into<String>) -> Self {
        self.parameter("ui_locales", ui_locales)
    }

    /// Sets any other parameter.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parameters.set(name.to_owned(), value);
        self
    }

    /// Returns the request as a form: the URL to post to, and the fields (section 2). It keeps the
    /// ID Token out of the URL, and with it out of logs and histories. The page with the form is
    /// the application's; a script can submit it when the page has loaded.
    ///
    /// # Errors
    ///
    /// The errors of [`url`](Self::url).
    pub fn form(&self) -> Result<(Url, Parameters), Error> {
        // Refuses an endpoint whose query holds one of the fields.
        self.url()?;
        let server = self.configuration.server();
        let text = server.end_session_endpoint.as_deref().unwrap_or_default();
        let mut action = endpoint_url(ENDPOINT, text, self.configuration.policy())?;
        action.set_fragment(None);
        Ok((action, self.parameters.clone()))
    }

    /// Returns the URL. A query in the endpoint's URL is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if the server metadata lack a usable `end_session_endpoint`, or if the
    /// query of that URL contains a parameter of the request.
    pub fn url(&self) -> Result<Url, Error> {
        browser_url(
            ENDPOINT,
            self.configuration.server().end_session_endpoint.as_deref(),
            &self.configuration,
            &self.parameters,
        )
    }
}

const ENDPOINT: &str = "end_session_endpoint";

/// Checks the browser's return from a logout (section 3): its `state` must equal the one that was
/// sent.
///
/// Any site can link to the same address. A return without the right `state` therefore does not
/// show that the provider has ended its session, and must have no effect for the user who logged
/// out.
///
/// # Errors
///
/// [`Error::Rejected`] with [`Reason::Missing`], [`Reason::Duplicate`] or
/// [`Reason::ParameterMismatch`] for `state`, and with [`Reason::Unexpected`] if one came although
/// none was sent.
pub fn check_return(callback: &Callback, expected: &ExpectedState) -> Result<(), Error> {
    let parameters = callback.query();
    let member = "state".into();
    let checked = match parameters.all("state").nth(1) {
        Some(_) => Err(Reason::Duplicate { member }),
        None => expected.check(parameters),
    };
    checked.map_err(|reason| Artefact::PostLogoutRedirection.rejected(reason).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::MetadataError;
    use crate::testing;

    fn at(endpoint: Option<&str>) -> EndSession {
        let endpoint = endpoint.map(str::to_owned);
        let setup = testing::setup().server(|it| it.end_session_endpoint = endpoint);
        EndSession::new(setup.build())
    }

    #[test]
    fn a_logout_url() {
        let url = at(Some("https://op.example/end?t=1"))
            .id_token_hint("a.b.c")
            .post_logout_redirect_uri("https://app.example/bye")
            .state("s")
            .logout_hint("alice")
            .ui_locales("de en")
            .url()
            .unwrap();
        assert_eq!(
            url.as_str(),
            "https://op.example/end?t=1&client_id=app&id_token_hint=a.b.c\
             &post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=s&logout_hint=alice\
             &ui_locales=de+en"
        );
    }

    #[test]
    fn a_logout_form() {
        for (endpoint, action) in [
            ("https://op.example/end", "https://op.example/end"),
            (
                "https://op.example/end?t=1&u=%20",
                "https://op.example/end?t=1&u=%20",
            ),
        ] {
            let request = at(Some(endpoint)).id_token_hint("a.b.c").state("s");
            let (url, fields) = request.form().unwrap();
            assert_eq!(url.as_str(), action);
            let fields: Vec<_> = fields.iter().collect();
            let expected = [
                ("client_id", "app"),
                ("id_token_hint", "a.b.c"),
                ("state", "s"),
            ];
            assert_eq!(fields, expected);
        }
        let error = at(Some("https://op.example/end?client_id=x")).form();
        assert_eq!(
            error.unwrap_err().code(),
            Some("OAUTH_INVALID_SERVER_METADATA")
        );
    }

    #[test]
    fn an_endpoint_that_cannot_be_used_is_named() {
        let member = "end_session_endpoint";
        let invalid = MetadataError::Invalid {
            member,
            expected: "a URL whose query holds no parameter of the request",
            found: "client_id".to_owned(),
        };
        for (endpoint, code, expected) in [
            (
                None,
                "OAUTH_MISSING_SERVER_METADATA",
                MetadataError::Missing { member },
            ),
            (
                Some("http://op.example/end"),
                "OAUTH_HTTP_REQUEST_FORBIDDEN",
                MetadataError::NotHttps {
                    member,
                    found: "http://op.example".to_owned(),
                },
            ),
            (
                Some("https://op.example/end?client_id=x"),
                "OAUTH_INVALID_SERVER_METADATA",
                invalid,
            ),
        ] {
            let error = at(endpoint).url().unwrap_err();
            assert_eq!(error.code(), Some(code));
            let Error::Metadata(error) = error else {
                panic!("{error}");
            };
            assert_eq!(error, expected);
        }
    }
}
