//! Clients whose identifier is the URL of their metadata
//! (draft-ietf-oauth-client-id-metadata-document).

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value};

use super::client_metadata;
use crate::client::{ClientAuthentication, ClientRegistration};
use crate::parameters::Parameters;

/// Reads the document of the client that the request names, if its identifier is a URL.
pub(super) fn learn(
    clients: &mut BTreeMap<String, ClientRegistration>,
    pages: &BTreeMap<String, Response<Bytes>>,
    request: &Request<Bytes>,
) {
    let page = url_of(request).and_then(|url| Some((pages.get(&url)?, url)));
    if let Some(client) = page.and_then(|(response, url)| read(&url, response)) {
        clients.insert(client.client_id.clone(), client);
    }
}

/// Returns the URL that the request names as its client, if it is one.
fn url_of(request: &Request<Bytes>) -> Option<String> {
    if request.headers().contains_key(AUTHORIZATION) {
        return None;
    }
    let parameters = Parameters::of_request(request)?;
    let client_id = parameters.get("client_id")?;
    client_id
        .starts_with("https://")
        .then(|| client_id.to_owned())
}

/// Reads the document at `client_id`. `None` if it is not the document of a client without a
/// secret.
fn read(client_id: &str, response: &Response<Bytes>) -> Option<ClientRegistration> {
    let media_type = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    if response.status() != StatusCode::OK || media_type != "application/json" {
        return None;
    }
    let document: Map<String, Value> = serde_json::from_slice(response.body()).ok()?;
    client_metadata::check(&document).ok()?;
    if document.get("client_id")? != client_id || document.contains_key("client_secret") {
        return None;
    }
    let authentication = match document.get("token_endpoint_auth_method")?.as_str()? {
        "none" => ClientAuthentication::None,
        "private_key_jwt" => ClientAuthentication::PrivateKeyJwt(document.get("jwks")?.to_string()),
        _ => return None,
    };
    let mut client = ClientRegistration::new(client_id, authentication);
    for uri in document.get("redirect_uris")?.as_array()? {
        client = client.redirect_uri(uri.as_str()?);
    }
    Some(client)
}
