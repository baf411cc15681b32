//! The floor: bare hyper sends the bytes of `openid-client`, and a bare signature is made or
//! verified if the operation needs one.

use std::hint::black_box;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, ParsedPublicKey,
};
use jose::{Jwk, JwkSet, base64url};
use ring::hmac;

use crate::operation::{CLIENT_SECRET, Operation};
use crate::ours::Ours;
use crate::wire;
use crate::wire::{Hyper, Recorded};

/// A recorded request that is sent repeatedly.
pub struct Floor {
    client: Hyper,
    request: Recorded,
    /// The length of the response, in bytes.
    answer: usize,
    signature: Signature,
}

/// The use of a key, with decoded bytes and a parsed key, by the fastest library for it.
enum Signature {
    None,
    Hs256(hmac::Key, Signed),
    Es256(ParsedPublicKey, Signed),
    Proof(EcdsaKeyPair, SystemRandom, Vec<u8>),
}

/// The bytes that are signed, and the signature.
pub(crate) struct Signed(pub(crate) Vec<u8>, pub(crate) Vec<u8>);

impl Floor {
    /// Runs the operation once with `openid-client`, and records its request.
    pub async fn new(operation: Operation, provider: &str) -> Arc<Self> {
        let client = wire::hyper();
        let ours = Ours::new(operation, provider).await;
        // The first run fetches the keys.
        Arc::clone(&ours).run().await;
        wire::fetch(&client, &format!("{provider}/record")).await;
        ours.run().await;
        let recorded = recorded(&client, provider).await;

        wire::fetch(&client, &format!("{provider}/record")).await;
        let answer = wire::exchange(&client, recorded.request()).await;
        assert_eq!(self::recorded(&client, provider).await, recorded);
        let signature = Signature::due(operation, &client, &recorded, &answer, provider).await;
        Arc::new(Self {
            client,
            request: recorded,
            answer: answer.len(),
            signature,
        })
    }

    /// Sends the request once.
    pub async fn run(self: Arc<Self>) {
        if let Signature::Proof(key, random, input) = &self.signature {
            black_box(key.sign(random, input).expect("the key signs"));
        }
        let answer = wire::exchange(&self.client, self.request.request()).await;
        assert_eq!(answer.len(), self.answer);
        match &self.signature {
            Signature::Hs256(key, Signed(input, signature)) => {
                hmac::verify(key, input, signature).expect("a valid signature");
            }
            Signature::Es256(key, Signed(input, signature)) => {
                let verified = key.verify_sig(input, signature);
                verified.expect("a valid signature");
            }
            Signature::None | Signature::Proof(..) => {}
        }
    }
}

async fn recorded(client: &Hyper, provider: &str) -> Recorded {
    let bytes = wire::fetch(client, &format!("{provider}/recorded")).await;
    Recorded::parse(&bytes, provider)
}

impl Signature {
    async fn due(
        operation: Operation,
        client: &Hyper,
        request: &Recorded,
        answer: &[u8],
        provider: &str,
    ) -> Self {
        match operation {
            Operation::ClientCredentials
            | Operation::UserInfo
            | Operation::Refresh
            | Operation::Api => Self::None,
            Operation::CodeHs256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, CLIENT_SECRET.as_bytes());
                Self::Hs256(key, Signed::of_answer(answer))
            }
            Operation::CodeEs256 => {
                let url = format!("{}/jwks", operation.issuer(provider));
                let set = JwkSet::parse(&wire::fetch(client, &url).await).expect("a key set");
                Self::Es256(parsed(set.keys()[0].jwk()), Signed::of_answer(answer))
            }
            Operation::Dpop => {
                let proof = request.headers["dpop"].to_str().expect("a proof");
                let Signed(input, _) = Signed::of_jwt(proof);
                let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
                Self::Proof(key.expect("randomness"), SystemRandom::new(), input)
            }
        }
    }
}

/// Returns a key that is ready to verify ES256.
pub(crate) fn parsed(jwk: &Jwk) -> ParsedPublicKey {
    let (x, y) = (jwk.x().expect("a point"), jwk.y().expect("a point"));
    let point = [&[4], x, y].concat();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).expect("a valid key")
}

impl Signed {
    fn of_answer(answer: &[u8]) -> Self {
        let answer: serde_json::Value = serde_json::from_slice(answer).expect("JSON");
        Self::of_jwt(answer["id_token"].as_str().expect("an ID Token"))
    }

    pub(crate) fn of_jwt(jwt: &str) -> Self {
        let (input, signature) = jwt.rsplit_once('.').expect("a compact JWT");
        let signature = base64url::decode(signature).expect("base64url");
        Self(input.as_bytes().to_vec(), signature)
    }
}
