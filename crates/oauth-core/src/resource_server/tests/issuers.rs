use http::HeaderName;
use proptest::prelude::*;

use super::*;
use crate::policy::Tenants;
use crate::testing::assert_finished;
use crate::time::UnixTime;

const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const OTHER_TENANT: &str = "82229342-1101-4ab6-817b-70c0747630f3";
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

#[test]
fn a_token_names_one_of_several_issuers() {
    let mut other = testing::server();
    other.issuer = "https://other.example".to_owned();
    let server = server().with_issuer(other).unwrap();
    decide(&server, bearer(&access_token(&good()))).unwrap();
    let stranger = with(&good(), &[("iss", json!("https://stranger.example"))]);
    let values = ("a trusted issuer", "https://stranger.example");
    assert_refused(vec![(
        "a stranger",
        decide(&server, bearer(&access_token(&stranger))),
        Artefact::AccessToken,
        mismatch("iss", Some(values)),
    )]);
}

#[test]
fn a_tenant_is_one_of_those_that_are_accepted() {
    let mut policy = Policy::default();
    policy.set_tenants(Tenants::listed([TENANT]).unwrap());
    let mut entra = testing::server();
    entra.issuer = TEMPLATE.to_owned();
    let server = ResourceServer::new(RESOURCE, "https://api.example", policy)
        .and_then(|server| server.with_issuer(testing::server()))
        .and_then(|server| server.with_issuer(entra))
        .unwrap();
    let of = |tenant: &str, tid: &str| {
        let iss = TEMPLATE.replace("{tenantid}", tenant);
        let claims = with(&good(), &[("iss", json!(iss)), ("tid", json!(tid))]);
        decide(&server, bearer(&access_token(&claims)))
    };
    of(TENANT, TENANT).unwrap();
    decide(&server, bearer(&access_token(&good()))).unwrap();
    let at = Artefact::AccessToken;
    let [issuer, other_issuer] =
        [TENANT, OTHER_TENANT].map(|tenant| TEMPLATE.replace("{tenantid}", tenant));
    assert_refused(vec![
        (
            "another tenant",
            of(OTHER_TENANT, OTHER_TENANT),
            at,
            Reason::TenantRefused {
                tenant: OTHER_TENANT.to_owned(),
            },
        ),
        (
            "two tenants",
            of(TENANT, OTHER_TENANT),
            at,
            mismatch("iss", Some((&other_issuer, &issuer))),
        ),
    ]);
}

#[test]
fn a_token_of_a_stranger_causes_no_request_for_keys() {
    let cache = Cache::new();
    let stranger = with(&good(), &[("iss", json!("https://stranger.example"))]);
    let request = bearer(&access_token(&stranger));
    let mut operation = AuthorizeRequest::new(Arc::new(server()), request);
    // The first step is an error, and not a request.
    let error = operation.step(&mut env(NOW, 0, &cache), Event::Begin);
    let values = ("https://op.example", "https://stranger.example");
    assert_eq!(
        error.unwrap_err().rejection().unwrap().reason,
        mismatch("iss", Some(values))
    );
}

/// Each issuer signs with its own keys, so the name of one under the key of another is a forgery.
#[test]
fn the_keys_of_one_issuer_sign_no_token_of_another() {
    let mut other = testing::server();
    other.issuer = "https://other.example".to_owned();
    other.jwks_uri = Some("https://other.example/jwks".to_owned());
    let server = Arc::new(server().with_issuer(other).unwrap());
    let other_key = SigningKey::generate(ES256).unwrap().with_kid("k1");
    let sign = |iss: &str, key: &SigningKey| {
        let claims = with(&good(), &[("iss", json!(iss))]);
        let header = ProtectedHeader::new(ES256).kid("k1").typ("at+jwt");
        sign_with(key, &header, &claims)
    };
    // One cache holds the keys of both, each under the same `kid`.
    let cache = Cache::new();
    let decide = |token: &str| {
        let mut operation = AuthorizeRequest::new(Arc::clone(&server), bearer(token));
        let mut event = Event::Begin;
        loop {
            match operation.step(&mut env(NOW, 0, &cache), event)? {
                Action::Send(outbound) => {
                    let key = match outbound.request.uri().host() {
                        Some("other.example") => &other_key,
                        _ => &*SERVER_KEY,
                    };
                    event = Event::Received(response(200, key_set(&[key])));
                }
                Action::Done(output) => return Ok(output),
                _ => panic!("another action"),
            }
        }
    };
    decide(&sign("https://op.example", &SERVER_KEY)).unwrap();
    decide(&sign("https://other.example", &other_key)).unwrap();
    let at = Artefact::AccessToken;
    let signature = || Reason::Jose(jose::Error::Signature);
    let first = decide(&sign("https://op.example", &other_key));
    let second = decide(&sign("https://other.example", &SERVER_KEY));
    assert_refused(vec![
        ("of the first", first, at, signature()),
        ("of the second", second, at, signature()),
    ]);
}

#[test]
fn strangers_cause_at_most_one_request_for_keys() {
    let cache = Cache::new();
    let server = Arc::new(server());
    let mut requests = 0;
    for kid in ["a", "b", "c"] {
        let header = ProtectedHeader::new(ES256).kid(kid).typ("at+jwt");
        let token = sign_with(&CLIENT_KEY, &header, &good());
        let mut operation = AuthorizeRequest::new(Arc::clone(&server), bearer(&token));
        let mut event = Event::Begin;
        while let Ok(Action::Send(_)) = operation.step(&mut env(NOW, 0, &cache), event) {
            requests += 1;
            event = Event::Received(response(200, key_set(&[&SERVER_KEY])));
        }
        assert_finished(&mut operation);
    }
    // The first fetch, and one for an unknown `kid` in each 60 seconds.
    assert!((1..=2).contains(&requests), "{requests}");
}

proptest! {
    /// For arbitrary headers and paths, the decision is an error that has an answer.
    #[test]
    fn no_request_causes_a_panic(
        headers in prop::collection::vec(
            (
                prop::sample::select(vec!["authorization", "dpop"]),
                "((Bearer|DPoP|basic)[ ]{0,2})?[ -~]{0,40}([.][A-Za-z0-9_-]{0,40}){0,3}",
            ),
            0..4,
        ),
        path in "/[!-~]{0,40}",
    ) {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_str(&value).unwrap();
            all.append(HeaderName::from_static(name), value);
        }
        let uri = Uri::try_from(path).unwrap_or_default();
        let request = ResourceRequest::new(&Method::GET, &uri, &all);
        let scheme = request.scheme();
        let error = decide(&server(), request).unwrap_err();
        let answer = server().answer(scheme, &error.into(), UnixTime::from_seconds(NOW));
        prop_assert!([400, 401].contains(&answer.status().as_u16()));
    }

    /// For arbitrary proofs, a bound token passes only with the right one.
    #[test]
    fn no_proof_causes_a_panic(htu in "https?://[!-~]{0,30}", escaped in "[!-~]{0,20}") {
        let token = access_token(&bound());
        let path = format!("https://api.example/{escaped}");
        for htu in [htu, path] {
            let claims = with(&proof_claims(&token), &[("htu", json!(htu))]);
            let passes = decide(&server(), dpop(&token, &proof(&claims))).is_ok();
            let is_right = htu.split(['?', '#']).next() == Some("https://api.example/items");
            prop_assert!(passes || !is_right);
        }
    }
}
