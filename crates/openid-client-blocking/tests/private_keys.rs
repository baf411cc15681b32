//! Client authentication by a private key, in memory or elsewhere.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use openid_client_blocking::{
    Client, CoreError, Error, KeyFault, KeyJob, KeyReference, KeyResult, Misuse,
    SignatureAlgorithm, SigningKey,
};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Provider};

use self::support::Site;

#[test]
fn a_key_in_memory_or_elsewhere_authenticates_the_client() {
    let site = Site::of(Provider::new);
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let method = ClientAuthentication::private_key_jwt(&key);
    let provider = site.server.provider();
    provider.register(ClientRegistration::new("service", method));
    let builder = || {
        Client::discover(site.server.url(), "service")
            .root_certificate_pem(site.server.ca_certificate_pem())
    };
    let local = builder().private_key(key.clone()).send().unwrap();
    local.client_credentials_grant().send().unwrap();

    let reference = || KeyReference::new("keys/7", SignatureAlgorithm::ES256);
    let sign = move |job: KeyJob| match &job {
        KeyJob::Sign {
            key: name,
            algorithm,
            input,
        } if name.as_str() == "keys/7" => {
            Ok(KeyResult::Signature(key.sign(*algorithm, input).unwrap()))
        }
        other => panic!("{other:?}"),
    };
    let remote = builder().remote_private_key(reference(), sign);
    let remote = remote.send().unwrap();
    remote.client_credentials_grant().send().unwrap();
    assert_eq!(provider.served(Endpoint::Token), 2);

    let away = |job: KeyJob| {
        Err(KeyFault {
            key: job.key().clone(),
            source: None,
        })
    };
    let client = builder().remote_private_key(reference(), away);
    let grant = client.send().unwrap().client_credentials_grant().send();
    match grant.unwrap_err() {
        Error::Core(CoreError::Key(fault)) => assert_eq!(fault.key.as_str(), "keys/7"),
        error => panic!("{error:?}"),
    }
    let name = "openid-client-blocking/DPoP";
    let taken = KeyReference::new(name, SignatureAlgorithm::ES256);
    let error = builder().remote_private_key(taken, away).send();
    match error.unwrap_err() {
        Error::Core(CoreError::Misuse(Misuse::InvalidArgument { found, .. })) => {
            assert_eq!(found, name);
        }
        error => panic!("{error:?}"),
    }
    assert_eq!(provider.served(Endpoint::Token), 2);
}
