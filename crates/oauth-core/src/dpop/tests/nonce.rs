use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::*;
use crate::cache::{Cache, ServerRole};
use crate::dpop::{demands_another_nonce, remember_nonce};

const ORIGIN: &str = "https://op.example";
const ROLE: ServerRole = ServerRole::AuthorizationServer;

fn remember(cache: &Cache, nonces: &[&[u8]]) -> Option<String> {
    let mut headers = HeaderMap::new();
    for nonce in nonces {
        headers.append("dpop-nonce", HeaderValue::from_bytes(nonce).unwrap());
    }
    remember_nonce(cache, ROLE, ORIGIN, &headers)
}

#[test]
fn one_nonce_is_remembered_and_none_otherwise() {
    let longest = [b'n'; 256];
    let too_long = [b'n'; 257];
    for (nonces, remembered) in [
        (&[b"abc" as &[u8]] as &[&[u8]], Some("abc")),
        (&[&longest], Some(str::from_utf8(&longest).unwrap())),
        (&[&too_long], None),
        (&[], None),
        (&[b""], None),
        (&[b"a b"], None),
        (&[b"a\"b"], None),
        (&[b"a\xffb"], None),
        (&[b"abc", b"def"], None),
        (&[b"abc", b"abc"], None),
    ] {
        let cache = Cache::new();
        assert_eq!(remember(&cache, nonces).as_deref(), remembered);
        assert_eq!(cache.dpop_nonce(ROLE, ORIGIN).as_deref(), remembered);
        assert_eq!(cache.dpop_nonce(ServerRole::ResourceServer, ORIGIN), None);
    }
}

#[test]
fn what_is_no_nonce_leaves_the_old_one() {
    let cache = Cache::new();
    remember(&cache, &[b"old"]).unwrap();
    assert_eq!(remember(&cache, &[b"a b"]), None);
    assert_eq!(cache.dpop_nonce(ROLE, ORIGIN).as_deref(), Some("old"));
}

#[test]
fn who_may_demand_a_nonce_and_how() {
    let demands = |role, status, challenge: Option<&str>, body: &str| {
        let mut response = testing::response(status, body);
        if let Some(challenge) = challenge {
            let challenge = HeaderValue::from_str(challenge).unwrap();
            response.headers_mut().insert("www-authenticate", challenge);
        }
        demands_another_nonce(role, &response)
    };
    let body = r#"{"error":"use_dpop_nonce"}"#;
    let dpop = Some(r#"DPoP error="use_dpop_nonce""#);
    let (server, resource) = (ServerRole::AuthorizationServer, ServerRole::ResourceServer);
    for (role, status, challenge, body, expected) in [
        (server, 400, None, body, true),
        (server, 401, None, body, true),
        (server, 401, dpop, "", true),
        (server, 400, Some("Basic"), body, true),
        (resource, 401, dpop, "", true),
        (
            resource,
            401,
            Some(r#"dPOP ERROR="use_dpop_nonce""#),
            "",
            true,
        ),
        (
            resource,
            401,
            Some(r#"Bearer realm="x", DPoP algs="ES256", error="use_dpop_nonce""#),
            "",
            true,
        ),
        // The body of a resource server has no meaning here.
        (resource, 400, None, body, false),
        // An error of another scheme, another error, and an unreadable header.
        (
            resource,
            401,
            Some(r#"Bearer error="use_dpop_nonce""#),
            "",
            false,
        ),
        (
            resource,
            401,
            Some(r#"Bearer error="use_dpop_nonce", DPoP algs="ES256""#),
            "",
            false,
        ),
        (
            resource,
            401,
            Some(r#"DPoP error="invalid_token""#),
            "",
            false,
        ),
        (
            resource,
            401,
            Some(r#"DPoP error="Use_DPoP_Nonce""#),
            "",
            false,
        ),
        (
            resource,
            401,
            Some(r#"DPoP error="use_dpop_nonce"#),
            "",
            false,
        ),
        // A success, a redirect, and a server error.
        (server, 200, dpop, body, false),
        (resource, 200, dpop, "", false),
        (resource, 302, dpop, "", false),
        (server, 500, dpop, body, false),
        (
            server,
            400,
            None,
            r#"{"error":"invalid_dpop_proof"}"#,
            false,
        ),
        (server, 400, None, r#"{"error":["use_dpop_nonce"]}"#, false),
        (server, 400, None, r#""use_dpop_nonce""#, false),
    ] {
        assert_eq!(
            demands(role, status, challenge, body),
            expected,
            "{role:?} {status} {challenge:?} {body}"
        );
    }
}

proptest! {
    #[test]
    fn only_nonce_characters_are_ever_kept(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let Ok(value) = HeaderValue::from_bytes(&bytes) else {
            return Ok(());
        };
        let cache = Cache::new();
        let headers = HeaderMap::from_iter([(http::HeaderName::from_static("dpop-nonce"), value)]);
        let kept = remember_nonce(&cache, ROLE, ORIGIN, &headers);
        let is_nonce = (1..=256).contains(&bytes.len())
            && bytes.iter().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\'));
        prop_assert_eq!(kept.is_some(), is_nonce);
        prop_assert_eq!(&cache.dpop_nonce(ROLE, ORIGIN), &kept);
        if let Some(kept) = kept {
            prop_assert_eq!(kept.as_bytes(), &*bytes);
        }
    }
}
