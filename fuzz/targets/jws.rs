//! Verification accepts a token if and only if the key signed it.
//!
//! The input is first verified as it is, with a key that has signed nothing. Then the target signs
//! the header and payload from the input, so that code after the signature check runs as well.

#![no_main]

use std::sync::LazyLock;

use jose::jws::Unverified;
use jose::{SignatureAlgorithm, SigningKey, VerifyingKey, base64url};

static SECRET: [u8; 64] = [7; 64];

static SIGNING: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::hmac(&SECRET).expect("a long enough secret"));

static VERIFYING: LazyLock<VerifyingKey> =
    LazyLock::new(|| VerifyingKey::hmac(&SECRET).expect("a long enough secret"));

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(token) = std::str::from_utf8(data)
        && let Ok(unverified) = Unverified::parse(token)
    {
        let algorithm = unverified.header().alg();
        assert!(unverified.verify(&VERIFYING, algorithm).is_err());
    }

    let cut = data
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(data.len());
    let (header, payload) = data.split_at(cut);
    let input = format!(
        "{}.{}",
        base64url::encode(header),
        base64url::encode(payload)
    );
    for algorithm in [SignatureAlgorithm::HS256, SignatureAlgorithm::HS512] {
        let signature = SIGNING
            .sign(algorithm, input.as_bytes())
            .expect("a signature");
        let token = format!("{input}.{}", base64url::encode(&signature));
        let Ok(unverified) = Unverified::parse(&token) else {
            return;
        };
        let named = unverified.header().alg();
        match unverified.verify(&VERIFYING, algorithm) {
            Ok(verified) => {
                assert_eq!(named, algorithm);
                assert_eq!(verified.payload(), payload);
                let _ = verified.claims();
            }
            Err(_) => assert_ne!(named, algorithm),
        }
    }
});
