//! The demo does what it says, with a person and without one.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use openid_client::Url;
use openid_client::http::{Body, Bytes, HttpClient as _, HyperClient, Request, RootCertificates};

use self::support::example;

#[test]
fn headless_it_logs_in_over_https_and_prints_the_claims() {
    let demo = example("demo").arg("--headless").output().unwrap();
    let printed = String::from_utf8(demo.stdout).unwrap();
    let complaints = String::from_utf8(demo.stderr).unwrap();
    assert!(demo.status.success(), "{printed}{complaints}");
    let claims = &printed[printed.find('{').unwrap()..=printed.rfind('}').unwrap()];
    let claims: serde_json::Value = serde_json::from_str(claims).unwrap();
    let provider = printed
        .lines()
        .next()
        .unwrap()
        .strip_prefix("provider     https://");
    let issuer = claims["id_token"]["iss"].as_str().unwrap();
    assert_eq!(issuer.strip_prefix("https://"), provider);
    assert_eq!(claims["id_token"]["sub"], "alice");
    assert_eq!(claims["userinfo"]["email"], "alice@example.com");
}

#[test]
fn without_a_provider_that_answers_it_fails_and_says_why() {
    let arguments = ["--issuer", "http://127.0.0.1:1", "--client-id", "app"];
    let redirect = ["--redirect-uri", "http://127.0.0.1:0/callback"];
    let demo = example("demo")
        .args(arguments)
        .args(redirect)
        .output()
        .unwrap();
    assert!(!demo.status.success());
    let complaints = String::from_utf8(demo.stderr).unwrap();
    assert!(
        complaints.starts_with("discovery request: no connection to 127.0.0.1:1: "),
        "{complaints}"
    );
}

#[tokio::test]
async fn a_person_chooses_who_to_be() {
    let mut person = Person::start();
    let form = person.log_in().await;
    let callback = person.choose(&form, "user=bob").await;
    let (_, landed) = person.visit("GET", &callback, "").await;
    let (home, _) = person.visit("GET", &landed.unwrap(), "").await;
    assert!(home.contains("<h1>Hello, Bob Brown</h1>"), "{home}");
    assert!(
        home.contains("<tr><th>email</th><td>bob@example.com</td></tr>"),
        "{home}"
    );
}

#[tokio::test]
async fn a_person_says_no() {
    let mut person = Person::start();
    let form = person.log_in().await;
    let callback = person.choose(&form, "deny=deny").await;
    let (page, next) = person.visit("GET", &callback, "").await;
    assert!(next.is_none());
    assert!(page.contains("<h1>That did not work</h1>"), "{page}");
    assert!(page.contains("access_denied"), "{page}");
}

#[tokio::test]
async fn a_callback_in_another_browser_finds_no_login() {
    let mut person = Person::start();
    let form = person.log_in().await;
    let callback = person.choose(&form, "user=bob").await;
    let cookie = person.cookie.take();
    let (page, _) = person.visit("GET", &callback, "").await;
    assert!(page.contains("<h1>No such login</h1>"), "{page}");
    // And it took nothing from the browser that began it.
    person.cookie = cookie;
    let (_, landed) = person.visit("GET", &callback, "").await;
    assert_eq!(landed.unwrap().path(), "/");
}

/// A demo, and a browser in front of it.
struct Person {
    demo: Child,
    /// Held open: a demo that cannot print ends.
    _printed: BufReader<ChildStdout>,
    app: Url,
    transport: HyperClient,
    cookie: Option<String>,
}

impl Person {
    fn start() -> Self {
        let mut demo = example("demo").stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = BufReader::new(demo.stdout.take().unwrap());
        let app = (&mut printed)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.strip_prefix("application  ")?.to_owned()));
        Self {
            demo,
            _printed: printed,
            app: Url::parse(&app.unwrap()).unwrap(),
            transport: HyperClient::new(RootCertificates::default()).unwrap(),
            cookie: None,
        }
    }

    /// Goes to the provider's login page.
    async fn log_in(&mut self) -> String {
        let login = self.app.join("/login").unwrap();
        let (_, provider) = self.visit("GET", &login, "").await;
        self.visit("GET", &provider.unwrap(), "").await.0
    }

    /// Presses a button on the login page; where it leads.
    async fn choose(&mut self, page: &str, button: &str) -> Url {
        let action = attribute(page, r#"<form method="post" action=""#);
        let interaction = attribute(page, r#"name="interaction" value=""#);
        let form = format!("interaction={interaction}&{button}");
        let (page, next) = self
            .visit("POST", &Url::parse(action).unwrap(), &form)
            .await;
        next.unwrap_or_else(|| panic!("expected a redirect, found {page}"))
    }

    async fn visit(&mut self, method: &str, url: &Url, form: &str) -> (String, Option<Url>) {
        let mut request = Request::builder().method(method).uri(url.as_str());
        if let Some(cookie) = self
            .cookie
            .as_ref()
            .filter(|_| url.origin() == self.app.origin())
        {
            request = request.header("cookie", cookie);
        }
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::copy_from_slice(form.as_bytes()));
        let response = self
            .transport
            .send(request.unwrap().map(Body::from))
            .await
            .unwrap();
        let (head, mut body) = response.into_parts();
        if let Some(cookie) = head.headers.get("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        let mut page = Vec::new();
        while let Some(chunk) = body.chunk().await.unwrap() {
            page.extend_from_slice(&chunk);
        }
        let location = head.headers.get("location");
        let next = location.map(|to| url.join(to.to_str().unwrap()).unwrap());
        (String::from_utf8(page).unwrap(), next)
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.demo.kill();
        let _ = self.demo.wait();
    }
}

fn attribute<'a>(page: &'a str, before: &str) -> &'a str {
    let (_, rest) = page.split_once(before).unwrap();
    rest.split('"').next().unwrap()
}
