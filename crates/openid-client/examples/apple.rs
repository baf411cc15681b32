//! A login with Apple:
//! `apple [--client-id ID --redirect-uri URL --team TEAM --key-id ID --key FILE]`.
//!
//! Two things differ from other providers. The client secret is a JWT that the application signs
//! with a key from Apple. And with a scope, the response comes as a form that the browser posts.
//! Without options, a provider on this machine plays Apple.

#![allow(clippy::print_stdout)]

mod support;

use std::error::Error;

use openid_client::jose::jws::{ProtectedHeader, SigningInput};
use openid_client::serde_json::json;
use openid_client::{Callback, Client, Credentials, CustomAuthentication, Report, ResponseMode};
use openid_client::{SignatureAlgorithm, SigningKey, UnauthenticatedRequest};
use test_provider::{ClientAuthentication, ClientRegistration, TestProvider};

use self::support::{CLIENT_ID, Options, ask};

/// Signs a new secret for each request, so that none expires.
struct AppleSecret {
    team: String,
    issuer: String,
    key: SigningKey,
}

impl CustomAuthentication for AppleSecret {
    fn name(&self) -> &str {
        "client_secret_post"
    }

    fn credentials(
        &self,
        request: &UnauthenticatedRequest<'_>,
    ) -> Result<Credentials, Box<dyn Error + Send + Sync>> {
        let (client_id, now) = (&request.client().client_id, request.now().seconds());
        let claims = json!({
            "iss": self.team,
            "iat": now,
            "exp": now.saturating_add(300),
            "aud": self.issuer,
            "sub": client_id,
        });
        let header = ProtectedHeader::new(SignatureAlgorithm::ES256);
        let header = header.kid(self.key.kid().unwrap_or_default());
        let secret = SigningInput::new(&header, claims.to_string().as_bytes()).sign(&self.key)?;
        let credentials = Credentials::new().parameter("client_id", client_id);
        Ok(credentials.parameter("client_secret", secret))
    }
}

#[tokio::main]
async fn main() -> Result<(), Report> {
    let names = [
        "--client-id",
        "--redirect-uri",
        "--team",
        "--key-id",
        "--key",
    ];
    let options = Options::read(&names)?;
    let value = |name, otherwise| options.value(name).unwrap_or(otherwise).to_owned();
    let client_id = value("--client-id", CLIENT_ID);
    let redirect_uri = value("--redirect-uri", "https://app.example.com/callback");
    let key = match options.value("--key") {
        Some(file) => SigningKey::from_pem(&std::fs::read_to_string(file)?)?,
        None => SigningKey::generate(SignatureAlgorithm::ES256)?,
    };
    let key = key.with_kid(value("--key-id", "KEY"));
    let server = match options.value("--client-id") {
        Some(_) => None,
        None => {
            let public = key.public_jwk().map(|key| key.to_json());
            let method =
                ClientAuthentication::SignedClientSecret(json!({"keys": [public]}).to_string());
            let app = ClientRegistration::new(&client_id, method).redirect_uri(&redirect_uri);
            Some(TestProvider::start().client(app).await?)
        }
    };

    let issuer = server
        .as_ref()
        .map_or("https://appleid.apple.com", |server| server.url());
    let (team, issuer) = (value("--team", "TEAM"), issuer.to_owned());
    let client = Client::discover(&issuer, client_id).redirect_uri(redirect_uri);
    let client = client.custom_authentication(AppleSecret { team, issuer, key });
    let client = match &server {
        Some(server) => {
            client
                .root_certificate_pem(server.ca_certificate_pem())
                .await?
        }
        None => client.await?,
    };
    let request = client.authorization_request().scope("openid email");
    let (url, pending) = request.response_mode(ResponseMode::FormPost).await?;
    // The body of the browser's POST request. It comes from Apple's site, so in a web application
    // the cookie that finds `pending` needs `SameSite=None`.
    let body = match &server {
        Some(server) => server.log_in_by_form_post(&url),
        None => ask(&url)?,
    };
    let callback = Callback::from_form_post(&body);
    // The name comes once, with the first login, and nothing proves who wrote it.
    let name = callback.parameter("user")?.map(str::to_owned);
    let tokens = client.authorization_code_grant(pending, callback).await?;
    let id_token = tokens
        .id_token()
        .ok_or_else(|| Report::message("no ID Token"))?;
    println!("Hello {}", name.as_deref().unwrap_or(id_token.sub()));
    Ok(())
}
