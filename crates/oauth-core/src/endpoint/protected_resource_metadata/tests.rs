use serde_json::{Value, json};

use super::{CAP, ProtectedResourceMetadataEndpoint, ResourceMetadataLocation};
use crate::endpoint::Endpoint;
use crate::error::{Artefact, Error, MetadataError, Reason};
use crate::metadata::{ProtectedResourceMetadata, ResourceIdentifier};
use crate::outbound::ResponseBody;
use crate::policy::Policy;
use crate::testing::{NOW, SERVER_KEY, key_set, response, sign};
use crate::time::UnixTime;
use crate::validate::MetadataSigner;

const RESOURCE: &str = "https://mcp.example/mcp";

const FROM_CHALLENGE: ResourceMetadataLocation<'static> =
    ResourceMetadataLocation::Challenge("https://mcp.example/metadata?of=mcp");

fn endpoint(location: ResourceMetadataLocation<'_>) -> ProtectedResourceMetadataEndpoint {
    under(location, Policy::default())
}

fn under(
    location: ResourceMetadataLocation<'_>,
    policy: Policy,
) -> ProtectedResourceMetadataEndpoint {
    let resource = ResourceIdentifier::new(RESOURCE, &policy).unwrap();
    ProtectedResourceMetadataEndpoint::new(resource, location, policy).unwrap()
}

fn document() -> Value {
    json!({
        "resource": RESOURCE,
        "authorization_servers": ["https://op.example"],
        "scopes_supported": ["read", "write"],
        "resource_name": 7,
        "vendor": {"of": "anything"},
    })
}

fn with(member: &str, value: Value) -> Value {
    let mut document = document();
    document[member] = value;
    document
}

fn read(
    endpoint: &ProtectedResourceMetadataEndpoint,
    document: &Value,
) -> Result<ProtectedResourceMetadata, Error> {
    let now = UnixTime::from_seconds(NOW);
    endpoint.response(now, &response(200, document.to_string()))
}

#[track_caller]
fn reason(result: Result<ProtectedResourceMetadata, Error>) -> Reason {
    match result.unwrap_err() {
        Error::Rejected(rejection) => {
            assert_eq!(rejection.artefact, Artefact::ProtectedResourceMetadata);
            rejection.reason.clone()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn the_document_is_requested_where_the_specifications_put_it() {
    use ResourceMetadataLocation::{Root, WellKnown};
    for (location, url) in [
        (
            WellKnown,
            "https://mcp.example/.well-known/oauth-protected-resource/mcp",
        ),
        (
            Root,
            "https://mcp.example/.well-known/oauth-protected-resource",
        ),
        (FROM_CHALLENGE, "https://mcp.example/metadata?of=mcp"),
    ] {
        let endpoint = endpoint(location);
        assert_eq!(endpoint.request().unwrap().url.as_str(), url);
        assert_eq!(
            endpoint.response_body(),
            ResponseBody::Buffered { cap: CAP }
        );
    }
    let mut policy = Policy::default();
    policy.set_body_cap(100);
    let small = under(WellKnown, policy).response_body();
    assert_eq!(small, ResponseBody::Buffered { cap: 100 });
}

#[test]
fn a_url_from_a_challenge_must_be_https() {
    let resource = ResourceIdentifier::new(RESOURCE, &Policy::default()).unwrap();
    let refused = |url| {
        let location = ResourceMetadataLocation::Challenge(url);
        let resource = resource.clone();
        ProtectedResourceMetadataEndpoint::new(resource, location, Policy::default()).unwrap_err()
    };
    let error = refused("http://mcp.example/metadata");
    assert!(matches!(
        &error,
        Error::Metadata(MetadataError::NotHttps {
            member: "resource_metadata",
            ..
        })
    ));
    assert!(
        error
            .to_string()
            .starts_with("`resource_metadata` in the challenge must be an https")
    );
    for url in ["file:///etc/passwd", "javascript:alert(1)"] {
        assert!(
            matches!(refused(url), Error::Metadata(MetadataError::Scheme { .. })),
            "{url}"
        );
    }
    assert!(matches!(
        refused("https://user@mcp.example/m"),
        Error::Metadata(MetadataError::Invalid { .. })
    ));
}

#[test]
fn a_document_is_read_with_everything_it_has() {
    let endpoint = endpoint(ResourceMetadataLocation::WellKnown);
    let metadata = read(&endpoint, &document()).unwrap();
    assert_eq!(
        metadata.authorization_servers.as_deref(),
        Some(&["https://op.example".to_owned()][..])
    );
    assert_eq!(metadata.scope().unwrap().to_string(), "read write");
    // It is not used, so an ill-typed name is no reason for a refusal.
    assert_eq!(
        (
            metadata.resource_name.as_deref(),
            &metadata.extra["resource_name"]
        ),
        (None, &json!(7))
    );
    assert_eq!(Value::Object(metadata.to_json()), document());
}

#[test]
fn resource_must_be_the_one_asked_for() {
    use ResourceMetadataLocation::{Root, WellKnown};
    let accepts = |location, resource: &str| {
        read(&endpoint(location), &with("resource", json!(resource))).is_ok()
    };
    for location in [WellKnown, Root, FROM_CHALLENGE] {
        assert!(accepts(location, RESOURCE));
        assert!(accepts(location, "https://MCP.example:443/mcp"));
        for other in [
            "https://evil.example/mcp",
            "https://mcp.example/other",
            "https://mcp.example/mcp/",
            "https://mcp.example/mcp/below",
            "https://mcp.example/mcp?a",
            "https://mcp.example/mcp#a",
            "http://mcp.example/mcp",
            "https://mcp.example:8443/mcp",
            "https://user@mcp.example/mcp",
            "mcp",
        ] {
            let found = with("resource", json!(other));
            assert_eq!(
                reason(read(&endpoint(location), &found)),
                Reason::AttributeMismatch {
                    member: "resource",
                    expected: Some(RESOURCE.to_owned()),
                    found: Some(other.to_owned()),
                }
            );
        }
    }
}

#[test]
fn a_resource_above_the_requested_one_needs_the_switch() {
    use ResourceMetadataLocation::{Root, WellKnown};
    let above = with("resource", json!("https://mcp.example/"));
    for (location, url) in [
        (
            WellKnown,
            "https://mcp.example/.well-known/oauth-protected-resource/mcp",
        ),
        (
            Root,
            "https://mcp.example/.well-known/oauth-protected-resource",
        ),
        (FROM_CHALLENGE, "https://mcp.example/metadata"),
    ] {
        let refused = read(&endpoint(location), &above).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!(
                "protected resource metadata refused: `resource` does not match: expected \
                 https://mcp.example/mcp, found https://mcp.example/; \
                 `danger.accept_parent_resource` accepts a resource above the requested URL; asked \
                 for at {url}"
            )
        );
        let mut policy = Policy::default();
        policy.danger.accept_parent_resource = true;
        let endpoint = under(location, policy);
        assert!(read(&endpoint, &above).is_ok());
        for other in [
            "https://evil.example/",
            "https://mcp.example/m",
            "https://mcp.example/mcp/b",
        ] {
            let other = with("resource", json!(other));
            assert!(matches!(
                reason(read(&endpoint, &other)),
                Reason::AttributeMismatch { .. }
            ));
        }
    }
}

#[test]
fn authorization_servers_are_a_few_https_issuers() {
    let endpoint = endpoint(ResourceMetadataLocation::WellKnown);
    let servers = |servers: Value| read(&endpoint, &with("authorization_servers", servers));
    let many = |count: usize| -> Value {
        (0..count)
            .map(|it| format!("https://{it}.example"))
            .collect()
    };
    assert!(servers(many(16)).is_ok());
    assert_eq!(
        reason(servers(many(17))),
        Reason::IllTyped {
            member: "authorization_servers".into(),
            expected: "at most 16 issuers",
            found: "17 issuers".to_owned(),
        }
    );
    for none in [json!(null), json!([])] {
        assert_eq!(
            reason(servers(none)),
            Reason::Missing {
                member: "authorization_servers".into()
            }
        );
    }
    for server in [
        "http://op.example",
        "https://op.example?a",
        "https://op.example#a",
        "op.example",
    ] {
        assert_eq!(
            reason(servers(json!(["https://op.example", server]))),
            Reason::Url {
                member: "authorization_servers".into(),
                expected: "a list of https URLs without user name, query and fragment",
                found: server.split(['?', '#']).next().unwrap().to_owned(),
            }
        );
    }
    for ill_typed in [json!("https://op.example"), json!([1])] {
        assert!(matches!(
            reason(servers(ill_typed)),
            Reason::IllTyped { .. }
        ));
    }
}

#[test]
fn scopes_are_bounded() {
    let endpoint = endpoint(ResourceMetadataLocation::WellKnown);
    for scopes in [json!(["a b"]), json!(["a".repeat(5000)]), json!([""])] {
        let found = reason(read(&endpoint, &with("scopes_supported", scopes)));
        assert!(matches!(found, Reason::IllTyped { member, .. } if member == "scopes_supported"));
    }
}

#[test]
fn other_responses_are_refused() {
    let endpoint = endpoint(ResourceMetadataLocation::WellKnown);
    let now = UnixTime::from_seconds(NOW);
    let found = |status: u16, body: &str| reason(endpoint.response(now, &response(status, body)));
    for status in [204, 302, 401, 404, 500] {
        let status_reason = found(status, r#"{"error":"server_error"}"#);
        assert!(matches!(status_reason, Reason::Status { found, .. } if found == status));
    }
    assert_eq!(
        found(200, "{}"),
        Reason::Missing {
            member: "resource".into()
        }
    );
    let twice = r#"{"resource":"https://mcp.example/mcp","resource":"https://evil.example"}"#;
    assert!(matches!(
        found(200, twice),
        Reason::Json(jose::json::Error::Duplicate { .. })
    ));
    let missing = endpoint
        .response(now, &response(404, ""))
        .unwrap_err()
        .to_string();
    assert!(
        missing
            .ends_with("asked for at https://mcp.example/.well-known/oauth-protected-resource/mcp")
    );
}

#[test]
fn signed_metadata_count_where_they_are_required() {
    let keys = key_set(&[&SERVER_KEY]);
    let algorithms = [jose::SignatureAlgorithm::ES256];
    let signer =
        MetadataSigner::new("https://signer.example", keys.as_bytes(), algorithms).unwrap();
    let signed_by = |claims: Value| with("signed_metadata", json!(sign(&claims)));
    let claims = |resource: &str, server: &str| json!({"iss": "https://signer.example", "resource": resource, "authorization_servers": [server]});
    let plain = endpoint(ResourceMetadataLocation::WellKnown);
    let strict = plain.clone().signer(signer);

    let good = signed_by(claims(RESOURCE, "https://signed.example"));
    let servers = |metadata: ProtectedResourceMetadata| metadata.authorization_servers.unwrap();
    assert_eq!(
        servers(read(&strict, &good).unwrap()),
        ["https://signed.example"]
    );
    assert_eq!(
        servers(read(&plain, &good).unwrap()),
        ["https://op.example"]
    );

    let refused = |document: Value| match read(&strict, &document).unwrap_err() {
        Error::Rejected(rejection) => rejection.reason.clone(),
        other => panic!("{other}"),
    };
    assert_eq!(
        refused(document()),
        Reason::Missing {
            member: "signed_metadata".into()
        }
    );
    let other = "https://other.example/mcp";
    assert_eq!(
        refused(signed_by(claims(other, "https://op.example"))),
        Reason::ClaimMismatch {
            claim: "resource",
            expected: Some(RESOURCE.to_owned()),
            found: Some(other.to_owned()),
        }
    );
    // The checks apply to the signed values.
    let http = signed_by(claims(RESOURCE, "http://op.example"));
    assert!(matches!(refused(http), Reason::Url { .. }));
}
