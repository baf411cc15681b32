//! `Debug` and errors show no secret, and neither do the spans and events of the feature `tracing`.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::{Arc, Mutex};

use openid_client::http::Method;
use openid_client::{Client, Report};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint};

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI, begin};

const SECRET: &str = "a-secret-that-must-never-be-shown";

#[tokio::test]
async fn no_secret_is_shown() {
    #[cfg(feature = "tracing")]
    let captured = support::captured::Captured::everywhere();
    let transport = InProcess::new();
    transport.provider.register(
        ClientRegistration::new(
            "secretive",
            ClientAuthentication::ClientSecretPost(SECRET.to_owned()),
        )
        .redirect_uri(REDIRECT_URI),
    );
    let watched = Arc::new(Mutex::new(Vec::new()));
    let watching = Arc::clone(&watched);
    let builder = Client::discover(ISSUER, "secretive")
        .client_secret(SECRET)
        .observer(move |observation| {
            let mut watched = watching.lock().unwrap();
            watched.push(format!("{observation} {observation:?}"));
        })
        .http_client(Arc::clone(&transport));
    let shown_builder = format!("{builder:?}");
    let client = builder.await.unwrap();
    let (url, pending) = begin(&client).await;
    let state = pending.state().to_owned();
    let callback = transport.browse(url);
    let code = openid_client::Url::parse(&callback).unwrap();
    let code = code
        .query_pairs()
        .find(|(name, _)| name == "code")
        .unwrap()
        .1
        .into_owned();
    let shown_pending = format!("{pending:?}");
    let again = pending.clone();
    let tokens = client
        .authorization_code_grant(pending, &callback)
        .await
        .unwrap();
    client.fetch_user_info(&tokens).await.unwrap();
    let resource = transport.provider.url(Endpoint::Resource);
    let resource = format!("{resource}?key={SECRET}");
    let resource = client.fetch_protected_resource(&tokens, Method::GET, &resource);
    resource.await.unwrap();
    let spent = client
        .authorization_code_grant(again, &callback)
        .await
        .unwrap_err();
    let (_, other) = begin(&client).await;
    let mismatch = client
        .authorization_code_grant(other, &callback)
        .await
        .unwrap_err();
    assert_eq!(mismatch.code(), Some("OAUTH_INVALID_RESPONSE"));

    let document = format!("{ISSUER}/document?key={SECRET}");
    let by_document = Client::danger_discover_document(document, "secretive");
    #[cfg(feature = "tracing")]
    let traced = {
        // One event for each request.
        assert_eq!(captured.ours(&["message=request"]).len(), 6);
        captured.lines().join("\n")
    };
    #[cfg(not(feature = "tracing"))]
    let traced = String::new();
    let shown = [
        traced,
        shown_builder,
        format!("{by_document:?}"),
        shown_pending,
        format!("{client:?} {:?}", client.configuration()),
        format!("{tokens:?} {:?}", tokens.id_token()),
        format!("{spent} {spent:#} {spent:?} {mismatch} {mismatch:#} {mismatch:?}"),
        format!("{0} {0:?}", Report::from(spent)),
        watched.lock().unwrap().join("\n"),
    ];
    // Each request was seen: the metadata, the keys, the code, the code again, UserInfo and the
    // resource.
    assert_eq!(watched.lock().unwrap().len(), 2 * 6);
    let secrets = [
        SECRET,
        &state,
        &code,
        tokens.access_token().expose(),
        tokens.refresh_token().unwrap().expose(),
        tokens.id_token().unwrap().jwt().expose(),
    ];
    for text in &shown {
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
