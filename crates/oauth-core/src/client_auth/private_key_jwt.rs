//! `private_key_jwt`: a client assertion, signed with the client's own key (RFC 7523 section 2.2,
//! OpenID Connect Core 1.0 section 9).

use serde_json::Map;
use serde_json::Value;

use crate::assertion::ModifyAssertion;
use crate::assertion::check_asymmetric;
use crate::configuration::Configuration;
use crate::env::Env;
use crate::env::random_token;
use crate::error::Error;
use crate::key::KeyJob;
use crate::key::KeyReference;
use crate::key::KeyResult;
use crate::key::PendingSignature;
use crate::wire::Parameters;

/// The key that signs the client's assertions, and how they are marked.
#[derive(Debug, Clone)]
pub struct PrivateKeyJwt {
    key: KeyReference,
    typ: Option<String>,
    modify: Option<ModifyAssertion>,
}

impl PrivateKeyJwt {
    /// Assertions signed with `key`, without a `typ`.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) when the key's algorithm is symmetric: that would be another
    /// method, in which the server knows the key.
    pub fn new(key: KeyReference) -> Result<Self, Error> {
        check_asymmetric(&key)?;
        Ok(Self {
            key,
            typ: None,
            modify: None,
        })
    }

    /// Sets the `typ` of the header, for servers that ask for one, such as
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

    /// A new assertion, which waits for its signature: `jti` and times are never used twice.
    pub(super) fn prepare(
        &self,
        configuration: &Configuration,
        env: &Env<'_>,
    ) -> Result<PendingAssertion, Error> {
        let client_id = configuration.client().client_id.as_str();
        let now = configuration.policy().skewed(env.now);
        let claims: [(&str, Value); 7] = [
            ("jti", random_token(env.entropy)?.into()),
            // The issuer alone, as one string, at every endpoint: an assertion that names an
            // endpoint, or several audiences, can be replayed by another server.
            ("aud", configuration.server().issuer.as_str().into()),
            ("exp", now.saturating_add(LIFETIME).seconds().into()),
            ("iat", now.seconds().into()),
            ("nbf", now.seconds().into()),
            ("iss", client_id.into()),
            ("sub", client_id.into()),
        ];
        let claims = Map::from_iter(claims.map(|(name, value)| (name.to_owned(), value)));
        let kid = self.key.key_id.as_deref().map(|kid| ("kid", kid.into()));
        let typ = self.typ.as_deref().map(|typ| ("typ", typ.into()));
        let header = kid.into_iter().chain(typ);
        let modify = self.modify.as_ref();
        Ok(PendingAssertion {
            client_id: client_id.to_owned(),
            signature: PendingSignature::new(&self.key, header, claims, modify)?,
        })
    }
}

/// A client assertion that waits for its signature.
#[derive(Debug)]
pub(crate) struct PendingAssertion {
    client_id: String,
    signature: PendingSignature,
}

impl PendingAssertion {
    /// What the key has to do.
    pub(crate) fn job(&self) -> KeyJob {
        self.signature.job()
    }

    /// Adds the signed assertion to the request.
    pub(super) fn add_to(self, result: KeyResult, form: &mut Parameters) -> Result<(), Error> {
        let assertion = self.signature.finish(result)?;
        form.set("client_id", self.client_id);
        form.set("client_assertion_type", ASSERTION_TYPE);
        form.set("client_assertion", assertion);
        Ok(())
    }
}

/// RFC 7523 section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds for which an assertion is valid.
const LIFETIME: i64 = 60;
