//! Issuers whose name only the metadata say.

use std::sync::Arc;

use openid_client::ResourceServer;
use openid_client::http::{
    Body, BoxFuture, Bytes, HttpClient, Request, Response, TransportError, TransportFailure,
};
use openid_client::jose::{SignatureAlgorithm, SigningKey};
use serde_json::json;

use crate::lazy::{sign, verify};
use crate::support::in_process::now;
use crate::world::API;

/// Microsoft, where the URL that was asked for does not say which issuer the tokens name.
struct Microsoft {
    key: SigningKey,
    is_down: [bool; 2],
}

const TENANTS: [(&str, &str); 2] = [
    ("contoso.example", "aaaaaaaa-0000-4000-8000-000000000001"),
    ("fabrikam.example", "bbbbbbbb-0000-4000-8000-000000000002"),
];

fn tenant(id: &str) -> String {
    format!("https://login.microsoftonline.com/{id}/v2.0")
}

impl HttpClient for Microsoft {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let path = request.uri().path();
            let place = TENANTS.iter().position(|(name, _)| path.contains(name));
            let answer = match place {
                Some(place) if self.is_down[place] => {
                    return Err(TransportError::new(TransportFailure::NotConnected));
                }
                Some(place) => {
                    let issuer = tenant(TENANTS[place].1);
                    json!({"issuer": issuer, "jwks_uri": "https://login.microsoftonline.com/keys"})
                }
                None => {
                    json!({"keys": [self.key.public_jwk().unwrap().to_json()]})
                }
            };
            let answer = Response::builder()
                .header("content-type", "application/json")
                .body(Body::from(Bytes::from(answer.to_string())));
            Ok(answer.unwrap())
        })
    }
}

#[tokio::test]
async fn the_token_of_a_tenant_waits_only_for_metadata_that_may_name_it() {
    for (is_down, statuses) in [
        ([false, false], [200, 200, 401]),
        // Nothing is known about the third tenant while one of the names may stand for it.
        ([true, false], [503, 200, 503]),
        ([false, true], [200, 503, 503]),
    ] {
        let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
        let third = "cccccccc-0000-4000-8000-000000000003";
        let tokens = [TENANTS[0].1, TENANTS[1].1, third].map(|id| {
            let claims = json!({
                "iss": tenant(id), "aud": API, "sub": "alice", "client_id": "app", "jti": "1",
                "iat": now(), "exp": now() + 300,
            });
            sign(&key, &claims)
        });
        let [one, two] = TENANTS.map(|(name, _)| tenant(name));
        let api = ResourceServer::discover(one, API).issuer(two);
        let api = api.http_client(Arc::new(Microsoft { key, is_down }));
        let api = api.lazy().build().unwrap();
        for (token, status) in tokens.iter().zip(statuses) {
            let found = match verify(&api, token).await {
                Ok(_) => 200,
                Err(refused) => refused.status().as_u16(),
            };
            assert_eq!(found, status, "{is_down:?}");
        }
    }
}
