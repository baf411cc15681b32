//! Signed and encrypted tokens.

use jose::jwe::{Accepted, ContentEncryption, DecryptionKey, Encrypted, KeyManagement};
use jose::jws::Unverified;
use jose::{SignatureAlgorithm, SigningKey, VerifyingKey, base64url};

use super::{Add, CLAIMS, HEADER, Kept, keep, list, text};

const SECRET: [u8; 32] = [7; 32];

pub(super) fn add(add: Add<'_>) {
    for (name, open, piece, close) in [
        (
            "header: members",
            r#"{"alg":"HS256","#,
            r##""#":{"":0}"##,
            "}",
        ),
        (
            "header: certificates",
            r#"{"alg":"HS256","x5c":["#,
            r#""AAAA""#,
            "]}",
        ),
        (
            "header: critical",
            r#"{"alg":"HS256","crit":["#,
            r#""a""#,
            "]}",
        ),
        (
            "header: a key",
            r#"{"alg":"HS256","jwk":{"#,
            r##""#":{"":0}"##,
            "}}",
        ),
    ] {
        let make = move |length| token(&[&list(open, piece, close, length / 4 * 3), b"{}", b""]);
        add(name, HEADER, Box::new(make), read_header);
    }
    for (name, piece) in [("compact: full stops", "."), ("compact: one segment", "A")] {
        add(
            name,
            CLAIMS,
            Box::new(move |length| piece.repeat(length).into_bytes()),
            read_header,
        );
    }
    let payload = |length: usize| token(&[br#"{"alg":"HS256"}"#, &vec![0; length / 2], b""]);
    add(
        "compact: a long payload",
        CLAIMS,
        Box::new(payload),
        read_header,
    );
    for (name, open, piece, close) in [
        ("claims: members", "{", r##""#":{"":0}"##, "}"),
        (
            "claims: allowed members",
            "{",
            r##""member #, long":{"":0}"##,
            "}",
        ),
        ("claims: audiences", r#"{"aud":["#, r#""a""#, "]}"),
        (
            "claims: long audiences",
            r#"{"aud":["#,
            r##""audience #, which is long: abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz""##,
            "]}",
        ),
        (
            "claims: repeats",
            "{",
            r#""a":"0123456789012345678901234567890""#,
            "}",
        ),
        (
            "claims: repeated objects",
            "{",
            r##""#":{"a":0,"a":0}"##,
            "}",
        ),
    ] {
        let make = signed(move |length| list(open, piece, close, length));
        add(name, CLAIMS, Box::new(make), read_claims);
    }
    let dir = br#"{"alg":"dir","enc":"A256GCM"}"#;
    let jwe =
        |length: usize| token(&[dir, b"", &[0; 12], &vec![0; length / 4 * 3 - 100], &[0; 16]]);
    add("JWE: a long ciphertext", CLAIMS, Box::new(jwe), read_jwe);
    let jwe =
        |length: usize| token(&[dir, &vec![0; length / 4 * 3 - 100], &[0; 12], b"", &[0; 16]]);
    add("JWE: a long key", CLAIMS, Box::new(jwe), read_jwe);
    for (name, open, piece, close) in [
        (
            "JWE: header",
            r#"{"alg":"dir","enc":"A256GCM","#,
            r##""#":{"":0}"##,
            "}",
        ),
        (
            "JWE: ephemeral key",
            r#"{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"OKP","crv":"X25519","x":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk","#,
            r##""#":{"":0}"##,
            "}}",
        ),
    ] {
        let make = move |length| {
            token(&[
                &list(open, piece, close, length / 4 * 3),
                b"",
                &[0; 12],
                b"",
                &[0; 16],
            ])
        };
        add(name, HEADER, Box::new(make), read_jwe);
    }
}

fn read_header(bytes: &[u8]) -> Box<dyn Kept> {
    let token = Unverified::parse(text(bytes));
    keep(token.map(|token| token.header().clone()))
}

fn read_claims(bytes: &[u8]) -> Box<dyn Kept> {
    let token = Unverified::parse(text(bytes)).unwrap();
    let key = VerifyingKey::hmac(&SECRET).unwrap();
    let verified = token.verify(&key, SignatureAlgorithm::HS256).unwrap();
    drop(verified.claims_with_repeats());
    keep(verified.claims().map(jose::jwt::Claims::into_owned))
}

fn read_jwe(bytes: &[u8]) -> Box<dyn Kept> {
    let accepted = Accepted {
        alg: KeyManagement::ALL,
        enc: ContentEncryption::ALL,
    };
    let key = DecryptionKey::symmetric(&SECRET).unwrap();
    keep(Encrypted::parse(text(bytes), accepted).and_then(|token| token.decrypt(&key)))
}

/// Returns a signed token of the given length with these claims.
fn signed(claims: impl Fn(usize) -> Vec<u8>) -> impl Fn(usize) -> Vec<u8> {
    move |length| {
        let input = token(&[br#"{"alg":"HS256"}"#, &claims(length / 4 * 3 - 100)]);
        let key = SigningKey::hmac(&SECRET).unwrap();
        let signature = key.sign(SignatureAlgorithm::HS256, &input).unwrap();
        let signature = format!(".{}", base64url::encode(&signature));
        [input, signature.into_bytes()].concat()
    }
}

fn token(segments: &[&[u8]]) -> Vec<u8> {
    let segments: Vec<_> = segments
        .iter()
        .map(|part| base64url::encode(part))
        .collect();
    segments.join(".").into_bytes()
}
