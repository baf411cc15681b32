//! The selection of a key for encryption from a published set.

use jose::jwe::{DecryptionKey, KeyManagement};
use jose::{Error, JwkSet, KeySelectionError};
use serde_json::{Value, json};

use crate::every_kind::*;

fn document(key: DecryptionKey, changes: Value) -> Value {
    let mut document = Value::Object(key.public_jwk().unwrap().to_json());
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn select(
    keys: &Value,
    alg: KeyManagement,
    kid: Option<&str>,
) -> Result<Option<String>, KeySelectionError> {
    let set = JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
    match set.select_for_encryption(alg, kid) {
        Ok(key) => Ok(key.kid().map(str::to_owned)),
        Err(Error::KeySelection(reason)) => Err(reason),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn the_first_key_that_fits() {
    let keys = json!([
        document(rsa(), json!({ "kid": "sig", "use": "sig" })),
        document(rsa(), json!({ "kid": "silent" })),
        document(rsa(), json!({ "kid": "enc", "use": "enc" })),
        document(
            rsa(),
            json!({ "kid": "oaep", "use": "enc", "alg": "RSA-OAEP-512" })
        ),
        document(
            curves().remove(0),
            json!({ "kid": "verify", "key_ops": ["verify"] })
        ),
        document(curves().remove(3), json!({ "kid": "x" })),
    ]);
    let found = |kid: &str| Ok(Some(kid.to_owned()));
    // The key without `use` fits too, but a key with `enc` is preferred.
    assert_eq!(select(&keys, KeyManagement::RsaOaep256, None), found("enc"));
    assert_eq!(
        select(&keys, KeyManagement::RsaOaep256, Some("silent")),
        found("silent")
    );
    assert_eq!(select(&keys, KeyManagement::EcdhEs, None), found("x"));
    // Both keys fit. During a rotation, a server publishes the old key and the new one.
    assert_eq!(select(&keys, KeyManagement::RsaOaep512, None), found("enc"));
    assert_eq!(
        select(&keys, KeyManagement::RsaOaep512, Some("oaep")),
        found("oaep")
    );
    for (alg, kid) in [
        (KeyManagement::RsaOaep256, "sig"),
        (KeyManagement::RsaOaep256, "oaep"),
        (KeyManagement::EcdhEs, "verify"),
        (KeyManagement::EcdhEs, "enc"),
        (KeyManagement::RsaOaep, "nobody"),
        (KeyManagement::A256KW, "x"),
    ] {
        assert_eq!(
            select(&keys, alg, Some(kid)),
            Err(KeySelectionError::NoneToEncrypt { alg }),
            "{alg} {kid}"
        );
    }
}

#[test]
fn a_set_survives_being_written_and_read_again() {
    let useful = json!([
        document(rsa(), json!({ "kid": "both" })),
        document(
            rsa(),
            json!({ "kid": "sig", "use": "sig", "key_ops": ["verify"], "x5t": "a" })
        ),
        document(curves().remove(3), json!({ "kid": "x" })),
    ]);
    let mut published = useful.as_array().unwrap().clone();
    published.insert(0, json!({ "kty": "new", "kid": "unknown" }));
    published.insert(2, json!(7));
    let read = |keys| JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
    let written = read(json!(published)).to_json();
    assert_eq!(Value::from(written.clone()), json!({ "keys": useful }));
    let again = JwkSet::parse(&serde_json::to_vec(&written).unwrap()).unwrap();
    assert_eq!(again.keys().len(), 2);
    assert_eq!(again.to_json(), written);
    let key = again.select_for_encryption(KeyManagement::EcdhEs, None);
    assert_eq!(key.unwrap().kid(), Some("x"));
}
