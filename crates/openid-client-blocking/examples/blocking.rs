//! A command line that logs a person in by their phone or browser, without async code.
//!
//! `cargo run -p openid-client-blocking --example blocking` starts a provider for tests on
//! loopback. `-- --issuer https://id.example.com my-client-id` uses another one, at which a public
//! client for the device authorization grant is registered.

#![allow(clippy::print_stdout, reason = "a command line")]

use std::time::Duration;

use openid_client_blocking::{Client, Report};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientRegistration, Provider};
use tokio::runtime::Runtime;

fn main() -> Result<(), Report> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => {
            // The provider needs a runtime; the client does not.
            let runtime = Runtime::new()?;
            let server = runtime.block_on(Server::start(Scheme::Https, |issuer| {
                Provider::new(issuer).poll_interval(Duration::from_millis(200))
            }))?;
            let provider = server.provider();
            provider.register(ClientRegistration::public("cli"));
            // The person agrees a moment later.
            provider.approve_after(2);
            let client = Client::discover(server.url(), "cli");
            let client = client.root_certificate_pem(server.ca_certificate_pem());
            log_in(&client.send()?)
        }
        ["--issuer", issuer, client_id] => log_in(&Client::discover(issuer, client_id).send()?),
        _ => Err(Report::message(
            "no arguments, or: --issuer ISSUER CLIENT_ID",
        )),
    }
}

fn log_in(client: &Client) -> Result<(), Report> {
    let request = client.initiate_device_authorization();
    let device = request.scope("openid email").send()?;
    println!("open {}", device.verification_uri);
    println!("and enter the code {}", device.user_code);
    let tokens = client.poll_device_authorization_grant(&device).send()?;
    let user = client.fetch_user_info(&tokens).send()?;
    println!("hello {}", user.email().unwrap_or(user.sub()));
    Ok(())
}
