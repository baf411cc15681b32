//! Dynamic registration, and the management and removal of registrations.

use serde_json::json;

use super::*;

/// Sends a JSON document with an optional token.
pub(super) fn send(
    provider: &Provider,
    method: &str,
    url: &str,
    token: Option<&str>,
    document: &Value,
) -> Response<Bytes> {
    let mut request = Request::builder()
        .method(method)
        .uri(url)
        .header(CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = Bytes::from(document.to_string());
    provider.handle(&request.body(body).unwrap(), NOW + 700)
}

pub(super) fn register(
    provider: &Provider,
    token: Option<&str>,
    document: &Value,
) -> Response<Bytes> {
    let url = provider.url(Endpoint::Registration);
    send(provider, "POST", &url, token, document)
}

#[test]
fn a_client_registers_changes_and_leaves() {
    let provider = Provider::new(ISSUER);
    let wanted = json!({"redirect_uris": [REDIRECT_URI], "client_name": "My app"});
    let response = register(&provider, None, &wanted);
    assert_eq!(response.status(), 201);
    let registered = json(&response);
    assert_eq!(registered["client_name"], "My app");
    assert_eq!(
        registered["token_endpoint_auth_method"],
        "client_secret_basic"
    );
    assert_eq!(registered["client_secret_expires_at"], 0);
    let text = |name: &str| registered[name].as_str().unwrap();
    let (url, token) = (
        text("registration_client_uri"),
        text("registration_access_token"),
    );

    let read = send(&provider, "GET", url, Some(token), &Value::Null);
    assert_eq!(json(&read), registered);

    let mut changed = wanted.clone();
    changed["client_id"] = json!(text("client_id"));
    changed["client_name"] = json!("Our app");
    let response = send(&provider, "PUT", url, Some(token), &changed);
    assert_eq!(response.status(), 200);
    assert_eq!(json(&response)["client_name"], "Our app");
    assert_eq!(
        json(&response)["client_secret"],
        registered["client_secret"]
    );

    let response = send(&provider, "DELETE", url, Some(token), &Value::Null);
    assert_eq!(
        (response.status().as_u16(), response.body().len()),
        (204, 0)
    );
    let response = send(&provider, "GET", url, Some(token), &Value::Null);
    assert_eq!(error(&response), (401, "invalid_token".to_owned()));
}

#[test]
fn what_must_not_be_registered_is_refused() {
    let provider = Provider::new(ISSUER).initial_access_token("permit");
    for token in [None, Some("another")] {
        let response = register(&provider, token, &json!({}));
        assert_eq!(error(&response), (401, "invalid_token".to_owned()));
    }
    for (document, code) in [
        (json!([]), "invalid_client_metadata"),
        (json!({"redirect_uris": "x"}), "invalid_redirect_uri"),
        (json!({"redirect_uris": [1]}), "invalid_redirect_uri"),
        (
            json!({"token_endpoint_auth_method": "x"}),
            "invalid_client_metadata",
        ),
        (
            json!({"id_token_signed_response_alg": 1}),
            "invalid_client_metadata",
        ),
    ] {
        let response = register(&provider, Some("permit"), &document);
        assert_eq!(error(&response), (400, code.to_owned()), "{document}");
    }
}

#[test]
fn a_client_cannot_take_what_is_not_its_own() {
    let provider = Provider::new(ISSUER);
    let mine = json(&register(&provider, None, &json!({})));
    let other = json(&register(&provider, None, &json!({})));
    let url = mine["registration_client_uri"].as_str().unwrap();
    let token = mine["registration_access_token"].as_str();
    let others = other["registration_access_token"].as_str();
    for stranger in [None, others] {
        for method in ["GET", "PUT", "DELETE"] {
            let response = send(&provider, method, url, stranger, &json!({}));
            assert_eq!(error(&response), (401, "invalid_token".to_owned()));
        }
    }
    let id = &mine["client_id"];
    for document in [
        json!({}),
        json!({"client_id": other["client_id"]}),
        json!({"client_id": id, "client_secret": "chosen"}),
        json!({"client_id": id, "registration_access_token": token}),
    ] {
        let response = send(&provider, "PUT", url, token, &document);
        assert_eq!(
            error(&response),
            (400, "invalid_request".to_owned()),
            "{document}"
        );
    }
}
