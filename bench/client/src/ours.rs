//! The operations with `openid-client`.

use std::sync::Arc;

use openid_client::http::Method;
use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::{Client, ClientMetadata, CodeVerifier, ExpectedState, Secret, TokenSet};

use crate::operation::{
    CLIENT_ID, CLIENT_SECRET, CODE, CODE_VERIFIER, NONCE, Operation, REDIRECT_URI, STATE, SUBJECT,
};

/// A client, with tokens from an earlier login.
pub struct Ours {
    client: Client,
    operation: Operation,
    issuer: String,
    callback: String,
    tokens: TokenSet,
}

impl Ours {
    /// Creates a client at the issuer for this operation.
    pub async fn new(operation: Operation, provider: &str) -> Arc<Self> {
        let issuer = operation.issuer(provider);
        let mut metadata = ClientMetadata::new(CLIENT_ID);
        metadata.id_token_signed_response_alg = Some(operation.id_token_algorithm().into());
        let mut builder = Client::discover(&*issuer, CLIENT_ID)
            .client_metadata(metadata)
            .client_secret(CLIENT_SECRET)
            .redirect_uri(REDIRECT_URI)
            .danger_allow_insecure_requests();
        if operation == Operation::Dpop {
            let key = SigningKey::generate(SignatureAlgorithm::ES256).expect("randomness");
            builder = builder.dpop_key(key);
        }
        let client = builder.await.expect("a client");
        let callback = callback(&issuer);
        let tokens = match operation {
            Operation::CodeHs256 | Operation::CodeEs256 | Operation::UserInfo => {
                code_grant(&client, &callback).await
            }
            Operation::ClientCredentials | Operation::Dpop | Operation::Refresh => {
                client_credentials(&client).await
            }
            Operation::Api => panic!("it is no operation of a client"),
        };
        Arc::new(Self {
            client,
            operation,
            issuer,
            callback,
            tokens,
        })
    }

    /// Runs the operation once.
    pub async fn run(self: Arc<Self>) {
        let Self { client, tokens, .. } = &*self;
        match self.operation {
            Operation::ClientCredentials => {
                client_credentials(client).await;
            }
            Operation::CodeHs256 | Operation::CodeEs256 => {
                let tokens = code_grant(client, &self.callback).await;
                assert_eq!(tokens.id_token().expect("an ID Token").sub(), SUBJECT);
            }
            Operation::UserInfo => {
                let user = client.fetch_user_info(tokens).await.expect("an answer");
                assert_eq!(user.sub(), SUBJECT);
            }
            Operation::Dpop => {
                let url = format!("{}/resource", self.issuer);
                let request = client.fetch_protected_resource(tokens, Method::GET, &url);
                let response = request.await.expect("an answer");
                assert_eq!(response.status(), 200);
                let body = response.into_body().collect(10_000).await;
                assert!(!body.expect("a body").is_empty());
            }
            Operation::Refresh => {
                let refreshed = client.refresh_token_grant(tokens).await;
                assert!(refreshed.expect("tokens").refresh_token().is_some());
            }
            Operation::Api => panic!("it is no operation of a client"),
        }
    }
}

async fn client_credentials(client: &Client) -> TokenSet {
    let tokens = client.client_credentials_grant().scope("read write").await;
    tokens.expect("tokens")
}

async fn code_grant(client: &Client, callback: &str) -> TokenSet {
    let grant = client
        .authorization_code_grant_with_checks(callback)
        .redirect_uri(REDIRECT_URI)
        .expected_state(ExpectedState::Equals(Secret::from(STATE)))
        .expected_nonce(NONCE)
        .pkce_code_verifier(CodeVerifier::new(CODE_VERIFIER).expect("a verifier"));
    grant.await.expect("tokens")
}

/// Returns the callback URL.
pub fn callback(issuer: &str) -> String {
    let issuer = issuer.replace(':', "%3A").replace('/', "%2F");
    format!("{REDIRECT_URI}?code={CODE}&state={STATE}&iss={issuer}")
}
