//! What strangers answer who were found by a name or a URL: WebFinger and the metadata of protected
//! resources.

use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, Response};
use oauth_core::cache::Cache;
use oauth_core::endpoint::{UserIdentifier, WebFingerEndpoint};
use oauth_core::flow::{FetchProtectedResourceMetadata, FindIssuer};
use oauth_core::metadata::ResourceIdentifier;
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::policy::Policy;
use oauth_core::validate::ResourceChallenge;

use super::documents::{documents, repeated};
use super::{SHORT, assert_linear, env};

/// The answer to the request of an operation, and whether it is accepted.
fn is_accepted<O: Operation>(mut operation: O, status: u16, body: &str) -> bool {
    let cache = Cache::new();
    let sent = operation.step(&mut env(&cache), Event::Begin);
    assert!(matches!(sent, Ok(Action::Send(_))));
    let response = Response::builder().status(status);
    let response = response.body(Bytes::copy_from_slice(body.as_bytes()));
    match operation.step(&mut env(&cache), Event::Received(response.unwrap())) {
        Ok(Action::Done(_)) => true,
        Ok(_) => false,
        Err(error) => {
            assert!(error.to_string().len() < 8 * 1024);
            false
        }
    }
}

/// A document with a list of these elements, which differ in a number.
fn listed(before: &str, element: impl Fn(usize) -> String, after: &str, length: usize) -> String {
    let elements: Vec<_> = (0..length / element(0).len()).map(element).collect();
    format!("{before}{}{after}", elements.join(","))
}

#[test]
fn web_finger() {
    let ask = |status, body: &str| {
        let identifier = UserIdentifier::parse("alice@example.org").unwrap();
        let endpoint = WebFingerEndpoint::new(identifier, Policy::default());
        is_accepted(FindIssuer::new(endpoint), status, body)
    };
    for member in ["links", "subject", "properties"] {
        for (name, document) in documents(member) {
            assert_linear(&format!("WebFinger: {name}"), document, |body| {
                ask(200, body);
            });
        }
    }
    for (name, document) in documents("error_description") {
        assert_linear(&format!("WebFinger 404: {name}"), document, |body| {
            ask(404, body);
        });
    }
    let other = |number| format!(r#"{{"rel":"relation-{number:06}","href":"https://a.example"}}"#);
    let issuer =
        r#"{"rel":"http://openid.net/specs/connect/1.0/issuer","href":"https://op.example"}"#;
    let before = r#"{"subject":"acct:alice@example.org","links":["#;
    let last = format!(",{issuer}]}}");
    let of_others = |length| listed(before, other, &last, length);
    assert!(ask(200, &of_others(8 * SHORT)));
    assert_linear("WebFinger: links of other relations", of_others, |body| {
        ask(200, body);
    });
    let issuers = |length| listed(before, |_| issuer.to_owned(), "]}", length);
    assert_linear("WebFinger: links to issuers", issuers, |body| {
        ask(200, body);
    });
    for part in ["a", "@", "%41", ":", "acct:", "a.", "/", "#", "\u{e4}"] {
        let identifier = |length| format!("{}@example.org", repeated(part, length));
        assert_linear(&format!("identifiers of {part:?}"), identifier, |text| {
            let _ = UserIdentifier::parse(text);
        });
        let host = |length| format!("alice@{}", repeated(part, length));
        assert_linear(&format!("hosts of {part:?}"), host, |text| {
            let _ = UserIdentifier::parse(text);
        });
    }
}

#[test]
fn protected_resource_metadata() {
    let policy = Policy::default();
    let resource = ResourceIdentifier::new("https://api.example/mcp", &policy).unwrap();
    let fetch = |challenge: &ResourceChallenge| {
        FetchProtectedResourceMetadata::new(&resource, challenge, None, &policy)
    };
    let no_challenge = ResourceChallenge::of_response(&HeaderMap::new()).unwrap();
    let ask = |body: &str| is_accepted(fetch(&no_challenge).unwrap(), 200, body);
    for member in [
        "resource",
        "authorization_servers",
        "scopes_supported",
        "vendor",
    ] {
        for (name, document) in documents(member) {
            assert_linear(&format!("resource metadata: {name}"), document, |body| {
                ask(body);
            });
        }
    }
    let text = |number| format!(r#""https://as-{number:06}.example""#);
    let servers = r#"{"resource":"https://api.example/mcp","authorization_servers":["#;
    let servers = |length| listed(servers, text, "]}", length);
    assert!(ask(&servers(100)));
    assert_linear("resource metadata: servers", servers, |body| {
        ask(body);
    });
    let scopes = r#"{"resource":"https://api.example/mcp","authorization_servers":["https://op.example"],"scopes_supported":["#;
    let scopes = |length| {
        listed(
            scopes,
            |number| format!(r#""scope-{number:06}""#),
            "]}",
            length,
        )
    };
    assert!(ask(&scopes(100)));
    assert_linear("resource metadata: scopes", scopes, |body| {
        ask(body);
    });
    for part in [
        "Bearer ",
        "Bearer scope=\"a b\", ",
        "Bearer resource_metadata=\"https://api.example/m\", ",
        "a=b,",
        "\\\"",
    ] {
        let header = |length| repeated(part, length);
        assert_linear(
            &format!("resource challenges of {part:?}"),
            header,
            |value| {
                let mut headers = HeaderMap::new();
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap());
                if let Ok(challenge) = ResourceChallenge::of_response(&headers) {
                    let _ = fetch(&challenge);
                }
            },
        );
    }
    let scope = |length| format!("Bearer scope=\"{}\"", repeated("a b ", length).trim_end());
    assert_linear("the scope of a resource challenge", scope, |value| {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap());
        let _ = ResourceChallenge::of_response(&headers);
    });
}
