//! Logout that the server reports to the application directly (OpenID Connect Back-Channel Logout
//! 1.0).

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};

use crate::error::{Artefact, Error, Reason};
use crate::secret::Secret;
use crate::wire::Parameters;

/// Reads the logout token from the body of a back-channel logout request (section 2.5), which is a
/// form. Other fields are ignored. The token is not verified here;
/// [`VerifyLogoutToken`](crate::flow::VerifyLogoutToken) does that.
///
/// # Errors
///
/// [`Error::Rejected`] with [`Reason::Missing`] or [`Reason::Duplicate`] for `logout_token`.
pub fn logout_token(body: &[u8]) -> Result<Secret, Error> {
    let member = || "logout_token".into();
    let rejected = |reason| Error::from(Artefact::LogoutToken.rejected(reason));
    // A token is ASCII, so a body that is not UTF-8 contains none.
    let form = Parameters::decode(std::str::from_utf8(body).unwrap_or_default());
    let mut values = form.all("logout_token");
    let token = values.next().filter(|token| !token.is_empty());
    match (token, values.next()) {
        (_, Some(_)) => Err(rejected(Reason::Duplicate { member: member() })),
        (None, None) => Err(rejected(Reason::Missing { member: member() })),
        (Some(token), None) => Ok(token.into()),
    }
}

/// The response to a logout request after the sessions have ended, now or before: status 200
/// (section 2.8). It also answers a front-channel logout request.
pub fn logged_out() -> Response<Bytes> {
    no_store(Response::new(Bytes::new()))
}

/// The response to a back-channel logout request that was refused, or that did not end every
/// session: status 400 with the error `invalid_request` (section 2.8). `code` is the stable
/// [code](Error::code) of the error, which tells the operators of the server what is wrong; without
/// it, they learn nothing.
pub fn logout_failed(code: Option<&str>) -> Response<Bytes> {
    let mut body = serde_json::json!({ "error": "invalid_request" });
    if let (Some(code), Some(members)) = (code, body.as_object_mut()) {
        members.insert("error_description".to_owned(), code.into());
    }
    let mut response = no_store(Response::new(Bytes::from(body.to_string())));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn no_store(mut response: Response<Bytes>) -> Response<Bytes> {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_holds_one_token() {
        let missing = Reason::Missing {
            member: "logout_token".into(),
        };
        let duplicate = Reason::Duplicate {
            member: "logout_token".into(),
        };
        for (body, expected) in [
            (&b"logout_token=a.b.c"[..], Ok("a.b.c")),
            (b"x=1&logout_token=a%2Eb.c&y=2", Ok("a.b.c")),
            (b"", Err(&missing)),
            (b"logout_token", Err(&missing)),
            (b"logout_token=", Err(&missing)),
            (b"LOGOUT_TOKEN=a.b.c", Err(&missing)),
            (b"{\"logout_token\":\"a.b.c\"}", Err(&missing)),
            (b"logout_token=a.b.c&x=\xff", Err(&missing)),
            (b"logout_token=a.b.c&logout_token=a.b.c", Err(&duplicate)),
            (b"logout_token=&logout_token=a.b.c", Err(&duplicate)),
        ] {
            match (logout_token(body), expected) {
                (Ok(token), Ok(expected)) => assert_eq!(token.expose(), expected),
                (Err(Error::Rejected(rejection)), Err(reason)) => {
                    assert_eq!(rejection.artefact, Artefact::LogoutToken);
                    assert_eq!(&rejection.reason, reason);
                }
                (found, _) => panic!("{found:?}"),
            }
        }
    }

    #[test]
    fn the_responses() {
        let good = logged_out();
        assert_eq!(good.status(), 200);
        assert_eq!(good.headers()["cache-control"], "no-store");
        assert!(good.body().is_empty());
        for (code, body) in [
            (None, r#"{"error":"invalid_request"}"#),
            (
                Some("OAUTH_TOKEN_REPLAYED"),
                r#"{"error":"invalid_request","error_description":"OAUTH_TOKEN_REPLAYED"}"#,
            ),
        ] {
            let bad = logout_failed(code);
            assert_eq!(bad.status(), 400);
            assert_eq!(bad.headers()["cache-control"], "no-store");
            assert_eq!(bad.headers()["content-type"], "application/json");
            assert_eq!(bad.body(), body);
        }
    }
}
