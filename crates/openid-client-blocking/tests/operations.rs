//! Each operation, at a provider over TLS on loopback.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::thread;
use std::time::Duration;

use openid_client_blocking::jose::KeyFamily;
use openid_client_blocking::jose::jwe::{
    ContentEncryption, DecryptionKey, EncryptionKey, KeyManagement,
};
use openid_client_blocking::{
    AccessToken, Client, ClientMetadata, CoreError, Error, Method, Misuse, SignatureAlgorithm,
    SigningKey,
};
use test_provider::{ClientRegistration, DPoPBehaviour, Endpoint, Provider};

use self::support::{REDIRECT_URI, Site};

#[test]
fn a_person_logs_in_and_out() {
    let site = Site::start();
    let client = site.client();
    let tokens = site.log_in(&client);
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let user = client.fetch_user_info(&tokens).send().unwrap();
    assert_eq!(user.email(), Some("alice@example.com"));

    let refreshed = client.refresh_token_grant(&tokens).scope("openid").send();
    let refreshed = refreshed.unwrap();
    assert_ne!(
        refreshed.access_token().expose(),
        tokens.access_token().expose()
    );
    assert!(tokens.session_state().is_some());
    assert_eq!(refreshed.session_state(), tokens.session_state());
    let token = refreshed.access_token();
    let introspect = || {
        let request = client.token_introspection(token);
        request.token_type_hint("access_token").send().unwrap()
    };
    assert!(introspect().active());
    let revocation = client.token_revocation(token);
    revocation.token_type_hint("access_token").send().unwrap();
    assert!(!introspect().active());
    let logout = client.end_session().url().unwrap();
    assert!(logout.as_str().starts_with(site.server.url()), "{logout}");
}

#[test]
fn a_callback_of_another_login_is_refused() {
    let site = Site::start();
    let client = site.client();
    let (url, _) = client.authorization_request().send().unwrap();
    let (_, other) = client.authorization_request().send().unwrap();
    let callback = site.server.log_in(url);
    let grant = client.authorization_code_grant(other, callback);
    let error = grant.parameter("extra", "1").send().unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_INVALID_RESPONSE"));
    assert_eq!(site.server.provider().served(Endpoint::Token), 0);
}

#[test]
fn a_service_gets_a_token_and_uses_it() {
    let site = Site::start();
    let client = site.client();
    let tokens = client.client_credentials_grant().scope("read").send();
    let tokens = tokens.unwrap();
    let url = site.server.provider().url(Endpoint::Resource);
    let request = client.fetch_protected_resource(&tokens, Method::GET, &url);
    let response = request.header("accept", "*/*").send().unwrap();
    assert_eq!(response.status(), 200);
    let length = response.body().len();
    assert!(length > 0);

    let capped = |cap| {
        let request = client.fetch_protected_resource(&tokens, Method::GET, &url);
        request.body_cap(cap).send()
    };
    assert_eq!(capped(length).unwrap().body().len(), length);
    let error = capped(length - 1).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_TOO_LARGE"));

    let wrong = AccessToken::bearer("wrong");
    let request = client.fetch_protected_resource(wrong, Method::POST, &url);
    let error = request.body("a body").send().unwrap_err();
    assert!(
        matches!(
            error.core(),
            Some(CoreError::WwwAuthenticateChallenge(refused))
                if refused.challenges.iter().any(|challenge| challenge.error() == Some("invalid_token"))
        ),
        "{error:?}"
    );
}

#[test]
fn tokens_are_bound_to_a_dpop_key() {
    let site = Site::start();
    site.server
        .provider()
        .treat_dpop(DPoPBehaviour::NonceRequired);
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let client = site.builder().dpop_key(key).send().unwrap();
    let tokens = site.log_in(&client);
    assert!(tokens.dpop_thumbprint().is_some());
    let url = site.server.provider().url(Endpoint::Resource);
    let request = client.fetch_protected_resource(&tokens, Method::GET, &url);
    assert_eq!(request.send().unwrap().status(), 200);
}

#[test]
fn a_device_waits_for_its_person() {
    let interval = Duration::from_millis(100);
    let site = Site::of(|issuer| Provider::new(issuer).poll_interval(interval));
    let provider = site.server.provider();
    provider.register(ClientRegistration::public("app"));
    provider.approve_after(3);
    let client = Client::discover(site.server.url(), "app")
        .root_certificate_pem(site.server.ca_certificate_pem())
        .send()
        .unwrap();
    let device = client.initiate_device_authorization().scope("openid");
    let device = device.send().unwrap();
    let tokens = client.poll_device_authorization_grant(&device).send();
    assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
    assert_eq!(provider.served(Endpoint::Token), 4);
}

#[test]
fn encrypted_id_tokens_are_decrypted() {
    let site = Site::of(Provider::new);
    let key = DecryptionKey::generate(KeyFamily::P256).unwrap();
    let public = EncryptionKey::from_jwk(&key.public_jwk().unwrap()).unwrap();
    let (alg, enc) = (KeyManagement::EcdhEs, ContentEncryption::A256GCM);
    let app = ClientRegistration::public("app").redirect_uri(REDIRECT_URI);
    let app = app.id_token_encryption(public, alg, enc);
    site.server.provider().register(app);
    let metadata = ClientMetadata::builder()
        .id_token_encrypted_response_alg(alg.as_str())
        .id_token_encrypted_response_enc(enc.as_str())
        .build();
    let builder = || {
        Client::discover(site.server.url(), "app")
            .client_metadata(metadata.clone())
            .redirect_uri(REDIRECT_URI)
            .root_certificate_pem(site.server.ca_certificate_pem())
    };
    let client = builder().decryption_key(key).send().unwrap();
    assert_eq!(site.log_in(&client).id_token().unwrap().sub(), "alice");
    let another = DecryptionKey::generate(KeyFamily::P256).unwrap();
    let client = builder().decryption_key(another).send().unwrap();
    let (url, pending) = client.authorization_request().send().unwrap();
    let callback = site.server.log_in(url);
    let error = client.authorization_code_grant(pending, callback).send();
    assert!(error.unwrap_err().to_string().contains("decrypt"));
}

#[test]
fn a_client_registers_itself() {
    let site = Site::start();
    let mut metadata = ClientMetadata::new("");
    metadata.redirect_uris = Some(vec![REDIRECT_URI.to_owned()]);
    let client = Client::register(site.server.url(), metadata)
        .root_certificate_pem(site.server.ca_certificate_pem())
        .send()
        .unwrap();
    assert!(client.client_information().is_some());
    assert_eq!(site.log_in(&client).id_token().unwrap().sub(), "alice");
}

#[test]
fn threads_share_connections_and_one_fetch_of_the_keys() {
    let site = Site::start();
    let client = site.client();
    let logins: Vec<_> = (0..8)
        .map(|_| {
            let (url, pending) = client.authorization_request().send().unwrap();
            (pending, site.server.log_in(url))
        })
        .collect();
    thread::scope(|scope| {
        for (pending, callback) in logins {
            let client = client.clone();
            scope.spawn(move || {
                let tokens = client.authorization_code_grant(pending, callback).send();
                assert_eq!(tokens.unwrap().id_token().unwrap().sub(), "alice");
            });
        }
    });
    assert_eq!(site.server.provider().served(Endpoint::KeySet), 1);
    assert_eq!(site.server.provider().served(Endpoint::Token), 8);

    let before = site.server.connections();
    for _ in 0..3 {
        client.client_credentials_grant().send().unwrap();
    }
    assert_eq!(site.server.connections(), before);
}

#[test]
fn what_a_request_lacks_is_reported_when_it_is_sent() {
    let site = Site::start();
    let client = site.client();
    let missing = |error: Error| match error {
        Error::Core(CoreError::Misuse(Misuse::MissingArgument { argument, .. })) => argument,
        error => panic!("{error:?}"),
    };
    let tokens = client.client_credentials_grant().send().unwrap();
    let refresh = client.refresh_token_grant(&tokens).scope("read").send();
    assert_eq!(missing(refresh.unwrap_err()), "refresh_token");
    let user = client.fetch_user_info(&tokens).send();
    assert_eq!(missing(user.unwrap_err()), "expected_subject");
}
