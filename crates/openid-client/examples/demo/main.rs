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
mod browser;
mod headless;
mod html;
mod options;
mod pages;
mod provider;
mod server;
mod sessions;
mod web;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use test_provider::server::LoopbackCertificate;

use crate::app::App;
use crate::browser::Browser;
use crate::options::Options;
use crate::provider::OwnProvider;
use crate::server::AppServer;

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
fn in_one_line(error: &(dyn Error + 'static)) -> String {
    match error.downcast_ref::<openid_client::Error>() {
        Some(error) => format!("{error:#}"),
        None => error.to_string(),
    }
}

async fn demo(options: Options) -> Result<(), Box<dyn Error>> {
    // A browser would warn about a certificate that was made a second ago, so with a user the demo
    // uses plain http on loopback. The headless browser trusts the certificate, so it uses https.
    let https = options.headless && options.real.is_none();
    let certificate = https.then(LoopbackCertificate::generate);
    let server = AppServer::bind(options.listen()?, certificate.as_ref()).await?;
    let (client, own) = match options.real {
        Some(real) => (real.client().await?, None),
        None => {
            let own = OwnProvider::start(https, options.headless, server.url()).await?;
            (own.client().await?, Some(own))
        }
    };
    println!("provider     {}", client.server_metadata().issuer);
    println!("application  {}", server.url());

    let app = Arc::new(App::new(client, server.url(), own.is_some()));
    if !options.headless {
        println!(
            "\nOpen {} in a browser. Ctrl-C ends the demo.",
            server.url()
        );
        server.serve(app).await;
        return Ok(());
    }
    let roots = [
        certificate.as_ref().map(LoopbackCertificate::ca_pem),
        own.as_ref().map(OwnProvider::root),
    ];
    let browser = Browser::trusting(roots.into_iter().flatten())?;
    let url = server.url().to_owned();
    let serving = tokio::spawn(server.serve(app));
    let walked = headless::walk(browser, &url).await;
    serving.abort();
    walked
}
