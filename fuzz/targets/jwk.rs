//! Writing a key and reading it again gives the same key.

#![no_main]

use jose::{Jwk, PrivateJwk, SigningKey, VerifyingKey};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(jwk) = Jwk::parse(data) {
        let written = serde_json::to_vec(&jwk.to_json()).expect("JSON");
        let again = Jwk::parse(&written).expect("a key that was written");
        assert_eq!(jwk.thumbprint(), again.thumbprint());
        let _ = VerifyingKey::from_jwk(&jwk);
    }
    if let Ok(key) = SigningKey::from_jwk(data) {
        let algorithm = key.algorithm_default();
        let _ = key.sign(algorithm, b"message");
    }
    if let Ok(key) = PrivateJwk::parse(data) {
        let again = PrivateJwk::parse(key.to_json().as_bytes()).expect("a key that was written");
        assert_eq!(*key.to_json(), *again.to_json());
    }
});
