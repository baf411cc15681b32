//! Misbehaviours in the metadata document.

use serde_json::json;

use super::*;

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    if misbehaviour.endpoint() == Endpoint::WebFinger {
        let link = &bad.json(Endpoint::WebFinger)["links"][0];
        let issuer = "http://openid.net/specs/connect/1.0/issuer";
        let shown = match misbehaviour {
            M::WebFingerIssuerHttp => {
                let http = ISSUER.replace("https://", "http://");
                *link == json!({"rel": issuer, "href": http})
            }
            _ => *link == json!({"rel": "http://webfinger.net/rel/avatar", "href": ISSUER}),
        };
        return Some(shown && only_differs(good, bad, Endpoint::WebFinger, &["links"]));
    }
    if misbehaviour.endpoint() != Endpoint::Discovery {
        return None;
    }
    let name = format!("{misbehaviour:?}");
    let place = Endpoint::Discovery;
    if let Some(shown) = wire_fault(
        name.strip_prefix("Discovery").unwrap(),
        good.first(place),
        bad.first(place),
    ) {
        return Some(shown);
    }
    if name.starts_with("DiscoverySignedMetadata") {
        return signed(misbehaviour, good, bad);
    }
    let document = bad.json(place);
    let only = |member: &str| only_differs(good, bad, place, &[member]);
    let is = |member: &str, value: Value| document[member] == value && only(member);
    let missing = |member: &str| !document.contains_key(member) && only(member);
    let host = "id.example.com/tenant";
    Some(match misbehaviour {
        M::DiscoveryIssuerMismatch => is("issuer", json!(format!("{ISSUER}INVALID"))),
        M::DiscoveryIssuerMissing => missing("issuer"),
        M::DiscoveryIssuerNotAString => is("issuer", json!(1)),
        M::DiscoveryDuplicateIssuer => {
            let first = format!(r#"{{"issuer":"{ISSUER}INVALID","issuer":"{ISSUER}","#);
            bad.text(place).starts_with(&first) && only("issuer")
        }
        M::DiscoveryAuthorizationEndpointMissing => missing("authorization_endpoint"),
        M::DiscoveryTokenEndpointMissing => missing("token_endpoint"),
        M::DiscoveryKeySetUriMissing => missing("jwks_uri"),
        M::DiscoveryEndpointHttp => is("token_endpoint", json!(format!("http://{host}/token"))),
        M::DiscoveryEndpointUserinfo => is(
            "token_endpoint",
            json!(format!("https://user:password@{host}/token")),
        ),
        M::DiscoveryEndpointNotAUrl => is("token_endpoint", json!("/token")),
        M::DiscoveryKeySetUriElsewhere => {
            let elsewhere = format!("{ISSUER}/keys/0b2c1f7e");
            let sets: Vec<_> = bad.all(Endpoint::KeySet).map(Response::status).collect();
            is("jwks_uri", json!(elsewhere)) && sets.iter().all(|status| *status == 404)
        }
        M::DiscoveryUnknownMembers => {
            document.contains_key("x_unknown")
                && only_differs(good, bad, place, &["x_unknown", "mtls_unknown"])
        }
        _ => return None,
    })
}

/// Whether the signed metadata show the misbehaviour.
fn signed(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let place = Endpoint::Discovery;
    let only = |member: &str| only_differs(good, bad, place, &[member]);
    if misbehaviour == M::DiscoverySignedMetadataMissing {
        let document = bad.json(place);
        return Some(!document.contains_key("signed_metadata") && only("signed_metadata"));
    }
    if misbehaviour == M::DiscoverySignedMetadataDiffer {
        let endpoint = &bad.json(place)["token_endpoint"];
        return Some(*endpoint == json!(format!("{ISSUER}/token1")) && only("token_endpoint"));
    }
    let jwt = |journey: &Journey| {
        journey.json(place)["signed_metadata"]
            .as_str()
            .map(str::to_owned)
    };
    let (good_jwt, bad_jwt) = (jwt(good)?, jwt(bad)?);
    let part = |jwt: &str, number: usize| -> Option<Value> {
        let part = base64url::decode(jwt.split('.').nth(number)?).ok()?;
        serde_json::from_slice(&part).ok()
    };
    let (mut header, mut claims) = (part(&good_jwt, 0)?, part(&good_jwt, 1)?);
    match misbehaviour {
        M::DiscoverySignedMetadataSignatureBroken => {}
        M::DiscoverySignedMetadataAlgorithmNone => header["alg"] = json!("none"),
        M::DiscoverySignedMetadataSignerMismatch => {
            claims["iss"] = json!(format!("{}1", crate::Provider::METADATA_SIGNER));
        }
        M::DiscoverySignedMetadataIssuerMismatch => claims["issuer"] = json!(format!("{ISSUER}1")),
        M::DiscoverySignedMetadataExpired => claims["exp"] = json!(NOW - 360),
        M::DiscoverySignedMetadataNested => claims["signed_metadata"] = json!("a.b.c"),
        _ => return None,
    }
    let shown = (part(&bad_jwt, 0)?, part(&bad_jwt, 1)?) == (header, claims);
    Some(shown && good_jwt != bad_jwt && only("signed_metadata"))
}
