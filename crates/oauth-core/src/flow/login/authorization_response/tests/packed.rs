//! Responses packed into a JWT (JARM).

use super::*;

#[test]
fn a_packed_response_hands_out_the_code() {
    for claims in [
        packed_claims(),
        changed(packed_claims(), "aud", json!(["app", "x"])),
        changed(packed_claims(), "exp", json!(NOW - 29)),
        changed(packed_claims(), "session", json!([1])),
        changed(packed_claims(), "iat", json!(NOW)),
    ] {
        let callback = packed(&testing::sign(&claims));
        let handed_out = verify(&configuration(), callback, packed_checks()).unwrap();
        assert_eq!(handed_out.code, Some("c".into()));
        assert!(handed_out.id_token.is_none());
    }
}

/// JARM section 2.4, then the rules of a plain response.
#[test]
fn each_fault_of_a_packed_response_is_named() {
    let expired = TimestampRule::Expired;
    let future = TimestampRule::InTheFuture;
    let issuer = Some("https://op.example");
    let state = Reason::ParameterMismatch {
        parameter: "state",
        expected: None,
        found: None,
    };
    let not_a_string = |member: &'static str, found: &str| Reason::IllTyped {
        member: member.into(),
        expected: "a string",
        found: found.to_owned(),
    };
    for (claim, value, code, reason) in [
        ("iss", json!(null), INVALID, missing("iss")),
        (
            "iss",
            json!("https://evil.example"),
            COMPARISON,
            mismatch("iss", issuer, Some("https://evil.example")),
        ),
        ("aud", json!(null), INVALID, missing("aud")),
        (
            "aud",
            json!("app1"),
            COMPARISON,
            mismatch("aud", Some("app"), Some("app1")),
        ),
        ("exp", json!(null), INVALID, missing("exp")),
        (
            "exp",
            json!(NOW - 30),
            TIMESTAMP,
            timestamp("exp", NOW - 30, expired),
        ),
        (
            "nbf",
            json!(NOW + 31),
            TIMESTAMP,
            timestamp("nbf", NOW + 31, TimestampRule::NotYetValid),
        ),
        (
            "iat",
            json!(NOW + 31),
            TIMESTAMP,
            timestamp("iat", NOW + 31, future),
        ),
        ("state", json!(null), INVALID, missing("state")),
        ("state", json!("t"), INVALID, state),
        ("state", json!(7), INVALID, not_a_string("state", "number")),
        ("code", json!(null), INVALID, missing("code")),
        ("code", json!(["c"]), INVALID, not_a_string("code", "array")),
        (
            "id_token",
            json!("x"),
            "OAUTH_UNSUPPORTED_OPERATION",
            Reason::ImplicitParameter { member: "id_token" },
        ),
    ] {
        let claims = changed(packed_claims(), claim, value);
        let result = verify(
            &configuration(),
            packed(&testing::sign(&claims)),
            packed_checks(),
        );
        assert_refused(result, code, Artefact::AuthorizationResponse, &reason);
    }
}

#[test]
fn the_servers_error_may_be_packed_too() {
    let mut claims = changed(packed_claims(), "code", Value::Null);
    for (claim, value) in [
        ("error", json!("access_denied")),
        ("error_description", json!("no")),
        ("jti", json!("j")),
        ("iat", json!(NOW)),
        ("nbf", json!(NOW)),
    ] {
        claims[claim] = value;
    }
    let callback = packed(&testing::sign(&claims));
    let error = verify(&configuration(), callback, packed_checks()).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_AUTHORIZATION_RESPONSE_ERROR"));
    let Error::AuthorizationResponse(answered) = error else {
        panic!("{error}");
    };
    // What says something about the JWT is no parameter.
    let mut names: Vec<_> = answered
        .parameters
        .iter()
        .map(|(name, _)| &**name)
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["error", "error_description", "iss", "state"]);
}

/// To leave it out would make it look absent.
#[test]
fn a_parameter_of_the_protocol_is_text() {
    for name in [
        "state",
        "response",
        "error",
        "code",
        "id_token",
        "token",
        "access_token",
        "token_type",
        "expires_in",
    ] {
        let claims = changed(packed_claims(), name, json!({"x": 1}));
        let callback = packed(&testing::sign(&claims));
        let result = verify(&configuration(), callback, packed_checks());
        let reason = Reason::IllTyped {
            member: name.into(),
            expected: "a string",
            found: "object".to_owned(),
        };
        assert_refused(result, INVALID, Artefact::AuthorizationResponse, &reason);
    }
}

#[test]
fn a_packed_response_needs_the_servers_signature() {
    let stranger = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k1");
    let forged = testing::sign_with(&stranger, &header, &packed_claims());
    let invalid = Reason::Jose(jose::Error::Signature);
    let artefact = Artefact::AuthorizationResponse;
    let result = verify(&configuration(), packed(&forged), packed_checks());
    assert_refused(result, INVALID, artefact, &invalid);

    // A switch for ID Tokens from the back channel changes nothing.
    let mut policy = Policy::default();
    policy.danger.skip_id_token_signature_check = true;
    let lenient = configuration().with_policy(policy);
    let result = verify(&lenient, packed(&forged), packed_checks());
    assert_refused(result, INVALID, artefact, &invalid);

    let typed = header.typ("at+jwt");
    let other = testing::sign_with(&SERVER_KEY, &typed, &packed_claims());
    let result = verify(&configuration(), packed(&other), packed_checks());
    let reason = Reason::TokenType {
        expected: "JWT",
        found: "at+jwt".to_owned(),
    };
    assert_refused(result, INVALID, artefact, &reason);
}

/// The first source that says anything decides: registered, advertised, RS256.
#[test]
fn the_algorithm_of_a_packed_response_is_agreed_on() {
    let cache = Cache::default();
    for (registered, advertised, expected) in [
        (Some("PS256"), Some("ES256"), "PS256"),
        (None, Some("PS384"), "PS384"),
        (None, None, "RS256"),
    ] {
        let advertised = advertised.map(|name| vec![name.to_owned()]);
        let configuration = testing::setup()
            .server(|it| it.authorization_signing_alg_values_supported = advertised)
            .client(|it| it.authorization_signed_response_alg = registered.map(Into::into))
            .build();
        let callback = packed(&testing::sign(&packed_claims()));
        let result = operation(&configuration, callback, packed_checks())
            .step(&mut testing::env(NOW, 0, &cache), Event::Begin);
        let error = result.expect_err("accepted");
        assert_eq!(
            error.rejection().unwrap().reason,
            Reason::Algorithm {
                expected: vec![expected.to_owned()],
                found: "ES256".to_owned(),
            }
        );
    }
}

#[test]
fn a_plain_jwt_is_refused_where_encryption_was_registered() {
    let cache = Cache::default();
    let mut client = ClientMetadata::new("app");
    client.authorization_encrypted_response_alg = Some("ECDH-ES".to_owned());
    let configuration = configuration().with_client(client).unwrap();
    let callback = packed(&testing::sign(&packed_claims()));
    let error = operation(&configuration, callback, packed_checks())
        .step(&mut testing::env(NOW, 0, &cache), Event::Begin)
        .expect_err("accepted");
    assert!(matches!(
        &error.rejection().unwrap().reason,
        Reason::NotEncrypted { .. }
    ));
}

/// The payload that Keycloak 26 sends, with `iss` twice, as a client of it reads it.
#[test]
fn a_response_of_keycloak_is_read() {
    let case = include_str!("../../../../../tests/cases/providers/keycloak-jarm-payload.json");
    let case: Value = serde_json::from_str(case).unwrap();
    let payload = case["payload_text"].as_str().unwrap();
    let algorithms = Some(vec!["ES256".to_owned()]);
    let configuration = testing::setup()
        .issuer("https://localhost:8543/realms/lab")
        .server(|it| it.authorization_signing_alg_values_supported = algorithms)
        .client_id("99e876d2-69b1-4272-a247-ef7ed2bba065")
        .build();
    let checks = AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::Equals("<removed>".into()),
        ..packed_checks()
    };
    let callback = |payload: &str| packed(&testing::sign_text(payload));
    assert_eq!(callback(payload).state(), Some("<removed>"));
    let read = verify(&configuration, callback(payload), checks.clone()).unwrap();
    assert_eq!(read.code, Some("<removed>".into()));

    let iss = r#""iss":"https://localhost:8543/realms/lab""#;
    assert_eq!(payload.matches(iss).count(), 2);
    let differing = payload.replacen(iss, r#""iss":"https://localhost:8543/realms/lob""#, 1);
    assert_eq!(callback(&differing).state(), None);
    assert_refused(
        verify(&configuration, callback(&differing), checks),
        "OAUTH_PARSE_ERROR",
        Artefact::AuthorizationResponse,
        &Reason::Jose(jose::Error::Json {
            part: jose::Part::Payload,
            reason: jose::json::Error::Duplicate {
                member: "iss".to_owned(),
            },
        }),
    );
}
