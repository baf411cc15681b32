//! The endpoint of a claims provider, which the provider also is (OpenID Connect Core section
//! 5.6.2).

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Response, StatusCode};
use jose::SignatureAlgorithm;
use jose::base64url;
use serde_json::json;

use super::id_token::good_header;
use super::state::State;
use super::{Call, access};
use crate::keys;
use crate::members::Members;
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
    response::plain(StatusCode::OK, "application/jwt", jwt(call, state))
}

/// Returns the claims as a JWT, signed with RS256.
pub(super) fn jwt(call: &Call<'_>, state: &State) -> String {
    let claims = Members::new([
        ("iss", json!(call.provider.token_issuer())),
        ("address", json!({"country": "NL"})),
    ]);
    let algorithm = SignatureAlgorithm::RS256;
    let header = good_header(algorithm, state.key_generation);
    let input = format!(
        "{}.{}",
        base64url::encode(header.to_string().as_bytes()),
        base64url::encode(claims.to_string().as_bytes())
    );
    let key = keys::signing_key(algorithm, state.key_generation);
    let signature = key.sign(algorithm, input.as_bytes()).expect("the key fits");
    format!("{input}.{}", base64url::encode(&signature))
}
