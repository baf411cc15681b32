//! Calls an MCP server that requires a login: `mcp_client URL [--this-machine]`.
//!
//! Nothing but the URL is known: the program finds the authorization server, registers itself,
//! lets the person log in, and lists the tools of the server. With `--this-machine`, the servers
//! may be on this machine.

#![allow(clippy::print_stderr, clippy::print_stdout)]

use std::io::stdin;
use std::net::IpAddr;

use openid_client::http::{DestinationPolicy, Method, PublicAddresses, Uri};
use openid_client::{Client, ClientMetadata, Error, Report, ResourceAccess, Url};

const REDIRECT_URI: &str = "http://127.0.0.1:8321/callback";

/// Public addresses, and those of this machine if the person says so.
struct Destinations {
    this_machine: bool,
}

impl DestinationPolicy for Destinations {
    fn allows_url(&self, _: &Uri) -> bool {
        true
    }

    fn allows_address(&self, host: &str, address: IpAddr) -> bool {
        PublicAddresses.allows_address(host, address)
            || (self.this_machine && address.is_loopback())
    }
}

/// Shows the URL, and reads the one that the browser came back to; `None` for an empty line. A
/// program with a window opens the browser and listens at the redirect URI.
fn log_in(url: &Url) -> Option<String> {
    eprintln!("Open {url}\nand paste the URL that it ends at, or nothing to give up:");
    let mut callback = String::new();
    stdin().read_line(&mut callback).ok()?;
    let callback = callback.trim();
    (!callback.is_empty()).then(|| callback.to_owned())
}

async fn connect(url: &str, this_machine: bool) -> Result<ResourceAccess, Error> {
    // A program that serves a client ID metadata document gives that instead.
    let mut metadata = ClientMetadata::default();
    metadata.client_name = Some("Example of an MCP client".to_owned());
    metadata.token_endpoint_auth_method = Some("none".to_owned());
    let client = Client::for_protected_resource(url)
        .dynamic_registration(metadata)
        .redirect_uri(REDIRECT_URI)
        .destination_policy(Destinations { this_machine })
        .choose_issuer(|resource| {
            let issuer = resource.authorization_servers.as_ref()?.first()?.clone();
            eprintln!("{} sends you to {issuer}.", resource.resource);
            Some(issuer)
        })
        .await?;
    let (login, pending) = client.authorization_request().await?;
    let callback = log_in(&login).unwrap_or_default();
    client.authorization_code_grant(pending, callback).await
}

async fn call(access: &ResourceAccess, url: &str, message: &str) -> Result<String, Error> {
    let request = access
        .fetch(Method::POST, url)
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .body(message.to_owned())
        .step_up(|url| std::future::ready(log_in(&url)));
    let answer = request.await?.into_body().collect(1024 * 1024).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::main]
async fn main() -> Result<(), Report> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next();
    let url = url.ok_or_else(|| Report::message("the URL of an MCP server, please"))?;
    let this_machine = arguments.next().as_deref() == Some("--this-machine");
    let access = connect(&url, this_machine).await?;
    let message = r#"{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}"#;
    println!("{}", call(&access, &url, message).await?);
    Ok(())
}
