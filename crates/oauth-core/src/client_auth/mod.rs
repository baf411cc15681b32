//! How the client proves who it is at the endpoints that ask for it.

use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::Error;
use crate::error::Misuse;
use crate::key::KeyJob;
use crate::key::KeyName;
use crate::key::KeyResult;
use crate::metadata::ClientMetadata;
use crate::metadata::ServerMetadata;
use crate::wire::Draft;

/// A client authentication method.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `none`: a public client sends its `client_id` (OpenID Connect Core 1.0 section 9).
    None,
}

impl ClientAuthentication {
    /// The method for a client that names none.
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] when the registered method needs a secret or key.
    pub fn default_for(_server: &ServerMetadata, _client: &ClientMetadata) -> Result<Self, Error> {
        Ok(Self::None)
    }

    /// Adds the client's credentials to a request, at once or, where a key has to be used first,
    /// by way of a [`PendingAssertion`].
    pub(crate) fn prepare(
        &self,
        configuration: &Configuration,
        _env: &Env<'_>,
        draft: &mut Draft,
    ) -> Result<Option<PendingAssertion>, Error> {
        match self {
            Self::None => {
                if let Some(form) = draft.form_mut() {
                    form.set("client_id", configuration.client().client_id.as_str());
                }
                Ok(None)
            }
        }
    }
}

/// A client assertion that waits for its signature.
#[derive(Debug)]
pub(crate) struct PendingAssertion {
    key: KeyName,
    input: jose::jws::SigningInput,
}

impl PendingAssertion {
    /// What the key has to do.
    pub(crate) fn job(&self) -> KeyJob {
        KeyJob::Sign {
            key: self.key.clone(),
            algorithm: self.input.algorithm(),
            input: self.input.as_bytes().to_vec(),
        }
    }

    /// Adds the signed assertion to the request.
    pub(crate) fn complete(self, result: KeyResult, _draft: &mut Draft) -> Result<(), Error> {
        let KeyResult::Signature(_signature) = result;
        Err(Misuse::Finished.into())
    }
}
