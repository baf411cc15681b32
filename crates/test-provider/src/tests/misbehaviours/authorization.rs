//! Misbehaviours in the callback, and in the redirect after a logout.

use super::id_token::Token;
use super::*;

const RS256: SignatureAlgorithm = SignatureAlgorithm::RS256;

/// The positions of the response of the hybrid flow, and of the response as a JWT.
const HYBRID: usize = 2;
const PACKED: usize = 3;

fn answer(journey: &Journey, position: usize) -> String {
    let response = journey.all(Endpoint::Authorization).nth(position).unwrap();
    response.headers()[LOCATION].to_str().unwrap().to_owned()
}

/// Returns the JWT in the response.
fn token(journey: &Journey, position: usize) -> String {
    let response = journey.all(Endpoint::Authorization).nth(position).unwrap();
    let parameters = redirected(response);
    ["id_token", "response"]
        .into_iter()
        .find_map(|name| parameter(&parameters, name))
        .unwrap_or_default()
}

fn packed_claims(journey: &Journey) -> Value {
    Token::parse(&token(journey, PACKED)).claims
}

/// Returns the text of the claims.
fn packed_text(journey: &Journey) -> String {
    Token::parse(&token(journey, PACKED)).claims_text
}

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let location = |journey: &Journey, endpoint| {
        journey.first(endpoint).headers()[LOCATION]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let callback = location(bad, Endpoint::Authorization);
    let good_callback = location(good, Endpoint::Authorization);
    let all = |name: &str| -> Vec<String> {
        let query = Url::parse(&callback).unwrap();
        let pairs = query.query_pairs().into_owned();
        pairs
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value)
            .collect()
    };
    let code = parameter(&redirected(good.first(Endpoint::Authorization)), "code").unwrap();
    let added = |name: &str, value: &str| callback == format!("{good_callback}&{name}={value}");
    let logout = location(bad, Endpoint::EndSession);
    let zeros = base64url::encode(&[0; 16]);
    let (from_browser, claims) = (Token::parse(&token(bad, HYBRID)).claims, packed_claims(bad));
    let differ = |good: &Value, bad: &Value, but: &[&str]| {
        let strip = |claims: &Value| {
            let mut claims = claims.as_object().cloned().unwrap_or_default();
            claims.retain(|name, _| !but.contains(&name.as_str()));
            claims
        };
        strip(good) == strip(bad)
    };
    let hybrid = |but: &[&str]| {
        let good = Token::parse(&token(good, HYBRID)).claims;
        good["c_hash"].is_string() && differ(&good, &from_browser, but)
    };
    let packed = |but: &[&str]| differ(&packed_claims(good), &claims, but);
    Some(match misbehaviour {
        M::CallbackStateMismatch => all("state") == [format!("{STATE}1")],
        M::CallbackStateMissing => all("state").is_empty(),
        M::CallbackStateEmpty => all("state") == [""],
        M::CallbackDuplicateState => all("state") == [STATE, STATE],
        M::CallbackIssuerMismatch => all("iss") == [format!("{ISSUER}1")],
        M::CallbackIssuerMissing => all("iss").is_empty(),
        M::CallbackDuplicateIssuer => all("iss") == [ISSUER, ISSUER],
        M::CallbackAccessDenied => {
            all("error") == ["access_denied"] && all("code").is_empty() && all("state") == [STATE]
        }
        M::CallbackErrorWithCode => added("error", "server_error"),
        M::CallbackErrorStateMismatch => {
            all("error") == ["access_denied"]
                && all("code").is_empty()
                && all("state") == [format!("{STATE}1")]
        }
        M::CallbackCodeMissing => all("code").is_empty() && all("error").is_empty(),
        M::CallbackCodeEmpty => all("code") == [""],
        M::CallbackDuplicateCode => all("code") == [code.as_str(), code.as_str()],
        M::CallbackStrayAccessToken => added("access_token", "stray"),
        M::CallbackStrayIdToken => added("id_token", "e30.e30.stray"),
        M::CallbackStrayTokenType => added("token_type", "Bearer"),
        M::CallbackStrayExpiresIn => added("expires_in", "3600"),
        M::CallbackResponse => added("response", "e30.e30.stray"),
        M::CallbackInFragment => callback == good_callback.replacen("&code", "#code", 1),
        M::CallbackInQuery => {
            // The first response is in the query anyway. The hybrid response moves there from the
            // fragment.
            let hybrid = answer(bad, HYBRID);
            callback == good_callback && hybrid.contains("&code=") && !hybrid.contains('#')
        }
        M::CallbackUnpacked => answer(bad, PACKED).contains("&code="),
        M::PackedIssuerMissing => packed(&["iss"]) && claims["iss"].is_null(),
        M::PackedIssuerMismatch => packed(&["iss"]) && claims["iss"] == format!("{ISSUER}1"),
        M::PackedAudienceMissing => packed(&["aud"]) && claims["aud"].is_null(),
        M::PackedAudienceMismatch => packed(&["aud"]) && claims["aud"] == "a-stranger",
        M::PackedExpiryMissing => packed(&["exp"]) && claims["exp"].is_null(),
        M::PackedExpired => packed(&["exp"]) && claims["exp"] == NOW - 360,
        M::PackedSignatureBroken => {
            packed(&[]) && verify(&provider(), &token(bad, PACKED), RS256).is_err()
        }
        M::PackedAlgorithmNone => {
            packed(&[]) && Token::parse(&token(bad, PACKED)).header["alg"] == "none"
        }
        M::PackedIssuerTwice => {
            let iss = format!(r#""iss":"{ISSUER}""#);
            packed_text(bad).matches(&iss).count() == 2 && packed(&[])
        }
        M::PackedDuplicateIssuer => {
            packed_text(bad).starts_with(&format!(r#"{{"iss":"{ISSUER}1","#)) && packed(&[])
        }
        M::PackedDuplicateState => {
            packed_text(bad).starts_with(r#"{"state":"another","#) && packed(&[])
        }
        M::IdTokenCodeHashMissing => hybrid(&["c_hash"]) && from_browser["c_hash"].is_null(),
        M::IdTokenCodeHashMismatch => hybrid(&["c_hash"]) && from_browser["c_hash"] == zeros,
        M::IdTokenStateHashMissing => hybrid(&["s_hash"]) && from_browser["s_hash"].is_null(),
        M::IdTokenStateHashMismatch => hybrid(&["s_hash"]) && from_browser["s_hash"] == zeros,
        M::IdTokenSubjectSwapped => hybrid(&["sub"]) && from_browser["sub"] == "alice1",
        M::CallbackUnknownParameter => added("session_state", "unknown"),
        M::LogoutStateMismatch => logout == format!("{}1", location(good, Endpoint::EndSession)),
        M::LogoutStateMissing => logout == LOGOUT_URI,
        _ => return None,
    })
}
