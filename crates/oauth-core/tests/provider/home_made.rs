//! Providers that write numbers as strings, and strings as numbers.

use std::time::Duration;

use oauth_core::configuration::Configuration;
use oauth_core::endpoint::UserInfoEndpoint;
use oauth_core::flow::{FetchUserInfo, RefreshTokenGrant};
use oauth_core::metadata::ClientMetadata;
use oauth_core::policy::{Danger, Policy};
use test_provider::Misbehaviour;
use test_provider::Misbehaviour::*;

use crate::world::{CLIENT_ID, World};

fn world(
    misbehaviours: &[Misbehaviour],
    switch: impl FnOnce(&mut Danger),
) -> (World, Configuration) {
    let world = World::new();
    for misbehaviour in misbehaviours {
        world.provider.misbehave(*misbehaviour);
    }
    let mut policy = Policy::default();
    switch(&mut policy.danger);
    let configuration = world.configure(ClientMetadata::new(CLIENT_ID), policy);
    (world, configuration)
}

/// The numeric `sub` is the same in the ID Token, in UserInfo and after a refresh.
#[test]
fn a_user_may_be_a_number() {
    let numbers = [IdTokenSubjectNotAString, UserInfoSubjectNotAString];
    let (world, configuration) = world(&numbers, |danger| danger.accept_numeric_sub = true);
    let tokens = world.log_in(&configuration).unwrap();
    let id_token = tokens.id_token().unwrap();
    assert_eq!(id_token.sub(), "1");
    let endpoint = UserInfoEndpoint::new(configuration.clone(), &tokens, id_token);
    assert_eq!(world.run(FetchUserInfo::new(endpoint)).unwrap().sub(), "1");
    let refresh_token = tokens.refresh_token().unwrap().clone();
    let grant = RefreshTokenGrant::new(configuration, refresh_token).previous(id_token);
    let refreshed = world.run(grant).unwrap();
    assert_eq!(refreshed.id_token().unwrap().sub(), "1");
}

#[test]
fn times_may_be_text() {
    let texts = [
        IdTokenExpiryAsString,
        IdTokenIssuedAtAsString,
        IdTokenAuthTimeAsString,
    ];
    let (world, configuration) = world(&texts, |danger| danger.accept_times_as_text = true);
    let request = World::request(&configuration).max_age(Duration::from_secs(600));
    let tokens = world.log_in_with(&configuration, request).unwrap();
    let id_token = tokens.id_token().unwrap();
    assert_eq!(id_token.iat().seconds(), world.now.get());
    assert!(id_token.auth_time().is_some());
}
