//! The verified token as an argument of a handler of axum, and a refusal as its result.

use axum_core::body::Body;
use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use super::{Refused, VerifiedToken};

/// Error for a handler that takes a [`VerifiedToken`] on a route without the layer. Its response
/// has the status 500: the request does not reach the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the route has no `ResourceServer::layer`, so no access token was verified")]
pub struct NotVerified;

impl IntoResponse for NotVerified {
    fn into_response(self) -> Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for VerifiedToken {
    type Rejection = NotVerified;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, NotVerified> {
        head.extensions.get().cloned().ok_or(NotVerified)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        http::Response::from(self).map(Body::from)
    }
}
