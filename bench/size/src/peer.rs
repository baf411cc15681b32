//! The example `login` of `openid-client`, written with openidconnect and reqwest: `peer ISSUER
//! CLIENT_ID CLIENT_SECRET REDIRECT_URI`.

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::reqwest::Url;
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, TokenResponse as _, reqwest,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [issuer, id, secret, redirect] =
        arguments.try_into().map_err(|_| "four arguments, please")?;
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let issuer = IssuerUrl::new(issuer)?;
    let metadata = CoreProviderMetadata::discover_async(issuer.clone(), &http).await?;
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(id),
        Some(ClientSecret::new(secret)),
    )
    .set_redirect_uri(RedirectUrl::new(redirect)?);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .set_pkce_challenge(challenge)
        .url();
    eprintln!("Open {url}\nand paste the URL that it ends at:");
    let callback = Url::parse(std::io::read_to_string(std::io::stdin())?.trim())?;
    let parameter = |wanted: &str| {
        let mut pairs = callback.query_pairs();
        let pair = pairs.find(|(name, _)| name == wanted);
        pair.map(|(_, value)| value.into_owned())
    };
    if parameter("state").as_ref() != Some(state.secret()) {
        return Err("another state".into());
    }
    if parameter("iss").is_some_and(|iss| iss != **issuer) {
        return Err("another issuer".into());
    }
    let code = AuthorizationCode::new(parameter("code").ok_or("no code")?);

    let grant = client.exchange_code(code)?.set_pkce_verifier(verifier);
    let tokens = grant.request_async(&http).await?;
    let id_token = tokens.id_token().ok_or("no ID Token")?;
    let claims = id_token.claims(&client.id_token_verifier(), &nonce)?;
    let subject = Some(claims.subject().clone());
    let request = client.user_info(tokens.access_token().clone(), subject)?;
    let user: CoreUserInfoClaims = request.request_async(&http).await?;
    println!("{}", user.subject().as_str());
    Ok(())
}
