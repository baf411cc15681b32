//! A login through the browser of the same machine.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is a failed test"
)]

use std::error::Error;
use std::time::{Duration, Instant};

use openid_client::native::{LoopbackRedirect, NoCallback};
use openid_client::{Client, PendingLogin, Url};
use test_provider::server::Server;
use test_provider::{ClientRegistration, TestProvider};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type TestResult = Result<(), Box<dyn Error>>;

/// A redirect URI that listens, a client that uses it, and a login that has begun.
struct World {
    server: Server,
    client: Client,
    redirect: LoopbackRedirect,
    pending: PendingLogin,
    url: Url,
}

impl World {
    async fn new(redirect_uri: &str) -> Result<Self, Box<dyn Error>> {
        let redirect = LoopbackRedirect::bind(redirect_uri).await?;
        let app = ClientRegistration::public("app").redirect_uri(redirect.redirect_uri());
        let server = TestProvider::start().client(app).await?;
        let client = Client::discover(server.url(), "app")
            .root_certificate_pem(server.ca_certificate_pem())
            .await?;
        let request = client.authorization_request();
        let (url, pending) = request.redirect_uri(redirect.redirect_uri()).await?;
        Ok(Self {
            server,
            client,
            redirect,
            pending,
            url,
        })
    }

    fn port(&self) -> u16 {
        Url::parse(self.redirect.redirect_uri())
            .unwrap()
            .port()
            .unwrap()
    }

    /// The target of the browser's request after the login.
    fn target(&self) -> String {
        let callback = Url::parse(&self.server.log_in(&self.url)).unwrap();
        format!("{}?{}", callback.path(), callback.query().unwrap())
    }
}

/// Sends a request and returns the response.
async fn browse(port: u16, method: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test]
async fn the_callback_of_the_login_is_found_among_other_requests() -> TestResult {
    let world = World::new("http://127.0.0.1/callback").await?;
    let (port, target) = (world.port(), world.target());
    let state = world.pending.state().to_owned();
    let browser = tokio::spawn(async move {
        // Opened in advance, and never used.
        let _idle = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let mut answers = Vec::new();
        for (method, target) in [
            ("GET", "/favicon.ico".to_owned()),
            ("GET", format!("/other?state={state}&code=forged")),
            ("GET", "/callback?state=forged&code=forged".to_owned()),
            ("GET", "/callback".to_owned()),
            ("POST", target.clone()),
            ("GET", target),
        ] {
            answers.push(browse(port, method, &target).await);
        }
        answers
    });
    let callback = world.redirect.callback(&world.pending).await?;
    let tokens = world
        .client
        .authorization_code_grant(world.pending, callback)
        .await?;
    assert_eq!(tokens.id_token().map(|it| it.sub()), Some("alice"));

    let answers = browser.await?;
    let codes: Vec<&str> = answers.iter().map(|answer| &answer[9..12]).collect();
    assert_eq!(codes, ["404", "404", "400", "400", "405", "200"]);
    for answer in &answers {
        for header in [
            "cache-control: no-store",
            "content-security-policy: default-src 'none'",
            "referrer-policy: no-referrer",
        ] {
            assert!(answer.contains(header), "{answer}");
        }
    }
    assert!(answers.last().unwrap().contains("You can close this page"));
    // The port is free again.
    TcpListener::bind(("127.0.0.1", port)).await?;
    Ok(())
}

#[tokio::test]
async fn an_error_of_the_server_comes_back_too() -> TestResult {
    let world = World::new("http://127.0.0.1/callback").await?;
    let port = world.port();
    let state = world.pending.state();
    let issuer = world.server.url();
    let target = format!("/callback?error=access_denied&state={state}&iss={issuer}");
    tokio::spawn(async move { browse(port, "GET", &target).await });
    let callback = world.redirect.callback(&world.pending).await?;
    let refused = world
        .client
        .authorization_code_grant(world.pending, callback)
        .await;
    let code = refused.err().and_then(|error| error.code());
    assert_eq!(code, Some("OAUTH_AUTHORIZATION_RESPONSE_ERROR"));
    Ok(())
}

#[tokio::test]
async fn the_application_shows_a_page_of_its_choice() -> TestResult {
    let mut world = World::new("http://127.0.0.1/callback").await?;
    world.redirect = world.redirect.page("<p>Thank you");
    let (port, target) = (world.port(), world.target());
    let browser = tokio::spawn(async move { browse(port, "GET", &target).await });
    world.redirect.callback(&world.pending).await?;
    assert!(browser.await?.ends_with("\r\n\r\n<p>Thank you"));
    Ok(())
}

#[tokio::test]
async fn a_person_who_does_not_come_back_is_not_awaited_for_ever() -> TestResult {
    let world = World::new("http://127.0.0.1/callback").await?;
    let time = Duration::from_millis(50);
    let waited = world.redirect.timeout(time).callback(&world.pending).await;
    assert!(
        matches!(waited, Err(NoCallback::TimedOut(found)) if found == time),
        "{waited:?}"
    );
    Ok(())
}

/// The head of a request may be long, and not endless.
#[tokio::test]
async fn an_endless_request_is_given_up() -> TestResult {
    let world = World::new("http://127.0.0.1/callback").await?;
    let (port, target) = (world.port(), world.target());
    tokio::spawn(async move {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let mut sent = 0_usize;
        while stream.write_all(&[b'a'; 4096]).await.is_ok() {
            sent += 4096;
            assert!(sent < 64 << 20, "the server reads without an end");
        }
        browse(port, "GET", &target).await
    });
    let begun = Instant::now();
    world.redirect.callback(&world.pending).await?;
    assert!(begun.elapsed() < Duration::from_secs(9));
    Ok(())
}

#[tokio::test]
async fn a_port_that_is_registered_is_used_and_must_be_free() -> TestResult {
    let free = TcpListener::bind(("127.0.0.1", 0))
        .await?
        .local_addr()?
        .port();
    let uri = format!("http://127.0.0.1:{free}/");
    let redirect = LoopbackRedirect::bind(&uri).await?;
    assert_eq!(redirect.redirect_uri(), uri);
    let error = LoopbackRedirect::bind(&uri).await.unwrap_err().to_string();
    assert!(error.contains("in use"), "{error}");
    Ok(())
}

/// Another program on the other address of the name would get the callback.
#[tokio::test]
async fn localhost_is_both_addresses() -> TestResult {
    let redirect = LoopbackRedirect::bind("http://localhost/cb").await?;
    let port = Url::parse(redirect.redirect_uri())?.port().unwrap();
    assert_eq!(
        redirect.redirect_uri(),
        format!("http://localhost:{port}/cb")
    );
    for address in ["127.0.0.1", "::1"] {
        let taken = TcpListener::bind((address, port)).await.unwrap_err();
        let expected = [
            std::io::ErrorKind::AddrInUse,
            std::io::ErrorKind::AddrNotAvailable,
        ];
        assert!(expected.contains(&taken.kind()), "{address}: {taken}");
    }
    Ok(())
}

#[tokio::test]
async fn ipv6_is_spoken_where_the_machine_has_it() -> TestResult {
    match LoopbackRedirect::bind("http://[::1]/cb").await {
        Ok(redirect) => assert!(redirect.redirect_uri().starts_with("http://[::1]:")),
        Err(error) => assert!(error.to_string().contains("[::1]"), "{error}"),
    }
    Ok(())
}

#[tokio::test]
async fn only_the_loopback_interface_is_listened_on() {
    for uri in [
        "http://0.0.0.0/cb",
        "http://192.168.0.2/cb",
        "http://127.0.0.2/cb",
        "http://localhost.example.com/cb",
        "https://127.0.0.1/cb",
        "http://127.0.0.1/cb?x=1",
        "http://127.0.0.1/cb#x",
        "http://user@127.0.0.1/cb",
        "http://127.0.0.1:80/cb",
        "com.example.app:/cb",
        "cb",
    ] {
        let error = LoopbackRedirect::bind(uri).await.unwrap_err().to_string();
        assert!(
            error.contains("`redirect_uri`") && error.contains(uri),
            "{uri}: {error}"
        );
    }
}
