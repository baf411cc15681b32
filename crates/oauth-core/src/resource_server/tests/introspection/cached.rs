//! Responses in the cache.

use super::*;

#[test]
fn the_binding_is_checked_also_when_the_response_is_cached() {
    let server = asking(
        introspection()
            .with_cache(Duration::from_secs(60), 10)
            .unwrap(),
    );
    let body = with(
        &active(),
        &[
            ("cnf", json!({"jkt": thumbprint()})),
            ("token_type", json!("DPoP")),
        ],
    );
    let asked = Asked::new(server, body);
    let good = || dpop("opaque", &proof(&proof_claims("opaque")));
    asked.decide(good()).unwrap();
    let at = Artefact::AccessToken;
    assert_refused(vec![
        (
            "as Bearer",
            asked.decide(bearer("opaque")),
            at,
            Reason::UnsupportedTokenType {
                expected: "DPoP",
                found: "Bearer".to_owned(),
            },
        ),
        (
            "without a proof",
            asked.decide(request(&["DPoP opaque"], &[])),
            Artefact::DPoPProof,
            missing("DPoP"),
        ),
        (
            "a proof twice",
            asked.decide(good()),
            Artefact::DPoPProof,
            Reason::Replayed { claim: "jti" },
        ),
        (
            "the proof of another token",
            asked.decide(dpop("opaque", &proof(&proof_claims("other")))),
            Artefact::DPoPProof,
            mismatch("ath", None),
        ),
    ]);
    assert_eq!(asked.requests.get(), 1);
}

#[test]
fn the_certificate_is_checked_also_when_the_response_is_cached() {
    let server = asking(
        introspection()
            .with_cache(Duration::from_secs(60), 10)
            .unwrap(),
    );
    let body = with(
        &active(),
        &[("cnf", json!({"x5t#S256": hash(b"certificate")}))],
    );
    let asked = Asked::new(server, body);
    asked
        .decide(bearer("opaque").with_certificate(b"certificate"))
        .unwrap();
    let at = Artefact::AccessToken;
    assert_refused(vec![
        (
            "none",
            asked.decide(bearer("opaque")),
            at,
            missing("client certificate"),
        ),
        (
            "another",
            asked.decide(bearer("opaque").with_certificate(b"other")),
            at,
            mismatch("cnf.x5t#S256", None),
        ),
    ]);
    assert_eq!(asked.requests.get(), 1);
}

#[test]
fn a_response_is_used_again_until_it_is_old_or_the_token_expires() {
    let cached = || {
        asking(
            introspection()
                .with_cache(Duration::from_secs(60), 10)
                .unwrap(),
        )
    };
    // The wall clock, the monotonic clock, and how many requests were sent by then.
    for steps in [
        &[(NOW + 59, 59, 1), (NOW + 60, 60, 2)][..],
        // A clock that stands still, and one that is set back.
        &[(NOW, 60, 2)],
        &[(NOW + 60, 0, 2)],
        &[(NOW - 1, 1, 2)],
    ] {
        let asked = Asked::new(cached(), active());
        asked.decide(bearer("opaque")).unwrap();
        for (now, elapsed, requests) in steps {
            asked.decide_at(*now, *elapsed, bearer("opaque")).unwrap();
            assert_eq!(asked.requests.get(), *requests, "{steps:?}");
        }
    }
    // The token expires in the cache.
    let asked = Asked::new(cached(), with(&active(), &[("exp", json!(NOW + 10))]));
    asked.decide(bearer("opaque")).unwrap();
    asked.decide_at(NOW + 9, 9, bearer("opaque")).unwrap();
    assert_eq!(asked.requests.get(), 1);
    *asked.body.borrow_mut() = json!({"active": false});
    assert_refused(vec![(
        "expired in the cache",
        asked.decide_at(NOW + 10, 10, bearer("opaque")),
        Artefact::AccessToken,
        mismatch("active", Some(("true", "false"))),
    )]);
    assert_eq!(asked.requests.get(), 2);
}

/// A token may be revoked while the response is on its way.
#[test]
fn the_age_of_a_response_counts_from_its_request() {
    let server = Arc::new(asking(
        introspection()
            .with_cache(Duration::from_secs(60), 10)
            .unwrap(),
    ));
    let asked = Asked {
        server: Arc::clone(&server),
        ..Asked::new(asking(introspection()), active())
    };
    let mut slow = AuthorizeRequest::new(server, bearer("opaque"));
    let Ok(Action::Send(_)) = slow.step(&mut env(NOW, 0, &asked.cache), Event::Begin) else {
        panic!("no request");
    };
    let response = response(200, active().to_string());
    let decision = slow.step(
        &mut env(NOW + 20, 20, &asked.cache),
        Event::Received(response),
    );
    assert!(matches!(decision, Ok(Action::Done(_))));
    for (seconds, requests) in [(59, 0), (60, 1)] {
        let at = i64::try_from(seconds).unwrap();
        let decision = asked.decide_at(NOW.saturating_add(at), seconds, bearer("opaque"));
        decision.unwrap();
        assert_eq!(asked.requests.get(), requests);
    }
}

#[test]
fn a_long_response_is_used_once() {
    let cached = introspection().with_cache(Duration::from_secs(60), 10);
    let asked = Asked::new(asking(cached.unwrap()), active());
    let long = |length| with(&active(), &[("note", json!("a".repeat(length)))]);
    let base = long(0).to_string().len();
    for (length, requests) in [((64 << 10) - base, [1, 1]), ((64 << 10) - base + 1, [2, 3])] {
        *asked.body.borrow_mut() = long(length);
        let token = format!("opaque-{length}");
        for requests in requests {
            asked.decide(bearer(&token)).unwrap();
            assert_eq!(asked.requests.get(), requests, "{length}");
        }
    }
}

#[test]
fn only_accepted_responses_are_kept_and_the_oldest_makes_room() {
    let server = asking(
        introspection()
            .with_cache(Duration::from_secs(60), 2)
            .unwrap(),
    );
    let asked = Asked::new(server, json!({"active": false}));
    for requests in 1..=2 {
        assert!(asked.decide(bearer("a")).is_err());
        assert_eq!(asked.requests.get(), requests);
    }
    *asked.body.borrow_mut() = with(&active(), &[("aud", json!("other"))]);
    assert!(asked.decide(bearer("a")).is_err());
    *asked.body.borrow_mut() = active();
    for (token, requests) in [
        ("a", 4),
        ("b", 5),
        ("a", 5),
        // Another token has another response.
        ("c", 6),
        ("b", 6),
        ("c", 6),
        ("a", 7),
        ("c", 7),
    ] {
        asked.decide(bearer(token)).unwrap();
        assert_eq!(asked.requests.get(), requests, "{token}");
    }
}
