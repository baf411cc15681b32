//! Where the tokens of a source come from.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::flow::TokenSet;
use oauth_core::names::EndpointName;
use oauth_core::secret::Secret;
use oauth_core::source::{Attempt, Renewal, RequestedGrant, SourceGrantRequest, SourceSettings};

use crate::client::Client;
use crate::client::token_source::stored;
use crate::client::token_source::stored::{Outcome, StoredTokens};
use crate::error::Error;
use crate::http::BoxFuture;
use crate::store::SealedStore;

/// The grant that gets the tokens of a [`TokenSource`](crate::TokenSource).
///
/// A [`TokenSet`] converts to one: the source refreshes it. So does a [`SourceGrantRequest`], after
/// its parameters are set.
#[derive(Clone)]
pub struct SourceGrant(GrantKind);

#[derive(Clone)]
enum GrantKind {
    Request(SourceGrantRequest),
    Refresh {
        /// The first tokens, until the source takes them.
        tokens: Option<Box<TokenSet>>,
        /// The `resource` of the requests (RFC 8707 section 2.2).
        resource: Option<String>,
    },
    Closure(Closure),
    Stored(Arc<StoredTokens>),
}

type Closure = Arc<dyn Fn(Client) -> BoxFuture<'static, Result<TokenSet, Error>> + Send + Sync>;

impl SourceGrant {
    /// The client credentials grant (RFC 6749 section 4.4).
    ///
    /// No refusal ends such a source. It tries again after the back-off.
    ///
    /// ```
    /// # test_provider::example!(service |client, server| {
    /// use openid_client::SourceGrant;
    ///
    /// let grant = SourceGrant::client_credentials().scope("read");
    /// let source = client.token_source(grant).build()?;
    /// # assert_eq!(source.token().await?.scope(), Some("read"));
    /// # });
    /// ```
    pub const fn client_credentials() -> SourceGrantRequest {
        SourceGrantRequest::client_credentials()
    }

    /// The refresh token among these tokens (RFC 6749 section 6). Without one, callers get the
    /// access token until it expires.
    pub fn refresh(tokens: impl Into<TokenSet>) -> Self {
        Self(GrantKind::Refresh {
            tokens: Some(Box::new(tokens.into())),
            resource: None,
        })
    }

    /// The same for an access token for this resource.
    pub(crate) fn refresh_for(tokens: TokenSet, resource: &str) -> Self {
        Self(GrantKind::Refresh {
            tokens: Some(Box::new(tokens)),
            resource: Some(resource.to_owned()),
        })
    }

    /// A token in exchange for this one (RFC 8693).
    ///
    /// Each request sends the same subject token. The source ends with `invalid_grant` when that
    /// token has expired; use [`from_fn`](Self::from_fn) to send a new one each time.
    pub fn token_exchange(
        subject_token: impl Into<Secret>,
        subject_token_type: impl Into<String>,
    ) -> SourceGrantRequest {
        SourceGrantRequest::token_exchange(subject_token, subject_token_type)
    }

    /// Tokens for this JWT (RFC 7523 section 2.1).
    ///
    /// Each request sends the same JWT. The source ends with `invalid_grant` when the JWT has
    /// expired; use [`from_fn`](Self::from_fn) to send a new one each time.
    pub fn jwt_bearer(assertion: impl Into<Secret>) -> SourceGrantRequest {
        SourceGrantRequest::jwt_bearer(assertion)
    }

    /// The tokens of this name in a store that several instances share, where [`SealedStore::save`]
    /// has stored them. One instance refreshes them, and the others use what it has saved.
    ///
    /// While the store cannot be reached, nothing is refreshed, and callers get a token that is
    /// still valid. When the tokens are removed, for example at a logout, the source ends with
    /// [`LoginNeeded::Removed`](crate::LoginNeeded::Removed).
    pub fn stored(store: &SealedStore, name: impl Into<String>) -> Self {
        let stored = StoredTokens::new(store, name.into());
        Self(GrantKind::Stored(Arc::new(stored)))
    }

    /// The tokens that `get` returns. It runs once for each attempt, in its own task and never
    /// twice at the same time. No refusal ends such a source.
    ///
    /// ```
    /// # test_provider::example!(service |client, server| {
    /// use openid_client::SourceGrant;
    ///
    /// let grant = SourceGrant::from_fn(async |client| {
    ///     // Parameters that differ each time, for example a new assertion.
    ///     client.client_credentials_grant().scope("read").await
    /// });
    /// let source = client.token_source(grant).build()?;
    /// # assert_eq!(source.token().await?.scope(), Some("read"));
    /// # });
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
            GrantKind::Refresh { .. } => Renewal::RefreshToken,
            GrantKind::Stored(_) => stored::RENEWAL,
            GrantKind::Request(request) => request.renewal(),
            GrantKind::Closure(_) => Renewal::Credentials,
        }
    }

    /// How long an attempt takes at most, for a client with this timeout.
    pub(super) fn longest(&self, timeout: Duration) -> Duration {
        match &self.0 {
            GrantKind::Stored(stored) => stored.longest(timeout),
            // The keys, the request, once more for a nonce, the keys again, and keeping the tokens.
            _ => timeout.saturating_mul(5),
        }
    }

    /// Makes this the grant of a new source, and returns its first tokens.
    pub(super) fn begin(&mut self) -> Option<TokenSet> {
        match &mut self.0 {
            GrantKind::Stored(stored) => {
                *stored = Arc::new(stored.unknown());
                None
            }
            GrantKind::Refresh { tokens, .. } => tokens.take().map(|tokens| *tokens),
            _ => None,
        }
    }

    /// Runs the grant once. `found` are tokens of a store that are to be replaced.
    pub(super) async fn run(
        &self,
        client: &Client,
        attempt: &Attempt,
        settings: &SourceSettings,
        found: &mut Option<TokenSet>,
    ) -> Result<Outcome, oauth_core::Error> {
        let result = match &self.0 {
            GrantKind::Stored(stored) => {
                let outcome = stored.run(client, settings, found).await;
                return outcome.map_err(core_error);
            }
            GrantKind::Refresh { resource, .. } => {
                match attempt.refresh_token_grant(client.configuration()) {
                    Some(grant) => {
                        let grant = match resource {
                            Some(resource) => grant.parameter("resource", resource),
                            None => grant,
                        };
                        client.run_as("refresh_token_grant", grant).await
                    }
                    // The machine begins no attempt without one.
                    None => Err(oauth_core::Error::Aborted.into()),
                }
            }
            GrantKind::Request(request) => match request.grant(client.configuration().clone()) {
                RequestedGrant::ClientCredentials(grant) => {
                    client.run_as("client_credentials_grant", grant).await
                }
                RequestedGrant::Generic(grant) => client.run_as("generic_grant", grant).await,
            },
            GrantKind::Closure(get) => get(client.clone()).await,
        };
        let tokens = result.map_err(core_error)?;
        Ok(Outcome::Tokens(Box::new(tokens)))
    }
}

/// Returns an error of the core or of a store as it is, and any other error of the application's
/// closure as the reason why no answer came.
fn core_error(error: Error) -> oauth_core::Error {
    match error {
        Error::Core(error) => error,
        Error::Store(error) => error.into(),
        error => Unanswered {
            endpoint: EndpointName::Token,
            reason: NoAnswer::Failed,
            source: Some(Arc::new(error)),
        }
        .into(),
    }
}

impl From<SourceGrantRequest> for SourceGrant {
    fn from(request: SourceGrantRequest) -> Self {
        Self(GrantKind::Request(request))
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
            GrantKind::Request(request) => return request.fmt(f),
            GrantKind::Refresh { .. } => "refresh_token",
            GrantKind::Closure(_) => "closure",
            GrantKind::Stored(_) => "stored",
        })
    }
}
