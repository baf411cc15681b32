mod ends;
mod id_token;
mod times;

use super::*;
use crate::entropy::{Entropy, EntropyFault};
use crate::error::{Artefact, KeyFault, TimestampRule};
use crate::names::{EndpointName, KeyName};
use crate::policy::Policy;
use crate::testing::script::{Script, form, received, unanswered};
use crate::testing::{
    FixedEntropy, NOW, SERVER_KEY, assert_finished, assert_unexpected, claims, configuration,
    key_set, recorded, response, sign,
};
use crate::time::UnixTime;
use http::HeaderValue;
use http::header::RETRY_AFTER;
use serde_json::{Map, Value, json};

fn authorization(interval: Option<u64>, expires_in: u64) -> DeviceAuthorizationResponse {
    DeviceAuthorizationResponse {
        device_code: "dc".into(),
        user_code: "WDJB-MJHT".to_owned(),
        verification_uri: "https://op.example/device".parse().unwrap(),
        verification_uri_complete: None,
        expires_in: Duration::from_secs(expires_in),
        interval: interval.map(Duration::from_secs),
        received_at: UnixTime::from_seconds(NOW),
        scope: None,
        extra: Map::new(),
    }
}

fn device(interval: Option<u64>, expires_in: u64) -> Script<PollDeviceAuthorizationGrant> {
    let authorization = authorization(interval, expires_in);
    Script::new(PollDeviceAuthorizationGrant::new(
        configuration(),
        &authorization,
    ))
}

fn backchannel_grant(interval: u64) -> PollBackchannelAuthenticationGrant {
    PollBackchannelAuthenticationGrant::new(configuration(), &backchannel(interval))
}

fn backchannel(interval: u64) -> BackchannelAuthenticationResponse {
    BackchannelAuthenticationResponse {
        auth_req_id: "id-1".into(),
        expires_in: Duration::from_secs(120),
        interval: Some(Duration::from_secs(interval)),
        received_at: UnixTime::from_seconds(NOW),
        client_notification_token: None,
        extra: Map::new(),
    }
}

fn refused(error: &str) -> Event {
    received(400, json!({"error": error}))
}

fn pending() -> Event {
    refused("authorization_pending")
}

fn with_retry_after(status: u16, body: Value, retry_after: &'static str) -> Event {
    let mut response = response(status, body.to_string());
    let value = HeaderValue::from_static(retry_after);
    response.headers_mut().insert(RETRY_AFTER, value);
    Event::Received(response)
}

fn tokens() -> Value {
    json!({"access_token": "at", "token_type": "Bearer"})
}

fn id_token_without_nonce() -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove("nonce");
    sign(&claims)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const TIMED_OUT: NoAnswer = NoAnswer::TimedOut {
    deadline: Duration::from_secs(30),
};

#[track_caller]
fn assert_expired(error: &Error, credential: &'static str, lifetime: u64) {
    assert_eq!(error.code(), Some("OAUTH_TIMEOUT"));
    match error {
        Error::Expired(expired) => assert_eq!(
            *expired,
            Expired {
                credential,
                lifetime: Duration::from_secs(lifetime),
            }
        ),
        error => panic!("{error}"),
    }
}
