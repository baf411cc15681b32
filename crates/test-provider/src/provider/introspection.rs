//! The introspection endpoint (RFC 7662, RFC 9701).

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::access_token::confirmation;
use super::state::State;
use super::{Call, client_authentication, id_token};
use crate::client::ClientRegistration;
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
    let Some(token) = parameters.get("token") else {
        return bad_request("token is missing");
    };
    let mut document = introspect(call, state, token);
    match () {
        () if call.misbehaves(Misbehaviour::IntrospectionActiveMissing) => {
            document.remove("active");
        }
        () if call.misbehaves(Misbehaviour::IntrospectionActiveNotABoolean) => {
            document.set("active", json!("true"));
        }
        () => {}
    }
    if !client.signed_introspection_responses
        || call.misbehaves(Misbehaviour::IntrospectionUnsigned)
    {
        if call.misbehaves(Misbehaviour::IntrospectionClaimsTwice) {
            document.repeat("active");
        }
        return response::json(StatusCode::OK, &document);
    }
    let jwt = sign(call, state, client, document);
    response::plain(StatusCode::OK, MEDIA_TYPE, jwt)
}

/// Returns the introspection response for a token.
fn introspect(call: &Call<'_>, state: &State, token: &str) -> Members {
    let access_token = state
        .access_tokens
        .get(token)
        .filter(|token| call.now < token.expires_at)
        .map(|token| (&token.grant, Some(token)));
    let refresh_token = state
        .refresh_tokens
        .get(token)
        .filter(|token| !token.replaced)
        .map(|token| (&token.grant, None));
    let Some((grant, access_token)) = access_token.or(refresh_token) else {
        return Members::new([("active", json!(false))]);
    };
    let mut document = Members::new([
        ("active", json!(true)),
        ("client_id", json!(grant.client_id)),
        ("scope", json!(grant.scope)),
        ("sub", json!(grant.subject)),
        ("iss", json!(call.provider.token_issuer())),
    ]);
    if let Some(token) = access_token {
        document.set("exp", json!(token.expires_at));
        document.set("token_type", json!("Bearer"));
        if let Some(api) = &state.api {
            document.set("aud", json!(api.audience));
        }
    }
    if grant.jkt.is_some() {
        // RFC 9449 section 6.2 defines `cnf` and `token_type` for bound tokens.
        document.set("token_type", json!("DPoP"));
    }
    let x5t_s256 = access_token.and_then(|token| token.x5t_s256.as_deref());
    if let Some(cnf) = confirmation(grant.jkt.as_deref(), x5t_s256) {
        document.set("cnf", cnf);
    }
    document
}

/// Signs the response as a JWT (RFC 9701 section 5).
fn sign(call: &Call<'_>, state: &State, client: &ClientRegistration, document: Members) -> String {
    let mut typ = Some("token-introspection+jwt");
    let mut claims = Members::new([
        ("iss", json!(call.provider.token_issuer())),
        ("aud", json!(client.client_id)),
        ("iat", json!(call.now)),
        ("token_introspection", Value::from(document)),
    ]);
    let mut is_broken = false;
    for misbehaviour in call.misbehaviours {
        match misbehaviour {
            Misbehaviour::IntrospectionTypeOfIdToken => typ = Some("JWT"),
            Misbehaviour::IntrospectionTypeMediaType => {
                typ = Some("application/token-introspection+jwt");
            }
            Misbehaviour::IntrospectionTypeMissing => typ = None,
            Misbehaviour::IntrospectionIssuerMismatch => {
                claims.set("iss", json!(format!("{}1", call.issuer())));
            }
            Misbehaviour::IntrospectionAudienceMismatch => claims.set("aud", json!("a-stranger")),
            Misbehaviour::IntrospectionIssuedAtMissing => claims.remove("iat"),
            Misbehaviour::IntrospectionClaimMissing => claims.remove("token_introspection"),
            Misbehaviour::IntrospectionClaimsTwice => claims.repeat("iss"),
            Misbehaviour::IntrospectionDuplicateIssuer => {
                claims.push_front("iss", json!(format!("{}1", call.issuer())));
            }
            Misbehaviour::IntrospectionSignatureBroken => is_broken = true,
            _ => {}
        }
    }
    let jwt = id_token::sign(
        call,
        client,
        client.id_token_signed_response_alg,
        state.key_generation,
        typ,
        claims,
    );
    if !is_broken {
        return jwt;
    }
    let (input, signature) = jwt.rsplit_once('.').expect("a JWT");
    let other = if signature.starts_with('A') { "B" } else { "A" };
    format!("{input}.{other}{}", &signature[1..])
}

const MEDIA_TYPE: &str = "application/token-introspection+jwt";
