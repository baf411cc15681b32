//! Responses with an ID Token: with a code, and alone.

use super::*;

#[test]
fn an_id_token_proves_the_code_that_comes_with_it() {
    for claims in [
        hybrid_claims(),
        changed(hybrid_claims(), "s_hash", json!(left_half("s"))),
        changed(hybrid_claims(), "iat", json!(NOW - 3600)),
    ] {
        let callback = hybrid(&testing::sign(&claims));
        let handed_out = verify(&configuration(), callback, hybrid_checks()).unwrap();
        assert_eq!(handed_out.code, Some("c".into()));
        assert_eq!(handed_out.id_token.unwrap().sub(), "alice");
    }
    let claims = changed(hybrid_claims(), "s_hash", json!(left_half("s")));
    let callback = hybrid(&testing::sign(&claims));
    assert!(verify(&detached(), callback, hybrid_checks()).is_ok());
}

/// OpenID Connect Core 1.0 section 3.3.2.11.
#[test]
fn each_fault_of_an_id_token_with_a_code_is_named() {
    for (claim, value, code, reason) in [
        ("c_hash", json!(null), INVALID, missing("c_hash")),
        (
            "c_hash",
            json!(left_half("d")),
            COMPARISON,
            mismatch("c_hash", None, None),
        ),
        (
            "c_hash",
            json!(""),
            COMPARISON,
            mismatch("c_hash", None, None),
        ),
        (
            "c_hash",
            json!(1),
            INVALID,
            Reason::IllTyped {
                member: "c_hash".into(),
                expected: "a string",
                found: "number".to_owned(),
            },
        ),
        (
            "s_hash",
            json!(left_half("t")),
            COMPARISON,
            mismatch("s_hash", None, None),
        ),
        ("nonce", json!(null), INVALID, missing("nonce")),
        (
            "nonce",
            json!("n-2"),
            COMPARISON,
            mismatch("nonce", None, None),
        ),
        (
            "iat",
            json!(NOW - 3601),
            TIMESTAMP,
            timestamp("iat", NOW - 3601, TimestampRule::TooOld),
        ),
    ] {
        let claims = changed(hybrid_claims(), claim, value);
        let callback = hybrid(&testing::sign(&claims));
        let result = verify(&configuration(), callback, hybrid_checks());
        assert_refused(result, code, Artefact::IdToken, &reason);
    }
}

/// RFC 9207 section 4: the ID Token says who issued the response, unless it will not be verified.
#[test]
fn an_id_token_names_the_issuer_as_well() {
    let announcing = |policy| {
        let setup = testing::setup().policy(policy);
        let setup =
            setup.server(|it| it.authorization_response_iss_parameter_supported = Some(true));
        setup.build()
    };
    let lenient = announcing(Policy::default());
    let id_token = testing::sign(&hybrid_claims());
    assert!(verify(&lenient, hybrid(&id_token), hybrid_checks()).is_ok());

    let elsewhere = "https://evil.example";
    let forged = testing::sign(&changed(hybrid_claims(), "iss", json!(elsewhere)));
    let result = verify(&lenient, hybrid(&forged), hybrid_checks());
    let reason = mismatch("iss", Some("https://op.example"), Some(elsewhere));
    assert_refused(result, COMPARISON, Artefact::IdToken, &reason);

    let callback = |parameters: &str| {
        let url = format!("/cb#state=s&id_token={id_token}&{parameters}");
        Callback::from_url(&url).unwrap()
    };
    let mut strict = Policy::default();
    strict.require_authorization_response_iss();
    for (configuration, parameters, checks) in [
        (&announcing(strict), "code=c", hybrid_checks()),
        (&lenient, "error=access_denied", hybrid_checks()),
        (
            &lenient,
            "code=c",
            AuthorizationCodeGrantChecks {
                response_type: ResponseType::Code,
                response_mode: Some(ResponseMode::Fragment),
                ..hybrid_checks()
            },
        ),
    ] {
        let result = verify(configuration, callback(parameters), checks);
        let artefact = Artefact::AuthorizationResponse;
        assert_refused(result, INVALID, artefact, &missing("iss"));
    }
}

/// Neither hash can be computed, so the code and the state in the response cannot be verified.
#[test]
fn hashes_under_ml_dsa_are_unsupported() {
    let unsupported = |claim| Reason::UnsupportedHash {
        claim,
        algorithm: SignatureAlgorithm::MlDsa65,
        hash: "SHAKE256",
    };
    let sha_512 = |text: &str| {
        let hash = jose::HashAlgorithm::Sha512.digest(text.as_bytes());
        json!(jose::base64url::encode(&hash[..32]))
    };
    let configuration = testing::ml_dsa_configuration(Policy::default());
    let result = |changes: &[(&str, Value)]| {
        let mut claims = testing::claims();
        for (claim, value) in changes {
            claims[claim] = value.clone();
        }
        let callback = hybrid(&testing::sign_with_ml_dsa(&claims));
        verify(&configuration, callback, hybrid_checks())
    };
    for c_hash in [json!(""), sha_512("c")] {
        let refused = result(&[("c_hash", c_hash), ("s_hash", sha_512("s"))]);
        assert_refused(
            refused,
            UNSUPPORTED,
            Artefact::IdToken,
            &unsupported("c_hash"),
        );
    }
    assert_refused(result(&[]), INVALID, Artefact::IdToken, &missing("c_hash"));

    let alone = |claims: &Value| {
        let cache = Cache::default();
        let mut env = testing::env(NOW, 0, &cache);
        let id_token = testing::sign_with_ml_dsa(claims);
        let callback = Callback::from_url(&format!("/cb#state=s&id_token={id_token}")).unwrap();
        let mut login = ImplicitAuthentication::new(&configuration, &callback, hybrid_checks());
        sent(login.step(&mut env, Event::Begin));
        login.step(&mut env, keys())
    };
    let error = alone(&changed(testing::claims(), "s_hash", sha_512("s"))).expect_err("accepted");
    assert_eq!(error.code(), Some(UNSUPPORTED));
    assert_eq!(error.rejection().unwrap().reason, unsupported("s_hash"));
    assert_eq!(done(alone(&testing::claims())).id_token().sub(), "alice");
}

/// FAPI 1.0 Part 2 section 5.2.3.1.
#[test]
fn a_detached_signature_covers_the_state() {
    let callback = || hybrid(&testing::sign(&hybrid_claims()));
    let result = verify(&detached(), callback(), hybrid_checks());
    assert_refused(result, INVALID, Artefact::IdToken, &missing("s_hash"));

    // Without a state there is nothing to sign, and nothing that a hash could be of.
    let stateless = || AuthorizationCodeGrantChecks {
        expected_state: ExpectedState::Absent,
        ..hybrid_checks()
    };
    let callback = |claims: &Value| {
        let id_token = testing::sign(claims);
        Callback::from_url(&format!("/cb#code=c&id_token={id_token}")).unwrap()
    };
    assert!(verify(&detached(), callback(&hybrid_claims()), stateless()).is_ok());
    let claims = changed(hybrid_claims(), "s_hash", json!(left_half("")));
    let result = verify(&configuration(), callback(&claims), stateless());
    let unexpected = Reason::Unexpected {
        member: "s_hash".into(),
    };
    assert_refused(result, INVALID, Artefact::IdToken, &unexpected);
}

/// An ID Token from the browser proves nothing without its signature, because anyone can open a
/// URL.
#[test]
fn an_id_token_from_the_browser_needs_its_signature() {
    let stranger = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k1");
    let forged = testing::sign_with(&stranger, &header, &hybrid_claims());
    let mut policy = Policy::default();
    policy.danger.skip_id_token_signature_check = true;
    for configuration in [configuration(), configuration().with_policy(policy)] {
        let result = verify(&configuration, hybrid(&forged), hybrid_checks());
        let invalid = Reason::Jose(jose::Error::Signature);
        assert_refused(result, INVALID, Artefact::IdToken, &invalid);
    }
}

#[test]
fn checks_that_exclude_each_other_are_refused() {
    let mode = |mode| AuthorizationCodeGrantChecks {
        response_mode: Some(mode),
        ..hybrid_checks()
    };
    let cache = Cache::default();
    for (checks, name) in [
        (mode(ResponseMode::Jwt), "response_mode"),
        (mode(ResponseMode::FragmentJwt), "response_mode"),
        (mode(ResponseMode::Query), "response_mode"),
        (
            AuthorizationCodeGrantChecks {
                expected_nonce: None,
                ..hybrid_checks()
            },
            "expected_nonce",
        ),
        (
            AuthorizationCodeGrantChecks {
                expected_state: ExpectedState::DangerUnchecked,
                ..hybrid_checks()
            },
            "expected_state",
        ),
    ] {
        let callback = hybrid(&testing::sign(&hybrid_claims()));
        let error = operation(&configuration(), callback, checks)
            .step(&mut testing::env(NOW, 0, &cache), Event::Begin)
            .expect_err("accepted");
        let Error::Misuse(
            Misuse::InvalidArgument { argument, .. } | Misuse::MissingArgument { argument, .. },
        ) = error
        else {
            panic!("{error}");
        };
        assert_eq!(argument, name);
    }
}

#[test]
fn both_id_tokens_are_about_the_same_person() {
    for (subject, same) in [("alice", true), ("bob", false)] {
        let cache = Cache::default();
        let mut env = testing::env(NOW, 0, &cache);
        let callback = hybrid(&testing::sign(&hybrid_claims()));
        let mut grant = AuthorizationCodeGrant::new(
            &configuration(),
            &callback,
            "https://a.example",
            hybrid_checks(),
        );
        sent(grant.step(&mut env, Event::Begin));
        // The keys are fresh for everything that follows.
        assert_eq!(
            sent(grant.step(&mut env, keys())).endpoint,
            EndpointName::Token
        );
        let id_token = testing::sign(&changed(testing::claims(), "sub", json!(subject)));
        let body = json!({"access_token": "a", "token_type": "Bearer", "id_token": id_token});
        let response = Event::Received(testing::response(200, body.to_string()));
        let result = grant.step(&mut env, response);
        if same {
            assert_eq!(done(result).id_token().unwrap().sub(), "alice");
            continue;
        }
        let error = result.expect_err("accepted");
        let rejection = error.rejection().unwrap();
        assert_eq!(rejection.artefact, Artefact::IdToken);
        assert_eq!(
            rejection.reason,
            mismatch("sub", Some("alice"), Some("bob"))
        );
    }
}

#[test]
fn a_code_grant_needs_a_response_type_with_a_code() {
    let checks = AuthorizationCodeGrantChecks {
        response_type: ResponseType::IdToken,
        ..hybrid_checks()
    };
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    let id_token = testing::sign(&testing::claims());
    let callback = Callback::from_url(&format!("/cb#state=s&id_token={id_token}")).unwrap();
    let mut grant =
        AuthorizationCodeGrant::new(&configuration(), &callback, "https://a.example", checks);
    sent(grant.step(&mut env, Event::Begin));
    assert!(matches!(
        grant.step(&mut env, keys()),
        Err(Error::Misuse(Misuse::InvalidArgument {
            argument: "response_type",
            ..
        }))
    ));
    assert_finished(&mut grant);
}

/// OpenID Connect Core 1.0 section 3.2.2.11.
#[test]
fn an_id_token_alone_logs_in() {
    let run = |claims: &Value| {
        let cache = Cache::default();
        let mut env = testing::env(NOW, 0, &cache);
        let id_token = testing::sign(claims);
        let callback = Callback::from_url(&format!("/cb#state=s&id_token={id_token}")).unwrap();
        let checks = AuthorizationCodeGrantChecks {
            response_type: ResponseType::Code,
            ..hybrid_checks()
        };
        let mut login = ImplicitAuthentication::new(&configuration(), &callback, checks);
        assert_eq!(
            sent(login.step(&mut env, Event::Begin)).endpoint,
            EndpointName::Jwks
        );
        let result = login.step(&mut env, keys());
        assert_finished(&mut login);
        result
    };
    // Without a code, the ID Token needs no `c_hash`, and may be older than an hour.
    let old = changed(testing::claims(), "iat", json!(NOW - 3601));
    assert_eq!(done(run(&old)).id_token().sub(), "alice");
    for (claim, value, reason) in [
        ("nonce", json!(null), missing("nonce")),
        ("nonce", json!("n-2"), mismatch("nonce", None, None)),
        (
            "s_hash",
            json!(left_half("t")),
            mismatch("s_hash", None, None),
        ),
        ("sub", json!(null), missing("sub")),
    ] {
        let error = run(&changed(testing::claims(), claim, value)).expect_err("accepted");
        assert_eq!(error.rejection().unwrap().reason, reason);
    }
}

#[test]
fn each_state_refuses_events_that_do_not_belong_there() {
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    let callback = || packed(&testing::sign(&packed_claims()));
    let mut login = operation(&configuration(), callback(), packed_checks());
    testing::assert_unexpected(login.step(&mut env, Event::Elapsed), "Begin", "Elapsed");
    let mut login = operation(&configuration(), callback(), packed_checks());
    sent(login.step(&mut env, Event::Begin));
    testing::assert_unexpected(
        login.step(&mut env, Event::Elapsed),
        "Received or Unanswered",
        "Elapsed",
    );
    assert_finished(&mut login);
    let mut login = operation(&configuration(), callback(), packed_checks());
    assert!(matches!(
        login.step(&mut env, Event::Aborted),
        Err(Error::Aborted)
    ));
}
