//! What the server signs: responses through the browser and logout tokens. The keys are those of
//! the client's secret, so that the claims are read and not only the signature refused.

use std::sync::LazyLock;

use jose::jws::{ProtectedHeader, SigningInput};
use jose::{SignatureAlgorithm, SigningKey, base64url};
use oauth_core::Error;
use oauth_core::authorization::{
    AuthorizationCodeGrantChecks, Callback, ExpectedState, ResponseMode,
};
use oauth_core::cache::Cache;
use oauth_core::configuration::Configuration;
use oauth_core::flow::{AuthorizationCodeGrant, VerifyLogoutToken};
use oauth_core::logout::logout_token;
use oauth_core::metadata::{ClientMetadata, RegisteredAlgorithm};
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::pkce::CodeVerifier;
use oauth_core::policy::Policy;
use serde_json::{Value, json};

use super::documents::{documents, repeated};
use super::{NOW, assert_linear, configuration, env};

const SECRET: &str = "a-very-long-secret-0123456789abcdef";

static SIGNED: LazyLock<Configuration> = LazyLock::new(|| {
    let algorithm = || Some(RegisteredAlgorithm::Signature(SignatureAlgorithm::HS256));
    let mut client = ClientMetadata::new("app");
    client.client_secret = Some(SECRET.into());
    client.id_token_signed_response_alg = algorithm();
    client.authorization_signed_response_alg = algorithm();
    Configuration::new(configuration().server().clone(), client, Policy::default()).unwrap()
});

fn signed(typ: &str, payload: &str) -> String {
    let key = SigningKey::hmac(SECRET.as_bytes()).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::HS256).typ(typ);
    let input = SigningInput::new(&header, payload.as_bytes());
    input.sign(&key).unwrap()
}

/// Texts that differ, of about this length together. Lists have a limit of 1024 elements.
fn texts(length: usize) -> Vec<String> {
    let numbers = 0..length / 20;
    let text = |number| format!("text-number-{number:06}");
    numbers.map(text).collect()
}

/// Asserts linear time for a JWT whose claims grow in one way each. `accepted` are claims that are
/// accepted, also with further claims and audiences.
#[track_caller]
fn claims_are_read_in_linear_time(
    what: &str,
    typ: &str,
    accepted: &Value,
    accept: impl Fn(&str) -> Result<(), Error>,
) {
    let with = |member: &str, value: Value| {
        let mut claims = accepted.clone();
        claims[member] = value;
        claims.to_string()
    };
    let audiences = |length| {
        let app = ["app".to_owned()];
        json!(texts(length).into_iter().chain(app).collect::<Vec<_>>())
    };
    let members = |length| {
        let mut claims = accepted.clone();
        for name in texts(length) {
            claims[name] = json!("1");
        }
        claims.to_string()
    };
    // These are accepted, so that every check is made.
    let audience = |length| signed(typ, &with("aud", audiences(length)));
    assert_linear(&format!("{what}: audiences"), audience, |token| {
        accept(token).unwrap();
    });
    let further = |length| signed(typ, &members(length));
    assert_linear(&format!("{what}: further claims"), further, |token| {
        accept(token).unwrap();
    });
    let read = |token: &str| drop(accept(token));
    for part in ["a", "\u{1}", "\"", "%41", "&a=b"] {
        for member in ["iss", "state", "code", "error_description", "sub", "jti"] {
            let text = |length| signed(typ, &with(member, json!(repeated(part, length))));
            assert_linear(&format!("{what}: {member} of {part:?}"), text, read);
        }
    }
    for (name, document) in documents("events") {
        let payload = |length| signed(typ, &document(length));
        assert_linear(&format!("{what}: claims: {name}"), payload, read);
    }
    for (name, document) in documents("crit") {
        let header = |length| {
            let header = base64url::encode(document(length).as_bytes());
            format!("{header}.e30.AAAA")
        };
        assert_linear(&format!("{what}: headers: {name}"), header, read);
    }
    for part in [".", "a", "A.A.", "eyJ", "="] {
        let token = |length| repeated(part, length);
        assert_linear(&format!("{what}: tokens of {part:?}"), token, read);
    }
}

#[test]
fn authorization_responses_as_jwts() {
    let accepted = json!({
        "iss": "https://op.example", "aud": "app", "exp": NOW + 60, "code": "c", "state": "s",
    });
    claims_are_read_in_linear_time("JARM", "JWT", &accepted, |token| {
        let callback = Callback::from_query(&format!("response={token}"));
        let checks = AuthorizationCodeGrantChecks {
            expected_state: ExpectedState::Equals("s".into()),
            response_mode: Some(ResponseMode::QueryJwt),
            pkce_code_verifier: Some(CodeVerifier::new("v".repeat(43)).unwrap()),
            ..AuthorizationCodeGrantChecks::default()
        };
        let uri = "https://app.example/cb";
        let mut grant = AuthorizationCodeGrant::new(&SIGNED, &callback, uri, checks);
        let cache = Cache::new();
        // The response is accepted when the code is to be redeemed.
        match grant.step(&mut env(&cache), Event::Begin)? {
            Action::Send(_) => Ok(()),
            action => panic!("{action:?}"),
        }
    });
}

#[test]
fn logout_tokens() {
    let accepted = json!({
        "iss": "https://op.example", "aud": "app", "azp": "app", "iat": NOW, "exp": NOW + 60,
        "jti": "1", "sub": "alice", "sid": "s",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    claims_are_read_in_linear_time("logout tokens", "logout+jwt", &accepted, |token| {
        let token = logout_token(format!("logout_token={token}").as_bytes())?;
        let mut operation = VerifyLogoutToken::new(SIGNED.clone(), token);
        match operation.step(&mut env(&Cache::new()), Event::Begin)? {
            Action::Done(_) => Ok(()),
            action => panic!("{action:?}"),
        }
    });
    for part in ["a=b&", "&", "%41", "+", "logout_token=", "logout_token=a&"] {
        let form = |length| repeated(part, length);
        assert_linear(&format!("logout forms of {part:?}"), form, |form| {
            let _ = logout_token(form.as_bytes());
        });
    }
}
