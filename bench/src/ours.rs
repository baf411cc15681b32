//! The cases of `jose`.

use std::hint::black_box;

use jose::jwe::{Accepted, ContentEncryption, DecryptionKey, KeyManagement};
use jose::jws::{ProtectedHeader, SigningInput, Unverified};
use jose::{SigningKey, VerifyingKey, jwe};

use crate::algorithm::Algorithm;
use crate::claims::{AUDIENCE, ISSUER, NONCE, Proof, now};
use crate::fixture::Fixture;
use crate::jwe::{Encrypted, RSA};
use crate::suite::{Role, Suite};

/// Adds the verification of an ID Token: signature, algorithm, `iss`, `aud`, `exp` and `nonce`.
pub fn verify(suite: &mut Suite, fixture: &Fixture) {
    let algorithm = fixture.algorithm.for_jose();
    let key = match fixture.algorithm {
        Algorithm::HS256 => VerifyingKey::hmac(&fixture.private),
        _ => VerifyingKey::from_jwk(fixture.public()),
    }
    .expect("a valid key");
    let token = fixture.token.clone();
    let group = format!("verify {}", fixture.algorithm.name());
    suite.add(&group, Role::Ours, "jose", move || {
        let verified = Unverified::parse(black_box(&token))
            .and_then(|token| token.verify(&key, algorithm))
            .expect("a valid token");
        let claims = verified.claims().expect("a claims set");
        assert_eq!(claims.iss(), Some(ISSUER));
        assert!(claims.aud().is_some_and(|aud| aud.contains(AUDIENCE)));
        let expiry = claims.exp().expect("an expiry").seconds();
        assert!(expiry > i64::try_from(now()).expect("a date in this age"));
        assert_eq!(claims.get_string("nonce"), Ok(Some(NONCE)));
        black_box(&claims);
    });
}

/// Adds the creation of a DPoP proof. Its header is created once, and its claims are written each
/// time.
pub fn sign(suite: &mut Suite, fixture: &Fixture) {
    let key = SigningKey::from_pkcs8_der(&fixture.private).expect("a valid key");
    let header = ProtectedHeader::new(fixture.algorithm.for_jose())
        .typ("dpop+jwt")
        .jwk(fixture.public());
    let proof = Proof::new();
    let group = format!("sign {}", fixture.algorithm.name());
    suite.add(&group, Role::Ours, "jose", move || {
        let claims = serde_json::to_vec(black_box(&proof)).expect("claims are JSON");
        let token = SigningInput::new(&header, &claims).sign(&key);
        black_box(token.expect("the key signs"));
    });
}

/// Adds the decryption of an encrypted ID Token. One algorithm of each kind is accepted.
pub fn decrypt(suite: &mut Suite, encrypted: &Encrypted) {
    let accepted = match encrypted.group {
        RSA => Accepted {
            alg: &[KeyManagement::RsaOaep256],
            enc: &[ContentEncryption::A256GCM],
        },
        _ => Accepted {
            alg: &[KeyManagement::EcdhEs],
            enc: &[ContentEncryption::A128CbcHs256],
        },
    };
    let key = DecryptionKey::from_pkcs8_der(&encrypted.private).expect("a valid key");
    let token = encrypted.token.clone();
    let expected = encrypted.plaintext.clone().into_bytes();
    let decrypt = move |token: &str| {
        jwe::Encrypted::parse(token, accepted)
            .and_then(|token| token.decrypt(&key))
            .expect("a valid token")
    };
    assert_eq!(decrypt(&token), expected);
    suite.add(encrypted.group, Role::Ours, "jose", move || {
        assert_eq!(black_box(decrypt(black_box(&token))).len(), expected.len());
    });
}
