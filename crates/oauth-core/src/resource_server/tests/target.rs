//! The URL that a proof is for.

use super::*;

/// The decision about a bound token with a good proof for this URL.
fn with_htu(htu: &str) -> Result<Authorized, Error> {
    let token = access_token(&bound());
    let claims = with(&proof_claims(&token), &[("htu", json!(htu))]);
    decide(&server(), dpop(&token, &proof(&claims)))
}

#[test]
fn a_path_that_a_proxy_removes_is_part_of_the_origin() {
    let token = access_token(&bound());
    for (origin, htu) in [
        ("https://api.example/v1", "https://api.example/v1/items"),
        ("https://api.example/v1/", "https://api.example/v1/items"),
        ("https://api.example/", "https://api.example/items"),
    ] {
        let server = ResourceServer::new(RESOURCE, origin, Policy::default()).unwrap();
        let server = server.with_issuer(testing::server()).unwrap();
        let claims = proof_claims(&token);
        let good = proof(&with(&claims, &[("htu", json!(htu))]));
        decide(&server, dpop(&token, &good)).unwrap();
        let other = "https://api.example/v2/items";
        let wrong = proof(&with(&claims, &[("htu", json!(other))]));
        assert_refused(vec![(
            origin,
            decide(&server, dpop(&token, &wrong)),
            Artefact::DPoPProof,
            mismatch("htu", Some((htu, other))),
        )]);
    }
}

#[test]
fn the_message_about_another_url_has_no_query() {
    let with_secret = "https://api.example/other?access_token=secret";
    let values = ("https://api.example/items", "https://api.example/other");
    assert_refused(vec![(
        "htu",
        with_htu(with_secret),
        Artefact::DPoPProof,
        mismatch("htu", Some(values)),
    )]);
}

/// A router may take `/public/../items` for a path below `/public`, for which the proof is not.
#[test]
fn a_proof_is_not_for_a_path_with_dot_segments() {
    let token = access_token(&bound());
    let at = |target: &'static str| {
        let mut request = dpop(&token, &proof(&proof_claims(&token)));
        request.path = Uri::from_static(target).path().to_owned();
        decide(&server(), request)
    };
    at("/%69tems").unwrap();
    let malformed = || {
        ill_typed(
            "request target",
            "a path without dot segments",
            "something else",
        )
    };
    let refused = |target| (target, at(target), Artefact::DPoPProof, malformed());
    assert_refused(vec![
        refused("/public/../items"),
        refused("/public/%2E%2e/items"),
        refused("/./items"),
        refused("*"),
        refused("/\\items"),
    ]);
}
