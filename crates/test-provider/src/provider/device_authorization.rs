//! The device authorization endpoint (RFC 8628 section 3.1).

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::polling::Pending;
use super::state::{Grant, State};
use super::{Call, client_authentication, polling};
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::parameters::Parameters;
use crate::response;

pub(super) fn answer(call: &Call<'_>, state: &mut State) -> Response<Bytes> {
    let bad_request =
        |description| response::error(StatusCode::BAD_REQUEST, "invalid_request", description);
    let Some(parameters) = Parameters::of_body(call.request) else {
        return bad_request("the body is not a form");
    };
    if parameters.duplicate().is_some() {
        return bad_request("a parameter occurs more than once");
    }
    let client = match client_authentication::authenticate(call, state, &parameters) {
        Ok(client) => client,
        Err(refused) => return refused.response(),
    };
    let device_code = state.unguessable(&call.provider.seed, "device_code");
    let mut user_code = state.unguessable(&call.provider.seed, "user_code");
    user_code.truncate(8);
    let pending = Pending {
        grant_type: polling::DEVICE_CODE,
        grant: Grant {
            number: state.next_grant(),
            client_id: client.client_id.clone(),
            subject: call.provider.users[0].subject.clone(),
            scope: parameters.get("scope").unwrap_or("openid").to_owned(),
            nonce: None,
            auth_time: call.now,
            jkt: None,
            authorization_details: None,
            resource: None,
        },
        expires_at: call.now + LIFETIME,
        interval: call.provider.poll_interval,
        asked_at: Some(call.now),
        polls: 0,
        client_notification_token: None,
    };
    state.pending.insert(device_code.clone(), pending);
    let verification_uri = format!("{}/device", call.issuer().trim_end_matches('/'));
    let mut document = Members::new([
        ("device_code", json!(device_code)),
        ("user_code", json!(user_code)),
        ("verification_uri", json!(verification_uri)),
        (
            "verification_uri_complete",
            json!(format!("{verification_uri}?user_code={user_code}")),
        ),
        ("expires_in", json!(LIFETIME)),
        ("interval", polling_interval(call)),
    ]);
    for misbehaviour in call.misbehaviours {
        misbehave(&mut document, *misbehaviour);
    }
    response::json(StatusCode::OK, &document)
}

/// Returns the polling interval. Whole seconds are an integer, as real servers write them.
pub(super) fn polling_interval(call: &Call<'_>) -> Value {
    let interval = call.provider.poll_interval;
    match interval.subsec_nanos() {
        0 => json!(interval.as_secs()),
        _ => json!(interval.as_secs_f64()),
    }
}

fn misbehave(document: &mut Members, misbehaviour: Misbehaviour) {
    use Misbehaviour as M;
    match misbehaviour {
        M::DeviceCodeMissing => document.remove("device_code"),
        M::DeviceUserCodeMissing => document.remove("user_code"),
        M::DeviceUserCodeControlCharacter => document.set("user_code", json!("AB\u{1b}[2J")),
        M::DeviceVerificationUriMissing => document.remove("verification_uri"),
        M::DeviceVerificationUriHttp => {
            document.set("verification_uri", json!("http://id.example.com/device"));
        }
        M::DeviceVerificationUriScript => {
            document.set("verification_uri", json!("javascript:alert(1)"));
        }
        M::DeviceCompleteVerificationUriHttp => {
            document.set("verification_uri_complete", json!("http://id.example.com/"));
        }
        M::DeviceCompleteVerificationUriMissing => document.remove("verification_uri_complete"),
        M::DeviceExpiresInMissing => document.remove("expires_in"),
        M::DeviceExpiresInNegative => document.set("expires_in", json!(-1)),
        M::DeviceIntervalMissing => document.remove("interval"),
        M::DeviceIntervalZero => document.set("interval", json!(0)),
        M::DeviceIntervalHuge => document.set("interval", json!(1e12)),
        _ => {}
    }
}

/// The time for the user to answer, in seconds.
const LIFETIME: i64 = 600;
