//! A whole login, and what every client promises around it.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use openid_client::oauth_core::authorization::ExpectedState;
use openid_client::oauth_core::error::{Artefact, Misuse, Reason, TimestampRule};
use openid_client::{Client, ClockSkew, UnixTime, oauth_core};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Misbehaviour, Provider};

use self::support::in_process::{
    ISSUER, InProcess, REDIRECT_URI, begin, browse, discover, log_in, now,
};

const SECRET: &str = "a-secret-that-must-never-be-shown";

#[tokio::test]
async fn a_document_found_by_its_url_is_believed() {
    let server = Server::start(Scheme::Https, |url| Provider::new(format!("{url}/tenant")))
        .await
        .unwrap();
    let url = server.provider().url(Endpoint::Discovery);
    server
        .provider()
        .misbehave(Misbehaviour::DiscoveryIssuerMismatch);
    let root = server.ca_certificate_pem();
    let client = Client::danger_discover_document(url, "app")
        .root_certificate_pem(root)
        .await
        .unwrap();
    let issuer = &client.server_metadata().issuer;
    assert_eq!(issuer, &format!("{}INVALID", server.provider().issuer()));
    let error = Client::discover(server.provider().issuer(), "app")
        .root_certificate_pem(root)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"));
}

#[tokio::test]
async fn a_login_over_tls_uses_one_connection() {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let authentication = ClientAuthentication::ClientSecretPost(SECRET.to_owned());
    server
        .provider()
        .register(ClientRegistration::new("app", authentication).redirect_uri(REDIRECT_URI));
    let client = Client::discover(server.url(), "app")
        .client_secret(SECRET)
        .root_certificate_pem(server.ca_certificate_pem())
        .await
        .unwrap();
    let (url, pending) = begin(&client).await;
    let callback = browse(server.provider(), url);
    let tokens = client
        .authorization_code_grant(pending, callback)
        .await
        .unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.email(), Some("alice@example.com"));
    let refreshed = client.refresh_token_grant(&tokens).await.unwrap();
    assert_ne!(refreshed.access_token(), tokens.access_token());
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_root_certificate_can_be_given_in_der() {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    Client::discover(server.url(), "app")
        .root_certificate_der(server.ca_certificate_der())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_code_is_good_for_one_use() {
    let transport = InProcess::new();
    let client = discover(&transport).await;
    let (url, pending) = begin(&client).await;
    let callback = transport.browse(url);
    let again = pending.clone();
    client
        .authorization_code_grant(pending, &callback)
        .await
        .unwrap();
    let error = client
        .authorization_code_grant(again, &callback)
        .await
        .unwrap_err();
    let Some(oauth_core::Error::ResponseBody(refusal)) = error.core() else {
        panic!("expected the server's refusal, found {error:?}");
    };
    assert_eq!(refusal.error, "invalid_grant");
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
}

#[tokio::test]
async fn user_info_about_another_person_is_refused() {
    let transport = InProcess::new();
    let client = discover(&transport).await;
    let tokens = log_in(&client, &transport).await.unwrap();
    let access_token = tokens.access_token().clone();
    let error = client
        .fetch_user_info(access_token)
        .expected_subject("bob")
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"));
    let rejection = error.core().and_then(oauth_core::Error::rejection).unwrap();
    assert_eq!(rejection.artefact, Artefact::UserInfoResponse);
    let expected = Reason::AttributeMismatch {
        member: "sub",
        expected: Some("bob".to_owned()),
        found: Some("alice".to_owned()),
    };
    assert_eq!(rejection.reason, expected);
}

#[tokio::test]
async fn user_info_is_compared_with_the_id_token() {
    let transport = InProcess::new();
    let client = discover(&transport).await;
    let tokens = log_in(&client, &transport).await.unwrap();
    transport
        .provider
        .misbehave(Misbehaviour::UserInfoSubjectMismatch);
    let error = client.fetch_user_info(&tokens).await.unwrap_err();
    let rejection = error.core().and_then(oauth_core::Error::rejection).unwrap();
    assert_eq!(rejection.artefact, Artefact::UserInfoResponse);
    assert!(matches!(
        rejection.reason,
        Reason::AttributeMismatch { member: "sub", .. }
    ));
}

#[tokio::test]
async fn a_refreshed_id_token_is_compared_with_the_previous_one() {
    let transport = InProcess::new();
    let client = discover(&transport).await;
    let tokens = log_in(&client, &transport).await.unwrap();
    transport
        .provider
        .misbehave(Misbehaviour::RefreshSubjectMismatch);
    let error = client.refresh_token_grant(&tokens).await.unwrap_err();
    let rejection = error.core().and_then(oauth_core::Error::rejection).unwrap();
    assert_eq!(rejection.artefact, Artefact::IdToken);
    assert!(matches!(
        rejection.reason,
        Reason::ClaimMismatch { claim: "sub", .. }
    ));
}

#[tokio::test]
async fn the_id_token_of_the_login_serves_when_a_refresh_brings_none() {
    let transport = InProcess::new();
    let client = discover(&transport).await;
    let login = log_in(&client, &transport).await.unwrap();
    transport
        .provider
        .misbehave(Misbehaviour::RefreshIdTokenMissing);
    let refreshed = client.refresh_token_grant(&login).await.unwrap();
    assert!(refreshed.id_token().is_none());
    transport.provider.behave();

    let user = client.fetch_user_info(&refreshed).await.unwrap();
    assert_eq!(user.sub(), "alice");
    let again = client.refresh_token_grant(&refreshed).await.unwrap();
    assert_eq!(again.id_token().unwrap().sub(), "alice");

    // Two refreshes later it is still the login that counts.
    transport
        .provider
        .misbehave(Misbehaviour::RefreshSubjectMismatch);
    let error = client.refresh_token_grant(&again).await.unwrap_err();
    let rejection = error.core().and_then(oauth_core::Error::rejection).unwrap();
    assert!(matches!(
        rejection.reason,
        Reason::ClaimMismatch { claim: "sub", .. }
    ));
}

#[tokio::test]
async fn tokens_without_an_id_token_name_what_is_missing() {
    let transport = InProcess::new();
    let client = discover(&transport).await;
    let request = client.authorization_request().redirect_uri(REDIRECT_URI);
    let (url, pending) = request.scope("email").await.unwrap();
    let tokens = client
        .authorization_code_grant(pending, transport.browse(url))
        .await
        .unwrap();
    assert!(tokens.id_token().is_none());
    let error = client.fetch_user_info(&tokens).await.unwrap_err();
    let Some(oauth_core::Error::Misuse(misuse)) = error.core() else {
        panic!("expected misuse, found {error:?}");
    };
    assert_eq!(
        *misuse,
        Misuse::MissingArgument {
            argument: "expected_subject",
            purpose: "a UserInfo request with an access token that no ID Token came with",
        }
    );
    let access_token = tokens.access_token().clone();
    let error = client.fetch_user_info(access_token).await.unwrap_err();
    assert!(matches!(
        error.core(),
        Some(oauth_core::Error::Misuse(Misuse::MissingArgument {
            argument: "expected_subject",
            ..
        }))
    ));
    assert_eq!(transport.provider.served(Endpoint::UserInfo), 0);
}

#[tokio::test]
async fn a_logout_names_client_and_person() {
    let transport = InProcess::new();
    let client = discover(&transport).await;
    let tokens = log_in(&client, &transport).await.unwrap();
    let id_token = tokens.id_token().unwrap().jwt();
    let url = client.end_session().id_token_hint(id_token).url().unwrap();
    let query: Vec<_> = url
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(query, ["client_id", "id_token_hint"]);
}

#[tokio::test]
async fn a_login_with_values_kept_by_hand() {
    let transport = InProcess::new();
    let client = discover(&transport).await;
    let state = client.random_state().unwrap();
    let nonce = client.random_nonce().unwrap();
    let verifier = client.random_pkce_code_verifier().unwrap();
    let url = client
        .build_authorization_url(openid_client::Parameters::from_iter([
            ("redirect_uri", REDIRECT_URI),
            ("scope", "openid"),
            ("state", state.expose()),
            ("nonce", nonce.expose()),
            ("code_challenge", &verifier.code_challenge()),
            ("code_challenge_method", "S256"),
        ]))
        .unwrap();
    let tokens = client
        .authorization_code_grant_with_checks(transport.browse(url))
        .redirect_uri(REDIRECT_URI)
        .expected_state(ExpectedState::Equals(state))
        .expected_nonce(nonce)
        .pkce_code_verifier(verifier)
        .parameter("resource", "other")
        .await
        .unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    assert!(transport.token_request().contains("resource=other"));
}

#[tokio::test]
async fn a_code_is_redeemed_with_further_parameters() {
    let transport = InProcess::new();
    let client = discover(&transport).await;
    let (url, pending) = begin(&client).await;
    client
        .authorization_code_grant(pending, transport.browse(url))
        .parameter("resource", "api")
        .await
        .unwrap();
    assert!(transport.token_request().contains("resource=api"));
}

#[tokio::test]
async fn a_clock_two_hours_off_is_named_with_the_claim() {
    let hours = 7200;
    for (offset, claim, rule) in [
        (hours, "exp", TimestampRule::Expired),
        (-hours, "iat", TimestampRule::InTheFuture),
    ] {
        let clock = move || UnixTime::from_seconds(now() + offset);
        let transport = InProcess::new();
        let client = Client::discover(ISSUER, "app")
            .http_client(Arc::clone(&transport))
            .clock(clock)
            .await
            .unwrap();
        let error = log_in(&client, &transport).await.unwrap_err();
        let rejection = error.core().and_then(oauth_core::Error::rejection).unwrap();
        assert_eq!(rejection.artefact, Artefact::IdToken);
        let Reason::Timestamp {
            claim: found,
            rule: broken,
            ..
        } = &rejection.reason
        else {
            panic!("expected a timestamp, found {error:?}");
        };
        assert_eq!((*found, *broken), (claim, rule));
        assert_eq!(error.code(), Some("OAUTH_JWT_TIMESTAMP_CHECK_FAILED"));

        // Told about it, the client gets the time right.
        let client = Client::discover(ISSUER, "app")
            .http_client(Arc::clone(&transport))
            .clock(clock)
            .clock_skew(match offset < 0 {
                true => ClockSkew::Behind(Duration::from_secs(offset.unsigned_abs())),
                false => ClockSkew::Ahead(Duration::from_secs(offset.unsigned_abs())),
            })
            .await
            .unwrap();
        log_in(&client, &transport).await.unwrap();
    }
}
