//! The kinds of steps: who talks to whom, and what is checked.

use openid_client::{ServerMetadata, Url};

use crate::exchange::Party;

/// A kind of step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Discovery,
    PushedRequest,
    Redirect,
    Callback,
    Replay,
    ForeignCallback,
    Keys,
    Token,
    UserInfo,
    DeviceAuthorization,
    Polling,
    Refresh,
    LogoutToken,
}

/// The text of a step.
pub(crate) struct Text {
    pub(crate) title: &'static str,
    pub(crate) from: Party,
    pub(crate) to: Party,
    /// Backticks mark code.
    pub(crate) what: &'static str,
    /// The checks, each with its section.
    pub(crate) checks: &'static [(&'static str, &'static str)],
    /// The name of its lines of code.
    pub(crate) snippet: &'static str,
}

impl Kind {
    /// The step of a request of the client to this path.
    pub(crate) fn of_path(path: &str, server: &ServerMetadata) -> Self {
        let endpoints = [
            (&server.token_endpoint, Self::Token),
            (&server.jwks_uri, Self::Keys),
            (&server.userinfo_endpoint, Self::UserInfo),
            (
                &server.pushed_authorization_request_endpoint,
                Self::PushedRequest,
            ),
            (
                &server.device_authorization_endpoint,
                Self::DeviceAuthorization,
            ),
        ];
        let found = endpoints.into_iter().find(|(url, _)| {
            let url = url.as_deref().and_then(|url| Url::parse(url).ok());
            url.is_some_and(|url| url.path() == path)
        });
        found.map_or(Self::Discovery, |(_, kind)| kind)
    }

    pub(crate) fn text(self) -> Text {
        use Party::{Application, Attacker, Browser, Provider};
        let (title, from, to, what, checks, snippet): (_, _, _, _, &[_], _) = match self {
            Self::Discovery => (
                "Discovery",
                Application,
                Provider,
                "The application asks the provider where its endpoints are and what it supports. An application does this once, when it starts; the demo does it for each login, so that you see it.",
                &[(
                    "The document names the issuer that it was asked for",
                    "Discovery 4.3",
                )],
                "discover",
            ),
            Self::PushedRequest => (
                "Pushed authorization request",
                Application,
                Provider,
                "With PAR, the application sends the request directly. The browser then takes only a reference, so nobody on the way can read or change the request.",
                &[(
                    "The client authenticates before the browser leaves",
                    "RFC 9126 2.1",
                )],
                "authorization_request",
            ),
            Self::Redirect => (
                "To the provider",
                Browser,
                Provider,
                "The application sends the browser to the provider. `state`, `nonce` and the PKCE challenge are random and made for this login alone; the application keeps them in a `PendingLogin`. There, a person says who they are.",
                &[],
                "authorization_request",
            ),
            Self::Callback => (
                "Back to the application",
                Browser,
                Application,
                "The browser returns with a code. The application takes the `PendingLogin` out of its store, so that each callback works once, and passes both to one call. That call makes this step and the next ones.",
                &[
                    ("No parameter occurs twice", "RFC 6749 3.1"),
                    (
                        "`iss` is the issuer that the login began at",
                        "RFC 9207 2.4",
                    ),
                    ("`state` is that of this browser's login", "RFC 6749 10.12"),
                ],
                "callback",
            ),
            Self::Replay => (
                "The same callback again",
                Attacker,
                Application,
                "The callback URL of the login that just ended is opened once more.",
                &[("The login is no longer in the store", "RFC 6749 4.1.2")],
                "take",
            ),
            Self::ForeignCallback => (
                "The attacker's callback",
                Attacker,
                Application,
                "The attacker began a login in another browser, logged in as Bob, and did not open the callback. Now this browser opens it.",
                &[("The login was begun by this browser", "RFC 6749 10.12")],
                "take",
            ),
            Self::Keys => (
                "Keys of the provider",
                Application,
                Provider,
                "The public keys that verify signatures. The client caches them, and all logins share one request.",
                &[("Keys are strong enough and public", "RFC 7518 3.3")],
                "callback",
            ),
            Self::Token => (
                "Code for tokens",
                Application,
                Provider,
                "The application redeems the code with its credentials and the PKCE verifier, which never left this process before. The ID Token says who logged in, and is verified before anything in it is believed.",
                &[
                    (
                        "The signature is the provider's, with an expected algorithm",
                        "Core 3.1.3.7",
                    ),
                    ("`iss`, `aud` and `azp` are right", "Core 3.1.3.7"),
                    ("`nonce` is that of this login", "Core 3.1.3.7"),
                    ("The token is in time", "Core 3.1.3.7"),
                    ("`at_hash` fits the access token", "Core 3.1.3.8"),
                ],
                "callback",
            ),
            Self::UserInfo => (
                "UserInfo",
                Application,
                Provider,
                "The application uses the access token to ask for more about the person.",
                &[("It is about the person in the ID Token", "Core 5.3.2")],
                "userinfo",
            ),
            Self::DeviceAuthorization => (
                "Codes for a device",
                Application,
                Provider,
                "A device without a browser asks for two codes: one to show to the person, and one that it keeps.",
                &[("The URL to show is one that may be shown", "RFC 8628 3.2")],
                "device",
            ),
            Self::Polling => (
                "Has the person answered?",
                Application,
                Provider,
                "The device asks until the person has answered, as often as the provider permits.",
                &[(
                    "The ID Token passes the same checks as after a redirect",
                    "Core 3.1.3.7",
                )],
                "poll",
            ),
            Self::Refresh => (
                "Refresh",
                Application,
                Provider,
                "The application gets new tokens for an old refresh token, without the person.",
                &[(
                    "A new ID Token is about the same person and login",
                    "Core 12.2",
                )],
                "refresh",
            ),
            Self::LogoutToken => (
                "Back-channel logout",
                Provider,
                Application,
                "The provider tells the application directly that a session has ended. No browser takes part.",
                &[
                    (
                        "The logout token is signed by the provider",
                        "Back-Channel Logout 2.6",
                    ),
                    ("It is accepted once", "Back-Channel Logout 2.6"),
                ],
                "logout_token",
            ),
        };
        Text {
            title,
            from,
            to,
            what,
            checks,
            snippet,
        }
    }
}
