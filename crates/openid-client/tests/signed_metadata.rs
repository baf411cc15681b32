//! Metadata that a party has signed are required before a client logs in or is registered.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openid_client::http::{
    Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError, TransportFailure,
};
use openid_client::jose::jws::{ProtectedHeader, SigningInput};
use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::{
    Client, ClientMetadata, CoreError, Error, MetadataSigner, Profile, ServerMetadata, UnixTime,
    oauth_core,
};
use serde_json::{Value, json};
use test_provider::Misbehaviour::*;
use test_provider::{Endpoint, Provider};

use self::support::in_process::{ISSUER, InProcess, REDIRECT_URI};

fn signer() -> MetadataSigner {
    let jwks = Provider::metadata_signer_jwks();
    let algorithms = [SignatureAlgorithm::Ed25519];
    MetadataSigner::new(Provider::METADATA_SIGNER, jwks.as_bytes(), algorithms).unwrap()
}

fn metadata() -> ClientMetadata {
    let mut metadata = ClientMetadata::default();
    metadata.redirect_uris = Some(vec![REDIRECT_URI.to_owned()]);
    metadata
}

#[tokio::test]
async fn a_client_is_registered_at_a_server_whose_metadata_are_signed() {
    let transport = InProcess::new();
    let provider = &transport.provider;
    let register = || {
        let client = Client::register(ISSUER, metadata()).http_client(transport.clone());
        client.metadata_signer(signer())
    };
    let discover = || {
        let client = Client::discover(ISSUER, "app").http_client(transport.clone());
        client.metadata_signer(signer())
    };
    provider.sign_metadata();
    assert!(register().await.is_ok() && discover().await.is_ok());
    assert_eq!(provider.served(Endpoint::Registration), 1);
    for misbehaviour in [
        DiscoverySignedMetadataMissing,
        DiscoverySignedMetadataSignatureBroken,
        DiscoverySignedMetadataIssuerMismatch,
    ] {
        provider.behave();
        provider.misbehave(misbehaviour);
        for result in [register().await, discover().await] {
            let error = result.unwrap_err();
            let artefact = error.core().unwrap().rejection().unwrap().artefact;
            assert_eq!(artefact, oauth_core::error::Artefact::SignedMetadata);
        }
    }
    assert_eq!(provider.served(Endpoint::Registration), 1);
    // The signed endpoint is used, and not the plain one.
    provider.behave();
    provider.misbehave(DiscoverySignedMetadataDiffer);
    let client = discover().await.unwrap();
    let token_endpoint = client.server_metadata().token_endpoint.clone();
    assert_eq!(token_endpoint, Some(format!("{ISSUER}/token")));
}

#[tokio::test]
async fn metadata_of_the_application_have_no_signer() {
    let server = ServerMetadata::new(ISSUER);
    let builder = Client::register(server, metadata()).metadata_signer(signer());
    let Error::Conflict { setting, other } = builder.await.unwrap_err() else {
        panic!("another error");
    };
    assert_eq!((setting, other), ("metadata_signer", "server metadata"));
}

/// A provider whose metadata a key of the test signs; `None` while it is down.
struct Signing {
    inner: Arc<InProcess>,
    key: SigningKey,
    claims: Mutex<Option<Value>>,
}

impl HttpClient for Signing {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let Some(claims) = self.claims.lock().unwrap().clone() else {
                return Err(TransportError::new(TransportFailure::NotConnected));
            };
            let (head, body) = self.inner.send(request).await?.into_parts();
            let body = body.collect(usize::MAX).await?;
            let mut document: Value = serde_json::from_slice(&body).unwrap();
            let header = ProtectedHeader::new(SignatureAlgorithm::ES256);
            let input = SigningInput::new(&header, claims.to_string().as_bytes());
            document["signed_metadata"] = json!(input.sign(&self.key).unwrap());
            let body = Body::from(Bytes::from(document.to_string()));
            Ok(Response::from_parts(head, body))
        })
    }
}

/// Lets the tasks of the client run.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// Metadata that have expired are used for an hour, also when the settings refuse the new ones.
#[tokio::test(start_paused = true)]
async fn a_lazy_client_does_not_use_expired_metadata_for_any_time() {
    let new = || SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let key = new();
    let jwks = json!({"keys": [key.public_jwk().unwrap().to_json()]}).to_string();
    let algorithms = [SignatureAlgorithm::ES256];
    let signer = MetadataSigner::new("https://signer.example", jwks.as_bytes(), algorithms);
    let signer = signer.unwrap();
    let claims = |algorithm: &str, exp: Option<i64>| {
        let mut claims = json!({
            "iss": "https://signer.example", "issuer": ISSUER,
            "id_token_signing_alg_values_supported": [algorithm],
        });
        if let Some(exp) = exp {
            claims["exp"] = json!(exp);
        }
        Some(claims)
    };
    // The profile forbids RS256. Or the provider is down.
    for next in [claims("RS256", None), None] {
        let transport = Arc::new(Signing {
            inner: InProcess::new(),
            key: key.clone(),
            claims: Mutex::new(claims("ES256", Some(1000))),
        });
        let clock = Arc::new(AtomicI64::new(0));
        let now = Arc::clone(&clock);
        let lazy = Client::discover(ISSUER, "app")
            .metadata_signer(signer.clone())
            .profile(Profile::Fapi2SecurityProfile)
            .dpop_key(new())
            .private_key(new())
            .http_client(Arc::clone(&transport))
            .clock(move || UnixTime::from_seconds(now.load(Ordering::SeqCst)))
            .lazy()
            .build()
            .unwrap();
        lazy.client().await.unwrap();
        *transport.claims.lock().unwrap() = next.clone();
        for (seconds, is_used) in [(1000, true), (4599, true), (4600, false)] {
            clock.store(seconds, Ordering::SeqCst);
            tokio::time::advance(Duration::from_secs(120)).await;
            drop(lazy.client().await);
            settle().await;
            let client = lazy.client().await;
            assert_eq!(client.is_ok(), is_used, "{seconds} {next:?}");
            assert!(lazy.failure().is_some());
            if let Err(error) = client {
                let is_expected = match error.core() {
                    Some(CoreError::Profile(_)) => next.is_some(),
                    Some(CoreError::Unanswered(_)) => next.is_none(),
                    _ => false,
                };
                assert!(is_expected, "{error}");
            }
        }
    }
}
