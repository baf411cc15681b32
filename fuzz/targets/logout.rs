//! Logout requests: one that is accepted names one token or one session, and an accepted logout
//! token satisfies every rule.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use jose::jws::{ProtectedHeader, SigningInput};
use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::Error;
use oauth_core::cache::Cache;
use oauth_core::configuration::Configuration;
use oauth_core::entropy::{Entropy, EntropyFault};
use oauth_core::env::Env;
use oauth_core::flow::{VerifyIdToken, VerifyLogoutToken};
use oauth_core::logout::{FrontChannelLogout, logout_token};
use oauth_core::metadata::{ClientMetadata, RegisteredAlgorithm, ServerMetadata};
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::policy::Policy;
use oauth_core::secret::Secret;
use oauth_core::time::UnixTime;
use oauth_core::validate::{IdToken, IdTokenExpectations, LogoutToken, NonceExpectation};
use url::{Url, form_urlencoded};

const SECRET: &str = "a secret of more than 32 characters";
const NOW: i64 = 1_700_000_000;

/// The member of `events` that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The server signs with the secret of the client, so that no key set is needed.
static CONFIGURATION: LazyLock<Configuration> = LazyLock::new(|| {
    let mut client = ClientMetadata::new("app");
    client.client_secret = Some(Secret::from(SECRET));
    client.id_token_signed_response_alg =
        Some(RegisteredAlgorithm::Signature(SignatureAlgorithm::HS256));
    let server = ServerMetadata::new("https://op.example");
    Configuration::new(server, client, Policy::default()).expect("a configuration")
});

static SIGNING: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::hmac(SECRET.as_bytes()).expect("a long enough secret"));

/// The ID Token of a session.
static ID_TOKEN: LazyLock<IdToken> = LazyLock::new(|| {
    let claims = br#"{"iss":"https://op.example","sub":"alice","aud":"app","iat":1700000000,"exp":1700000300,"sid":"s"}"#;
    let expectations = IdTokenExpectations::login(NonceExpectation::Absent, None);
    run(VerifyIdToken::new(
        CONFIGURATION.clone(),
        signed("JWT", claims),
        expectations,
    ))
    .expect("an ID Token")
});

struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        bytes.fill(7);
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    form(data);
    if let Ok(text) = std::str::from_utf8(data) {
        front_channel(text);
    }
    if let [typ, claims @ ..] = data {
        let typ = ["logout+jwt", "JWT", "application/logout+jwt", "at+jwt"][usize::from(typ % 4)];
        match run(VerifyLogoutToken::new(
            CONFIGURATION.clone(),
            signed(typ, claims),
        )) {
            Ok(token) => {
                assert_ne!(typ, "at+jwt");
                accepted(&token, claims);
            }
            Err(Error::Rejected(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    // A token that the server has not signed.
    let unsigned = String::from_utf8_lossy(data).into_owned();
    assert!(run(VerifyLogoutToken::new(CONFIGURATION.clone(), unsigned)).is_err());
});

/// A body that is accepted has one token.
fn form(body: &[u8]) {
    let values: Vec<_> = form_urlencoded::parse(body)
        .filter(|(name, _)| name == "logout_token")
        .map(|(_, value)| value)
        .collect();
    match logout_token(body) {
        Ok(token) => assert_eq!(values, [token.expose().as_str()]),
        Err(_) => {
            assert!(values.len() != 1 || values[0].is_empty() || std::str::from_utf8(body).is_err())
        }
    }
}

/// A request that is accepted names the session of the ID Token, or none.
fn front_channel(url: &str) {
    let Ok(request) = FrontChannelLogout::from_url(url) else {
        return;
    };
    let base = Url::parse("https://app.example").expect("a URL");
    let Ok(url) = base.join(url) else {
        return;
    };
    let all = |name| -> Vec<String> {
        url.query_pairs()
            .filter(|(present, _)| present == name)
            .map(|(_, value)| value.into_owned())
            .collect()
    };
    let (iss, sid) = (all("iss"), all("sid"));
    assert!(iss.len() <= 1 && sid.len() <= 1, "a parameter twice");
    assert_eq!(request.sid(), sid.first().map(String::as_str));
    if request.check(&CONFIGURATION, &ID_TOKEN).is_ok() {
        assert!(iss.is_empty() || (iss == ["https://op.example"] && !sid.is_empty()));
        assert!(sid.is_empty() || sid == ["s"]);
    }
}

fn accepted(token: &LogoutToken, claims: &[u8]) {
    let claims: serde_json::Value = serde_json::from_slice(claims).expect("JSON");
    assert_eq!(claims["iss"], "https://op.example");
    let names_client = match &claims["aud"] {
        serde_json::Value::Array(audiences) => audiences.iter().any(|it| it == "app"),
        audience => audience == "app",
    };
    assert!(names_client, "for another client");
    assert!(claims.get("nonce").is_none(), "an ID Token");
    assert!(claims["events"][EVENT].is_object(), "not a logout token");
    assert!(token.exp().seconds() > NOW - 60 && token.iat().seconds() <= NOW + 60);
    assert!(!token.jti().is_empty());
    assert!(token.sub().is_some() || token.sid().is_some());
    let same_session = token.sid().is_none_or(|sid| sid == "s");
    let same_person = token.sub().is_none_or(|sub| sub == "alice");
    assert_eq!(token.ends(&ID_TOKEN), same_session && same_person);
    assert_eq!(token.replay_name().len(), 56);
}

fn signed(typ: &str, claims: &[u8]) -> String {
    let header = ProtectedHeader::new(SignatureAlgorithm::HS256).typ(typ);
    let input = SigningInput::new(&header, claims);
    input.sign(&SIGNING).expect("a signature")
}

/// Runs an operation that sends nothing.
fn run<O: Operation>(mut operation: O) -> Result<O::Output, Error> {
    let mut env = Env {
        now: UnixTime::from_seconds(NOW),
        elapsed: Duration::ZERO,
        entropy: &Fixed,
        cache: &Cache::default(),
    };
    match operation.step(&mut env, Event::Begin)? {
        Action::Done(output) => Ok(output),
        _ => panic!("another action"),
    }
}
