//! Misbehaviours in logout tokens.

use serde_json::{Value, json};

use super::super::*;
use super::id_token::Token;
use super::journey::Journey;
use crate::Misbehaviour;

/// Returns the logout token, and the number of its occurrences in the form.
fn token(journey: &Journey) -> (Token, usize) {
    let request = journey.all(Endpoint::EndSession).nth(1).unwrap();
    let form = form_urlencoded::parse(request.body());
    let tokens: Vec<String> = form
        .filter(|(name, _)| name == "logout_token")
        .map(|(_, token)| token.into_owned())
        .collect();
    (Token::parse(&tokens[0]), tokens.len())
}

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let name = format!("{misbehaviour:?}");
    name.strip_prefix("LogoutToken")?;
    let ((good, _), (bad, times)) = (token(good), token(bad));
    let header = &bad.header;
    let differs = |claims: &[&str]| {
        let strip = |token: &Token| {
            let mut document = token.claims.as_object().unwrap().clone();
            document.retain(|name, _| !claims.contains(&name.as_str()));
            document
        };
        let changed = claims
            .iter()
            .all(|claim| good.claims.get(*claim) != bad.claims.get(*claim));
        changed && strip(&good) == strip(&bad) && good.header == bad.header
    };
    let lacks = |claims: &[&str]| {
        differs(claims) && claims.iter().all(|claim| bad.claims.get(*claim).is_none())
    };
    let text = |name: &str| bad.claims.get(name).and_then(Value::as_str);
    let is_valid = || verify(&provider(), &bad.text, SignatureAlgorithm::RS256).is_ok();
    Some(match misbehaviour {
        M::LogoutTokenTypeMissing => header.get("typ").is_none() && is_valid(),
        M::LogoutTokenTypeAccessToken => header["typ"] == "at+jwt" && is_valid(),
        M::LogoutTokenSessionMissing => lacks(&["sid"]) && is_valid(),
        M::LogoutTokenSubjectMissing => lacks(&["sub"]) && is_valid(),
        M::LogoutTokenWithoutSubject => lacks(&["sid", "sub"]) && is_valid(),
        M::LogoutTokenAlgorithmNone => header["alg"] == "none" && bad.text.ends_with('.'),
        M::LogoutTokenAlternateAlgorithm => {
            header["alg"] == "ES256" && bad.is_signed_by(SignatureAlgorithm::ES256, 0)
        }
        M::LogoutTokenSignatureBroken => differs(&[]) && !is_valid(),
        M::LogoutTokenIssuerMismatch => {
            differs(&["iss"]) && text("iss") == Some(&format!("{ISSUER}1")) && is_valid()
        }
        M::LogoutTokenAudienceMismatch => {
            differs(&["aud"]) && text("aud") == Some(&format!("{CLIENT_ID}1")) && is_valid()
        }
        M::LogoutTokenExpired => differs(&["exp"]) && bad.claims["exp"] == NOW + 3 - 360,
        M::LogoutTokenExpiryMissing => lacks(&["exp"]) && is_valid(),
        M::LogoutTokenIdentifierMissing => lacks(&["jti"]) && is_valid(),
        M::LogoutTokenEventsMissing => lacks(&["events"]) && is_valid(),
        M::LogoutTokenEventMismatch => {
            let other = json!({"http://schemas.openid.net/event/other": {}});
            differs(&["events"]) && bad.claims["events"] == other && is_valid()
        }
        M::LogoutTokenNonce => differs(&["nonce"]) && is_valid(),
        M::LogoutTokenTwice => differs(&[]) && times == 2,
        _ => return None,
    })
}

#[test]
fn a_good_one_is_about_the_session_of_the_id_token() {
    let good = Journey::with(None);
    let (token, times) = token(&good);
    assert_eq!(times, 1);
    assert_eq!(token.header["typ"], "logout+jwt");
    assert!(verify(&provider(), &token.text, SignatureAlgorithm::RS256).is_ok());
    let id_token = good.json(Endpoint::Token)["id_token"].clone();
    let id_token = Token::parse(id_token.as_str().unwrap());
    for claim in ["iss", "sub", "aud", "sid"] {
        assert!(id_token.claims[claim].is_string(), "{claim}");
        assert_eq!(token.claims[claim], id_token.claims[claim], "{claim}");
    }
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    assert_eq!(token.claims["events"], events);
    assert_eq!(token.claims["exp"], NOW + 3 + 120);
}

#[test]
fn a_logout_without_a_login_notifies_no_client() {
    let provider = provider();
    assert!(provider.logout_request(CLIENT_ID, NOW).is_none());
    assert!(provider.logout_request("unknown", NOW).is_none());
}
