use super::*;
use crate::error::Misuse;
use crate::metadata::ClientMetadata;
use crate::wire::Parameters;

fn url(query: &str) -> String {
    build_authorization_url(&testing::configuration(), Parameters::decode(query))
        .unwrap()
        .to_string()
}

#[test]
fn what_is_missing_is_added_and_nothing_else() {
    assert_eq!(
        url("scope=openid&resource=a&resource=b"),
        "https://op.example/authorize?scope=openid&resource=a&resource=b&client_id=app&response_type=code"
    );
    assert_eq!(
        url("response_type=none&client_id=other"),
        "https://op.example/authorize?response_type=none&client_id=other"
    );
    assert_eq!(
        url("request_uri=urn:x"),
        "https://op.example/authorize?request_uri=urn%3Ax&client_id=app"
    );
}

#[test]
fn states_and_nonces_are_43_characters_of_randomness() {
    let entropy = Counting(AtomicU8::new(1));
    assert_eq!(random_state(&entropy).unwrap().expose(), STATE);
    assert_eq!(random_nonce(&entropy).unwrap().expose(), NONCE);
}

/// The client may have registered the requirement as well (RFC 9101 section 10.5, RFC 9126 section
/// 6).
#[test]
fn what_the_client_has_registered_for_its_requests_is_not_forgotten() {
    let refused = |change: fn(&mut ClientMetadata), query: &str| {
        let configuration = crate::testing::setup().client(change).build();
        match build_authorization_url(&configuration, Parameters::decode(query)) {
            Err(Error::Misuse(misuse)) => Some(misuse),
            Err(error) => panic!("{error}"),
            Ok(_) => None,
        }
    };
    let pushing = |client: &mut ClientMetadata| {
        client.require_pushed_authorization_requests = Some(true);
    };
    let signing = |client: &mut ClientMetadata| {
        client.require_signed_request_object = Some(true);
    };
    let needs_pushed = Misuse::MissingArgument {
        argument: "pushed",
        purpose: "a client that has registered to push its authorization requests",
    };
    let needs_signed = Misuse::MissingArgument {
        argument: "request_object",
        purpose: "a client that has registered to sign its authorization requests",
    };
    assert_eq!(refused(pushing, ""), Some(needs_pushed.clone()));
    assert_eq!(refused(pushing, "request=a.b.c"), Some(needs_pushed));
    assert_eq!(refused(pushing, "request_uri=urn:x"), None);
    assert_eq!(refused(signing, ""), Some(needs_signed));
    assert_eq!(refused(signing, "request=a.b.c"), None);
    assert_eq!(refused(signing, "request_uri=urn:x"), None);
    assert_eq!(refused(|_| (), ""), None);
}
