use std::time::Duration;

use jose::{SignatureAlgorithm, SigningKey};
use serde_json::{Value, json};

use super::tokens;
use crate::configuration::Configuration;
use crate::dpop::DPoPKey;
use crate::endpoint::{TokenResponse, TokenType};
use crate::error::{Error, Misuse};
use crate::flow::TokenSet;
use crate::key::KeyReference;
use crate::names::KeyName;
use crate::secret::Secret;
use crate::source::StoredTokenSet;
use crate::testing;
use crate::testing::{NOW, SERVER_KEY, configuration};
use crate::time::UnixTime;
use crate::validate::{IdToken, PreviousIdToken};

fn id_token(change: impl FnOnce(&mut Value)) -> IdToken {
    let mut claims = testing::claims();
    change(&mut claims);
    let Value::Object(claims) = claims else {
        unreachable!("claims are an object");
    };
    IdToken::restored(claims, Secret::from("e30.e30.c2ln")).unwrap()
}

/// Everything that is stored, after a refresh that brought an ID Token.
fn full() -> TokenSet {
    let response = TokenResponse {
        dpop_thumbprint: Some(jkt()),
        token_type: TokenType::DPoP,
        scope: Some("openid email".to_owned()),
        extra: serde_json::from_value(json!({"issued_token_type": "urn:x", "more": 1})).unwrap(),
        ..tokens("a", 3600).response().clone()
    };
    let login = PreviousIdToken::from(id_token(|_| ()));
    let refreshed = id_token(|claims| claims["iat"] = json!(NOW + 100));
    TokenSet::restored(response, Some(refreshed), Some(login)).of_session(Some("x.y".into()))
}

fn written(tokens: TokenSet) -> Value {
    serde_json::to_value(StoredTokenSet::new(&configuration(), tokens)).unwrap()
}

fn read(form: &Value) -> Result<StoredTokenSet, String> {
    serde_json::from_str(&form.to_string()).map_err(|error| error.to_string())
}

#[test]
fn the_stored_form_is_this_one() {
    let claims = |iat| {
        json!({
            "iss": "https://op.example", "sub": "alice", "aud": "app", "exp": NOW + 300,
            "iat": iat, "nonce": "n-1",
        })
    };
    let expected = json!({
        "version": 2,
        "issuer": "https://op.example",
        "client_id": "app",
        "access_token": "at-a",
        "token_type": "DPoP",
        "received_at": NOW,
        "expires_at": NOW + 3600,
        "scope": "openid email",
        "refresh_token": "rt-a",
        "id_token": {"jwt": "e30.e30.c2ln", "claims": claims(NOW + 100)},
        "login": claims(NOW),
        "dpop_jkt": jkt(),
        "issued_token_type": "urn:x",
        "refresh_begun": false,
        "session_state": "x.y",
    });
    assert_eq!(written(full()), expected);
    assert_eq!(
        serde_json::to_value(read(&expected).unwrap()).unwrap(),
        expected
    );
    // The claims of the login are not written twice.
    let first = id_token(|_| ());
    let login = PreviousIdToken::from(&first);
    let tokens = TokenSet::restored(tokens("a", 1).response().clone(), Some(first), Some(login));
    let form = written(tokens);
    assert_eq!(form["login"], Value::Null);
    let read = read(&form).unwrap();
    assert_eq!(read.login().unwrap().sub(), "alice");
}

#[test]
fn what_was_stored_is_restored() {
    let stored = read(&written(full())).unwrap();
    let configuration = bound_configuration();
    assert_eq!(
        stored.expires_at(),
        Some(UnixTime::from_seconds(NOW + 3600))
    );
    let tokens = stored.restore(&configuration).unwrap();
    assert_eq!(tokens.access_token().expose(), "at-a");
    assert_eq!(tokens.token_type(), TokenType::DPoP);
    assert_eq!(tokens.dpop_thumbprint(), Some(jkt().as_str()));
    assert_eq!(tokens.refresh_token().unwrap().expose(), "rt-a");
    assert_eq!(tokens.scope(), Some("openid email"));
    assert_eq!(tokens.issued_token_type(), Some("urn:x"));
    assert_eq!(tokens.session_state(), Some("x.y"));
    assert_eq!(
        tokens.expires_in(UnixTime::from_seconds(NOW + 600)),
        Some(Duration::from_secs(3000))
    );
    assert_eq!(
        tokens.expires_at(),
        Some(UnixTime::from_seconds(NOW + 3600))
    );
    let id_token = tokens.id_token().unwrap();
    assert_eq!(
        (id_token.sub(), id_token.iat().seconds()),
        ("alice", NOW + 100)
    );
    assert_eq!(id_token.jwt().expose(), "e30.e30.c2ln");
    assert_eq!(
        tokens.login(),
        Some(&PreviousIdToken::from(self::id_token(|_| ())))
    );
}

#[test]
fn a_refresh_that_has_begun_is_stored_until_its_successor() {
    let stored = StoredTokenSet::new(&configuration(), full());
    assert!(!stored.is_refresh_begun());
    let begun = serde_json::to_value(stored.with_refresh_begun()).unwrap();
    assert_eq!(begun["refresh_begun"], json!(true));
    let stored = read(&begun).unwrap();
    assert!(stored.is_refresh_begun());
    let ended = stored.with_refresh_token(Secret::from("rt-b"));
    assert!(!ended.is_refresh_begun());
    // A form that was written before the member existed says nothing of a refresh.
    let mut before = written(full());
    before.as_object_mut().unwrap().remove("refresh_begun");
    assert!(!read(&before).unwrap().is_refresh_begun());
}

/// The refresh brings no ID Token, and the old refresh token stays good.
#[test]
fn who_logged_in_is_known_after_a_refresh_without_an_id_token() {
    let mut response = tokens("b", 60).response().clone();
    response.refresh_token = None;
    let login = PreviousIdToken::from(id_token(|_| ()));
    let refreshed = TokenSet::restored(response, None, Some(login)).with_refresh_token("rt".into());
    let stored = read(&written(refreshed)).unwrap();
    assert_eq!(stored.login().unwrap().sub(), "alice");
    let tokens = stored.restore(&configuration()).unwrap();
    assert!(tokens.id_token().is_none());
    assert_eq!(tokens.login().unwrap().sub(), "alice");
    assert_eq!(tokens.refresh_token().unwrap().expose(), "rt");
}

#[test]
fn another_form_is_refused() {
    let form = written(full());
    let changed = |member: &str, value: Value| {
        let mut form = form.clone();
        form[member] = value;
        read(&form).unwrap_err()
    };
    for (member, value, message) in [
        (
            "version",
            json!(3),
            "unknown version of stored tokens: expected 1 or 2, found 3",
        ),
        (
            "version",
            json!(0),
            "unknown version of stored tokens: expected 1 or 2, found 0",
        ),
        ("more", json!(1), "unknown field `more`"),
        ("token_type", json!("dpop"), "`token_type` is not known"),
        (
            "token_type",
            json!("Bearer"),
            "`dpop_jkt` and the token type DPoP must come together",
        ),
        (
            "dpop_jkt",
            Value::Null,
            "`dpop_jkt` and the token type DPoP must come together",
        ),
        ("login", json!({"sub": "alice"}), "`login` lacks a claim"),
        (
            "id_token",
            json!({"jwt": "a", "claims": {}}),
            "`id_token` lacks a claim",
        ),
        (
            "id_token",
            json!({"jwt": "a", "claims": {}, "x": 1}),
            "unknown field `x`",
        ),
        ("access_token", Value::Null, "invalid type: null"),
        ("expires_at", json!("never"), "invalid type: string"),
    ] {
        let error = changed(member, value);
        assert!(error.starts_with(message), "{member}: {error}");
    }
    for claim in ["iss", "sub", "aud", "exp", "iat"] {
        let mut form = form.clone();
        form["id_token"]["claims"]
            .as_object_mut()
            .unwrap()
            .remove(claim);
        assert_eq!(
            read(&form).unwrap_err(),
            "`id_token` lacks a claim",
            "{claim}"
        );
    }
    for member in [
        "version",
        "issuer",
        "client_id",
        "access_token",
        "token_type",
        "received_at",
    ] {
        let mut form = form.clone();
        form.as_object_mut().unwrap().remove(member);
        let error = read(&form).unwrap_err();
        assert!(
            error.starts_with(&format!("missing field `{member}`")),
            "{error}"
        );
    }
}

/// Some databases sort the members of an object, and another version may have others.
#[test]
fn another_version_is_named_in_any_order_of_members() {
    let form = written(full());
    // In the order of their names, `version` comes last.
    let sorted = form.to_string();
    assert!(sorted.ends_with(r#""version":2}"#), "{sorted}");
    read(&form).unwrap();
    for (text, message) in [
        (
            r#"{"binding":{},"access_token":7,"version":3}"#,
            "unknown version of stored tokens: expected 1 or 2, found 3",
        ),
        (
            r#"{"version":300}"#,
            "unknown version of stored tokens: expected 1 or 2, found 300",
        ),
        (
            r#"{"version":-1.5}"#,
            "unknown version of stored tokens: expected 1 or 2, found -1.5",
        ),
        (
            r#"{"version":"1"}"#,
            "invalid type: string \"1\", expected u8",
        ),
        (r#"{"version":1,"version":1}"#, "duplicate field `version`"),
        (r#"{"x":1,"x":1}"#, "duplicate field `x`"),
        ("[1]", "invalid type: sequence, expected an object"),
    ] {
        let error = serde_json::from_str::<StoredTokenSet>(text).unwrap_err();
        assert!(error.to_string().starts_with(message), "{text}: {error}");
    }
}

/// A form that was written over makes no token that lives for ever.
#[test]
fn an_expiry_before_the_receipt_is_no_lifetime() {
    let mut form = written(full());
    form["expires_at"] = json!(NOW - 1);
    let tokens = read(&form)
        .unwrap()
        .restore(&bound_configuration())
        .unwrap();
    assert_eq!(
        tokens.expires_in(UnixTime::from_seconds(NOW)),
        Some(Duration::ZERO)
    );
}

#[test]
fn stored_tokens_belong_to_one_issuer_client_and_key() {
    let another = |issuer: &str, client_id: &str| {
        let setup = testing::setup().issuer(issuer).client_id(client_id);
        setup.build()
    };
    let op = "https://op.example";
    let other = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    for (configuration, member) in [
        (another("https://other.example", "app"), "issuer"),
        (another(op, "other"), "client_id"),
        (another(op, "app"), "DPoP key"),
        (
            another(op, "app").with_dpop_key(dpop_key(&other)),
            "DPoP key",
        ),
    ] {
        let error = read(&written(full())).unwrap().restore(&configuration);
        assert_misuse(error.unwrap_err(), Misuse::AnotherConfiguration { member });
    }
    // A Bearer token still works for a client that has got a key since then.
    let stored = read(&written(tokens("a", 60))).unwrap();
    let with_key = bound_configuration();
    assert_eq!(
        stored.restore(&with_key).unwrap().token_type(),
        TokenType::Bearer
    );
}

#[test]
fn stored_tokens_are_not_shown() {
    let shown = format!("{:?}", StoredTokenSet::new(&configuration(), full()));
    for secret in ["at-a", "rt-a", "c2ln", "n-1", "x.y"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// The configuration that the tokens of [`full`] are bound to.
fn bound_configuration() -> Configuration {
    configuration().with_dpop_key(dpop_key(&SERVER_KEY))
}

fn jkt() -> String {
    dpop_key(&SERVER_KEY).thumbprint().to_owned()
}

fn dpop_key(key: &SigningKey) -> DPoPKey {
    let reference = KeyReference {
        name: KeyName::new("dpop"),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    };
    DPoPKey::new(reference, &key.public_jwk().unwrap()).unwrap()
}

#[track_caller]
fn assert_misuse(error: Error, expected: Misuse) {
    match error {
        Error::Misuse(misuse) => assert_eq!(misuse, expected),
        other => panic!("{other}"),
    }
}
