//! What a store, a cookie or a browser brings back: tokens, sessions and logins.

use jose::base64url;
use oauth_core::authorization::{PendingLogin, SealingKey};
use oauth_core::source::{SharedBackOff, StoredIdToken, StoredTokenSet};
use oauth_core::time::UnixTime;
use serde_json::{Value, json};

use super::documents::{documents, repeated};
use super::{NOW, SHORT, assert_linear, configuration};

fn tokens() -> Value {
    json!({
        "version": 2, "issuer": "https://op.example", "client_id": "app", "access_token": "a",
        "token_type": "Bearer", "received_at": NOW, "expires_at": null, "scope": null,
        "refresh_token": "r", "id_token": null, "login": null, "dpop_jkt": null,
        "issued_token_type": null, "refresh_begun": false, "session_state": "s",
    })
}

/// Claims with this number of bytes in audiences and in further members.
fn claims(length: usize) -> Value {
    let numbers = 0..length / 32;
    let audiences: Vec<_> = numbers.clone().map(|it| format!("api-{it:06}")).collect();
    let mut claims = json!({
        "iss": "https://op.example", "sub": "alice", "aud": audiences, "exp": NOW, "iat": NOW,
    });
    for number in numbers {
        claims[format!("claim-{number:06}")] = json!(1);
    }
    claims
}

fn jwt(claims: &Value) -> String {
    let payload = base64url::encode(claims.to_string().as_bytes());
    format!("e30.{payload}.AAAA")
}

/// Reads tokens, restores them, and seals and opens them again.
fn read_tokens(text: &str) -> bool {
    let Ok(stored) = serde_json::from_str::<StoredTokenSet>(text) else {
        return false;
    };
    let (configuration, key) = (configuration(), SealingKey::new([7; 32]));
    let sealed = stored.seal(&key, "name").unwrap();
    let opened = StoredTokenSet::open(&[key], &configuration, "name", &sealed);
    opened.unwrap().restore(&configuration).is_ok()
}

fn read_id_token(text: &str) -> bool {
    let stored = serde_json::from_str::<StoredIdToken>(text);
    stored.is_ok_and(|stored| stored.restore(&configuration()).is_ok())
}

#[test]
fn stored_tokens() {
    assert!(read_tokens(&tokens().to_string()));
    for member in ["version", "id_token", "login"] {
        for (name, document) in documents(member) {
            assert_linear(&format!("stored tokens: {name}"), document, |text| {
                read_tokens(text);
                read_id_token(text);
                let _ = serde_json::from_str::<PendingLogin>(text);
            });
        }
    }
    for member in ["access_token", "refresh_token", "scope", "session_state"] {
        for part in ["a", "a ", "\"", "\u{e4}"] {
            let text = |length| {
                let mut tokens = tokens();
                tokens[member] = json!(repeated(part, length));
                tokens.to_string()
            };
            assert_linear(&format!("stored {member} of {part:?}"), text, |text| {
                read_tokens(text);
            });
        }
    }
    let of_a_login = |length| {
        let mut tokens = tokens();
        tokens["id_token"] = json!({ "jwt": jwt(&claims(length)), "claims": claims(length) });
        tokens["login"] = claims(length);
        tokens.to_string()
    };
    assert!(read_tokens(&of_a_login(8 * SHORT)));
    assert_linear("stored claims", of_a_login, |text| {
        read_tokens(text);
    });
    let of_a_session = |length| {
        json!({
            "version": 1, "issuer": "https://op.example", "client_id": "app",
            "jwt": jwt(&claims(length)), "claims": null,
        })
        .to_string()
    };
    assert!(read_id_token(&of_a_session(8 * SHORT)));
    assert_linear("a stored ID Token", of_a_session, |text| {
        read_id_token(text);
    });
}

/// A browser sends them, so anyone can make them up.
#[test]
fn sealed_values() {
    let (key, configuration) = (SealingKey::new([7; 32]), configuration());
    let now = UnixTime::from_seconds(NOW);
    let open = |text: &str| {
        let keys = [key.clone()];
        assert!(StoredTokenSet::open(&keys, &configuration, "name", text).is_err());
        assert!(SharedBackOff::open(&keys, &configuration, "name", text).is_err());
        assert!(PendingLogin::open_for(&keys, "name", text, now).is_err());
        assert!(key.open("purpose", text).is_err());
    };
    for part in [".", "a", "A.", "eyJ", "=", "\u{e4}"] {
        let sealed = |length| repeated(part, length);
        assert_linear(&format!("sealed values of {part:?}"), sealed, open);
    }
    for (name, document) in documents("binding") {
        let sealed = |length| {
            let header = base64url::encode(document(length).as_bytes());
            format!("{header}..AAAA.AAAA.AAAA")
        };
        assert_linear(&format!("sealed headers: {name}"), sealed, open);
    }
}
