//! JWTs that the client signs, changed after they complied with the profile.

use jose::SignatureAlgorithm;
use oauth_core::client_auth::{ClientAuthentication, PrivateKeyJwt};
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::ClientCredentialsTokenRequest;
use oauth_core::flow::Call;
use oauth_core::key::{KeyReference, ModifyAssertion};
use oauth_core::policy::Policy;
use oauth_core::profile::{Party, Profile, Requirement};
use oauth_core::request_object::RequestObject;
use oauth_core::wire::Parameters;
use serde_json::{Value, json};
use test_provider::Endpoint;

use super::assert_violation;
use crate::fapi::{Bank, Bound};
use crate::world::ISSUER;

fn setting(name: &'static str, value: Value) -> ModifyAssertion {
    ModifyAssertion::new(move |_, claims| match &value {
        Value::Null => drop(claims.remove(name)),
        value => drop(claims.insert(name.to_owned(), value.clone())),
    })
}

fn key() -> KeyReference {
    KeyReference::new("client key", SignatureAlgorithm::ES256)
}

#[test]
fn a_client_assertion_is_for_the_issuer_alone() {
    let token = format!("{ISSUER}/token");
    for (aud, accepted) in [
        (json!(ISSUER), true),
        (json!([ISSUER]), false),
        (json!(token), false),
        (json!([ISSUER, token]), false),
        (Value::Null, false),
    ] {
        let bank = Bank::new(Bound::DPoP);
        let method = PrivateKeyJwt::new(key()).unwrap();
        let method = method.modify_assertion(setting("aud", aud.clone()));
        let configuration = Configuration::with_authentication(
            bank.configuration.server().clone(),
            bank.configuration.client().clone(),
            ClientAuthentication::PrivateKeyJwt(method),
            Policy::default(),
        );
        let configuration = configuration
            .unwrap()
            .with_dpop_key(bank.configuration.dpop_key().unwrap().clone())
            .with_profile(Profile::Fapi2SecurityProfile)
            .unwrap();
        let grant = Call::new(ClientCredentialsTokenRequest {
            configuration,
            parameters: Parameters::new(),
        });
        let result = bank.world.run(grant);
        if accepted {
            result.unwrap();
            continue;
        }
        let requirement = Requirement::AssertionAudience;
        let found = "makes client assertions for another audience";
        assert_violation(result, requirement, Party::Client, found);
        assert_eq!(bank.world.served(Endpoint::Token), 0, "{aud}");
    }
}

#[test]
fn a_request_object_is_for_the_issuer_and_short_lived() {
    let elsewhere = Some("is for another audience");
    let long = Some("is valid for too long, or without a limit");
    let now = crate::world::START;
    for (name, value, found) in [
        ("aud", json!(ISSUER), None),
        ("aud", json!("https://elsewhere.example"), elsewhere),
        ("exp", json!(now + 3600), None),
        ("exp", json!(now + 3601), long),
        ("exp", json!(now), long),
        ("exp", Value::Null, long),
        ("nbf", Value::Null, long),
        ("nbf", json!("1"), long),
    ] {
        let mut bank = Bank::under(Profile::Fapi1Advanced, Bound::Certificate);
        let request_object = RequestObject::new(key()).unwrap();
        bank.request_object = request_object.modify_assertion(setting(name, value.clone()));
        for pushed in [false, true] {
            let request = match pushed {
                false => bank.signed(),
                true => bank.signed().pushed(),
            };
            let begun = bank.world.run(request.begin());
            match found {
                None => drop(begun.unwrap()),
                Some(found) => {
                    let requirement = Requirement::RequestLifetime;
                    assert_violation(begun, requirement, Party::Request, found);
                }
            }
        }
    }
}

/// The signed request must equal the request that was checked.
#[test]
fn a_request_object_holds_the_request_that_was_checked() {
    for (name, value) in [
        ("code_challenge", Value::Null),
        ("code_challenge_method", json!("plain")),
        ("response_mode", json!("query")),
        ("response_type", json!("code id_token")),
        ("redirect_uri", json!("http://app.example.com/cb")),
        ("nonce", json!(1)),
        ("binding_message", json!("another")),
    ] {
        let mut bank = Bank::under(Profile::Fapi2MessageSigning, Bound::Certificate);
        let request_object = RequestObject::new(key()).unwrap();
        bank.request_object = request_object.modify_assertion(setting(name, value));
        let found = "differs inside its request object from the one that was checked";
        let begun = bank.world.run(bank.signed().begin());
        assert_violation(begun, Requirement::SignedRequest, Party::Request, found);
        assert_eq!(bank.world.keys_used.get(), 0, "{name}");
    }
    // Other members may be changed.
    let mut bank = Bank::under(Profile::Fapi2MessageSigning, Bound::Certificate);
    let request_object = RequestObject::new(key()).unwrap();
    bank.request_object = request_object.modify_assertion(setting("x", json!([1])));
    bank.succeeds(bank.signed());
}

/// FAPI 1.0 Part 2 section 5.2.3, item 9, requires the repetition.
#[test]
fn fapi_1_repeats_type_and_scope_outside() {
    let mut bank = Bank::under(Profile::Fapi1Advanced, Bound::Certificate);
    bank.request_object = bank.request_object.without_repetition();
    for scope in ["openid", "accounts"] {
        let (url, _) = bank.world.run(bank.signed().scope(scope).begin()).unwrap();
        let outside: Vec<_> = url.query_pairs().map(|(name, _)| name).collect();
        assert_eq!(outside, ["client_id", "response_type", "scope", "request"]);
    }
}

#[test]
fn another_algorithm_leaves_the_profile() {
    let mut bank = Bank::under(Profile::Fapi2MessageSigning, Bound::Certificate);
    let key = KeyReference::new("client key", SignatureAlgorithm::ES384);
    bank.request_object = RequestObject::new(key).unwrap();
    let begun = bank.world.run(bank.signed().begin());
    let found = "signs with ES384, not with PS256, ES256, Ed25519, EdDSA";
    assert_violation(begun, Requirement::Algorithms, Party::Key, found);
    assert_eq!(bank.world.keys_used.get(), 0);
}
