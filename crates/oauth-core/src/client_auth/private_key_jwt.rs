//! `private_key_jwt`: a client assertion signed with the client's own key (RFC 7523 section 2.2,
//! OpenID Connect Core 1.0 section 9).

use http::HeaderValue;
use jose::SignatureAlgorithm;
use url::Url;

use crate::client_auth::attestation::{ATTESTATION, PROOF};
use crate::client_auth::profile::check_client_assertion;
use crate::client_auth::{client_assertion, form_of};
use crate::env::Env;
use crate::error::{Error, KeyFault};
use crate::key::{
    KeyJob, KeyReference, KeyResult, ModifyAssertion, PendingSignature, check_asymmetric,
};
use crate::parties::Parties;
use crate::wire::Draft;

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
        Ok(PendingAssertion {
            place: Place::Form(parties.client.client_id.clone()),
            signature,
        })
    }
}

/// A client assertion, or the proof for a client attestation, that waits for its signature.
#[derive(Debug)]
pub(crate) struct PendingAssertion {
    place: Place,
    signature: PendingSignature,
}

/// Where the signed JWT goes.
#[derive(Debug)]
enum Place {
    /// Into the form, for the client with this identifier.
    Form(String),
    /// Into a header, after this attestation in another one.
    Headers(HeaderValue),
}

impl PendingAssertion {
    /// The job for the private key.
    pub(crate) fn job(&self) -> KeyJob {
        self.signature.job()
    }

    /// The proof for this attestation, which is sent in headers.
    pub(super) const fn in_headers(signature: PendingSignature, attestation: HeaderValue) -> Self {
        Self {
            place: Place::Headers(attestation),
            signature,
        }
    }

    /// Adds the signed assertion to the request.
    pub(super) fn add_to(self, result: KeyResult, draft: &mut Draft) -> Result<(), Error> {
        let (key, jwt) = (self.signature.key().clone(), self.signature.finish(result)?);
        match self.place {
            Place::Form(client_id) => client_assertion::add(client_id, jwt, form_of(draft)?),
            Place::Headers(attestation) => {
                let proof = HeaderValue::try_from(jwt);
                let mut proof = proof.map_err(|_| KeyFault { key, source: None })?;
                proof.set_sensitive(true);
                draft.headers.insert(ATTESTATION, attestation);
                draft.headers.insert(PROOF, proof);
            }
        }
        Ok(())
    }
}
