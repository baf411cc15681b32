//! Requests whose form contains `client_id` with every method, for servers that read it before the
//! header.

use super::*;
use crate::endpoint::{
    BackchannelAuthenticationEndpoint, DeviceAuthorizationEndpoint, Endpoint, Hint,
    PushedAuthorizationRequest,
};
use crate::request_object::RequestObject;

fn methods() -> Vec<ClientAuthentication> {
    let (_, private) = private_key_jwt();
    vec![
        ClientAuthentication::None,
        ClientAuthentication::ClientSecretBasic(ClientSecretBasic::new("s")),
        ClientAuthentication::ClientSecretPost("s".into()),
        ClientAuthentication::ClientSecretJwt(ClientSecretJwt::new(
            "0123456789abcdef0123456789abcdef",
        )),
        ClientAuthentication::PrivateKeyJwt(private),
        ClientAuthentication::TlsClientAuth,
    ]
}

/// Returns `client_id` in the form after client authentication was added.
fn client_ids<E: Endpoint>(endpoint: E, configuration: &Configuration) -> Vec<String> {
    let mut draft = endpoint.request().unwrap();
    let cache = Cache::default();
    let env = testing::env(NOW, 0, &cache);
    if let Some(assertion) = configuration.authenticate(&env, &mut draft).unwrap() {
        let signature = KeyResult::Signature(vec![1; 64]);
        assertion.complete(signature, &mut draft).unwrap();
    }
    let form = draft.form_mut().unwrap();
    form.all("client_id").map(str::to_owned).collect()
}

#[test]
fn the_form_names_the_client_once_for_every_method() {
    for method in methods() {
        let configuration = testing::setup().authentication(method).build();
        let device = DeviceAuthorizationEndpoint::new(configuration.clone());
        assert_eq!(client_ids(device, &configuration), ["app"]);
        let hint = Hint::LoginHint("alice".to_owned());
        let backchannel = BackchannelAuthenticationEndpoint::new(configuration.clone(), hint);
        assert_eq!(client_ids(backchannel, &configuration), ["app"]);
        let pushed = PushedAuthorizationRequest {
            configuration: configuration.clone(),
            parameters: Parameters::new(),
            request_object: None,
        };
        assert_eq!(client_ids(pushed, &configuration), ["app"]);
    }
}

/// CIBA Core 1.0 section 7.1.1: only client authentication is outside of the signed request.
#[test]
fn a_signed_backchannel_request_has_nothing_outside() {
    let reference = KeyReference::new("k", SignatureAlgorithm::ES256);
    let basic = ClientAuthentication::ClientSecretBasic(ClientSecretBasic::new("s"));
    let configuration = testing::setup().authentication(basic).build();
    let hint = Hint::LoginHint("alice".to_owned());
    let mut endpoint = BackchannelAuthenticationEndpoint::new(configuration.clone(), hint);
    endpoint.request_object = Some(RequestObject::new(reference).unwrap());
    assert_eq!(client_ids(endpoint, &configuration), [""; 0]);
}
