//! A registered claim has the right type, or the whole set of claims is rejected. A token that
//! passes a validation satisfies its settings.

#![no_main]

use std::sync::LazyLock;

use jose::json;
use jose::json::Limits;
use jose::jws::{ProtectedHeader, SigningInput};
use jose::jwt::{Claims, NumericDate, Validation};
use jose::{SignatureAlgorithm, SigningKey, VerifyingKey};

const SECRET: [u8; 32] = [7; 32];
const NOW: i64 = 1_300_819_380;

static SIGNING: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::hmac(&SECRET).expect("a long enough secret"));

static VERIFYING: LazyLock<VerifyingKey> =
    LazyLock::new(|| VerifyingKey::hmac(&SECRET).expect("a long enough secret"));

static HEADER: LazyLock<ProtectedHeader> =
    LazyLock::new(|| ProtectedHeader::new(SignatureAlgorithm::HS256));

/// The names are short, so that the fuzzer finds them.
static VALIDATION: LazyLock<Validation> = LazyLock::new(|| {
    Validation::new("a", "b", &[SignatureAlgorithm::HS256])
        .expect("valid settings")
        .require("sub")
});

fn validate(data: &[u8]) {
    let token = SigningInput::new(&HEADER, data)
        .sign(&SIGNING)
        .expect("a signature");
    let now = NumericDate::from_seconds(NOW);
    let Ok(token) = VALIDATION.verify(&token, &VERIFYING, now) else {
        return;
    };
    let claims = token.claims();
    assert_eq!(claims.iss(), Some("a"));
    assert!(claims.aud().is_some_and(|aud| aud.contains("b")));
    assert!(claims.exp().is_some_and(|exp| exp.seconds() > NOW));
    assert!(claims.nbf().is_none_or(|nbf| nbf.seconds() <= NOW));
    assert!(claims.iat().is_none_or(|iat| iat.seconds() <= NOW));
    assert!(claims.sub().is_some());
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    validate(data);
    let Ok(object) = json::parse_object(data, Limits::CLAIMS) else {
        return;
    };
    let Ok(claims) = Claims::from_object(object) else {
        return;
    };
    assert_eq!(claims.iss().is_some(), claims.get("iss").is_some());
    assert_eq!(claims.sub().is_some(), claims.get("sub").is_some());
    assert_eq!(claims.aud().is_some(), claims.get("aud").is_some());
    assert_eq!(claims.jti().is_some(), claims.get("jti").is_some());
    for (claim, date) in [
        ("exp", claims.exp()),
        ("nbf", claims.nbf()),
        ("iat", claims.iat()),
        ("auth_time", claims.auth_time()),
    ] {
        assert_eq!(date.is_some(), claims.get(claim).is_some());
        // Adding any clock tolerance to such a date cannot overflow.
        assert!(date.is_none_or(|date| date.seconds().unsigned_abs() <= 1 << 53));
    }
    if let Some(aud) = claims.aud() {
        assert!(aud.iter().all(|audience| aud.contains(audience)));
    }
});
