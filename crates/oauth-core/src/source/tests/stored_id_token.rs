use jose::base64url;
use serde_json::{Value, json};

use crate::error::{Error, Misuse};
use crate::secret::Secret;
use crate::source::StoredIdToken;
use crate::testing;
use crate::testing::configuration;
use crate::validate::IdToken;

fn id_token(jwt: &str) -> IdToken {
    let Value::Object(claims) = testing::claims() else {
        unreachable!("claims are an object");
    };
    IdToken::restored(claims, Secret::from(jwt)).unwrap()
}

/// A JWT that shows these claims.
fn shown(claims: &Value) -> String {
    format!(
        "e30.{}.c2ln",
        base64url::encode(claims.to_string().as_bytes())
    )
}

fn written(id_token: &IdToken) -> Value {
    serde_json::to_value(StoredIdToken::new(&configuration(), id_token.clone())).unwrap()
}

fn read(form: &Value) -> Result<IdToken, String> {
    let stored: Result<StoredIdToken, _> = serde_json::from_str(&form.to_string());
    let stored = stored.map_err(|error| error.to_string())?;
    Ok(stored.restore(&configuration()).unwrap())
}

#[test]
fn claims_are_stored_once() {
    let mut other = testing::claims();
    other["sub"] = "mallory".into();
    // An encrypted token, and one whose content is not that of the claims, show nothing.
    for (jwt, is_shown) in [
        (shown(&testing::claims()), true),
        (shown(&other), false),
        ("e30.a.b.c.d".to_owned(), false),
        ("e30.e30".to_owned(), false),
    ] {
        let id_token = id_token(&jwt);
        let form = written(&id_token);
        assert_eq!(form["claims"].is_null(), is_shown, "{jwt}");
        assert!(read(&form).unwrap() == id_token, "{jwt}");
    }
}

#[test]
fn another_form_is_refused() {
    let form = written(&id_token("e30.a.b.c.d"));
    for (member, value, message) in [
        (
            "version",
            json!(2),
            "unknown version of a stored ID Token: expected 1, found 2",
        ),
        ("more", json!(1), "unknown field `more`"),
        (
            "claims",
            Value::Null,
            "`claims` is needed for a `jwt` that does not show them",
        ),
        (
            "claims",
            json!({"sub": "alice"}),
            "the ID Token lacks a claim",
        ),
        ("jwt", Value::Null, "invalid type: null"),
    ] {
        let mut form = form.clone();
        form[member] = value;
        let error = read(&form).unwrap_err();
        assert!(error.starts_with(message), "{member}: {error}");
    }
}

#[test]
fn an_id_token_of_another_client_or_issuer_is_refused() {
    let stored = StoredIdToken::new(&configuration(), id_token("e30.a.b.c.d"));
    let issuer = testing::setup().issuer("https://other.example");
    let client = testing::setup().client_id("other");
    for (setup, expected) in [(issuer, "issuer"), (client, "client_id")] {
        match stored.clone().restore(&setup.build()) {
            Err(Error::Misuse(Misuse::AnotherConfiguration { member })) => {
                assert_eq!(member, expected);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The metadata of the server are not there yet, so the issuer is that of the settings.
#[test]
fn an_id_token_is_restored_for_the_issuer_that_the_metadata_must_name() {
    let stored = StoredIdToken::new(&configuration(), id_token("e30.a.b.c.d"));
    let restored = |issuer: &str, client_id: &str| stored.clone().restore_for(issuer, client_id);
    for issuer in ["https://op.example", "https://OP.example:443/"] {
        assert_eq!(restored(issuer, "app").unwrap().sub(), "alice");
    }
    for (issuer, client_id, expected) in [
        ("https://other.example", "app", "issuer"),
        ("https://op.example/below", "app", "issuer"),
        ("", "app", "issuer"),
        ("https://op.example", "other", "client_id"),
        ("https://other.example", "other", "client_id"),
    ] {
        match restored(issuer, client_id) {
            Err(Error::Misuse(Misuse::AnotherConfiguration { member })) => {
                assert_eq!(member, expected);
            }
            other => panic!("{other:?}"),
        }
    }
}
