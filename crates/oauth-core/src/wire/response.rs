//! The checks that every response goes through before its content is looked at.

use bytes::Bytes;
use http::{HeaderMap, Response, header};
use jose::json;

use crate::error::{Artefact, Error, Reason, printable};
use crate::secret::Secret;

/// Refuses an encoded body: no encoding was asked for, and an unpacker is a way around the cap.
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

/// The JSON object of a successful response.
///
/// Valid JSON is taken under any media type, because real servers mislabel it; a body that is not
/// JSON is reported by its media type first, which tells more than a parser's complaint.
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

/// A body without the byte order mark that some servers begin with. RFC 8259 section 8.1 lets a reader
/// ignore it; in a token it is not allowed.
pub(crate) fn json_text(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// The JWT that a response is, when its `Content-Type` is `media_type`.
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

/// Why a body is not the JSON asked for: its media type, when that is none of those that were
/// accepted, else the parser's complaint.
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

/// As long as it is: the driver has capped it, at a size that the application may have raised.
pub(super) const fn limits(body: &[u8]) -> json::Limits {
    json::Limits::new(body.len(), 32)
}

/// Whether the `Content-Type`, without its parameters, is `expected` in any case.
pub(crate) fn media_type_is(headers: &HeaderMap, expected: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|found| found.trim().eq_ignore_ascii_case(expected))
}

fn content_type(headers: &HeaderMap) -> Option<String> {
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
