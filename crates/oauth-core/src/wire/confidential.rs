//! The secrets of a request, which must not appear in what is shown of its response.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};
use jose::base64url;
use serde_json::Value;
use url::form_urlencoded;

use super::mask;
use super::mask::MASK;
use super::parameters::Parameters;
use super::response::is_media_type;
use crate::error::printable_within;
use crate::secret::Secret;

/// The secret values of a request: each parameter and credential that is not known to be harmless.
#[derive(Debug)]
pub(crate) struct Confidential {
    values: Vec<Secret>,
    has_access_token: bool,
}

/// The parts of a request that are kept until its response arrives, to find its secret values in a
/// refusal. They share the bytes of the request.
#[derive(Clone)]
pub(crate) struct Presented {
    /// Those that can contain secret values, and the media type of the body.
    headers: Vec<(HeaderName, HeaderValue)>,
    uri: Uri,
    body: Bytes,
}

impl Presented {
    /// Keeps the parts of a complete request that can contain secret values.
    pub(crate) fn by(request: &Request<Bytes>) -> Self {
        let mut headers = Vec::with_capacity(3);
        for (name, value) in request.headers() {
            if value.is_sensitive() || KEPT.contains(name) {
                headers.push((name.clone(), value.clone()));
            }
        }
        Self {
            headers,
            uri: request.uri().clone(),
            body: request.body().clone(),
        }
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented")
    }
}

impl Confidential {
    /// Collects the secret values of a request.
    pub(crate) fn of(request: &Presented) -> Self {
        let mut values = Vec::new();
        let (mut is_form, mut has_access_token) = (false, false);
        for (name, value) in &request.headers {
            if *name == header::CONTENT_TYPE {
                is_form = is_media_type(value, "application/x-www-form-urlencoded");
                continue;
            }
            has_access_token |= *name == header::AUTHORIZATION && is_access_token(value);
            of_header(value, &mut values);
        }
        let query = request.uri.query().unwrap_or_default();
        of_parameters(&Parameters::decode(query), &mut values);
        match std::str::from_utf8(&request.body) {
            Ok(form) if is_form => of_parameters(&Parameters::decode(form), &mut values),
            _ => of_document(&request.body, &mut values),
        }
        // The longest first, because one value may be part of another.
        values.sort_unstable_by_key(|value: &Secret| std::cmp::Reverse(value.expose().len()));
        Self {
            values,
            has_access_token,
        }
    }

    /// Whether the request contains an access token.
    pub(crate) const fn has_access_token(&self) -> bool {
        self.has_access_token
    }

    /// Returns a short text with every secret value masked.
    pub(crate) fn masked(&self, text: &str) -> String {
        mask::values(text, &self.values, false)
    }

    /// Returns the beginning of a body, with every secret value masked, and every member whose name
    /// suggests a secret.
    pub(crate) fn beginning(&self, body: &[u8]) -> String {
        let (window, cut) = match body.get(..WINDOW) {
            Some(window) => (window, body.len() > WINDOW),
            None => (body, false),
        };
        let text = String::from_utf8_lossy(window);
        let masked = mask::members(&mask::values(&text, &self.values, cut));
        printable_within(&masked, SHOWN)
    }

    /// Returns the headers with every secret value masked.
    pub(crate) fn masked_headers(&self, headers: &HeaderMap) -> HeaderMap {
        let mut masked = headers.clone();
        for value in masked.values_mut() {
            let text = String::from_utf8_lossy(value.as_bytes());
            let replaced = self.masked(&text);
            if replaced != text {
                *value = HeaderValue::from_bytes(replaced.as_bytes())
                    .unwrap_or_else(|_| HeaderValue::from_static(MASK));
            }
        }
        masked
    }
}

/// Whether the value of the `Authorization` header is an access token.
fn is_access_token(value: &HeaderValue) -> bool {
    let scheme = value.as_bytes().split(|byte| *byte == b' ').next();
    scheme.is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case(b"bearer") || scheme.eq_ignore_ascii_case(b"dpop")
    })
}

/// Collects the value, or the part after its scheme, and the password of HTTP Basic credentials.
fn of_header(value: &HeaderValue, values: &mut Vec<Secret>) {
    let Ok(text) = value.to_str() else { return };
    let Some((scheme, credentials)) = text.split_once(' ') else {
        keep(text, values);
        return;
    };
    keep(credentials, values);
    if !scheme.eq_ignore_ascii_case("basic") {
        return;
    }
    let url_alphabet = credentials.replace('+', "-").replace('/', "_");
    let decoded = base64url::decode(url_alphabet.trim_end_matches('='));
    let decoded = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some((_, password)) = decoded.as_deref().and_then(|pair| pair.split_once(':')) {
        // The password is encoded as in a form (RFC 6749 section 2.3.1).
        let pair = format!("p={password}");
        for (_, password) in form_urlencoded::parse(pair.as_bytes()) {
            keep(&password, values);
        }
        keep(password, values);
    }
}

fn of_parameters(parameters: &Parameters, values: &mut Vec<Secret>) {
    for (name, value) in parameters.iter() {
        if !HARMLESS.contains(&name) {
            keep(value, values);
        }
    }
}

/// Collects the members of a registration whose names suggest secrets.
fn of_document(document: &Bytes, values: &mut Vec<Secret>) {
    if document.len() > LONGEST_DOCUMENT {
        return;
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(document) else {
        return;
    };
    for (name, value) in &members {
        if let Some(text) = value.as_str()
            && (mask::is_named_like_a_secret(name) || name == "software_statement")
        {
            keep(text, values);
        }
    }
}

fn keep(value: &str, values: &mut Vec<Secret>) {
    if !value.is_empty() {
        values.push(Secret::from(value));
    }
}

/// The number of bytes of a body that are searched, more than are ever shown.
const WINDOW: usize = 8 * 1024;

/// The largest number of characters of a body that are shown.
const SHOWN: usize = 1000;

/// The longest body that is searched for secret members. No registration is longer.
const LONGEST_DOCUMENT: usize = 256 * 1024;

const KEPT: [HeaderName; 5] = [
    header::CONTENT_TYPE,
    header::AUTHORIZATION,
    header::COOKIE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("dpop"),
];

/// Parameters whose values are not secret. All others count as secret, including unknown ones.
const HARMLESS: [&str; 25] = [
    "acr_values",
    "actor_token_type",
    "audience",
    "claims_locales",
    "client_assertion_type",
    "client_id",
    "code_challenge_method",
    "display",
    "dpop_jkt",
    "grant_type",
    "max_age",
    "prompt",
    "redirect_uri",
    "requested_expiry",
    "requested_token_type",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "subject_token_type",
    "token_type_hint",
    "ui_locales",
    "binding_message",
    "claims",
    "authorization_details",
];

#[cfg(test)]
mod tests;
