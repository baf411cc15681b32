//! The checks of every response that precede the reading of its content.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, header};
use jose::json;

use crate::error::{Artefact, Error, Reason, printable};
use crate::secret::Secret;

/// Refuses an encoded body: the request allows no encoding, and decompression would evade the size
/// limit.
pub(crate) fn unencoded(artefact: Artefact, headers: &HeaderMap) -> Result<(), Error> {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    match encodings.find(|it| !it.as_bytes().eq_ignore_ascii_case(b"identity")) {
        Some(encoding) => Err(artefact
            .rejected(Reason::ContentEncoding {
                found: printable(&String::from_utf8_lossy(encoding.as_bytes())),
            })
            .into()),
        None => Ok(()),
    }
}

/// Returns the JSON object of a successful response.
///
/// Valid JSON is accepted with any media type, because servers mislabel it. For a body that is not
/// JSON, the error names the media type first, which says more than the parser's error.
pub(crate) fn json_object(
    artefact: Artefact,
    response: &Response<Bytes>,
) -> Result<json::Object<'_>, Error> {
    let headers = response.headers();
    unencoded(artefact, headers)?;
    json::parse_object(json_text(response.body()), limits(response.body())).map_err(|error| {
        let reason = not_json(error, headers, &["application/json"]);
        artefact.rejected(reason).into()
    })
}

/// Removes the byte order mark that some servers send. RFC 8259 section 8.1 permits a reader to
/// ignore it; a token must not contain one.
pub(crate) fn json_text(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Returns the JWT in a response whose `Content-Type` is `media_type`.
pub(crate) fn jwt(
    artefact: Artefact,
    response: &Response<Bytes>,
    media_type: &str,
) -> Result<Option<Secret>, Error> {
    if !media_type_is(response.headers(), media_type) {
        return Ok(None);
    }
    unencoded(artefact, response.headers())?;
    let jwt = String::from_utf8_lossy(response.body()).into_owned();
    Ok(Some(jwt.into()))
}

/// Returns why a body is not the expected JSON: its media type, if that is not an accepted one, and
/// otherwise the parser's error.
pub(crate) fn not_json(error: json::Error, headers: &HeaderMap, accepted: &[&str]) -> Reason {
    let labelled = accepted.iter().any(|it| media_type_is(headers, it));
    match error {
        json::Error::Syntax { .. } if !labelled => Reason::MediaType {
            expected: "application/json",
            found: content_type(headers),
        },
        error => Reason::Json(error),
    }
}

/// Allows the full length of the body: the driver has limited it, to a size that the application
/// sets.
pub(super) const fn limits(body: &[u8]) -> json::Limits {
    json::Limits::new(body.len(), 32)
}

/// Whether the `Content-Type`, without its parameters, is `expected`, in upper or lower case.
pub(crate) fn media_type_is(headers: &HeaderMap, expected: &str) -> bool {
    let found = headers.get(header::CONTENT_TYPE);
    found.is_some_and(|found| is_media_type(found, expected))
}

/// Whether a `Content-Type` is this media type, with any parameters.
pub(super) fn is_media_type(value: &HeaderValue, expected: &str) -> bool {
    let found = value.as_bytes().split(|byte| *byte == b';').next();
    found.is_some_and(|found| found.trim_ascii().eq_ignore_ascii_case(expected.as_bytes()))
}

pub(crate) fn content_type(headers: &HeaderMap) -> Option<String> {
    headers
        .get(header::CONTENT_TYPE)
        .map(|value| printable(&String::from_utf8_lossy(value.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_content_encoding_is_looked_at() {
        for (encodings, refused) in [
            (&[][..], None),
            (&["Identity"], None),
            (&["identity", "identity"], None),
            (&["gzip"], Some("gzip")),
            (&["identity", "gzip"], Some("gzip")),
            (&["identity, gzip"], Some("identity, gzip")),
            (&[""], Some("")),
        ] {
            let headers = encodings
                .iter()
                .map(|it| (header::CONTENT_ENCODING, it.parse().unwrap()))
                .collect();
            let found = unencoded(Artefact::KeySet, &headers).err();
            let reason = found.as_ref().and_then(|error| error.rejection());
            let expected = refused.map(|found| Reason::ContentEncoding {
                found: found.to_owned(),
            });
            assert_eq!(reason.map(|it| &it.reason), expected.as_ref());
        }
    }
}
