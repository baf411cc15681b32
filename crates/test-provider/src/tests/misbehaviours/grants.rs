//! Misbehaviours in device and backchannel authentication, polling, introspection and revocation.

use http::header::{AUTHORIZATION, RETRY_AFTER};
use serde_json::json;

use super::*;

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    let name = format!("{misbehaviour:?}");
    let place = misbehaviour.endpoint();
    match place {
        Endpoint::DeviceAuthorization => device(misbehaviour, &name, good, bad),
        Endpoint::BackchannelAuthentication => backchannel(misbehaviour, &name, good, bad),
        Endpoint::Introspection => introspection(misbehaviour, &name, good, bad),
        Endpoint::Revocation => {
            let response = bad.first(place);
            let fault = name.strip_prefix("Revocation")?;
            wire_fault(fault, good.first(place), response)
                .or_else(|| Some(error(response) == (400, "unsupported_token_type".to_owned())))
        }
        Endpoint::Token => poll(misbehaviour, good, bad),
        _ => None,
    }
}

fn device(misbehaviour: Misbehaviour, name: &str, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let place = Endpoint::DeviceAuthorization;
    let fault = name.strip_prefix("Device")?;
    if let Some(shown) = wire_fault(fault, good.first(place), bad.first(place)) {
        return Some(shown);
    }
    let document = bad.json(place);
    let only = |member: &str| only_differs(good, bad, place, &[member]);
    let is = |member: &str, value: Value| document.get(member) == Some(&value) && only(member);
    let missing = |member: &str| !document.contains_key(member) && only(member);
    Some(match misbehaviour {
        M::DeviceCodeMissing => missing("device_code"),
        M::DeviceUserCodeMissing => missing("user_code"),
        M::DeviceUserCodeControlCharacter => is("user_code", json!("AB\u{1b}[2J")),
        M::DeviceVerificationUriMissing => missing("verification_uri"),
        M::DeviceVerificationUriHttp => {
            is("verification_uri", json!("http://id.example.com/device"))
        }
        M::DeviceVerificationUriScript => is("verification_uri", json!("javascript:alert(1)")),
        M::DeviceCompleteVerificationUriHttp => {
            is("verification_uri_complete", json!("http://id.example.com/"))
        }
        M::DeviceCompleteVerificationUriMissing => missing("verification_uri_complete"),
        M::DeviceExpiresInMissing => missing("expires_in"),
        M::DeviceExpiresInNegative => is("expires_in", json!(-1)),
        M::DeviceIntervalMissing => missing("interval"),
        M::DeviceIntervalZero => is("interval", json!(0)),
        M::DeviceIntervalHuge => is("interval", json!(1e12)),
        _ => return None,
    })
}

fn backchannel(
    misbehaviour: Misbehaviour,
    name: &str,
    good: &Journey,
    bad: &Journey,
) -> Option<bool> {
    use Misbehaviour as M;
    let place = Endpoint::BackchannelAuthentication;
    let token = |notification: &Response<Bytes>| notification.headers()[AUTHORIZATION].clone();
    if misbehaviour == M::PingTokenMismatch {
        let ping = |journey: &Journey| journey.all(place).nth(1).unwrap().clone();
        let (good, bad) = (ping(good), ping(bad));
        return Some(
            good.body() == bad.body()
                && token(&good) == "Bearer the-notification-token"
                && token(&bad) == "Bearer the-notification-token1",
        );
    }
    if name.starts_with("Push") {
        let of = |journey: &Journey| journey.all(place).nth(2).unwrap().clone();
        let (good, bad) = (of(good), of(bad));
        if misbehaviour == M::PushTokenMismatch {
            return Some(
                good.body() == bad.body() && token(&bad) == "Bearer the-notification-token1",
            );
        }
        return push(misbehaviour, &json(&good), &json(&bad));
    }
    let fault = name.strip_prefix("Backchannel")?;
    let response = bad.first(place);
    if let Some(shown) = wire_fault(fault, good.first(place), response) {
        return Some(shown);
    }
    let document = bad.json(place);
    let only = |member: &str| only_differs(good, bad, place, &[member]);
    let is = |member: &str, value: Value| document.get(member) == Some(&value) && only(member);
    let missing = |member: &str| !document.contains_key(member) && only(member);
    Some(match misbehaviour {
        M::BackchannelRequestIdMissing => missing("auth_req_id"),
        M::BackchannelExpiresInMissing => missing("expires_in"),
        M::BackchannelIntervalMissing => missing("interval"),
        M::BackchannelIntervalNegative => is("interval", json!(-5)),
        M::BackchannelLongInterval => is("interval", json!(31)),
        M::BackchannelUnknownUserId => error(response) == (400, "unknown_user_id".to_owned()),
        _ => return None,
    })
}

/// Whether a push shows the misbehaviour.
fn push(
    misbehaviour: Misbehaviour,
    good: &Map<String, Value>,
    bad: &Map<String, Value>,
) -> Option<bool> {
    use Misbehaviour as M;
    const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";
    const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";
    if misbehaviour == M::PushIdTokenMissing {
        let mut without = good.clone();
        without.remove("id_token");
        return Some(without == *bad);
    }
    let claims = |push: &Map<String, Value>| -> Option<Map<String, Value>> {
        let payload = push.get("id_token")?.as_str()?.split('.').nth(1)?;
        serde_json::from_slice(&base64url::decode(payload).ok()?).ok()
    };
    let (mut good, bad) = (claims(good)?, claims(bad)?);
    let mut becomes = |claim: &str, change: fn(&str) -> Option<String>| {
        let found = good.remove(claim)?;
        if let Some(changed) = change(found.as_str()?) {
            good.insert(claim.to_owned(), json!(changed));
        }
        Some(good == bad)
    };
    let absent = |_: &str| None;
    let other = |text: &str| Some(format!("{text}1"));
    match misbehaviour {
        M::PushRequestIdMissing => becomes(AUTH_REQ_ID, absent),
        M::PushRequestIdMismatch => becomes(AUTH_REQ_ID, other),
        M::PushAccessTokenHashMissing => becomes("at_hash", absent),
        M::PushAccessTokenHashMismatch => becomes("at_hash", other),
        M::PushRefreshTokenHashMissing => becomes(RT_HASH, absent),
        M::PushRefreshTokenHashMismatch => becomes(RT_HASH, other),
        _ => None,
    }
}

/// Whether an introspection response shows the misbehaviour. The first response is plain, the
/// second one signed.
fn introspection(
    misbehaviour: Misbehaviour,
    name: &str,
    good: &Journey,
    bad: &Journey,
) -> Option<bool> {
    use Misbehaviour as M;
    let place = Endpoint::Introspection;
    let fault = name.strip_prefix("Introspection")?;
    if let Some(shown) = wire_fault(fault, good.first(place), bad.first(place)) {
        return Some(shown);
    }
    let document = bad.json(place);
    let only = |member: &str| only_differs(good, bad, place, &[member]);
    let (right, wrong) = (good.all(place).nth(1)?, bad.all(place).nth(1)?);
    let text = |response: &Response<Bytes>, number: usize| -> Option<String> {
        let jwt = std::str::from_utf8(response.body()).ok()?;
        let part = base64url::decode(jwt.split('.').nth(number)?).ok()?;
        String::from_utf8(part).ok()
    };
    let part = |response: &Response<Bytes>, number: usize| -> Option<Map<String, Value>> {
        serde_json::from_str(&text(response, number)?).ok()
    };
    let claim = |name: &str| part(wrong, 1)?.remove(name);
    let only_claim = |name: &str| {
        let others = |response| {
            let mut claims = part(response, 1)?;
            claims.remove(name);
            Some(claims)
        };
        others(right).is_some() && others(right) == others(wrong)
    };
    Some(match misbehaviour {
        M::IntrospectionActiveMissing => !document.contains_key("active") && only("active"),
        M::IntrospectionActiveNotABoolean => document["active"] == "true" && only("active"),
        M::IntrospectionUnsigned => wrong.body() == good.first(place).body(),
        M::IntrospectionTypeOfIdToken => part(wrong, 0)?["typ"] == "JWT" && only_claim(""),
        M::IntrospectionTypeMediaType => {
            part(wrong, 0)?["typ"] == "application/token-introspection+jwt" && only_claim("")
        }
        M::IntrospectionTypeMissing => part(wrong, 0)?.get("typ").is_none() && only_claim(""),
        M::IntrospectionIssuerMismatch => {
            claim("iss") == Some(json!(format!("{ISSUER}1"))) && only_claim("iss")
        }
        M::IntrospectionAudienceMismatch => {
            claim("aud") == Some(json!("a-stranger")) && only_claim("aud")
        }
        M::IntrospectionIssuedAtMissing => claim("iat").is_none() && only_claim("iat"),
        M::IntrospectionClaimMissing => {
            claim("token_introspection").is_none() && only_claim("token_introspection")
        }
        M::IntrospectionClaimsTwice => {
            let iss = format!(r#""iss":"{ISSUER}""#);
            let claims = text(wrong, 1)?;
            bad.text(place).matches(r#""active":"#).count() == 2
                && claims.starts_with(&format!("{{{iss},"))
                && claims.ends_with(&format!(",{iss}}}"))
                && document == good.json(place)
                && part(wrong, 1) == part(right, 1)
        }
        M::IntrospectionDuplicateIssuer => {
            text(wrong, 1)?.starts_with(&format!(r#"{{"iss":"{ISSUER}1","#))
                && part(wrong, 1) == part(right, 1)
        }
        M::IntrospectionSignatureBroken => {
            let verified = |response: &Response<Bytes>| {
                let jwt = std::str::from_utf8(response.body()).unwrap();
                verify(&provider(), jwt, SignatureAlgorithm::RS256)
            };
            verified(right).is_ok()
                && matches!(verified(wrong), Err(jose::Error::Signature))
                && only_claim("")
        }
        _ => return None,
    })
}

fn poll(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    // The first four responses belong to the two logins.
    let polls = |journey: &Journey| -> Vec<(u16, String)> {
        let all = journey.all(Endpoint::Token).skip(4);
        all.map(|response| {
            let document: Option<Map<String, Value>> = serde_json::from_slice(response.body()).ok();
            let error = document.as_ref().and_then(|document| document.get("error"));
            let error = error.and_then(Value::as_str).unwrap_or_default();
            (response.status().as_u16(), error.to_owned())
        })
        .collect()
    };
    // The first half of the polls belongs to the device authorization, the second to the
    // backchannel authentication.
    let twice = |expected: &[(u16, &str)]| {
        let found = polls(bad);
        let (first, second) = found.split_at(found.len() / 2);
        let fits = |(found, expected): (&(u16, String), &(u16, &str))| {
            (found.0, found.1.as_str()) == *expected
        };
        first == second && first.len() == expected.len() && first.iter().zip(expected).all(fits)
    };
    assert_eq!(polls(good).len(), 4);
    let pending = (400, "authorization_pending");
    let ends_in = |error| twice(&[pending, pending, (400, error)]);
    Some(match misbehaviour {
        M::PollUnavailable => {
            let busy = bad.all(Endpoint::Token).nth(4)?;
            busy.headers()[RETRY_AFTER] == "12" && twice(&[(503, ""), (200, "")])
        }
        M::PollSlowDown => twice(&[pending, (400, "slow_down"), (200, "")]),
        M::PollInvalidRequest => ends_in("invalid_request"),
        M::PollAccessDenied => ends_in("access_denied"),
        M::PollExpiredToken => ends_in("expired_token"),
        _ => return None,
    })
}
