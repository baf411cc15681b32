//! What is no good access token, or no good proof, through the layer.

use openid_client::http::{Bytes, Method, Request};
use openid_client::jose::{base64url, json};

use crate::world::{API, World, bearer};

const TOKEN: (u16, Option<&str>) = (401, Some("invalid_token"));
const PROOF: (u16, Option<&str>) = (401, Some("invalid_dpop_proof"));

/// A request with DPoP that the API has accepted.
async fn accepted(world: &std::sync::Arc<World>) -> Request<Bytes> {
    let (client, tokens) = world.dpop_client().await;
    let url = format!("{API}/items?page=2");
    let response = client.fetch_protected_resource(&tokens, Method::GET, url);
    assert_eq!(response.await.unwrap().status(), 200);
    world.last_request()
}

/// The request with a fresh proof that the API has not seen.
async fn unsent(world: &std::sync::Arc<World>) -> Request<Bytes> {
    let (client, tokens) = world.dpop_client().await;
    // The scope is refused before the handler, and the path is the one to be tried.
    let open = world.resource_server().origin("https://other.example.com");
    world.protect(open.await.unwrap().layer());
    let url = format!("{API}/items");
    let response = client.fetch_protected_resource(&tokens, Method::GET, url);
    assert!(response.await.is_err());
    let server = world.resource_server().await.unwrap();
    world.protect(server.layer());
    world.last_request()
}

#[tokio::test]
async fn a_stolen_request_passes_no_second_time_and_nowhere_else() {
    let world = World::protected().await;
    let request = accepted(&world).await;
    assert_eq!(world.call(request.clone()).await.error(), PROOF);

    // A proof that the API has not seen fits its request alone.
    let request = unsent(&world).await;
    let change = |change: fn(&mut Request<Bytes>)| {
        let mut changed = request.clone();
        change(&mut changed);
        changed
    };
    for (changed, expected) in [
        (change(|it| *it.method_mut() = Method::POST), PROOF),
        (
            change(|it| *it.uri_mut() = "/admin".parse().unwrap()),
            PROOF,
        ),
        (
            change(|it| {
                let proof = it.headers()["dpop"].clone();
                it.headers_mut().append("dpop", proof);
            }),
            PROOF,
        ),
        (change(|it| drop(it.headers_mut().remove("dpop"))), PROOF),
        (
            change(|it| {
                let dpop = it.headers()["authorization"].to_str().unwrap();
                let bearer = dpop.replace("DPoP ", "Bearer ").parse().unwrap();
                it.headers_mut().insert("authorization", bearer);
            }),
            TOKEN,
        ),
        (
            change(|it| {
                let token = it.headers()["authorization"].clone();
                it.headers_mut().append("authorization", token);
            }),
            (400, Some("invalid_request")),
        ),
        (
            change(|it| drop(it.headers_mut().remove("authorization"))),
            (401, None),
        ),
    ] {
        let answer = world.call(changed).await;
        assert_eq!(answer.error(), expected, "{answer:?}");
        assert_eq!(answer.text(), "");
    }
    // None of these attempts has used the proof up.
    assert_eq!(world.call(request).await.status(), 200);
}

#[tokio::test]
async fn a_proof_does_not_make_a_bearer_token_a_bound_one() {
    let world = World::protected().await;
    let request = unsent(&world).await;
    let tokens = world.bearer_tokens().await;
    let token = tokens.access_token().expose();
    let mut other = request.clone();
    let dpop = format!("DPoP {token}").parse().unwrap();
    other.headers_mut().insert("authorization", dpop);
    assert_eq!(world.call(other).await.error(), TOKEN);
    // The token of another client is bound to another key.
    let (_, theirs) = world.dpop_client().await;
    let mut other = request;
    let dpop = format!("DPoP {}", theirs.access_token().expose());
    other
        .headers_mut()
        .insert("authorization", dpop.parse().unwrap());
    assert_eq!(world.call(other).await.error(), PROOF);
}

#[tokio::test]
async fn another_jwt_is_no_access_token() {
    let world = World::protected().await;
    let tokens = world.bearer_tokens().await;
    let good = tokens.access_token().expose();
    assert_eq!(world.bearer(good).await.status(), 200);
    let id_token = tokens.id_token().unwrap().jwt().expose();
    assert_eq!(world.bearer(id_token).await.error(), TOKEN);
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("no JWT");
    };
    let none = base64url::encode(br#"{"alg":"none","typ":"at+jwt"}"#);
    let hmac = base64url::encode(br#"{"alg":"HS256","typ":"at+jwt"}"#);
    let changed = base64url::decode(payload).unwrap();
    let changed = String::from_utf8(changed)
        .unwrap()
        .replace("alice", "bobby");
    assert!(json::parse_object(changed.as_bytes(), json::Limits::CLAIMS).is_ok());
    let changed = base64url::encode(changed.as_bytes());
    for forged in [
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{hmac}.{payload}.{signature}"),
        format!("{header}.{changed}.{signature}"),
        format!("{header}.{payload}."),
        "opaque".to_owned(),
    ] {
        let answer = world.bearer(&forged).await;
        assert_eq!(answer.error(), TOKEN, "{forged}");
    }
    // An access token in the query or in a form is not read.
    let mut request = bearer(&format!("/items?access_token={good}"), good);
    request.headers_mut().remove("authorization");
    assert_eq!(world.call(request).await.error(), (401, None));
}

#[tokio::test]
async fn a_token_for_another_api_is_refused() {
    let world = World::protected().await;
    world
        .provider
        .provider
        .issue_jwt_access_tokens("https://other.example.com");
    let tokens = world.bearer_tokens().await;
    let answer = world.bearer(tokens.access_token().expose()).await;
    assert_eq!(answer.error(), TOKEN);
}

#[tokio::test]
async fn only_bound_tokens_pass_where_dpop_is_required() {
    let world = World::new();
    let server = world.resource_server().require_dpop().await.unwrap();
    world.protect(server.layer());
    let tokens = world.bearer_tokens().await;
    let answer = world.bearer(tokens.access_token().expose()).await;
    assert_eq!(answer.error(), TOKEN);
    accepted(&world).await;
}
