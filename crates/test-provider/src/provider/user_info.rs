//! The UserInfo endpoint (OpenID Connect Core section 5.3, RFC 6750).

use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{Response, StatusCode};
use serde_json::json;

use super::claims::{ACCESS_TOKEN, aggregated, aggregates};
use super::state::{AccessToken, State};
use super::{Call, Endpoint, access, id_token};
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::response;

pub(super) fn answer(call: &Call<'_>, state: &mut State) -> Response<Bytes> {
    let known = match access::authorize(call, state, Endpoint::UserInfo) {
        Ok(known) => known,
        Err(refused) => return *refused,
    };
    if !known.grant.has_scope("openid") || call.misbehaves(Misbehaviour::UserInfoForbidden) {
        let challenge =
            "Bearer realm=\"test-provider\", error=\"insufficient_scope\", scope=\"openid\"";
        return response::challenge(
            StatusCode::FORBIDDEN,
            challenge,
            "insufficient_scope",
            "openid was not granted",
        );
    }
    if call.misbehaves(Misbehaviour::UserInfoUnauthorized) {
        return access::refused("Bearer", "invalid_token", "the provider misbehaves");
    }
    respond(call, state, &known)
}

fn respond(call: &Call<'_>, state: &State, token: &AccessToken) -> Response<Bytes> {
    let user = call
        .user(&token.grant.subject)
        .expect("users do not change");
    let mut claims = user.claims(&token.grant.scope);
    for misbehaviour in call.misbehaviours {
        misbehave(call, state, &mut claims, *misbehaviour);
    }
    let client = &call.clients[&token.grant.client_id];
    let signs_unasked = [
        Misbehaviour::UserInfoJwt,
        Misbehaviour::UserInfoTypeMissing,
        Misbehaviour::UserInfoTypeMediaType,
        Misbehaviour::UserInfoTypeOwn,
        Misbehaviour::UserInfoTypeAccessToken,
    ]
    .into_iter()
    .any(|misbehaviour| call.misbehaves(misbehaviour));
    let unasked = signs_unasked.then_some(client.id_token_signed_response_alg);
    if let Some(algorithm) = client.userinfo_signed_response_alg.or(unasked) {
        claims.set("iss", json!(call.provider.token_issuer()));
        claims.set("aud", json!(client.client_id));
        let jwt = id_token::sign(
            call,
            client,
            algorithm,
            state.key_generation,
            typ(call),
            claims,
        );
        let jwt = match &client.userinfo_encryption {
            Some(encryption) => encryption.seal(&jwt),
            None => jwt,
        };
        return response::plain(StatusCode::OK, "application/jwt", jwt);
    }
    if let Some(encryption) = &client.userinfo_encryption {
        let jwe = encryption.seal(&claims.to_string());
        return response::plain(StatusCode::OK, "application/jwt", jwe);
    }
    let mut response = response::json(StatusCode::OK, &claims);
    if call.misbehaves(Misbehaviour::UserInfoSuccessWithChallenge) {
        let challenge = "Bearer realm=\"test-provider\"".try_into().expect("ASCII");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Returns the `typ` of a signed response.
fn typ(call: &Call<'_>) -> Option<&'static str> {
    match () {
        () if call.misbehaves(Misbehaviour::UserInfoTypeMissing) => None,
        () if call.misbehaves(Misbehaviour::UserInfoTypeMediaType) => Some("application/jwt"),
        () if call.misbehaves(Misbehaviour::UserInfoTypeOwn) => Some("userinfo+jwt"),
        () if call.misbehaves(Misbehaviour::UserInfoTypeAccessToken) => Some("at+jwt"),
        () => Some("JWT"),
    }
}

fn misbehave(call: &Call<'_>, state: &State, claims: &mut Members, misbehaviour: Misbehaviour) {
    match misbehaviour {
        Misbehaviour::UserInfoSubjectMismatch => {
            let subject = claims
                .get("sub")
                .and_then(|subject| subject.as_str())
                .unwrap_or_default();
            claims.set("sub", json!(format!("{subject}1")));
        }
        Misbehaviour::UserInfoSubjectMissing => claims.remove("sub"),
        Misbehaviour::UserInfoSubjectEmpty => claims.set("sub", json!("")),
        Misbehaviour::UserInfoSubjectNotAString => claims.set("sub", json!(1)),
        Misbehaviour::UserInfoDuplicateSubject => claims.push_front("sub", json!("somebody-else")),
        Misbehaviour::UserInfoClaimsTwice => {
            claims.repeat("sub");
            claims.push_text(r#""address":{"country":"NL","country":"NL"}"#);
        }
        misbehaviour if aggregates(misbehaviour) => {
            claims.set("_claim_names", json!({"address": "source"}));
            claims.set(
                "_claim_sources",
                json!({"source": {"JWT": aggregated(call, state)}}),
            );
        }
        Misbehaviour::UserInfoDistributedClaims | Misbehaviour::DistributedClaimsEndpointHttp => {
            let mut endpoint = call.provider.url(Endpoint::DistributedClaims);
            if misbehaviour == Misbehaviour::DistributedClaimsEndpointHttp {
                endpoint = endpoint.replacen("https://", "http://", 1);
            }
            let source = json!({"endpoint": endpoint, "access_token": ACCESS_TOKEN});
            claims.set("_claim_names", json!({"address": "source"}));
            claims.set("_claim_sources", json!({"source": source}));
        }
        Misbehaviour::UserInfoEmailVerifiedAsString => claims.set("email_verified", json!("true")),
        _ => {}
    }
}
