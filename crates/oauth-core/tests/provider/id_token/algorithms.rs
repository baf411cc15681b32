//! Every signature algorithm that a client can register: right signatures are accepted, and wrong
//! ones refused.

use jose::SignatureAlgorithm;
use oauth_core::authorization::ResponseType;
use oauth_core::error::{Artefact, Reason};
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::Policy;
use test_provider::Misbehaviour::*;
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint};

use crate::refusal::{INVALID, assert_rejected};
use crate::world::{CLIENT_ID, World};

/// A secret that is long enough for HS512.
const SECRET: &str = "a secret of the client that is as long as the longest hash, or more";

#[test]
fn a_broken_signature_is_refused_for_every_algorithm() {
    for algorithm in [
        SignatureAlgorithm::HS256,
        SignatureAlgorithm::HS512,
        SignatureAlgorithm::RS256,
        SignatureAlgorithm::PS256,
        SignatureAlgorithm::ES256,
        SignatureAlgorithm::ES384,
        SignatureAlgorithm::Ed25519,
    ] {
        let method = ClientAuthentication::ClientSecretPost(SECRET.to_owned());
        let registration =
            ClientRegistration::new(CLIENT_ID, method).id_token_signed_response_alg(algorithm);
        let world = World::with_client(registration);
        let mut client = ClientMetadata::new(CLIENT_ID);
        client.client_secret = Some(SECRET.into());
        client.id_token_signed_response_alg = Some(algorithm.into());
        let configuration = world.configure(client, Policy::default());
        let log_in = |response_type| {
            let request = World::request(&configuration).response_type(response_type);
            let (url, pending) = world.run(request.begin()).unwrap();
            let callback = world.follow(&url);
            world.run(pending.resume(&configuration, &callback).unwrap())
        };
        for response_type in [ResponseType::Code, ResponseType::CodeIdToken] {
            world.provider.behave();
            let tokens = log_in(response_type).unwrap();
            assert_eq!(tokens.id_token().unwrap().sub(), "alice", "{algorithm}");
            let redeemed = world.served(Endpoint::Token);
            world.provider.misbehave(IdTokenSignatureBroken);
            let reason = Reason::Jose(jose::Error::Signature);
            assert_rejected(log_in(response_type), INVALID, Artefact::IdToken, &reason);
            let redeemed = world.served(Endpoint::Token) - redeemed;
            assert_eq!(redeemed == 1, response_type == ResponseType::Code);
        }
    }
}
