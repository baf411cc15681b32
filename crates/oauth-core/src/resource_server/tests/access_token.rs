use super::*;
use crate::error::TimestampRule;
use crate::resource_server::DangerAccessTokenProfile;
use crate::time::UnixTime;

const KEYCLOAK: DangerAccessTokenProfile = DangerAccessTokenProfile {
    typ: Some("JWT"),
    audience_claim: "resource",
    client_claim: "azp",
    scope_claim: "scp",
};

const DETAILS: &str = "an array of objects with a type";

fn judge(claims: &Value) -> Result<Authorized, Error> {
    decide(&server(), bearer(&access_token(claims)))
}

fn by_choice(profile: DangerAccessTokenProfile, token: &str) -> Result<Authorized, Error> {
    let server = ResourceServer::new(RESOURCE, "https://api.example", Policy::default());
    let server = server.unwrap();
    let server = server.with_danger_issuer(testing::server(), profile);
    decide(&server.unwrap(), bearer(token))
}

#[test]
fn the_claims_of_a_good_one() {
    for typ in ["at+jwt", "application/at+jwt", "AT+JWT"] {
        let claims = with(&good(), &[("aud", json!(["other", RESOURCE]))]);
        let authorized = decide(&server(), bearer(&typed(Some(typ), &claims))).unwrap();
        assert_eq!(authorized.dpop_nonce, None);
        let token = authorized.access_token;
        assert_eq!(token.iss(), "https://op.example");
        assert_eq!(
            (token.sub(), token.client_id()),
            (Some("alice"), Some("app"))
        );
        assert_eq!(token.jti(), Some("t-1"));
        assert_eq!(token.iat(), Some(UnixTime::from_seconds(NOW)));
        assert_eq!(token.exp(), Some(UnixTime::from_seconds(NOW + 300)));
        assert_eq!(token.scope(), ["read", "write"]);
        assert_eq!(token.claims().len(), 8);
        assert!(!format!("{token:?}").contains("t-1"));
    }
}

#[test]
fn each_claim_is_checked() {
    let rows: [(&'static str, Value, Reason); 26] = [
        ("iss", Value::Null, missing("iss")),
        (
            "iss",
            json!("https://op.example/"),
            mismatch("iss", Some(("https://op.example", "https://op.example/"))),
        ),
        ("aud", Value::Null, missing("aud")),
        (
            "aud",
            json!("https://other.example/"),
            mismatch("aud", Some((RESOURCE, "https://other.example/"))),
        ),
        ("exp", Value::Null, missing("exp")),
        (
            "exp",
            json!(NOW - 31),
            timestamp("exp", NOW - 31, TimestampRule::Expired),
        ),
        (
            "nbf",
            json!(NOW + 31),
            timestamp("nbf", NOW + 31, TimestampRule::NotYetValid),
        ),
        ("iat", Value::Null, missing("iat")),
        (
            "iat",
            json!(NOW + 31),
            timestamp("iat", NOW + 31, TimestampRule::InTheFuture),
        ),
        ("jti", Value::Null, missing("jti")),
        (
            "jti",
            json!(""),
            ill_typed("jti", "a string that is not empty", "an empty string"),
        ),
        ("sub", Value::Null, missing("sub")),
        (
            "sub",
            json!(""),
            ill_typed("sub", "a string that is not empty", "an empty string"),
        ),
        ("client_id", Value::Null, missing("client_id")),
        (
            "client_id",
            json!(""),
            ill_typed("client_id", "a string that is not empty", "an empty string"),
        ),
        (
            "scope",
            json!(["read"]),
            ill_typed("scope", "a string", "array"),
        ),
        ("cnf", json!("x"), ill_typed("cnf", "an object", "string")),
        ("cnf", json!({"jwk": {}}), missing("cnf.jkt")),
        (
            "cnf",
            json!({"jkt": 7}),
            ill_typed("cnf.jkt", "a string", "number"),
        ),
        (
            "cnf",
            json!({"jkt": "x", "x5t#S256": null}),
            ill_typed("cnf.x5t#S256", "a string", "null"),
        ),
        (
            "authorization_details",
            json!({"type": "payment"}),
            ill_typed("authorization_details", DETAILS, "object"),
        ),
        (
            "authorization_details",
            json!([{"actions": ["read"]}]),
            ill_typed("authorization_details", DETAILS, "array"),
        ),
        (
            "authorization_details",
            json!(["payment"]),
            ill_typed("authorization_details", DETAILS, "array"),
        ),
        ("acr", json!(7), ill_typed("acr", "a string", "number")),
        (
            "auth_time",
            json!(NOW + 31),
            timestamp("auth_time", NOW + 31, TimestampRule::InTheFuture),
        ),
        (
            "aud",
            json!([RESOURCE, 7]),
            ill_typed("aud", "a string or an array of strings", "array"),
        ),
    ];
    assert_refused(
        rows.into_iter()
            .map(|(claim, value, reason)| {
                let decision = judge(&with(&good(), &[(claim, value)]));
                (claim, decision, Artefact::AccessToken, reason)
            })
            .collect(),
    );
}

fn token_type(expected: &'static str, found: &str) -> Reason {
    Reason::TokenType {
        expected,
        found: found.to_owned(),
    }
}

#[test]
fn another_kind_of_jwt_is_no_access_token() {
    let at = Artefact::AccessToken;
    let judge = |typ, claims: &Value| decide(&server(), bearer(&typed(typ, claims)));
    let id_token = with(&testing::claims(), &[("aud", json!(RESOURCE))]);
    assert_refused(vec![
        (
            "ID Token",
            judge(None, &id_token),
            at,
            token_type("at+jwt", "nothing"),
        ),
        (
            "JWT",
            judge(Some("JWT"), &good()),
            at,
            token_type("at+jwt", "JWT"),
        ),
        (
            "logout token",
            judge(Some("logout+jwt"), &good()),
            at,
            token_type("at+jwt", "logout+jwt"),
        ),
    ]);
}

#[test]
fn the_signature_and_its_algorithm_are_checked() {
    let at = Artefact::AccessToken;
    let payload = base64url::encode(good().to_string().as_bytes());
    let header = base64url::encode(br#"{"alg":"none","typ":"at+jwt"}"#);
    let unsigned = format!("{header}.{payload}.");
    let public = SERVER_KEY.public_jwk().unwrap().to_json();
    let secret = SigningKey::hmac(json!(public).to_string().as_bytes()).unwrap();
    let header = ProtectedHeader::new(jose::SignatureAlgorithm::HS256);
    let hmac = sign_with(&secret, &header.kid("k1").typ("at+jwt"), &good());
    let header = ProtectedHeader::new(ES256).kid("k1").typ("at+jwt");
    let foreign = sign_with(&CLIENT_KEY, &header, &good());
    let es256_only = server_with_algorithms(&[ES256]);
    let ps256_only = server_with_algorithms(&[jose::SignatureAlgorithm::PS256]);
    let later = server().with_algorithms(&ps256_only.algorithms).unwrap();
    decide(&es256_only, bearer(&access_token(&good()))).unwrap();
    let algorithms = |found: &str, server: &ResourceServer| Reason::Algorithm {
        expected: server.algorithms.iter().map(ToString::to_string).collect(),
        found: found.to_owned(),
    };
    assert_refused(vec![
        (
            "none",
            decide(&server(), bearer(&unsigned)),
            at,
            Reason::Jose(jose::Error::Unsecured),
        ),
        (
            "HS256 with the public key",
            decide(&server(), bearer(&hmac)),
            at,
            algorithms("HS256", &server()),
        ),
        (
            "another key",
            decide(&server(), bearer(&foreign)),
            at,
            Reason::Jose(jose::Error::Signature),
        ),
        (
            "an algorithm that is not in the list",
            decide(&ps256_only, bearer(&access_token(&good()))),
            at,
            algorithms("ES256", &ps256_only),
        ),
        (
            "an algorithm outside a list that is set after the issuer",
            decide(&later, bearer(&access_token(&good()))),
            at,
            algorithms("ES256", &ps256_only),
        ),
    ]);
    assert!(server().algorithms.iter().all(|it| !it.is_symmetric()));
}

fn server_with_algorithms(algorithms: &[jose::SignatureAlgorithm]) -> ResourceServer {
    ResourceServer::new(RESOURCE, "https://api.example", Policy::default())
        .and_then(|server| server.with_algorithms(algorithms))
        .and_then(|server| server.with_issuer(testing::server()))
        .unwrap()
}

/// What a client may skip for an ID Token from its own provider says nothing about the tokens of
/// strangers.
#[test]
fn no_switch_of_a_client_skips_a_check() {
    let mut policy = Policy::default();
    policy.danger.skip_id_token_signature_check = true;
    policy.danger.skip_at_hash_check = true;
    policy.danger.skip_iat_check = true;
    policy.danger.skip_azp_check = true;
    policy.danger.accept_unencrypted = true;
    policy.danger.accept_bearer_for_dpop = true;
    policy.danger.accepted_id_token_types = vec!["JWT".to_owned()];
    let server = ResourceServer::new(RESOURCE, "https://api.example", policy)
        .and_then(|server| server.with_issuer(testing::server()))
        .unwrap();
    let header = ProtectedHeader::new(ES256).kid("k1").typ("at+jwt");
    let forged = sign_with(&CLIENT_KEY, &header, &good());
    let from_the_future = access_token(&with(&good(), &[("iat", json!(NOW + 31))]));
    let bound = access_token(&bound());
    let at = Artefact::AccessToken;
    assert_refused(vec![
        (
            "signature",
            decide(&server, bearer(&forged)),
            at,
            Reason::Jose(jose::Error::Signature),
        ),
        (
            "typ",
            decide(&server, bearer(&typed(Some("JWT"), &good()))),
            at,
            token_type("at+jwt", "JWT"),
        ),
        (
            "iat",
            decide(&server, bearer(&from_the_future)),
            at,
            timestamp("iat", NOW + 31, TimestampRule::InTheFuture),
        ),
        (
            "Bearer",
            decide(&server, bearer(&bound)),
            at,
            Reason::UnsupportedTokenType {
                expected: "DPoP",
                found: "Bearer".to_owned(),
            },
        ),
    ]);
}

#[test]
fn an_issuer_with_another_profile_is_a_choice() {
    let changes = [
        ("client_id", Value::Null),
        ("azp", json!("app")),
        ("aud", json!("account")),
        ("resource", json!([RESOURCE])),
        ("scope", Value::Null),
        ("scp", json!(["read"])),
        ("jti", Value::Null),
        ("iat", Value::Null),
    ];
    let claims = with(&good(), &changes);
    let token = by_choice(KEYCLOAK, &typed(Some("JWT"), &claims)).unwrap();
    let token = token.access_token;
    assert_eq!(
        (token.client_id(), token.scope()),
        (Some("app"), &["read".to_owned()][..])
    );
    assert_eq!((token.jti(), token.iat()), (None, None));
    let at = Artefact::AccessToken;
    let untyped = DangerAccessTokenProfile {
        typ: None,
        ..KEYCLOAK
    };
    by_choice(untyped, &typed(None, &claims)).unwrap();
    let judge =
        |change: (&str, Value)| by_choice(KEYCLOAK, &typed(Some("JWT"), &with(&claims, &[change])));
    let unexpected = |member: &'static str| Reason::Unexpected {
        member: member.into(),
    };
    assert_refused(vec![
        (
            "typ",
            by_choice(KEYCLOAK, &typed(None, &claims)),
            at,
            token_type("JWT", "nothing"),
        ),
        (
            "no typ",
            by_choice(untyped, &typed(Some("logout+jwt"), &claims)),
            at,
            token_type("nothing", "logout+jwt"),
        ),
        (
            "nonce",
            judge(("nonce", json!("n"))),
            at,
            unexpected("nonce"),
        ),
        (
            "at_hash",
            judge(("at_hash", json!("n"))),
            at,
            unexpected("at_hash"),
        ),
        (
            "c_hash",
            judge(("c_hash", json!("n"))),
            at,
            unexpected("c_hash"),
        ),
        (
            "s_hash",
            judge(("s_hash", json!("n"))),
            at,
            unexpected("s_hash"),
        ),
        (
            "logout token",
            judge(("events", json!({}))),
            at,
            unexpected("events"),
        ),
        ("azp", judge(("azp", Value::Null)), at, missing("azp")),
        (
            "audience",
            judge(("resource", json!("other"))),
            at,
            mismatch("resource", Some((RESOURCE, "other"))),
        ),
        ("exp", judge(("exp", Value::Null)), at, missing("exp")),
    ]);
}
