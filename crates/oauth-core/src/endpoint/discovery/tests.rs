use super::{DiscoveryAlgorithm, DiscoveryEndpoint};
use crate::endpoint::Endpoint;
use crate::error::{Error, MetadataError, Misuse, Reason};
use crate::metadata::ServerMetadata;
use crate::policy::Policy;
use crate::testing::response;
use crate::time::UnixTime;

mod may_issue;
mod metadata_url;

#[test]
fn the_document_lies_where_the_specifications_put_it() {
    use DiscoveryAlgorithm::{Oauth2, Oidc};
    const BELOW: &str = ".well-known/openid-configuration";
    const BETWEEN: &str = "https://op.example/.well-known/oauth-authorization-server";
    for (issuer, algorithm, url) in [
        (
            "https://op.example",
            Oidc,
            format!("https://op.example/{BELOW}"),
        ),
        (
            "https://op.example/",
            Oidc,
            format!("https://op.example/{BELOW}"),
        ),
        (
            "https://op.example/t",
            Oidc,
            format!("https://op.example/t/{BELOW}"),
        ),
        (
            "https://op.example/t/",
            Oidc,
            format!("https://op.example/t/{BELOW}"),
        ),
        (
            "https://op.example/t//",
            Oidc,
            format!("https://op.example/t//{BELOW}"),
        ),
        (
            "https://op.example/a//b/",
            Oidc,
            format!("https://op.example/a//b/{BELOW}"),
        ),
        (
            "https://OP.example:443/T",
            Oidc,
            format!("https://op.example/T/{BELOW}"),
        ),
        (
            "https://op.example/a%2Fb",
            Oidc,
            format!("https://op.example/a%2Fb/{BELOW}"),
        ),
        ("https://op.example", Oauth2, BETWEEN.to_owned()),
        ("https://op.example/", Oauth2, BETWEEN.to_owned()),
        ("https://op.example/t", Oauth2, format!("{BETWEEN}/t")),
        ("https://op.example/t/", Oauth2, format!("{BETWEEN}/t")),
        (
            "https://op.example/a//b/",
            Oauth2,
            format!("{BETWEEN}/a//b"),
        ),
    ] {
        let request = discovery(issuer, algorithm).request().unwrap();
        assert_eq!(request.url.as_str(), url, "{issuer}");
        assert_eq!(request.method, "GET");
        assert_eq!(request.headers["accept"], "application/json");
    }
}

#[test]
fn what_cannot_be_an_issuer_is_refused_before_anything_is_sent() {
    for (issuer, code) in [
        ("op.example", "OAUTH_INVALID_SERVER_METADATA"),
        ("localhost:8443", "OAUTH_INVALID_SERVER_METADATA"),
        ("https://op.example/?", "OAUTH_INVALID_SERVER_METADATA"),
        ("https://op.example?x=1", "OAUTH_INVALID_SERVER_METADATA"),
        ("https://op.example/#f", "OAUTH_INVALID_SERVER_METADATA"),
        ("https://me@op.example", "OAUTH_INVALID_SERVER_METADATA"),
        ("https://:pass@op.example", "OAUTH_INVALID_SERVER_METADATA"),
        ("http://op.example", "OAUTH_HTTP_REQUEST_FORBIDDEN"),
        ("ftp://op.example", "OAUTH_REQUEST_PROTOCOL_FORBIDDEN"),
    ] {
        let error = DiscoveryEndpoint::new(issuer, DiscoveryAlgorithm::Oidc, Policy::default());
        let error = error.unwrap_err();
        assert_eq!(error.code(), Some(code), "{issuer}");
        let Error::Metadata(
            MetadataError::Invalid { member, .. }
            | MetadataError::NoScheme { member, .. }
            | MetadataError::NotHttps { member, .. }
            | MetadataError::Scheme { member, .. },
        ) = error
        else {
            panic!("{error}");
        };
        assert_eq!(member, "issuer");
    }
    let error = DiscoveryEndpoint::new(
        "https://op.example/.well-known/openid-configuration",
        DiscoveryAlgorithm::Oidc,
        Policy::default(),
    );
    assert!(matches!(
        error,
        Err(Error::Misuse(Misuse::InvalidArgument {
            argument: "issuer",
            ..
        }))
    ));
}

#[test]
fn the_issuer_in_the_document_is_the_one_asked_for() {
    for (asked, published) in [
        ("https://op.example", "https://op.example"),
        ("https://op.example", "https://op.example/"),
        ("https://op.example/", "https://op.example"),
        ("https://op.example", "https://OP.example:443"),
        ("https://op.example/t/", "https://op.example/t/"),
    ] {
        let metadata = read(asked, 200, &format!(r#"{{"issuer":"{published}"}}"#)).unwrap();
        assert_eq!(metadata.issuer, published);
    }
    for (asked, published) in [
        ("https://op.example", "https://op.example1"),
        ("https://op.example", "http://op.example"),
        ("https://op.example", "https://op.example:444"),
        ("https://op.example", "https://op.example/?"),
        ("https://op.example", "not a URL"),
        ("https://op.example/t", "https://op.example/t/"),
        ("https://op.example/t", "https://op.example/T"),
        ("https://op.example/t", "https://op.example"),
        // The issuers of Microsoft are tested in `metadata/microsoft/tests.rs`.
        (
            "https://op.example/common/v2.0",
            "https://op.example/{tenantid}/v2.0",
        ),
    ] {
        let error = read(asked, 200, &format!(r#"{{"issuer":"{published}"}}"#)).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"));
        let Reason::AttributeMismatch {
            member: "issuer",
            found,
            ..
        } = &error.rejection().unwrap().reason
        else {
            panic!("{error}");
        };
        assert_eq!(found.as_deref(), Some(published));
    }
}

#[test]
fn a_failure_says_what_was_expected_and_what_was_found() {
    let html = "<!doctype html><title>Welcome</title>";
    for (status, body, code, message) in [
        (
            500,
            "oops",
            "OAUTH_RESPONSE_IS_NOT_CONFORM",
            "discovery document refused: expected HTTP status 200, found 500",
        ),
        (
            200,
            html,
            "OAUTH_PARSE_ERROR",
            "discovery document refused: not valid JSON at line 1, column 1",
        ),
        (
            200,
            "[]",
            "OAUTH_INVALID_RESPONSE",
            "discovery document refused: expected an object, found array",
        ),
        (
            200,
            "{}",
            "OAUTH_INVALID_RESPONSE",
            "discovery document refused: `issuer` is missing",
        ),
    ] {
        let error = read("https://op.example", status, body).unwrap_err();
        assert_eq!(error.code(), Some(code));
        assert_eq!(error.to_string(), format!("{message}{ASKED_AT}"));
    }
}

const ASKED_AT: &str = "; asked for at https://op.example/.well-known/openid-configuration";

#[test]
fn html_is_named_by_its_media_type() {
    let mut response = response(200, "<!doctype html>");
    response
        .headers_mut()
        .insert("content-type", "text/html; charset=utf-8".parse().unwrap());
    let error = discovery("https://op.example", DiscoveryAlgorithm::Oidc)
        .response(UnixTime::from_seconds(0), &response)
        .unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_IS_NOT_JSON"));
    assert_eq!(
        error.to_string(),
        format!(
            "discovery document refused: expected a body of type application/json, found text/html; \
             charset=utf-8{ASKED_AT}"
        )
    );
}

#[test]
fn a_redirect_is_not_followed_and_its_target_is_named() {
    let mut response = response(302, "");
    response.headers_mut().insert(
        "location",
        "https://www.op.example/login?x=1".parse().unwrap(),
    );
    let error = discovery("https://op.example", DiscoveryAlgorithm::Oidc)
        .response(UnixTime::from_seconds(0), &response)
        .unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_IS_NOT_CONFORM"));
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::Status {
            expected: 200,
            found: 302,
            location: Some("https://www.op.example/login".to_owned()),
        }
    );
}

fn discovery(issuer: &str, algorithm: DiscoveryAlgorithm) -> DiscoveryEndpoint {
    DiscoveryEndpoint::new(issuer, algorithm, Policy::default()).unwrap()
}

fn read(issuer: &str, status: u16, body: &str) -> Result<ServerMetadata, Error> {
    discovery(issuer, DiscoveryAlgorithm::Oidc)
        .response(UnixTime::from_seconds(0), &response(status, body))
}

#[test]
fn a_document_is_fetched_where_the_caller_says_and_believed() {
    let url = "https://cdn.example/op.json?v=2";
    let endpoint = DiscoveryEndpoint::danger_document(url, Policy::default()).unwrap();
    assert_eq!(endpoint.request().unwrap().url.as_str(), url);
    let shown = format!("{endpoint:?}");
    assert!(shown.contains("Document(\"https://cdn.example/op.json\")"));
    let now = UnixTime::from_seconds(0);
    let read = |body: &str| endpoint.response(now, &crate::testing::response(200, body));
    let metadata = read(r#"{"issuer":"https://op.example"}"#).unwrap();
    assert_eq!(metadata.issuer, "https://op.example");
    // All checks but this comparison apply.
    let error = read("{}").unwrap_err();
    let member = "issuer".into();
    assert_eq!(
        error.rejection().unwrap().reason,
        Reason::Missing { member }
    );
    for (url, code) in [
        ("http://op.example/x", "OAUTH_HTTP_REQUEST_FORBIDDEN"),
        ("ftp://op.example/x", "OAUTH_REQUEST_PROTOCOL_FORBIDDEN"),
        ("https://a:b@op.example/x", "OAUTH_INVALID_SERVER_METADATA"),
    ] {
        let error = DiscoveryEndpoint::danger_document(url, Policy::default()).unwrap_err();
        assert_eq!(error.code(), Some(code));
    }
}

#[test]
fn a_document_that_is_not_there_names_the_url_and_what_to_try() {
    for (issuer, url, advice) in [
        (
            "https://op.example",
            "https://op.example/.well-known/openid-configuration",
            "that of Keycloak ends with /realms/ and the name of the realm",
        ),
        (
            "https://op.example/auth/realms/a/",
            "https://op.example/auth/realms/a/.well-known/openid-configuration",
            "Keycloak has no /auth in it since version 17",
        ),
        (
            "https://op.example/realms/a",
            "https://op.example/realms/a/.well-known/openid-configuration",
            "Keycloak before version 17 has /auth before /realms",
        ),
    ] {
        // The second body is Keycloak's.
        for body in ["<html>", r#"{"error":"Realm does not exist"}"#] {
            let error = read(issuer, 404, body).unwrap_err();
            assert_eq!(error.code(), Some("OAUTH_RESPONSE_IS_NOT_CONFORM"));
            assert_eq!(error.rejection().unwrap().url(), Some(url));
            assert_eq!(
                error.to_string(),
                format!(
                    "discovery document refused: expected HTTP status 200, found 404; asked for at \
                     {url}: take the issuer as tokens have it in `iss`, a slash at the end included; \
                     {advice}"
                )
            );
        }
    }
}

#[test]
fn a_document_that_is_refused_names_its_url() {
    let error = read(
        "https://op.example/t",
        200,
        r#"{"issuer":"https://op.example/t/"}"#,
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "discovery document refused: `issuer` does not match: expected https://op.example/t, found \
         https://op.example/t/; asked for at \
         https://op.example/t/.well-known/openid-configuration: the two differ in the slash at the \
         end; take the issuer as the server writes it"
    );
    for (given, found, advice) in [
        (
            "https://OP.example:443",
            "http://op.example",
            "give the issuer as the server writes it, or tell the server its public URL",
        ),
        (
            "https://op.example/t",
            "http://op.example/t",
            "the two differ in the scheme; a server behind a proxy must be told its public URL",
        ),
    ] {
        let body = format!(r#"{{"issuer":"{found}"}}"#);
        let text = read(given, 200, &body).unwrap_err().to_string();
        // The issuer is shown as the application wrote it.
        let both = format!("expected {given}, found {found}; asked for at ");
        assert!(text.contains(&both), "{text}");
        assert!(text.ends_with(advice), "{text}");
    }
    let secret = "https://op.example/d?key=secret";
    let endpoint = DiscoveryEndpoint::danger_document(secret, Policy::default()).unwrap();
    let now = UnixTime::from_seconds(0);
    let error = endpoint.response(now, &response(500, "")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "discovery document refused: expected HTTP status 200, found 500; asked for at \
         https://op.example/d"
    );
}

/// The issuer is an argument of the application here, not server metadata.
#[test]
fn an_issuer_that_cannot_be_one_is_called_an_issuer() {
    for (issuer, shown) in [
        (
            "op.example",
            "`issuer` must be an https URL, found op.example, which has no scheme: write https://op.example",
        ),
        (
            "localhost:8443",
            "`issuer` must be an https URL, found localhost:8443, which has no scheme: write \
             https://localhost:8443",
        ),
        (
            "op.example:8443/t?key=secret",
            "`issuer` must be an https URL, found op.example:8443/t, which has no scheme: write \
             https://op.example:8443/t",
        ),
        (
            "ftp://op.example",
            "`issuer` must be an https URL, found scheme ftp",
        ),
        ("issuer", "`issuer` must be an absolute URL, found issuer"),
        ("/issuer", "`issuer` must be an absolute URL, found /issuer"),
        (
            "https://op.example?x=1",
            "`issuer` must be a URL without query and fragment, found one with them",
        ),
    ] {
        let error = DiscoveryEndpoint::new(issuer, DiscoveryAlgorithm::Oidc, Policy::default());
        assert_eq!(error.unwrap_err().to_string(), shown);
    }
    let error = DiscoveryEndpoint::danger_document("op.example/d", Policy::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`url` must be an https URL, found op.example/d, which has no scheme: write https://op.example/d"
    );
}
