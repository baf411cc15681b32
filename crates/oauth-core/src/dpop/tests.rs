//! Keys, proofs and nonces. Every operation that sends a proof does so through [`Call`].

mod key;
mod login;
mod nonce;
mod proof;
mod retry;
mod tokens;

use std::sync::LazyLock;

use http::Request;
use jose::jws::Unverified;
use jose::{SignatureAlgorithm, SigningKey, VerifyingKey};
use serde_json::Value;

use super::DPoPKey;
use crate::configuration::Configuration;
use crate::endpoint::RefreshTokenRequest;
use crate::flow::Call;
use crate::key::{KeyJob, KeyReference, KeyResult};
use crate::names::KeyName;
use crate::operation::{Action, Event};
use crate::outbound::Outbound;
use crate::testing;
use crate::testing::sent;
use crate::wire::Parameters;

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(SignatureAlgorithm::ES256).unwrap());

fn reference(algorithm: SignatureAlgorithm) -> KeyReference {
    KeyReference {
        name: KeyName::new("dpop"),
        algorithm,
        kid: None,
    }
}

/// Returns [`KEY`] as the core refers to it.
fn dpop_key() -> DPoPKey {
    let public = KEY.public_jwk().unwrap();
    DPoPKey::new(reference(SignatureAlgorithm::ES256), &public).unwrap()
}

fn configuration() -> Configuration {
    testing::configuration().with_dpop_key(dpop_key())
}

fn refresh(configuration: Configuration) -> Call<RefreshTokenRequest> {
    Call::new(RefreshTokenRequest {
        configuration,
        refresh_token: "rt".into(),
        parameters: Parameters::new(),
    })
}

/// Returns the event of a key in memory.
fn signed(key: &SigningKey, job: &KeyJob) -> Event {
    let KeyJob::Sign {
        algorithm, input, ..
    } = job
    else {
        panic!("not a signature");
    };
    Event::KeyUsed(KeyResult::Signature(key.sign(*algorithm, input).unwrap()))
}

#[track_caller]
fn use_key<T>(action: Action<T>) -> KeyJob {
    match action {
        Action::UseKey(job) => job,
        _ => panic!("no key is used"),
    }
}

/// Verifies the proof on a request, and returns its header and claims.
#[track_caller]
fn proof_of<B>(request: &Request<B>, key: &SigningKey) -> (Value, Value) {
    let mut proofs = request.headers().get_all("dpop").iter();
    let proof = proofs.next().unwrap();
    assert!(proofs.next().is_none());
    assert!(proof.is_sensitive());
    let proof = proof.to_str().unwrap();
    let unverified = Unverified::parse(proof).unwrap();
    let algorithm = unverified.header().alg();
    let public = VerifyingKey::from_jwk(&key.public_jwk().unwrap()).unwrap();
    let verified = unverified.verify(&public, algorithm).unwrap();
    let claims = serde_json::from_slice(verified.payload()).unwrap();
    let header = jose::base64url::decode(proof.split('.').next().unwrap()).unwrap();
    (serde_json::from_slice(&header).unwrap(), claims)
}
