//! A hostile server passes off the code of an honest one as its own (RFC 9700 section 4.4).

use openid_client::{Artefact, Error, Policy, Reason, Unsupported, Url, oauth_core};
use serde_json::json;
use test_provider::Endpoint;

use crate::world::{World, document, json_page, public, refused, server_metadata};

/// A resource that is its own, hostile authorization server; the provider of the world is the
/// honest one.
async fn hostile(announces_iss: bool) -> World {
    let world = World::new().await;
    let resource = world.resource.resource();
    let metadata = json!({
        "resource": world.url("/mcp"),
        "authorization_servers": [world.resource.url()],
    });
    resource.host(
        "/.well-known/oauth-protected-resource/mcp",
        json_page(&metadata),
    );
    let mut server = server_metadata(world.resource.url());
    let member = "authorization_response_iss_parameter_supported";
    let announces_iss = json!(announces_iss);
    server
        .as_object_mut()
        .unwrap()
        .insert(member.to_owned(), announces_iss);
    resource.host(
        "/.well-known/oauth-authorization-server",
        json_page(&server),
    );
    world
}

/// The paths at the hostile server that were requested.
fn paths(world: &World) -> Vec<String> {
    let received = world.resource.resource().received();
    received.into_iter().map(|(path, _)| path).collect()
}

/// Begins a login at the hostile server, which sends the browser on to the honest one. Returns the
/// callback, and the refusal of the code.
async fn mixed_up(world: &World, policy: Policy, sends_iss: bool) -> Error {
    let client = world.client().policy(policy).await.unwrap();
    let (url, pending) = client.authorization_request().await.unwrap();
    assert_eq!(origin(url.as_str()), *world.resource.url());
    let elsewhere = url.as_str();
    let elsewhere = elsewhere.replacen(world.resource.url(), world.provider.url(), 1);
    let mut callback = Url::parse(&world.provider.log_in(&elsewhere)).unwrap();
    if !sends_iss {
        let kept: Vec<(String, String)> = callback.query_pairs().into_owned().collect();
        let kept = kept.iter().filter(|(name, _)| name != "iss");
        callback.set_query(None);
        callback.query_pairs_mut().extend_pairs(kept);
    }
    assert!(callback.query_pairs().any(|(name, _)| name == "code"));
    let error = refused(client.authorization_code_grant(pending, callback).await);
    // The code went nowhere.
    assert_eq!(paths(world).iter().filter(|it| **it == "/token").count(), 0);
    assert_eq!(world.provider.provider().served(Endpoint::Token), 0);
    error
}

fn origin(url: &str) -> String {
    Url::parse(url).unwrap().origin().ascii_serialization()
}

#[tokio::test]
async fn a_server_without_iss_is_refused_before_a_registration() {
    let world = hostile(false).await;
    for client in [
        world.client(),
        world.stranger().dynamic_registration(public("")),
        // A client of an earlier run.
        world
            .stranger()
            .registered_at(world.resource.url(), public("known")),
    ] {
        let error = refused(client.await);
        let Some(oauth_core::Error::Unsupported(Unsupported::Feature { feature })) = error.core()
        else {
            panic!("{error}");
        };
        let switch = "`danger.accept_unadvertised_iss`";
        assert!(feature.contains(switch), "{feature}");
    }
    assert!(!paths(&world).contains(&"/register".to_owned()));
    let mut policy = Policy::default();
    policy.danger.accept_unadvertised_iss = true;
    let trusted = world.stranger().client_id_metadata_document(document());
    assert!(trusted.policy(policy).await.is_ok());
}

/// A hostile server may also announce `iss`, to be used at all.
#[tokio::test]
async fn the_code_of_another_server_is_refused() {
    let mut required = Policy::default();
    required.require_authorization_response_iss();
    for (announces, policy) in [(true, Policy::default()), (false, required)] {
        let world = hostile(announces).await;
        let error = mixed_up(&world, policy.clone(), true).await;
        let rejection = error.rejection().unwrap();
        assert_eq!(rejection.artefact, Artefact::AuthorizationResponse);
        assert_eq!(
            rejection.reason,
            Reason::ParameterMismatch {
                parameter: "iss",
                expected: Some(world.resource.url().to_owned()),
                found: Some(world.provider.url().to_owned()),
            }
        );
        let error = mixed_up(&world, policy, false).await;
        let rejection = error.rejection().unwrap();
        assert_eq!(rejection.artefact, Artefact::AuthorizationResponse);
        let member = "iss".into();
        assert_eq!(rejection.reason, Reason::Missing { member });
    }
}
