//! Misbehaviours in the UserInfo response.

use http::header::WWW_AUTHENTICATE;
use serde_json::json;

use super::*;

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let name = format!("{misbehaviour:?}");
    if let Some(shown) = sourced(misbehaviour, &name, good, bad) {
        return Some(shown);
    }
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

/// Whether the claims of another party show the misbehaviour.
fn sourced(misbehaviour: Misbehaviour, name: &str, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let place = Endpoint::UserInfo;
    let source = || bad.json(place)["_claim_sources"]["source"].clone();
    let only = || only_differs(good, bad, place, &["_claim_names", "_claim_sources"]);
    if misbehaviour == M::DistributedClaimsEndpointHttp {
        let endpoint = source()["endpoint"].as_str()?.starts_with("http://");
        return Some(endpoint && only());
    }
    let is_aggregated = name.starts_with("AggregatedClaims");
    let jwt = match is_aggregated {
        true => source()["JWT"].as_str()?.to_owned(),
        false => {
            let fault = name.strip_prefix("DistributedClaims")?;
            let place = Endpoint::DistributedClaims;
            let (good, bad) = (good.first(place), bad.first(place));
            if let Some(shown) = wire_fault(fault, good, bad) {
                return Some(shown);
            }
            if misbehaviour == M::DistributedClaimsUnauthorized {
                return Some(bad.status() == 401 && bad.headers().contains_key(WWW_AUTHENTICATE));
            }
            String::from_utf8(bad.body().to_vec()).ok()?
        }
    };
    let good = good.first(Endpoint::DistributedClaims).body().to_vec();
    let good = String::from_utf8(good).ok()?;
    let part = |jwt: &str, number: usize| -> Option<Value> {
        let part = base64url::decode(jwt.split('.').nth(number)?).ok()?;
        serde_json::from_slice(&part).ok()
    };
    let (mut header, mut claims) = (part(&good, 0)?, part(&good, 1)?);
    let iss = format!("{ISSUER}1");
    match misbehaviour {
        M::AggregatedClaimsSignatureBroken | M::DistributedClaimsSignatureBroken => {
            let signature = |jwt: &str| jwt.rsplit('.').next().map(str::to_owned);
            return Some(
                signature(&jwt) != signature(&good)
                    && (part(&jwt, 0)?, part(&jwt, 1)?) == (header, claims),
            );
        }
        M::AggregatedClaimsAlgorithmNone => header["alg"] = json!("none"),
        M::AggregatedClaimsIssuerMismatch | M::DistributedClaimsIssuerMismatch => {
            claims["iss"] = json!(iss);
        }
        M::AggregatedClaimsAudienceMismatch => claims["aud"] = json!("stranger"),
        M::AggregatedClaimsExpired => claims["exp"] = json!(NOW + 2 - 360),
        M::DistributedClaimsExpired => claims["exp"] = json!(NOW + 700 - 360),
        M::AggregatedClaimsTypeAccessToken => header["typ"] = json!("at+jwt"),
        _ => return None,
    }
    let shown = (part(&jwt, 0)?, part(&jwt, 1)?) == (header, claims);
    Some(shown && (!is_aggregated || only()))
}
