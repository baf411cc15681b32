//! DPoP proofs (RFC 9449 section 4.2).

use http::{HeaderName, HeaderValue};
use jose::{HashAlgorithm, base64url};
use serde_json::{Map, Value};

use super::DPoPKey;
use crate::cache::ServerRole;
use crate::entropy::random_token;
use crate::env::Env;
use crate::error::Error;
use crate::key::{KeyJob, KeyResult, PendingSignature};
use crate::policy::Policy;
use crate::secret::Secret;
use crate::wire::Draft;

/// The content of a proof of possession.
#[derive(Debug, Clone, Copy)]
pub struct ProofOfPossession<'a> {
    /// The key of the client.
    pub key: &'a DPoPKey,
    /// The kind of server that is asked. The nonces of the two kinds are separate.
    pub role: ServerRole,
    /// The access token of the request; its hash becomes part of the proof (`ath`).
    pub access_token: Option<&'a Secret>,
}

impl ProofOfPossession<'_> {
    /// Prepares a new proof for this request, with the server's last nonce; it still needs its
    /// signature.
    pub(crate) fn prepare(
        &self,
        policy: &Policy,
        env: &Env<'_>,
        draft: &Draft,
    ) -> Result<PendingProof, Error> {
        let origin = draft.url.origin().ascii_serialization();
        let nonce = env.cache.dpop_nonce(self.role, &origin);
        let mut target = draft.url.clone();
        target.set_query(None);
        target.set_fragment(None);
        let mut claims = Map::new();
        claims.insert("jti".to_owned(), random_token(env.entropy)?.into());
        claims.insert("htm".to_owned(), draft.method.as_str().into());
        claims.insert("htu".to_owned(), target.as_str().into());
        claims.insert("iat".to_owned(), policy.skewed(env.now).seconds().into());
        if let Some(access_token) = self.access_token {
            let hash = HashAlgorithm::Sha256.digest(access_token.expose().as_bytes());
            claims.insert("ath".to_owned(), base64url::encode(&hash).into());
        }
        if let Some(nonce) = &nonce {
            claims.insert("nonce".to_owned(), nonce.as_str().into());
        }
        let reference = self.key.reference();
        let header = [
            ("typ", "dpop+jwt".into()),
            ("jwk", Value::Object(self.key.public_jwk().to_json())),
        ];
        let modify = self.key.modification();
        Ok(PendingProof {
            signature: PendingSignature::new(reference, header, claims, modify)?,
            nonce,
        })
    }
}

/// A proof that waits for its signature.
#[derive(Debug)]
pub(crate) struct PendingProof {
    signature: PendingSignature,
    nonce: Option<String>,
}

impl PendingProof {
    /// The job for the private key.
    pub(crate) fn job(&self) -> KeyJob {
        self.signature.job()
    }

    /// Adds the signed proof to the request, and returns the nonce in it.
    pub(crate) fn complete(
        self,
        result: KeyResult,
        draft: &mut Draft,
    ) -> Result<Option<String>, Error> {
        let proof = self.signature.finish(result)?;
        #[expect(
            clippy::expect_used,
            reason = "a JWT is made of base64url and full stops"
        )]
        let mut proof = HeaderValue::try_from(proof).expect("a JWT fits into a header");
        proof.set_sensitive(true);
        draft.headers.insert(DPOP, proof);
        Ok(self.nonce)
    }
}

/// The header that contains a proof (section 4.1).
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");
