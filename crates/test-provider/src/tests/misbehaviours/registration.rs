//! Misbehaviours in registration and its management.

use http::header::WWW_AUTHENTICATE;
use serde_json::json;

use super::*;

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let place = misbehaviour.endpoint();
    let name = format!("{misbehaviour:?}");
    let fault = match place {
        Endpoint::Registration => name.strip_prefix("Registration").unwrap(),
        Endpoint::ClientConfiguration => name.strip_prefix("ClientConfiguration").unwrap(),
        _ => return None,
    };
    let response = bad.first(place);
    if let Some(shown) = wire_fault(fault, good.first(place), response) {
        return Some(shown);
    }
    let document = bad.json(place);
    let only = |members: &[&str]| only_differs(good, bad, place, members);
    let is = |member: &str, value: Value| document.get(member) == Some(&value) && only(&[member]);
    let missing = |members: &[&str]| {
        members.iter().all(|member| !document.contains_key(*member)) && only(members)
    };
    Some(match misbehaviour {
        M::RegistrationOk => response.status() == 200 && only(&[]),
        M::RegistrationIssuedAtAsString => {
            is("client_id_issued_at", json!((NOW + 700).to_string()))
        }
        M::RegistrationSecretExpiryMissing => missing(&["client_secret_expires_at"]),
        M::RegistrationNullMembers => {
            let members = ["jwks_uri", "client_name", "default_max_age"];
            members.iter().all(|member| document[*member].is_null()) && only(&members)
        }
        M::RegistrationIdTokenNone => is("id_token_signed_response_alg", json!("none")),
        M::RegistrationUserInfoNone => is("userinfo_signed_response_alg", json!("none")),
        M::RegistrationMethodMissing => missing(&["token_endpoint_auth_method"]),
        M::RegistrationClientIdMissing => missing(&["client_id"]),
        M::RegistrationClientIdEmpty => is("client_id", json!("")),
        M::RegistrationClientIdNotAString => is("client_id", json!(1)),
        M::RegistrationDuplicateClientId => {
            bad.text(place)
                .starts_with(r#"{"client_id":"another","client_id":"#)
                && only(&[])
        }
        M::RegistrationSecretEmpty => is("client_secret", json!("")),
        M::RegistrationSecretExpiryNotANumber => is("client_secret_expires_at", json!("never")),
        M::RegistrationInvalidMetadata => {
            error(response) == (400, "invalid_client_metadata".to_owned())
        }
        M::RegistrationUnauthorized => {
            error(response) == (401, "invalid_token".to_owned())
                && response.headers().contains_key(WWW_AUTHENTICATE)
        }
        M::ClientConfigurationClientIdMismatch => is("client_id", json!("another")),
        M::ClientConfigurationTokenRotated => {
            document["registration_access_token"].is_string()
                && document["registration_access_token"]
                    != good.json(place)["registration_access_token"]
                && only(&["registration_access_token"])
        }
        M::ClientConfigurationSecretRotated => {
            let updated = |journey: &Journey| -> Option<Value> {
                let mut steps = journey.steps.iter().rev();
                let (_, response) = steps.find(|(endpoint, _)| *endpoint == place)?;
                serde_json::from_slice::<Value>(response.body())
                    .ok()?
                    .get("client_secret")
                    .cloned()
            };
            let (good, bad) = (updated(good), updated(bad));
            good.is_some_and(|good| good.is_string() && bad.is_some_and(|bad| bad != good))
        }
        M::ClientConfigurationTokenMissing => {
            missing(&["registration_access_token", "registration_client_uri"])
        }
        _ => return None,
    })
}
