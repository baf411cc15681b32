//! A resource server: the access token and the DPoP proof of each request, through the layer of
//! `openid-client`, and with two bare verifications.

use std::convert::Infallible;
use std::future::{Ready, poll_fn, ready};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use aws_lc_rs::signature::ParsedPublicKey;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use jose::jws::{ProtectedHeader, SigningInput};
use jose::{HashAlgorithm, SignatureAlgorithm, SigningKey, base64url};
use openid_client::http::{Body, BoxFuture, HttpClient, TransportError};
use openid_client::resource_server::{ResourceServerService, VerifiedToken};
use openid_client::{ResourceServer, ServerMetadata};
use serde_json::{Value, json};
use tower_layer::Layer as _;
use tower_service::Service;

use crate::floor::{Signed, parsed};
use crate::operation::SUBJECT;
use crate::token::{now, provider_key};

const ISSUER: &str = "https://id.example.com";
const RESOURCE: &str = "https://api.example.com";

/// An API behind the layer, and the requests to it. Each has a proof that was not used before.
pub struct Api {
    service: ResourceServerService<Items>,
    authorization: HeaderValue,
    proofs: Vec<HeaderValue>,
    next: AtomicUsize,
    floor: [(ParsedPublicKey, Signed); 2],
}

impl Api {
    /// Creates the API, and proofs for this number of requests.
    pub async fn new(requests: usize) -> Arc<Self> {
        let issuer_key = provider_key();
        let client_key = SigningKey::generate(SignatureAlgorithm::ES256).expect("randomness");
        let public = |key: &SigningKey| key.public_jwk().expect("an asymmetric key");
        let token = access_token(&issuer_key, &public(&client_key).thumbprint());
        let proofs: Vec<_> = (0..requests)
            .map(|number| proof(&client_key, &token, number))
            .collect();
        let floor = [
            (parsed(&public(&issuer_key)), Signed::of_jwt(&token)),
            (parsed(&public(&client_key)), Signed::of_jwt(&proofs[0])),
        ];
        let mut issuer = ServerMetadata::new(ISSUER);
        issuer.jwks_uri = Some(format!("{ISSUER}/jwks"));
        let keys = json!({ "keys": [public(&issuer_key).to_json()] });
        let server = ResourceServer::from_metadata(issuer, RESOURCE)
            .http_client(Keys(Bytes::from(keys.to_string())))
            .await
            .expect("a resource server");
        let value = |text: String| HeaderValue::try_from(text).expect("ASCII");
        Arc::new(Self {
            service: server.layer().layer(Items),
            authorization: value(format!("DPoP {token}")),
            proofs: proofs.into_iter().map(value).collect(),
            next: AtomicUsize::new(0),
            floor,
        })
    }

    /// Sends the next request through the layer.
    pub async fn run(self: Arc<Self>) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut request = Request::new(());
        *request.uri_mut() = "/items?page=2".parse().expect("a path");
        let headers = request.headers_mut();
        headers.insert("authorization", self.authorization.clone());
        headers.insert("dpop", self.proofs[number].clone());
        let mut service = self.service.clone();
        let ready = poll_fn(|context| Service::<Request<()>>::poll_ready(&mut service, context));
        ready.await.expect("a service that is ready");
        let response = service.call(request).await.expect("a response");
        assert_eq!(response.status(), 200);
    }

    /// Verifies both signatures, with keys that are ready and decoded bytes.
    pub async fn run_floor(self: Arc<Self>) {
        for (key, Signed(input, signature)) in &self.floor {
            let verified = key.verify_sig(input, signature);
            verified.expect("a valid signature");
        }
    }
}

/// The service behind the layer.
#[derive(Clone)]
struct Items;

impl Service<Request<()>> for Items {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let token = request.extensions().get::<VerifiedToken>();
        assert_eq!(token.expect("a verified token").sub(), Some(SUBJECT));
        black_box(request);
        ready(Ok(Response::new(())))
    }
}

/// A transport that answers every request with the issuer's keys.
struct Keys(Bytes);

impl HttpClient for Keys {
    fn send(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let response = Response::builder().header("content-type", "application/json");
        let response = response.body(Body::from(self.0.clone()));
        Box::pin(ready(Ok(response.expect("a response"))))
    }
}

/// Creates an access token with ten claims that is valid for an hour (RFC 9068).
fn access_token(key: &SigningKey, jkt: &str) -> String {
    let now = now();
    let claims = json!({
        "iss": ISSUER,
        "sub": SUBJECT,
        "aud": RESOURCE,
        "client_id": crate::operation::CLIENT_ID,
        "exp": now + 3600,
        "iat": now,
        "auth_time": now - 60,
        "jti": "5f1c9e7a-248289761001",
        "scope": "openid profile read write",
        "cnf": { "jkt": jkt },
    });
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256);
    sign(
        key,
        &header.typ("at+jwt").kid(crate::token::KEY_ID),
        &claims,
    )
}

/// Creates a proof that no other number has (RFC 9449 section 4.2).
fn proof(key: &SigningKey, access_token: &str, number: usize) -> String {
    let ath = HashAlgorithm::Sha256.digest(access_token.as_bytes());
    let claims = json!({
        "jti": format!("e1j3V_bKic8-LAEB-{number}"),
        "htm": "GET",
        "htu": format!("{RESOURCE}/items"),
        "iat": now(),
        "ath": base64url::encode(&ath),
    });
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).typ("dpop+jwt");
    let jwk = key.public_jwk().expect("an asymmetric key");
    sign(key, &header.jwk(&jwk), &claims)
}

fn sign(key: &SigningKey, header: &ProtectedHeader, claims: &Value) -> String {
    let claims = claims.to_string();
    let signed = SigningInput::new(header, claims.as_bytes()).sign(key);
    signed.expect("the key signs")
}
