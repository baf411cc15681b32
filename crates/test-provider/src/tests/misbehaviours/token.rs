//! Misbehaviours in the token response, except those in the ID Token.

use http::header::WWW_AUTHENTICATE;
use serde_json::json;

use super::*;

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let name = format!("{misbehaviour:?}");
    let fault = name.strip_prefix("Token")?;
    let place = Endpoint::Token;
    if let Some(shown) = wire_fault(fault, good.first(place), bad.first(place)) {
        return Some(shown);
    }
    let response = bad.first(place);
    let document = bad.json(place);
    let only = |member: &str| only_differs(good, bad, place, &[member]);
    let is = |member: &str, value: Value| document.get(member) == Some(&value) && only(member);
    let missing = |member: &str| !document.contains_key(member) && only(member);
    Some(match misbehaviour {
        M::TokenAccessTokenMissing => missing("access_token"),
        M::TokenAccessTokenEmpty => is("access_token", json!("")),
        M::TokenAccessTokenNotAString => is("access_token", json!(1)),
        M::TokenDuplicateAccessToken => {
            bad.text(place)
                .starts_with(r#"{"access_token":"another","access_token":""#)
                && document == good.json(place)
        }
        M::TokenTypeMissing => missing("token_type"),
        M::TokenTypeInvertedCase => is("token_type", json!("bEARER")),
        M::TokenTypeUnknown => is("token_type", json!("mac")),
        M::TokenExpiresInAsString => is("expires_in", json!("3600")),
        M::TokenExpiresInNegative => is("expires_in", json!(-1)),
        M::TokenExpiresInNull => is("expires_in", Value::Null),
        M::TokenExpiresInText => is("expires_in", json!("3600abc")),
        M::TokenExpiresInMissing => missing("expires_in"),
        M::TokenRefreshTokenEmpty => is("refresh_token", json!("")),
        M::TokenRefreshTokenNull => is("refresh_token", Value::Null),
        M::TokenRefreshTokenMissing => missing("refresh_token"),
        M::TokenScopeMissing => missing("scope"),
        M::TokenScopeNotAString => is("scope", json!(["openid"])),
        M::TokenIdTokenMissing => missing("id_token"),
        M::TokenIdTokenEmpty => is("id_token", json!("")),
        M::TokenIdTokenNotAString => is("id_token", json!({"sub": "alice"})),
        M::TokenCreated => response.status() == 201 && document == good.json(place),
        M::TokenInvalidGrant => error(response) == (400, "invalid_grant".to_owned()),
        M::TokenUnauthorized => {
            error(response) == (401, "invalid_client".to_owned())
                && response.headers().contains_key(WWW_AUTHENTICATE)
        }
        _ => return None,
    })
}
