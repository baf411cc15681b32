//! The registration of the application at the provider, and clients for it.

use openid_client::{Client, Error, Secret, SignatureAlgorithm, SigningKey, Url};

use crate::choice::Choice;
use crate::recorder::Recorder;

/// What the application knows about the provider before discovery.
#[derive(Debug)]
pub(crate) struct Registration {
    /// The issuer identifier of the provider.
    pub(crate) issuer: String,
    /// The client identifier.
    pub(crate) client_id: String,
    /// The client secret, for a confidential client.
    pub(crate) client_secret: Option<Secret>,
}

impl Registration {
    /// Creates a client for one login. An application has one for all logins; this one records what
    /// it sends.
    pub(crate) async fn client(
        &self,
        redirect_uri: &str,
        choice: Choice,
        recorder: Recorder,
    ) -> Result<Client, Error> {
        let client_id = self.client_id.clone();
        // snippet: discover
        let mut client = Client::discover(&self.issuer, client_id)
            .redirect_uri(redirect_uri)
            .http_client(recorder);
        if let Some(secret) = &self.client_secret {
            client = client.client_secret_basic(secret.clone());
        }
        if choice.dpop {
            let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
            client = client.dpop_key(key);
        }
        // end
        if Url::parse(&self.issuer).is_ok_and(|issuer| is_plain_loopback(&issuer)) {
            client = client.danger_allow_insecure_requests();
        }
        client.await
    }
}

/// Whether a URL leads to this machine without TLS.
pub(crate) fn is_plain_loopback(url: &Url) -> bool {
    url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost"))
}
