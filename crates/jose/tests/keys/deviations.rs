//! Key sets as some publishers write them, and the errors when no key fits.

use jose::{Error, JwkSet, KeyRejected, KeySelectionError, Unfit};
use serde_json::{Value, json};

use super::set::{select, set};
use super::{EC, EC_D, rsa, with};

/// Some publishers write all members that they know, with `null` for absent ones.
#[test]
fn a_member_of_a_key_that_is_null_is_absent() {
    let case = include_bytes!("../cases/jwks-null-members.json");
    let set = JwkSet::parse(case).unwrap();
    let [key] = set.keys() else {
        panic!("{:?}", set.skipped());
    };
    let jwk = key.jwk();
    assert_eq!(
        (jwk.kid(), jwk.alg(), jwk.public_key_use()),
        (Some("k1"), None, None)
    );
    assert!(jwk.extra().is_empty());
    let read = |changes: Value| {
        let mut key: Value = serde_json::from_str(EC).unwrap();
        let members = key.as_object_mut().unwrap();
        members.extend(changes.as_object().unwrap().clone());
        let set = JwkSet::parse(json!({ "keys": [key] }).to_string().as_bytes()).unwrap();
        let reason = set.skipped().first().map(|key| key.reason().clone());
        reason.map_or(Ok(()), Err)
    };
    // A private member that is `null` is ignored. A key with a private value is still refused.
    let null = json!({ "d": null, "k": null, "p": null, "kid": null, "key_ops": null });
    assert_eq!(read(null), Ok(()));
    let leaked = Error::KeyRejected(KeyRejected::PrivateMember { member: "d" });
    assert_eq!(read(json!({ "d": EC_D, "k": null })), Err(leaked));
    // An unknown member that is `null` is kept, because its definition may give `null` a meaning.
    let foreign = br#"{"keys":[{"kty":"OKP","crv":"Ed25519","issuer":null,"x5c":null,
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let set = JwkSet::parse(foreign).unwrap();
    let extra = set.keys()[0].jwk().extra();
    assert_eq!(serde_json::to_string(extra).unwrap(), r#"{"issuer":null}"#);
    // A required member that is `null` is missing.
    for member in ["kty", "crv", "x", "y"] {
        let missing = Error::KeyRejected(KeyRejected::MissingMember { member });
        assert_eq!(read(json!({ member: null })), Err(missing));
    }
    let none = JwkSet::parse(br#"{"keys":null}"#).unwrap_err();
    let found = "null";
    assert_eq!(
        none,
        Error::KeyRejected(KeyRejected::Member {
            member: "keys",
            expected: "an array",
            found
        })
    );
}

/// A single key, for example in the header of a proof, must not have a private member.
#[test]
fn a_private_member_that_is_null_is_there() {
    let parse = |member: &str| {
        let text = EC.replacen('{', &format!("{{\"{member}\":null,"), 1);
        jose::Jwk::parse(text.as_bytes())
    };
    assert!(parse("alg").is_ok());
    let leaked = Error::KeyRejected(KeyRejected::PrivateMember { member: "d" });
    assert_eq!(parse("d").unwrap_err(), leaked);
}

#[test]
fn padding_is_named_and_read_where_it_is_asked_for() {
    let case = include_bytes!("../cases/jwks-padded.json");
    let set = JwkSet::parse(case).unwrap();
    let padded = Error::KeyRejected(KeyRejected::Padding { member: "x" });
    assert_eq!((set.keys().len(), set.skipped()[0].reason()), (0, &padded));
    let set = JwkSet::danger_parse_padded(case).unwrap();
    let [key] = set.keys() else {
        panic!("{:?}", set.skipped());
    };
    let plain: Value = serde_json::from_str(EC).unwrap();
    assert_eq!(key.jwk().to_json()["x"], plain["x"]);
    // Only padding of the right length at the end is accepted.
    let text = std::str::from_utf8(case).unwrap();
    for (from, to) in [
        ("VEU=", "VEU=="),
        ("VEU=", "VEU==="),
        ("VEU=", "V=U="),
        ("x_", "x/"),
    ] {
        let set = JwkSet::danger_parse_padded(text.replace(from, to).as_bytes()).unwrap();
        assert_eq!(set.keys().len(), 0, "{to}");
    }
    assert_eq!(
        JwkSet::danger_parse_padded(include_bytes!("../cases/jwks-same-key-twice.json"))
            .unwrap()
            .keys()
            .len(),
        1
    );
}

#[test]
fn the_same_key_twice_is_one() {
    let case = include_bytes!("../cases/jwks-same-key-twice.json");
    let set = JwkSet::parse(case).unwrap();
    assert_eq!((set.keys().len(), set.skipped().len()), (1, 0));
    assert!(select(&set, "ES256", Some("k1")).is_ok());
    let count = |first: Value, second: Value| {
        let keys = json!({ "keys": [with(EC, first), with(EC, second)] });
        JwkSet::parse(keys.to_string().as_bytes())
            .unwrap()
            .keys()
            .len()
    };
    let same = json!({ "kid": "k", "use": "sig", "key_ops": ["verify", "sign"] });
    assert_eq!(count(same.clone(), same.clone()), 1);
    let mut turned = same.clone();
    turned["key_ops"] = json!(["sign", "verify"]);
    turned["x5t"] = json!("x");
    assert_eq!(count(same.clone(), turned), 1);
    for (member, value) in [
        ("kid", json!("l")),
        ("kid", json!(null)),
        ("use", json!(null)),
        ("alg", json!("ES256")),
        ("key_ops", json!(["verify"])),
        ("key_ops", json!(null)),
        ("issuer", json!("https://a.example")),
    ] {
        let mut other = same.clone();
        other[member] = value;
        assert_eq!(count(same.clone(), other), 2, "{member}");
    }
}

/// The error contains all that is needed to find the cause, and its length is bounded.
#[test]
fn a_search_that_fails_says_why() {
    let rsa = rsa().to_string();
    let set = set(json!([
        with(EC, json!({ "kid": "other\n" })),
        with(&rsa, json!({ "kid": "k", "alg": "RS256" })),
        with(&rsa, json!({ "kid": "enc", "use": "enc" })),
        with(EC, json!({ "kid": "k", "alg": "ES256", "y": "AA" })),
    ]));
    let error = select(&set, "RS512", Some("k")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "none of 4 keys fits a token signed with RS512 and `kid` `k`: `k` is for `RS256`; `k` is \
         skipped, as the key's `y` must be 32 bytes long, found 1; `other\\n` has another name; `enc` is \
         skipped, as the JWK's `use` is `enc`, which does not permit this operation"
    );
    let Error::KeySelection(KeySelectionError::None { mut search, .. }) = error else {
        panic!("{error}");
    };
    search.at("https://op.example/jwks");
    assert_eq!(search.origin(), Some("https://op.example/jwks"));
    assert_eq!((search.published(), search.unfit().len()), (4, 4));
    let error = select(&set, "ES384", None).unwrap_err().to_string();
    assert!(
        error.contains("ES384 and without `kid`: `other\\n` is of the family P-256"),
        "{error}"
    );
    let empty = JwkSet::parse(br#"{"keys":[]}"#).unwrap();
    assert_eq!(
        select(&empty, "ES256", None).unwrap_err().to_string(),
        "none of 0 keys fits a token signed with ES256 and without `kid`"
    );
    let one = JwkSet::parse(
        json!({ "keys": [with(EC, json!({}))] })
            .to_string()
            .as_bytes(),
    );
    let error = select(&one.unwrap(), "ES256", Some("k")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the one key does not fit a token signed with ES256 and `kid` `k`: a key without `kid` cannot be \
         the one that is named"
    );
    let Error::KeySelection(KeySelectionError::None { search, .. }) = error else {
        panic!("{error}");
    };
    assert_eq!(search.unfit()[0].reason, Unfit::NoKid);
    let long = "\u{1b}".repeat(200);
    let many: Vec<Value> = (0..256)
        .map(|_| json!({ "kty": long, "kid": long }))
        .collect();
    let many = JwkSet::parse(json!({ "keys": many }).to_string().as_bytes()).unwrap();
    let error = select(&many, "ES256", Some("k")).unwrap_err().to_string();
    assert!(
        error.len() < 4096 && error.ends_with("; and 248 more"),
        "{error}"
    );
    assert!(!error.contains('\u{1b}'));
}
