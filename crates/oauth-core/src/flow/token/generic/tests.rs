use serde_json::{Value, json};

use super::GenericGrant;
use crate::endpoint::{Endpoint, ExpectedSubject, TokenType, UserInfoEndpoint};
use crate::error::{Artefact, Error, Misuse, Reason};
use crate::names::EndpointName;
use crate::operation::Event;
use crate::testing::script::{Script, form, received};
use crate::testing::{NOW, SERVER_KEY, assert_finished, claims, configuration, key_set, sign};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

fn tokens(id_token: Option<String>) -> Value {
    let mut body = json!({"access_token": "at", "token_type": "Bearer"});
    if let Some(id_token) = id_token {
        body["id_token"] = id_token.into();
    }
    body
}

#[test]
fn each_grant_sends_what_its_specification_names() {
    for (grant, expected) in [
        (
            GenericGrant::token_exchange(configuration(), "st", ACCESS_TOKEN)
                .parameter("audience", "a")
                .parameter("audience", "b"),
            "subject_token=st&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3A\
             access_token&audience=a&audience=b\
             &grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&client_id=app",
        ),
        (
            GenericGrant::jwt_bearer(configuration(), "a.b.c").scope("read"),
            "assertion=a.b.c&scope=read\
             &grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&client_id=app",
        ),
        (
            GenericGrant::saml2_bearer(configuration(), "PHNhbWw-"),
            "assertion=PHNhbWw-\
             &grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Asaml2-bearer&client_id=app",
        ),
        (
            GenericGrant::new(configuration(), "password").parameter("username", "alice"),
            "username=alice&grant_type=password&client_id=app",
        ),
    ] {
        let mut script = Script::new(grant);
        let outbound = script.sends(Event::Begin);
        assert_eq!(outbound.endpoint, EndpointName::Token);
        assert_eq!(form(&outbound).encode(), expected);
        let tokens = script.done(received(200, tokens(None)));
        assert_eq!(tokens.access_token().expose(), "at");
        assert_finished(&mut script.operation);
    }
}

#[test]
fn what_would_leave_a_check_out_is_refused() {
    for grant_type in ["", "authorization_code", "refresh_token"] {
        let mut script = Script::new(GenericGrant::new(configuration(), grant_type));
        assert_eq!(argument(script.fails(Event::Begin)), "grant_type");
    }
    for name in [
        "grant_type",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
    ] {
        let grant = GenericGrant::new(configuration(), "password").parameter(name, "secret");
        let error = Script::new(grant).fails(Event::Begin);
        assert!(!error.to_string().contains("secret`, found"), "{error}");
        assert_eq!(argument(error), "parameter");
    }
}

#[test]
fn keys_come_first_where_an_id_token_is_asked_for() {
    let grant = GenericGrant::jwt_bearer(configuration(), "a.b.c")
        .scope("openid read")
        .expected_nonce("n-1");
    let mut script = Script::new(grant);
    assert_eq!(script.sends(Event::Begin).endpoint, EndpointName::Jwks);
    let outbound = script.sends(received(200, key_set(&[&SERVER_KEY])));
    assert_eq!(outbound.endpoint, EndpointName::Token);
    let tokens = script.done(received(200, tokens(Some(sign(&claims())))));
    assert_eq!(tokens.id_token().unwrap().nonce(), Some("n-1"));
}

#[test]
fn an_id_token_with_a_nonce_belongs_to_another_login() {
    for (expected, found) in [(None, Some("none")), (Some("n-2"), None)] {
        let mut grant = GenericGrant::new(configuration(), "password").scope("openid");
        if let Some(nonce) = expected {
            grant = grant.expected_nonce(nonce);
        }
        let mut script = Script::new(grant);
        script.sends(Event::Begin);
        script.sends(received(200, key_set(&[&SERVER_KEY])));
        let error = script.fails(received(200, tokens(Some(sign(&claims())))));
        assert_eq!(error.code(), Some("OAUTH_JWT_CLAIM_COMPARISON_FAILED"));
        let rejection = error.rejection().unwrap();
        assert_eq!(rejection.artefact, Artefact::IdToken);
        assert_eq!(
            rejection.reason,
            Reason::ClaimMismatch {
                claim: "nonce",
                expected: found.map(str::to_owned),
                found: None,
            }
        );
    }
}

#[test]
fn tokens_are_kept_when_their_id_token_cannot_be_verified() {
    let mut script = Script::new(GenericGrant::jwt_bearer(configuration(), "a.b.c"));
    script.sends(Event::Begin);
    let outbound = script.sends(received(200, tokens(Some(sign(&claims())))));
    assert_eq!(outbound.endpoint, EndpointName::Jwks);
    let Error::TokensUnverified(unverified) = script.fails(received(503, "")) else {
        panic!();
    };
    assert_eq!(unverified.danger_tokens().access_token().expose(), "at");
}

fn argument(error: Error) -> &'static str {
    match error {
        Error::Misuse(Misuse::InvalidArgument { argument, .. }) => argument,
        error => panic!("{error}"),
    }
}

#[test]
fn only_a_token_exchange_may_issue_what_is_no_access_token() {
    let saml = "urn:ietf:params:oauth:token-type:saml2";
    let body = json!({"access_token": "PHNhbWw-", "token_type": "n_a", "issued_token_type": saml});
    let exchange = || GenericGrant::token_exchange(configuration(), "st", ACCESS_TOKEN);

    let mut script = Script::new(exchange());
    script.sends(Event::Begin);
    let issued = script.done(received(200, &body));
    assert_eq!(issued.token_type(), TokenType::NotApplicable);
    assert_eq!(issued.issued_token_type(), Some(saml));
    let presented =
        UserInfoEndpoint::new(configuration(), &issued, ExpectedSubject::DangerUnchecked).request();
    assert_eq!(argument(presented.unwrap_err()), "access_token");

    let mut script = Script::new(GenericGrant::jwt_bearer(configuration(), "a.b.c"));
    script.sends(Event::Begin);
    let error = script.fails(received(200, &body));
    assert_eq!(error.code(), Some("OAUTH_UNSUPPORTED_OPERATION"));
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::UnsupportedTokenType {
            expected: "Bearer",
            found: "n_a".to_owned(),
        }
    );

    for issued in [Value::Null, json!(""), json!(7)] {
        let mut body = body.clone();
        body["issued_token_type"] = issued;
        body["refresh_token"] = "r2".into();
        let mut script = Script::new(exchange());
        script.sends(Event::Begin);
        let error = script.fails(received(200, body));
        assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"));
        assert_eq!(
            error.rejection().unwrap().reason,
            Reason::Missing {
                member: "issued_token_type".into()
            }
        );
        assert_eq!(error.refresh_token(), None);
        assert_eq!(error.danger_refresh_token(), Some(&"r2".into()));
    }

    // A Bearer token says enough for itself, and any other type is unknown here too.
    let mut script = Script::new(exchange());
    script.sends(Event::Begin);
    let tokens = script.done(received(200, tokens(None)));
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    let mut script = Script::new(exchange());
    script.sends(Event::Begin);
    let mut mac = body;
    mac["token_type"] = json!("mac");
    let error = script.fails(received(200, mac));
    assert_eq!(error.code(), Some("OAUTH_UNSUPPORTED_OPERATION"));
}

/// A server may send a refresh token with any grant (RFC 8693 section 2.2.1). It begins a session,
/// so it is not safe to use after a refusal.
#[test]
fn the_refresh_token_of_a_refused_response_is_kept() {
    for (claim, value) in [
        ("exp", json!(NOW - 30)),
        ("iat", json!(NOW + 31)),
        ("aud", json!("another")),
        ("nonce", json!("n-2")),
    ] {
        let grant = GenericGrant::token_exchange(configuration(), "st", ACCESS_TOKEN)
            .scope("openid")
            .expected_nonce("n-1");
        let mut script = Script::new(grant);
        script.sends(Event::Begin);
        script.sends(received(200, key_set(&[&SERVER_KEY])));
        let mut wrong = claims();
        wrong[claim] = value;
        let mut body = tokens(Some(sign(&wrong)));
        body["refresh_token"] = "r2".into();
        let error = script.fails(received(200, body));
        assert_eq!(error.refresh_token(), None, "{claim}");
        assert_eq!(error.danger_refresh_token(), Some(&"r2".into()), "{claim}");
    }
}
