//! The web application and its paths.

use http::request::Parts;
use http::{Method, StatusCode};
use openid_client::{Callback, Client, Error};

use crate::pages;
use crate::sessions::{Account, Sessions};
use crate::web::{Page, browser, is_foreign, protect, redirect, remember, status};

/// The web application: a client and the sessions of its users.
pub(crate) struct App {
    client: Client,
    url: String,
    /// Whether the provider redirects the browser back to the application after a logout.
    returns_after_logout: bool,
    sessions: Sessions,
}

impl App {
    /// Creates the application that is served at `url`.
    pub(crate) fn new(client: Client, url: &str, returns_after_logout: bool) -> Self {
        Self {
            client,
            url: url.to_owned(),
            returns_after_logout,
            sessions: Sessions::default(),
        }
    }

    /// Answers a request. No path reads a body.
    pub(crate) async fn answer(&self, request: &Parts) -> Page {
        let browser = browser(request);
        let answer = match (&request.method, request.uri.path()) {
            (&Method::GET, "/") => Ok(self.home(browser)),
            (&Method::GET, "/login") => self.login(browser).await,
            (&Method::GET, "/callback") => self.callback(browser, request).await,
            (&Method::GET, "/claims") => Ok(self.claims(browser)),
            (&Method::POST, _) if is_foreign(request) => Ok(status(StatusCode::FORBIDDEN)),
            (&Method::POST, "/refresh") => self.refresh(browser).await,
            (&Method::POST, "/logout") => self.logout(browser),
            _ => Ok(status(StatusCode::NOT_FOUND)),
        };
        let mut page = answer.unwrap_or_else(|error| pages::failed(&error));
        protect(&mut page, self.client.server_metadata());
        page
    }

    fn home(&self, browser: &str) -> Page {
        match self.sessions.account(browser) {
            None => pages::welcome(self.client.server_metadata()),
            Some(account) => pages::account(&account, self.client.now()),
        }
    }

    /// Begins a login and sends the browser to the provider.
    async fn login(&self, browser: &str) -> Result<Page, Error> {
        let redirect_uri = format!("{}/callback", self.url);
        let request = self.client.authorization_request();
        let request = request
            .redirect_uri(redirect_uri)
            .scope("openid profile email");
        let (url, pending) = request.await?;
        let browser = match browser {
            "" => self.client.random_state()?.expose().clone(),
            known => known.to_owned(),
        };
        self.sessions.begin(&browser, pending);
        Ok(remember(redirect(url.as_str()), &self.url, &browser))
    }

    /// Finishes the login with the URL to which the provider sent the browser.
    async fn callback(&self, browser: &str, request: &Parts) -> Result<Page, Error> {
        let callback_url = request.uri.to_string();
        let state = Callback::from_url(&callback_url)?
            .state()
            .map(str::to_owned);
        let Some(pending) = state.and_then(|state| self.sessions.take(browser, &state)) else {
            return Ok(pages::unknown_login());
        };
        let tokens = self
            .client
            .authorization_code_grant(pending, callback_url)
            .await?;
        let user = self.client.fetch_user_info(&tokens).await?;
        let fresh = self.client.random_state()?.expose().clone();
        let page = remember(redirect("/"), &self.url, &fresh);
        let account = Account {
            tokens,
            user,
            refreshed: 0,
        };
        self.sessions.log_in(browser, fresh, account);
        Ok(page)
    }

    async fn refresh(&self, browser: &str) -> Result<Page, Error> {
        if let Some(mut account) = self.sessions.account(browser) {
            account.tokens = self.client.refresh_token_grant(&account.tokens).await?;
            account.refreshed = account.refreshed.saturating_add(1);
            self.sessions.update(browser, account);
        }
        Ok(redirect("/"))
    }

    /// Logs out here and then at the provider. The application's own session ends first, because
    /// the browser may not return.
    fn logout(&self, browser: &str) -> Result<Page, Error> {
        let account = self.sessions.log_out(browser);
        let elsewhere = &self.client.server_metadata().end_session_endpoint;
        let (Some(account), true) = (account, elsewhere.is_some()) else {
            return Ok(redirect("/"));
        };
        let mut logout = self.client.end_session();
        if let Some(id_token) = account.tokens.id_token() {
            logout = logout.id_token_hint(id_token.jwt());
        }
        if self.returns_after_logout {
            logout = logout.post_logout_redirect_uri(format!("{}/", self.url));
        }
        Ok(redirect(logout.url()?.as_str()))
    }

    fn claims(&self, browser: &str) -> Page {
        match self.sessions.account(browser) {
            None => status(StatusCode::UNAUTHORIZED),
            Some(account) => pages::claims(&account, self.client.now()),
        }
    }
}
