//! Clients that register themselves.

use std::fmt;

use oauth_core::endpoint::DiscoveryAlgorithm;
use oauth_core::metadata::ServerMetadata;
use oauth_core::secret::Secret;
use oauth_core::validate::MetadataSigner;

use super::registration::Permit;
use super::{ClientBuilder, IssuerOnly};
use crate::client::Client;
use crate::error::Error;
use crate::http::BoxFuture;

/// A client that is to be registered, at the server of an issuer, or at one whose
/// [metadata](ServerMetadata) the application has.
pub struct NewClient {
    server: Server,
    permit: Permit,
}

enum Server {
    Issuer(IssuerOnly),
    Known(Box<ServerMetadata>),
}

impl NewClient {
    const fn at(server: Server) -> Self {
        Self {
            server,
            permit: Permit {
                token: None,
                is_bound: false,
            },
        }
    }
}

impl From<String> for NewClient {
    fn from(issuer: String) -> Self {
        Self::at(Server::Issuer(IssuerOnly::new(issuer)))
    }
}

impl From<&str> for NewClient {
    fn from(issuer: &str) -> Self {
        issuer.to_owned().into()
    }
}

impl From<&String> for NewClient {
    fn from(issuer: &String) -> Self {
        issuer.clone().into()
    }
}

impl From<ServerMetadata> for NewClient {
    fn from(server: ServerMetadata) -> Self {
        Self::at(Server::Known(Box::new(server)))
    }
}

impl ClientBuilder<NewClient> {
    /// The place of the server metadata; by default the one of OpenID Connect Discovery. With
    /// metadata that the application has, the build fails with [`Error::Conflict`].
    pub fn algorithm(mut self, algorithm: DiscoveryAlgorithm) -> Self {
        let set = match &mut self.source.server {
            Server::Issuer(issuer) => {
                issuer.set_algorithm(algorithm);
                Ok(())
            }
            Server::Known(_) => Err(Error::Conflict {
                setting: "algorithm",
                other: "server metadata",
            }),
        };
        self.check(set)
    }

    /// Reads the server metadata from this URL; see
    /// [`metadata_url`](ClientBuilder::<IssuerOnly>::metadata_url). With metadata that the
    /// application has, the build fails with [`Error::Conflict`].
    pub fn metadata_url(mut self, url: impl Into<String>) -> Self {
        let set = match &mut self.source.server {
            Server::Issuer(issuer) => {
                issuer.set_metadata_url(url.into());
                Ok(())
            }
            Server::Known(_) => Err(Error::Conflict {
                setting: "metadata_url",
                other: "server metadata",
            }),
        };
        self.check(set)
    }

    /// Requires metadata that this party has signed; see
    /// [`metadata_signer`](ClientBuilder::<IssuerOnly>::metadata_signer). The client is registered
    /// at the signed `registration_endpoint` if there is one. With metadata that the application
    /// has, the build fails with [`Error::Conflict`].
    pub fn metadata_signer(mut self, signer: MetadataSigner) -> Self {
        let set = match &mut self.source.server {
            Server::Issuer(issuer) => {
                issuer.set_signer(signer);
                Ok(())
            }
            Server::Known(_) => Err(Error::Conflict {
                setting: "metadata_signer",
                other: "server metadata",
            }),
        };
        self.check(set)
    }

    /// The token that permits the registration, at a server that requires one (RFC 7591 section 3).
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let (token, metadata) = ("a-token-that-permits-registration", ClientMetadata::default());
    /// let client = Client::register(issuer, metadata)
    /// #   .root_certificate_pem(root)
    ///     .initial_access_token(token)
    ///     .await?;
    /// # assert!(client.client_information().is_some());
    /// # });
    /// ```
    pub fn initial_access_token(mut self, token: impl Into<Secret>) -> Self {
        self.source.permit = Permit {
            token: Some(token.into()),
            is_bound: false,
        };
        self
    }

    /// Like [`initial_access_token`](Self::initial_access_token), for a token that is bound to the
    /// client's [`dpop_key`](Self::dpop_key). The registration proves that the client has the key
    /// (RFC 9449 section 7).
    ///
    /// ```
    /// # use openid_client::{Client, ClientMetadata};
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let (token, metadata) = ("a-token-that-permits-registration", ClientMetadata::default());
    /// use openid_client::jose::{SignatureAlgorithm, SigningKey};
    ///
    /// let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    /// let client = Client::register(issuer, metadata)
    /// #   .root_certificate_pem(root)
    ///     .dpop_key(key)
    ///     .dpop_initial_access_token(token)
    ///     .await?;
    /// # assert!(client.client_information().is_some());
    /// # });
    /// ```
    pub fn dpop_initial_access_token(mut self, token: impl Into<Secret>) -> Self {
        self.source.permit = Permit {
            token: Some(token.into()),
            is_bound: true,
        };
        self
    }

    async fn register(self) -> Result<Client, Error> {
        self.load().await;
        let (source, mut settings, shared) = self.prepare()?;
        settings.register_authentication()?;
        let server = match source.server {
            Server::Issuer(issuer) => issuer.fetch(&settings, &shared).await?,
            Server::Known(server) => *server,
        };
        settings.register(server, source.permit, shared).await
    }
}

impl IntoFuture for ClientBuilder<NewClient> {
    type Output = Result<Client, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.register())
    }
}

impl fmt::Debug for NewClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Server::Issuer(issuer) => issuer.fmt(f),
            Server::Known(server) => f.debug_tuple("NewClient").field(&server.issuer).finish(),
        }
    }
}
