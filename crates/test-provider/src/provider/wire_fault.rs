//! Faults that are possible in any response: status, media type, size and form.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};

use super::{Call, Endpoint};
use crate::misbehaviour::Misbehaviour;
use crate::response;

#[derive(Clone, Copy)]
enum WireFault {
    Html(StatusCode),
    HtmlAsJson,
    MediaType(&'static str),
    Redirect,
    TooLarge,
    NotAnObject,
    TrailingData,
    DeepNesting,
    EmptyBody,
    ContentEncoding,
}

/// Applies the faults that are switched on for this endpoint.
pub(super) fn apply(
    call: &Call<'_>,
    endpoint: Endpoint,
    response: Response<Bytes>,
) -> Response<Bytes> {
    call.misbehaviours
        .iter()
        .filter_map(|misbehaviour| fault(*misbehaviour))
        .filter(|(place, _)| *place == endpoint)
        .fold(response, |response, (_, fault)| {
            spoil(call, fault, response)
        })
}

fn fault(misbehaviour: Misbehaviour) -> Option<(Endpoint, WireFault)> {
    use Misbehaviour as M;
    let fault = match misbehaviour {
        M::DiscoveryHtml
        | M::KeySetHtml
        | M::TokenHtml
        | M::UserInfoHtml
        | M::DistributedClaimsHtml
        | M::RegistrationHtml
        | M::ClientConfigurationHtml => WireFault::Html(StatusCode::OK),
        M::DiscoveryServerError
        | M::KeySetServerError
        | M::TokenServerError
        | M::UserInfoServerError
        | M::DeviceServerError
        | M::BackchannelServerError
        | M::IntrospectionServerError
        | M::RevocationServerError
        | M::DistributedClaimsServerError
        | M::RegistrationServerError
        | M::ClientConfigurationServerError => WireFault::Html(StatusCode::INTERNAL_SERVER_ERROR),
        M::DiscoveryNotFound => WireFault::Html(StatusCode::NOT_FOUND),
        M::TokenBadRequestHtml => WireFault::Html(StatusCode::BAD_REQUEST),
        M::DiscoveryHtmlAsJson => WireFault::HtmlAsJson,
        M::DiscoveryJsonAsHtml | M::KeySetJsonAsHtml | M::TokenJsonAsHtml => {
            WireFault::MediaType("text/html")
        }
        M::DiscoveryMediaTypeCase => WireFault::MediaType("Application/JSON; charset=UTF-8"),
        M::KeySetMediaType => WireFault::MediaType("application/jwk-set+json"),
        M::DiscoveryRedirect
        | M::KeySetRedirect
        | M::TokenRedirect
        | M::UserInfoRedirect
        | M::DistributedClaimsRedirect
        | M::RegistrationRedirect
        | M::ClientConfigurationRedirect => WireFault::Redirect,
        M::DiscoveryTooLarge
        | M::KeySetTooLarge
        | M::TokenTooLarge
        | M::UserInfoTooLarge
        | M::RegistrationTooLarge => WireFault::TooLarge,
        M::DiscoveryNotAnObject
        | M::KeySetNotAnObject
        | M::TokenNotAnObject
        | M::UserInfoNotAnObject
        | M::RegistrationNotAnObject => WireFault::NotAnObject,
        M::DiscoveryTrailingData => WireFault::TrailingData,
        M::DiscoveryDeepNesting => WireFault::DeepNesting,
        M::DiscoveryEmptyBody => WireFault::EmptyBody,
        M::DiscoveryContentEncoding
        | M::KeySetContentEncoding
        | M::TokenContentEncoding
        | M::UserInfoContentEncoding
        | M::RegistrationContentEncoding => WireFault::ContentEncoding,
        _ => return None,
    };
    Some((misbehaviour.endpoint(), fault))
}

fn spoil(call: &Call<'_>, fault: WireFault, mut response: Response<Bytes>) -> Response<Bytes> {
    match fault {
        WireFault::Html(status) => return html(status),
        WireFault::HtmlAsJson => *response.body_mut() = html(StatusCode::OK).into_body(),
        WireFault::MediaType(media_type) => {
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        WireFault::Redirect => return redirect(call, response),
        WireFault::TooLarge => {
            let padding = format!(r#""padding":"{}","#, "x".repeat(TOO_LARGE));
            insert_first(&mut response, &padding);
        }
        WireFault::NotAnObject => edit(&mut response, |body| format!("[{body}]")),
        WireFault::TrailingData => edit(&mut response, |body| format!("{body}{body}")),
        WireFault::DeepNesting => {
            let nested = format!(r#""nested":{}{},"#, "[".repeat(DEEP), "]".repeat(DEEP));
            insert_first(&mut response, &nested);
        }
        WireFault::EmptyBody => *response.body_mut() = Bytes::new(),
        WireFault::ContentEncoding => {
            response
                .headers_mut()
                .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    response
}

fn html(status: StatusCode) -> Response<Bytes> {
    response::page(
        status,
        "A page for people",
        "<p>This is not what a program asked for.</p>",
    )
}

/// Redirects to the same path with another query, which gives the right response. A client that
/// followed redirects would not notice.
fn redirect(call: &Call<'_>, response: Response<Bytes>) -> Response<Bytes> {
    let uri = call.request.uri();
    if uri.query() == Some(MOVED) {
        return response;
    }
    let mut moved = Response::new(Bytes::new());
    *moved.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let location = format!("{}?{MOVED}", uri.path());
    moved
        .headers_mut()
        .insert(LOCATION, location.try_into().expect("a path is ASCII"));
    moved
}

fn insert_first(response: &mut Response<Bytes>, member: &str) {
    edit(response, |body| {
        format!("{{{member}{}", body.strip_prefix('{').expect("an object"))
    });
}

fn edit(response: &mut Response<Bytes>, change: impl FnOnce(&str) -> String) {
    let body = std::str::from_utf8(response.body()).expect("JSON is UTF-8");
    let changed = change(body);
    *response.body_mut() = Bytes::from(changed);
}

/// Twice the usual limit of a response body, in bytes.
const TOO_LARGE: usize = 2 * 1024 * 1024;

/// The depth of the nesting. It exhausts the stack of a reader that recurses without a limit.
const DEEP: usize = 10_000;

const MOVED: &str = "moved";
