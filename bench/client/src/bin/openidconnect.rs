//! Measures openidconnect, with reqwest.

use std::sync::Arc;

use bench_client::measure::Plan;
use bench_client::operation::{
    CLIENT_ID, CLIENT_SECRET, CODE, CODE_VERIFIER, NONCE, Operation, REDIRECT_URI, STATE, SUBJECT,
};
use bench_client::ours::callback;
use openidconnect::core::{
    CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreTokenResponse,
    CoreUserInfoClaims,
};
use openidconnect::reqwest::Url;
use openidconnect::{
    AccessToken, AuthorizationCode, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeVerifier, RedirectUrl,
    RefreshToken, Scope, SubjectIdentifier, TokenResponse as _, reqwest,
};

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

struct Peer {
    client: Client,
    http: reqwest::Client,
    operation: Operation,
    issuer: String,
    callback: String,
    nonce: Nonce,
    access_token: AccessToken,
    refresh_token: RefreshToken,
}

fn main() {
    let plan = Plan::from_arguments();
    let peer = Peer::new(plan.operation, &plan.provider);
    let peer = Arc::new(plan.runtime.block_on(peer));
    plan.measure(move || Arc::clone(&peer).run());
}

impl Peer {
    async fn new(operation: Operation, provider: &str) -> Self {
        let issuer = operation.issuer(provider);
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        let url = IssuerUrl::new(issuer.clone()).expect("a URL");
        let metadata = CoreProviderMetadata::discover_async(url, &http).await;
        let client = CoreClient::from_provider_metadata(
            metadata.expect("metadata"),
            ClientId::new(CLIENT_ID.to_owned()),
            Some(ClientSecret::new(CLIENT_SECRET.to_owned())),
        );
        let redirect = RedirectUrl::new(REDIRECT_URI.to_owned()).expect("a URL");
        Self {
            client: client.set_redirect_uri(redirect),
            http,
            operation,
            callback: callback(&issuer),
            issuer,
            nonce: Nonce::new(NONCE.to_owned()),
            access_token: AccessToken::new(
                "2YotnFZFEjr1zCsicMWpAA-9hT5uV3xKq8bNw0mLd7s".to_owned(),
            ),
            refresh_token: RefreshToken::new("tGzv3JOkF0XG5Qx2TlKWIA".to_owned()),
        }
    }

    async fn run(self: Arc<Self>) {
        match self.operation {
            Operation::ClientCredentials => {
                let grant = self.client.exchange_client_credentials();
                let grant = grant.expect("a token endpoint");
                let scopes = ["read", "write"].map(|scope| Scope::new(scope.to_owned()));
                let tokens = grant.add_scopes(scopes).request_async(&self.http).await;
                assert!(!tokens.expect("tokens").access_token().secret().is_empty());
            }
            Operation::CodeHs256 | Operation::CodeEs256 => {
                let tokens = self.code_grant().await;
                let verifier = self.client.id_token_verifier();
                let verifier = verifier.set_allowed_algs([
                    CoreJwsSigningAlgorithm::HmacSha256,
                    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                ]);
                let id_token = tokens.id_token().expect("an ID Token");
                let claims = id_token.claims(&verifier, &self.nonce);
                assert_eq!(claims.expect("a valid token").subject().as_str(), SUBJECT);
            }
            Operation::UserInfo => {
                let subject = SubjectIdentifier::new(SUBJECT.to_owned());
                let request = self
                    .client
                    .user_info(self.access_token.clone(), Some(subject));
                let request = request.expect("an endpoint");
                let user: CoreUserInfoClaims =
                    request.request_async(&self.http).await.expect("an answer");
                assert_eq!(user.subject().as_str(), SUBJECT);
            }
            Operation::Refresh => {
                let grant = self.client.exchange_refresh_token(&self.refresh_token);
                let grant = grant.expect("a token endpoint");
                let tokens = grant.request_async(&self.http).await.expect("tokens");
                assert!(tokens.refresh_token().is_some());
            }
            Operation::Dpop | Operation::Api => unreachable!("openidconnect has no such operation"),
        }
    }

    /// Redeems a code, with the checks of the callback that users of the library have to write.
    async fn code_grant(&self) -> CoreTokenResponse {
        let callback = Url::parse(&self.callback).expect("a URL");
        let parameter = |wanted| {
            let mut pairs = callback.query_pairs();
            let pair = pairs.find(|(name, _)| name == wanted);
            pair.expect("the parameter").1.into_owned()
        };
        assert_eq!(parameter("state"), STATE);
        assert_eq!(parameter("iss"), self.issuer);
        let code = parameter("code");
        assert_eq!(code, CODE);
        let grant = self.client.exchange_code(AuthorizationCode::new(code));
        let verifier = PkceCodeVerifier::new(CODE_VERIFIER.to_owned());
        let grant = grant.expect("a token endpoint").set_pkce_verifier(verifier);
        grant.request_async(&self.http).await.expect("tokens")
    }
}
