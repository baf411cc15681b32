//! The first step: from a challenge, or from the URL alone, to the metadata of the resource.

use crate::endpoint::{ProtectedResourceMetadataEndpoint, ResourceMetadataLocation};
use crate::env::Env;
use crate::error::Error;
use crate::flow::protected_resource::first_found::FirstFound;
use crate::metadata::{ProtectedResourceMetadata, ResourceIdentifier};
use crate::operation::{Action, Event, Operation};
use crate::policy::Policy;
use crate::validate::{MetadataSigner, ResourceChallenge};

/// Fetches the metadata of a protected resource and checks that they belong to it (RFC 9728 section
/// 3).
///
/// They are at the `resource_metadata` of the challenge, and only there if it names one. Otherwise
/// they are between host and path of the resource, or else at the root of its host (Model Context
/// Protocol 2026-07-28, authorization server discovery). Wherever they are, their `resource` is the
/// one that was asked for. Sends at most two requests.
///
/// # Errors
///
/// [`Error::Rejected`] for the metadata: for another `resource`, for `authorization_servers` that
/// are absent, too many or no https issuers, and for a status other than 200. A redirect is not
/// followed. [`Error::Unanswered`].
#[derive(Debug)]
pub struct FetchProtectedResourceMetadata(FirstFound<ProtectedResourceMetadataEndpoint>);

impl FetchProtectedResourceMetadata {
    /// Creates the operation for the resource at this URL, on the terms of `policy`. `signer`, if
    /// there is one, must have signed the metadata (RFC 9728 section 2.2).
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if the URL in the challenge is not an https URL.
    pub fn new(
        resource: &ResourceIdentifier,
        challenge: &ResourceChallenge,
        signer: Option<&MetadataSigner>,
        policy: &Policy,
    ) -> Result<Self, Error> {
        let at = |location| {
            let (resource, policy) = (resource.clone(), policy.clone());
            let endpoint = ProtectedResourceMetadataEndpoint::new(resource, location, policy)?;
            Ok::<_, Error>(match signer {
                Some(signer) => endpoint.signer(signer.clone()),
                None => endpoint,
            })
        };
        if let Some(url) = challenge.resource_metadata() {
            let named = at(ResourceMetadataLocation::Challenge(url))?;
            return Ok(Self(FirstFound::new(named, None)));
        }
        let root = match resource.host() {
            Some(_) => Some(at(ResourceMetadataLocation::Root)?),
            None => None,
        };
        let inserted = at(ResourceMetadataLocation::WellKnown)?;
        Ok(Self(FirstFound::new(inserted, root)))
    }
}

impl Operation for FetchProtectedResourceMetadata {
    type Output = ProtectedResourceMetadata;

    fn step(
        &mut self,
        env: &mut Env<'_>,
        event: Event,
    ) -> Result<Action<ProtectedResourceMetadata>, Error> {
        self.0.step(env, event)
    }
}

#[cfg(test)]
mod tests;
