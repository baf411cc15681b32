//! The provider that is running, and the clients there: registered in advance, or by themselves.

use std::path::PathBuf;
use std::{env, fs};

use openid_client::http::{HyperClient, RootCertificates};
use openid_client::jose::Jwk;
use openid_client::{Client, ClientBuilder, ClientMetadata, IssuerOnly, NewClient};
use serde_json::{Value, json};

/// Registered for every client.
pub(crate) const REDIRECT_URI: &str = "https://app.example.com/callback";
pub(crate) const POST_LOGOUT_REDIRECT_URI: &str = "https://app.example.com/";

/// Shared by the clients of `xtask/real-provider/clients.mjs` that have one; it holds what each
/// encoding must escape.
pub(crate) const CLIENT_SECRET: &str =
    "a client secret of at least 32 bytes & some: odd+characters%";

/// What a client needs to register itself.
pub(crate) const INITIAL_ACCESS_TOKEN: &str = "whoever-may-register-a-client";

/// The provider's issuer; every URL of the provider begins with it. In a DPoP proof it wants a nonce.
pub(crate) fn issuer() -> String {
    variable("REAL_PROVIDER_ISSUER")
}

/// The issuer of the same provider where it wants no nonces.
pub(crate) fn issuer_without_nonces() -> String {
    issuer() + "/without-nonces"
}

/// The issuer of the same provider without TLS.
pub(crate) fn insecure_issuer() -> String {
    variable("REAL_PROVIDER_INSECURE_ISSUER")
}

/// The authority behind the provider's certificate, in PEM form.
pub(crate) fn root_certificate() -> String {
    file("ca.pem")
}

/// A transport that trusts the provider.
pub(crate) fn transport() -> HyperClient {
    let mut roots = RootCertificates::default();
    roots.add_pem(root_certificate().as_bytes()).unwrap();
    HyperClient::new(roots).unwrap()
}

/// A client that has chosen nothing but its name.
pub(crate) fn client(client_id: &str) -> ClientBuilder<IssuerOnly> {
    Client::discover(issuer(), client_id)
        .redirect_uri(REDIRECT_URI)
        .root_certificate_pem(root_certificate())
}

/// A client that registers itself with this metadata, for one test. Redirect URIs and the grants of a
/// login need not be named; it is a public one unless it names a method of authentication.
pub(crate) fn new_client(metadata: Value) -> ClientBuilder<NewClient> {
    Client::register(issuer(), completed(metadata))
        .initial_access_token(INITIAL_ACCESS_TOKEN)
        .root_certificate_pem(root_certificate())
}

/// What to register: this, and what every client here has.
pub(crate) fn completed(mut metadata: Value) -> ClientMetadata {
    for (member, value) in [
        // Not sent: the provider chooses.
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

/// A client that registered itself, set up again with what it got then.
pub(crate) fn again(registered: &Client) -> ClientBuilder<IssuerOnly> {
    let information = registered.client_information().unwrap().clone();
    client(&information.metadata().client_id).client_information(information)
}

/// The keys of a client as it registers them.
pub(crate) fn key_set(keys: impl IntoIterator<Item = Option<Jwk>>) -> Value {
    let keys = keys
        .into_iter()
        .map(|key| Value::Object(key.unwrap().to_json()));
    json!({"keys": keys.collect::<Vec<_>>()})
}

/// Metadata with further members, which take precedence.
pub(crate) fn merged(mut metadata: Value, more: Value) -> Value {
    let Value::Object(more) = more else {
        panic!("not an object: {more}");
    };
    metadata.as_object_mut().unwrap().extend(more);
    metadata
}

/// The metadata of a client that is registered with a method of authentication.
pub(crate) fn registered_with(method: &str) -> ClientMetadata {
    let mut metadata = ClientMetadata::default();
    metadata.token_endpoint_auth_method = Some(method.to_owned());
    metadata
}

/// A text among the keys and certificates that were made for this run.
pub(crate) fn file(name: &str) -> String {
    let path = PathBuf::from(variable("REAL_PROVIDER_KEYS")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo xtask test --only real-provider`")
    })
}
