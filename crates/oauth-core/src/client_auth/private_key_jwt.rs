//! `private_key_jwt`: a client assertion signed with the client's own key (RFC 7523 section 2.2,
//! OpenID Connect Core 1.0 section 9).

use jose::SignatureAlgorithm;
use url::Url;

use crate::client_auth::profile::check_client_assertion;
use crate::client_auth::{PendingAssertion, client_assertion};
use crate::env::Env;
use crate::error::Error;
use crate::key::{KeyReference, ModifyAssertion, PendingSignature, check_asymmetric};
use crate::parties::Parties;

/// The key that signs the client's assertions, and the settings of these assertions.
#[derive(Debug, Clone)]
pub struct PrivateKeyJwt {
    key: KeyReference,
    typ: Option<String>,
    modify: Option<ModifyAssertion>,
}

impl PrivateKeyJwt {
    /// Creates a method whose assertions are signed with `key` and have no `typ`.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) if the key's algorithm is
    /// symmetric: the server would know the key. `client_secret_jwt` is that method.
    pub fn new(key: KeyReference) -> Result<Self, Error> {
        check_asymmetric(&key)?;
        Ok(Self {
            key,
            typ: None,
            modify: None,
        })
    }

    /// Sets the `typ` of the header, for servers that require one, for example
    /// `client-authentication+jwt`.
    #[must_use]
    pub fn with_typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = Some(typ.into());
        self
    }

    /// Changes each assertion before it is signed.
    #[must_use]
    pub fn modify_assertion(mut self, modify: ModifyAssertion) -> Self {
        self.modify = Some(modify);
        self
    }

    /// The algorithm that signs the assertions.
    pub(crate) const fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm
    }

    /// Prepares a new assertion for its signature; `jti` and times are new each time.
    pub(super) fn prepare(
        &self,
        parties: &Parties,
        env: &Env<'_>,
        destination: &Url,
    ) -> Result<PendingAssertion, Error> {
        let claims = client_assertion::claims(parties, env, destination)?;
        let kid = self.key.kid.as_deref().map(|kid| ("kid", kid.into()));
        let typ = self.typ.as_deref().map(|typ| ("typ", typ.into()));
        let header = kid.into_iter().chain(typ);
        let modify = self.modify.as_ref();
        let signature = PendingSignature::new(&self.key, header, claims, modify)?;
        check_client_assertion(parties, &signature)?;
        let client_id = parties.client.client_id.clone();
        Ok(PendingAssertion::in_the_form(signature, client_id))
    }
}
