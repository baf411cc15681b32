use std::sync::Arc;

use jose::jws::SigningInput;
use jose::{SignatureAlgorithm, base64url};
use serde_json::{Map, Value};

use crate::error::{Error, KeyFault};
use crate::key::assertion::signing_input;
use crate::key::{KeyJob, KeyReference, KeyResult, ModifyAssertion};
use crate::names::KeyName;

/// A JWT of the client's own that waits for its signature: a client assertion, a request object, a
/// DPoP proof.
#[derive(Debug)]
pub(crate) struct PendingSignature {
    key: KeyName,
    input: SigningInput,
}

impl PendingSignature {
    /// A JWT with these claims, to be signed with `key`. `alg` is the key's; the header has these
    /// further parameters.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) when `modify` leaves a
    /// header that cannot be signed.
    pub(crate) fn new(
        key: &KeyReference,
        header: impl IntoIterator<Item = (&'static str, Value)>,
        claims: Map<String, Value>,
        modify: Option<&ModifyAssertion>,
    ) -> Result<Self, Error> {
        Ok(Self {
            key: key.name.clone(),
            input: signing_input(key.algorithm, header, claims, modify)?,
        })
    }

    /// What the key has to do.
    pub(crate) fn job(&self) -> KeyJob {
        KeyJob::Sign {
            key: self.key.clone(),
            algorithm: self.input.algorithm(),
            input: self.input.as_bytes().to_vec(),
        }
    }

    /// The claims as they are signed, after their last change.
    pub(crate) fn claims(&self) -> Map<String, Value> {
        let input = self.input.as_bytes();
        let payload = input.split(|byte| *byte == b'.').nth(1);
        payload
            .and_then(|payload| std::str::from_utf8(payload).ok())
            .and_then(|payload| base64url::decode(payload).ok())
            .and_then(|claims| serde_json::from_slice(&claims).ok())
            .unwrap_or_default()
    }

    /// What it will be signed with.
    pub(crate) fn algorithm(&self) -> SignatureAlgorithm {
        self.input.algorithm()
    }

    /// The JWT in compact form.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] when the signature does not have the form that its algorithm gives it,
    /// [`Error::Misuse`] when it is none.
    pub(crate) fn finish(self, result: KeyResult) -> Result<String, Error> {
        let signature = result.signature()?;
        let jwt = self.input.finish(&signature).map_err(|error| KeyFault {
            key: self.key,
            source: Some(Arc::new(error)),
        })?;
        Ok(jwt)
    }
}
