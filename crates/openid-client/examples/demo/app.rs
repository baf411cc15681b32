//! The web application and its paths.

use std::sync::{Arc, Mutex, PoisonError};

use http::request::Parts;
use http::{Method, StatusCode};
use openid_client::http::{Bytes, HyperClient, Response};
use openid_client::{Client, Error};

use crate::attacks::{Attack, Play};
use crate::browser::{Browser, Outcome};
use crate::choice::Choice;
use crate::journey::Journey;
use crate::provider::OwnProvider;
use crate::recorder::Recorder;
use crate::registration::Registration;
use crate::server::Site;
use crate::sessions::Sessions;
use crate::web::{Page, browser, is_foreign, protect, redirect, remember, status};
use crate::{attacker, pages};

/// The web application.
pub(crate) struct App {
    /// What logins, which record their requests, are begun with.
    pub(crate) registration: Registration,
    /// A client without a record.
    pub(crate) client: Client,
    pub(crate) transport: Arc<HyperClient>,
    /// The certificates that a browser must trust.
    pub(crate) roots: Vec<String>,
    pub(crate) url: String,
    /// The URL without its scheme.
    pub(crate) host: String,
    /// The provider that runs in this program; `None` for a real one.
    pub(crate) provider: Option<Arc<OwnProvider>>,
    pub(crate) sessions: Sessions,
    /// The last logout that the provider has reported.
    pub(crate) logout: Mutex<Option<Journey>>,
}

impl Site for App {
    async fn answer(&self, head: Parts, body: Bytes) -> Response<Bytes> {
        let known = browser(&head, &self.url);
        let browser = match (known, self.client.random_state()) {
            ("", Ok(fresh)) => fresh.expose().clone(),
            (known, _) => known.to_owned(),
        };
        let answer = self.route(&head, &body, &browser).await;
        let mut page = answer.unwrap_or_else(|error| pages::failed(&self.host, &error));
        protect(&mut page, self.client.server_metadata());
        // The provider is no browser.
        let is_browser = head.uri.path() != "/backchannel-logout";
        if known.is_empty() && is_browser && !page.headers().contains_key("set-cookie") {
            page = remember(page, &self.url, &browser);
        }
        page.map(Bytes::from)
    }
}

impl App {
    async fn route(&self, head: &Parts, body: &[u8], browser: &str) -> Result<Page, Error> {
        let query = head.uri.query().unwrap_or_default();
        match (&head.method, head.uri.path()) {
            (&Method::GET, "/") => Ok(self.home(browser)),
            (&Method::GET, "/style.css") => Ok(pages::typed("text/css", pages::STYLE)),
            (&Method::GET, "/icon.svg") => Ok(pages::typed("image/svg+xml", pages::ICON)),
            (&Method::GET, "/login") => {
                self.behave();
                self.login(browser, Choice::of_query(query), None).await
            }
            (&Method::GET, "/callback") => self.callback(browser, query).await,
            (&Method::GET, "/result") => Ok(self.result(browser)),
            (&Method::GET, "/claims") => Ok(self.claims(browser)),
            (&Method::GET, "/attacks") => {
                Ok(pages::attacks::page(&self.host, self.provider.is_some()))
            }
            (&Method::GET, "/device") => self.device(browser).await,
            (&Method::POST, "/backchannel-logout") => {
                let response = self.back_channel_logout(head, body).await;
                Ok(response.map(|body| String::from_utf8_lossy(&body).into_owned()))
            }
            (&Method::POST, _) if is_foreign(head) => Ok(status(StatusCode::FORBIDDEN)),
            (&Method::POST, "/device") => {
                self.behave();
                let form = String::from_utf8_lossy(body);
                self.begin_device(browser, Choice::of_query(&form), None)
                    .await
            }
            (&Method::POST, "/refresh") => self.refresh(browser).await,
            (&Method::POST, "/logout") => self.logout(browser),
            (&Method::POST, path) => match path.strip_prefix("/attacks/").and_then(Attack::find) {
                Some(attack) => self.attack(browser, attack).await,
                None => Ok(status(StatusCode::NOT_FOUND)),
            },
            _ => Ok(status(StatusCode::NOT_FOUND)),
        }
    }

    /// Switches one misbehaviour on, and begins the login that meets it.
    async fn attack(&self, browser: &str, attack: &'static Attack) -> Result<Page, Error> {
        let Some(provider) = &self.provider else {
            return Ok(status(StatusCode::NOT_FOUND));
        };
        let provider = provider.provider();
        provider.behave();
        let choice = attack.choice();
        match attack.play {
            Play::Provider(misbehaviour) => provider.misbehave(misbehaviour),
            Play::DPoP(behaviour) => provider.treat_dpop(behaviour),
            Play::Device(misbehaviour) => {
                provider.misbehave(misbehaviour);
                return self.begin_device(browser, choice, Some(attack)).await;
            }
            Play::Logout(misbehaviour) if self.sessions.account(browser).is_some() => {
                self.attack_logout(browser, misbehaviour).await;
                return Ok(redirect("/result"));
            }
            Play::OtherBrowser => return Ok(self.attack_other_browser(browser, attack).await),
            Play::Logout(_) | Play::Replay => {}
        }
        self.login(browser, choice, Some(attack)).await
    }

    async fn attack_other_browser(&self, browser: &str, attack: &'static Attack) -> Page {
        let other = Browser::trusting(self.roots.iter().map(String::as_str));
        let callback = async { attacker::callback(other?, &self.url).await };
        let callback: Outcome<_> = callback.await;
        match callback {
            Ok(callback) => {
                let journey = Journey::new(Choice::default(), Some(attack));
                self.sessions
                    .with(browser, |session| session.attacked = Some(journey));
                redirect(callback.as_str())
            }
            Err(error) => pages::message(&self.host, &error.to_string()),
        }
    }

    fn home(&self, browser: &str) -> Page {
        match self.sessions.account(browser) {
            Some(account) => pages::account::page(self, &account),
            None => {
                let ended = self.sessions.with(browser, |session| session.ended.take());
                pages::home::page(self, ended.as_ref())
            }
        }
    }

    fn result(&self, browser: &str) -> Page {
        let now = self.client.now();
        let is_logged_in = self.sessions.account(browser).is_some();
        self.sessions
            .with(browser, |session| match &session.refused {
                None => redirect("/"),
                Some(journey) => pages::result::page(&self.host, journey, is_logged_in, now),
            })
    }

    fn claims(&self, browser: &str) -> Page {
        match self.sessions.account(browser) {
            None => status(StatusCode::UNAUTHORIZED),
            Some(account) => pages::account::claims(&account, self.client.now()),
        }
    }

    /// Switches every misbehaviour off.
    pub(crate) fn behave(&self) {
        if let Some(provider) = &self.provider {
            provider.provider().behave();
        }
    }

    pub(crate) fn recorder(&self) -> Recorder {
        Recorder::new(Arc::clone(&self.transport))
    }

    pub(crate) fn keep_logout(&self, journey: Journey) {
        *self.logout.lock().unwrap_or_else(PoisonError::into_inner) = Some(journey);
    }

    pub(crate) fn take_logout(&self) -> Option<Journey> {
        self.logout
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}
