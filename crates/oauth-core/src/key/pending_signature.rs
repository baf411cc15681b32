use std::sync::Arc;

use jose::jws::SigningInput;
use jose::{SignatureAlgorithm, base64url};
use serde_json::{Map, Value};

use crate::error::{Error, KeyFault};
use crate::key::assertion::signing_input;
use crate::key::{KeyJob, KeyReference, KeyResult, ModifyAssertion};
use crate::names::KeyName;

/// A JWT of the client that waits for its signature: a client assertion, a request object or a DPoP
/// proof.
#[derive(Debug)]
pub(crate) struct PendingSignature {
    key: KeyName,
    input: SigningInput,
}

impl PendingSignature {
    /// Prepares a JWT with these claims for its signature with `key`. The header contains the key's
    /// `alg` and these further parameters.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) if `modify` returns a
    /// header that cannot be signed.
    pub(crate) fn new(
        key: &KeyReference,
        header: impl IntoIterator<Item = (&'static str, Value)>,
        claims: Map<String, Value>,
        modify: Option<&ModifyAssertion>,
    ) -> Result<Self, Error> {
        Ok(Self {
            key: key.name.clone(),
            input: signing_input(key.algorithm, &mut header.into_iter(), claims, modify)?,
        })
    }

    /// The name of the key.
    pub(crate) const fn key(&self) -> &KeyName {
        &self.key
    }

    /// The job for the private key.
    pub(crate) fn job(&self) -> KeyJob {
        KeyJob::Sign {
            key: self.key.clone(),
            algorithm: self.input.algorithm(),
            input: self.input.as_bytes().to_vec(),
        }
    }

    /// The claims in their final form, after `modify`.
    pub(crate) fn claims(&self) -> Map<String, Value> {
        let input = self.input.as_bytes();
        let payload = input.split(|byte| *byte == b'.').nth(1);
        payload
            .and_then(|payload| std::str::from_utf8(payload).ok())
            .and_then(|payload| base64url::decode(payload).ok())
            .and_then(|claims| serde_json::from_slice(&claims).ok())
            .unwrap_or_default()
    }

    /// The algorithm of the signature.
    pub(crate) fn algorithm(&self) -> SignatureAlgorithm {
        self.input.algorithm()
    }

    /// Returns the JWT in compact form.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] if the signature does not have the form of its algorithm, [`Error::Misuse`]
    /// if the result is not a signature.
    pub(crate) fn finish(self, result: KeyResult) -> Result<String, Error> {
        let signature = result.signature()?;
        let jwt = self.input.finish(&signature).map_err(|error| KeyFault {
            key: self.key,
            source: Some(Arc::new(error)),
        })?;
        Ok(jwt)
    }
}
