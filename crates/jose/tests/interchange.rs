//! Tokens exchanged with the npm package `jose`, for every algorithm and every pair of algorithms.
//! The package opens the tokens of this crate, and this crate opens those of the package.
//!
//! The stage `real-provider` of `cargo xtask test` installs the package and runs this test.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this test starts Node"
)]

use std::io::Write;
use std::process::{Command, Stdio};

use jose::jwe::{
    Accepted, ContentEncryption, DecryptionKey, Encrypted, EncryptionKey, KeyManagement,
};
use jose::jws::{ProtectedHeader, SigningInput, Unverified};
use jose::{KeyFamily, PrivateJwk, SignatureAlgorithm, SigningKey, VerifyingKey, base64url, jwe};
use serde_json::{Value, json};

const PAYLOAD: &str = "{\"iss\":\"https://id.example.com\",\"name\":\"Zoë\"}";

/// A token by this crate, its key, and a function that opens the response.
struct Exchange {
    name: String,
    request: Value,
    open: Open,
}

type Open = Box<dyn Fn(&str) -> Vec<u8>>;

#[test]
fn every_algorithm_is_exchanged_with_the_npm_package_jose() {
    let exchanges: Vec<Exchange> = signatures().into_iter().chain(encryptions()).collect();
    let requests: Vec<&Value> = exchanges.iter().map(|exchange| &exchange.request).collect();
    let answers = ask_node(&json!(requests));
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), exchanges.len());
    let has_ml_dsa = node_version() >= FIRST_WITH_ML_DSA;
    for (exchange, answer) in exchanges.iter().zip(answers) {
        let name = &exchange.name;
        if let Some(reason) = answer.get("unsupported") {
            // The oldest version of Node that the stage supports has all other algorithms.
            let expected = name.starts_with("ML-DSA") && !has_ml_dsa;
            assert!(expected, "{name}: {reason}");
            continue;
        }
        assert_eq!(answer["opened"], PAYLOAD, "{name}");
        let opened = (exchange.open)(answer["token"].as_str().unwrap());
        assert_eq!(String::from_utf8(opened).unwrap(), PAYLOAD, "{name}");
    }
}

/// The first version of Node whose Web Crypto API supports ML-DSA, as major and minor.
const FIRST_WITH_ML_DSA: [u32; 2] = [24, 7];

fn node_version() -> [u32; 2] {
    let output = Command::new("node").arg("--version").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    let mut numbers = version.trim_start_matches('v').split('.');
    [(); 2].map(|()| numbers.next().unwrap().parse().unwrap())
}

fn ask_node(requests: &Value) -> Value {
    let project = std::env::var_os("REAL_PROVIDER_PROJECT").unwrap();
    let mut node = Command::new("node")
        .arg("interchange.mjs")
        .current_dir(project)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = node.stdin.take().unwrap();
    input.write_all(requests.to_string().as_bytes()).unwrap();
    drop(input);
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn signatures() -> Vec<Exchange> {
    let rsa = PrivateJwk::generate(KeyFamily::Rsa).unwrap();
    SignatureAlgorithm::ALL
        .iter()
        .map(|alg| {
            let alg = *alg;
            let (signer, verifier, private, public) = if alg.is_symmetric() {
                let secret = [7; 64];
                let jwk = json!({ "kty": "oct", "k": base64url::encode(&secret) });
                let signer = SigningKey::hmac(&secret).unwrap();
                let verifier = VerifyingKey::hmac(&secret).unwrap();
                (signer, verifier, jwk.clone(), jwk)
            } else {
                let generated;
                let key = match alg.key_family() {
                    KeyFamily::Rsa => &rsa,
                    family => {
                        generated = PrivateJwk::generate(family).unwrap();
                        &generated
                    }
                };
                let public = key.public_jwk();
                let verifier = VerifyingKey::from_jwk(&public).unwrap();
                let private = serde_json::from_str(&key.to_json()).unwrap();
                let signer = key.signing_key().unwrap();
                (signer, verifier, private, Value::Object(public.to_json()))
            };
            let header = ProtectedHeader::new(alg).kid("interchange");
            let token = SigningInput::new(&header, PAYLOAD.as_bytes())
                .sign(&signer)
                .unwrap();
            Exchange {
                name: alg.to_string(),
                request: json!({
                    "alg": alg.as_str(), "private": private, "public": public,
                    "payload": PAYLOAD, "token": token
                }),
                open: Box::new(move |token| {
                    let token = Unverified::parse(token).unwrap();
                    token.verify(&verifier, alg).unwrap().payload().to_vec()
                }),
            }
        })
        .collect()
}

fn encryptions() -> Vec<Exchange> {
    let families = [
        KeyFamily::Rsa,
        KeyFamily::P256,
        KeyFamily::P384,
        KeyFamily::P521,
        KeyFamily::X25519,
    ];
    let keys = families.map(|family| PrivateJwk::generate(family).unwrap());
    let mut exchanges = Vec::new();
    for alg in KeyManagement::ALL {
        for enc in ContentEncryption::ALL {
            if alg.is_symmetric() {
                exchanges.push(symmetric_encryption(*alg, *enc));
                continue;
            }
            let wants_rsa = alg.as_str().starts_with("RSA");
            for key in keys.iter().filter(|key| {
                let is_rsa = key.public_jwk().kty() == "RSA";
                is_rsa == wants_rsa
            }) {
                let public = key.public_jwk();
                exchanges.push(encryption(
                    *alg,
                    *enc,
                    &EncryptionKey::from_jwk(&public).unwrap(),
                    key.decryption_key().unwrap(),
                    serde_json::from_str(&key.to_json()).unwrap(),
                    Value::Object(public.to_json()),
                ));
            }
        }
    }
    exchanges
}

fn symmetric_encryption(alg: KeyManagement, enc: ContentEncryption) -> Exchange {
    let length = match alg.as_str() {
        "dir" => enc.key_length(),
        name => name[1..4].parse::<usize>().unwrap() / 8,
    };
    let secret: Vec<u8> = (0..length)
        .map(|byte| u8::try_from(byte).unwrap())
        .collect();
    let jwk = json!({ "kty": "oct", "k": base64url::encode(&secret) });
    encryption(
        alg,
        enc,
        &EncryptionKey::symmetric(&secret).unwrap(),
        DecryptionKey::symmetric(&secret).unwrap(),
        jwk.clone(),
        jwk,
    )
}

fn encryption(
    alg: KeyManagement,
    enc: ContentEncryption,
    theirs: &EncryptionKey,
    ours: DecryptionKey,
    private: Value,
    public: Value,
) -> Exchange {
    let mut header = jwe::ProtectedHeader::new(alg, enc).kid("interchange");
    if alg.as_str().starts_with("ECDH-ES") {
        header = header.apu(b"Alice").apv(b"Bob");
    }
    let token = jwe::encrypt(&header, theirs, PAYLOAD.as_bytes()).unwrap();
    let curve = public["crv"].as_str().unwrap_or_default();
    Exchange {
        name: format!("{alg} {enc} {curve}"),
        request: json!({
            "alg": alg.as_str(), "enc": enc.as_str(), "private": private, "public": public,
            "payload": PAYLOAD, "token": token
        }),
        open: Box::new(move |token| {
            let accepted = Accepted {
                alg: &[alg],
                enc: &[enc],
            };
            Encrypted::parse(token, accepted)
                .unwrap()
                .decrypt(&ours)
                .unwrap()
        }),
    }
}
