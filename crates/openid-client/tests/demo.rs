//! The demo does what it says, with a person and without one.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

#[path = "../examples/demo/mask.rs"]
mod mask;
mod support;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use openid_client::http::{Body, Bytes, HttpClient as _, HyperClient, Request, RootCertificates};
use openid_client::{Url, serde_json::json};

use test_provider::server::{Scheme, Server};
use test_provider::{ClientRegistration, Provider, User};

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
        home.contains(r#"email</th><td><code>bob@example.com</code></td>"#),
        "{home}"
    );
    // Lines of code from the source, and no secret that this browser has seen.
    assert!(
        home.contains("client.authorization_code_grant(pending, callback).await?"),
        "{home}"
    );
    let secrets = callback
        .query_pairs()
        .filter(|(name, _)| name == "code" || name == "state");
    let secrets: Vec<_> = secrets.collect();
    assert_eq!(secrets.len(), 2);
    for (name, secret) in secrets {
        assert!(secret.len() > 40 && !home.contains(&*secret), "{name}");
        assert!(home.contains(&format!("{}●●●●●●", &secret[..4])), "{name}");
    }
}

#[tokio::test]
async fn a_person_says_no() {
    let mut person = Person::start();
    let form = person.log_in().await;
    let callback = person.choose(&form, "deny=deny").await;
    let page = person.refused(&callback).await;
    assert!(page.contains("<h1>That did not work</h1>"), "{page}");
    assert!(page.contains("access_denied"), "{page}");
}

#[tokio::test]
async fn a_callback_in_another_browser_finds_no_login() {
    let mut person = Person::start();
    let form = person.log_in().await;
    let callback = person.choose(&form, "user=bob").await;
    let cookie = person.cookie.take();
    let page = person.refused(&callback).await;
    assert!(page.contains("no login under way"), "{page}");
    // And it took nothing from the browser that began it.
    person.cookie = cookie;
    let (_, landed) = person.visit("GET", &callback, "").await;
    assert_eq!(landed.unwrap().path(), "/");
}

#[tokio::test]
async fn each_attack_is_refused_with_a_code() {
    let mut person = Person::start();
    let panel = person.app.join("/attacks").unwrap();
    let (panel, _) = person.visit("GET", &panel, "").await;
    let attacks = panel.split(r#"action="/attacks/"#).skip(1);
    let attacks: Vec<&str> = attacks
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(attacks.len() >= 24, "{attacks:?}");
    for attack in attacks {
        let begin = person.app.join(&format!("/attacks/{attack}")).unwrap();
        let mut next = person.visit("POST", &begin, "").await.1.unwrap();
        if next.origin() != person.app.origin() {
            let (page, _) = person.visit("GET", &next, "").await;
            next = person.choose(&page, "user=alice").await;
        }
        while next.path() == "/callback" {
            next = person.visit("GET", &next, "").await.1.unwrap();
        }
        assert_eq!(next.path(), "/result", "{attack}");
        let (page, _) = person.visit("GET", &next, "").await;
        assert!(page.contains("<h1>Refused: "), "{attack}: {page}");
        assert!(
            page.contains(r#"<strong class="mark">refused here"#),
            "{attack}: {page}"
        );
        let is_of_the_application = ["replayed-callback", "other-browser"].contains(&attack);
        let code = match is_of_the_application {
            true => r#"<dd class="error-code">none: the application refuses"#,
            false => r#"<dd class="error-code"><code>OAUTH_"#,
        };
        assert!(page.contains(code), "{attack}: {page}");
    }
    // The provider behaves again.
    let form = person.log_in().await;
    let callback = person.choose(&form, "user=alice").await;
    let (_, landed) = person.visit("GET", &callback, "").await;
    assert_eq!(landed.unwrap().path(), "/");
}

// With threads, because starting the demo waits for the provider, which this test serves.
#[tokio::test(flavor = "multi_thread")]
async fn text_of_the_provider_is_escaped() {
    let hostile = r#"<script>alert("1")</script>'"#;
    let provider = Server::start(Scheme::Http, |issuer| {
        Provider::new(issuer).users(vec![User::new(hostile, hostile, hostile)])
    });
    let provider = provider.await.unwrap();
    let issuer = ["--issuer", provider.url(), "--client-id", "app"];
    let port = ["--redirect-uri", "http://127.0.0.1:0/callback"];
    let mut person = Person::start_with(&[issuer.as_slice(), port.as_slice()].concat());
    let redirect_uri = person.app.join("/callback").unwrap();
    let app = ClientRegistration::public("app").redirect_uri(redirect_uri);
    provider.provider().register(app);
    let login = person.app.join("/login").unwrap();
    let (_, authorize) = person.visit("GET", &login, "").await;
    let callback = provider.log_in(authorize.unwrap());
    let (_, landed) = person
        .visit("GET", &Url::parse(&callback).unwrap(), "")
        .await;
    let (page, _) = person.visit("GET", &landed.unwrap(), "").await;
    assert!(
        page.contains("Hello, &lt;script&gt;alert(&quot;1&quot;)"),
        "{page}"
    );
    assert!(!page.contains("<script"), "{page}");
}

#[test]
fn only_what_is_known_to_be_harmless_is_shown() {
    assert_eq!(mask::value("scope", "openid email"), "openid email");
    for name in [
        "client_secret",
        "code_verifier",
        "refresh_token",
        "something-new",
    ] {
        assert_eq!(
            mask::value(name, "a-secret-of-somebody"),
            "●●●●●● (20 characters)"
        );
    }
    assert_eq!(
        mask::value("state", "0123456789012345678"),
        "●●●●●● (19 characters)"
    );
    assert_eq!(
        mask::value("state", "01234567890123456789"),
        "0123●●●●●● (20 characters)"
    );
    let document = json!({"access_token": "secret", "deep": [{"token": "secret"}], "sub": "alice"});
    let hidden = "●●●●●● (6 characters)";
    let masked = json!({"access_token": hidden, "deep": [{"token": hidden}], "sub": "alice"});
    assert_eq!(mask::document(&document), masked);
    // {"alg":"none"}.{"sub":"alice","phone_number":"1234567"}
    let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsInBob25lX251bWJlciI6IjEyMzQ1NjcifQ.";
    let claims = json!({"sub": "alice", "phone_number": "●●●●●● (7 characters)"});
    assert_eq!(mask::jwt(jwt), Some((json!({"alg": "none"}), claims)));
    assert_eq!(mask::jwt("opaque"), None);
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
        Self::start_with(&[])
    }

    fn start_with(arguments: &[&str]) -> Self {
        let mut demo = example("demo");
        let demo = demo.args(arguments).stdout(Stdio::piped());
        let mut demo = demo.spawn().unwrap();
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

    /// Opens a callback that is refused; the page that says why.
    async fn refused(&mut self, callback: &Url) -> String {
        let (_, next) = self.visit("GET", callback, "").await;
        let next = next.unwrap();
        assert_eq!(next.path(), "/result");
        self.visit("GET", &next, "").await.0
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
        if url.origin() == self.app.origin() {
            let policy = head.headers["content-security-policy"].to_str().unwrap();
            assert!(
                policy.starts_with("default-src 'none'; style-src 'self'; "),
                "{policy}"
            );
            assert!(
                !policy.contains("unsafe") && !policy.contains("script"),
                "{policy}"
            );
            assert_eq!(head.headers["cache-control"], "no-store");
        }
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
