use jose::SigningKey;
use jose::jws::ProtectedHeader;
use serde_json::json;

use super::*;
use crate::testing::{self, NOW, SERVER_KEY, key_set, sign, sign_with};

const SIGNER: &str = "https://federation.example";

fn signer() -> MetadataSigner {
    let keys = key_set(&[&SERVER_KEY]);
    MetadataSigner::new(SIGNER, keys.as_bytes(), [SignatureAlgorithm::ES256]).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": SIGNER,
        "issuer": "https://op.example",
        "token_endpoint": "https://op.example/signed-token",
        "jwks_uri": "https://op.example/signed-jwks",
    })
}

fn verify(signer: &MetadataSigner, jwt: Option<String>) -> Result<ServerMetadata, Error> {
    let mut server = testing::server();
    server.signed_metadata = jwt;
    signer.verify(&server, &Policy::default(), UnixTime::from_seconds(NOW))
}

#[track_caller]
fn refused(jwt: Option<String>) -> Reason {
    match verify(&signer(), jwt) {
        Err(Error::Rejected(rejection)) => {
            assert_eq!(rejection.artefact, Artefact::SignedMetadata);
            rejection.reason.clone()
        }
        other => panic!("{other:?}"),
    }
}

fn changed(name: &str, value: Value) -> Option<String> {
    let mut claims = claims();
    claims[name] = value;
    Some(sign(&claims))
}

fn without(name: &str) -> Option<String> {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    Some(sign(&claims))
}

#[test]
fn signed_values_take_precedence() {
    let verified = verify(&signer(), Some(sign(&claims()))).unwrap();
    assert_eq!(verified.issuer, "https://op.example");
    let text = |it: &'static str| Some(it.to_owned());
    assert_eq!(
        verified.token_endpoint,
        text("https://op.example/signed-token")
    );
    assert_eq!(verified.jwks_uri, text("https://op.example/signed-jwks"));
    assert_eq!(
        verified.userinfo_endpoint,
        testing::server().userinfo_endpoint
    );
    assert_eq!(verified.signed_metadata, None);
    assert!(verified.extra.is_empty());
}

#[test]
fn the_metadata_are_of_this_server_by_this_signer() {
    let mismatch = |claim, expected: &str, found: &str| Reason::ClaimMismatch {
        claim,
        expected: Some(expected.to_owned()),
        found: Some(found.to_owned()),
    };
    let other = "https://other.example";
    assert_eq!(
        refused(changed("iss", json!(other))),
        mismatch("iss", SIGNER, other)
    );
    assert_eq!(
        refused(changed("issuer", json!(other))),
        mismatch("issuer", "https://op.example", other)
    );
    for name in ["iss", "issuer"] {
        let member = name.into();
        assert_eq!(refused(without(name)), Reason::Missing { member });
    }
    // A server that signs its own metadata need not repeat its name.
    let keys = key_set(&[&SERVER_KEY]);
    let own = MetadataSigner::new(
        "https://op.example",
        keys.as_bytes(),
        [SignatureAlgorithm::ES256],
    );
    let claims = json!({"iss": "https://op.example", "token_endpoint": "https://op.example/t"});
    assert!(verify(&own.unwrap(), Some(sign(&claims))).is_ok());
}

#[test]
fn the_signature_is_of_a_key_of_the_application() {
    let stranger = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k1");
    let forged = sign_with(&stranger.with_kid("k1"), &header, &claims());
    assert_eq!(refused(Some(forged)), Reason::Jose(jose::Error::Signature));
    let keys = key_set(&[&SERVER_KEY]);
    let narrow = MetadataSigner::new(SIGNER, keys.as_bytes(), [SignatureAlgorithm::PS256]);
    let Err(Error::Rejected(rejection)) = verify(&narrow.unwrap(), Some(sign(&claims()))) else {
        panic!("another algorithm");
    };
    assert_eq!(
        rejection.reason,
        Reason::Algorithm {
            expected: vec!["PS256".to_owned()],
            found: "ES256".to_owned(),
        }
    );
    let member = "signed_metadata".into();
    assert_eq!(refused(None), Reason::Missing { member });
}

#[test]
fn each_other_claim_is_right() {
    for (name, value) in [
        ("exp", json!(NOW - 600)),
        ("nbf", json!(NOW + 600)),
        ("iat", json!(NOW + 600)),
    ] {
        match refused(changed(name, value)) {
            Reason::Timestamp { claim, .. } => assert_eq!(claim, name),
            other => panic!("{other:?}"),
        }
    }
    let member = "signed_metadata".into();
    assert_eq!(
        refused(changed("signed_metadata", json!("x"))),
        Reason::Unexpected { member }
    );
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256)
        .kid("k1")
        .typ("at+jwt");
    let typed = sign_with(&SERVER_KEY, &header, &claims());
    assert_eq!(
        refused(Some(typed)),
        Reason::TokenType {
            expected: "JWT",
            found: "at+jwt".to_owned(),
        }
    );
}

#[test]
fn a_signer_has_public_keys() {
    let keys = key_set(&[&SERVER_KEY]);
    for (keys, algorithms, expected) in [
        ("[]", &[SignatureAlgorithm::ES256][..], "jwks"),
        (&keys, &[], "algorithms"),
        (&keys, &[SignatureAlgorithm::HS256], "algorithms"),
    ] {
        let made = MetadataSigner::new(SIGNER, keys.as_bytes(), algorithms.iter().copied());
        match made {
            Err(Error::Misuse(Misuse::InvalidArgument { argument, .. })) => {
                assert_eq!(argument, expected);
            }
            other => panic!("{other:?}"),
        }
    }
}
