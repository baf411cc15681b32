//! Key sets: parsing, preparing the keys for verification, and searching.
//!
//! Half of the keys are RSA, two in five are P-256, one in ten is Ed25519.

use std::hint::black_box;

use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use jose::jws::Unverified;
use jose::{Error, JwkSet, SigningKey, base64url};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;

use crate::fixture::{ec_key, ed25519_key, rsa_key};
use crate::suite::{Role, Suite};

/// A key set as it is published.
pub struct KeySet {
    pub keys: usize,
    /// The JSON text.
    pub document: Vec<u8>,
    /// The `kid` of its last RSA key.
    pub kid: String,
}

impl KeySet {
    /// The numbers of keys that are measured.
    pub const SIZES: [usize; 2] = [20, 200];

    /// Returns a set of each size.
    pub fn all() -> Vec<Self> {
        // Generating a hundred RSA keys takes long. So every set uses the same ten keys of each
        // type, with different `kid`s.
        let keys: Vec<[SigningKey; 3]> = (0..10)
            .map(|_| {
                [
                    rsa_key(),
                    ec_key(&ECDSA_P256_SHA256_FIXED_SIGNING),
                    ed25519_key(),
                ]
                .map(|key| SigningKey::from_pkcs8_der(&key).expect("a key"))
            })
            .collect();
        Self::SIZES.map(|size| Self::new(size, &keys)).into()
    }

    fn new(size: usize, keys: &[[SigningKey; 3]]) -> Self {
        let mut entries = Vec::new();
        let mut last_rsa_kid = String::new();
        for index in 0..size {
            let [rsa, ec, ed] = &keys[index / 2 % keys.len()];
            let kid = format!("signing-key-2026-{index:03}");
            let (key, alg) = match index % 10 {
                0 | 2 | 4 | 6 | 8 => (rsa, "RS256"),
                9 => (ed, "EdDSA"),
                _ => (ec, "ES256"),
            };
            if alg == "RS256" {
                last_rsa_kid.clone_from(&kid);
            }
            let mut entry = key
                .public_jwk()
                .expect("asymmetric")
                .with_kid(kid)
                .to_json();
            entry.insert("use".to_owned(), "sig".into());
            entry.insert("alg".to_owned(), alg.into());
            entries.push(entry);
        }
        Self {
            keys: size,
            document: serde_json::json!({ "keys": entries })
                .to_string()
                .into_bytes(),
            kid: last_rsa_kid,
        }
    }

    /// Returns the name of the group that parses a set of this size.
    pub fn parse_group(&self) -> String {
        format!("{} keys: parse", self.keys)
    }

    /// Returns the name of the group that also prepares every key for verification.
    pub fn ready_group(&self) -> String {
        format!("{} keys: parse, ready to verify", self.keys)
    }

    /// Returns the name of the group that finds the key of a token.
    pub fn select_group(&self) -> String {
        format!("{} keys: select", self.keys)
    }
}

/// The members that a hand-written reader would use, borrowed from the text.
#[derive(Deserialize)]
struct BorrowedSet<'a> {
    #[serde(borrow)]
    keys: Vec<BorrowedKey<'a>>,
}

#[derive(Deserialize)]
struct BorrowedKey<'a> {
    kid: &'a str,
    alg: &'a str,
    n: Option<&'a str>,
    e: Option<&'a str>,
    x: Option<&'a str>,
    y: Option<&'a str>,
}

/// A key with its decoded bytes.
struct DecodedKey<'a> {
    kid: &'a str,
    alg: &'a str,
    first: Vec<u8>,
    second: Vec<u8>,
}

fn decode_set(document: &[u8]) -> Vec<DecodedKey<'_>> {
    let set: BorrowedSet<'_> = serde_json::from_slice(document).expect("a key set");
    let decode =
        |text: Option<&str>| base64url::decode(text.unwrap_or_default()).expect("base64url");
    set.keys
        .into_iter()
        .map(|key| DecodedKey {
            kid: key.kid,
            alg: key.alg,
            first: decode(key.n.or(key.x)),
            second: decode(key.e.or(key.y)),
        })
        .collect()
}

/// Adds parsing and searching without any checks.
pub fn floor(suite: &mut Suite, set: &KeySet) {
    use aws_lc_rs::signature as library;

    let document = set.document.clone();
    suite.add(
        &set.parse_group(),
        Role::Floor,
        "borrowed serde",
        move || {
            black_box(decode_set(black_box(&document)));
        },
    );

    let document = set.document.clone();
    let group = set.ready_group();
    suite.add(
        &group,
        Role::Floor,
        "borrowed serde, aws-lc-rs",
        move || {
            let keys: Vec<library::ParsedPublicKey> = decode_set(black_box(&document))
                .into_iter()
                .map(|key| {
                    match key.alg {
                        "RS256" => library::RsaPublicKeyComponents {
                            n: key.first,
                            e: key.second,
                        }
                        .to_parsed_public_key(&library::RSA_PKCS1_2048_8192_SHA256),
                        "ES256" => library::ParsedPublicKey::new(
                            &library::ECDSA_P256_SHA256_FIXED,
                            [&[4], key.first.as_slice(), &key.second].concat(),
                        ),
                        _ => library::ParsedPublicKey::new(&library::ED25519, key.first),
                    }
                    .expect("a valid key")
                })
                .collect();
            // As in the case of `jose`.
            for key in &keys {
                assert!(key.verify_sig(b"", b"").is_err());
            }
            black_box(keys);
        },
    );

    let document: &'static [u8] = set.document.clone().leak();
    let keys = decode_set(document);
    let kid = set.kid.clone();
    suite.add(
        &set.select_group(),
        Role::Floor,
        "search by kid",
        move || {
            let key = keys.iter().find(|key| key.kid == black_box(&kid));
            black_box(key.expect("a key of the set"));
        },
    );
}

/// Adds the cases of `jose`.
pub fn ours(suite: &mut Suite, set: &KeySet) {
    let document = set.document.clone();
    let size = set.keys;
    suite.add(&set.parse_group(), Role::Ours, "jose", move || {
        let keys = JwkSet::parse(black_box(&document)).expect("a key set");
        assert_eq!(keys.keys().len(), size);
        black_box(keys);
    });

    let document = set.document.clone();
    suite.add(&set.ready_group(), Role::Ours, "jose", move || {
        let keys = JwkSet::parse(black_box(&document)).expect("a key set");
        for key in keys.keys() {
            let algorithm = key.jwk().alg().expect("alg").parse().expect("known");
            // `jose` may parse a key when it is first used. An empty signature is refused directly
            // after that.
            let refusal = key.verifying_key().verify(algorithm, b"", b"");
            assert_eq!(refusal, Err(Error::Signature));
        }
        black_box(keys);
    });

    let keys = JwkSet::parse(&set.document).expect("a key set");
    let header = format!(r#"{{"alg":"RS256","kid":"{}"}}"#, set.kid);
    let token = format!("{}.e30.AAAA", base64url::encode(header.as_bytes()));
    let token = Unverified::parse(&token).expect("well formed");
    let header = token.header().clone();
    suite.add(&set.select_group(), Role::Ours, "jose", move || {
        black_box(keys.select(black_box(&header)).expect("one key"));
    });
}

/// Adds the cases of jsonwebtoken, which parses a key only when it verifies a signature.
pub fn jsonwebtoken(suite: &mut Suite, set: &KeySet) {
    use jsonwebtoken::jwk::JwkSet;

    let document = set.document.clone();
    suite.add(&set.parse_group(), Role::Peer, "jsonwebtoken", move || {
        let keys: JwkSet = serde_json::from_slice(black_box(&document)).expect("a key set");
        black_box(keys);
    });

    let document = set.document.clone();
    suite.add(
        &set.ready_group(),
        Role::Peer,
        "jsonwebtoken (raw bytes)",
        move || {
            let keys: JwkSet = serde_json::from_slice(black_box(&document)).expect("a key set");
            let keys: Vec<DecodingKey> = keys
                .keys
                .iter()
                .map(|key| DecodingKey::from_jwk(key).expect("a valid key"))
                .collect();
            black_box(keys);
        },
    );

    let keys: JwkSet = serde_json::from_slice(&set.document).expect("a key set");
    let kid = set.kid.clone();
    suite.add(&set.select_group(), Role::Peer, "jsonwebtoken", move || {
        black_box(keys.find(black_box(&kid)).expect("a key of the set"));
    });
}
