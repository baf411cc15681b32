//! A login under the FAPI 2.0 Security Profile, as banks require it:
//! `fapi2 [--issuer URL --client-id ID --key FILE]`.
//!
//! The request is pushed (RFC 9126), the client authenticates with a signature (`private_key_jwt`),
//! and the tokens are bound to a second key (DPoP, RFC 9449), so that a stolen one is useless.

#![allow(clippy::print_stdout)]

mod support;

use openid_client::http::Method;
use openid_client::{Profile, Report, SignatureAlgorithm, SigningKey};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint};

use self::support::{CLIENT_ID, Options, Provider};

const REDIRECT_URI: &str = "https://app.example.com/callback";

/// The key of the client. The bank knows its public half.
fn client_key(options: &Options) -> Result<SigningKey, Report> {
    match options.value("--key") {
        Some(file) => Ok(SigningKey::from_pem(&std::fs::read_to_string(file)?)?),
        None => Ok(SigningKey::generate(SignatureAlgorithm::PS256)?),
    }
}

#[tokio::main]
async fn main() -> Result<(), Report> {
    let options = Options::read(&["--issuer", "--client-id", "--key"])?;
    let key = client_key(&options)?;
    // The provider for tests applies the rules of FAPI to this client, too.
    let app = ClientRegistration::new(CLIENT_ID, ClientAuthentication::private_key_jwt(&key))
        .redirect_uri(REDIRECT_URI)
        .id_token_signed_response_alg(SignatureAlgorithm::PS256)
        .fapi();
    let provider = Provider::start(&options, app).await?;

    // The profile sets what the specification decides. What it forbids is refused here, before
    // anything is sent: a client secret, a server without pushed requests, tokens without a key.
    let client = provider
        .discover()
        .redirect_uri(REDIRECT_URI)
        .private_key(key)
        .dpop_key(SigningKey::generate(SignatureAlgorithm::ES256)?)
        .profile(Profile::Fapi2SecurityProfile)
        .await?;

    // The request goes to the bank directly, and the browser only carries a reference to it.
    let (url, pending) = client.authorization_request().scope("openid").await?;
    let names: Vec<_> = url.query_pairs().map(|(name, _)| name).collect();
    println!("the browser sees {}", names.join(" and "));
    let callback = provider.browse(&url)?;
    let tokens = client.authorization_code_grant(pending, callback).await?;
    let thumbprint = tokens.dpop_thumbprint().unwrap_or("no key");
    println!("the tokens are bound to {thumbprint}");

    // Each request to an API contains a new proof that this program has the key.
    if let Some(server) = &provider.server {
        let accounts = server.provider().url(Endpoint::Resource);
        let request = client.fetch_protected_resource(&tokens, Method::GET, accounts);
        println!("the API answers {}", request.await?.status());
    }
    Ok(())
}
