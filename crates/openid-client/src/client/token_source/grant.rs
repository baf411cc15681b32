//! Where the tokens of a source come from.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::flow::{ClientCredentialsGrant, GenericGrant, TokenSet};
use oauth_core::names::EndpointName;
use oauth_core::secret::Secret;
use oauth_core::source::{Attempt, Renewal};
use oauth_core::wire::Parameters;

use crate::client::Client;
use crate::client::token_source::stored;
use crate::client::token_source::stored::{Outcome, StoredTokens};
use crate::error::Error;
use crate::http::BoxFuture;
use crate::store::SealedStore;

/// Where the tokens of a [`TokenSource`](crate::TokenSource) come from.
///
/// A [`TokenSet`] is one as well: the source refreshes it.
#[derive(Clone)]
pub struct SourceGrant(GrantKind);

#[derive(Clone)]
enum GrantKind {
    ClientCredentials(Parameters),
    /// The tokens to begin with, until the source has them.
    Refresh(Option<Box<TokenSet>>),
    TokenExchange {
        subject_token: Secret,
        subject_token_type: String,
        parameters: Parameters,
    },
    JwtBearer {
        assertion: Secret,
        parameters: Parameters,
    },
    Closure(Closure),
    Stored(Arc<StoredTokens>),
}

type Closure = Arc<dyn Fn(Client) -> BoxFuture<'static, Result<TokenSet, Error>> + Send + Sync>;

impl SourceGrant {
    /// The client's own credentials (RFC 6749 section 4.4), with the parameters of the request, such
    /// as `scope` and `resource`.
    ///
    /// No refusal ends such a source: it tries again after the back-off.
    pub fn client_credentials(parameters: impl Into<Parameters>) -> Self {
        Self(GrantKind::ClientCredentials(parameters.into()))
    }

    /// The refresh token among these tokens (RFC 6749 section 6). Without one, the source hands out
    /// the access token until it expires.
    pub fn refresh(tokens: impl Into<TokenSet>) -> Self {
        Self(GrantKind::Refresh(Some(Box::new(tokens.into()))))
    }

    /// A token in exchange for this one (RFC 8693), with further parameters such as `audience`.
    ///
    /// Each new token is requested with the same subject token, so that the source ends with
    /// `invalid_grant` when that has expired; use [`from_fn`](Self::from_fn) where each exchange
    /// takes a new one.
    pub fn token_exchange(
        subject_token: impl Into<Secret>,
        subject_token_type: impl Into<String>,
        parameters: impl Into<Parameters>,
    ) -> Self {
        Self(GrantKind::TokenExchange {
            subject_token: subject_token.into(),
            subject_token_type: subject_token_type.into(),
            parameters: parameters.into(),
        })
    }

    /// Tokens for this JWT (RFC 7523 section 2.1), with further parameters such as `scope`.
    ///
    /// Each new token is requested with the same JWT, so that the source ends with `invalid_grant`
    /// when that has expired; use [`from_fn`](Self::from_fn) where each request takes a new one.
    pub fn jwt_bearer(assertion: impl Into<Secret>, parameters: impl Into<Parameters>) -> Self {
        Self(GrantKind::JwtBearer {
            assertion: assertion.into(),
            parameters: parameters.into(),
        })
    }

    /// The tokens under this name in a store that several instances share, where
    /// [`SealedStore::save`] has put them. One instance refreshes them, and the others take what it
    /// has saved.
    ///
    /// While the store cannot be reached, nothing is refreshed, and a token that is still good is
    /// handed out. When the tokens are removed, at a logout, the source ends with
    /// [`LoginNeeded::Removed`](crate::LoginNeeded::Removed).
    pub fn stored(store: &SealedStore, name: impl Into<String>) -> Self {
        let stored = StoredTokens::new(store, name.into());
        Self(GrantKind::Stored(Arc::new(stored)))
    }

    /// Whatever `get` does with the client. It runs once for each attempt, in a task of its own and
    /// never twice at a time; no refusal ends such a source.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-service").root_certificate_pem(root);
    /// # let client = client.client_secret("a-secret-of-at-least-32-characters").await?;
    /// use openid_client::SourceGrant;
    ///
    /// let grant = SourceGrant::from_fn(async |client| {
    ///     // Parameters that differ each time, a new assertion for example.
    ///     client.client_credentials_grant([("scope", "read")]).await
    /// });
    /// let source = client.token_source(grant).build()?;
    /// # assert_eq!(source.token().await?.scope(), Some("read"));
    /// # Ok(()) });
    /// ```
    pub fn from_fn<F>(get: impl Fn(Client) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<TokenSet, Error>> + Send + 'static,
    {
        Self(GrantKind::Closure(Arc::new(move |client| {
            Box::pin(get(client))
        })))
    }

    pub(super) const fn renewal(&self) -> Renewal {
        match &self.0 {
            GrantKind::Refresh(_) => Renewal::RefreshToken,
            GrantKind::Stored(_) => stored::RENEWAL,
            GrantKind::TokenExchange { .. } | GrantKind::JwtBearer { .. } => Renewal::Assertion,
            GrantKind::ClientCredentials(_) | GrantKind::Closure(_) => Renewal::Credentials,
        }
    }

    /// Makes this the grant of a new source, and takes out the tokens that it begins with.
    pub(super) fn begin(&mut self) -> Option<TokenSet> {
        match &mut self.0 {
            GrantKind::Stored(stored) => {
                *stored = Arc::new(stored.unknown());
                None
            }
            GrantKind::Refresh(tokens) => tokens.take().map(|tokens| *tokens),
            _ => None,
        }
    }

    pub(super) async fn run(
        &self,
        client: &Client,
        attempt: &Attempt,
        margin: Duration,
    ) -> Result<Outcome, oauth_core::Error> {
        let configuration = client.configuration().clone();
        let result = match &self.0 {
            GrantKind::Stored(stored) => {
                return stored.run(client, margin).await.map_err(core_error);
            }
            GrantKind::Refresh(_) => match attempt.refresh_token_grant(&configuration) {
                Some(grant) => client.run(grant).await,
                // The machine begins no attempt without one.
                None => Err(oauth_core::Error::Aborted.into()),
            },
            GrantKind::ClientCredentials(parameters) => {
                let grant = ClientCredentialsGrant::new(configuration);
                client.run(grant.parameters(parameters.clone())).await
            }
            GrantKind::TokenExchange {
                subject_token,
                subject_token_type,
                parameters,
            } => {
                let grant = GenericGrant::token_exchange(
                    configuration,
                    subject_token.expose(),
                    subject_token_type,
                );
                client.run(grant.parameters(parameters.clone())).await
            }
            GrantKind::JwtBearer {
                assertion,
                parameters,
            } => {
                let grant = GenericGrant::jwt_bearer(configuration, assertion.expose());
                client.run(grant.parameters(parameters.clone())).await
            }
            GrantKind::Closure(get) => get(client.clone()).await,
        };
        let tokens = result.map_err(core_error)?;
        Ok(Outcome::Tokens(Box::new(tokens)))
    }
}

/// An error of the core as it is; what a closure of the application ended in otherwise is its reason
/// for having no answer.
fn core_error(error: Error) -> oauth_core::Error {
    match error {
        Error::Core(error) => error,
        error => Unanswered {
            endpoint: EndpointName::Token,
            reason: NoAnswer::Failed,
            source: Some(Arc::new(error)),
        }
        .into(),
    }
}

impl From<TokenSet> for SourceGrant {
    fn from(tokens: TokenSet) -> Self {
        Self::refresh(tokens)
    }
}

impl From<&TokenSet> for SourceGrant {
    fn from(tokens: &TokenSet) -> Self {
        Self::refresh(tokens.clone())
    }
}

impl fmt::Debug for SourceGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            GrantKind::ClientCredentials(_) => "client_credentials",
            GrantKind::Refresh(_) => "refresh_token",
            GrantKind::TokenExchange { .. } => "token_exchange",
            GrantKind::JwtBearer { .. } => "jwt_bearer",
            GrantKind::Closure(_) => "closure",
            GrantKind::Stored(_) => "stored",
        })
    }
}
