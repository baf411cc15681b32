//! Request objects that the client hosts (OpenID Connect Core section 6.2, RFC 9101 section 5.2).

use http::StatusCode;
use http::header::CONTENT_TYPE;
use jose::{HashAlgorithm, base64url};

use super::Call;
use crate::client::ClientRegistration;

/// Returns the request object at `request_uri`. The error says why there is none.
pub(super) fn fetch(
    call: &Call<'_>,
    client: &ClientRegistration,
    request_uri: &str,
) -> Result<String, &'static str> {
    if request_uri.len() > 512 {
        return Err("the request_uri is longer than 512 characters");
    }
    let (url, hash) = request_uri
        .split_once('#')
        .ok_or("the request_uri has no hash")?;
    if !url.starts_with("https://") {
        return Err("the request_uri is not https");
    }
    let registered = |uris: &Vec<String>| uris.iter().any(|uri| uri == url || uri == request_uri);
    if !client.request_uris.as_ref().is_none_or(registered) {
        return Err("the request_uri is not registered");
    }
    let response = call.pages.get(url).ok_or("the request_uri is unknown")?;
    let media_type = response.headers().get(CONTENT_TYPE);
    if response.status() != StatusCode::OK
        || media_type.is_none_or(|it| it != "application/oauth-authz-req+jwt")
    {
        return Err("the request_uri leads to no request object");
    }
    if base64url::encode(&HashAlgorithm::Sha256.digest(response.body())) != hash {
        return Err("the request object has another hash than the request_uri");
    }
    String::from_utf8(response.body().to_vec()).map_err(|_| "the request object is malformed")
}
