//! Claims that are missing, ill-typed or wrong.

use jose::base64url;
use serde_json::{Value, json};

use super::{AUTH_REQ_ID, RT_HASH};
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::provider::Call;
use crate::provider::state::Grant;

/// Applies the misbehaviours that change the claims of a push.
pub(super) fn change_pushed_claims(claims: &mut Members, misbehaviour: Misbehaviour) {
    use Misbehaviour as M;
    match misbehaviour {
        M::PushRequestIdMissing => claims.remove(AUTH_REQ_ID),
        M::PushRequestIdMismatch => append(claims, AUTH_REQ_ID),
        M::PushAccessTokenHashMissing => claims.remove("at_hash"),
        M::PushAccessTokenHashMismatch => append(claims, "at_hash"),
        M::PushRefreshTokenHashMissing => claims.remove(RT_HASH),
        M::PushRefreshTokenHashMismatch => append(claims, RT_HASH),
        _ => {}
    }
}

/// Applies the misbehaviours that change the claims of every ID Token.
pub(super) fn change_claims(
    claims: &mut Members,
    misbehaviour: Misbehaviour,
    call: &Call<'_>,
    client_id: &str,
) {
    use Misbehaviour as M;
    let issuer = call.issuer();
    let now = call.now;
    match misbehaviour {
        M::IdTokenNonceMismatch => append(claims, "nonce"),
        M::IdTokenNonceMissing => claims.remove("nonce"),
        M::IdTokenNonceNotAString => claims.set("nonce", json!(1)),
        M::IdTokenNonceUnasked if claims.get("nonce").is_none() => {
            claims.set("nonce", json!("unasked"))
        }

        M::IdTokenIssuerMissing => claims.remove("iss"),
        M::IdTokenIssuerMismatch => append(claims, "iss"),
        M::IdTokenIssuerTrailingSlash => claims.set("iss", json!(format!("{issuer}/"))),
        M::IdTokenIssuerNotAString => claims.set("iss", json!(1)),
        M::IdTokenSubjectMissing => claims.remove("sub"),
        M::IdTokenSubjectEmpty => claims.set("sub", json!("")),
        M::IdTokenSubjectNotAString => claims.set("sub", json!(1)),
        M::IdTokenDuplicateSubject => claims.push_front("sub", json!("somebody-else")),

        M::IdTokenClaimsTwice => {
            claims.repeat("sub");
            claims.push_text(r#""address":{"country":"NL","country":"NL"}"#);
        }
        M::IdTokenDuplicateCountry => {
            claims.push_text(r#""address":{"country":"NL","country":"BE"}"#);
        }

        M::IdTokenAudienceMissing => claims.remove("aud"),
        M::IdTokenAudienceMismatch => append(claims, "aud"),
        M::IdTokenAudienceArray => claims.set("aud", json!([client_id])),
        M::IdTokenAudienceEmpty => claims.set("aud", json!([])),
        M::IdTokenAudienceMemberNotAString => claims.set("aud", json!([client_id, 1])),
        M::IdTokenFurtherAudience => claims.set("aud", json!([client_id, STRANGER])),
        M::IdTokenFurtherAudienceAuthorizedParty => {
            claims.set("aud", json!([client_id, STRANGER]));
            claims.set("azp", json!(client_id));
        }
        M::IdTokenFurtherAudienceAuthorizedPartyMismatch => {
            claims.set("aud", json!([client_id, STRANGER]));
            claims.set("azp", json!(STRANGER));
        }
        M::IdTokenAuthorizedPartyMismatch => claims.set("azp", json!(STRANGER)),
        M::IdTokenAuthorizedParty => claims.set("azp", json!(client_id)),
        M::IdTokenAuthorizedPartyNotAString => claims.set("azp", json!(1)),

        M::IdTokenExpiryMissing => claims.remove("exp"),
        M::IdTokenExpired => claims.set("exp", json!(now - 6 * MINUTE)),
        M::IdTokenExpiredRecently => claims.set("exp", json!(now - 45)),
        M::IdTokenExpiryAsString => claims.set("exp", json!((now + HOUR).to_string())),
        M::IdTokenExpiryFractional => claims.set("exp", json!((now + HOUR) as f64 + 0.5)),
        M::IdTokenDuplicateExpiry => claims.push_front("exp", json!(now - 6 * MINUTE)),
        M::IdTokenNotBeforeInFuture => claims.set("nbf", json!(now + HOUR)),
        M::IdTokenIssuedAtMissing => claims.remove("iat"),
        M::IdTokenIssuedInFuture => claims.set("iat", json!(now + HOUR)),
        M::IdTokenIssuedWeekAgo => claims.set("iat", json!(now - 7 * DAY)),
        M::IdTokenIssuedAtAsString => claims.set("iat", json!(now.to_string())),
        M::IdTokenAuthTimeMissing => claims.remove("auth_time"),
        M::IdTokenAuthTimeTooOld => claims.set("auth_time", json!(now - DAY)),
        M::IdTokenAuthTimeInFuture => claims.set("auth_time", json!(now + HOUR)),
        M::IdTokenAuthTimeAsString => claims.set("auth_time", json!(now.to_string())),
        M::IdTokenAuthTimeNegative => claims.set("auth_time", json!(-1)),

        M::IdTokenAccessTokenHashMismatch => {
            claims.set("at_hash", json!(base64url::encode(&[0; 16])))
        }
        M::IdTokenAccessTokenHashMissing => claims.remove("at_hash"),
        M::IdTokenAccessTokenHashNotAString => claims.set("at_hash", json!(1)),
        M::IdTokenOptionalClaimsNull => {
            for name in ["azp", "nbf", "acr", "at_hash"] {
                claims.set(name, Value::Null);
            }
        }
        M::IdTokenNonceNull => claims.set("nonce", Value::Null),
        M::IdTokenExpiryNull => claims.set("exp", Value::Null),
        M::IdTokenEvents => {
            claims.set(
                "events",
                json!({"http://schemas.openid.net/event/backchannel-logout": {}}),
            );
        }
        _ => {}
    }
}

/// Applies the misbehaviours that change only ID Tokens after a refresh.
pub(super) fn change_refreshed_claims(
    claims: &mut Members,
    misbehaviour: Misbehaviour,
    grant: &Grant,
) {
    use Misbehaviour as M;
    match misbehaviour {
        M::RefreshIssuerMismatch => append(claims, "iss"),
        M::RefreshSubjectMismatch => append(claims, "sub"),
        M::RefreshAudienceMismatch => claims.set("aud", json!(STRANGER)),
        M::RefreshFurtherAudience => {
            claims.set("aud", json!([grant.client_id, STRANGER]));
            claims.set("azp", json!(grant.client_id));
        }
        M::RefreshAuthorizedPartyAdded => claims.set("azp", json!(grant.client_id)),
        M::RefreshAuthorizedPartyMismatch => claims.set("azp", json!(STRANGER)),
        M::RefreshAuthTimeMismatch => claims.set("auth_time", json!(grant.auth_time + 1)),
        M::RefreshNonceMismatch => claims.set(
            "nonce",
            json!(format!("{}1", grant.nonce.as_deref().unwrap_or(""))),
        ),
        M::RefreshNonceKept => {
            if let Some(nonce) = &grant.nonce {
                claims.set("nonce", json!(nonce));
            }
        }
        _ => {}
    }
}

/// Applies the misbehaviours that change only ID Tokens that go through the browser.
pub(super) fn change_front_channel_claims(claims: &mut Members, misbehaviour: Misbehaviour) {
    use Misbehaviour as M;
    match misbehaviour {
        M::IdTokenCodeHashMissing => claims.remove("c_hash"),
        M::IdTokenCodeHashMismatch => claims.set("c_hash", json!(base64url::encode(&[0; 16]))),
        M::IdTokenStateHashMissing => claims.remove("s_hash"),
        M::IdTokenStateHashMismatch => claims.set("s_hash", json!(base64url::encode(&[0; 16]))),
        M::IdTokenSubjectSwapped => append(claims, "sub"),
        _ => {}
    }
}

/// Appends `1` to a claim that is a string. An absent claim stays absent.
fn append(claims: &mut Members, name: &str) {
    if let Some(Value::String(text)) = claims.get(name) {
        let longer = format!("{text}1");
        claims.set(name, json!(longer));
    }
}

const STRANGER: &str = "a-stranger";
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
