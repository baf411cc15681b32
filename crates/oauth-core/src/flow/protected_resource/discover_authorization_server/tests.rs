use serde_json::{Value, json};

use super::DiscoverAuthorizationServer;
use crate::error::{Error, MetadataError, Reason, Unsupported};
use crate::operation::Event;
use crate::policy::Policy;
use crate::testing::assert_finished;
use crate::testing::script::{Script, received};

const ISSUER: &str = "https://op.example/tenant";

fn script(issuer: &str) -> Script<DiscoverAuthorizationServer> {
    under(issuer, Policy::default())
}

fn under(issuer: &str, policy: Policy) -> Script<DiscoverAuthorizationServer> {
    Script::new(DiscoverAuthorizationServer::new(issuer, policy).unwrap())
}

fn document(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": "https://op.example/authorize",
        "token_endpoint": "https://op.example/token",
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

/// The places at which a server is looked for that is at none of them.
fn places(issuer: &str) -> Vec<String> {
    let mut script = script(issuer);
    let mut places = vec![script.sends(Event::Begin).request.uri().to_string()];
    loop {
        match script.step(received(404, "")) {
            Ok(crate::operation::Action::Send(outbound)) => {
                places.push(outbound.request.uri().to_string());
            }
            Err(error) => {
                let rejection = error.rejection().unwrap();
                assert!(matches!(
                    rejection.reason,
                    Reason::Status { found: 404, .. }
                ));
                return places;
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Model Context Protocol 2026-07-28, authorization server metadata discovery.
#[test]
fn the_places_of_the_specification_in_its_order() {
    assert_eq!(
        places("https://auth.example.com/tenant1"),
        [
            "https://auth.example.com/.well-known/oauth-authorization-server/tenant1",
            "https://auth.example.com/.well-known/openid-configuration/tenant1",
            "https://auth.example.com/tenant1/.well-known/openid-configuration",
        ]
    );
    assert_eq!(
        places("https://auth.example.com"),
        [
            "https://auth.example.com/.well-known/oauth-authorization-server",
            "https://auth.example.com/.well-known/openid-configuration",
        ]
    );
}

#[test]
fn the_first_document_counts() {
    let mut script = script(ISSUER);
    script.sends(Event::Begin);
    script.sends(received(404, ""));
    let server = script.done(received(200, document(ISSUER)));
    assert_eq!(server.issuer, ISSUER);
    assert_finished(&mut script.operation);
}

#[test]
fn the_document_of_another_issuer_ends_the_search() {
    for other in [
        "https://evil.example/tenant",
        "https://op.example",
        "https://op.example/tenant/",
    ] {
        let mut script = script(ISSUER);
        script.sends(Event::Begin);
        let error = script.fails(received(200, document(other)));
        assert_eq!(
            error.rejection().unwrap().reason,
            Reason::AttributeMismatch {
                member: "issuer",
                expected: Some(ISSUER.to_owned()),
                found: Some(other.to_owned()),
            }
        );
        assert_finished(&mut script.operation);
    }
    let mut redirected = script(ISSUER);
    redirected.sends(Event::Begin);
    let error = redirected.fails(received(302, ""));
    assert!(matches!(
        error.rejection().unwrap().reason,
        Reason::Status { found: 302, .. }
    ));
}

#[test]
fn a_login_must_be_possible() {
    let refused = |member: &str, value: Value| {
        let mut document = document(ISSUER);
        document[member] = value;
        let mut script = script(ISSUER);
        script.sends(Event::Begin);
        let error = script.fails(received(200, document));
        assert_finished(&mut script.operation);
        error
    };
    for member in ["authorization_endpoint", "token_endpoint"] {
        assert!(matches!(
            refused(member, json!(null)),
            Error::Metadata(MetadataError::Missing { member: missing }) if missing == member
        ));
        assert!(matches!(
            refused(member, json!("http://op.example/x")),
            Error::Metadata(MetadataError::NotHttps { member: plain, .. }) if plain == member
        ));
        for url in ["javascript:alert(1)", "file:///etc/passwd"] {
            assert!(matches!(
                refused(member, json!(url)),
                Error::Metadata(MetadataError::Scheme { .. })
            ));
        }
    }
}

#[test]
fn pkce_must_be_advertised_or_the_switch_set() {
    for methods in [json!(null), json!([]), json!(["plain"])] {
        let mut document = document(ISSUER);
        document["code_challenge_methods_supported"] = methods;
        let mut script = script(ISSUER);
        script.sends(Event::Begin);
        let error = script.fails(received(200, &document));
        assert!(matches!(
            error,
            Error::Unsupported(Unsupported::Feature { .. })
        ));
        assert!(
            error
                .to_string()
                .contains("`danger.accept_unadvertised_pkce`")
        );

        let mut policy = Policy::default();
        policy.danger.accept_unadvertised_pkce = true;
        let mut script = under(ISSUER, policy);
        script.sends(Event::Begin);
        script.done(received(200, document));
    }
}

#[test]
fn iss_must_be_advertised_or_required_or_the_switch_set() {
    const MEMBER: &str = "authorization_response_iss_parameter_supported";
    for announced in [json!(null), json!(false)] {
        let mut document = document(ISSUER);
        document[MEMBER] = announced;
        let mut script = script(ISSUER);
        script.sends(Event::Begin);
        let error = script.fails(received(200, &document));
        let Error::Unsupported(Unsupported::Feature { feature }) = &error else {
            panic!("{error}");
        };
        assert!(feature.contains(MEMBER), "{feature}");
        assert!(feature.contains("`danger.accept_unadvertised_iss`"));
        assert_finished(&mut script.operation);

        let mut danger = Policy::default();
        danger.danger.accept_unadvertised_iss = true;
        // The callback is checked then.
        let mut required = Policy::default();
        required.require_authorization_response_iss();
        for policy in [danger, required] {
            let mut script = under(ISSUER, policy);
            script.sends(Event::Begin);
            script.done(received(200, &document));
        }
    }
}
