//! A request object in the making.
//!
//! ```text
//! PendingRequestObject: signature ──▶ (encryption, where the client registered one) ──▶ the text
//! ```

use serde_json::{Map, Value};

use crate::error::Error;
use crate::key::{KeyJob, KeyResult, PendingSignature, Recipient};

/// A request object that waits for a key.
#[derive(Debug)]
pub(crate) struct PendingRequestObject {
    pending: Pending,
}

#[derive(Debug)]
enum Pending {
    Signature(PendingSignature, Option<Recipient>),
    Encryption(KeyJob),
}

/// What came of a use of a key.
pub(crate) enum Progress {
    /// Another one is needed.
    Pending(PendingRequestObject),
    /// The request object.
    Made(String),
}

impl PendingRequestObject {
    /// One that is encrypted once it is signed, where there is somebody to encrypt it for.
    pub(super) const fn new(signature: PendingSignature, recipient: Option<Recipient>) -> Self {
        Self {
            pending: Pending::Signature(signature, recipient),
        }
    }

    /// What is to be signed: the claims after their last change; none once they are signed.
    pub(super) fn claims(&self) -> Map<String, Value> {
        match &self.pending {
            Pending::Signature(signature, _) => signature.claims(),
            Pending::Encryption(_) => Map::new(),
        }
    }

    /// What the key has to do.
    pub(crate) fn job(&self) -> KeyJob {
        match &self.pending {
            Pending::Signature(signature, _) => signature.job(),
            Pending::Encryption(job) => job.clone(),
        }
    }

    /// Goes on with the key's answer.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] for a signature of the wrong form, [`Error::Misuse`] for another answer.
    pub(crate) fn proceed(self, result: KeyResult) -> Result<Progress, Error> {
        Ok(match self.pending {
            Pending::Signature(signature, recipient) => {
                let signed = signature.finish(result)?;
                match recipient {
                    None => Progress::Made(signed),
                    Some(recipient) => Progress::Pending(Self {
                        pending: Pending::Encryption(recipient.encrypt(signed.into())),
                    }),
                }
            }
            Pending::Encryption(_) => Progress::Made(result.encryption()?),
        })
    }
}
