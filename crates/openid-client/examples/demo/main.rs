//! A login with OpenID Connect, step by step, in a browser or without one.
//!
//! Starts an OpenID Provider and a small web application, both on loopback, and prints the URL to
//! open. `--headless` does the same steps without a browser; `--help` lists the other options.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that talks to a person"
)]

mod app;
mod attacker;
mod attacks;
mod browser;
mod choice;
mod device;
mod exchange;
mod headless;
mod html;
mod journey;
mod login;
mod logout;
mod mask;
mod options;
mod pages;
mod provider;
mod recorder;
mod registration;
mod server;
mod sessions;
mod snippets;
mod steps;
mod web;
mod when;

use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use openid_client::http::{HyperClient, RootCertificates};
use openid_client::{Client, Secret, ServerMetadata};
use test_provider::server::LoopbackCertificate;

use crate::app::App;
use crate::browser::{Browser, Outcome};
use crate::choice::Choice;
use crate::options::Options;
use crate::provider::OwnProvider;
use crate::recorder::Recorder;
use crate::server::Server;
use crate::sessions::Sessions;

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--help") {
        println!("{}", options::USAGE);
        return ExitCode::SUCCESS;
    }
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(text) => {
            eprintln!("{text}");
            return ExitCode::FAILURE;
        }
    };
    match demo(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", in_one_line(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Returns an error on one line. An error of this library is printed with its causes.
fn in_one_line(error: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    match error.downcast_ref::<openid_client::Error>() {
        Some(error) => format!("{error:#}"),
        None => error.to_string(),
    }
}

async fn demo(options: Options) -> Outcome<()> {
    // A browser would warn about a certificate that was made a second ago, so with a user the demo
    // uses plain http on loopback. The headless browser trusts the certificate, so it uses https.
    let https = options.headless && options.real.is_none();
    let certificate = https.then(LoopbackCertificate::generate);
    let roots: Vec<String> = certificate
        .iter()
        .map(|it| it.ca_pem().to_owned())
        .collect();
    let mut trusted = RootCertificates::default();
    for root in &roots {
        trusted.add_pem(root.as_bytes())?;
    }
    let transport = Arc::new(HyperClient::new(trusted)?);
    let server = Server::bind(options.listen()?, certificate.as_ref()).await?;
    let url = server.url().to_owned();
    let (registration, provider) = match options.real {
        Some(real) => (real, None),
        None => {
            let loopback = ("127.0.0.1".to_owned(), 0);
            let site = Server::bind(loopback, certificate.as_ref()).await?;
            let (local, secrets) = (local_client()?, (random()?, random()?));
            let own = Arc::new(OwnProvider::new(
                site.url(),
                !options.headless,
                &url,
                (&secrets.0, secrets.1),
                Arc::clone(&transport),
                move || local.now(),
            ));
            tokio::spawn(site.serve(Arc::clone(&own)));
            (own.registration(), Some(own))
        }
    };
    let recorder = Recorder::new(Arc::clone(&transport));
    let redirect_uri = format!("{url}/callback");
    let client = registration.client(&redirect_uri, Choice::default(), recorder);
    let client = client.await?;
    println!("provider     {}", client.server_metadata().issuer);
    println!("application  {url}");

    let app = Arc::new(App {
        registration,
        client,
        transport,
        host: url
            .split_once("://")
            .map_or_else(String::new, |(_, host)| host.to_owned()),
        roots,
        url: url.clone(),
        provider,
        sessions: Sessions::default(),
        logout: Mutex::default(),
    });
    if !options.headless {
        println!("\nOpen {url} in a browser. Ctrl-C ends the demo.");
        server.serve(app).await;
        return Ok(());
    }
    let browser = Browser::trusting(app.roots.iter().map(String::as_str))?;
    let serving = tokio::spawn(server.serve(app));
    let walked = headless::walk(browser, &url).await;
    serving.abort();
    walked
}

fn random() -> Result<Secret, openid_client::Error> {
    local_client()?.random_state()
}

/// Returns a client that sends nothing. It has the clock and the random values of this library.
fn local_client() -> Result<Client, openid_client::Error> {
    let server = ServerMetadata::new("https://localhost");
    Client::from_metadata(server, "demo").build()
}
