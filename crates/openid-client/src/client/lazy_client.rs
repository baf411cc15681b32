//! A client whose server metadata are fetched when they are needed, and renewed by age.

use std::fmt;
use std::time::Duration;

use oauth_core::authorization::random_state;
use oauth_core::error::Misuse;
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::policy::Policy;
use oauth_core::secret::Secret;
use oauth_core::source::StoredIdToken;
use oauth_core::time::UnixTime;
use oauth_core::validate::IdToken;

use crate::client::Client;
use crate::client::renewed::Renewed;
use crate::error::Error;
use crate::host::Shared;

/// A client whose server metadata are fetched when they are needed; see
/// [`ClientBuilder::lazy`](crate::ClientBuilder::<crate::IssuerOnly>::lazy).
///
/// Keep it, and take a [`client`](Self::client) from it for each request or job. It is cheap to
/// clone. All clones share the metadata, connections, key sets and private keys, also with the
/// clients that come from it.
///
/// A [`Client`] can be made into one, whose metadata stay the same. So what takes a `LazyClient`
/// takes both.
#[derive(Clone)]
pub struct LazyClient(Kind);

#[derive(Clone)]
enum Kind {
    Fixed(Client),
    Renewed(Renewed<Client>),
}

impl From<Client> for LazyClient {
    fn from(client: Client) -> Self {
        Self(Kind::Fixed(client))
    }
}

impl LazyClient {
    pub(crate) const fn new(clients: Renewed<Client>) -> Self {
        Self(Kind::Renewed(clients))
    }

    /// The client, with the present metadata of the server.
    ///
    /// The first call fetches the metadata. Calls at the same time share the request, which
    /// continues when its caller gives up. After a failure, calls fail at once with the same error
    /// for one second, after another one for two, and so on up to a minute.
    ///
    /// Metadata that are older than
    /// [`metadata_max_age`](crate::ClientBuilder::<crate::Lazy>::metadata_max_age)
    /// are renewed in the background: no call waits for that. If the renewal fails, or if the new
    /// metadata name another issuer or do not fit the settings of the client, the old ones stay in
    /// use; see [`failure`](Self::failure). Metadata that a
    /// [signer](crate::ClientBuilder::<crate::IssuerOnly>::metadata_signer) has signed are also
    /// renewed at their `exp`, and stay in use for at most an hour after it.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let lazy = Client::discover(issuer, "my-app").root_certificate_pem(root);
    /// # let lazy = lazy.redirect_uri("https://app.example.com/cb").lazy().build()?;
    /// let client = lazy.client().await?;
    /// let (url, pending) = client.authorization_request().scope("openid").await?;
    /// # drop((url, pending));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Core`] when the metadata cannot be fetched or fail a check, and the errors of a
    /// builder whose settings do not fit the metadata.
    pub async fn client(&self) -> Result<Client, Error> {
        match &self.0 {
            Kind::Fixed(client) => Ok(client.clone()),
            Kind::Renewed(clients) => clients.value().await,
        }
    }

    /// Why the last fetch or renewal of the metadata failed; `None` after one that succeeded. For
    /// the health check of an application, because old metadata stay in use after a failure.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let lazy = Client::discover(issuer, "my-app").root_certificate_pem(root).lazy().build()?;
    /// # lazy.client().await?;
    /// if let Some(error) = lazy.failure() {
    ///     eprintln!("the metadata of the provider could not be fetched: {error:#}");
    /// }
    /// # assert!(lazy.failure().is_none());
    /// # });
    /// ```
    pub fn failure(&self) -> Option<Error> {
        match &self.0 {
            Kind::Fixed(_) => None,
            Kind::Renewed(clients) => clients.failure(),
        }
    }

    /// How long it takes until the next call of [`client`](Self::client) sends a request, because
    /// the last fetch failed; `None` if it may send one now. For `Retry-After` in a response that
    /// says that the provider cannot be reached.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let lazy = Client::discover(issuer, "my-app").root_certificate_pem(root).lazy().build()?;
    /// assert_eq!(lazy.retry_after(), None);
    /// # });
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.0 {
            Kind::Fixed(_) => None,
            Kind::Renewed(clients) => clients.retry_after(),
        }
    }

    /// The ID Token of a session, for a client of the same issuer with the same client identifier;
    /// see [`StoredIdToken::restore`]. It works while the provider is down: where the metadata were
    /// never fetched, the issuer that they must name is compared.
    ///
    /// Only where the metadata may name another issuer than the URL that was asked for, as those of
    /// Microsoft Entra ID do, are they fetched first.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let lazy = Client::discover(issuer, "my-app").root_certificate_pem(root);
    /// # let lazy = lazy.redirect_uri("https://app.example.com/cb").lazy().build()?;
    /// # let client = lazy.client().await?;
    /// # let (url, pending) = client.authorization_request().await?;
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # let id_token = tokens.id_token().unwrap().clone();
    /// # let stored = openid_client::StoredIdToken::new(client.configuration(), id_token);
    /// let id_token = lazy.restore_id_token(stored).await?;
    /// # assert_eq!(id_token.sub(), "alice");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherConfiguration`](crate::Misuse::AnotherConfiguration) when the ID Token
    /// belongs to another issuer or client; the errors of [`client`](Self::client) when the
    /// metadata are needed.
    pub async fn restore_id_token(&self, stored: StoredIdToken) -> Result<IdToken, Error> {
        let known = match &self.0 {
            Kind::Fixed(client) => Some(client.clone()),
            Kind::Renewed(clients) => clients.last_value(),
        };
        if let Some(client) = known {
            return Ok(stored.restore(client.configuration())?);
        }
        if let Kind::Renewed(clients) = &self.0
            && let Some(issuer) = clients.source().issuer()
        {
            // The metadata may name the issuer of the session, although it is not this one.
            let may_differ = clients.source().may_issue(stored.issuer());
            let client_id = &self.client_metadata().client_id;
            let restored = stored.clone().restore_for(issuer, client_id);
            if !(may_differ && is_of_another_issuer(&restored)) {
                return Ok(restored?);
            }
        }
        Ok(stored.restore(self.client().await?.configuration())?)
    }

    /// The metadata of the server, if they always stay the same, because this was made of a
    /// [`Client`].
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # let lazy = Client::discover(issuer, "my-app").root_certificate_pem(root).lazy().build()?;
    /// assert!(lazy.fixed_server_metadata().is_none());
    /// # });
    /// ```
    pub fn fixed_server_metadata(&self) -> Option<&ServerMetadata> {
        match &self.0 {
            Kind::Fixed(client) => Some(client.server_metadata()),
            Kind::Renewed(_) => None,
        }
    }

    /// The metadata that the client has registered about itself.
    pub fn client_metadata(&self) -> &ClientMetadata {
        match &self.0 {
            Kind::Fixed(client) => client.client_metadata(),
            Kind::Renewed(clients) => clients.settings().client_metadata(),
        }
    }

    /// The policy of the client.
    pub fn policy(&self) -> &Policy {
        match &self.0 {
            Kind::Fixed(client) => client.configuration().policy(),
            Kind::Renewed(clients) => clients.settings().policy(),
        }
    }

    /// The time by this client's clock.
    pub fn now(&self) -> UnixTime {
        self.shared().clock.now()
    }

    /// A random value for `state`; see [`Client::random_state`].
    ///
    /// # Errors
    ///
    /// [`CoreError::Entropy`](crate::CoreError::Entropy) when the source of randomness fails.
    pub fn random_state(&self) -> Result<Secret, Error> {
        Ok(random_state(&*self.shared().entropy).map_err(oauth_core::Error::from)?)
    }

    #[cfg(test)]
    pub(crate) fn renewed(&self) -> Option<Renewed<Client>> {
        match &self.0 {
            Kind::Fixed(_) => None,
            Kind::Renewed(clients) => Some(clients.clone()),
        }
    }

    fn shared(&self) -> &Shared {
        match &self.0 {
            Kind::Fixed(client) => &client.shared,
            Kind::Renewed(clients) => clients.shared(),
        }
    }
}

/// Whether only the metadata can say which issuer it is.
fn is_of_another_issuer(restored: &Result<IdToken, oauth_core::Error>) -> bool {
    let another = Misuse::AnotherConfiguration { member: "issuer" };
    matches!(restored, Err(oauth_core::Error::Misuse(misuse)) if *misuse == another)
}

impl fmt::Debug for LazyClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("LazyClient");
        match &self.0 {
            Kind::Fixed(client) => debug.field("issuer", &client.server_metadata().issuer),
            Kind::Renewed(clients) => debug.field("source", clients.source()),
        };
        debug
            .field("client_id", &self.client_metadata().client_id)
            .finish_non_exhaustive()
    }
}
