//! Dynamic client registration (RFC 7591 section 3), and the management of registrations (RFC 7592
//! section 2).

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Method, Response, StatusCode};
use jose::jwe::{ContentEncryption, EncryptionKey, KeyManagement};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::access::refused;
use super::state::State;
use super::{Call, Endpoint, client_metadata, dpop};
use crate::client::{ClientAuthentication, ClientRegistration};
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::response;

/// The metadata that a client has registered, and the token that permits changes.
#[derive(Clone, Debug)]
pub(super) struct Registered {
    document: Members,
    access_token: String,
}

/// A change to the clients of the provider.
pub(super) enum Change {
    Insert(Box<ClientRegistration>),
    Remove(String),
}

/// An error code and a description.
type Refusal = (&'static str, &'static str);

/// Answers at the client registration endpoint.
pub(super) fn register(call: &Call<'_>, state: &mut State) -> (Response<Bytes>, Option<Change>) {
    if let Err(refusal) = permit(call, state) {
        return (*refusal, None);
    }
    if call.misbehaves(Misbehaviour::RegistrationUnauthorized) {
        return (invalid_token(), None);
    }
    if call.misbehaves(Misbehaviour::RegistrationInvalidMetadata) {
        return (
            bad_request(("invalid_client_metadata", "the provider misbehaves")),
            None,
        );
    }
    let seed = &call.provider.seed;
    let client_id = state.unguessable(seed, "client_id");
    let secret = state.unguessable(seed, "client_secret");
    let access_token = state.unguessable(seed, "registration_access_token");
    let (client, document) = match accept(call, &client_id, &secret) {
        Ok(accepted) => accepted,
        Err(refusal) => return (bad_request(refusal), None),
    };
    let registered = Registered {
        document,
        access_token,
    };
    let mut shown = shown(call, &client_id, &registered);
    for misbehaviour in call.misbehaviours {
        misbehave(&mut shown, *misbehaviour);
    }
    state.registrations.insert(client_id, registered);
    let status = match call.misbehaves(Misbehaviour::RegistrationOk) {
        true => StatusCode::OK,
        false => StatusCode::CREATED,
    };
    let change = Change::Insert(Box::new(client));
    (response::json(status, &shown), Some(change))
}

/// Checks that the request contains the token that permits a registration, as a Bearer token or
/// with a DPoP proof by any key (RFC 9449 section 7).
fn permit(call: &Call<'_>, state: &mut State) -> Result<(), Box<Response<Bytes>>> {
    let Some(expected) = call.provider.initial_access_token.as_deref() else {
        return Ok(());
    };
    if bearer(call) == Some(expected) {
        return Ok(());
    }
    if credentials(call, "DPoP ") != Some(expected) {
        return Err(invalid_token().into());
    }
    let proven = dpop::proven(call, state, Endpoint::Registration, Some(expected));
    match proven {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(invalid_token().into()),
        Err(proof) => Err(refused("DPoP", proof.code(), proof.description()).into()),
    }
}

/// Answers at the client configuration endpoint.
pub(super) fn manage(call: &Call<'_>, state: &mut State) -> (Response<Bytes>, Option<Change>) {
    let query = call.request.uri().query().unwrap_or_default();
    let client_id = form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "client_id").then(|| value.into_owned()));
    let known = client_id.and_then(|client_id| {
        let registered = state.registrations.get(&client_id)?;
        (bearer(call) == Some(&registered.access_token)).then(|| (client_id, registered.clone()))
    });
    let Some((client_id, mut registered)) = known else {
        return (invalid_token(), None);
    };
    if call.request.method() == Method::DELETE {
        state.registrations.remove(&client_id);
        let mut deleted = Response::new(Bytes::new());
        *deleted.status_mut() = StatusCode::NO_CONTENT;
        return (deleted, Some(Change::Remove(client_id)));
    }
    let mut change = None;
    if call.request.method() == Method::PUT {
        let secret = registered.document.get("client_secret");
        let rotated = call.misbehaves(Misbehaviour::ClientConfigurationSecretRotated);
        let secret = secret.filter(|_| !rotated);
        let secret = secret.and_then(Value::as_str).map(str::to_owned);
        let secret =
            secret.unwrap_or_else(|| state.unguessable(&call.provider.seed, "client_secret"));
        match update(call, &client_id, &secret) {
            Ok((client, document)) => {
                registered.document = document;
                change = Some(Change::Insert(Box::new(client)));
            }
            Err(refusal) => return (bad_request(refusal), None),
        }
    }
    if call.misbehaves(Misbehaviour::ClientConfigurationTokenRotated) {
        registered.access_token =
            state.unguessable(&call.provider.seed, "registration_access_token");
    }
    state
        .registrations
        .insert(client_id.clone(), registered.clone());
    let mut shown = shown(call, &client_id, &registered);
    for misbehaviour in call.misbehaviours {
        misbehave_later(&mut shown, *misbehaviour);
    }
    (response::json(StatusCode::OK, &shown), change)
}

/// Checks an update (RFC 7592 section 2.2). The client sends its `client_id`, and none of the
/// members that the provider sets.
fn update(
    call: &Call<'_>,
    client_id: &str,
    secret: &str,
) -> Result<(ClientRegistration, Members), Refusal> {
    let sent = body(call)?;
    if sent.get("client_id").and_then(Value::as_str) != Some(client_id) {
        return Err(("invalid_request", "client_id is missing or another's"));
    }
    let sent_secret = sent.get("client_secret").and_then(Value::as_str);
    if sent_secret.is_some_and(|sent| sent != secret) {
        return Err(("invalid_request", "client_secret is not the current one"));
    }
    if PROVIDERS.iter().any(|member| sent.contains_key(*member)) {
        return Err((
            "invalid_request",
            "a member is sent that is the provider's to set",
        ));
    }
    accept(call, client_id, secret)
}

/// Returns the registration of the client, and the document that describes it.
fn accept(
    call: &Call<'_>,
    client_id: &str,
    secret: &str,
) -> Result<(ClientRegistration, Members), Refusal> {
    let sent = body(call)?;
    let text = |name: &str, otherwise: &'static str| match sent.get(name) {
        None => Ok(otherwise.to_owned()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(("invalid_client_metadata", "a member is not a string")),
    };
    let uris = |name: &str| match sent.get(name) {
        None => Some(Vec::new()),
        Some(uris) => uris.as_array()?.iter().map(|uri| uri.as_str()).collect(),
    };
    client_metadata::check(&sent)?;
    let method = text("token_endpoint_auth_method", "client_secret_basic")?;
    let authentication = match method.as_str() {
        "none" => ClientAuthentication::None,
        "client_secret_basic" => ClientAuthentication::ClientSecretBasic(secret.to_owned()),
        "client_secret_post" => ClientAuthentication::ClientSecretPost(secret.to_owned()),
        "client_secret_jwt" => ClientAuthentication::ClientSecretJwt(secret.to_owned()),
        "private_key_jwt" => match sent.get("jwks") {
            Some(keys) => ClientAuthentication::PrivateKeyJwt(keys.to_string()),
            None => return Err(("invalid_client_metadata", "jwks is missing")),
        },
        _ => return Err(("invalid_client_metadata", "the method is not supported")),
    };
    let algorithm = text("id_token_signed_response_alg", "RS256")?;
    let algorithm = algorithm
        .parse()
        .map_err(|_| ("invalid_client_metadata", "the algorithm is not supported"))?;
    let mut client = ClientRegistration::new(client_id, authentication);
    client.id_token_signed_response_alg = algorithm;
    if let Some((key, alg, enc)) = encryption(secret, &sent) {
        client = client.id_token_encryption(key, alg, enc);
    }
    for uri in uris("redirect_uris").ok_or(INVALID_REDIRECT_URI)? {
        client = client.redirect_uri(uri);
    }
    for uri in uris("post_logout_redirect_uris").ok_or(INVALID_REDIRECT_URI)? {
        client = client.post_logout_redirect_uri(uri);
    }
    let mut document = Members::new([
        ("client_id", json!(client_id)),
        ("client_id_issued_at", json!(call.now)),
    ]);
    for (name, value) in &sent {
        document.set(name, value.clone());
    }
    document.set("token_endpoint_auth_method", json!(method));
    document.set("id_token_signed_response_alg", json!(algorithm.as_str()));
    document.remove("client_secret");
    if client.secret().is_some() {
        document.set("client_secret", json!(secret));
        document.set("client_secret_expires_at", json!(0));
    }
    Ok((client, document))
}

/// Returns the document, with the URL and the token for changes.
fn shown(call: &Call<'_>, client_id: &str, registered: &Registered) -> Members {
    let url = call.provider.url(Endpoint::ClientConfiguration);
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", client_id)
        .finish();
    let mut shown = registered.document.clone();
    shown.set("registration_access_token", json!(registered.access_token));
    shown.set("registration_client_uri", json!(format!("{url}?{query}")));
    shown
}

fn misbehave(document: &mut Members, misbehaviour: Misbehaviour) {
    use Misbehaviour as M;
    match misbehaviour {
        M::RegistrationIdTokenNone => {
            document.set("id_token_signed_response_alg", json!("none"));
        }
        M::RegistrationUserInfoNone => {
            document.set("userinfo_signed_response_alg", json!("none"));
        }
        M::RegistrationMethodMissing => document.remove("token_endpoint_auth_method"),
        M::RegistrationClientIdMissing => document.remove("client_id"),
        M::RegistrationClientIdEmpty => document.set("client_id", json!("")),
        M::RegistrationClientIdNotAString => document.set("client_id", json!(1)),
        M::RegistrationDuplicateClientId => document.push_front("client_id", json!("another")),
        M::RegistrationSecretEmpty => document.set("client_secret", json!("")),
        M::RegistrationSecretExpiryMissing => document.remove("client_secret_expires_at"),
        M::RegistrationSecretExpiryNotANumber => {
            document.set("client_secret_expires_at", json!("never"));
        }
        M::RegistrationIssuedAtAsString => {
            let issued_at = document.get("client_id_issued_at").map(Value::to_string);
            document.set("client_id_issued_at", json!(issued_at));
        }
        M::RegistrationNullMembers => {
            for member in ["jwks_uri", "client_name", "default_max_age"] {
                document.set(member, Value::Null);
            }
        }
        _ => {}
    }
}

fn misbehave_later(document: &mut Members, misbehaviour: Misbehaviour) {
    match misbehaviour {
        Misbehaviour::ClientConfigurationClientIdMismatch => {
            document.set("client_id", json!("another"));
        }
        Misbehaviour::ClientConfigurationTokenMissing => {
            document.remove("registration_access_token");
            document.remove("registration_client_uri");
        }
        _ => {}
    }
}

fn body(call: &Call<'_>) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(call.request.body())
        .map_err(|_| ("invalid_client_metadata", "the body is no JSON object"))
}

fn bearer<'a>(call: &'a Call<'_>) -> Option<&'a str> {
    credentials(call, "Bearer ")
}

fn credentials<'a>(call: &'a Call<'_>, scheme: &str) -> Option<&'a str> {
    let header = call.request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    header.strip_prefix(scheme)
}

fn bad_request((error, description): Refusal) -> Response<Bytes> {
    response::error(StatusCode::BAD_REQUEST, error, description)
}

fn invalid_token() -> Response<Bytes> {
    response::challenge(
        StatusCode::UNAUTHORIZED,
        "Bearer realm=\"test-provider\", error=\"invalid_token\"",
        "invalid_token",
        "the token is missing or unknown",
    )
}

/// The members that a client must not send (RFC 7592 section 2.2).
const PROVIDERS: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_id_issued_at",
    "client_secret_expires_at",
];
/// Returns the key and the algorithms for ID Tokens that are encrypted with the client secret
/// (OpenID Connect Core section 10.2). Registration at this endpoint supports no other keys.
fn encryption(
    secret: &str,
    sent: &Map<String, Value>,
) -> Option<(EncryptionKey, KeyManagement, ContentEncryption)> {
    let text = |name: &str| sent.get(name)?.as_str();
    let alg: KeyManagement = text("id_token_encrypted_response_alg")?.parse().ok()?;
    let enc = text("id_token_encrypted_response_enc").unwrap_or("A128CBC-HS256");
    let enc: ContentEncryption = enc.parse().ok()?;
    let key = EncryptionKey::from_client_secret(secret, alg, enc).ok()?;
    Some((key, alg, enc))
}

const INVALID_REDIRECT_URI: Refusal = ("invalid_redirect_uri", "the URIs are no list of strings");
