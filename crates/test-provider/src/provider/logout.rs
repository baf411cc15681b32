//! Logout tokens (OpenID Connect Back-Channel Logout section 2.4).

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use jose::{SignatureAlgorithm, base64url};
use serde_json::json;
use url::form_urlencoded;

use super::Provider;
use super::id_token::{alternate, good_header, signature};
use super::state::{Session, State};
use crate::client::ClientRegistration;
use crate::keys;
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;

/// Returns the request that contains the logout token (OpenID Connect Back-Channel Logout section
/// 2.5).
pub(super) fn back_channel(
    provider: &Provider,
    client: &ClientRegistration,
    misbehaviours: &BTreeSet<Misbehaviour>,
    state: &mut State,
    now: i64,
) -> Option<Request<Bytes>> {
    let uri = client.backchannel_logout_uri.as_ref()?;
    let session = state.sessions.get(&client.client_id)?.clone();
    let jti = state.unguessable(&provider.seed, "logout token");
    let mut claims = good_claims(provider, client, &session, &jti, now);
    let generation = state.key_generation;
    let algorithm = client.id_token_signed_response_alg;
    let mut header = good_header(algorithm, generation);
    header.set("typ", json!("logout+jwt"));
    let mut signed_with = Some(algorithm);
    for misbehaviour in misbehaviours {
        change_claims(&mut claims, *misbehaviour, now);
        match misbehaviour {
            Misbehaviour::LogoutTokenTypeMissing => header.remove("typ"),
            Misbehaviour::LogoutTokenTypeAccessToken => header.set("typ", json!("at+jwt")),
            Misbehaviour::LogoutTokenAlgorithmNone => {
                header.set("alg", json!("none"));
                signed_with = None;
            }
            Misbehaviour::LogoutTokenAlternateAlgorithm => {
                let alternate = alternate(algorithm);
                header.set("alg", json!(alternate.as_str()));
                header.set("kid", json!(keys::kid(alternate, generation)));
                signed_with = Some(alternate);
            }
            _ => {}
        }
    }
    let mut token = sign(client, signed_with, generation, &header, &claims);
    if misbehaviours.contains(&Misbehaviour::LogoutTokenSignatureBroken) {
        let (input, signature) = token.rsplit_once('.').expect("a token has parts");
        let mut broken = base64url::decode(signature).expect("base64url");
        broken[0] ^= 1;
        token = format!("{input}.{}", base64url::encode(&broken));
    }
    if let Some(encryption) = &client.id_token_encryption {
        token = encryption.seal(&token);
    }
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("logout_token", &token);
    if misbehaviours.contains(&Misbehaviour::LogoutTokenTwice) {
        form.append_pair("logout_token", &token);
    }
    Request::post(uri)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(form.finish()))
        .ok()
}

fn good_claims(
    provider: &Provider,
    client: &ClientRegistration,
    session: &Session,
    jti: &str,
    now: i64,
) -> Members {
    Members::new([
        ("iss", json!(provider.token_issuer())),
        ("sub", json!(session.subject)),
        ("aud", json!(client.client_id)),
        ("iat", json!(now)),
        ("exp", json!(now + LIFETIME)),
        ("jti", json!(jti)),
        ("sid", json!(session.sid)),
        ("events", json!({ EVENT: {} })),
    ])
}

fn change_claims(claims: &mut Members, misbehaviour: Misbehaviour, now: i64) {
    use Misbehaviour as M;
    let longer = |claims: &Members, name| {
        let text = claims.get(name).and_then(|value| value.as_str());
        json!(format!("{}1", text.expect("a string")))
    };
    match misbehaviour {
        M::LogoutTokenSessionMissing => claims.remove("sid"),
        M::LogoutTokenSubjectMissing => claims.remove("sub"),
        M::LogoutTokenAboutNobody => {
            claims.remove("sid");
            claims.remove("sub");
        }
        M::LogoutTokenIssuerMismatch => claims.set("iss", longer(claims, "iss")),
        M::LogoutTokenAudienceMismatch => claims.set("aud", longer(claims, "aud")),
        M::LogoutTokenExpired => claims.set("exp", json!(now - 360)),
        M::LogoutTokenExpiryMissing => claims.remove("exp"),
        M::LogoutTokenIdentifierMissing => claims.remove("jti"),
        M::LogoutTokenEventsMissing => claims.remove("events"),
        M::LogoutTokenEventMismatch => claims.set("events", json!({ OTHER_EVENT: {} })),
        M::LogoutTokenNonce => claims.set("nonce", json!("a nonce")),
        _ => {}
    }
}

/// Signs the token. Without an algorithm, the signature is empty.
fn sign(
    client: &ClientRegistration,
    algorithm: Option<SignatureAlgorithm>,
    generation: u64,
    header: &Members,
    claims: &Members,
) -> String {
    let input = format!(
        "{}.{}",
        base64url::encode(header.to_string().as_bytes()),
        base64url::encode(claims.to_string().as_bytes())
    );
    let signature = algorithm.map(|algorithm| signature(algorithm, generation, client, &input));
    let signature = base64url::encode(&signature.unwrap_or_default());
    format!("{input}.{signature}")
}

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

const OTHER_EVENT: &str = "http://schemas.openid.net/event/other";

/// The lifetime of a logout token, in seconds.
const LIFETIME: i64 = 120;
