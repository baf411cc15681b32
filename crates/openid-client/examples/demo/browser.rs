//! A browser without a user, which prints the result of each step.

use std::collections::HashMap;
use std::error::Error;

use http::{HeaderValue, Method, StatusCode, header};
use openid_client::Url;
use openid_client::http::{Body, Bytes, HttpClient as _, HyperClient, Request, RootCertificates};

/// The result of a step.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A browser that keeps one cookie for each origin and does not follow redirects.
pub(crate) struct Browser {
    transport: HyperClient,
    cookies: HashMap<String, HeaderValue>,
}

/// The response to a request.
pub(crate) struct Visit {
    pub(crate) status: StatusCode,
    /// Where a redirect leads.
    pub(crate) next: Option<Url>,
    pub(crate) text: String,
}

impl Browser {
    /// Creates a browser that trusts these certificates and those of the platform.
    pub(crate) fn trusting<'a>(roots: impl Iterator<Item = &'a str>) -> Outcome<Self> {
        let mut certificates = RootCertificates::default();
        for root in roots {
            certificates.add_pem(root.as_bytes())?;
        }
        Ok(Self {
            transport: HyperClient::new(certificates)?,
            cookies: HashMap::new(),
        })
    }

    /// Sends one request, with a form unless it is empty.
    pub(crate) async fn visit(&mut self, method: Method, url: &Url, form: &str) -> Outcome<Visit> {
        let origin = url.origin().ascii_serialization();
        let mut request = Request::new(Bytes::copy_from_slice(form.as_bytes()));
        *request.method_mut() = method;
        *request.uri_mut() = url.as_str().parse()?;
        if !form.is_empty() {
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        if let Some(cookie) = self.cookies.get(&origin) {
            request.headers_mut().insert(header::COOKIE, cookie.clone());
        }
        let (head, mut body) = self
            .transport
            .send(request.map(Body::from))
            .await?
            .into_parts();
        if let Some(cookie) = head.headers.get(header::SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            self.cookies.insert(origin, HeaderValue::from_str(pair)?);
        }
        let mut text = Vec::new();
        while let Some(chunk) = body.chunk().await? {
            text.extend_from_slice(&chunk);
        }
        let location = head.headers.get(header::LOCATION);
        Ok(Visit {
            status: head.status,
            next: location
                .map(|to| Outcome::Ok(url.join(to.to_str()?)?))
                .transpose()?,
            text: String::from_utf8(text)?,
        })
    }

    /// Sends a request that must be answered with a redirect, and returns its target.
    pub(crate) async fn follow(&mut self, what: &str, method: Method, url: &Url) -> Outcome<Url> {
        let visit = self.visit(method, url, "").await?;
        match visit.next {
            Some(next) if visit.status.is_redirection() => {
                println!(
                    "{what}\n    {} to {}{}",
                    visit.status,
                    next.origin().ascii_serialization(),
                    next.path()
                );
                Ok(next)
            }
            _ => Err(format!(
                "{what}: expected a redirect, found {}\n{}",
                visit.status, visit.text
            )
            .into()),
        }
    }

    /// Fetches a page that must contain `expected`, and returns it.
    pub(crate) async fn read(&mut self, what: &str, url: &Url, expected: &str) -> Outcome<String> {
        let visit = self.visit(Method::GET, url, "").await?;
        if visit.status != StatusCode::OK || !visit.text.contains(expected) {
            return Err(format!(
                "{what}: expected a page with {expected:?}, found {}\n{}",
                visit.status, visit.text
            )
            .into());
        }
        println!("{what}\n    {}", visit.status);
        Ok(visit.text)
    }
}
