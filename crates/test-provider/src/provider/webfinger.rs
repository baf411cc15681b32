//! WebFinger (OpenID Connect Discovery section 2, RFC 7033).

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;
use url::Url;

use super::Call;
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::parameters::Parameters;
use crate::response;

/// Returns the issuer for a user's account at the issuer's host, and for each URL of that host.
pub(super) fn answer(call: &Call<'_>) -> Response<Bytes> {
    let parameters = Parameters::of_request(call.request);
    let resource = parameters.as_ref().and_then(|it| it.get("resource"));
    let Some(resource) = resource.filter(|resource| is_known(call, resource)) else {
        return response::page(
            StatusCode::NOT_FOUND,
            "Not found",
            "<p>There is no such user.</p>",
        );
    };
    let mut issuer = call.issuer().to_owned();
    let mut rel = ISSUER;
    for misbehaviour in call.misbehaviours {
        match misbehaviour {
            Misbehaviour::WebFingerIssuerHttp => issuer = issuer.replace("https://", "http://"),
            Misbehaviour::WebFingerIssuerMissing => rel = "http://webfinger.net/rel/avatar",
            _ => {}
        }
    }
    let document = Members::new([
        ("subject", json!(resource)),
        ("links", json!([{"rel": rel, "href": issuer}])),
    ]);
    let mut response = response::json(StatusCode::OK, &document);
    let media_type = HeaderValue::from_static("application/jrd+json");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn is_known(call: &Call<'_>, resource: &str) -> bool {
    let issuer = Url::parse(call.issuer()).expect("the issuer is a URL");
    match resource.strip_prefix("acct:") {
        Some(account) => account.rsplit_once('@').is_some_and(|(user, host)| {
            issuer.host_str() == Some(host) && call.user(user).is_some()
        }),
        None => Url::parse(resource).is_ok_and(|url| url.origin() == issuer.origin()),
    }
}

const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";
