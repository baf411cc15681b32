//! Logouts that the provider reports to clients: logout tokens (OpenID Connect Back-Channel Logout
//! section 2.4), frames of the logout page, and the state of the session.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use jose::{HashAlgorithm, SignatureAlgorithm, base64url};
use serde_json::json;
use url::{Url, form_urlencoded};

use super::id_token::{alternate, good_header, signature};
use super::state::{AuthorizationRequest, Session, State};
use super::{Call, Provider, Shared};
use crate::client::ClientRegistration;
use crate::keys;
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::response::escape;

impl Provider {
    /// Returns the request to the `backchannel_logout_uri` of a client for the logout of its last
    /// session (OpenID Connect Back-Channel Logout section 2.5). Returns `None` if no user has
    /// logged in there. A server would send the request; this provider sends nothing.
    pub fn logout_request(&self, client_id: &str, now: i64) -> Option<Request<Bytes>> {
        let Shared {
            clients,
            misbehaviours,
            state,
            ..
        } = &mut *self.shared();
        let client = clients.get(client_id)?;
        back_channel(self, client, misbehaviours, state, now)
    }

    /// Responds to a message like the script of the `check_session_iframe`, with `unchanged`,
    /// `changed` or `error` (OpenID Connect Session Management section 3.2). `origin` is the origin
    /// of the frame that sent the message.
    pub fn check_session(&self, message: &str, origin: &str) -> &'static str {
        let Some((client_id, session_state)) = message.split_once(' ') else {
            return "error";
        };
        let Some((_, salt)) = session_state.split_once('.') else {
            return "error";
        };
        let shared = self.shared();
        match calculated(&shared.state, client_id, origin, salt) == session_state {
            true => "unchanged",
            false => "changed",
        }
    }

    /// Returns the URL at which a client begins a login and then opens `target` (OpenID Connect
    /// Core section 4). Returns `None` for a client without an `initiate_login_uri`.
    pub fn login_initiation(&self, client_id: &str, target: &str) -> Option<String> {
        let shared = self.shared();
        let uri = shared.clients.get(client_id)?.initiate_login_uri.as_ref()?;
        let mut url = Url::parse(uri).ok()?;
        url.query_pairs_mut()
            .append_pair("iss", &self.token_issuer())
            .append_pair("login_hint", "bob")
            .append_pair("target_link_uri", target);
        Some(url.into())
    }
}

/// Returns the frames of the logout page, one for each client with a session (OpenID Connect
/// Front-Channel Logout section 3).
pub(super) fn front_channel(call: &Call<'_>, state: &State) -> String {
    let frame = |(client_id, session): (&String, &Session)| {
        let uri = call
            .clients
            .get(client_id)?
            .frontchannel_logout_uri
            .as_ref()?;
        let mut url = Url::parse(uri).ok()?;
        url.query_pairs_mut()
            .append_pair("iss", &call.provider.token_issuer())
            .append_pair("sid", &session.sid);
        Some(format!(
            "<iframe src=\"{}\"></iframe>",
            escape(url.as_str())
        ))
    };
    state.sessions.iter().filter_map(frame).collect()
}

/// Returns the `session_state` of a response (OpenID Connect Session Management section 3.2).
pub(super) fn session_state(
    call: &Call<'_>,
    state: &State,
    request: &AuthorizationRequest,
) -> Option<String> {
    let client = call.clients.get(&request.client_id)?;
    let url = Url::parse(&request.redirect_uri).ok()?;
    let origin = url.origin().ascii_serialization();
    let is_sent = client.session_management;
    is_sent.then(|| calculated(state, &client.client_id, &origin, "salt"))
}

fn calculated(state: &State, client_id: &str, origin: &str, salt: &str) -> String {
    let browser_state = format!("browser-{}", state.logouts);
    let input = format!("{client_id} {origin} {browser_state} {salt}");
    let digest = HashAlgorithm::Sha256.digest(input.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.{salt}")
}

/// Returns the request that contains the logout token (OpenID Connect Back-Channel Logout section
/// 2.5).
fn back_channel(
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
        json!(format!("{}1", text.expect("the claim is a string")))
    };
    match misbehaviour {
        M::LogoutTokenSessionMissing => claims.remove("sid"),
        M::LogoutTokenSubjectMissing => claims.remove("sub"),
        M::LogoutTokenWithoutSubject => {
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
