//! What the examples share: the options of the command line, and the provider that they name, or
//! one for tests that the program starts on this machine.

#![allow(
    dead_code,
    clippy::print_stderr,
    reason = "each example uses a part of it, and talks to a person"
)]

use std::collections::BTreeMap;
use std::io::stdin;

use openid_client::{Client, ClientBuilder, IssuerOnly, Report, Url};
use test_provider::server::Server;
use test_provider::{ClientRegistration, TestProvider};

/// The `client_id` unless the command line has another one.
pub(crate) const CLIENT_ID: &str = "my-app";

/// The options of the command line, each with a value.
pub(crate) struct Options(BTreeMap<String, String>);

impl Options {
    pub(crate) fn read(known: &[&str]) -> Result<Self, Report> {
        let mut options = BTreeMap::new();
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let value = arguments.next().filter(|_| known.contains(&&*name));
            let Some(value) = value else {
                let known = known.join(" VALUE, ");
                let usage = format!("{name:?} is no option with a value. There are: {known} VALUE");
                return Err(Report::message(usage));
            };
            options.insert(name, value);
        }
        Ok(Self(options))
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// Where an example logs people in.
pub(crate) struct Provider {
    issuer: String,
    client_id: String,
    /// The provider for tests. It runs until it is dropped.
    pub(crate) server: Option<Server>,
}

impl Provider {
    /// The provider of `--issuer`, where `--client-id` is registered. Without that option, one for
    /// tests, which knows `app`.
    pub(crate) async fn start(options: &Options, app: ClientRegistration) -> Result<Self, Report> {
        let client_id = options.value("--client-id").unwrap_or(CLIENT_ID).to_owned();
        let (issuer, server) = match options.value("--issuer") {
            Some(issuer) => (issuer.to_owned(), None),
            None => {
                let server = TestProvider::start().client(app).await?;
                (server.url().to_owned(), Some(server))
            }
        };
        Ok(Self {
            issuer,
            client_id,
            server,
        })
    }

    /// Begins a client. It trusts the certificate of the provider for tests.
    pub(crate) fn discover(&self) -> ClientBuilder<IssuerOnly> {
        let client = Client::discover(&self.issuer, &self.client_id);
        match &self.server {
            Some(server) => client.root_certificate_pem(server.ca_certificate_pem()),
            None => client,
        }
    }

    /// Returns the URL at which the browser comes back. The provider for tests asks no one.
    pub(crate) fn browse(&self, url: &Url) -> Result<String, Report> {
        match &self.server {
            Some(server) => Ok(server.log_in(url)),
            None => ask(url),
        }
    }
}

/// Lets the person log in. A web application gets the callback as a request.
pub(crate) fn ask(url: &Url) -> Result<String, Report> {
    eprintln!("Open {url}\nand paste the URL that it ends at:");
    let mut callback = String::new();
    stdin().read_line(&mut callback)?;
    Ok(callback.trim().to_owned())
}
