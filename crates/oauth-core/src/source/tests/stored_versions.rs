//! Stored tokens of each version, plain and sealed.

use serde_json::{Value, json};

use super::tokens;
use crate::authorization::{SealingKey, binding, seal};
use crate::error::{Error, Misuse, SealFault};
use crate::source::StoredTokenSet;
use crate::testing::configuration;

/// What was written before there was a version 2.
const BEFORE: &str = r#"{"version":1,"issuer":"https://op.example","client_id":"app","access_token":"at-a","token_type":"Bearer","received_at":1700000000,"expires_at":1700003600,"scope":null,"refresh_token":"rt-a","id_token":null,"login":null,"dpop_jkt":null,"issued_token_type":null,"refresh_begun":false}"#;

fn read(form: &Value) -> Result<StoredTokenSet, String> {
    serde_json::from_str(&form.to_string()).map_err(|error| error.to_string())
}

/// A stored form of version 1 in which these members are added or replaced.
fn with(members: &[(&str, Value)]) -> Value {
    let mut form: Value = serde_json::from_str(BEFORE).unwrap();
    for (member, value) in members {
        form[member] = value.clone();
    }
    form
}

fn restored(form: &Value) -> Option<String> {
    let stored = read(form).unwrap();
    let tokens = stored.restore(&configuration()).unwrap();
    tokens.session_state().map(str::to_owned)
}

/// So earlier builds can read the tokens of a login without a `session_state`.
#[test]
fn tokens_without_a_session_state_are_written_as_before() {
    let before = with(&[]);
    assert_eq!(restored(&before), None);
    let again = serde_json::to_string(&read(&before).unwrap()).unwrap();
    assert_eq!(again, BEFORE);
    let written = StoredTokenSet::new(&configuration(), tokens("a", 3600));
    let written = serde_json::to_value(written).unwrap();
    assert_eq!(written["version"], json!(1));
    assert!(written.get("session_state").is_none(), "{written}");
}

#[test]
fn version_2_has_the_session_state() {
    let form = with(&[("version", json!(2)), ("session_state", json!("x.y"))]);
    assert_eq!(restored(&form), Some("x.y".to_owned()));
    assert_eq!(serde_json::to_value(read(&form).unwrap()).unwrap(), form);
    for none in [
        with(&[("version", json!(2))]),
        with(&[("version", json!(2)), ("session_state", json!(null))]),
    ] {
        assert_eq!(restored(&none), None);
    }
}

/// A store that others can write to must not bring what a response could not.
#[test]
fn a_session_state_that_no_response_can_have_is_refused() {
    let unusable = "`session_state` cannot be one of an authorization response";
    let longest = "s".repeat(4096);
    for (session_state, message) in [
        (json!(""), unusable),
        (json!("x y"), unusable),
        (json!("x\ny"), unusable),
        (json!("x\u{0}"), unusable),
        (json!(format!("{longest}s")), unusable),
        (json!(7), "invalid type: "),
        (json!(["x"]), "invalid type: "),
    ] {
        let form = with(&[("version", json!(2)), ("session_state", session_state)]);
        let error = read(&form).unwrap_err();
        assert!(error.starts_with(message), "{error}");
    }
    let form = with(&[("version", json!(2)), ("session_state", json!(longest))]);
    assert_eq!(restored(&form), Some(longest));
}

/// It is a member that this version does not have, and nothing that writes version 1 writes it.
#[test]
fn version_1_has_no_session_state() {
    let form = with(&[("session_state", json!("x.y"))]);
    let error = read(&form).unwrap_err();
    assert!(
        error.starts_with("version 1 has no `session_state`"),
        "{error}"
    );
}

#[test]
fn each_version_is_opened_and_a_newer_one_is_named() {
    let key = SealingKey::new([1; 32]);
    let place = binding(&["token-set", "https://op.example", "app", "s"]);
    let open = |form: &Value| {
        let content = form.to_string();
        let sealed = seal(&key, "token-set", Some(place.clone()), content.as_bytes());
        let keys = std::slice::from_ref(&key);
        let opened = StoredTokenSet::open(keys, &configuration(), "s", &sealed.unwrap())?;
        let tokens = opened.restore(&configuration())?;
        Ok::<_, Error>(tokens.session_state().map(str::to_owned))
    };
    assert_eq!(open(&with(&[])).unwrap(), None);
    let form = with(&[("version", json!(2)), ("session_state", json!("x.y"))]);
    assert_eq!(open(&form).unwrap(), Some("x.y".to_owned()));
    // What this build seals, it opens.
    let sealed = read(&form).unwrap().seal(&key, "s").unwrap();
    assert!(!sealed.contains("x.y"), "{sealed}");
    let keys = std::slice::from_ref(&key);
    let opened = StoredTokenSet::open(keys, &configuration(), "s", &sealed).unwrap();
    assert_eq!(serde_json::to_value(opened).unwrap(), form);
    for unknown in [
        with(&[("version", json!(3)), ("more", json!(1))]),
        with(&[("session_state", json!("x.y"))]),
        with(&[("version", json!(2)), ("session_state", json!("x y"))]),
    ] {
        let error = open(&unknown).unwrap_err();
        let Error::Misuse(misuse) = &error else {
            panic!("{error}");
        };
        assert_eq!(*misuse, Misuse::NotSealedHere(SealFault::UnknownForm));
        // A newer instance may use the value: removing it would end the login there.
        let message = error.to_string();
        assert!(message.contains("update this instance"), "{message}");
    }
}
