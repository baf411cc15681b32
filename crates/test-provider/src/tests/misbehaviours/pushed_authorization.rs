//! Misbehaviours in pushed authorization responses.

use serde_json::json;

use super::*;

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let place = Endpoint::PushedAuthorization;
    if misbehaviour.endpoint() != place {
        return None;
    }
    let document = bad.json(place);
    let only = |member: &str| only_differs(good, bad, place, &[member]);
    let is = |member: &str, value: Value| document.get(member) == Some(&value) && only(member);
    let missing = |member: &str| !document.contains_key(member) && only(member);
    Some(match misbehaviour {
        M::PushedRequestUriMissing => missing("request_uri"),
        M::PushedRequestUriEmpty => is("request_uri", json!("")),
        M::PushedRequestUriNotAString => is("request_uri", json!(1)),
        M::PushedDuplicateRequestUri => {
            bad.text(place)
                .starts_with(r#"{"request_uri":"urn:another","request_uri":"urn:ietf:"#)
                && document == good.json(place)
        }
        M::PushedExpiresInMissing => missing("expires_in"),
        M::PushedExpiresInAsString => is("expires_in", json!("60")),
        M::PushedExpiresInNegative => is("expires_in", json!(-1)),
        M::PushedOk => bad.first(place).status() == 200 && document == good.json(place),
        _ => return None,
    })
}
