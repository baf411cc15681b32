//! The browser of a user, and the actions of the user.

use openid_client::http::{Body, Bytes, HttpClient as _, HyperClient, Request, Response};
use openid_client::{Parameters, Url};

use crate::cookies::Cookies;
use crate::provider;
use crate::provider::REDIRECT_URI;

/// A browser with its cookies. It follows redirects within the provider.
pub(crate) struct UserAgent {
    transport: HyperClient,
    cookies: Cookies,
}

/// The result of a request and its redirects.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A redirect to the application. The URL is not fetched.
    Application(Url),
    /// A page of the provider.
    Page(Page),
}

/// A page of the provider.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl UserAgent {
    pub(crate) fn new() -> Self {
        Self {
            transport: provider::transport(),
            cookies: Cookies::default(),
        }
    }

    /// Opens an authorization URL, logs `account` in, and returns the callback URL.
    pub(crate) async fn log_in(&mut self, authorization_url: Url, account: &str) -> Url {
        let page = self.login_page(authorization_url).await;
        callback(self.answer(page, "login", account).await)
    }

    /// Opens an authorization URL, logs `account` in, and returns the form that the browser posts
    /// to the redirect URI.
    pub(crate) async fn log_in_to_post(&mut self, authorization_url: Url, account: &str) -> String {
        let page = self.login_page(authorization_url).await;
        let (action, form) = self.answer(page, "login", account).await.page().form();
        assert_eq!(action.as_str(), REDIRECT_URI);
        form.encode()
    }

    /// Opens an authorization URL, cancels the login, and returns the callback URL.
    pub(crate) async fn refuse(&mut self, authorization_url: Url) -> Url {
        let page = self.login_page(authorization_url).await;
        callback(self.answer(page, "abort", "1").await)
    }

    /// Opens a URL.
    pub(crate) async fn open(&mut self, url: Url) -> Arrival {
        self.follow(get(url)).await
    }

    /// Submits a form.
    pub(crate) async fn submit(&mut self, url: Url, form: &Parameters) -> Arrival {
        let request = Request::post(url.as_str())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form.encode()))
            .unwrap();
        self.follow((url, request)).await
    }

    async fn login_page(&mut self, authorization_url: Url) -> Page {
        let page = self.open(authorization_url).await.page();
        assert!(page.url.path().contains("/interaction/"), "{page:?}");
        page
    }

    /// Answers on the login page, with a parameter in its URL (see `interactions.mjs`).
    pub(crate) async fn answer(&mut self, mut page: Page, name: &str, value: &str) -> Arrival {
        page.url.query_pairs_mut().append_pair(name, value);
        self.open(page.url).await
    }

    async fn follow(&mut self, (mut url, mut request): (Url, Request<Bytes>)) -> Arrival {
        let home = url.origin();
        for _ in 0..MOST_REDIRECTS {
            let response = self.fetch(&url, request).await;
            let Some(location) = response.headers().get("location") else {
                return Arrival::Page(Page {
                    url,
                    status: response.status().as_u16(),
                    text: response.into_body(),
                });
            };
            let next = url.join(location.to_str().unwrap()).unwrap();
            if next.origin() != home {
                return Arrival::Application(next);
            }
            (url, request) = get(next);
        }
        panic!("more than {MOST_REDIRECTS} redirects, the last to {url}");
    }

    async fn fetch(&mut self, url: &Url, mut request: Request<Bytes>) -> Response<String> {
        let cookies = self.cookies.header(url.path());
        let cookies = cookies.parse().unwrap();
        request.headers_mut().insert("cookie", cookies);
        let (head, mut body) = self
            .transport
            .send(request.map(Body::from))
            .await
            .unwrap()
            .into_parts();
        for cookie in head.headers.get_all("set-cookie") {
            self.cookies.set(cookie.to_str().unwrap());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = body.chunk().await.unwrap() {
            bytes.extend_from_slice(&chunk);
        }
        Response::from_parts(head, String::from_utf8(bytes).unwrap())
    }
}

impl Arrival {
    pub(crate) fn application(self) -> Url {
        match self {
            Self::Application(url) => url,
            Self::Page(page) => panic!("the provider keeps the browser: {page:?}"),
        }
    }

    pub(crate) fn page(self) -> Page {
        match self {
            Self::Page(page) => page,
            Self::Application(url) => panic!("the provider sent the browser away to {url}"),
        }
    }
}

impl Page {
    /// Returns the action of the form on the page, and its hidden fields.
    pub(crate) fn form(&self) -> (Url, Parameters) {
        let action = attribute(&self.text, "action");
        let inputs = self.text.split("<input type=\"hidden\"").skip(1);
        let form = inputs.map(|input| (attribute(input, "name"), attribute(input, "value")));
        (Url::parse(&action).unwrap(), form.collect())
    }
}

/// Returns the unescaped value of the first attribute with this name.
fn attribute(html: &str, name: &str) -> String {
    let (_, value) = html.split_once(&format!(" {name}=\"")).unwrap();
    let (value, _) = value.split_once('"').unwrap();
    value.replace("&quot;", "\"").replace("&amp;", "&")
}

/// Returns the callback URL of a redirect.
fn callback(arrival: Arrival) -> Url {
    let url = arrival.application();
    assert!(url.as_str().starts_with(REDIRECT_URI), "{url}");
    url
}

fn get(url: Url) -> (Url, Request<Bytes>) {
    let request = Request::get(url.as_str()).body(Bytes::new()).unwrap();
    (url, request)
}

const MOST_REDIRECTS: usize = 10;
