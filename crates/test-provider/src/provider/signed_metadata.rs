//! The metadata of the provider, signed by another party (RFC 8414 section 2.1).

use jose::SignatureAlgorithm;
use serde_json::{Value, json};

use super::signed_jwt::{Faults, signed};
use super::{Call, Provider};
use crate::keys;
use crate::members::Members;
use crate::misbehaviour::Misbehaviour as M;

impl Provider {
    /// The party that signs the metadata.
    pub const METADATA_SIGNER: &str = "https://federation.example.com";

    /// Adds `signed_metadata` to the metadata document, signed with Ed25519 by
    /// [`METADATA_SIGNER`](Self::METADATA_SIGNER).
    pub fn sign_metadata(&self) {
        self.shared().state.signs_metadata = true;
    }

    /// Returns the keys of the party that signs the metadata, as a JWK Set.
    pub fn metadata_signer_jwks() -> String {
        let key = keys::public_jwk(ALGORITHM, GENERATION);
        format!(r#"{{"keys":[{key}]}}"#)
    }
}

/// Adds the signed metadata to the document.
pub(super) fn add(call: &Call<'_>, document: &mut Members) {
    let mut claims = Members::new([("iss", json!(Provider::METADATA_SIGNER))]);
    for name in SIGNED {
        if let Some(value) = document.get(name) {
            let value = value.clone();
            claims.set(name, value);
        }
    }
    for misbehaviour in call.misbehaviours {
        match misbehaviour {
            M::DiscoverySignedMetadataSignerMismatch => append(&mut claims, "iss"),
            M::DiscoverySignedMetadataIssuerMismatch => append(&mut claims, "issuer"),
            M::DiscoverySignedMetadataExpired => claims.set("exp", json!(call.now - 360)),
            M::DiscoverySignedMetadataNested => claims.set("signed_metadata", json!("a.b.c")),
            M::DiscoverySignedMetadataDiffer => append(document, "token_endpoint"),
            _ => {}
        }
    }
    let faults = Faults {
        broken_signature: call.misbehaves(M::DiscoverySignedMetadataSignatureBroken),
        no_algorithm: call.misbehaves(M::DiscoverySignedMetadataAlgorithmNone),
    };
    if !call.misbehaves(M::DiscoverySignedMetadataMissing) {
        let jwt = signed(ALGORITHM, GENERATION, "JWT", &claims, faults);
        document.set("signed_metadata", json!(jwt));
    }
}

fn append(members: &mut Members, name: &str) {
    let text = members.get(name).and_then(Value::as_str);
    let changed = format!("{}1", text.unwrap_or_default());
    members.set(name, json!(changed));
}

const SIGNED: [&str; 5] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
];

/// Its signatures are deterministic.
const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::Ed25519;
const GENERATION: u64 = 1;
