//! A provider on a background runtime, and a client of it.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::time::Duration;

use openid_client_blocking::{
    Client, ClientBuilder, Error, Issuer, NoAnswer, TokenSet, oauth_core,
};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientAuthentication, ClientRegistration, Provider, TestProvider};
use tokio::runtime::Runtime;

pub(crate) const SECRET: &str = "a-secret-that-must-never-be-shown";
pub(crate) const REDIRECT_URI: &str = "https://app.example.com/cb";

/// Dropping it ends the server and its runtime.
pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) runtime: Runtime,
}

impl Site {
    pub(crate) fn start() -> Self {
        Self::with(Scheme::Https)
    }

    pub(crate) fn with(scheme: Scheme) -> Self {
        let runtime = runtime();
        let method = ClientAuthentication::ClientSecretPost(SECRET.to_owned());
        let app = ClientRegistration::new("app", method).redirect_uri(REDIRECT_URI);
        let app = app.session_management();
        let start = TestProvider::start().client(app).scheme(scheme);
        let server = runtime.block_on(start.into_future()).unwrap();
        Self { server, runtime }
    }

    pub(crate) fn of(build: impl FnOnce(String) -> Provider) -> Self {
        let runtime = runtime();
        let server = runtime.block_on(Server::start(Scheme::Https, build));
        let server = server.unwrap();
        Self { server, runtime }
    }

    pub(crate) fn builder(&self) -> ClientBuilder<Issuer> {
        Client::discover(self.server.url(), "app")
            .client_secret(SECRET)
            .redirect_uri(REDIRECT_URI)
            .root_certificate_pem(self.server.ca_certificate_pem())
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().send().unwrap()
    }

    pub(crate) fn log_in(&self, client: &Client) -> TokenSet {
        let request = client.authorization_request().scope("openid email");
        let (url, pending) = request.send().unwrap();
        let callback = self.server.log_in(url);
        let grant = client.authorization_code_grant(pending, callback);
        grant.send().unwrap()
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

pub(crate) fn no_answer(error: &Error) -> NoAnswer {
    match error.core() {
        Some(oauth_core::Error::Unanswered(unanswered)) => unanswered.reason.clone(),
        _ => panic!("expected no answer, found {error:?}"),
    }
}

pub(crate) const SHORT: Duration = Duration::from_millis(600);
