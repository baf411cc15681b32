//! Authorization requests by value or by reference: request objects (RFC 9101) and the
//! `request_uri` of pushed requests (RFC 9126 section 4).

use std::borrow::Cow;

use jose::jwe::{Accepted, Encrypted};
use jose::jwt::{Claims, NumericDate};
use jose::{JwkSet, jws};
use serde_json::Value;

use super::state::State;
use super::{Call, fapi, hosted_request, outside};
use crate::client::ClientRegistration;
use crate::keys;
use crate::parameters::Parameters;

/// Returns the parameters of the authorization request. The error says why there are none.
pub(super) fn resolve(
    call: &Call<'_>,
    state: &mut State,
    parameters: Parameters,
) -> Result<Parameters, &'static str> {
    let client = parameters
        .get("client_id")
        .and_then(|client_id| call.clients.get(client_id))
        .ok_or("the client is unknown")?;
    if let Some(request_uri) = parameters.get("request_uri")
        && !request_uri.starts_with("urn:")
    {
        if client.pushed_only {
            return Err("the client must push its requests");
        }
        let request = hosted_request::fetch(call, client, request_uri)?;
        let inside = unpack(call, state, client, &request)?;
        outside::check(client, &parameters, &inside)?;
        return Ok(inside);
    }
    if let Some(request_uri) = parameters.get("request_uri") {
        outside::check_reference(&parameters)?;
        // A `request_uri` can be used once (RFC 9126 section 7.3).
        let pushed = state
            .pushed
            .remove(request_uri)
            .ok_or("the request_uri is unknown")?;
        if pushed.client_id != client.client_id {
            return Err("the request_uri belongs to another client");
        }
        if call.now >= pushed.expires_at {
            return Err("the request_uri has expired");
        }
        return Ok(pushed.parameters);
    }
    if client.pushed_only {
        return Err("the client must push its requests");
    }
    if parameters.get("request").is_none() {
        return match client.fapi {
            true => Err("FAPI requires a request object or a pushed request"),
            false => by_value(call, state, client, parameters),
        };
    }
    let inside = by_value(call, state, client, parameters.clone())?;
    outside::check(client, &parameters, &inside)?;
    Ok(inside)
}

/// Returns the parameters in the request object, if there is one, and ignores those outside.
pub(super) fn by_value(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    parameters: Parameters,
) -> Result<Parameters, &'static str> {
    match parameters.get("request") {
        Some(request) => unpack(call, state, client, request),
        None if client.signed_only => Err("the client must sign its requests"),
        None => Ok(parameters),
    }
}

fn unpack(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    request: &str,
) -> Result<Parameters, &'static str> {
    let request = &*decrypt(state, client, request)?;
    let keys = client
        .registered_keys()
        .ok_or("the client has registered no keys")?;
    let keys = JwkSet::parse(keys.as_bytes()).expect("checked at registration");
    let unverified =
        jws::Unverified::parse(request).map_err(|_| "the request object is malformed")?;
    if unverified.header().typ() != Some("oauth-authz-req+jwt") {
        return Err("the request object has the typ of another token");
    }
    let algorithm = unverified.header().alg();
    fapi::check_algorithm(client, algorithm)?;
    fapi::check_registered_keys(client)?;
    let key = keys
        .select(unverified.header())
        .map_err(|_| "no key of the client fits the request object")?;
    let verified = unverified
        .verify(key.verifying_key(), algorithm)
        .map_err(|_| "the request object has a wrong signature")?;
    let claims = verified
        .claims()
        .map_err(|_| "the request object has ill-typed claims")?;
    check(call, client, &claims)?;
    let jti = claims.jti().ok_or("the request object has no jti")?;
    if !state
        .request_objects
        .insert((client.client_id.clone(), jti.to_owned()))
    {
        return Err("the request object was used before");
    }
    Ok(Parameters::of_pairs(
        claims
            .as_object()
            .iter()
            .filter(|(name, _)| !ABOUT_THE_JWT.contains(name))
            .flat_map(|(name, value)| parameter(name, value.to_owned_value())),
    ))
}

/// Decrypts a request object of a client that has registered encryption, and returns the signed one
/// in it (RFC 9101 section 6.1).
fn decrypt<'a>(
    state: &State,
    client: &ClientRegistration,
    request: &'a str,
) -> Result<Cow<'a, str>, &'static str> {
    let Some((alg, enc)) = client.request_object_encryption else {
        return Ok(Cow::Borrowed(request));
    };
    let accepted = Accepted {
        alg: &[alg],
        enc: &[enc],
    };
    let encrypted = Encrypted::parse(request, accepted)
        .map_err(|_| "the request object is not encrypted as registered")?;
    if encrypted.header().cty() != Some("JWT") {
        return Err("the request object does not say that a JWT is in it");
    }
    let kid = encrypted.header().kid();
    let keys = keys::decryption_keys(state.key_generation);
    let key = keys
        .iter()
        .find(|key| kid.is_some() && key.kid() == kid)
        .ok_or("the request object is encrypted to another key")?;
    let plaintext = encrypted
        .decrypt(key)
        .map_err(|_| "the request object cannot be decrypted")?;
    let text = String::from_utf8(plaintext).map_err(|_| "the request object is malformed")?;
    Ok(Cow::Owned(text))
}

/// Checks the claims of a request object (RFC 9101 sections 4, 5 and 10.8).
fn check(
    call: &Call<'_>,
    client: &ClientRegistration,
    claims: &Claims<'_>,
) -> Result<(), &'static str> {
    let now = call.now;
    let is_past = |date: NumericDate| date.seconds() <= now + TOLERANCE;
    let client_id = Some(client.client_id.as_str());
    if claims.iss() != client_id {
        Err("the request object has a wrong iss")
    } else if claims.get_string("client_id").ok().flatten() != client_id {
        Err("the request object has a wrong client_id")
    } else if claims.get("aud").and_then(|aud| aud.as_str()) != Some(call.issuer()) {
        Err("the request object has a wrong aud")
    } else if !claims
        .exp()
        .is_some_and(|exp| exp.seconds() > now && exp.seconds() <= now + LONGEST)
    {
        Err("the request object has a wrong exp")
    } else if !claims.nbf().is_some_and(is_past) || !claims.iat().is_some_and(is_past) {
        Err("the request object has a wrong nbf or iat")
    } else if claims.sub().is_some() {
        Err("the request object has a sub, like a client assertion")
    } else if claims.get("request").is_some() || claims.get("request_uri").is_some() {
        Err("the request object holds another")
    } else if claims
        .get("max_age")
        .is_some_and(|it| it.as_number().is_none())
    {
        Err("the request object has a max_age that is not a number")
    } else {
        Ok(())
    }
}

/// Converts a claim to parameters. An array of resources becomes several parameters.
fn parameter(name: &str, value: Value) -> Vec<(String, String)> {
    let texts = match (name, value) {
        (_, Value::String(text)) => vec![text],
        ("resource", Value::Array(resources)) => resources
            .iter()
            .filter_map(|resource| resource.as_str().map(str::to_owned))
            .collect(),
        (_, other) => vec![other.to_string()],
    };
    texts
        .into_iter()
        .map(|text| (name.to_owned(), text))
        .collect()
}

const ABOUT_THE_JWT: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/// The maximum time until a request object expires, in seconds.
const LONGEST: i64 = 3_600;

/// The tolerance for a client's clock that is ahead, in seconds.
const TOLERANCE: i64 = 10;
