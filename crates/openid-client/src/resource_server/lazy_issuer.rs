//! Issuers whose metadata are fetched when their tokens arrive.

use std::sync::Arc;
use std::time::Duration;

use oauth_core::error::{Error as CoreError, Misuse};
use oauth_core::resource_server::{ResourceRequest, ResourceServer as Core};

use super::Deciding;
use crate::client::renewed::Renewed;
use crate::error::Error;

/// An issuer whose metadata are fetched when its tokens arrive.
pub(crate) struct LazyIssuer {
    /// Whether it is asked about its tokens.
    pub(crate) introspects: bool,
    /// The resource servers that trust this issuer alone, for each version of its metadata.
    pub(crate) cores: Renewed<Arc<Core>>,
}

impl Deciding {
    /// The resource server that decides about a request. The issuer that the token names is not
    /// verified. It decides which metadata are fetched, among those of the issuers that the
    /// application has named. The decision compares it again.
    ///
    /// # Errors
    ///
    /// The error of an issuer that may have issued the token: nothing can be said about the token.
    /// `retry_after` is then set to the time until its metadata are requested again.
    pub(super) async fn core_for(
        &self,
        request: &ResourceRequest,
        retry_after: &mut Option<Duration>,
    ) -> Result<Arc<Core>, CoreError> {
        let mut failed = |issuer: &LazyIssuer, error| {
            *retry_after = issuer.cores.retry_after();
            core_error(error)
        };
        let own = || Arc::clone(&self.core);
        if self.lazy.is_empty() {
            return Ok(own());
        }
        let iss = match request.unverified_issuer() {
            Ok(Some(iss)) => iss,
            Ok(None) => {
                return match self.lazy.iter().find(|it| it.introspects) {
                    Some(asked) => {
                        let core = asked.cores.value().await;
                        core.map_err(|error| failed(asked, error))
                    }
                    None => Ok(own()),
                };
            }
            // It is refused by every resource server.
            Err(_) => return Ok(own()),
        };
        let may_issue = |it: &&LazyIssuer| it.cores.source().may_issue(&iss);
        let (asked, verified): (Vec<_>, Vec<_>) = self
            .lazy
            .iter()
            .filter(may_issue)
            .partition(|it| it.introspects);
        let mut unknown = None;
        for issuer in verified {
            match issuer.cores.value().await {
                Ok(core) if core.trusts(&iss) => return Ok(core),
                Ok(_) => {}
                Err(error) => unknown = unknown.or(Some((issuer, error))),
            }
        }
        if self.core.trusts(&iss) {
            return Ok(own());
        }
        if let Some((issuer, error)) = unknown {
            return Err(failed(issuer, error));
        }
        for issuer in asked {
            let core = issuer.cores.value().await;
            let core = core.map_err(|error| failed(issuer, error))?;
            if core.trusts(&iss) {
                return Ok(core);
            }
        }
        Ok(own())
    }
}

/// The error for the answer. What is no error of the core is a mistake in the settings.
fn core_error(error: Error) -> CoreError {
    match error {
        Error::Core(error) => error,
        other => Misuse::InvalidArgument {
            argument: "settings",
            expected: "settings that fit the server metadata",
            found: other.to_string(),
        }
        .into(),
    }
}
