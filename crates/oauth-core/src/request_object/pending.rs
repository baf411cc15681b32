//! Request objects that are not complete yet.
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

/// The state after a use of a key.
pub(crate) enum Progress {
    /// Another use of a key is needed.
    Pending(PendingRequestObject),
    /// The complete request object.
    Made(String),
}

impl PendingRequestObject {
    /// Prepares a request object that is signed and, if there is a recipient, then encrypted.
    pub(super) const fn new(signature: PendingSignature, recipient: Option<Recipient>) -> Self {
        Self {
            pending: Pending::Signature(signature, recipient),
        }
    }

    /// The final claims; empty once they are signed.
    pub(super) fn claims(&self) -> Map<String, Value> {
        match &self.pending {
            Pending::Signature(signature, _) => signature.claims(),
            Pending::Encryption(_) => Map::new(),
        }
    }

    /// The job for the key.
    pub(crate) fn job(&self) -> KeyJob {
        match &self.pending {
            Pending::Signature(signature, _) => signature.job(),
            Pending::Encryption(job) => job.clone(),
        }
    }

    /// Continues with the key's result.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] for a signature of the wrong form, [`Error::Misuse`] for another kind of
    /// result.
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
