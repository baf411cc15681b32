//! Requests in a form that the server says it does not support.

use super::*;
use crate::error::Unsupported;

#[test]
fn a_server_without_request_objects_is_unsupported() {
    let by_value = configuration(|it| it.request_parameter_supported = Some(false));
    let by_reference = configuration(|it| {
        it.request_uri_parameter_supported = Some(false);
        it.pushed_authorization_request_endpoint = None;
    });
    let request = || Parameters::decode("request=e30.e30.e30");
    let reference = || Parameters::decode("request_uri=urn%3Ax");
    // A request object made by this library, or by the caller.
    let made = BuildAuthorizationUrl::new(by_value.clone(), Parameters::new());
    for (mut operation, expected) in [
        (made.request_object(signed()), "request objects by value"),
        (
            BuildAuthorizationUrl::new(by_value.clone(), request()),
            "request objects by value",
        ),
        (
            BuildAuthorizationUrl::new(by_reference.clone(), reference()),
            "request objects by reference",
        ),
    ] {
        assert_unsupported(step(&mut operation, Event::Begin), expected);
    }
    assert_unsupported(
        build_authorization_url(&by_value, request()),
        "request objects by value",
    );
    assert_unsupported(
        build_authorization_url(&by_reference, reference()),
        "request objects by reference",
    );
    // Each form is accepted where only the other is unsupported. A pushed request is always
    // accepted (RFC 9126 section 5).
    build_authorization_url(&by_value, reference()).unwrap();
    build_authorization_url(&by_reference, request()).unwrap();
    let pushing = configuration(|it| it.request_uri_parameter_supported = Some(false));
    build_authorization_url(&pushing, reference()).unwrap();
    sent(step(
        &mut BuildAuthorizationUrl::new(by_value, request()).pushed(),
        Event::Begin,
    ));
}

#[track_caller]
fn assert_unsupported<T: std::fmt::Debug>(result: Result<T, Error>, expected: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_UNSUPPORTED_OPERATION"));
    let Error::Unsupported(Unsupported::Feature { feature }) = error else {
        panic!("{error}");
    };
    assert_eq!(feature, expected);
}
