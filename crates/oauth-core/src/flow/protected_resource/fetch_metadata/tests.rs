use http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};

use super::FetchProtectedResourceMetadata;
use crate::error::{Error, MetadataError, Reason};
use crate::metadata::ResourceIdentifier;
use crate::operation::Event;
use crate::outbound::Outbound;
use crate::policy::Policy;
use crate::testing::script::{Script, received};
use crate::testing::{assert_finished, response};
use crate::validate::ResourceChallenge;

const RESOURCE: &str = "https://mcp.example/mcp";
const INSERTED: &str = "https://mcp.example/.well-known/oauth-protected-resource/mcp";
const ROOT: &str = "https://mcp.example/.well-known/oauth-protected-resource";
const NAMED: &str = "https://meta.example/of/mcp";

fn challenge(parameters: &str) -> ResourceChallenge {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(&format!("Bearer {parameters}")).unwrap();
    headers.insert(header::WWW_AUTHENTICATE, value);
    ResourceChallenge::of_response(&headers).unwrap()
}

fn made(
    resource: &str,
    challenge: &ResourceChallenge,
) -> Result<FetchProtectedResourceMetadata, Error> {
    let policy = Policy::default();
    let resource = ResourceIdentifier::new(resource, &policy).unwrap();
    FetchProtectedResourceMetadata::new(&resource, challenge, None, &policy)
}

fn script(resource: &str, parameters: &str) -> Script<FetchProtectedResourceMetadata> {
    Script::new(made(resource, &challenge(parameters)).unwrap())
}

fn document(resource: &str) -> Value {
    json!({"resource": resource, "authorization_servers": ["https://op.example"]})
}

fn url(outbound: &Outbound) -> String {
    outbound.request.uri().to_string()
}

#[test]
fn the_challenge_names_the_only_place() {
    let mut script = script(RESOURCE, &format!("resource_metadata=\"{NAMED}\""));
    assert_eq!(url(&script.sends(Event::Begin)), NAMED);
    let metadata = script.done(received(200, document(RESOURCE)));
    assert_eq!(metadata.resource, RESOURCE);
    assert_finished(&mut script.operation);

    let mut script = self::script(RESOURCE, &format!("resource_metadata=\"{NAMED}\""));
    script.sends(Event::Begin);
    let error = script.fails(received(404, ""));
    assert!(matches!(
        error.rejection().unwrap().reason,
        Reason::Status { found: 404, .. }
    ));
}

#[test]
fn a_challenge_cannot_lead_to_http() {
    let error = made(
        RESOURCE,
        &challenge("resource_metadata=\"http://mcp.example\""),
    )
    .unwrap_err();
    assert!(matches!(
        error,
        Error::Metadata(MetadataError::NotHttps { .. })
    ));
}

#[test]
fn without_one_the_path_comes_before_the_root() {
    for absent in [received(404, ""), received(401, r#"{"error":"x"}"#), html()] {
        let mut script = script(RESOURCE, "realm=x");
        assert_eq!(url(&script.sends(Event::Begin)), INSERTED);
        assert_eq!(url(&script.sends(absent)), ROOT);
        let metadata = script.done(received(200, document(RESOURCE)));
        assert_eq!(metadata.resource, RESOURCE);
        assert_finished(&mut script.operation);
    }
    let mut root_alone = script("https://mcp.example", "realm=x");
    assert_eq!(url(&root_alone.sends(Event::Begin)), ROOT);
    root_alone.fails(received(404, ""));
    assert_finished(&mut root_alone.operation);
}

#[test]
fn a_document_that_fails_a_check_ends_the_search() {
    let status = |status: u16| received(status, "");
    for end in [
        received(200, document("https://evil.example/mcp")),
        received(200, json!({"resource": RESOURCE})),
        received(200, "{"),
        status(302),
        status(429),
        status(500),
    ] {
        let mut script = script(RESOURCE, "realm=x");
        script.sends(Event::Begin);
        let error = script.fails(end);
        assert!(error.rejection().is_some(), "{error}");
        assert_finished(&mut script.operation);
    }
}

/// A page for every path.
fn html() -> Event {
    let mut page = response(200, "<html></html>");
    let html = HeaderValue::from_static("text/html");
    page.headers_mut().insert(header::CONTENT_TYPE, html);
    Event::Received(page)
}
