//! The backchannel authentication endpoint (CIBA Core section 7), in the modes poll, ping and push.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use jose::base64url;
use serde_json::{Value, json};

use super::backchannel_request::request_object;
use super::device_authorization::polling_interval;
use super::polling::Pending;
use super::state::{Grant, State};
use super::token::Refusal;
use super::{Call, client_authentication, polling};
use crate::client::ClientRegistration;
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::parameters::Parameters;
use crate::response;

pub(super) fn answer(call: &Call<'_>, state: &mut State) -> Response<Bytes> {
    let bad_request = |(error, description): Refusal| {
        response::error(StatusCode::BAD_REQUEST, error, description)
    };
    let Some(parameters) = Parameters::of_body(call.request) else {
        return bad_request(("invalid_request", "the body is not a form"));
    };
    if parameters.duplicate().is_some() {
        return bad_request(("invalid_request", "a parameter occurs more than once"));
    }
    let client = match client_authentication::authenticate(call, state, &parameters) {
        Ok(client) => client,
        Err(refused) => return refused.response(),
    };
    match begin(call, state, client, &parameters) {
        Ok(document) => response::json(StatusCode::OK, &document),
        Err(refusal) => bad_request(refusal),
    }
}

fn begin(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    parameters: &Parameters,
) -> Result<Members, Refusal> {
    let signed = match parameters.get("request") {
        Some(jwt) => Some(request_object(call, state, client, parameters, jwt)?),
        None if client.fapi => return Err(("invalid_request", "FAPI requires a signed request")),
        None => None,
    };
    let get = |name: &str| match &signed {
        None => parameters.get(name),
        Some(claims) => claims.get(name).and_then(Value::as_str),
    };
    let scope = get("scope").unwrap_or_default().to_owned();
    if !scope.split(' ').any(|value| value == "openid") {
        return Err(("invalid_scope", "openid is missing"));
    }
    if call.misbehaves(Misbehaviour::BackchannelUnknownUserId) {
        return Err(("unknown_user_id", "the provider misbehaves"));
    }
    let hints: Vec<(&str, &str)> = ["login_hint", "login_hint_token", "id_token_hint"]
        .into_iter()
        .filter_map(|name| Some((name, get(name)?)))
        .collect();
    let [(name, hint)] = hints[..] else {
        return Err(("invalid_request", "there must be exactly one hint"));
    };
    let subject = match name {
        "id_token_hint" => subject_of(state, client, hint),
        _ => Some(hint.to_owned()),
    };
    let user = subject
        .and_then(|subject| call.user(&subject))
        .ok_or(("unknown_user_id", "there is no such user"))?;
    let notification_token = get("client_notification_token").map(str::to_owned);
    // CIBA Core section 7.1 limits the token to 1,024 characters with the syntax of a Bearer token.
    if notification_token.as_deref().is_some_and(|token| {
        let is_token68 = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        token.len() > 1_024 || !token.bytes().all(is_token68)
    }) {
        return Err((
            "invalid_request",
            "client_notification_token is no Bearer token",
        ));
    }
    let requested = match &signed {
        None => parameters.get("requested_expiry").map(str::parse),
        Some(claims) => claims
            .get("requested_expiry")
            .map(|value| value.to_string().parse()),
    };
    let lifetime = requested
        .transpose()
        .map_err(|_| ("invalid_request", "requested_expiry is not a number"))?
        .unwrap_or(LIFETIME);
    if lifetime <= 0 {
        return Err(("invalid_request", "requested_expiry is not positive"));
    }
    let auth_req_id = state.unguessable(&call.provider.seed, "auth_req_id");
    let interval = match call.misbehaves(Misbehaviour::BackchannelLongInterval) {
        true => json!(LONG_INTERVAL),
        false => polling_interval(call),
    };
    let pending = Pending {
        grant_type: polling::CIBA,
        grant: Grant {
            number: state.next_grant(),
            client_id: client.client_id.clone(),
            subject: user.subject.clone(),
            scope,
            nonce: None,
            auth_time: call.now,
            jkt: None,
            authorization_details: None,
            resource: None,
        },
        expires_at: call.now + lifetime,
        interval: interval
            .as_u64()
            .map_or(call.provider.poll_interval, std::time::Duration::from_secs),
        // A client that gets a ping may send its first poll at once.
        asked_at: notification_token.is_none().then_some(call.now),
        polls: 0,
        client_notification_token: notification_token,
    };
    state.pending.insert(auth_req_id.clone(), pending);
    let mut document = Members::new([
        ("auth_req_id", json!(auth_req_id)),
        ("expires_in", json!(lifetime)),
        ("interval", interval),
    ]);
    for misbehaviour in call.misbehaviours {
        match misbehaviour {
            Misbehaviour::BackchannelRequestIdMissing => document.remove("auth_req_id"),
            Misbehaviour::BackchannelExpiresInMissing => document.remove("expires_in"),
            Misbehaviour::BackchannelIntervalMissing => document.remove("interval"),
            Misbehaviour::BackchannelIntervalNegative => document.set("interval", json!(-5)),
            _ => {}
        }
    }
    Ok(document)
}

/// Creates the ping (CIBA Core section 10.2).
pub(super) fn ping(
    state: &State,
    misbehaviours: &BTreeSet<Misbehaviour>,
    auth_req_id: &str,
) -> Option<Request<Bytes>> {
    let pending = state.pending.get(auth_req_id)?;
    let mut token = pending.client_notification_token.clone()?;
    if misbehaviours.contains(&Misbehaviour::PingTokenMismatch) {
        token.push('1');
    }
    let body = Members::new([("auth_req_id", json!(auth_req_id))]).to_string();
    Request::post("https://app.example.com/ping")
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, "application/json")
        .body(Bytes::from(body))
        .ok()
}

/// Returns the subject of an ID Token that was issued here to this client.
fn subject_of(state: &State, client: &ClientRegistration, id_token: &str) -> Option<String> {
    if state.id_tokens.get(id_token) != Some(&client.client_id) {
        return None;
    }
    let payload = base64url::decode(id_token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims.get("sub")?.as_str().map(str::to_owned)
}

/// The default time for the user to answer, in seconds.
const LIFETIME: i64 = 600;

/// The polling interval of [`Misbehaviour::BackchannelLongInterval`], in seconds.
const LONG_INTERVAL: u64 = 31;
