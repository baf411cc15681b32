//! Misbehaviours in the UserInfo response.

use http::header::WWW_AUTHENTICATE;
use serde_json::json;

use super::*;

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let name = format!("{misbehaviour:?}");
    let fault = name.strip_prefix("UserInfo")?;
    let place = Endpoint::UserInfo;
    let response = bad.first(place);
    if let Some(shown) = wire_fault(fault, good.first(place), response) {
        return Some(shown);
    }
    let typ = match misbehaviour {
        M::UserInfoJwt => Some(Some("JWT")),
        M::UserInfoTypeMissing => Some(None),
        M::UserInfoTypeMediaType => Some(Some("application/jwt")),
        M::UserInfoTypeOwn => Some(Some("userinfo+jwt")),
        M::UserInfoTypeAccessToken => Some(Some("at+jwt")),
        _ => None,
    };
    if let Some(typ) = typ {
        let keys = JwkSet::parse(bad.first(Endpoint::KeySet).body()).unwrap();
        let token = jws::Unverified::parse(bad.text(place)).unwrap();
        assert_eq!(token.header().typ(), typ);
        let key = keys.select(token.header()).unwrap();
        let claims = token
            .verify(key.verifying_key(), SignatureAlgorithm::RS256)
            .unwrap();
        let claims = claims.claims().unwrap();
        return Some(
            response.headers()[CONTENT_TYPE] == "application/jwt" && claims.sub() == Some("alice"),
        );
    }
    let document = bad.json(place);
    let only = |member: &str| only_differs(good, bad, place, &[member]);
    let is = |member: &str, value: Value| document.get(member) == Some(&value) && only(member);
    let challenge = || response.headers()[WWW_AUTHENTICATE].to_str().unwrap();
    Some(match misbehaviour {
        M::UserInfoSubjectMismatch => is("sub", json!("alice1")),
        M::UserInfoSubjectMissing => !document.contains_key("sub") && only("sub"),
        M::UserInfoSubjectEmpty => is("sub", json!("")),
        M::UserInfoSubjectNotAString => is("sub", json!(1)),
        M::UserInfoDuplicateSubject => {
            bad.text(place)
                .starts_with(r#"{"sub":"somebody-else","sub":"alice","#)
                && document == good.json(place)
        }
        M::UserInfoClaimsTwice => {
            let text = bad.text(place);
            text.matches(r#""sub":"alice""#).count() == 2
                && text.ends_with(r#","address":{"country":"NL","country":"NL"}}"#)
                && only("address")
        }
        M::UserInfoAggregatedClaims => {
            document["_claim_sources"]["source"]["JWT"].is_string()
                && only_differs(good, bad, place, &["_claim_names", "_claim_sources"])
        }
        M::UserInfoDistributedClaims => {
            document["_claim_sources"]["source"]["endpoint"]
                .as_str()
                .is_some_and(|it| it.ends_with("/claims"))
                && only_differs(good, bad, place, &["_claim_names", "_claim_sources"])
        }
        M::UserInfoEmailVerifiedAsString => is("email_verified", json!("true")),
        M::UserInfoUnauthorized => {
            error(response) == (401, "invalid_token".to_owned())
                && challenge().contains("error=\"invalid_token\"")
        }
        M::UserInfoForbidden => {
            error(response) == (403, "insufficient_scope".to_owned())
                && challenge().contains("scope=\"openid\"")
        }
        M::UserInfoSuccessWithChallenge => {
            response.status() == 200
                && document == good.json(place)
                && challenge().starts_with("Bearer ")
        }
        _ => return None,
    })
}
