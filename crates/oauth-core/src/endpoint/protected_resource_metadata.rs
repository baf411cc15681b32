//! The metadata of a protected resource (RFC 9728 section 3).

use bytes::Bytes;
use http::{Response, StatusCode};
use url::Url;

use crate::endpoint::{Endpoint, Sender};
use crate::error::{Artefact, Error, Reason, printable, printable_url};
use crate::metadata::{ProtectedResourceMetadata, ResourceIdentifier, endpoint_url};
use crate::names::EndpointName;
use crate::outbound::ResponseBody;
use crate::policy::Policy;
use crate::time::UnixTime;
use crate::validate::MetadataSigner;
use crate::wire::{Draft, json_object, status_refusal};

/// Where the metadata of a resource are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceMetadataLocation<'l> {
    /// At the URL in the `resource_metadata` of a challenge (RFC 9728 section 5.1).
    Challenge(&'l str),
    /// Between host and path of the resource (RFC 9728 section 3.1).
    WellKnown,
    /// At the root of the resource's host. The Model Context Protocol looks there last. A document
    /// there that is about the whole host needs
    /// [`accept_parent_resource`](crate::policy::Danger::accept_parent_resource).
    Root,
}

/// The endpoint at which a protected resource publishes its metadata.
///
/// The response has at most 64 KiB. A stranger may choose the URL, so a driver that can reach
/// private networks needs a policy about destinations.
#[derive(Debug, Clone)]
pub struct ProtectedResourceMetadataEndpoint {
    resource: ResourceIdentifier,
    url: Url,
    signer: Option<MetadataSigner>,
    policy: Policy,
}

impl ProtectedResourceMetadataEndpoint {
    /// Creates the request for the metadata of `resource`, on the terms of `policy`. `resource` is
    /// the identifier that the application knows, or the URL that it requests.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] if the URL in a challenge is not an https URL, or has a user name.
    pub fn new(
        resource: ResourceIdentifier,
        location: ResourceMetadataLocation<'_>,
        policy: Policy,
    ) -> Result<Self, Error> {
        let url = match location {
            ResourceMetadataLocation::Challenge(url) => {
                endpoint_url("resource_metadata", url, &policy)?
            }
            ResourceMetadataLocation::WellKnown => resource.metadata_url(),
            ResourceMetadataLocation::Root => match resource.host() {
                Some(host) => host.metadata_url(),
                None => resource.metadata_url(),
            },
        };
        Ok(Self {
            resource,
            url,
            signer: None,
            policy,
        })
    }

    /// Requires metadata that this party has signed (section 2.2). The signed values replace the
    /// plain ones.
    #[must_use]
    pub fn signer(mut self, signer: MetadataSigner) -> Self {
        self.signer = Some(signer);
        self
    }

    fn read(
        &self,
        now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<ProtectedResourceMetadata, Error> {
        if response.status() != StatusCode::OK {
            return Err(status_refusal(ARTEFACT, 200, response));
        }
        let object = json_object(ARTEFACT, response)?;
        let rejected = |reason| Error::from(ARTEFACT.rejected(reason));
        let metadata = ProtectedResourceMetadata::read(&object).map_err(rejected)?;
        self.check_resource(&metadata.resource).map_err(rejected)?;
        let metadata = match &self.signer {
            Some(signer) => signer.verify_resource(&metadata, &self.policy, now)?,
            None => metadata,
        };
        metadata.check(&self.policy).map_err(rejected)?;
        Ok(metadata)
    }

    /// Section 3.3: `resource` is the URL that was requested. Otherwise one resource could pass for
    /// another (section 7.3). The document at the root of the host is no exception: a resource
    /// decides by its challenge and its status 404 whether it is read, and would get a token for
    /// the whole host.
    fn check_resource(&self, found: &str) -> Result<(), Reason> {
        let mismatch = || Reason::AttributeMismatch {
            member: "resource",
            expected: Some(printable_url(self.resource.as_str())),
            found: Some(printable(found)),
        };
        let other = ResourceIdentifier::new(found, &self.policy).map_err(|_| mismatch())?;
        let is_parent = || other.contains(self.resource.url());
        let is_expected =
            other == self.resource || (self.policy.danger.accept_parent_resource && is_parent());
        is_expected.then_some(()).ok_or_else(mismatch)
    }
}

impl Endpoint for ProtectedResourceMetadataEndpoint {
    type Output = ProtectedResourceMetadata;

    const NAME: EndpointName = EndpointName::ProtectedResourceMetadata;

    fn sender(&self) -> Sender<'_> {
        Sender::Unauthenticated(&self.policy)
    }

    fn response_body(&self) -> ResponseBody {
        ResponseBody::Buffered {
            cap: self.policy.body_cap().min(CAP),
        }
    }

    fn request(&self) -> Result<Draft, Error> {
        Ok(Draft::get(self.url.clone(), "application/json"))
    }

    /// Reads the document: `resource` is the expected one, and at least one and at most 16
    /// `authorization_servers` are https issuers.
    fn response(
        &self,
        now: UnixTime,
        response: &Response<Bytes>,
    ) -> Result<ProtectedResourceMetadata, Error> {
        self.read(now, response)
            .map_err(|error| error.asked_at(printable_url(self.url.as_str())))
    }
}

const ARTEFACT: Artefact = Artefact::ProtectedResourceMetadata;

/// The largest number of bytes of a response.
const CAP: usize = 64 * 1024;

#[cfg(test)]
mod tests;
