//! The operations that few applications need.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use oauth_core::error::Reason;
use oauth_core::validate::UnverifiedClaimSource;
use openid_client_blocking::{
    Callback, ClaimsProvider, Client, ClientMetadata, CoreError, Error, ExpectedState,
    FrontChannelLogout, LoginInitiation, Misuse, Parameters, Policy, Profile, ResponseType,
    SealingKey, SignatureAlgorithm, SigningKey, Url, oauth_core,
};
use test_provider::{ClientRegistration, Endpoint, Misbehaviour};

use self::support::{REDIRECT_URI, Site};

#[track_caller]
fn reason(error: &Error) -> &Reason {
    match error.core() {
        Some(CoreError::Rejected(rejection)) => &rejection.reason,
        _ => panic!("{error:?}"),
    }
}

#[test]
fn a_login_is_checked_by_hand() {
    let site = Site::start();
    let client = site.client();
    let begin = || {
        let (state, verifier) = (client.random_state(), client.random_pkce_code_verifier());
        let (state, verifier) = (state.unwrap(), verifier.unwrap());
        let nonce = client.random_nonce().unwrap();
        let mut parameters = Parameters::from([("redirect_uri", REDIRECT_URI)]);
        parameters.extend([("scope", "openid"), ("state", state.expose())]);
        parameters.extend([("code_challenge_method", "S256"), ("nonce", nonce.expose())]);
        parameters.set("code_challenge", verifier.code_challenge());
        let url = client.build_authorization_url(parameters).unwrap();
        (site.server.log_in(url), state, nonce, verifier)
    };
    let (callback, state, nonce, verifier) = begin();
    let grant = client.authorization_code_grant_with_checks(callback);
    let grant = grant.expected_state(ExpectedState::Equals(state));
    let grant = grant.expected_nonce(nonce).pkce_code_verifier(verifier);
    let tokens = grant.id_token_expected().send().unwrap();
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    // A check that is left out is the strict one.
    let (callback, _, _, verifier) = begin();
    let grant = client.authorization_code_grant_with_checks(callback);
    let refused = grant.pkce_code_verifier(verifier).send().unwrap_err();
    assert_eq!(refused.code(), Some("OAUTH_INVALID_RESPONSE"));
    let (callback, state, _, verifier) = begin();
    let grant = client.authorization_code_grant_with_checks(callback);
    let grant = grant.expected_state(ExpectedState::Equals(state));
    let refused = grant.pkce_code_verifier(verifier).send().unwrap_err();
    assert!(
        matches!(reason(&refused), Reason::Unexpected { member } if member == "nonce")
            || matches!(
                reason(&refused),
                Reason::ClaimMismatch { claim: "nonce", .. }
            ),
        "{refused:?}"
    );
}

#[test]
fn the_redirect_uri_of_a_login_by_hand_is_needed() {
    let site = Site::start();
    let client = Client::discover(site.server.url(), "app")
        .root_certificate_pem(site.server.ca_certificate_pem());
    let client = client.client_secret("x").send().unwrap();
    let callback = Callback::from_url("https://app.example.com/cb?code=x").unwrap();
    let grant = client.authorization_code_grant_with_checks(callback);
    match grant.send().unwrap_err().core() {
        Some(CoreError::Misuse(Misuse::MissingArgument { argument, .. })) => {
            assert_eq!(*argument, "redirect_uri");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_login_without_a_code_and_one_in_a_sealed_cookie() {
    let site = Site::start();
    let client = site.client();
    let request = client.authorization_request();
    let (url, pending) = request.response_type(ResponseType::IdToken).send().unwrap();
    let key = SealingKey::new([7; 32]);
    let sealed = client.seal_login(&key, &pending).unwrap();
    let callback = site.server.log_in(url);
    let opened = client.open_login(&key, &sealed).unwrap();
    let response = client.implicit_authentication(opened, callback).unwrap();
    assert_eq!(response.id_token().sub(), "alice");
    assert!(
        client
            .open_login(&SealingKey::new([8; 32]), &sealed)
            .is_err()
    );
}

#[test]
fn a_login_that_another_party_begins() {
    let site = Site::start();
    let client = site.client();
    let begin = |issuer: &str| {
        let url = format!("/login?iss={issuer}&target_link_uri=https://app.example.com/c");
        let initiation = LoginInitiation::from_url(&url).unwrap();
        client.login_initiated(&initiation, |target| target.path() == "/c")
    };
    let (request, target) = begin(site.server.url()).unwrap();
    assert_eq!(target.as_ref().map(Url::path), Some("/c"));
    let (url, pending) = request.send().unwrap();
    let callback = site.server.log_in(url);
    client
        .authorization_code_grant(pending, callback)
        .send()
        .unwrap();
    assert!(begin("https://evil.example").is_err());
}

#[test]
fn logouts_that_the_server_reports_are_checked() {
    let site = Site::start();
    let app = ClientRegistration::public("out").redirect_uri(REDIRECT_URI);
    let app = app.backchannel_logout_uri("https://app.example.com/logout");
    let provider = site.server.provider();
    provider.register(app.session_management());
    let client = Client::discover(site.server.url(), "out")
        .redirect_uri(REDIRECT_URI)
        .root_certificate_pem(site.server.ca_certificate_pem());
    let client = client.send().unwrap();
    let tokens = site.log_in(&client);
    let id_token = tokens.id_token().unwrap();
    let request = provider
        .logout_request("out", client.now().seconds())
        .unwrap();
    let token = client.verify_logout_token(request.body()).unwrap();
    assert!(token.ends(id_token));
    // Once, and not by a clone either.
    let replayed = client.clone().verify_logout_token(request.body());
    assert_eq!(
        *reason(&replayed.unwrap_err()),
        Reason::Replayed { claim: "jti" }
    );
    assert!(client.verify_logout_token("logout_token=x").is_err());

    let sid = id_token.sid().unwrap();
    for (sid, is_own) in [(sid, true), ("other", false)] {
        let url = format!("/out?iss={}&sid={sid}", site.server.url());
        let request = FrontChannelLogout::from_url(&url).unwrap();
        let checked = client.check_front_channel_logout(&request, id_token);
        assert_eq!(checked.is_ok(), is_own);
    }
    let expected = ExpectedState::Equals("s".into());
    for (url, is_own) in [("/bye?state=s", true), ("/bye?state=t", false)] {
        let url = format!("https://app.example.com{url}");
        assert_eq!(client.check_logout_return(url, &expected).is_ok(), is_own);
    }
    let mut server = client.server_metadata().clone();
    server.check_session_iframe = Some(format!("{}/frame", server.issuer));
    let client = Client::from_metadata(server, "out").build().unwrap();
    let session_state = tokens.session_state().unwrap();
    let fragment = client.session_frame_fragment(session_state).unwrap();
    assert!(fragment.contains("session_state="), "{fragment}");
}

#[test]
fn a_registration_is_read_changed_and_deleted() {
    let site = Site::start();
    let client = Client::register(site.server.url(), ClientMetadata::default())
        .redirect_uri(REDIRECT_URI)
        .root_certificate_pem(site.server.ca_certificate_pem());
    let client = client.send().unwrap();
    let registered = client.fetch_registration().unwrap();
    let client_id = &client.client_metadata().client_id;
    assert_eq!(&registered.metadata().client_id, client_id);
    let mut metadata = client.client_metadata().clone();
    metadata.client_name = Some("My app".to_owned());
    let client = client.update_registration(metadata).unwrap();
    assert_eq!(
        client.client_metadata().client_name.as_deref(),
        Some("My app")
    );
    site.log_in(&client);
    // What cannot be used is found before anything is sent.
    let before = site.server.provider().served(Endpoint::ClientConfiguration);
    let mut metadata = client.client_metadata().clone();
    metadata.token_endpoint_auth_method = Some("tls_client_auth".to_owned());
    assert!(client.update_registration(metadata).is_err());
    assert_eq!(
        site.server.provider().served(Endpoint::ClientConfiguration),
        before
    );
    client.delete_registration().unwrap();
    let gone = client.fetch_registration().unwrap_err();
    assert_eq!(gone.code(), Some("OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
    let missing = site.client().delete_registration().unwrap_err();
    assert!(
        missing.to_string().contains("client_information"),
        "{missing}"
    );
}

#[test]
fn keys_go_from_one_process_to_the_next() {
    let site = Site::start();
    let client = site.client();
    assert!(client.export_jwks_cache().is_none());
    client.prefetch_keys().unwrap();
    let exported = client.export_jwks_cache().unwrap();
    let provider = site.server.provider();
    assert_eq!(provider.served(Endpoint::KeySet), 1);
    let next = site.builder().jwks_cache(exported).send().unwrap();
    site.log_in(&next);
    assert_eq!(provider.served(Endpoint::KeySet), 1);
}

#[test]
fn the_issuer_of_a_person_and_a_document_that_names_any() {
    let site = Site::start();
    let issuer = site.server.url();
    let found = site.client().find_issuer(&format!("{issuer}/alice"));
    assert_eq!(found.unwrap(), issuer);
    let document = || {
        let url = format!("{issuer}/.well-known/openid-configuration");
        let client = Client::danger_discover_document(url, "app");
        client.root_certificate_pem(site.server.ca_certificate_pem())
    };
    let client = document().send().unwrap();
    assert_eq!(client.server_metadata().issuer, issuer);
    let refused = document().profile(Profile::Fapi2SecurityProfile).send();
    let refused = refused.unwrap_err();
    assert!(
        matches!(
            refused.core(),
            Some(CoreError::Misuse(Misuse::InvalidArgument {
                argument: "profile",
                ..
            }))
        ),
        "{refused:?}"
    );
}

#[test]
fn claims_that_another_party_states_are_verified() {
    let site = Site::start();
    let client = site.client();
    let tokens = site.log_in(&client);
    let algorithms = [SignatureAlgorithm::RS256];
    let configuration = client.configuration().clone();
    let providers = [ClaimsProvider::new(configuration, algorithms).unwrap()];
    for misbehaviour in [
        Misbehaviour::UserInfoAggregatedClaims,
        Misbehaviour::UserInfoDistributedClaims,
    ] {
        site.server.provider().behave();
        site.server.provider().misbehave(misbehaviour);
        let user = client.fetch_user_info(&tokens).send().unwrap();
        let mut verified = 0;
        for source in UnverifiedClaimSource::all(user.claims()).unwrap() {
            let claims = match source {
                UnverifiedClaimSource::Aggregated(source) => {
                    client.verify_aggregated_claims(&source, &providers)
                }
                UnverifiedClaimSource::Distributed(source) => {
                    client.fetch_distributed_claims(source, &providers)
                }
            };
            assert_eq!(claims.unwrap().claims()["address"]["country"], "NL");
            verified += 1;
        }
        assert_eq!(verified, 1);
    }
}

#[test]
fn a_client_has_siblings_with_another_policy_and_another_key() {
    let site = Site::start();
    let client = site.client();
    let mut policy = Policy::default();
    policy
        .set_timeout(std::time::Duration::from_secs(7))
        .unwrap();
    let sibling = client.with_policy(policy);
    assert_eq!(sibling.configuration().policy().timeout().as_secs(), 7);
    let key = || SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let (one, two) = (key(), key());
    let bound = [one, two].map(|key| {
        let client = client.with_dpop_key(key).unwrap();
        site.log_in(&client).dpop_thumbprint().unwrap().to_owned()
    });
    assert_ne!(bound[0], bound[1]);
    assert!(site.log_in(&client).dpop_thumbprint().is_none());
}
