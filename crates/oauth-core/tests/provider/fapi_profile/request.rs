//! Requests that comply with a profile, and requests that violate it.

use http::Method;
use oauth_core::authorization::{ResponseMode, ResponseType};
use oauth_core::client_auth::ClientAuthentication;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{
    AccessToken, DeviceAuthorizationEndpoint, Hint, IntrospectionEndpoint,
    ProtectedResourceEndpoint, Push,
};
use oauth_core::error::{Artefact, Reason};
use oauth_core::flow::{
    Call, FetchProtectedResource, GenericGrant, InitiateBackchannelAuthentication,
    PollBackchannelAuthenticationGrant, TokenIntrospection, VerifyPush,
};
use oauth_core::metadata::ClientMetadata;
use oauth_core::names::EndpointName;
use oauth_core::policy::Policy;
use oauth_core::profile::{Party, Profile, Requirement};
use test_provider::{Endpoint, Misbehaviour};

use super::assert_violation;
use crate::fapi::{Bank, Bound};
use crate::refusal::{INVALID, assert_rejected, missing};
use crate::world::CLIENT_ID;

const BOTH: [Bound; 2] = [Bound::DPoP, Bound::Certificate];

#[test]
fn the_security_profile_pushes_by_itself() {
    for bound in BOTH {
        let bank = Bank::under(Profile::Fapi2SecurityProfile, bound);
        for scope in ["openid", "accounts"] {
            bank.succeeds(bank.request().scope(scope));
            bank.succeeds(bank.signed().scope(scope));
        }
        assert_eq!(bank.sent(EndpointName::PushedAuthorization), 4);
        let (url, _) = bank.world.run(bank.request().begin()).unwrap();
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name).collect();
        assert_eq!(names, ["client_id", "request_uri"]);
    }
}

#[test]
fn message_signing_asks_for_a_signed_response_by_itself() {
    for bound in BOTH {
        let bank = Bank::under(Profile::Fapi2MessageSigning, bound);
        bank.succeeds(bank.signed());
        assert_eq!(bank.sent(EndpointName::PushedAuthorization), 1);
        let (url, _) = bank.world.run(bank.signed().begin()).unwrap();
        assert!(bank.world.browse(&url).contains("?keep=1&response=ey"));
    }
}

#[test]
fn fapi_1_takes_a_signed_response_or_a_detached_signature() {
    let bank = Bank::under(Profile::Fapi1Advanced, Bound::Certificate);
    for pushed in [false, true] {
        let signed = || match pushed {
            false => bank.signed(),
            true => bank.signed().pushed(),
        };
        bank.succeeds(signed());
        bank.succeeds(signed().scope("accounts"));
        bank.succeeds(signed().response_type(ResponseType::CodeIdToken));
    }
}

#[test]
fn ciba_is_signed() {
    for bound in BOTH {
        let bank = Bank::under(Profile::Ciba, bound);
        let begun = bank.world.run(
            ciba(&bank)
                .binding_message("W4SCT")
                .request_object(bank.request_object.clone()),
        );
        let grant =
            PollBackchannelAuthenticationGrant::new(bank.configuration.clone(), &begun.unwrap());
        let tokens = bank.world.run(grant).unwrap();
        assert_eq!(bank.fetch(&tokens).unwrap().status(), 200);
    }
}

/// An optional request object is signed if the profile requires it, for every list of algorithms of
/// the server.
#[test]
fn the_usual_key_signs_under_a_profile() {
    let mut bank = Bank::new(Bound::Certificate);
    let mut server = bank.configuration.server().clone();
    server.backchannel_authentication_request_signing_alg_values_supported = None;
    let (client, policy) = (ClientMetadata::new(CLIENT_ID), Policy::default());
    let method = ClientAuthentication::TlsClientAuth;
    let configuration = Configuration::with_authentication(server, client, method, policy);
    let configuration = configuration.unwrap();
    bank.configuration = configuration.with_profile(Profile::Ciba).unwrap();
    let usual = ciba(&bank)
        .binding_message("W4SCT")
        .usual_request_object(bank.request_object.clone());
    bank.world.run(usual).unwrap();
    assert_eq!(bank.world.keys_used.get(), 1);
}

fn ciba(bank: &Bank) -> InitiateBackchannelAuthentication {
    let hint = Hint::LoginHint("bob".to_owned());
    InitiateBackchannelAuthentication::new(bank.configuration.clone(), hint)
}

/// Asserts that no request was sent, except for the server's keys.
#[track_caller]
pub(super) fn assert_silent(bank: &Bank) {
    let sent = bank.world.sent.borrow();
    assert!(sent.iter().all(|it| *it == EndpointName::Jwks), "{sent:?}");
}

#[test]
fn an_unsigned_request_leaves_the_profiles_that_sign() {
    for (profile, bound) in [
        (Profile::Fapi2MessageSigning, Bound::DPoP),
        (Profile::Fapi1Advanced, Bound::Certificate),
    ] {
        let bank = Bank::under(profile, bound);
        for request in [bank.request(), bank.request().pushed()] {
            let (requirement, party) = (Requirement::SignedRequest, Party::Request);
            assert_violation(bank.log_in(request), requirement, party, "is not signed");
        }
        let unsigned = ciba(&bank).binding_message("W4SCT");
        let (requirement, party) = (Requirement::SignedRequest, Party::Request);
        assert_violation(
            bank.world.run(unsigned),
            requirement,
            party,
            "is not signed",
        );
        assert_silent(&bank);
    }
}

#[test]
fn another_response_leaves_the_profile() {
    use Profile::{Fapi1Advanced, Fapi2MessageSigning, Fapi2SecurityProfile};
    let (plain, other) = (
        "asks for a plain code in another response mode than jwt",
        "asks for another response type",
    );
    let response = (Requirement::ProtectedResponse, plain);
    let code = (Requirement::ResponseType, other);
    for (profile, response_type, mode, (requirement, found)) in [
        (
            Fapi1Advanced,
            ResponseType::Code,
            Some(ResponseMode::Query),
            response,
        ),
        (
            Fapi1Advanced,
            ResponseType::Code,
            Some(ResponseMode::FormPostJwt),
            response,
        ),
        (Fapi1Advanced, ResponseType::IdToken, None, code),
        (
            Fapi2MessageSigning,
            ResponseType::Code,
            Some(ResponseMode::FormPost),
            response,
        ),
        (Fapi2MessageSigning, ResponseType::CodeIdToken, None, code),
        (Fapi2SecurityProfile, ResponseType::CodeIdToken, None, code),
        (Fapi2SecurityProfile, ResponseType::IdToken, None, code),
    ] {
        let bank = Bank::under(profile, Bound::Certificate);
        let request = bank.signed().response_type(response_type);
        let request = match mode {
            Some(mode) => request.response_mode(mode),
            None => request,
        };
        assert_violation(bank.log_in(request), requirement, Party::Request, found);
        assert_silent(&bank);
    }
}

#[test]
fn the_answer_must_name_its_issuer() {
    let mut bank = Bank::new(Bound::Certificate);
    let mut server = bank.configuration.server().clone();
    // The server does not announce `iss`.
    server.authorization_response_iss_parameter_supported = None;
    let (client, policy) = (ClientMetadata::new(CLIENT_ID), Policy::default());
    let method = ClientAuthentication::TlsClientAuth;
    let configuration = Configuration::with_authentication(server, client, method, policy);
    let configuration = configuration.unwrap();
    bank.configuration = configuration
        .with_profile(Profile::Fapi2SecurityProfile)
        .unwrap();
    bank.world
        .provider
        .misbehave(Misbehaviour::CallbackIssuerMissing);
    let reason = missing("iss");
    let artefact = Artefact::AuthorizationResponse;
    assert_rejected(bank.log_in(bank.request()), INVALID, artefact, &reason);
    assert_eq!(bank.world.served(Endpoint::Token), 0);
}

#[test]
fn a_backchannel_request_says_what_for() {
    for profile in [Profile::Ciba, Profile::Fapi2SecurityProfile] {
        let bank = Bank::under(profile, Bound::DPoP);
        let signed = ciba(&bank).request_object(bank.request_object.clone());
        let (requirement, party) = (Requirement::AuthorizationContext, Party::Request);
        assert_violation(
            bank.world.run(signed),
            requirement,
            party,
            "has no `binding_message` and no `authorization_details`",
        );
        assert_silent(&bank);
        let detailed = ciba(&bank)
            .request_object(bank.request_object.clone())
            .parameter("authorization_details", r#"[{"type":"payment"}]"#);
        bank.world.run(detailed).unwrap();
    }
}

#[test]
fn tokens_are_not_pushed() {
    let bank = Bank::under(Profile::Ciba, Bound::DPoP);
    let hint = Hint::LoginHint("bob".to_owned());
    let request = InitiateBackchannelAuthentication::new(bank.configuration.clone(), hint)
        .binding_message("W4SCT")
        .request_object(bank.request_object.clone());
    let begun = bank.world.run(request.push()).unwrap();
    let now = bank.world.now.get();
    let sent = bank.world.provider.push(begun.auth_req_id.expose(), now);
    let sent = sent.unwrap();
    let push = Push::parse(sent.headers(), sent.body()).unwrap();
    let verification = VerifyPush::new(bank.configuration.clone(), &begun, push);
    assert_violation(
        bank.world.run(verification),
        Requirement::TokenDeliveryMode,
        Party::Request,
        "is a push",
    );
}

#[test]
fn other_grants_leave_the_profile() {
    let bank = Bank::under(Profile::Ciba, Bound::DPoP);
    let found = "goes to the authorization endpoint";
    let (requirement, party) = (Requirement::Grant, Party::Request);
    assert_violation(bank.log_in(bank.signed()), requirement, party, found);
    for profile in [
        Profile::Ciba,
        Profile::Fapi1Advanced,
        Profile::Fapi2MessageSigning,
        Profile::Fapi2SecurityProfile,
    ] {
        let bank = Bank::under(profile, Bound::Certificate);
        let password = GenericGrant::new(bank.configuration.clone(), "password");
        let found = "takes a password, by the password grant";
        assert_violation(bank.world.run(password), requirement, party, found);
        let device = Call::new(DeviceAuthorizationEndpoint::new(bank.configuration.clone()));
        let found = "is a device authorization, which has no signature";
        match profile {
            Profile::Fapi2SecurityProfile => drop(bank.world.run(device).unwrap()),
            _ => assert_violation(bank.world.run(device), requirement, party, found),
        }
    }
}

#[test]
fn a_token_that_is_bound_to_nothing_is_not_shown() {
    let bank = Bank::under(Profile::Fapi2SecurityProfile, Bound::DPoP);
    let url = bank.world.provider.url(Endpoint::Resource);
    let configuration = bank.configuration.clone();
    let token = AccessToken::bearer("token");
    let resource = ProtectedResourceEndpoint::new(configuration, token, Method::GET, &url).unwrap();
    let fetched = bank.world.run(FetchProtectedResource::new(resource));
    let requirement = Requirement::SenderConstrainedTokens;
    let found = "carries a token that is not bound to the client";
    assert_violation(fetched, requirement, Party::Request, found);
    assert_silent(&bank);
}

#[test]
fn message_signing_wants_introspection_signed() {
    let bank = Bank::under(Profile::Fapi2MessageSigning, Bound::Certificate);
    let introspection = IntrospectionEndpoint::new(bank.configuration.clone(), "token");
    // The client is not registered for signed responses, so the provider sends a plain one.
    let reason = Reason::NotSigned {
        expected: "PS256, ES256, Ed25519, EdDSA".to_owned(),
    };
    let artefact = Artefact::IntrospectionResponse;
    let answer = bank.world.run(TokenIntrospection::new(introspection));
    assert_rejected(answer, UNSIGNED, artefact, &reason);
}

const UNSIGNED: &str = "OAUTH_JWT_INTROSPECTION_EXPECTED";
