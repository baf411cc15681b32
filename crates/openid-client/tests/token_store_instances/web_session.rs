//! A web application with axum. A session with parallel requests lasts as long as the provider
//! permits, although every refresh token can be used only once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use openid_client::http::Method;
use openid_client::store::{MemoryStore, SealedStore};
use openid_client::{Callback, Client, Error, SealingKey, SourceGrant, TokenSource};
use test_provider::Endpoint;
use tokio::task::JoinSet;
use tokio::time::advance;
use tower_service::Service as _;

use crate::world::World;

/// The state that the handlers share.
struct App {
    client: Client,
    store: SealedStore,
    resource: String,
    /// The source of each session. With `None`, each request creates a source.
    sources: Option<Mutex<HashMap<String, TokenSource>>>,
}

impl App {
    fn source(&self, session: &str) -> Result<TokenSource, Error> {
        let make = || {
            let grant = SourceGrant::stored(&self.store, session);
            self.client.token_source(grant).build()
        };
        let Some(sources) = &self.sources else {
            return make();
        };
        let mut sources = sources.lock().unwrap();
        if let Some(source) = sources.get(session) {
            return Ok(source.clone());
        }
        let source = make()?;
        sources.insert(session.to_owned(), source.clone());
        Ok(source)
    }
}

type Shared = State<Arc<App>>;

fn router(app: App) -> Router {
    Router::new()
        .route("/login", get(log_in))
        .route("/cb", get(logged_in))
        .route("/things", get(things))
        .with_state(Arc::new(app))
}

async fn log_in(State(app): Shared) -> Result<Response, Failure> {
    let session = app.client.random_state()?.expose().clone();
    let request = app.client.authorization_request().scope("openid");
    let (url, pending) = request.await?;
    let lifetime = Duration::from_secs(600);
    app.store.save_login(&session, &pending, lifetime).await?;
    Ok(redirect(&session, url.as_str()))
}

async fn logged_in(
    State(app): Shared,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let callback = Callback::from_query(&query.unwrap_or_default());
    let before = session(&headers)?;
    let pending = app.store.take_login(&app.client, before, &callback).await?;
    let pending = pending.ok_or(Failure(StatusCode::BAD_REQUEST))?;
    let grant = app.client.authorization_code_grant(pending, &callback);
    let tokens = grant.await?;
    // The session gets a new identifier after the login, because an attacker may know the old one.
    let session = app.client.random_state()?.expose().clone();
    app.store.save(&app.client, &session, tokens).await?;
    Ok(redirect(&session, "/things"))
}

async fn things(State(app): Shared, headers: HeaderMap) -> Result<Response, Failure> {
    let source = app.source(session(&headers)?)?;
    let request = app
        .client
        .fetch_protected_resource(&source, Method::GET, &app.resource);
    Ok(request.await?.map(Body::new))
}

fn redirect(session: &str, to: &str) -> Response {
    let cookie = format!("__Host-session={session}; Secure; HttpOnly; Path=/; SameSite=Lax");
    let headers = [
        (header::SET_COOKIE, cookie.as_str()),
        (header::LOCATION, to),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn session(headers: &HeaderMap) -> Result<&str, Failure> {
    let cookie = headers.get(header::COOKIE);
    let cookie = cookie.and_then(|cookie| cookie.to_str().ok());
    let session = cookie.and_then(|cookie| cookie.strip_prefix("__Host-session="));
    session.ok_or(Failure(StatusCode::FORBIDDEN))
}

/// A response without content. The status 401 makes the browser begin a login.
struct Failure(StatusCode);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(match error {
            Error::Source(error) if error.is_login_needed() => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_GATEWAY,
        })
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

/// A browser with one cookie.
#[derive(Clone)]
struct Browser {
    router: Router,
    cookie: String,
}

impl Browser {
    async fn get(&mut self, path: &str) -> Response {
        let request = Request::get(path).header(header::COOKIE, &self.cookie);
        let request = request.body(Body::empty()).unwrap();
        let response = self.router.call(request).await.unwrap();
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            let (cookie, _) = cookie.to_str().unwrap().split_once(';').unwrap();
            cookie.clone_into(&mut self.cookie);
        }
        response
    }

    fn location(response: &Response) -> &str {
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        response.headers()[header::LOCATION].to_str().unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_with_eight_parallel_requests_survives_a_thousand_expiries() {
    survives(1000, Some(Mutex::default())).await;
}

/// This is also the case if the requests reach different instances of the application.
#[tokio::test(start_paused = true)]
async fn a_session_survives_when_each_of_its_parallel_requests_has_its_own_source() {
    survives(100, None).await;
}

async fn survives(expiries: usize, sources: Option<Mutex<HashMap<String, TokenSource>>>) {
    let world = World::new();
    let app = App {
        client: world.instance().await,
        store: SealedStore::new(MemoryStore::new(), SealingKey::new([7; 32])),
        resource: world.provider.url(Endpoint::Resource),
        sources,
    };
    let (router, cookie) = (router(app), String::new());
    let mut browser = Browser { router, cookie };
    let login = browser.get("/login").await;
    let callback = world.browse(Browser::location(&login));
    let (_, query) = callback.split_once('?').unwrap();
    let response = browser.get(&format!("/cb?{query}")).await;
    assert_eq!(Browser::location(&response), "/things");
    for expiry in 0..=expiries {
        let mut requests = JoinSet::new();
        for _ in 0..8 {
            let mut tab = browser.clone();
            requests.spawn(async move { tab.get("/things").await });
        }
        for response in requests.join_all().await {
            assert_eq!(response.status(), StatusCode::OK, "{expiry}");
            let body = to_bytes(response.into_body(), 1000).await.unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert!(body.contains("alice"), "{body}");
        }
        // The code and each refresh token are used once. The provider ends a login whose refresh
        // token is used twice.
        assert_eq!(world.token_requests(), 1 + expiry);
        advance(Duration::from_secs(3600)).await;
    }
}
