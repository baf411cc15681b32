//! The running provider, and its clients: those registered in advance, and those that register
//! themselves.

use std::path::PathBuf;
use std::{env, fs};

use openid_client::http::{HyperClient, RootCertificates};
use openid_client::jose::Jwk;
use openid_client::{Client, ClientBuilder, ClientMetadata, IssuerOnly, NewClient};
use serde_json::{Value, json};

/// The redirect URI of every client.
pub(crate) const REDIRECT_URI: &str = "https://app.example.com/callback";
pub(crate) const POST_LOGOUT_REDIRECT_URI: &str = "https://app.example.com/";

/// The secret of the clients in `xtask/real-provider/clients.mjs` that have one. It contains
/// characters that each encoding must escape.
pub(crate) const CLIENT_SECRET: &str =
    "a client secret of at least 32 bytes & some: odd+characters%";

/// The token that permits a client to register itself.
pub(crate) const INITIAL_ACCESS_TOKEN: &str = "a-token-that-permits-a-registration";

/// Returns the provider's issuer, with which every URL of the provider begins. It requires a nonce
/// in DPoP proofs.
pub(crate) fn issuer() -> String {
    variable("REAL_PROVIDER_ISSUER")
}

/// Returns the issuer of the same provider that requires no nonces.
pub(crate) fn issuer_without_nonces() -> String {
    issuer() + "/without-nonces"
}

/// Returns the issuer of the same provider without TLS.
pub(crate) fn insecure_issuer() -> String {
    variable("REAL_PROVIDER_INSECURE_ISSUER")
}

/// Returns the certificate of the authority that issued the provider's certificate, in PEM.
pub(crate) fn root_certificate() -> String {
    file("ca.pem")
}

/// Returns a transport that trusts the provider.
pub(crate) fn transport() -> HyperClient {
    let mut roots = RootCertificates::default();
    roots.add_pem(root_certificate().as_bytes()).unwrap();
    HyperClient::new(roots).unwrap()
}

/// Returns a builder for a client with default settings.
pub(crate) fn client(client_id: &str) -> ClientBuilder<IssuerOnly> {
    Client::discover(issuer(), client_id)
        .redirect_uri(REDIRECT_URI)
        .root_certificate_pem(root_certificate())
}

/// Returns a builder for a client that registers itself with this metadata. By default it has the
/// redirect URIs and grant types of a login, and is public.
pub(crate) fn new_client(metadata: Value) -> ClientBuilder<NewClient> {
    Client::register(issuer(), completed(metadata))
        .initial_access_token(INITIAL_ACCESS_TOKEN)
        .root_certificate_pem(root_certificate())
}

/// Adds the default members to the metadata.
pub(crate) fn completed(mut metadata: Value) -> ClientMetadata {
    for (member, value) in [
        // This member is not sent, because the provider chooses it.
        ("client_id", json!("not yet")),
        ("token_endpoint_auth_method", json!("none")),
        ("redirect_uris", json!([REDIRECT_URI])),
        (
            "post_logout_redirect_uris",
            json!([POST_LOGOUT_REDIRECT_URI]),
        ),
        (
            "grant_types",
            json!(["authorization_code", "refresh_token"]),
        ),
    ] {
        let members = metadata.as_object_mut().unwrap();
        members.entry(member).or_insert(value);
    }
    ClientMetadata::from_json(metadata.to_string().as_bytes()).unwrap()
}

/// Returns a builder for a registered client, from the information that it received.
pub(crate) fn again(registered: &Client) -> ClientBuilder<IssuerOnly> {
    let information = registered.client_information().unwrap().clone();
    client(&information.metadata().client_id).client_information(information)
}

/// Returns the key set of a client for registration.
pub(crate) fn key_set(keys: impl IntoIterator<Item = Option<Jwk>>) -> Value {
    let keys = keys
        .into_iter()
        .map(|key| Value::Object(key.unwrap().to_json()));
    json!({"keys": keys.collect::<Vec<_>>()})
}

/// Merges metadata. The members of `more` take precedence.
pub(crate) fn merged(mut metadata: Value, more: Value) -> Value {
    let Value::Object(more) = more else {
        panic!("not an object: {more}");
    };
    metadata.as_object_mut().unwrap().extend(more);
    metadata
}

/// Returns the metadata of a client with this authentication method.
pub(crate) fn registered_with(method: &str) -> ClientMetadata {
    let mut metadata = ClientMetadata::default();
    metadata.token_endpoint_auth_method = Some(method.to_owned());
    metadata
}

/// Returns the text of a key or certificate that was made for this run.
pub(crate) fn file(name: &str) -> String {
    let path = PathBuf::from(variable("REAL_PROVIDER_KEYS")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo xtask test --only real-provider`")
    })
}
