//! A login with GitHub, which is OAuth without OpenID Connect:
//! `github [--client-id ID --client-secret SECRET]`.
//!
//! There is no metadata document and no ID Token. The application writes the metadata itself, and
//! asks the API who the person is. Without options, a provider on this machine plays GitHub.

#![allow(clippy::print_stdout)]

mod support;

use openid_client::http::Method;
use openid_client::serde_json::{Value, from_slice, json};
use openid_client::{Client, Report, ServerMetadata};
use test_provider::server::Server;
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, TestProvider};

use self::support::{CLIENT_ID, Options, ask};

const REDIRECT_URI: &str = "http://127.0.0.1:8321/callback";

/// What a metadata document would say.
fn server_metadata(played_by: Option<&Server>) -> Result<ServerMetadata, Report> {
    let metadata = match played_by {
        None => json!({
            "issuer": "https://github.com",
            "authorization_endpoint": "https://github.com/login/oauth/authorize",
            "token_endpoint": "https://github.com/login/oauth/access_token",
        }),
        Some(server) => json!({
            "issuer": server.url(),
            "authorization_endpoint": server.provider().url(Endpoint::Authorization),
            "token_endpoint": server.provider().url(Endpoint::Token),
        }),
    };
    Ok(ServerMetadata::from_json(metadata.to_string().as_bytes())?)
}

/// The document about the person whose token this is.
fn api(played_by: Option<&Server>) -> String {
    match played_by {
        None => "https://api.github.com/user".to_owned(),
        Some(server) => server.provider().url(Endpoint::Resource),
    }
}

#[tokio::main]
async fn main() -> Result<(), Report> {
    let options = Options::read(&["--client-id", "--client-secret"])?;
    let client_id = options.value("--client-id").unwrap_or(CLIENT_ID);
    let secret = options.value("--client-secret").unwrap_or("a secret");
    let server = match options.value("--client-id") {
        Some(_) => None,
        None => {
            let method = ClientAuthentication::ClientSecretPost(secret.to_owned());
            let app = ClientRegistration::new(client_id, method).redirect_uri(REDIRECT_URI);
            Some(TestProvider::start().client(app).await?)
        }
    };
    let server = server.as_ref();

    let client = Client::from_metadata(server_metadata(server)?, client_id)
        .client_secret_post(secret)
        .redirect_uri(REDIRECT_URI);
    let client = match server {
        Some(server) => client.root_certificate_pem(server.ca_certificate_pem()),
        None => client,
    };
    let client = client.build()?;
    // Without the scope `openid`, no ID Token is expected. `state` and PKCE protect the login.
    let (url, pending) = client.authorization_request().scope("read:user").await?;
    let callback = match server {
        Some(server) => server.log_in(&url),
        None => ask(&url)?,
    };
    let tokens = client.authorization_code_grant(pending, callback).await?;

    let request = client.fetch_protected_resource(&tokens, Method::GET, api(server));
    let answer = request.header("accept", "application/json").await?;
    let user: Value = from_slice(&answer.into_body().collect(100_000).await?)?;
    // `id` identifies the person for ever; `login` can change and be taken by somebody else. The
    // provider on this machine calls it `sub`.
    let id = user.get("id").or_else(|| user.get("sub"));
    let id = id.ok_or_else(|| Report::message("the API does not say who this is"))?;
    println!("Hello {id}");
    Ok(())
}
