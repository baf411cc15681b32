//! A request to a protected resource.

use std::fmt;

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};

use crate::dpop::DPOP;
use crate::error::{Artefact, Error, Reason};
use crate::resource_server::token_form::TokenForm;
use crate::secret::Secret;

/// The scheme by which an access token is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthorizationScheme {
    /// `Bearer` (RFC 6750 section 2.1).
    Bearer,
    /// `DPoP` (RFC 9449 section 7.1).
    DPoP,
}

impl AuthorizationScheme {
    fn parse(name: &str) -> Option<Self> {
        let all = [Self::Bearer, Self::DPoP];
        all.into_iter()
            .find(|scheme| scheme.as_str().eq_ignore_ascii_case(name))
    }

    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::DPoP => "DPoP",
        }
    }
}

/// A request to a protected resource: the parts that decide whether it may pass.
#[derive(Clone)]
pub struct ResourceRequest {
    pub(super) method: Method,
    /// The path of the request as it is sent.
    pub(super) path: String,
    authorization: Vec<HeaderValue>,
    proofs: Vec<HeaderValue>,
    pub(super) certificate: Option<Vec<u8>>,
}

impl ResourceRequest {
    /// The request with this method, target and headers. Host and query of `uri` are ignored, so an
    /// access token in the query is never read.
    pub fn new(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let all = |name| headers.get_all(name).iter().cloned().collect();
        Self {
            method: method.clone(),
            path: uri.path().to_owned(),
            authorization: all(header::AUTHORIZATION),
            proofs: all(DPOP),
            certificate: None,
        }
    }

    /// Adds the certificate (DER) that the client proved possession of in the TLS handshake. Take
    /// it from the connection, or from a header that only your own proxy can set.
    #[must_use]
    pub fn with_certificate(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.certificate = Some(der.into());
        self
    }

    /// The scheme of the `Authorization` header; `None` if it is not one for access tokens.
    pub fn scheme(&self) -> Option<AuthorizationScheme> {
        let value = self.authorization.first()?.to_str().ok()?;
        AuthorizationScheme::parse(value.split(' ').next()?)
    }

    /// The access token (RFC 6750 section 2.1, RFC 9449 section 7.1).
    pub(super) fn access_token(&self) -> Result<(AuthorizationScheme, Secret), Error> {
        const AUTHORIZATION: &str = "Authorization";
        let rejected = |reason| Error::from(Artefact::ResourceRequest.rejected(reason));
        let value = match self.authorization.as_slice() {
            [] => {
                let member = AUTHORIZATION.into();
                return Err(rejected(Reason::Missing { member }));
            }
            [value] => value,
            _ => {
                let member = AUTHORIZATION.into();
                return Err(rejected(Reason::Duplicate { member }));
            }
        };
        // The header may contain a secret under a scheme that is not known here, so it is not
        // shown.
        let scheme = self.scheme().ok_or_else(|| {
            rejected(Reason::UnsupportedTokenType {
                expected: "Bearer or DPoP",
                found: "another scheme".to_owned(),
            })
        })?;
        let text = value.to_str().unwrap_or_default();
        let (_, token) = text.split_once(' ').unwrap_or_default();
        let token = token.trim_start_matches(' ');
        // `b64token` of RFC 6750 section 2.1: padding comes last.
        let unpadded = token.trim_end_matches('=');
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        if unpadded.is_empty() || !unpadded.bytes().all(is_token) {
            return Err(rejected(Reason::IllTyped {
                member: AUTHORIZATION.into(),
                expected: "a scheme and an access token",
                found: "something else".to_owned(),
            }));
        }
        Ok((scheme, token.into()))
    }

    /// The issuer that the access token names, unverified; `None` for a token that is not a JWT,
    /// and for a JWT without `iss`.
    ///
    /// Use it only to decide which metadata of trusted issuers are fetched, before
    /// [`VerifyRequest`](super::VerifyRequest) decides about the request.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] where the request is refused whichever issuers are trusted: without an
    /// access token, and with one that cannot be read.
    pub fn unverified_issuer(&self) -> Result<Option<String>, Error> {
        let (_, access_token) = self.access_token()?;
        match TokenForm::of(access_token.expose())? {
            TokenForm::Jwt { iss } => Ok(iss),
            TokenForm::Opaque(_) => Ok(None),
        }
    }

    /// The DPoP proof (RFC 9449 section 4.3, check 1).
    pub(super) fn proof(&self) -> Result<&str, Reason> {
        let member = "DPoP".into();
        match self.proofs.as_slice() {
            [] => Err(Reason::Missing { member }),
            [proof] => Ok(proof.to_str().unwrap_or_default()),
            _ => Err(Reason::Duplicate { member }),
        }
    }
}

impl From<&Parts> for ResourceRequest {
    fn from(head: &Parts) -> Self {
        Self::new(&head.method, &head.uri, &head.headers)
    }
}

impl<B> From<&Request<B>> for ResourceRequest {
    fn from(request: &Request<B>) -> Self {
        Self::new(request.method(), request.uri(), request.headers())
    }
}

impl fmt::Debug for ResourceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceRequest")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
