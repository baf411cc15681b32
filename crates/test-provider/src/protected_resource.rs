//! A protected resource at another origin, which accepts the access tokens of a provider (RFC
//! 6750, RFC 9728).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use serde_json::json;
use url::Url;

use crate::members::Members;
use crate::provider::Provider;
use crate::response;

/// A protected resource that accepts Bearer tokens which a provider issued for it: those whose
/// authorization request and token request name it as `resource` (RFC 8707).
///
/// It publishes metadata between host and path of its URL, and its challenges name them. A path can
/// be given another response, and the challenge another text, to play a hostile resource.
pub struct ProtectedResource {
    url: String,
    /// The path of the URL, without a slash at the end.
    path: String,
    authorization_servers: Vec<String>,
    scopes_supported: Vec<String>,
    /// The scope value that each path below the resource needs.
    scopes: Vec<(String, String)>,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    pages: BTreeMap<String, Response<Bytes>>,
    challenge: Option<String>,
    received: Vec<(String, Option<String>)>,
}

impl ProtectedResource {
    /// Creates a resource with this identifier. Every path below it needs a token, and no scope.
    ///
    /// # Panics
    /// If `url` is not a URL.
    pub fn new(url: impl Into<String>) -> Self {
        let url = url.into();
        let parsed = Url::parse(&url).expect("the identifier is a URL");
        Self {
            path: parsed.path().trim_end_matches('/').to_owned(),
            url,
            authorization_servers: Vec::new(),
            scopes_supported: Vec::new(),
            scopes: Vec::new(),
            shared: Mutex::default(),
        }
    }

    /// Adds an issuer to `authorization_servers` of the metadata.
    #[must_use]
    pub fn authorization_server(mut self, issuer: impl Into<String>) -> Self {
        self.authorization_servers.push(issuer.into());
        self
    }

    /// Adds a value to `scopes_supported` of the metadata.
    #[must_use]
    pub fn scope_supported(mut self, scope: impl Into<String>) -> Self {
        self.scopes_supported.push(scope.into());
        self
    }

    /// Requires this scope value for requests to this path, and names it in the challenges.
    #[must_use]
    pub fn requires(mut self, path: impl Into<String>, scope: impl Into<String>) -> Self {
        self.scopes.push((path.into(), scope.into()));
        self
    }

    /// The identifier of the resource.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sets the response to every request for this path.
    pub fn host(&self, path: impl Into<String>, response: Response<Bytes>) {
        self.shared().pages.insert(path.into(), response);
    }

    /// Sets the `WWW-Authenticate` header of every refusal.
    pub fn set_challenge(&self, challenge: impl Into<String>) {
        self.shared().challenge = Some(challenge.into());
    }

    /// Returns the path of each request so far, with its `Authorization` header.
    pub fn received(&self) -> Vec<(String, Option<String>)> {
        self.shared().received.clone()
    }

    /// Answers a request. `provider` has issued the tokens; `now` is in seconds since 1970 (UTC).
    pub fn handle(
        &self,
        provider: &Provider,
        request: &Request<Bytes>,
        now: i64,
    ) -> Response<Bytes> {
        let path = request.uri().path();
        let authorization = request.headers().get(AUTHORIZATION);
        let authorization = authorization.and_then(|it| it.to_str().ok());
        let mut shared = self.shared();
        let header = authorization.map(str::to_owned);
        shared.received.push((path.to_owned(), header));
        if let Some(page) = shared.pages.get(path) {
            return page.clone();
        }
        if path == format!("{WELL_KNOWN}{}", self.path) {
            return response::json(StatusCode::OK, &self.metadata());
        }
        if !path.starts_with(&self.path) {
            return response::page(StatusCode::NOT_FOUND, "Not found", "");
        }
        let mut scopes = self.scopes.iter();
        let needed = scopes
            .find(|(at, _)| at == path)
            .map(|(_, scope)| scope.as_str());
        let challenge = shared.challenge.clone();
        let refuse = |status, error: Option<&str>| {
            let challenge = challenge.unwrap_or_else(|| self.challenge(error, needed));
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = status;
            let value = challenge.try_into().expect("a header value");
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
            response
        };
        let Some(token) = authorization.and_then(|it| it.strip_prefix("Bearer ")) else {
            return refuse(StatusCode::UNAUTHORIZED, None);
        };
        let known = provider.access_token(token, now);
        let Some(known) = known.filter(|it| it.resource.as_deref() == Some(self.url.as_str()))
        else {
            return refuse(StatusCode::UNAUTHORIZED, Some("invalid_token"));
        };
        if needed.is_some_and(|needed| !known.scope.split(' ').any(|value| value == needed)) {
            return refuse(StatusCode::FORBIDDEN, Some("insufficient_scope"));
        }
        let document = Members::new([
            ("sub", json!(known.subject)),
            ("scope", json!(known.scope)),
            ("client_id", json!(known.client_id)),
            ("body", json!(String::from_utf8_lossy(request.body()))),
        ]);
        response::json(StatusCode::OK, &document)
    }

    fn metadata(&self) -> Members {
        let mut metadata = Members::new([
            ("resource", json!(self.url)),
            ("authorization_servers", json!(self.authorization_servers)),
            ("bearer_methods_supported", json!(["header"])),
        ]);
        if !self.scopes_supported.is_empty() {
            metadata.set("scopes_supported", json!(self.scopes_supported));
        }
        metadata
    }

    fn challenge(&self, error: Option<&str>, scope: Option<&str>) -> String {
        let mut origin = Url::parse(&self.url).expect("the identifier is a URL");
        origin.set_path(&format!("{WELL_KNOWN}{}", self.path));
        let mut challenge = format!("Bearer resource_metadata=\"{origin}\"");
        for (name, value) in [("error", error), ("scope", scope)] {
            if let Some(value) = value {
                challenge.push_str(&format!(", {name}=\"{value}\""));
            }
        }
        challenge
    }

    /// Takes the lock even after a panic, which fails its own test and must not fail others.
    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ProtectedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectedResource")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// What a resource learns about an access token of the provider.
pub(crate) struct KnownToken {
    pub(crate) resource: Option<String>,
    pub(crate) scope: String,
    pub(crate) subject: String,
    pub(crate) client_id: String,
}

/// RFC 9728 section 3.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::header::WWW_AUTHENTICATE;
    use http::{Request, Response};

    use super::ProtectedResource;
    use crate::provider::Provider;

    const NOW: i64 = 1_700_000_000;

    fn get(resource: &ProtectedResource, path: &str, token: Option<&str>) -> Response<Bytes> {
        let provider = Provider::new("https://op.example");
        let mut request = Request::get(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        resource.handle(&provider, &request.body(Bytes::new()).unwrap(), NOW)
    }

    fn challenge(response: &Response<Bytes>) -> &str {
        response.headers()[WWW_AUTHENTICATE].to_str().unwrap()
    }

    #[test]
    fn the_way_to_a_token_is_published() {
        let resource = ProtectedResource::new("https://mcp.example/mcp")
            .authorization_server("https://op.example")
            .requires("/mcp/write", "write");
        let metadata = get(&resource, "/.well-known/oauth-protected-resource/mcp", None);
        let metadata = std::str::from_utf8(metadata.body()).unwrap();
        assert!(
            metadata.contains("\"resource\":\"https://mcp.example/mcp\""),
            "{metadata}"
        );
        let refused = get(&resource, "/mcp/write", None);
        assert_eq!(refused.status(), 401);
        assert_eq!(
            challenge(&refused),
            "Bearer resource_metadata=\"https://mcp.example/.well-known/oauth-protected-resource/mcp\", \
             scope=\"write\""
        );
        let unknown = get(&resource, "/mcp", Some("unknown"));
        assert!(challenge(&unknown).ends_with("error=\"invalid_token\""));
        assert_eq!(get(&resource, "/elsewhere", None).status(), 404);
    }

    #[test]
    fn a_hostile_resource_answers_otherwise() {
        let resource = ProtectedResource::new("https://mcp.example/mcp");
        resource.host(
            "/mcp",
            Response::builder().status(302).body(Bytes::new()).unwrap(),
        );
        assert_eq!(get(&resource, "/mcp", Some("stolen")).status(), 302);
        resource.set_challenge("Bearer realm=x");
        assert_eq!(
            challenge(&get(&resource, "/mcp/below", None)),
            "Bearer realm=x"
        );
        let received = resource.received();
        assert_eq!(
            received[0],
            ("/mcp".to_owned(), Some("Bearer stolen".to_owned()))
        );
        assert_eq!(received[1], ("/mcp/below".to_owned(), None));
    }
}
