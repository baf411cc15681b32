//! The demo's own OpenID Provider: `test-provider`, and the pages that a demonstration needs.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::request::Parts;
use http::{Method, StatusCode};
use openid_client::http::{Body, Bytes, HttpClient as _, HyperClient, Request, Response};
use openid_client::{Secret, UnixTime};
use test_provider::{ClientAuthentication, ClientRegistration, Provider};

use crate::html::{code, escape};
use crate::registration::Registration;
use crate::server::Site;
use crate::web::{is_foreign, parameter, status};

const CLIENT_ID: &str = "demo";

/// An OpenID Provider.
pub(crate) struct OwnProvider {
    provider: Provider,
    client_secret: Secret,
    transport: Arc<HyperClient>,
    clock: Box<dyn Fn() -> UnixTime + Send + Sync>,
    app: String,
    /// The code that a device shows.
    user_code: Mutex<Option<String>>,
}

impl OwnProvider {
    /// Creates the provider for the application at `app`. One that is not `interactive` logs a user
    /// in without asking.
    pub(crate) fn new(
        issuer: &str,
        interactive: bool,
        app: &str,
        (seed, client_secret): (&Secret, Secret),
        transport: Arc<HyperClient>,
        clock: impl Fn() -> UnixTime + Send + Sync + 'static,
    ) -> Self {
        let provider = Provider::new(issuer)
            .seed(seed.expose())
            .poll_interval(Duration::from_secs(1));
        let provider = if interactive {
            provider.interactive()
        } else {
            provider
        };
        let secret = ClientAuthentication::ClientSecretBasic(client_secret.expose().clone());
        provider.register(
            ClientRegistration::new(CLIENT_ID, secret)
                .redirect_uri(format!("{app}/callback"))
                .post_logout_redirect_uri(format!("{app}/"))
                .backchannel_logout_uri(format!("{app}/backchannel-logout")),
        );
        Self {
            provider,
            client_secret,
            transport,
            clock: Box::new(clock),
            app: app.to_owned(),
            user_code: Mutex::default(),
        }
    }

    /// Returns what the application knows about the provider.
    pub(crate) fn registration(&self) -> Registration {
        Registration {
            issuer: self.provider.issuer().to_owned(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some(self.client_secret.clone()),
        }
    }

    /// Returns the provider, whose misbehaviours can be switched on.
    pub(crate) fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Sends a logout token for the last session to the application. Returns the status of the
    /// answer, or `None` before the first login.
    pub(crate) async fn end_session(
        &self,
    ) -> Result<Option<StatusCode>, Box<dyn Error + Send + Sync>> {
        let now = (self.clock)().seconds();
        let Some(request) = self.provider.logout_request(CLIENT_ID, now) else {
            return Ok(None);
        };
        let response = self.transport.send(request.map(Body::from)).await?;
        Ok(Some(response.status()))
    }

    async fn end_session_page(&self) -> Response<Bytes> {
        let said = match self.end_session().await {
            Ok(None) => "<p>Nobody has logged in yet.</p>".to_owned(),
            Ok(Some(status)) => format!(
                "<p role=\"status\">The session of the application is over here. The provider sent \
                 a logout token to the application, which answered {}.</p>",
                code(status.as_str())
            ),
            Err(error) => format!("<p role=\"alert\">{}</p>", escape(&error.to_string())),
        };
        Provider::page("Logged out", &format!("{said}{}", self.way_back()))
    }

    fn home(&self) -> Response<Bytes> {
        let body = format!(
            "<p>Somebody who logs out here, in another tab, must be logged out of the application \
             as well. The provider tells it directly (OpenID Connect Back-Channel Logout 1.0).</p>\
             <form method=\"post\" action=\"/sessions/end\"><button>End the session of the \
             application</button></form>{}",
            self.way_back()
        );
        Provider::page("Your session at the provider", &body)
    }

    fn way_back(&self) -> String {
        let app = escape(&self.app);
        format!("<p><a href=\"{app}/\">Back to the application</a></p>")
    }

    fn device_page(&self, user_code: &str) -> Response<Bytes> {
        let body = format!(
            "<p>A device asks to log you in as Alice. Go on only if it shows this code.</p>\
             <form method=\"post\" action=\"/device\"><label for=\"code\">Code</label>\
             <input id=\"code\" name=\"user_code\" value=\"{}\" required autocomplete=\"off\" \
             spellcheck=\"false\"><button name=\"answer\" value=\"yes\">Yes, this is my \
             device</button><button class=\"quiet\" name=\"answer\" value=\"no\">No</button></form>",
            escape(user_code)
        );
        Provider::page("Connect a device", &body)
    }

    fn answer_device(&self, form: &str) -> Response<Bytes> {
        let user_code = parameter(form, "user_code").unwrap_or_default();
        let expected = self.user_code();
        if expected.as_deref() != Some(user_code.trim()) {
            return Provider::page("Unknown code", "<p>No device waits with this code.</p>");
        }
        let is_yes = parameter(form, "answer").as_deref() == Some("yes");
        let said = match is_yes {
            true => {
                self.provider.approve_after(0);
                "You can go back to the device, which logs you in within a few seconds."
            }
            false => {
                self.provider.deny_after(0);
                "The device is told that you said no."
            }
        };
        Provider::page(
            "Done",
            &format!("<p role=\"status\">{said}</p>{}", self.way_back()),
        )
    }

    /// Lets the new device wait for the person, and remembers its code.
    fn begin_device(&self, response: &Response<Bytes>) {
        let document = openid_client::serde_json::from_slice(response.body());
        let document: openid_client::JsonObject = document.unwrap_or_default();
        let code = document.get("user_code").and_then(|code| code.as_str());
        self.provider.approve_after(usize::MAX);
        *self
            .user_code
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = code.map(str::to_owned);
    }

    fn user_code(&self) -> Option<String> {
        self.user_code
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Site for OwnProvider {
    async fn answer(&self, head: Parts, body: Bytes) -> Response<Bytes> {
        let path = head.uri.path();
        match (&head.method, path) {
            (&Method::GET, "/") => return self.home(),
            (&Method::GET, "/device") => {
                let query = head.uri.query().unwrap_or_default();
                return self.device_page(&parameter(query, "user_code").unwrap_or_default());
            }
            (&Method::POST, "/device" | "/sessions/end") if is_foreign(&head) => {
                return status(StatusCode::FORBIDDEN).map(Bytes::from);
            }
            (&Method::POST, "/device") => {
                return self.answer_device(&String::from_utf8_lossy(&body));
            }
            (&Method::POST, "/sessions/end") => return self.end_session_page().await,
            _ => {}
        }
        let is_device = path == "/device-authorization";
        let request = Request::from_parts(head, body);
        let response = self.provider.handle(&request, (self.clock)().seconds());
        if is_device {
            self.begin_device(&response);
        }
        response
    }
}
