//! The endpoint of a claims provider, which the provider also is (OpenID Connect Core section
//! 5.6.2).

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Response, StatusCode};
use jose::SignatureAlgorithm;
use serde_json::json;

use super::signed_jwt::{Faults, signed};
use super::state::State;
use super::{Call, access};
use crate::members::Members;
use crate::misbehaviour::Misbehaviour as M;
use crate::response;

/// The access token of the endpoint. The access tokens of logins are not accepted.
pub(super) const ACCESS_TOKEN: &str = "token-for-distributed-claims";

pub(super) fn answer(call: &Call<'_>, state: &State) -> Response<Bytes> {
    let expected = format!("Bearer {ACCESS_TOKEN}");
    let mut sent = call.request.headers().get_all(AUTHORIZATION).iter();
    match (sent.next(), sent.next()) {
        (Some(value), None) if *value == *expected => {}
        _ => return access::refused("Bearer", "invalid_token", "the token is another one"),
    }
    if call.misbehaves(M::DistributedClaimsUnauthorized) {
        return access::refused("Bearer", "invalid_token", "the provider misbehaves");
    }
    response::plain(StatusCode::OK, "application/jwt", distributed(call, state))
}

/// Returns the aggregated claims as a JWT.
pub(super) fn aggregated(call: &Call<'_>, state: &State) -> String {
    let mut claims = good_claims(call);
    for misbehaviour in call.misbehaviours {
        match misbehaviour {
            M::AggregatedClaimsIssuerMismatch => of_another_issuer(call, &mut claims),
            M::AggregatedClaimsAudienceMismatch => claims.set("aud", json!("stranger")),
            M::AggregatedClaimsExpired => claims.set("exp", json!(call.now - 360)),
            _ => {}
        }
    }
    let typ = match call.misbehaves(M::AggregatedClaimsTypeAccessToken) {
        true => "at+jwt",
        false => "JWT",
    };
    let faults = Faults {
        broken_signature: call.misbehaves(M::AggregatedClaimsSignatureBroken),
        no_algorithm: call.misbehaves(M::AggregatedClaimsAlgorithmNone),
    };
    signed(ALGORITHM, state.key_generation, typ, &claims, faults)
}

/// Whether UserInfo contains aggregated claims because of this misbehaviour.
pub(super) const fn aggregates(misbehaviour: M) -> bool {
    matches!(
        misbehaviour,
        M::UserInfoAggregatedClaims
            | M::AggregatedClaimsSignatureBroken
            | M::AggregatedClaimsAlgorithmNone
            | M::AggregatedClaimsIssuerMismatch
            | M::AggregatedClaimsAudienceMismatch
            | M::AggregatedClaimsExpired
            | M::AggregatedClaimsTypeAccessToken
    )
}

/// Returns the distributed claims as a JWT.
fn distributed(call: &Call<'_>, state: &State) -> String {
    let mut claims = good_claims(call);
    for misbehaviour in call.misbehaviours {
        match misbehaviour {
            M::DistributedClaimsIssuerMismatch => of_another_issuer(call, &mut claims),
            M::DistributedClaimsExpired => claims.set("exp", json!(call.now - 360)),
            _ => {}
        }
    }
    let faults = Faults {
        broken_signature: call.misbehaves(M::DistributedClaimsSignatureBroken),
        no_algorithm: false,
    };
    signed(ALGORITHM, state.key_generation, "JWT", &claims, faults)
}

fn good_claims(call: &Call<'_>) -> Members {
    Members::new([
        ("iss", json!(call.provider.token_issuer())),
        ("address", json!({"country": "NL"})),
    ])
}

fn of_another_issuer(call: &Call<'_>, claims: &mut Members) {
    claims.set("iss", json!(format!("{}1", call.provider.token_issuer())));
}

const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::RS256;
