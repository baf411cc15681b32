//! Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document): a client whose
//! identifier is the URL of its metadata.

use std::fmt;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response};
use jose::json;
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::documents::ClientMetadata;
use crate::error::{Artefact, Error, Reason, printable, printable_url};

/// The metadata document of a client whose `client_id` is the https URL of the document. The client
/// is known to every server that fetches the document, and registers nowhere.
///
/// [`new`](Self::new) makes the document from client metadata, and [`check`](Self::check) reads one
/// as a server does. Both make the same checks (section 4.1 of the draft):
///
/// - `client_id` is an https URL in its normal form, with a path, and without user name, password
///   and fragment (section 3).
/// - There is no secret: no `client_secret` or `client_secret_expires_at`, no
///   `token_endpoint_auth_method` with a secret, and no symmetric algorithm. The method is stated,
///   because the default is `client_secret_basic` (RFC 7591 section 2).
/// - `private_key_jwt` and `self_signed_tls_client_auth` have either `jwks` or an https `jwks_uri`,
///   and `jwks` contains public keys alone.
/// - `redirect_uris` is present unless `grant_types` needs none. Each is https, http on loopback,
///   or has a private-use scheme with a period (RFC 8252 section 7), and has no fragment.
/// - The document has at most 5 KiB (section 6.6).
///
/// ```
/// use oauth_core::metadata::{ClientIdMetadataDocument, ClientMetadata};
///
/// let mut client = ClientMetadata::new("https://app.example.com/client.json");
/// client.redirect_uris = Some(vec!["https://app.example.com/cb".to_owned()]);
/// client.token_endpoint_auth_method = Some("none".to_owned());
/// let document = ClientIdMetadataDocument::new(&client)?;
/// // The handler for this URL answers with `document.response()`.
/// # assert_eq!(document.response().status(), 200);
/// # Ok::<(), oauth_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ClientIdMetadataDocument {
    client_id: String,
    document: Bytes,
}

impl ClientIdMetadataDocument {
    /// Makes the document of a client.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] for the client metadata, with the member at fault.
    pub fn new(client: &ClientMetadata) -> Result<Self, Error> {
        let document = client.to_json();
        check(&client.client_id, &document).map_err(rejected)?;
        Self::bounded(
            &client.client_id,
            Value::Object(document).to_string().into(),
        )
    }

    /// Reads the document that was fetched from `client_id`, as a server does, and returns its
    /// metadata.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] for the client metadata: for the member at fault, with
    /// [`Reason::AttributeMismatch`] for another `client_id`, and with [`Reason::Json`] for a
    /// document that is not one strict JSON object.
    pub fn check(client_id: &str, document: &[u8]) -> Result<ClientMetadata, Error> {
        Self::bounded(client_id, Bytes::copy_from_slice(document))?;
        let object = json::parse_object(document, json::Limits::DOCUMENT)
            .map_err(|error| rejected(Reason::Json(error)))?;
        check(client_id, &object.to_owned_map()).map_err(rejected)?;
        ClientMetadata::from_json(document)
    }

    /// The identifier of the client, which is the URL of the document.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The JSON text.
    pub const fn document(&self) -> &Bytes {
        &self.document
    }

    /// Makes the response to a GET request for the document: status 200, `application/json`, which
    /// a server may keep for an hour (section 4.4).
    pub fn response(&self) -> Response<Bytes> {
        let mut response = Response::new(self.document.clone());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
        response
    }

    fn bounded(client_id: &str, document: Bytes) -> Result<Self, Error> {
        if document.len() > LARGEST {
            return Err(rejected(Reason::IllTyped {
                member: "document".into(),
                expected: "at most 5 KiB",
                found: format!("{} bytes", document.len()),
            }));
        }
        Ok(Self {
            client_id: client_id.to_owned(),
            document,
        })
    }
}

impl fmt::Debug for ClientIdMetadataDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIdMetadataDocument")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

fn check(client_id: &str, document: &Map<String, Value>) -> Result<(), Reason> {
    check_identifier(client_id)?;
    // Section 4.1: simple string comparison.
    match document.get("client_id") {
        Some(Value::String(found)) if found == client_id => {}
        found => {
            return Err(Reason::AttributeMismatch {
                member: "client_id",
                expected: Some(printable(client_id)),
                found: found.and_then(Value::as_str).map(printable),
            });
        }
    }
    check_secrets(document)?;
    check_keys(document)?;
    check_redirect_uris(document)
}

/// Section 3. A text that the URL parser would change, for example one with dot segments, names
/// another URL for some readers, and then no longer equals `client_id`.
fn check_identifier(client_id: &str) -> Result<(), Reason> {
    let invalid = |expected| {
        Err(Reason::Url {
            member: "client_id".into(),
            expected,
            found: printable_url(client_id),
        })
    };
    let url = match Url::parse(client_id) {
        Ok(url) if url.as_str() == client_id => url,
        _ => return invalid("a URL in its normal form"),
    };
    if url.scheme() != "https" {
        return invalid("an https URL");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return invalid("a URL without user name and password");
    }
    if url.fragment().is_some() {
        return invalid("a URL without fragment");
    }
    if url.path() == "/" {
        return invalid("a URL with a path");
    }
    Ok(())
}

/// Section 4.1: a public document cannot contain a secret, and nothing else establishes one.
fn check_secrets(document: &Map<String, Value>) -> Result<(), Reason> {
    for name in ["client_secret", "client_secret_expires_at"] {
        if document.contains_key(name) {
            return Err(Reason::Unexpected {
                member: name.into(),
            });
        }
    }
    let method = text(document, "token_endpoint_auth_method")?;
    let method = method.ok_or(Reason::Missing {
        member: "token_endpoint_auth_method".into(),
    })?;
    if method.starts_with("client_secret") {
        return Err(Reason::IllTyped {
            member: "token_endpoint_auth_method".into(),
            expected: "a method without a secret",
            found: printable(method),
        });
    }
    let symmetric = |(name, value): (&String, &Value)| {
        let algorithm = value.as_str().filter(|_| name.ends_with("_alg"))?;
        is_symmetric(algorithm).then(|| Reason::IllTyped {
            member: name.clone().into(),
            expected: "an algorithm with a public key",
            found: printable(algorithm),
        })
    };
    match document.iter().find_map(symmetric) {
        Some(reason) => Err(reason),
        None => Ok(()),
    }
}

/// The algorithms of JWS and JWE whose key is the client secret (RFC 7518 sections 3.1 and 4.1).
fn is_symmetric(algorithm: &str) -> bool {
    ["HS", "PBES2"].iter().any(|it| algorithm.starts_with(it))
        || algorithm == "dir"
        || (algorithm.starts_with('A') && algorithm.ends_with("KW"))
}

fn check_keys(document: &Map<String, Value>) -> Result<(), Reason> {
    let (jwks, jwks_uri) = (document.get("jwks"), text(document, "jwks_uri")?);
    if jwks.is_some() && jwks_uri.is_some() {
        // RFC 7591 section 2.
        return Err(Reason::Unexpected {
            member: "jwks_uri".into(),
        });
    }
    if let Some(uri) = jwks_uri
        && !Url::parse(uri).is_ok_and(|url| url.scheme() == "https")
    {
        return Err(Reason::Url {
            member: "jwks_uri".into(),
            expected: "an https URL",
            found: printable_url(uri),
        });
    }
    let needs_keys = matches!(
        text(document, "token_endpoint_auth_method")?,
        Some("private_key_jwt" | "self_signed_tls_client_auth")
    );
    let keys = jwks.map(|jwks| jwks.get("keys").and_then(Value::as_array));
    match keys {
        Some(Some(keys)) if !keys.is_empty() => match keys.iter().find(|key| !is_public(key)) {
            None => Ok(()),
            Some(_) => Err(Reason::IllTyped {
                member: "jwks".into(),
                expected: "public keys",
                found: "another value".to_owned(),
            }),
        },
        Some(_) => Err(Reason::IllTyped {
            member: "jwks".into(),
            expected: "a JWK Set with a key",
            found: "another value".to_owned(),
        }),
        None if needs_keys && jwks_uri.is_none() => Err(Reason::Missing {
            member: "jwks_uri".into(),
        }),
        None => Ok(()),
    }
}

/// Whether a JWK has no private or symmetric member (RFC 7518 section 6, RFC 9964).
fn is_public(key: &Value) -> bool {
    const SECRET: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
    key.as_object()
        .is_some_and(|key| !SECRET.iter().any(|name| key.contains_key(*name)))
}

fn check_redirect_uris(document: &Map<String, Value>) -> Result<(), Reason> {
    // RFC 7591 section 2: the default is the authorization code grant.
    let redirects = match document.get("grant_types") {
        None => true,
        Some(types) => ["authorization_code", "implicit"].iter().any(|it| {
            types
                .as_array()
                .is_some_and(|types| types.contains(&(*it).into()))
        }),
    };
    let uris = match document.get("redirect_uris") {
        None if !redirects => return Ok(()),
        Some(Value::Array(uris)) if !uris.is_empty() || !redirects => uris,
        None | Some(_) => {
            return Err(Reason::Missing {
                member: "redirect_uris".into(),
            });
        }
    };
    let wrong = uris
        .iter()
        .find(|uri| !uri.as_str().is_some_and(is_redirect_uri));
    match wrong {
        None => Ok(()),
        Some(uri) => Err(Reason::Url {
            member: "redirect_uris".into(),
            expected: "https, http on loopback, or a private-use scheme, without fragment",
            found: printable_url(uri.as_str().unwrap_or_default()),
        }),
    }
}

/// RFC 6749 section 3.1.2, RFC 8252 sections 7.1 to 7.3.
fn is_redirect_uri(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    let is_loopback = || match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.fragment().is_none()
        && match url.scheme() {
            "https" => true,
            "http" => is_loopback(),
            // RFC 8252 section 7.1: a name that is based on a domain.
            scheme => scheme.contains('.'),
        }
}

fn text<'d>(
    document: &'d Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'d str>, Reason> {
    match document.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Reason::IllTyped {
            member: name.into(),
            expected: "a string",
            found: "another value".to_owned(),
        }),
    }
}

fn rejected(reason: Reason) -> Error {
    Artefact::ClientMetadata.rejected(reason).into()
}

/// The largest number of bytes of a document (section 6.6).
const LARGEST: usize = 5 * 1024;

#[cfg(test)]
mod tests;
