use super::*;
use crate::metadata::{ClientMetadata, ServerMetadata};
use crate::policy::Policy;
use crate::testing;

const URI: &str = "https://app.example/requests/1";

fn configured(change: impl FnOnce(&mut ServerMetadata, &mut ClientMetadata)) -> Configuration {
    let (mut server, mut client) = (testing::server(), ClientMetadata::new("app"));
    change(&mut server, &mut client);
    Configuration::new(server, client, Policy::default()).unwrap()
}

#[track_caller]
fn refused(configuration: &Configuration, uri: &str) -> &'static str {
    match RequestUri::new(configuration, uri) {
        Err(Error::Misuse(Misuse::InvalidArgument {
            argument: "request_uri",
            expected,
            ..
        })) => expected,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_url_is_one_that_the_server_can_fetch() {
    let long = format!("{URI}/{}", "a".repeat(LONGEST));
    for (uri, expected) in [
        ("requests/1", "an absolute URL of printable ASCII"),
        (
            "https://app.example/ä",
            "an absolute URL of printable ASCII",
        ),
        (
            "https://app.example/a\nb",
            "an absolute URL of printable ASCII",
        ),
        ("http://app.example/1", "an https URL"),
        ("urn:example:1", "an https URL"),
        (
            "https://me:pw@app.example/1",
            "a URL without user name and password",
        ),
        (
            "https://app.example/1#",
            "a URL without fragment, which the hash of the object becomes",
        ),
        (&long, "a URL of at most 468 characters"),
    ] {
        assert_eq!(refused(&testing::configuration(), uri), expected, "{uri}");
    }
    let longest = &long[..LONGEST];
    let accepted = RequestUri::new(&testing::configuration(), longest).unwrap();
    assert_eq!(accepted.of("object").len(), 512);
}

/// The hash of OpenID Connect Core 1.0 section 6.2: SHA-256 of the content in base64url.
#[test]
fn the_fragment_is_the_hash_of_the_object() {
    let uri = RequestUri::new(&testing::configuration(), URI).unwrap();
    let expected = format!("{URI}#ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    assert_eq!(uri.of("abc"), expected);
}

#[test]
fn a_server_that_does_not_support_it_is_not_asked() {
    for (supported, accepts) in [(None, true), (Some(true), true), (Some(false), false)] {
        let configuration = configured(|server, _| {
            server.request_uri_parameter_supported = supported;
            // Another endpoint does not change that.
            server.pushed_authorization_request_endpoint = Some("https://op.example/par".into());
        });
        match RequestUri::new(&configuration, URI) {
            Ok(_) => assert!(accepts, "{supported:?}"),
            Err(Error::Unsupported(Unsupported::Feature { feature })) => {
                assert_eq!(feature, "request objects by reference");
                assert!(!accepts, "{supported:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_server_may_require_the_registration() {
    let registered = |required, uris: &[&str]| {
        configured(|server, client| {
            server.require_request_uri_registration = required;
            client.request_uris = Some(uris.iter().map(|&uri| uri.to_owned()).collect());
        })
    };
    assert!(RequestUri::new(&registered(Some(true), &["https://b.example", URI]), URI).is_ok());
    for required in [None, Some(false)] {
        assert!(RequestUri::new(&registered(required, &[]), URI).is_ok());
    }
    let expected = "among the `request_uris` of the client, as the server requires";
    for uris in [
        &[][..],
        &["https://app.example/requests/"],
        &["https://app.example/requests/12"],
    ] {
        assert_eq!(refused(&registered(Some(true), uris), URI), expected);
    }
    let unknown = configured(|server, _| server.require_request_uri_registration = Some(true));
    assert_eq!(refused(&unknown, URI), expected);
}

#[test]
fn the_response_is_a_request_object_that_is_not_stored() {
    let response = request_object_response(&"a.b.c".into());
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["content-type"],
        "application/oauth-authz-req+jwt"
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.body(), "a.b.c");
}
