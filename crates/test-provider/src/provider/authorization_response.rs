//! The way of the authorization response through the browser (OAuth 2.0 Multiple Response Types
//! section 2.1, OAuth 2.0 Form Post Response Mode, JARM section 2.3).

use bytes::Bytes;
use http::{Response, StatusCode};
use jose::base64url;
use serde_json::json;
use url::form_urlencoded;

use super::browser::FIELD;
use super::state::{AuthorizationRequest, State};
use super::{Call, id_token};
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::response;
use crate::response::{SUBMIT, escape};

/// Sends these parameters to the client through the browser, in the requested response mode.
pub(super) fn send(
    call: &Call<'_>,
    state: &State,
    request: &AuthorizationRequest,
    mut parameters: Vec<(&'static str, String)>,
) -> Response<Bytes> {
    let packed = request.response_mode.ends_with("jwt");
    if packed && !call.misbehaves(Misbehaviour::CallbackUnpacked) {
        parameters = vec![("response", pack(call, state, request, parameters))];
    }
    let channel = match request.response_mode.trim_end_matches(".jwt") {
        _ if call.misbehaves(Misbehaviour::CallbackInQuery) => "query",
        "jwt" | "query" if call.misbehaves(Misbehaviour::CallbackInFragment) => "fragment",
        "jwt" => "query",
        channel => channel,
    };
    if channel == "form_post" {
        return form_post(&request.redirect_uri, &parameters);
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    let separator = match channel {
        "fragment" => '#',
        _ if request.redirect_uri.contains('?') => '&',
        _ => '?',
    };
    response::redirect(&format!("{}{separator}{query}", request.redirect_uri))
}

/// Creates a page with a form that posts itself to the client.
fn form_post(redirect_uri: &str, parameters: &[(&'static str, String)]) -> Response<Bytes> {
    let fields: String = parameters
        .iter()
        .map(|(name, value)| {
            let value = escape(value);
            format!("{FIELD}{name}\" value=\"{value}\">\n")
        })
        .collect();
    let body = format!(
        "<form method=\"post\" action=\"{}\">\n{fields}<button>Go on</button>\n</form>\n{SUBMIT}",
        escape(redirect_uri)
    );
    response::page(StatusCode::OK, "Back to the application", &body)
}

/// Signs the response as a JWT. Returns an empty text if the client no longer exists.
fn pack(
    call: &Call<'_>,
    state: &State,
    request: &AuthorizationRequest,
    parameters: Vec<(&'static str, String)>,
) -> String {
    let mut claims = Members::new([
        ("aud", json!(request.client_id)),
        ("exp", json!(call.now + LIFETIME)),
    ]);
    for (name, value) in parameters {
        claims.push(name, json!(value));
    }
    for misbehaviour in call.misbehaviours {
        misbehave(&mut claims, *misbehaviour, call);
    }
    let Some(client) = call.clients.get(&request.client_id) else {
        return String::new();
    };
    let algorithm = client.id_token_signed_response_alg;
    let jwt = id_token::sign(
        call,
        client,
        algorithm,
        state.key_generation,
        Some("JWT"),
        claims,
    );
    let (input, signature) = jwt.rsplit_once('.').expect("a JWT has three parts");
    if call.misbehaves(Misbehaviour::PackedSignatureBroken) {
        let mut broken = base64url::decode(signature).expect("base64url");
        broken[0] ^= 1;
        return format!("{input}.{}", base64url::encode(&broken));
    }
    if call.misbehaves(Misbehaviour::PackedAlgorithmNone) {
        let header = base64url::encode(br#"{"alg":"none"}"#);
        let (_, payload) = input.split_once('.').expect("a JWT has three parts");
        return format!("{header}.{payload}.");
    }
    jwt
}

fn misbehave(claims: &mut Members, misbehaviour: Misbehaviour, call: &Call<'_>) {
    use Misbehaviour as M;
    match misbehaviour {
        M::PackedIssuerMissing => claims.remove("iss"),
        M::PackedIssuerMismatch => claims.set("iss", json!(format!("{}1", call.issuer()))),
        M::PackedAudienceMissing => claims.remove("aud"),
        M::PackedAudienceMismatch => claims.set("aud", json!("a-stranger")),
        M::PackedExpiryMissing => claims.remove("exp"),
        M::PackedExpired => claims.set("exp", json!(call.now - 360)),
        M::PackedIssuerTwice => claims.repeat("iss"),
        M::PackedDuplicateIssuer => {
            claims.push_front("iss", json!(format!("{}1", call.issuer())));
        }
        M::PackedDuplicateState => claims.push_front("state", json!("another")),
        _ => {}
    }
}

/// The lifetime of a signed response, in seconds. JARM section 2.1 recommends at most 10 minutes.
const LIFETIME: i64 = 600;
