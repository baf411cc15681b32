//! A browser with cookies, which keeps and sends them as RFC 6265 and its successor say.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use tower::ServiceExt as _;

/// Which page sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// A page of the application, or the person.
    Own,
    /// A link, a redirect or a form of another site, which changes the page of the browser.
    Other,
    /// A frame in a page of another site.
    Frame,
}

/// A browser at the application.
#[derive(Clone)]
pub struct Browser {
    app: Router,
    /// Oldest first.
    pub jar: Vec<Cookie>,
    /// Every header that has set a cookie.
    pub set: Vec<String>,
    /// What else each request has, for example `Origin`.
    pub headers: HeaderMap,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    pub name: String,
    pub value: String,
    pub same_site: String,
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.headers[header::LOCATION].to_str().unwrap()
    }
}

impl Browser {
    pub fn new(app: Router) -> Self {
        Self {
            app,
            jar: Vec::new(),
            set: Vec::new(),
            headers: HeaderMap::new(),
        }
    }

    /// Another browser at the same application.
    pub fn other(&self) -> Self {
        Self::new(self.app.clone())
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, Site::Own, None).await
    }

    /// Comes back from the provider, by a redirect.
    pub async fn come_back(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, Site::Other, None).await
    }

    /// A page of the provider loads this in a frame.
    pub async fn load_in_frame(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, Site::Frame, None).await
    }

    /// Posts a form of the application.
    pub async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.send(Method::POST, path, Site::Own, Some(form)).await
    }

    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        from: Site,
        form: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder().method(&method).uri(path);
        // Chromium, Firefox and Safari send the cookies of a top-level GET request, too.
        let sends_lax = from == Site::Own || from == Site::Other && method == Method::GET;
        for cookie in &self.jar {
            if sends_lax || cookie.same_site == "None" {
                let pair = format!("{}={}", cookie.name, cookie.value);
                request = request.header(header::COOKIE, pair);
            }
        }
        let headers = request.headers_mut().unwrap();
        headers.insert(header::ACCEPT, "text/html".parse().unwrap());
        let form_type = "application/x-www-form-urlencoded";
        if form.is_some() {
            headers.insert(header::CONTENT_TYPE, form_type.parse().unwrap());
        }
        let site = match from {
            Site::Own => "same-origin",
            Site::Other | Site::Frame => "cross-site",
        };
        headers.insert("sec-fetch-site", site.parse().unwrap());
        for (name, value) in &self.headers {
            match value.is_empty() {
                true => headers.remove(name),
                false => headers.insert(name, value.clone()),
            };
        }
        let body = Body::from(form.unwrap_or_default().to_owned());
        let response = self.app.clone().oneshot(request.body(body).unwrap());
        let (parts, body) = response.await.unwrap().into_parts();
        for header in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(header.to_str().unwrap());
        }
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    fn keep(&mut self, header: &str) {
        self.set.push(header.to_owned());
        assert!(header.len() <= 4096, "no browser keeps {header}");
        let (pair, attributes) = header.split_once("; ").unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let attribute = |name: &str| {
            let mut found = attributes
                .split("; ")
                .filter_map(|it| match it.split_once('=') {
                    Some((found, value)) => (found == name).then_some(value),
                    None => (it == name).then_some(""),
                });
            found.next()
        };
        // What a browser demands of the prefix (RFC 6265bis section 4.1.3.2).
        if name.starts_with("__Host-") {
            assert!(attribute("Secure").is_some(), "{header}");
            assert_eq!(attribute("Path"), Some("/"), "{header}");
            assert_eq!(attribute("Domain"), None, "{header}");
        }
        let same_site = match attribute("SameSite") {
            Some(same_site) => same_site.to_owned(),
            // Cookies of other layers.
            None => {
                assert!(!name.contains("openid-"), "{header}");
                "Lax".to_owned()
            }
        };
        self.jar.retain(|cookie| cookie.name != name);
        if attribute("Max-Age") != Some("0") {
            self.jar.push(Cookie {
                name: name.to_owned(),
                value: value.to_owned(),
                same_site,
            });
        }
    }

    /// The cookies with the session, and those with logins.
    pub fn cookies(&self, kind: &str) -> Vec<&Cookie> {
        let name = format!("openid-{kind}");
        self.jar
            .iter()
            .filter(|it| it.name.contains(&name))
            .collect()
    }
}
