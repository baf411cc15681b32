use std::fmt;

use jose::{Jwk, VerifyingKey};

use crate::error::{Error, Misuse};
use crate::key::{KeyReference, ModifyAssertion};

/// A key that the client proves possession of: its name and its public half.
#[derive(Clone, PartialEq, Eq)]
pub struct DPoPKey {
    reference: KeyReference,
    public: Jwk,
    thumbprint: String,
    modify: Option<ModifyAssertion>,
}

impl DPoPKey {
    /// Creates a DPoP key from the driver's name for it and its public half. Only the key
    /// parameters of `public` are used and sent, without `kid`, `use` and certificates.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if the algorithm is symmetric (RFC 9449 section 4.2 requires an
    /// asymmetric one) or not part of this build, or if `public` is not a key for it.
    pub fn new(reference: KeyReference, public: &Jwk) -> Result<Self, Error> {
        let algorithm = reference.algorithm;
        if algorithm.is_symmetric() || !algorithm.is_supported() {
            return Err(invalid(
                "key",
                "a key with an asymmetric algorithm of this build",
                algorithm.to_string(),
            ));
        }
        let public = public.minimal();
        let family = VerifyingKey::from_jwk(&public)
            .map_err(|error| invalid("public", "a valid public key", error.to_string()))?
            .family();
        if family != algorithm.key_family() {
            return Err(invalid(
                "public",
                "a key that fits the algorithm",
                format!("{family} for {algorithm}"),
            ));
        }
        Ok(Self {
            thumbprint: public.thumbprint(),
            reference,
            public,
            modify: None,
        })
    }

    /// Changes each proof before it is signed.
    #[must_use]
    pub fn modify_assertion(mut self, modify: ModifyAssertion) -> Self {
        self.modify = Some(modify);
        self
    }

    pub(super) const fn modification(&self) -> Option<&ModifyAssertion> {
        self.modify.as_ref()
    }

    /// Whether proofs are changed before they are signed.
    pub(crate) const fn is_modified(&self) -> bool {
        self.modify.is_some()
    }

    /// The SHA-256 thumbprint (RFC 7638) in base64url: the `dpop_jkt` of an authorization request
    /// and the `cnf.jkt` of a bound token (RFC 9449 sections 6.1 and 10).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The driver's name for the key, and the algorithm that it signs with.
    pub const fn reference(&self) -> &KeyReference {
        &self.reference
    }

    /// The public half in the form that is sent.
    pub const fn public_jwk(&self) -> &Jwk {
        &self.public
    }
}

impl fmt::Debug for DPoPKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DPoPKey")
            .field("reference", &self.reference)
            .field("thumbprint", &self.thumbprint)
            .finish_non_exhaustive()
    }
}

fn invalid(argument: &'static str, expected: &'static str, found: String) -> Error {
    Misuse::InvalidArgument {
        argument,
        expected,
        found,
    }
    .into()
}
