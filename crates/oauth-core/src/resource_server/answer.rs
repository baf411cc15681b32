//! The response to a request that does not pass (RFC 6750 section 3, RFC 9449 sections 7.1 and 9,
//! RFC 9470 section 3, RFC 9728 section 5.1).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::cache::Cache;
use crate::names::EndpointName;
use crate::resource_server::issuer::AccessTokenExpectations;
use crate::resource_server::refusal::Verdict;
use crate::resource_server::{AuthorizationScheme, Refusal, ResourceServer};
use crate::time::UnixTime;

impl ResourceServer {
    /// The response to a request that does not pass. `scheme` is that of the
    /// [request](crate::resource_server::ResourceRequest::scheme).
    ///
    /// | refusal | status | error |
    /// |---|---|---|
    /// | no access token | 401 | none |
    /// | a malformed or repeated `Authorization` header | 400 | `invalid_request` |
    /// | the access token | 401 | `invalid_token` |
    /// | the DPoP proof | 401 | `invalid_dpop_proof` or `use_dpop_nonce` |
    /// | the scope | 403 | `insufficient_scope` |
    /// | the login | 401 | `insufficient_user_authentication` |
    /// | the keys of the issuer cannot be fetched, or the store of used proofs is full | 503 | none |
    /// | a mistake in the settings | 500 | none |
    ///
    /// A response with status 400, 401 or 403 has one challenge for each accepted scheme, `DPoP`
    /// first; the error belongs to the scheme of the request. If nonces are required, it also has a
    /// `DPoP-Nonce`.
    pub fn answer(
        &self,
        scheme: Option<AuthorizationScheme>,
        refusal: &Refusal,
        now: UnixTime,
    ) -> Response<Bytes> {
        let verdict = refusal.verdict();
        let mut response = Response::new(Bytes::new());
        let status = match verdict {
            Verdict::Unauthenticated => 401,
            Verdict::Refused { status, .. } | Verdict::Unable { status } => status,
        };
        // Each status above is valid.
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(verdict, Verdict::Unable { .. }) {
            return response;
        }
        let accepted: &[AuthorizationScheme] = match self.requires_dpop {
            true => &[AuthorizationScheme::DPoP],
            false => &[AuthorizationScheme::DPoP, AuthorizationScheme::Bearer],
        };
        // Where the scheme of the request is not accepted, the error belongs to the first one.
        let at_fault = scheme.filter(|scheme| accepted.contains(scheme));
        let at_fault = at_fault.unwrap_or(AuthorizationScheme::DPoP);
        for scheme in accepted {
            let mut parameters = Vec::new();
            if let (
                Verdict::Refused {
                    error, description, ..
                },
                true,
            ) = (verdict, *scheme == at_fault)
            {
                parameters.push(parameter("error", error));
                parameters.push(parameter("error_description", description));
                parameters.extend(further(refusal));
            }
            if *scheme == AuthorizationScheme::DPoP {
                let algorithms: Vec<_> = self.algorithms.iter().map(|it| it.as_str()).collect();
                parameters.push(parameter("algs", &algorithms.join(" ")));
            }
            if let Some(url) = &self.resource_metadata {
                parameters.push(parameter("resource_metadata", url));
            }
            let challenge = format!("{} {}", scheme.as_str(), parameters.join(", "));
            if let Ok(value) = HeaderValue::try_from(challenge.trim_end()) {
                headers.append(WWW_AUTHENTICATE, value);
            }
        }
        let nonce = self.nonces.as_ref().and_then(|it| it.current(now));
        if let Some(Ok(nonce)) = nonce.map(HeaderValue::try_from) {
            headers.insert(DPOP_NONCE, nonce);
        }
        response
    }

    /// How long no request for the keys of a trusted issuer is sent, because the last one failed;
    /// the longest of these times if those of several issuers failed. For `Retry-After` in a
    /// response with status 503 (RFC 9110 section 10.2.3). `cache` and `elapsed` are those of
    /// [`Env`](crate::env::Env).
    pub fn retry_after(&self, cache: &Cache, elapsed: Duration) -> Option<Duration> {
        let of_keys = |issuer: &Arc<AccessTokenExpectations>| {
            let configuration = &issuer.configuration;
            let url = configuration.endpoint(EndpointName::Jwks).ok()?;
            let patience = configuration.policy().timeout();
            cache.retry_after(url.as_str(), patience, elapsed)
        };
        self.issuers.iter().filter_map(of_keys).max()
    }
}

/// What the client needs for another authorization request.
fn further(refusal: &Refusal) -> Vec<String> {
    match refusal {
        Refusal::Error(_) => Vec::new(),
        Refusal::InsufficientScope { scope } if scope.is_empty() => Vec::new(),
        Refusal::InsufficientScope { scope } => vec![parameter("scope", &scope.join(" "))],
        Refusal::InsufficientUserAuthentication {
            acr_values,
            max_age,
        } => {
            let classes =
                (!acr_values.is_empty()).then(|| parameter("acr_values", &acr_values.join(" ")));
            let max_age = max_age.map(|age| parameter("max_age", &age.as_secs().to_string()));
            classes.into_iter().chain(max_age).collect()
        }
    }
}

/// Writes a parameter as a quoted string. Characters that RFC 6750 section 3 does not permit are
/// omitted.
fn parameter(name: &str, value: &str) -> String {
    let is_permitted = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    let value: String = value.chars().filter(is_permitted).collect();
    format!("{name}=\"{value}\"")
}

const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
