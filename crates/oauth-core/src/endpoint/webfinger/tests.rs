use serde_json::{Value, json};

use super::{ISSUER, UserIdentifier, WebFingerEndpoint};
use crate::endpoint::Endpoint;
use crate::error::{Artefact, Error, Reason};
use crate::policy::Policy;
use crate::testing::{NOW, response};
use crate::time::UnixTime;

fn webfinger() -> WebFingerEndpoint {
    let identifier = UserIdentifier::parse("joe@example.com").unwrap();
    WebFingerEndpoint::new(identifier, Policy::default())
}

/// The examples of sections 2.1.2 and 2.2, and what lies between them.
#[test]
fn an_identifier_is_normalised() {
    for (input, resource, host) in [
        ("joe@example.com", "acct:joe@example.com", "example.com"),
        (
            "Jane.Doe@example.com",
            "acct:Jane.Doe@example.com",
            "example.com",
        ),
        (" joe@example.com\n", "acct:joe@example.com", "example.com"),
        ("joe@Example.COM", "acct:joe@Example.COM", "example.com"),
        (
            "acct:joe@example.com",
            "acct:joe@example.com",
            "example.com",
        ),
        (
            "acct:juliet%40capulet.example@shopping.example.com",
            "acct:juliet%40capulet.example@shopping.example.com",
            "shopping.example.com",
        ),
        (
            "juliet@capulet.example@shopping.example.com",
            "acct:juliet%40capulet.example@shopping.example.com",
            "shopping.example.com",
        ),
        (
            "joe@example.com#part",
            "acct:joe@example.com",
            "example.com",
        ),
        ("example.com", "https://example.com/", "example.com"),
        ("example.com/joe", "https://example.com/joe", "example.com"),
        (
            "example.com?user=joe",
            "https://example.com/?user=joe",
            "example.com",
        ),
        (
            "example.com:8080",
            "https://example.com:8080/",
            "example.com:8080",
        ),
        (
            "localhost:8080/joe",
            "https://localhost:8080/joe",
            "localhost:8080",
        ),
        (
            "joe@example.com:8080",
            "https://joe@example.com:8080/",
            "example.com:8080",
        ),
        (
            "joe@example.com/joe",
            "https://joe@example.com/joe",
            "example.com",
        ),
        ("https://example.com", "https://example.com", "example.com"),
        (
            "https://example.com/joe",
            "https://example.com/joe",
            "example.com",
        ),
        (
            "https://example.com/joe#part",
            "https://example.com/joe",
            "example.com",
        ),
        (
            "https://joe@example.com:8080",
            "https://joe@example.com:8080",
            "example.com:8080",
        ),
        (
            "http://example.com/joe",
            "http://example.com/joe",
            "example.com",
        ),
        (
            "[2001:db8::1]:8080",
            "https://[2001:db8::1]:8080/",
            "[2001:db8::1]:8080",
        ),
    ] {
        let identifier = UserIdentifier::parse(input).unwrap();
        assert_eq!(identifier.resource(), resource, "{input}");
        assert_eq!(
            identifier.host().as_str(),
            format!("https://{host}/"),
            "{input}"
        );
    }
}

#[test]
fn what_names_no_host_is_refused() {
    for input in [
        "",
        " ",
        "=joe",
        "@joe",
        "!joe",
        "joe@",
        "acct:joe",
        "acct:@example.com",
        "acct:joe@",
        "acct:joe@example.com:8080",
        "acct:joe@example.com/path",
        "acct:joe@evil.example?x@example.com/",
        "mailto:joe@example.com",
        "ftp://example.com",
        "javascript:alert(1)",
        "urn:example:joe",
        "https://",
        "https:example.com",
        "https:///example.com",
        "https://joe:secret@example.com",
        "https://exam ple.com",
        "joe@exam\u{7}ple.com",
        "joe@example.com{",
        "example.com\"/joe",
        "joe@example.com\\@evil.example",
        "/joe",
        "#joe",
    ] {
        match UserIdentifier::parse(input) {
            Err(Error::Rejected(rejection)) => {
                assert_eq!(rejection.artefact, Artefact::UserIdentifier);
                assert!(
                    matches!(&rejection.reason, Reason::IllTyped { member, .. } if member == "identifier"),
                    "{input}: {rejection}"
                );
            }
            other => panic!("{input}: {other:?}"),
        }
    }
}

/// The example of section 2.2.1.
#[test]
fn the_request() {
    let draft = webfinger().request().unwrap();
    assert_eq!(draft.method, http::Method::GET);
    assert_eq!(
        draft.url.as_str(),
        "https://example.com/.well-known/webfinger?resource=acct%3Ajoe%40example.com\
         &rel=http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer"
    );
    assert_eq!(draft.headers["accept"], "application/jrd+json");
}

fn read(document: &Value) -> Result<String, Error> {
    let answer = response(200, document.to_string());
    webfinger().response(UnixTime::from_seconds(NOW), &answer)
}

fn link(href: Value) -> Value {
    json!({"subject": "acct:joe@example.com", "links": [{"rel": ISSUER, "href": href}]})
}

#[test]
fn the_issuer_is_in_a_link() {
    let example = link(json!("https://server.example.com"));
    assert_eq!(read(&example).unwrap(), "https://server.example.com");
    let several = json!({"links": [
        1,
        {"rel": "http://webfinger.net/rel/avatar", "href": "http://example.com/joe.png"},
        {"href": "https://other.example"},
        {"rel": ISSUER, "href": "https://server.example.com/tenant"},
        {"rel": ISSUER, "href": "https://second.example"},
    ]});
    assert_eq!(read(&several).unwrap(), "https://server.example.com/tenant");
}

#[test]
fn a_wrong_response_is_refused_for_its_reason() {
    let missing = |member: &'static str| Reason::Missing {
        member: member.into(),
    };
    let ill_typed = |member: &'static str, expected, found: &str| Reason::IllTyped {
        member: member.into(),
        expected,
        found: found.to_owned(),
    };
    let url = |found: &str| Reason::Url {
        member: "href".into(),
        expected: "an https URL without user name, query and fragment",
        found: found.to_owned(),
    };
    for (document, reason) in [
        (json!({}), missing("links")),
        (
            json!({"links": null}),
            ill_typed("links", "an array", "null"),
        ),
        (
            json!({"links": {}}),
            ill_typed("links", "an array", "object"),
        ),
        (json!({"links": []}), missing(ISSUER)),
        (
            json!({"links": [{"rel": "x", "href": "https://x"}]}),
            missing(ISSUER),
        ),
        (json!({"links": [{"rel": ISSUER}]}), missing("href")),
        (link(json!(1)), ill_typed("href", "a string", "number")),
        (
            link(json!("http://server.example.com")),
            url("http://server.example.com"),
        ),
        (
            link(json!("https://server.example.com?x=1")),
            url("https://server.example.com"),
        ),
        (
            link(json!("https://joe@server.example.com")),
            url("server.example.com"),
        ),
    ] {
        match read(&document) {
            Err(Error::Rejected(rejection)) => {
                assert_eq!(rejection.artefact, Artefact::WebFingerResponse);
                assert_eq!(rejection.reason, reason, "{document}");
            }
            other => panic!("{document}: {other:?}"),
        }
    }
    for (status, expected) in [(404, 404), (302, 302), (204, 204)] {
        let answer = response(
            status,
            link(json!("https://server.example.com")).to_string(),
        );
        let error = webfinger().response(UnixTime::from_seconds(NOW), &answer);
        let error = error.unwrap_err();
        let rejection = error.rejection().unwrap();
        assert!(
            matches!(rejection.reason, Reason::Status { found, .. } if found == expected),
            "{rejection}"
        );
    }
}
