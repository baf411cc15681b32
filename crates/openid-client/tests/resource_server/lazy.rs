//! An API starts while its issuers are down, and follows their metadata.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body as AxumBody;
use axum::routing::get;
use openid_client::http::{Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError};
use openid_client::jose::jws::{ProtectedHeader, SigningInput};
use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::resource_server::{Refused, VerifiedToken};
use openid_client::{
    Artefact, Client, ClientBuilder, CoreError, Error, LazyProtectedResource, Misuse, Profile,
    ProtectedResource, Refusal, ResourceServer, ServerMetadata,
};
use serde_json::{Value, json};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Provider};
use tower_service::Service;

use crate::support::in_process::ISSUER;
use crate::world::{API, World, bearer};

const SECRET: &str = "a-secret-of-at-least-32-characters";

/// A provider on loopback whose access tokens are for [`API`], where the API is the client `api`.
async fn provider(seed: &str) -> Server {
    let provider = |issuer| Provider::new(issuer).seed(seed);
    let server = Server::start(Scheme::Https, provider).await.unwrap();
    server.provider().issue_jwt_access_tokens(API);
    for name in ["service", "api"] {
        let method = ClientAuthentication::ClientSecretPost(SECRET.to_owned());
        server
            .provider()
            .register(ClientRegistration::new(name, method));
    }
    server
}

/// A token for the API.
async fn token(server: &Server) -> String {
    let client = Client::discover(server.url(), "service")
        .root_certificate_pem(server.ca_certificate_pem())
        .client_secret_post(SECRET);
    let tokens = client.await.unwrap().client_credentials_grant().await;
    tokens.unwrap().access_token().expose().clone()
}

fn api(servers: &[&Server]) -> ClientBuilder<ProtectedResource> {
    let mut api = ResourceServer::discover(servers[0].url(), API);
    for other in &servers[1..] {
        api = api.issuer(other.url());
    }
    let trust = |api: ClientBuilder<_>, server: &&Server| {
        api.root_certificate_pem(server.ca_certificate_pem())
    };
    servers.iter().fold(api, trust)
}

/// Lets this time pass, which no socket sees.
pub(crate) async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

pub(crate) async fn verify(api: &ResourceServer, token: &str) -> Result<VerifiedToken, Refused> {
    api.verify(&bearer("/items", token)).await
}

/// Nothing was said about the token.
#[track_caller]
fn is_not_judged(refused: Result<VerifiedToken, Refused>) {
    let refused = refused.unwrap_err();
    let response = refused.response();
    assert_eq!(response.status(), 503, "{refused}");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["retry-after"], "1");
    assert!(!response.headers().contains_key("www-authenticate"));
    let error = matches!(refused.refusal(), Refusal::Error(CoreError::Unanswered(_)));
    assert!(error, "{refused:?}");
    assert!(refused.code().is_some());
}

#[track_caller]
fn is_refused(refused: Result<VerifiedToken, Refused>) {
    let refused = refused.unwrap_err();
    assert_eq!(refused.status(), 401, "{refused}");
    match refused.refusal() {
        Refusal::Error(CoreError::Rejected(rejection)) => {
            assert_eq!(rejection.artefact, Artefact::AccessToken);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_api_starts_while_its_issuer_does_not_listen() {
    let server = provider("").await;
    let token = token(&server).await;
    server.stop_listening().await;
    let api = api(&[&server]).lazy().build().unwrap();
    let routes = Router::new().route("/items", get(async |_: VerifiedToken| "items"));
    let mut routes = routes.layer(api.layer());
    let mut call = async |token: &str| {
        let request = bearer("/items", token).map(AxumBody::from);
        Service::call(&mut routes, request).await.unwrap()
    };
    let refused = call(&token).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["cache-control"], "no-store");
    assert_eq!(refused.headers()["retry-after"], "1");
    assert!(!refused.headers().contains_key("www-authenticate"));
    assert!(matches!(
        api.failure(),
        Some(Error::Core(CoreError::Unanswered(_)))
    ));
    // It listens again, and the pause is not over.
    server.listen_again().await.unwrap();
    let before = server.connections();
    is_not_judged(verify(&api, &token).await);
    assert_eq!(server.connections(), before);
    pass(1).await;
    let passed = call(&token).await;
    assert_eq!(passed.status(), 200);
    assert!(!passed.headers().contains_key("retry-after"));
    assert!(api.failure().is_none());
    assert_eq!(server.provider().served(Endpoint::Discovery), 2);
    // A token that the issuer has not signed is judged, too.
    let (rest, _) = token.rsplit_once('.').unwrap();
    is_refused(verify(&api, &format!("{rest}.AAAA")).await);
}

/// What a token says about itself is not verified. It reaches no one but the issuers of the
/// application, and only if it names one of them.
#[tokio::test]
async fn a_request_that_no_issuer_could_have_caused_is_refused_without_asking_one() {
    let server = provider("").await;
    let api = api(&[&server]).lazy().build().unwrap();
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let evil = json!({"iss": "https://evil.example", "aud": API, "sub": "alice"});
    let below = json!({"iss": format!("{}/below", server.url())});
    let nameless = json!({"aud": API});
    let opaque = "b3BhcXVl".to_owned();
    for token in [
        sign(&key, &evil),
        sign(&key, &below),
        sign(&key, &nameless),
        opaque,
    ] {
        is_refused(verify(&api, &token).await);
    }
    let none = Request::get("/items").body(Bytes::new()).unwrap();
    assert_eq!(api.verify(&none).await.unwrap_err().status(), 401);
    let broken = bearer("/items", "a b");
    assert_eq!(api.verify(&broken).await.unwrap_err().status(), 400);
    assert_eq!(server.connections(), 0);
    // This one is asked.
    let forged = json!({"iss": server.url(), "aud": API, "sub": "alice"});
    is_refused(verify(&api, &sign(&key, &forged)).await);
    assert_eq!(server.provider().served(Endpoint::Discovery), 1);
}

#[tokio::test]
async fn an_issuer_that_is_down_does_not_disturb_the_others() {
    let (one, two) = (provider("one").await, provider("two").await);
    let tokens = [token(&one).await, token(&two).await];
    one.stop_listening().await;
    let api = api(&[&one, &two]).lazy().build().unwrap();
    is_not_judged(verify(&api, &tokens[0]).await);
    verify(&api, &tokens[1]).await.unwrap();
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let evil = json!({"iss": "https://evil.example"});
    is_refused(verify(&api, &sign(&key, &evil)).await);
    one.listen_again().await.unwrap();
    pass(1).await;
    for token in &tokens {
        verify(&api, token).await.unwrap();
    }
}

#[tokio::test]
async fn opaque_tokens_wait_for_the_issuer_that_is_asked_about_them() {
    let server = provider("").await;
    server.provider().issue_opaque_access_tokens(API);
    let token = token(&server).await;
    server.stop_listening().await;
    let api = api(&[&server])
        .introspect_as("api")
        .client_secret_post(SECRET);
    let api = api.lazy().build().unwrap();
    is_not_judged(verify(&api, &token).await);
    server.listen_again().await.unwrap();
    pass(1).await;
    verify(&api, &token).await.unwrap();
    is_refused(verify(&api, "unknown").await);
}

/// A transport that answers as a test says, and counts the requests for metadata.
struct Told {
    world: Arc<World>,
    /// Text in the metadata, and what replaces it.
    replaced: Mutex<(String, String)>,
    documents: AtomicUsize,
}

impl HttpClient for Told {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let is_document = request.uri().path().contains("/.well-known/");
            let (head, body) = self.world.provider.send(request).await?.into_parts();
            if !is_document {
                return Ok(Response::from_parts(head, body));
            }
            self.documents.fetch_add(1, Ordering::SeqCst);
            let body = body.collect(usize::MAX).await?;
            let (text, by) = &*self.replaced.lock().unwrap();
            let document = std::str::from_utf8(&body).unwrap().replace(text, by);
            Ok(Response::from_parts(
                head,
                Body::from(Bytes::from(document)),
            ))
        })
    }
}

fn told() -> Arc<Told> {
    let nothing = ("\u{0}".to_owned(), String::new());
    Arc::new(Told {
        world: World::new(),
        replaced: Mutex::new(nothing),
        documents: AtomicUsize::new(0),
    })
}

fn lazy(told: &Arc<Told>) -> ClientBuilder<LazyProtectedResource> {
    let api = ResourceServer::discover(ISSUER, API).http_client(Arc::clone(told));
    api.lazy()
}

/// Lets the tasks of the resource server run.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn renewed_metadata_are_used_by_the_next_request() {
    let told = told();
    let minute = Duration::from_secs(60);
    let api = lazy(&told).metadata_max_age(minute).build().unwrap();
    let token = told.world.bearer_tokens().await;
    let token = token.access_token().expose();
    verify(&api, token).await.unwrap();
    let documents = || told.documents.load(Ordering::SeqCst);
    assert_eq!(documents(), 1);
    // The keys are at another place, where there are none.
    let place = (format!("{ISSUER}/jwks"), format!("{ISSUER}/moved"));
    *told.replaced.lock().unwrap() = place;
    tokio::time::advance(minute).await;
    verify(&api, token).await.unwrap();
    settle().await;
    assert_eq!(documents(), 2);
    let refused = verify(&api, token).await.unwrap_err();
    assert_eq!(refused.status(), 503);
    let Refusal::Error(CoreError::Rejected(rejection)) = refused.refusal() else {
        panic!("{refused:?}");
    };
    assert_eq!(rejection.artefact, Artefact::KeySet);
    // A renewal that fails leaves everything as it is.
    *told.replaced.lock().unwrap() = (ISSUER.to_owned(), "https://evil.example".to_owned());
    tokio::time::advance(minute).await;
    let _ = verify(&api, token).await;
    settle().await;
    let failure = api.failure().unwrap();
    let artefact = failure.core().unwrap().rejection().unwrap().artefact;
    assert_eq!(artefact, Artefact::DiscoveryDocument);
    assert_eq!(verify(&api, token).await.unwrap_err().status(), 503);
}

/// The settings of introspection need an endpoint. The operator has to act, and not the client.
#[tokio::test]
async fn settings_that_do_not_fit_the_metadata_are_a_mistake_of_the_server() {
    let told = told();
    let word = "introspection_endpoint";
    *told.replaced.lock().unwrap() = (word.to_owned(), "nothing".to_owned());
    let api = ResourceServer::discover(ISSUER, API).http_client(told.clone());
    let api = api.introspect_as("api").client_secret_post(SECRET);
    let api = api.lazy().build().unwrap();
    let refused = verify(&api, "opaque").await.unwrap_err();
    assert_eq!(refused.status(), 500);
    let is_metadata = matches!(refused.refusal(), Refusal::Error(CoreError::Metadata(_)));
    assert!(is_metadata, "{refused:?}");
    assert!(matches!(
        api.failure(),
        Some(Error::Core(CoreError::Metadata(_)))
    ));
}

#[tokio::test]
async fn what_needs_no_metadata_is_checked_at_once() {
    let told = told();
    let build = |api: ClientBuilder<ProtectedResource>| {
        api.http_client(told.clone()).lazy().build().unwrap_err()
    };
    let api = || ResourceServer::discover(ISSUER, API);
    let argument = |error: Error| match error {
        Error::Core(CoreError::Misuse(Misuse::InvalidArgument { argument, .. })) => argument,
        other => panic!("{other}"),
    };
    assert_eq!(argument(build(api().issuer(ISSUER))), "issuer");
    let known = api().issuer_metadata(ServerMetadata::new(ISSUER));
    assert_eq!(argument(build(known)), "issuer");
    assert_eq!(argument(build(api().replay_capacity(0))), "replay_capacity");
    let plain = ResourceServer::discover("http://id.example.com", API);
    assert_eq!(build(plain).code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
    let conflict = build(api().profile(Profile::Fapi2SecurityProfile));
    assert!(matches!(
        conflict,
        Error::Conflict {
            setting: "profile",
            ..
        }
    ));
    let short = lazy(&told)
        .metadata_max_age(Duration::from_secs(59))
        .build();
    assert_eq!(argument(short.unwrap_err()), "metadata_max_age");
    assert_eq!(told.documents.load(Ordering::SeqCst), 0);
}

/// An issuer whose metadata the application has, and one that is asked about its tokens and whose
/// JWTs are verified.
#[tokio::test]
async fn issuers_that_are_known_asked_and_verified_can_be_mixed() {
    let (one, two) = (provider("one").await, provider("two").await);
    let tokens = [token(&one).await, token(&two).await];
    two.provider().issue_opaque_access_tokens(API);
    let opaque = token(&two).await;
    let client = Client::discover(one.url(), "service");
    let client = client.root_certificate_pem(one.ca_certificate_pem());
    let known = client.client_secret_post(SECRET).await.unwrap();
    one.stop_listening().await;
    let api = api(&[&two, &two])
        .issuer_metadata(known.server_metadata().clone())
        .introspect_as("api")
        .client_secret_post(SECRET)
        .lazy()
        .build()
        .unwrap();
    verify(&api, &tokens[1]).await.unwrap();
    assert_eq!(two.provider().served(Endpoint::Introspection), 0);
    verify(&api, &opaque).await.unwrap();
    assert_eq!(two.provider().served(Endpoint::Introspection), 1);
    // Its metadata are known, and its keys are not.
    is_not_judged(verify(&api, &tokens[0]).await);
}

pub(crate) fn sign(key: &SigningKey, claims: &Value) -> String {
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).typ("at+jwt");
    let input = SigningInput::new(&header, claims.to_string().as_bytes());
    input.sign(key).unwrap()
}
