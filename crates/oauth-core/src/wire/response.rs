//! The checks that every response goes through before its content is looked at.

use bytes::Bytes;
use http::HeaderMap;
use http::Response;
use http::header;
use jose::json;
use url::Url;

use crate::challenge::Challenge;
use crate::error::Artefact;
use crate::error::Error;
use crate::error::Reason;
use crate::error::ResponseBodyError;
use crate::error::WwwAuthenticateChallengeError;
use crate::error::printable;
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
    json::parse_object(response.body(), limits(response)).map_err(|error| {
        let reason = not_json(error, headers, &["application/json"]);
        artefact.rejected(reason).into()
    })
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

/// The error behind a response whose status is not the one asked for: a challenge, an OAuth error
/// in the body, or the status alone (RFC 6749 section 5.2, RFC 6750 section 3).
pub(crate) fn refusal(artefact: Artefact, expected: u16, response: &Response<Bytes>) -> Error {
    let headers = response.headers();
    let status = response.status();
    if let Err(error) = unencoded(artefact, headers) {
        return error;
    }
    if let Some(error) = challenge(response) {
        return error.into();
    }
    if status.is_client_error()
        && let Some(error) = response_body_error(response)
    {
        return error.into();
    }
    artefact
        .rejected(Reason::Status {
            expected,
            found: status.as_u16(),
            location: location(headers),
        })
        .into()
}

/// The challenges of a response, if there are any.
pub(crate) fn challenge(response: &Response<Bytes>) -> Option<Box<WwwAuthenticateChallengeError>> {
    let challenges = Challenge::of_response(response.headers());
    (!challenges.is_empty()).then(|| {
        Box::new(WwwAuthenticateChallengeError {
            challenges,
            status: response.status(),
            headers: response.headers().clone(),
        })
    })
}

/// The OAuth error in a JSON body, if there is one.
pub(crate) fn response_body_error(response: &Response<Bytes>) -> Option<Box<ResponseBodyError>> {
    let object = json::parse_object(response.body(), limits(response)).ok()?;
    let text = |name: &str| object.get(name)?.as_str().filter(|text| !text.is_empty());
    Some(Box::new(ResponseBodyError {
        error: text("error")?.to_owned(),
        error_description: text("error_description").map(str::to_owned),
        status: response.status(),
        headers: response.headers().clone(),
        body: object.to_owned_map(),
    }))
}

/// As long as it is: the driver has capped it, at a size that the application may have raised.
fn limits(response: &Response<Bytes>) -> json::Limits {
    json::Limits::new(response.body().len(), 32)
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

/// Where a redirect points to, without its query: enough to see a misconfigured URL. A reference
/// within the same origin gives its path alone.
fn location(headers: &HeaderMap) -> Option<String> {
    let same_origin = Url::parse("https://same-origin.invalid").ok()?;
    let reference = headers.get(header::LOCATION)?.to_str().ok()?;
    let mut url = same_origin.join(reference).ok()?;
    if url.origin() == same_origin.origin() {
        return Some(printable(url.path()));
    }
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(printable(url.as_str()))
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

    /// What is labelled as encoded is not read, even where it could be.
    #[test]
    fn a_refusal_is_not_read_through_an_encoding() {
        let response = Response::builder()
            .status(400)
            .header(header::CONTENT_ENCODING, "gzip")
            .body(Bytes::from_static(br#"{"error":"invalid_grant"}"#))
            .unwrap();
        let error = refusal(Artefact::TokenResponse, 200, &response);
        let reason = Reason::ContentEncoding {
            found: "gzip".to_owned(),
        };
        assert_eq!(error.rejection().unwrap().reason, reason);
    }

    /// What a gateway says about itself is no answer to the request.
    #[test]
    fn an_oauth_error_comes_with_a_4xx_alone() {
        for (status, surfaced) in [
            (302, false),
            (400, true),
            (499, true),
            (500, false),
            (503, false),
        ] {
            let response = Response::builder()
                .status(status)
                .body(Bytes::from_static(br#"{"error":"invalid_grant"}"#))
                .unwrap();
            match refusal(Artefact::TokenResponse, 200, &response) {
                Error::ResponseBody(answered) => {
                    assert!(surfaced, "{status}");
                    assert_eq!(answered.error, "invalid_grant");
                }
                error => {
                    assert!(!surfaced, "{status}");
                    let reason = Reason::Status {
                        expected: 200,
                        found: status,
                        location: None,
                    };
                    assert_eq!(error.rejection().unwrap().reason, reason);
                }
            }
        }
    }

    #[test]
    fn a_redirect_is_reported_without_what_may_be_secret() {
        for (location, shown) in [
            (
                "https://u:p@op.example/a?code=c#f",
                Some("https://op.example/a"),
            ),
            ("//op.example/a?code=c", Some("https://op.example/a")),
            ("/a/b?code=c", Some("/a/b")),
            ("b", Some("/b")),
            ("https://", None),
        ] {
            let response = Response::builder()
                .status(302)
                .header(header::LOCATION, location)
                .body(Bytes::new())
                .unwrap();
            let error = refusal(Artefact::TokenResponse, 200, &response);
            let Some(Reason::Status { location, .. }) =
                error.rejection().map(|rejection| &rejection.reason)
            else {
                panic!("{error}");
            };
            assert_eq!(location.as_deref(), shown);
        }
    }
}
