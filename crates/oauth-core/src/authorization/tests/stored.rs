//! The stored form of a login.

use super::*;

#[test]
fn the_stored_form_is_versioned_and_complete() {
    let stored = serde_json::to_value(pending()).unwrap();
    assert_eq!(
        stored,
        serde_json::json!({
            "version": 1,
            "issuer": "https://op.example",
            "client_id": "app",
            "redirect_uri": "https://app.example/cb?a=b c",
            "response_type": "code",
            "response_mode": "query",
            "state": STATE,
            "nonce": NONCE,
            "code_verifier": VERIFIER,
            "max_age": 600,
            "id_token_expected": true,
            "dpop_jkt": null,
            "created_at": NOW,
            "lifetime": 3600,
        })
    );
    let read: PendingLogin = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), stored);
}

#[test]
fn a_login_for_resources_keeps_them_and_its_scope() {
    let resources = ["https://mcp.example/a", "https://mcp.example/b"];
    let request = request().scope("read write");
    let request = resources.into_iter().fold(request, |request, resource| {
        request.parameter("resource", resource)
    });
    let stored = serde_json::to_value(begin(request).unwrap().1).unwrap();
    assert_eq!(stored["resource"], serde_json::json!(resources));
    assert_eq!(stored["scope"], "read write");
    let read: PendingLogin = serde_json::from_value(stored.clone()).unwrap();
    assert!(read.resources().eq(resources));
    assert_eq!(read.resource_scope(), Some("read write"));
    assert_eq!(serde_json::to_value(read).unwrap(), stored);
    // The stored form of other logins has neither, like that of earlier versions.
    assert_eq!(pending().resources().count(), 0);
    assert_eq!(pending().resource_scope(), None);
}

#[test]
fn another_stored_form_is_refused() {
    let stored = serde_json::to_string(&pending()).unwrap();
    for (change, by, complaint) in [
        (
            r#""version":1"#,
            r#""version":2,"new":true"#,
            "unknown version of a pending login: expected 1, found 2",
        ),
        (r#""version":1,"#, "", "missing field `version`"),
        (
            r#""version":1,"#,
            r#""version":1,"new":true,"#,
            "unknown field `new`",
        ),
        (
            r#""version":1,"#,
            r#""version":1,"state":"x","#,
            "duplicate field `state`",
        ),
        (
            r#""query""#,
            r#""elsewhere""#,
            "unknown variant `elsewhere`",
        ),
        (
            VERIFIER,
            "short",
            "`code_verifier` must be 43 to 128 characters",
        ),
    ] {
        let changed = stored.replacen(change, by, 1);
        assert_ne!(changed, stored);
        let error = serde_json::from_str::<PendingLogin>(&changed).unwrap_err();
        assert!(error.to_string().contains(complaint), "{error}");
    }
}

#[test]
fn another_version_of_a_login_is_named_in_any_order_of_members() {
    let stored = serde_json::to_value(pending()).unwrap();
    // In the order of their names, `version` comes last.
    let sorted = stored.to_string();
    assert!(sorted.ends_with(r#""version":1}"#), "{sorted}");
    assert!(serde_json::from_str::<PendingLogin>(&sorted).is_ok());
    for (text, message) in [
        (
            r#"{"issuer":7,"new":true,"version":2}"#,
            "unknown version of a pending login: expected 1, found 2",
        ),
        (
            r#"{"state":"s","version":300}"#,
            "unknown version of a pending login: expected 1, found 300",
        ),
        (
            r#"{"version":"1"}"#,
            "invalid type: string \"1\", expected u8",
        ),
        (r#"{"version":1,"version":1}"#, "duplicate field `version`"),
        ("[1]", "invalid type: sequence, expected an object"),
    ] {
        let error = serde_json::from_str::<PendingLogin>(text).unwrap_err();
        assert!(error.to_string().starts_with(message), "{text}: {error}");
    }
}
