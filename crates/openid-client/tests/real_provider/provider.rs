//! The provider that is running, and the clients registered there.

use std::env;
use std::fs;

use openid_client::Client;
use openid_client::ClientBuilder;
use openid_client::ClientMetadata;
use openid_client::IssuerOnly;
use openid_client::http::HyperClient;
use openid_client::http::RootCertificates;
use openid_client::jose::SigningKey;

/// Registered for every client in `xtask/real-provider/clients.mjs`, as is the next.
pub(crate) const REDIRECT_URI: &str = "https://app.example.com/callback";
pub(crate) const POST_LOGOUT_REDIRECT_URI: &str = "https://app.example.com/";

/// Shared by the clients that have one; it holds what each encoding must escape.
pub(crate) const CLIENT_SECRET: &str =
    "a client secret of at least 32 bytes & some: odd+characters%";

/// The `kid` under which the public half of [`client_key`] is registered.
pub(crate) const CLIENT_KEY_ID: &str = "client";

/// The provider's issuer; every URL of the provider begins with it.
pub(crate) fn issuer() -> String {
    variable("REAL_PROVIDER_ISSUER")
}

/// The authority behind the provider's certificate, in PEM form.
pub(crate) fn root_certificate() -> Vec<u8> {
    fs::read(variable("REAL_PROVIDER_CA")).unwrap()
}

/// A transport that trusts the provider.
pub(crate) fn transport() -> HyperClient {
    let mut roots = RootCertificates::default();
    roots.add_pem(&root_certificate()).unwrap();
    HyperClient::new(roots).unwrap()
}

/// The key of `client-pkjwt`, for ES256.
pub(crate) fn client_key() -> SigningKey {
    let pem = fs::read_to_string(variable("REAL_PROVIDER_CLIENT_KEY")).unwrap();
    SigningKey::from_pkcs8_pem(&pem).unwrap()
}

/// A client that has chosen nothing but its name.
pub(crate) fn client(client_id: &str) -> ClientBuilder<IssuerOnly> {
    Client::discover(issuer(), client_id).root_certificate_pem(root_certificate())
}

/// The metadata of a client that is registered with a method of authentication.
pub(crate) fn registered_with(method: &str) -> ClientMetadata {
    let mut metadata = ClientMetadata::default();
    metadata.token_endpoint_auth_method = Some(method.to_owned());
    metadata
}

/// A public client, and the algorithm it expects of its ID Tokens.
pub(crate) fn client_expecting(client_id: &str, algorithm: &str) -> ClientBuilder<IssuerOnly> {
    let mut metadata = ClientMetadata::default();
    metadata.id_token_signed_response_alg = Some(algorithm.to_owned());
    client(client_id).client_metadata(metadata)
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo xtask test --only real-provider`")
    })
}
