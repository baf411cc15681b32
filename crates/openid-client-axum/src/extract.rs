//! The extractors for axum.

use axum_core::body::Body;
use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;

use crate::error::LoginError;
use crate::login::{Claims, Login};
use crate::require_login::bare_page;
use crate::tokens::AccessToken;

/// The claims of the ID Token of the person, if one has logged in.
///
/// ```
/// use openid_client_axum::OptionalClaims;
///
/// async fn home(OptionalClaims(claims): OptionalClaims) -> String {
///     match claims {
///         Some(claims) => format!("hello {}", claims.sub()),
///         None => "hello stranger".to_owned(),
///     }
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(home));
/// ```
#[derive(Debug, Clone)]
pub struct OptionalClaims(pub Option<Claims>);

impl<S: Sync> FromRequestParts<S> for Claims {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let login = login(parts).map_err(IntoResponse::into_response)?;
        let claims = login.claims();
        claims.ok_or_else(|| response(login.refuse(&LoginError::LoginRequired)))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Claims {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Response> {
        let login = login(parts).map_err(IntoResponse::into_response)?;
        Ok(login.claims())
    }
}

impl<S: Sync> FromRequestParts<S> for OptionalClaims {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let login = login(parts).map_err(IntoResponse::into_response)?;
        Ok(Self(login.claims()))
    }
}

impl<S: Sync> FromRequestParts<S> for Login {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        login(parts).cloned().map_err(IntoResponse::into_response)
    }
}

impl<S: Sync> FromRequestParts<S> for AccessToken {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let login = login(parts).cloned();
        let login = login.map_err(IntoResponse::into_response)?;
        let token = login.access_token().await;
        token.map_err(|error| response(login.refuse(&error)))
    }
}

/// The page of the error, without the settings of a layer.
impl IntoResponse for LoginError {
    fn into_response(self) -> Response {
        response(bare_page(&self))
    }
}

fn login(parts: &Parts) -> Result<&Login, LoginError> {
    Login::of(&parts.extensions)
}

fn response(page: http::Response<Bytes>) -> Response {
    page.map(Body::from)
}
