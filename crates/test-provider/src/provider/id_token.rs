//! The ID Token (OpenID Connect Core section 2), and the ways in which it can be wrong.

use jose::{SignatureAlgorithm, SigningKey, base64url};
use serde_json::json;

use self::claims::{
    change_claims, change_front_channel_claims, change_pushed_claims, change_refreshed_claims,
};
use self::header::change_header;
use super::Call;
use super::state::{Grant, Session, State};
use crate::client::ClientRegistration;
use crate::keys;
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;

mod claims;
mod header;
mod signature;

/// The request that the ID Token answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion<'a> {
    /// A login, in which a code was redeemed.
    Login,
    /// A refresh (OpenID Connect Core section 12.2).
    Refresh,
    /// A login whose ID Token goes through the browser, with or without a code (OpenID Connect Core
    /// sections 3.2.2.10 and 3.3.2.11).
    FrontChannel {
        code: Option<&'a str>,
        state: Option<&'a str>,
    },
    /// A login whose tokens are pushed to the client (CIBA Core section 10.3.1).
    Push {
        auth_req_id: &'a str,
        refresh_token: &'a str,
    },
}

/// Creates the ID Token for a client.
pub(super) fn issue(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    grant: &Grant,
    access_token: &str,
    occasion: Occasion<'_>,
) -> String {
    let algorithm = client.id_token_signed_response_alg;
    if let Some(sid) = session_of(client, grant) {
        let subject = grant.subject.clone();
        let session = Session { sid, subject };
        state.sessions.insert(client.client_id.clone(), session);
    }
    let token = Draft {
        generation: state.key_generation,
        algorithm,
        client,
        header: good_header(algorithm, state.key_generation),
        claims: good_claims(call, client, grant, access_token, occasion),
    }
    .finish(call, grant, occasion);
    state
        .id_tokens
        .insert(token.clone(), client.client_id.clone());
    let encrypted_already = [
        Misbehaviour::IdTokenEncrypted,
        Misbehaviour::IdTokenEncryptedRsa15,
    ];
    match &client.id_token_encryption {
        Some(encryption) if !encrypted_already.into_iter().any(|it| call.misbehaves(it)) => {
            encryption.seal(&token)
        }
        _ => token,
    }
}

/// Returns the session of a login, if the client receives logout tokens.
fn session_of(client: &ClientRegistration, grant: &Grant) -> Option<String> {
    let is_told =
        client.backchannel_logout_uri.is_some() || client.frontchannel_logout_uri.is_some();
    is_told.then(|| format!("session-{}", grant.number))
}

/// Signs a JWT for another purpose, for example a UserInfo response.
pub(super) fn sign(
    call: &Call<'_>,
    client: &ClientRegistration,
    algorithm: SignatureAlgorithm,
    generation: u64,
    typ: Option<&str>,
    claims: Members,
) -> String {
    let mut header = good_header(algorithm, generation);
    match typ {
        Some(typ) => header.set("typ", json!(typ)),
        None => header.remove("typ"),
    }
    if call.misbehaves(Misbehaviour::KeySetKidAbsent) {
        header.remove("kid");
    }
    let input = format!(
        "{}.{}",
        base64url::encode(header.to_string().as_bytes()),
        base64url::encode(claims.to_string().as_bytes())
    );
    let draft = Draft {
        generation,
        algorithm,
        client,
        header,
        claims,
    };
    let signature = draft.sign(&input);
    format!("{input}.{}", base64url::encode(&signature))
}

/// Returns another algorithm than `algorithm`. A client that registered `algorithm` must refuse it.
pub(super) fn alternate(algorithm: SignatureAlgorithm) -> SignatureAlgorithm {
    match algorithm {
        SignatureAlgorithm::ES256 | SignatureAlgorithm::PS256 => SignatureAlgorithm::RS256,
        _ => SignatureAlgorithm::ES256,
    }
}

/// An ID Token before it is signed.
struct Draft<'a> {
    generation: u64,
    algorithm: SignatureAlgorithm,
    client: &'a ClientRegistration,
    header: Members,
    claims: Members,
}

impl Draft<'_> {
    fn finish(mut self, call: &Call<'_>, grant: &Grant, occasion: Occasion<'_>) -> String {
        for misbehaviour in call.misbehaviours {
            change_claims(
                &mut self.claims,
                *misbehaviour,
                call,
                &self.client.client_id,
            );
            if occasion == Occasion::Refresh {
                change_refreshed_claims(&mut self.claims, *misbehaviour, grant);
            }
            if matches!(occasion, Occasion::FrontChannel { .. }) {
                change_front_channel_claims(&mut self.claims, *misbehaviour);
            }
            if matches!(occasion, Occasion::Push { .. }) {
                change_pushed_claims(&mut self.claims, *misbehaviour);
            }
            change_header(
                &mut self.header,
                *misbehaviour,
                self.algorithm,
                self.generation,
            );
        }
        let header = base64url::encode(self.header.to_string().as_bytes());
        let payload = payload(call, &self.claims);
        let input = format!("{header}.{payload}");
        let mut signature = self.sign(&input);
        for misbehaviour in call.misbehaviours {
            if let Some(wrong) = signature::wrong(&self, *misbehaviour, &input, &signature) {
                signature = wrong;
            }
        }
        if call.misbehaves(Misbehaviour::IdTokenEncrypted) {
            return encrypted("RSA-OAEP-256");
        }
        if call.misbehaves(Misbehaviour::IdTokenEncryptedRsa15) {
            return encrypted("RSA1_5");
        }
        if call.misbehaves(Misbehaviour::IdTokenTwoSegments) {
            return input;
        }
        format!("{input}.{}", base64url::encode(&signature))
    }

    fn sign(&self, input: &str) -> Vec<u8> {
        signature(self.algorithm, self.generation, self.client, input)
    }
}

/// Signs with the provider's key, or with an HMAC and the client's secret.
pub(super) fn signature(
    algorithm: SignatureAlgorithm,
    generation: u64,
    client: &ClientRegistration,
    input: &str,
) -> Vec<u8> {
    let input = input.as_bytes();
    let signature = if algorithm.is_symmetric() {
        let secret = client.secret().expect("checked at registration");
        SigningKey::hmac(secret.as_bytes()).and_then(|key| key.sign(algorithm, input))
    } else {
        keys::signing_key(algorithm, generation).sign(algorithm, input)
    };
    signature.expect("the key fits the algorithm")
}

pub(super) fn good_header(algorithm: SignatureAlgorithm, generation: u64) -> Members {
    let mut header = Members::new([("alg", json!(algorithm.as_str())), ("typ", json!("JWT"))]);
    if !algorithm.is_symmetric() {
        header.set("kid", json!(keys::kid(algorithm, generation)));
    }
    header
}

fn good_claims(
    call: &Call<'_>,
    client: &ClientRegistration,
    grant: &Grant,
    access_token: &str,
    occasion: Occasion<'_>,
) -> Members {
    // The hash of ML-DSA cannot be computed here. `at_hash` and `s_hash` are optional, and a
    // request for a code is refused earlier.
    let left_half = |text: &str| {
        let hash = client.id_token_signed_response_alg.hash()?;
        let digest = hash.digest(text.as_bytes());
        Some(json!(base64url::encode(&digest[..digest.len() / 2])))
    };
    let mut claims = Members::new([
        ("iss", json!(call.provider.token_issuer())),
        ("sub", json!(grant.subject)),
        ("aud", json!(client.client_id)),
        ("exp", json!(call.now + LIFETIME)),
        ("iat", json!(call.now)),
        ("auth_time", json!(grant.auth_time)),
    ]);
    if let Some(tenant) = &call.provider.tenant {
        claims.set("tid", json!(tenant));
    }
    if let Some(sid) = session_of(client, grant) {
        claims.set("sid", json!(sid));
    }
    if let Some(user) = call.user(&grant.subject) {
        for (name, value) in &user.other_claims {
            claims.set(name, value.clone());
        }
    }
    if let Occasion::FrontChannel { code, state } = occasion {
        // If the response has no access token for the UserInfo endpoint, the ID Token contains its
        // claims (OpenID Connect Core section 5.4).
        if let (None, Some(user)) = (code, call.user(&grant.subject)) {
            for (name, value) in user.claims(&grant.scope).iter() {
                claims.set(name, value.clone());
            }
        }
        for (name, value) in [("c_hash", code), ("s_hash", state)] {
            if let Some(hash) = value.and_then(left_half) {
                claims.set(name, hash);
            }
        }
    } else if let Some(hash) = left_half(access_token) {
        claims.set("at_hash", hash);
    }
    if let Occasion::Push {
        auth_req_id,
        refresh_token,
    } = occasion
    {
        claims.set(AUTH_REQ_ID, json!(auth_req_id));
        if let Some(hash) = left_half(refresh_token) {
            claims.set(RT_HASH, hash);
        }
    }
    // A refreshed ID Token should have no nonce (OpenID Connect Core section 12.2).
    if let (Occasion::Login | Occasion::FrontChannel { .. }, Some(nonce)) = (occasion, &grant.nonce)
    {
        claims.set("nonce", json!(nonce));
    }
    claims
}

/// Returns the second segment. The signature covers a malformed segment too, so that the form is
/// the only reason for a refusal.
fn payload(call: &Call<'_>, claims: &Members) -> String {
    let mut text = claims.to_string();
    if call.misbehaves(Misbehaviour::IdTokenNotAnObject) {
        text = format!("[{text}]");
    }
    let stray_bits = call.misbehaves(Misbehaviour::IdTokenTrailingBits);
    let padding = call.misbehaves(Misbehaviour::IdTokenPadding);
    if stray_bits || padding {
        // If the length is one more than a multiple of three, the last character has four unused
        // bits.
        while text.len() % 3 != 1 {
            text.push(' ');
        }
    }
    let mut encoded = base64url::encode(text.as_bytes());
    if stray_bits {
        // The last character is A, Q, g or w. The next character of the alphabet differs in the
        // lowest bit.
        let last = encoded.pop().expect("a claims set is not empty");
        encoded.push(char::from_u32(u32::from(last) + 1).expect("ASCII"));
    }
    if padding {
        encoded.push_str("==");
    }
    encoded
}

/// Returns a text with the form of a JWE (RFC 7516 section 7.1) and arbitrary content.
fn encrypted(algorithm: &str) -> String {
    let header = format!(r#"{{"alg":"{algorithm}","enc":"A256GCM","cty":"JWT"}}"#);
    let header = base64url::encode(header.as_bytes());
    let filler = |length| base64url::encode(&vec![1; length]);
    format!(
        "{header}.{}.{}.{}.{}",
        filler(256),
        filler(12),
        filler(400),
        filler(16)
    )
}

/// The claims of a push (CIBA Core section 10.3.1).
const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";
const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";

/// The lifetime of an ID Token, in seconds.
const LIFETIME: i64 = 3_600;
