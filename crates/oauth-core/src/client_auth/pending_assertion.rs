//! A JWT of the client that waits for its signature.

use http::{HeaderName, HeaderValue};

use crate::client_auth::{client_assertion, form_of};
use crate::error::{Error, KeyFault};
use crate::key::{KeyJob, KeyResult, PendingSignature};
use crate::wire::Draft;

/// A client assertion, or the proof for a client attestation, that waits for its signature.
#[derive(Debug)]
pub(crate) struct PendingAssertion {
    place: Place,
    signature: PendingSignature,
}

/// Where the signed JWT goes.
#[derive(Debug)]
enum Place {
    /// Into the form, for the client with this identifier.
    Form(String),
    /// Into a header, after this attestation in another one.
    Headers(HeaderValue),
}

impl PendingAssertion {
    /// The job for the private key.
    pub(crate) fn job(&self) -> KeyJob {
        self.signature.job()
    }

    /// The assertion of the client with this identifier, which is sent in the form.
    pub(super) const fn in_the_form(signature: PendingSignature, client_id: String) -> Self {
        Self {
            place: Place::Form(client_id),
            signature,
        }
    }

    /// The proof for this attestation, which is sent in headers.
    pub(super) const fn in_headers(signature: PendingSignature, attestation: HeaderValue) -> Self {
        Self {
            place: Place::Headers(attestation),
            signature,
        }
    }

    /// Adds the signed assertion to the request.
    pub(super) fn add_to(self, result: KeyResult, draft: &mut Draft) -> Result<(), Error> {
        let (key, jwt) = (self.signature.key().clone(), self.signature.finish(result)?);
        match self.place {
            Place::Form(client_id) => client_assertion::add(client_id, jwt, form_of(draft)?),
            Place::Headers(attestation) => {
                let proof = HeaderValue::try_from(jwt);
                let mut proof = proof.map_err(|_| KeyFault { key, source: None })?;
                proof.set_sensitive(true);
                draft.headers.insert(ATTESTATION, attestation);
                draft.headers.insert(PROOF, proof);
            }
        }
        Ok(())
    }
}

/// The header with the attestation (draft-ietf-oauth-attestation-based-client-auth section 4).
const ATTESTATION: HeaderName = HeaderName::from_static("oauth-client-attestation");

/// The header with the proof (draft-ietf-oauth-attestation-based-client-auth section 5.1).
const PROOF: HeaderName = HeaderName::from_static("oauth-client-attestation-pop");
