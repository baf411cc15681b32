//! The demo's own OpenID Provider, and the client that is registered there.

use std::error::Error;

use openid_client::{Client, Secret, ServerMetadata};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientAuthentication, ClientRegistration, Provider};

const CLIENT_ID: &str = "demo";

/// An OpenID Provider that runs until this value is dropped.
pub(crate) struct OwnProvider {
    server: Server,
    client_secret: Secret,
}

impl OwnProvider {
    /// Starts the provider for the application at `app`. With `headless`, it logs a user in without
    /// asking.
    pub(crate) async fn start(
        https: bool,
        headless: bool,
        app: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let scheme = if https { Scheme::Https } else { Scheme::Http };
        let (seed, client_secret) = (random()?, random()?);
        let server = Server::start(scheme, |issuer| {
            let provider = Provider::new(issuer).seed(seed.expose());
            if headless {
                provider
            } else {
                provider.interactive()
            }
        })
        .await?;
        let secret = client_secret.expose().clone();
        server.provider().register(
            ClientRegistration::new(CLIENT_ID, ClientAuthentication::ClientSecretBasic(secret))
                .redirect_uri(format!("{app}/callback"))
                .post_logout_redirect_uri(format!("{app}/")),
        );
        Ok(Self {
            server,
            client_secret,
        })
    }

    /// Creates the client by discovery.
    pub(crate) async fn client(&self) -> Result<Client, openid_client::Error> {
        let client = Client::discover(self.server.url(), CLIENT_ID)
            .client_secret_basic(self.client_secret.clone());
        if self.server.url().starts_with("https:") {
            client.root_certificate_pem(self.root()).await
        } else {
            client.danger_allow_insecure_requests().await
        }
    }

    /// Returns the root certificate of the provider, in PEM.
    pub(crate) fn root(&self) -> &str {
        self.server.ca_certificate_pem()
    }
}

fn random() -> Result<Secret, openid_client::Error> {
    let server = ServerMetadata::new("https://localhost");
    Client::from_metadata(server, CLIENT_ID)
        .build()?
        .random_state()
}
