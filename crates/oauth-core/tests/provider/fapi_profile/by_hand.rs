//! Requests and callbacks of applications that store state, nonce and verifier themselves.

use jose::{SignatureAlgorithm, SigningKey};
use oauth_core::authorization::{
    AuthorizationCodeGrantChecks, Callback, ExpectedState, ResponseType, build_authorization_url,
};
use oauth_core::endpoint::{
    AccessToken, ExpectedSubject, PushedAuthorizationRequest, RevocationEndpoint, UserInfoEndpoint,
};
use oauth_core::flow::{
    AuthorizationCodeGrant, BuildAuthorizationUrl, Call, FetchUserInfo, ImplicitAuthentication,
    TokenRevocation, VerifyIdToken,
};
use oauth_core::pkce::CodeVerifier;
use oauth_core::profile::{Party, Profile, Requirement};
use oauth_core::validate::{IdTokenExpectations, NonceExpectation};
use oauth_core::wire::Parameters;

use super::assert_violation;
use super::request::assert_silent;
use crate::fapi::{Bank, Bound};
use crate::world::{REDIRECT_URI, START};

/// Returns the parameters that an
/// [`AuthorizationRequest`](oauth_core::authorization::AuthorizationRequest) generates.
fn parameters() -> Parameters {
    let verifier = CodeVerifier::new("v".repeat(43)).unwrap();
    Parameters::from_iter([
        ("response_type", "code"),
        ("response_mode", "jwt"),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid"),
        ("nonce", "n-0S6_WzA2Mj"),
        ("code_challenge", &*verifier.code_challenge()),
        ("code_challenge_method", "S256"),
    ])
}

fn without(name: &str) -> Parameters {
    let parameters = parameters();
    let kept = parameters.iter().filter(|(it, _)| *it != name);
    Parameters::from_iter(kept)
}

fn with(name: &'static str, value: &str) -> Parameters {
    let mut parameters = parameters();
    parameters.set(name, value);
    parameters
}

/// The rules of a profile also apply to requests that are built by hand.
#[test]
fn the_profile_applies_to_a_request_made_by_hand() {
    use Profile::{Fapi1Advanced, Fapi2MessageSigning, Fapi2SecurityProfile};
    let http = "http://app.example.com/cb";
    let loopback = "http://127.0.0.1:4711/cb";
    let pkce = Some((Requirement::Pkce, "has no `code_challenge` by S256"));
    let elsewhere = Some((
        Requirement::RedirectUri,
        "has a `redirect_uri` with another scheme",
    ));
    for (profile, parameters, violation) in [
        (Fapi2SecurityProfile, parameters(), None),
        (Fapi2MessageSigning, parameters(), None),
        (Fapi1Advanced, parameters(), None),
        (Fapi2SecurityProfile, without("code_challenge"), pkce),
        (Fapi2SecurityProfile, without("code_challenge_method"), pkce),
        (
            Fapi2MessageSigning,
            with("code_challenge_method", "plain"),
            pkce,
        ),
        (Fapi1Advanced, without("code_challenge"), pkce),
        (Fapi2SecurityProfile, without("nonce"), None),
        (
            Fapi1Advanced,
            without("nonce"),
            Some((Requirement::SessionBinding, "has no `nonce`")),
        ),
        (
            Fapi1Advanced,
            with("scope", "accounts"),
            Some((Requirement::SessionBinding, "has no `state`")),
        ),
        (
            Fapi2SecurityProfile,
            without("redirect_uri"),
            Some((
                Requirement::RedirectUri,
                "has no `redirect_uri` that is a URL",
            )),
        ),
        (Fapi2SecurityProfile, with("redirect_uri", http), elsewhere),
        (Fapi2SecurityProfile, with("redirect_uri", loopback), None),
        (Fapi1Advanced, with("redirect_uri", loopback), elsewhere),
        (
            Fapi1Advanced,
            with("request", "ey"),
            Some((
                Requirement::SignedRequest,
                "contains a `request` or `request_uri` of the caller, which cannot be checked",
            )),
        ),
        (
            Fapi2SecurityProfile,
            with("request_uri", "https://app.example.com/request"),
            Some((
                Requirement::PushedRequest,
                "contains a `request` or `request_uri` of the caller, which cannot be checked",
            )),
        ),
    ] {
        let bank = Bank::under(profile, Bound::Certificate);
        let configuration = bank.configuration.clone();
        let build = BuildAuthorizationUrl::new(configuration, parameters.clone())
            .request_object(bank.request_object.clone())
            .pushed();
        match violation {
            // The provider may refuse the request for other reasons.
            None => match bank.world.run(build) {
                Ok(_) => {}
                Err(error) => assert_eq!(error.profile_violation(), None, "{error}"),
            },
            Some((requirement, found)) => {
                assert_violation(bank.world.run(build), requirement, Party::Request, found);
                assert_silent(&bank);
            }
        }
        // The rules also apply to the request/response pair without a machine.
        if !parameters.contains("request_uri") {
            let pushed = Call::new(PushedAuthorizationRequest {
                configuration: bank.configuration.clone(),
                parameters,
                request_object: Some(bank.request_object.clone()),
            });
            if let Some((requirement, found)) = violation {
                assert_violation(bank.world.run(pushed), requirement, Party::Request, found);
                assert_silent(&bank);
            }
        }
    }
}

#[test]
fn what_is_not_pushed_does_not_go_through_the_browser() {
    for profile in [Profile::Fapi2SecurityProfile, Profile::Fapi2MessageSigning] {
        let bank = Bank::under(profile, Bound::DPoP);
        let build = BuildAuthorizationUrl::new(bank.configuration.clone(), parameters())
            .request_object(bank.request_object.clone());
        let (requirement, party) = (Requirement::PushedRequest, Party::Request);
        assert_violation(bank.world.run(build), requirement, party, "is not pushed");
        let url = build_authorization_url(&bank.configuration, parameters());
        assert_violation(url, requirement, party, "is not pushed");
        let mut more = reference("urn:ietf:params:oauth:request_uri:1");
        more.set("scope", "openid");
        let found = "contains a `request` or `request_uri` of the caller, which cannot be checked";
        let requirement = match profile {
            Profile::Fapi2MessageSigning => Requirement::SignedRequest,
            _ => Requirement::PushedRequest,
        };
        let url = build_authorization_url(&bank.configuration, more);
        assert_violation(url, requirement, party, found);
    }
}

fn reference(request_uri: &str) -> Parameters {
    Parameters::from_iter([("request_uri", request_uri)])
}

/// A `request_uri` from the application does not show whether the request was pushed.
#[test]
fn a_reference_of_the_callers_own_does_not_go_through_the_browser() {
    let not_pushed = "refers to a request that was not pushed with this URL";
    let not_signed = "refers to a request that was not signed with this URL";
    let pushed = (Requirement::PushedRequest, not_pushed);
    let packed = "contains a `request` or `request_uri` of the caller, which cannot be checked";
    for (profile, bound, (requirement, found), built) in [
        (
            Profile::Fapi2SecurityProfile,
            Bound::DPoP,
            pushed,
            Requirement::PushedRequest,
        ),
        (
            Profile::Fapi2MessageSigning,
            Bound::DPoP,
            pushed,
            Requirement::SignedRequest,
        ),
        (
            Profile::Fapi1Advanced,
            Bound::Certificate,
            (Requirement::SignedRequest, not_signed),
            Requirement::SignedRequest,
        ),
    ] {
        let bank = Bank::under(profile, bound);
        for request_uri in [
            "https://app.example.com/own.jwt",
            "http://app.example.com/own.jwt",
            "urn:ietf:params:oauth:request_uri:1",
            "",
        ] {
            let parameters = reference(request_uri);
            let url = build_authorization_url(&bank.configuration, parameters.clone());
            assert_violation(url, requirement, Party::Request, found);
            let build = BuildAuthorizationUrl::new(bank.configuration.clone(), parameters);
            assert_violation(bank.world.run(build), built, Party::Request, packed);
        }
        assert_silent(&bank);
        // A request that is pushed here has its `request_uri` in the URL.
        let build = BuildAuthorizationUrl::new(bank.configuration.clone(), parameters())
            .request_object(bank.request_object.clone())
            .pushed();
        let url = bank.world.run(build).unwrap();
        let mut names = url.query_pairs().map(|(name, _)| name.into_owned());
        assert!(names.any(|name| name == "request_uri"), "{url}");
    }
}

/// Without the check of `sub`, another user's access token would be accepted.
#[test]
fn user_info_is_about_the_person_who_logged_in() {
    for (profile, bound) in [
        (Profile::Fapi2SecurityProfile, Bound::DPoP),
        (Profile::Fapi2MessageSigning, Bound::DPoP),
        (Profile::Fapi1Advanced, Bound::Certificate),
        (Profile::Ciba, Bound::DPoP),
    ] {
        let bank = Bank::under(profile, bound);
        let token = AccessToken::bearer("a token");
        let anybody = ExpectedSubject::DangerUnchecked;
        let endpoint = UserInfoEndpoint::new(bank.configuration.clone(), token, anybody);
        let result = bank.world.run(FetchUserInfo::new(endpoint));
        let (requirement, party) = (Requirement::NoDanger, Party::Request);
        assert_violation(result, requirement, party, "leaves `sub` unchecked");
        assert_silent(&bank);
    }
    let bank = Bank::under(Profile::Fapi2SecurityProfile, Bound::DPoP);
    let tokens = bank.log_in(bank.request()).unwrap();
    let subject = tokens.id_token().unwrap();
    let endpoint = UserInfoEndpoint::new(bank.configuration.clone(), &tokens, subject);
    let user = bank.world.run(FetchUserInfo::new(endpoint)).unwrap();
    assert_eq!(user.sub(), "alice");
}

#[test]
fn the_profile_applies_to_the_end_of_a_login() {
    let callback = Callback::from_url("https://app.example.com/cb?code=c").unwrap();
    let good = AuthorizationCodeGrantChecks {
        pkce_code_verifier: Some(CodeVerifier::new("v".repeat(43)).unwrap()),
        ..AuthorizationCodeGrantChecks::default()
    };
    let bank = Bank::under(Profile::Fapi2SecurityProfile, Bound::DPoP);
    for (requirement, found, checks) in [
        (
            Requirement::Pkce,
            "is finished without a `code_verifier`",
            AuthorizationCodeGrantChecks::default(),
        ),
        (
            Requirement::NoDanger,
            "leaves `state` unchecked",
            AuthorizationCodeGrantChecks {
                expected_state: ExpectedState::DangerUnchecked,
                ..good.clone()
            },
        ),
        (
            Requirement::ResponseType,
            "asks for another response type",
            AuthorizationCodeGrantChecks {
                response_type: ResponseType::CodeIdToken,
                ..good.clone()
            },
        ),
    ] {
        let grant =
            AuthorizationCodeGrant::new(&bank.configuration, &callback, REDIRECT_URI, checks);
        assert_violation(bank.world.run(grant), requirement, Party::Request, found);
    }
    let implicit = ImplicitAuthentication::new(&bank.configuration, &callback, good.clone());
    let (requirement, party) = (Requirement::ResponseType, Party::Request);
    let found = "asks for an ID Token alone";
    assert_violation(bank.world.run(implicit), requirement, party, found);
    let bank = Bank::under(Profile::Fapi1Advanced, Bound::Certificate);
    let grant = AuthorizationCodeGrant::new(&bank.configuration, &callback, REDIRECT_URI, good);
    let found = "asks for a plain code in another response mode than jwt";
    let requirement = Requirement::ProtectedResponse;
    assert_violation(bank.world.run(grant), requirement, party, found);
    assert_silent(&bank);
}

/// The violation is found before a request, because the keys may be in the cache or not needed.
#[test]
fn the_profile_applies_to_an_id_token_verified_by_hand() {
    let bank = Bank::under(Profile::Fapi2SecurityProfile, Bound::DPoP);
    let mut policy = bank.configuration.policy().clone();
    policy.danger.skip_id_token_signature_check = true;
    let dangerous = bank.configuration.with_policy(policy);
    // An ID Token that anyone could have written.
    let header = jose::base64url::encode(br#"{"alg":"ES256"}"#);
    let claims = serde_json::json!({
        "iss": dangerous.server().issuer,
        "sub": "mallory",
        "aud": dangerous.client().client_id,
        "iat": START,
        "exp": START + 300,
    });
    let claims = jose::base64url::encode(claims.to_string().as_bytes());
    let id_token = format!("{header}.{claims}.AAAA");
    let expectations = || IdTokenExpectations::login(NonceExpectation::Absent, None);
    let verification = VerifyIdToken::new(dangerous, id_token, expectations());
    let found = "has a check switched off under `danger`";
    let (requirement, party) = (Requirement::NoDanger, Party::Client);
    assert_violation(bank.world.run(verification), requirement, party, found);
    assert_silent(&bank);
}

/// Under a profile, the switch is a violation, so the message does not name it.
#[test]
fn a_refused_assertion_names_the_switch_for_its_audience_where_it_can_be_set() {
    let switch = "danger.token_endpoint_as_assertion_audience";
    let message = |mut bank: Bank| {
        let another = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
        bank.world.add_key("client key", another);
        let revocation = RevocationEndpoint::new(bank.configuration, "rt");
        let error = bank
            .world
            .run(TokenRevocation::new(revocation))
            .unwrap_err();
        let message = error.to_string();
        let key =
            "the client authenticated with private_key_jwt: the server must know this key, and";
        assert!(message.contains(key), "{message}");
        message
    };
    let strict = Bank::under(Profile::Fapi2SecurityProfile, Bound::DPoP);
    assert!(!message(strict).contains(switch));
    let plain = Bank::new(Bound::DPoP);
    assert!(message(plain).contains(switch));
    let mut dangerous = Bank::new(Bound::DPoP);
    let mut policy = dangerous.configuration.policy().clone();
    policy.danger.token_endpoint_as_assertion_audience = true;
    dangerous.configuration = dangerous.configuration.with_policy(policy);
    assert!(!message(dangerous).contains(switch));
}
