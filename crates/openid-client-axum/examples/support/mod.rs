//! What the examples share: a socket, a key, and a client at the provider that the command line
//! names, or at one for tests that this program starts.

#![allow(clippy::print_stdout, reason = "a program that talks to a person")]

use std::net::{Ipv4Addr, SocketAddr};

use openid_client_axum::openid_client::jose::base64url;
use openid_client_axum::openid_client::{Client, Report, SealingKey};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientRegistration, Provider};
use tokio::net::TcpListener;

/// What an example needs.
pub(crate) struct Example {
    pub(crate) listener: TcpListener,
    pub(crate) client: Client,
    pub(crate) key: SealingKey,
    pub(crate) post_logout_redirect_uri: String,
    /// Runs until it is dropped.
    _provider: Option<Server>,
}

/// Reads the command line, and prints the URL to open.
pub(crate) async fn start() -> Result<Example, Report> {
    let mut port = 0;
    let (mut issuer, mut client_id, mut client_secret) = (None, "my-app".to_owned(), None);
    let mut is_headless = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| Report::message(USAGE));
        match argument.as_str() {
            "--port" => port = value()?.parse()?,
            "--issuer" => issuer = Some(value()?),
            "--client-id" => client_id = value()?,
            "--client-secret" => client_secret = Some(value()?),
            "--headless" => is_headless = true,
            _ => return Err(Report::message(USAGE)),
        }
    }
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let redirect_uri = format!("{origin}/auth/callback");
    let post_logout_redirect_uri = format!("{origin}/auth/logged-out");
    let provider = match issuer {
        Some(_) => None,
        None => {
            let build = |issuer| match is_headless {
                true => Provider::new(issuer),
                false => Provider::new(issuer).interactive(),
            };
            let provider = Server::start(Scheme::Http, build).await?;
            let app = ClientRegistration::public(&client_id).redirect_uri(&redirect_uri);
            let app = app.post_logout_redirect_uri(&post_logout_redirect_uri);
            provider.provider().register(app);
            Some(provider)
        }
    };
    let client = match (&issuer, &provider) {
        // The provider for tests runs on loopback, without TLS.
        (None, Some(provider)) => {
            Client::discover(provider.url(), client_id).danger_allow_insecure_requests()
        }
        (issuer, _) => Client::discover(issuer.as_deref().unwrap_or_default(), client_id),
    };
    let client = match client_secret {
        Some(secret) => client.client_secret(secret),
        None => client,
    };
    let client = client.redirect_uri(redirect_uri).await?;
    // A new key for each run: the sessions end with the program.
    let key = base64url::decode(client.random_state()?.expose())?.try_into();
    let key = key.map_err(|_| Report::message("the key has another length"))?;
    println!("open {origin}");
    Ok(Example {
        listener,
        client,
        key: SealingKey::new(key),
        post_logout_redirect_uri,
        _provider: provider,
    })
}

const USAGE: &str = "options: --port PORT, --issuer URL, --client-id ID, --client-secret SECRET, and \
    --headless, with which the provider for tests asks no one. Register \
    http://127.0.0.1:PORT/auth/callback at the provider, and for the logout \
    http://127.0.0.1:PORT/auth/logged-out.";
