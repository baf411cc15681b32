use super::*;

#[test]
fn what_the_header_may_contain() {
    let token = access_token(&good());
    for scheme in ["bearer", "BEARER", "Bearer  "] {
        let value = format!("{} {token}", scheme);
        decide(&server(), request(&[&value], &[])).unwrap();
    }
    let request_of = |values: &[&str]| decide(&server(), request(values, &[]));
    let at = Artefact::ResourceRequest;
    let value = format!("Bearer {token}");
    let malformed = || {
        ill_typed(
            "Authorization",
            "a scheme and an access token",
            "something else",
        )
    };
    let another = || Reason::UnsupportedTokenType {
        expected: "Bearer or DPoP",
        found: "another scheme".to_owned(),
    };
    let member = "Authorization".into();
    assert_refused(vec![
        ("none", request_of(&[]), at, missing("Authorization")),
        (
            "two",
            request_of(&[&value, &value]),
            at,
            Reason::Duplicate { member },
        ),
        ("Basic", request_of(&["Basic YTpi"]), at, another()),
        ("no scheme", request_of(&[&token]), at, another()),
        ("no token", request_of(&["Bearer"]), at, malformed()),
        (
            "no token after it",
            request_of(&["Bearer "]),
            at,
            malformed(),
        ),
        ("padding alone", request_of(&["Bearer =="]), at, malformed()),
        (
            "padding inside",
            request_of(&["Bearer a=b"]),
            at,
            malformed(),
        ),
        (
            "two in one",
            request_of(&[&format!("{value}, {value}")]),
            at,
            malformed(),
        ),
    ]);
}
