//! JWTs at a resource server that introspects.

use super::*;
use crate::metadata::ServerMetadata;
use crate::policy::Tenants;

#[test]
fn a_jwt_is_not_sent_to_a_server_that_did_not_issue_it() {
    let body = active();
    let mut other = ServerMetadata::new("https://other.example");
    other.jwks_uri = Some("https://other.example/jwks".to_owned());
    let server = asking(introspection()).with_issuer(other).unwrap();
    let asked = Asked::new(server, body);
    let of = |iss: &str| access_token(&with(&good(), &[("iss", json!(iss))]));
    // Trusted by its keys.
    asked.decide(bearer(&of("https://other.example"))).unwrap();
    assert_refused(vec![(
        "a third issuer",
        asked.decide(bearer(&of("https://third.example"))),
        Artefact::AccessToken,
        mismatch("iss", Some(("a trusted issuer", "https://third.example"))),
    )]);
    assert_eq!(asked.requests.get(), 0);
    // Of the server that is asked, whose JWTs need not follow RFC 9068.
    asked.decide(bearer(&of(ISSUER))).unwrap();
    assert_eq!(asked.requests.get(), 1);
    // A JWT with a bad signature of an issuer that is trusted by its keys is not asked about.
    let server = asking(introspection())
        .with_issuer(testing::server())
        .unwrap();
    let asked = Asked::new(server, active());
    let token = access_token(&good());
    let (input, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{input}.{}", jose::base64url::encode(&[1; 64]));
    assert_refused(vec![(
        "forged",
        asked.decide(bearer(&forged)),
        Artefact::AccessToken,
        Reason::Jose(jose::Error::Signature),
    )]);
    assert_eq!(asked.requests.get(), 0);
}

/// A JWT whose header or claims cannot be read here stays a JWT.
#[test]
fn a_jwt_that_cannot_be_read_does_not_pass_for_an_opaque_token() {
    let asked = Asked::new(asking(introspection()), active());
    let of = |header: &str, payload: &str| {
        let [header, payload] = [header, payload].map(|it| base64url::encode(it.as_bytes()));
        asked.decide(bearer(&format!("{header}.{payload}.AAAA")))
    };
    let third = r#"{"iss":"https://third.example"}"#;
    let values = ("a trusted issuer", "https://third.example");
    let mut rows = Vec::new();
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"ES999"}"#,
        r#"{"alg":"ES256","crit":["b64"],"b64":false}"#,
        r#"{"alg":"ES256","alg":"ES256"}"#,
        "{",
        "{\n}",
        " {\"alg\":\"ES256\"}",
    ] {
        let reason = mismatch("iss", Some(values));
        rows.push(("header", of(header, third), Artefact::AccessToken, reason));
    }
    let header = r#"{"alg":"ES256"}"#;
    let payload = "not JSON";
    let error = jose::json::parse_object(payload.as_bytes(), jose::json::Limits::CLAIMS);
    let reason = Reason::Json(error.unwrap_err());
    rows.push((
        "payload",
        of(header, payload),
        Artefact::AccessToken,
        reason,
    ));
    let number = r#"{"iss":7}"#;
    let reason = ill_typed("iss", "a string", "number");
    rows.push(("number", of(header, number), Artefact::AccessToken, reason));
    assert_refused(rows);
    assert_eq!(asked.requests.get(), 0);
    // A JWT of the server that is asked, with an algorithm that is not known here; a JWT that names
    // no issuer; and what has the form of no signed JWT.
    of(r#"{"alg":"ES999"}"#, &format!(r#"{{"iss":"{ISSUER}"}}"#)).unwrap();
    of(header, "{}").unwrap();
    for token in ["a.b.c", "eyJ.a", "ey.a.b.c", "ey.a.b.c.d"] {
        asked.decide(bearer(token)).unwrap();
    }
    assert_eq!(asked.requests.get(), 6);
}

#[test]
fn the_response_about_a_jwt_names_the_tenant_that_the_jwt_names() {
    const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let [named, other] = [
        "8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
        "82229342-1101-4ab6-817b-70c0747630f3",
    ]
    .map(|tenant| TEMPLATE.replace("{tenantid}", tenant));
    let mut policy = Policy::default();
    policy.set_tenants(Tenants::checked(|_| true));
    let setup = testing::setup().policy(policy);
    let setup = setup.server(|it| it.issuer = TEMPLATE.to_owned());
    let introspection = Introspection::new(setup.build()).unwrap();
    let of = |iss: &str| {
        let server = asking(introspection.clone());
        let body = with(&active(), &[("iss", json!(iss))]);
        let token = access_token(&with(&good(), &[("iss", json!(named))]));
        Asked::new(server, body).decide(bearer(&token))
    };
    assert_eq!(of(&named).unwrap().access_token.iss(), named);
    assert_refused(vec![(
        "another tenant",
        of(&other),
        Artefact::AccessToken,
        mismatch("iss", Some((&named, &other))),
    )]);
}
