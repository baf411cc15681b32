//! The token endpoint: `authorization_code` with PKCE (RFC 6749 section 4.1.3, RFC 7636 section
//! 4.6) and `refresh_token` with rotation (RFC 6749 section 6, RFC 9700 section 4.14).

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Response, StatusCode};
use jose::{HashAlgorithm, base64url};
use serde_json::{Value, json};

use super::id_token::Occasion;
use super::polling::Polled;
use super::state::{AccessToken, Grant, RefreshToken, State};
use super::{
    Call, Endpoint, access_token, certificate, client_authentication, client_credentials, dpop,
    fapi, id_token, polling, token_exchange,
};
use crate::client::ClientRegistration;
use crate::dpop::DPoPBehaviour;
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::parameters::Parameters;
use crate::response;

pub(super) fn answer(call: &Call<'_>, state: &mut State) -> Response<Bytes> {
    let Some(parameters) = Parameters::of_body(call.request) else {
        return bad_request("invalid_request", "the body is not a form");
    };
    if parameters.duplicate().is_some() {
        return bad_request("invalid_request", "a parameter occurs more than once");
    }
    let client = match client_authentication::authenticate(call, state, &parameters) {
        Ok(client) => client,
        Err(refused) => return refused.response(),
    };
    let jkt = match dpop::proven(call, state, Endpoint::Token, None) {
        Ok(jkt) => jkt,
        Err(refused) => return refused.response(),
    };
    if let Err(refused) = fapi::check_proof(call, client) {
        return refused.response();
    }
    let is_bound = jkt.is_some() || certificate::binding(call, client).is_some();
    if let Err((error, description)) =
        fapi::check_token_request(state, client, &parameters, is_bound)
    {
        return bad_request(error, description);
    }
    let outcome = match parameters.get("grant_type") {
        Some("authorization_code") => redeem(call, state, client, &parameters, jkt),
        Some("refresh_token") => refresh(call, state, client, &parameters, jkt),
        Some("client_credentials") => {
            client_credentials::grant(call, state, client, &parameters, jkt)
        }
        Some(token_exchange::GRANT_TYPE) => {
            token_exchange::grant(call, state, client, &parameters, jkt)
        }
        Some(polling::DEVICE_CODE | polling::CIBA) => {
            match polling::grant(call, state, client, &parameters) {
                Polled::Granted(grant) => {
                    Ok(issue_all(call, state, client, &Grant { jkt, ..grant }))
                }
                Polled::Refused(refusal) => Err(refusal),
                Polled::Unavailable => return unavailable(),
            }
        }
        Some(_) => Err(("unsupported_grant_type", "the grant type is unknown")),
        None => Err(("invalid_request", "grant_type is missing")),
    };
    match outcome {
        Ok(document) => respond(call, document),
        Err((error, description)) => bad_request(error, description),
    }
}

/// An error code and a description.
pub(super) type Refusal = (&'static str, &'static str);

fn redeem(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    parameters: &Parameters,
    jkt: Option<String>,
) -> Result<Members, Refusal> {
    let code = parameters
        .get("code")
        .ok_or(("invalid_request", "code is missing"))?;
    let known = state
        .codes
        .get_mut(code)
        .ok_or(("invalid_grant", "the code is unknown"))?;
    if known.grant.client_id != client.client_id {
        return Err(("invalid_grant", "the code belongs to another client"));
    }
    if known.redeemed {
        // The code may have been stolen, so the tokens that it gave are revoked (RFC 6749 section
        // 4.1.2).
        let grant = known.grant.number;
        state.revoke(grant);
        return Err(("invalid_grant", "the code was redeemed before"));
    }
    known.redeemed = true;
    if call.now >= known.expires_at {
        return Err(("invalid_grant", "the code has expired"));
    }
    if parameters.get("redirect_uri") != Some(known.redirect_uri.as_str()) {
        return Err((
            "invalid_grant",
            "redirect_uri is not the one of the authorization request",
        ));
    }
    let verifier = parameters.get("code_verifier");
    if verifier.is_some_and(|verifier| !is_verifier(verifier)) {
        return Err((
            "invalid_grant",
            "code_verifier is not 43 to 128 unreserved characters",
        ));
    }
    let challenge = verifier
        .map(|verifier| base64url::encode(&HashAlgorithm::Sha256.digest(verifier.as_bytes())));
    if challenge != known.code_challenge {
        return Err((
            "invalid_grant",
            "code_verifier does not fit the code_challenge",
        ));
    }
    let mut grant = known.grant.clone();
    if grant.jkt.is_some() && grant.jkt != jkt {
        return Err(("invalid_grant", "the code is bound to another DPoP key"));
    }
    grant.jkt = jkt;
    if call.treats_dpop(DPoPBehaviour::BearerIssued) {
        grant.jkt = None;
    }
    if call.misbehaves(Misbehaviour::KeySetRotatedBeforeSigning) {
        state.rotate_keys();
    }
    let targeted = targeted(&grant, parameters)?;
    let refresh_token = issue_refresh_token(call, state, &grant);
    let mut document = issue(call, state, client, &targeted, Occasion::Login);
    document.set("refresh_token", json!(refresh_token));
    Ok(document)
}

/// Returns the grant of an access token for the `resource` of the request, or for no resource (RFC
/// 8707 section 2.2).
fn targeted(grant: &Grant, parameters: &Parameters) -> Result<Grant, Refusal> {
    let resource = parameters.get("resource").map(str::to_owned);
    if resource.is_some() && grant.resource.is_some() && resource != grant.resource {
        return Err(("invalid_target", "the resource was not granted"));
    }
    let resource = resource.filter(|_| grant.resource.is_some());
    Ok(Grant {
        resource,
        ..grant.clone()
    })
}

/// Whether the text has the form of a code verifier (RFC 7636 section 4.1).
fn is_verifier(text: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(is_unreserved)
}

/// Issues the tokens of a login, including a refresh token.
fn issue_all(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    grant: &Grant,
) -> Members {
    let refresh_token = issue_refresh_token(call, state, grant);
    let mut document = issue(call, state, client, grant, Occasion::Login);
    document.set("refresh_token", json!(refresh_token));
    document
}

fn refresh(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    parameters: &Parameters,
    jkt: Option<String>,
) -> Result<Members, Refusal> {
    let token = parameters
        .get("refresh_token")
        .ok_or(("invalid_request", "refresh_token is missing"))?;
    let rotates = !call.misbehaves(Misbehaviour::RefreshWithoutRotation);
    let known = state
        .refresh_tokens
        .get_mut(token)
        .ok_or(("invalid_grant", "the refresh token is unknown"))?;
    let mut grant = known.grant.clone();
    if grant.client_id != client.client_id {
        return Err((
            "invalid_grant",
            "the refresh token belongs to another client",
        ));
    }
    // RFC 9449 section 5 binds only the refresh tokens of public clients. Binding all of them is
    // simpler.
    if grant.jkt.is_some() && grant.jkt != jkt {
        return Err((
            "invalid_grant",
            "the refresh token is bound to another DPoP key",
        ));
    }
    if known.replaced {
        // The refresh token may have been stolen, so every token of its grant is revoked (RFC 9700
        // section 4.14.2).
        state.revoke(grant.number);
        return Err(("invalid_grant", "the refresh token was used before"));
    }
    if let Some(scope) = parameters.get("scope") {
        if !scope.split(' ').all(|value| grant.has_scope(value)) {
            return Err(("invalid_scope", "the scope was not granted"));
        }
        grant.scope = scope.to_owned();
    }
    let grant = targeted(&grant, parameters)?;
    known.replaced = rotates;
    let original = known.grant.clone();
    let mut document = issue(call, state, client, &grant, Occasion::Refresh);
    if rotates {
        document.set(
            "refresh_token",
            json!(issue_refresh_token(call, state, &original)),
        );
    }
    if call.misbehaves(Misbehaviour::RefreshIdTokenMissing) {
        document.remove("id_token");
    }
    Ok(document)
}

pub(super) fn issue_refresh_token(call: &Call<'_>, state: &mut State, grant: &Grant) -> String {
    let value = state.unguessable(&call.provider.seed, "refresh_token");
    let token = RefreshToken {
        grant: grant.clone(),
        replaced: false,
    };
    state.refresh_tokens.insert(value.clone(), token);
    value
}

/// Issues an access token, and an ID Token if the scope contains `openid`.
pub(super) fn issue(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    grant: &Grant,
    occasion: Occasion<'_>,
) -> Members {
    let issued = AccessToken {
        grant: grant.clone(),
        x5t_s256: certificate::binding(call, client),
        expires_at: call.now + ACCESS_TOKEN_LIFETIME,
    };
    let access_token = access_token::make(call, state, client, &issued);
    state.access_tokens.insert(access_token.clone(), issued);
    let says_bound = call.treats_dpop(DPoPBehaviour::BoundWithoutProof);
    let token_type = match grant.jkt.is_some() || says_bound {
        true => "DPoP",
        false => "Bearer",
    };
    let mut document = Members::new([
        ("access_token", json!(access_token)),
        ("token_type", json!(token_type)),
        ("expires_in", json!(ACCESS_TOKEN_LIFETIME)),
        ("scope", json!(grant.scope)),
    ]);
    if let Some(details) = &grant.authorization_details {
        document.set("authorization_details", details.clone());
    }
    if grant.has_scope("openid") {
        let id_token = id_token::issue(call, state, client, grant, &access_token, occasion);
        document.set("id_token", json!(id_token));
    }
    document
}

fn respond(call: &Call<'_>, mut document: Members) -> Response<Bytes> {
    for misbehaviour in call.misbehaviours {
        misbehave(&mut document, *misbehaviour);
    }
    if call.misbehaves(Misbehaviour::TokenInvalidGrant) {
        return bad_request("invalid_grant", "the provider misbehaves");
    }
    if call.misbehaves(Misbehaviour::TokenUnauthorized) {
        let challenge = "Basic realm=\"test-provider\", error=\"invalid_client\"";
        return response::challenge(
            StatusCode::UNAUTHORIZED,
            challenge,
            "invalid_client",
            "the provider misbehaves",
        );
    }
    let status = if call.misbehaves(Misbehaviour::TokenCreated) {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    response::json(status, &document)
}

fn misbehave(document: &mut Members, misbehaviour: Misbehaviour) {
    use Misbehaviour as M;
    match misbehaviour {
        M::TokenAccessTokenMissing => document.remove("access_token"),
        M::TokenAccessTokenEmpty => document.set("access_token", json!("")),
        M::TokenAccessTokenNotAString => document.set("access_token", json!(1)),
        M::TokenDuplicateAccessToken => document.push_front("access_token", json!("another")),
        M::TokenTypeMissing => document.remove("token_type"),
        M::TokenTypeInvertedCase => {
            let token_type = document.get("token_type").and_then(Value::as_str);
            let inverted = token_type.map(inverted).unwrap_or_default();
            document.set("token_type", json!(inverted));
        }
        M::TokenTypeUnknown => document.set("token_type", json!("mac")),
        M::TokenExpiresInAsString => {
            document.set("expires_in", json!(ACCESS_TOKEN_LIFETIME.to_string()))
        }
        M::TokenExpiresInNegative => document.set("expires_in", json!(-1)),
        M::TokenExpiresInNull => document.set("expires_in", Value::Null),
        M::TokenExpiresInText => document.set("expires_in", json!("3600abc")),
        M::TokenExpiresInMissing => document.remove("expires_in"),
        M::TokenRefreshTokenEmpty => document.set("refresh_token", json!("")),
        M::TokenRefreshTokenNull => document.set("refresh_token", Value::Null),
        M::TokenRefreshTokenMissing => document.remove("refresh_token"),
        M::TokenScopeMissing => document.remove("scope"),
        M::TokenScopeNotAString => document.set("scope", json!(["openid"])),
        M::TokenIdTokenMissing => document.remove("id_token"),
        M::TokenIdTokenEmpty => document.set("id_token", json!("")),
        M::TokenIdTokenNotAString => document.set("id_token", json!({"sub": "alice"})),
        _ => {}
    }
}

/// Changes upper case to lower case and lower case to upper case.
pub(super) fn inverted(text: &str) -> String {
    text.chars()
        .map(|character| match character.is_ascii_uppercase() {
            true => character.to_ascii_lowercase(),
            false => character.to_ascii_uppercase(),
        })
        .collect()
}

/// Responds that the provider is busy, and for how long (RFC 9110 section 15.6.4).
fn unavailable() -> Response<Bytes> {
    let mut response = response::page(StatusCode::SERVICE_UNAVAILABLE, "Busy", "");
    let seconds = polling::BUSY_FOR.into();
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}

fn bad_request(error: &str, description: &str) -> Response<Bytes> {
    response::error(StatusCode::BAD_REQUEST, error, description)
}

/// The lifetime of an access token, in seconds.
const ACCESS_TOKEN_LIFETIME: i64 = 3_600;
