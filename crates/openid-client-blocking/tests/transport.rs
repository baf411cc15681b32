//! What the transport does with each request, and what it refuses.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::io::{Read, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use openid_client_blocking::oauth_core::env::Env;
use openid_client_blocking::oauth_core::names::EndpointName;
use openid_client_blocking::oauth_core::operation::{Action, Event, Operation};
use openid_client_blocking::oauth_core::outbound::Outbound;
use openid_client_blocking::{
    Client, ClientMetadata, CoreError, Error, Misuse, NoAnswer, Policy, TlsFault,
};
use test_provider::server::{Fault, Scheme, SelfSignedCertificate};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Provider};

use self::support::{REDIRECT_URI, SECRET, SHORT, Site, no_answer};

#[test]
fn a_certificate_that_is_not_trusted_is_refused() {
    for (scheme, fault) in [
        (Scheme::HttpsUntrusted, TlsFault::UnknownIssuer),
        (Scheme::HttpsExpired, TlsFault::Expired),
        (Scheme::HttpsNotYetValid, TlsFault::NotYetValid),
        (Scheme::HttpsOtherHost, TlsFault::OtherName),
        (Scheme::HttpsOtherPurpose, TlsFault::OtherPurpose),
        (Scheme::HttpsAuthority, TlsFault::AuthorityAsServer),
    ] {
        let site = Site::with(scheme);
        let error = site.builder().send().unwrap_err();
        match no_answer(&error) {
            NoAnswer::NotTrusted { cause, .. } => assert_eq!(cause, fault),
            other => panic!("{scheme:?}: {other:?}"),
        }
        assert_eq!(site.server.provider().served(Endpoint::Discovery), 0);
    }
}

#[test]
fn plain_http_needs_to_be_allowed() {
    let site = Site::with(Scheme::Http);
    let discover = || Client::discover(site.server.url(), "app").client_secret(SECRET);
    let error = discover().send().unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
    assert_eq!(site.server.connections(), 0);
    let client = discover().danger_allow_insecure_requests().send().unwrap();
    client.client_credentials_grant().send().unwrap();
}

#[test]
fn a_deadline_covers_the_whole_exchange() {
    let site = Site::start();
    let client = site.builder().timeout(SHORT).send().unwrap();
    for fault in [
        Fault::NeverAnswers,
        Fault::StallsAfterHead,
        Fault::DrippingBody,
    ] {
        site.server.fail(fault);
        let begun = Instant::now();
        let error = client.client_credentials_grant().send().unwrap_err();
        let timed_out = NoAnswer::TimedOut { deadline: SHORT };
        assert_eq!(no_answer(&error), timed_out, "{fault:?}");
        let spent = begun.elapsed();
        assert!(spent >= SHORT && spent < SHORT * 5, "{fault:?}: {spent:?}");
    }
}

#[test]
fn a_handshake_that_never_ends_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("https://{}", listener.local_addr().unwrap());
    let held = thread::spawn(move || listener.accept().unwrap());
    let begun = Instant::now();
    let error = Client::discover(issuer, "app").timeout(SHORT).send();
    let timed_out = NoAnswer::TimedOut { deadline: SHORT };
    assert_eq!(no_answer(&error.unwrap_err()), timed_out);
    assert!(begun.elapsed() < SHORT * 5, "{:?}", begun.elapsed());
    drop(held.join());
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let site = Site::start();
    let mut policy = Policy::default();
    policy.set_body_cap(100_000);
    let client = site.builder().policy(policy).send().unwrap();
    site.server.fail(Fault::EndlessBody);
    let error = client.client_credentials_grant().send().unwrap_err();
    let too_large = NoAnswer::BodyTooLarge { cap: 100_000 };
    assert_eq!(no_answer(&error), too_large);
}

#[test]
fn half_a_body_is_not_a_body() {
    let site = Site::start();
    let client = site.client();
    site.server.fail(Fault::ClosesMidBody);
    let error = client.client_credentials_grant().send().unwrap_err();
    assert_eq!(no_answer(&error), NoAnswer::Interrupted);
}

#[test]
fn a_host_that_does_not_listen_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    drop(listener);
    let error = Client::discover(format!("https://{host}"), "app").send();
    let error = error.unwrap_err();
    assert_eq!(no_answer(&error), NoAnswer::NotConnected { host });
    assert!(format!("{error:#}").contains("refused"), "{error:#}");
}

/// Answers one request on each connection, and returns the heads and bodies that came.
fn answering(answers: Vec<String>) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let issuer = url.clone();
    let serving = thread::spawn(move || {
        let mut seen = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            seen.push(read_request(&mut stream));
            stream
                .write_all(answer.replace("ISSUER", &issuer).as_bytes())
                .unwrap();
        }
        seen
    });
    (url, serving)
}

/// Reads one request with its body, which may come in several pieces.
fn read_request(stream: &mut impl Read) -> String {
    let mut request = String::new();
    loop {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).unwrap();
        assert!(length > 0, "the request ends early: {request}");
        request.push_str(std::str::from_utf8(&piece[..length]).unwrap());
        let Some((head, body)) = request.split_once("\r\n\r\n") else {
            continue;
        };
        let mut lengths = head
            .lines()
            .filter_map(|line| line.strip_prefix("content-length: "));
        let expected = lengths.next().map_or(0, |length| length.parse().unwrap());
        if body.len() == expected {
            return request;
        }
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let body = body.to_owned();
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}\r\n{body}")
}

fn metadata(headers: &str) -> String {
    let body = r#"{"issuer":"ISSUER","authorization_endpoint":"ISSUER/a","token_endpoint":"ISSUER/t","jwks_uri":"ISSUER/k","response_types_supported":["code"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}"#;
    let headers = format!("content-type: application/json\r\n{headers}");
    answer("200 OK", &headers, body)
}

fn insecure(url: &str) -> Result<Client, Error> {
    let client = Client::discover(url, "app").client_secret_post(SECRET);
    client.danger_allow_insecure_requests().send()
}

#[test]
fn a_request_holds_what_the_core_wrote_and_cookies_are_not_kept() {
    let cookie = "set-cookie: session=1; path=/\r\n";
    let (url, serving) = answering(vec![
        metadata(cookie),
        answer(
            "400 Bad Request",
            "content-type: application/json\r\n",
            r#"{"error":"x"}"#,
        ),
    ]);
    let client = insecure(&url).unwrap();
    let error = client.client_credentials_grant().send().unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_RESPONSE_BODY_ERROR"));
    let host = url.strip_prefix("http://").unwrap();
    let seen = serving.join().unwrap();
    let names = |request: &str| {
        let head = request.split("\r\n\r\n").next().unwrap_or_default();
        let mut lines: Vec<_> = head.lines().skip(1).map(str::to_ascii_lowercase).collect();
        lines.sort();
        lines
    };
    let agent = "user-agent: openid-client-blocking/0.1.0";
    let host = format!("host: {host}");
    let accept = "accept: application/json";
    assert_eq!(names(&seen[0]), [accept, &host, agent]);
    let body = seen[1].split("\r\n\r\n").nth(1).unwrap();
    let length = format!("content-length: {}", body.len());
    let form = "content-type: application/x-www-form-urlencoded;charset=utf-8";
    assert_eq!(names(&seen[1]), [accept, &length, form, &host, agent]);
}

#[test]
fn a_redirect_is_not_followed() {
    let (url, serving) = answering(vec![
        metadata(""),
        answer(
            "307 Temporary Redirect",
            "location: ISSUER/elsewhere\r\ncontent-length: 0\r\n",
            "",
        ),
    ]);
    let client = insecure(&url).unwrap();
    let error = client.client_credentials_grant().send().unwrap_err();
    assert_eq!(error.core().unwrap().status().unwrap(), 307, "{error:?}");
    assert_eq!(serving.join().unwrap().len(), 2);
}

#[test]
fn informational_responses_are_passed_over() {
    let early = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n";
    let (url, serving) = answering(vec![format!("{early}{early}{}", metadata(""))]);
    insecure(&url).unwrap();
    serving.join().unwrap();
}

#[test]
fn a_compressed_body_is_not_decoded() {
    let (url, serving) = answering(vec![metadata("content-encoding: gzip\r\n")]);
    let error = insecure(&url).unwrap_err();
    assert!(error.to_string().contains("gzip"), "{error}");
    serving.join().unwrap();
}

#[test]
fn a_client_certificate_is_shown_where_it_is_needed_and_nowhere_else() {
    let certificate = SelfSignedCertificate::generate();
    let site = Site::of(Provider::new);
    let method = ClientAuthentication::TlsClientAuth(certificate.der().to_vec());
    let app = ClientRegistration::new("app", method).redirect_uri(REDIRECT_URI);
    site.server.provider().register(app);
    let builder = || {
        let mut metadata = ClientMetadata::new("app");
        metadata.token_endpoint_auth_method = Some("tls_client_auth".to_owned());
        Client::discover(site.server.url(), "app")
            .client_metadata(metadata)
            .redirect_uri(REDIRECT_URI)
            .root_certificate_pem(site.server.ca_certificate_pem())
    };
    let client = builder()
        .client_certificate_pem(certificate.pem(), certificate.key_pem())
        .send()
        .unwrap();
    let tokens = site.log_in(&client);
    client.fetch_user_info(&tokens).send().unwrap();
    let shown = [
        Endpoint::Discovery,
        Endpoint::KeySet,
        Endpoint::Token,
        Endpoint::UserInfo,
    ]
    .map(|endpoint| site.server.provider().certificates_shown(endpoint));
    assert_eq!(shown, [0, 0, 1, 1]);

    let misuse = |error: Error| match error {
        Error::Core(CoreError::Misuse(
            Misuse::MissingArgument { argument, .. } | Misuse::InvalidArgument { argument, .. },
        )) => argument,
        error => panic!("{error:?}"),
    };
    let missing = builder().send().unwrap_err();
    assert_eq!(misuse(missing), "client_certificate_pem");
    let unused = Client::discover(site.server.url(), "app")
        .client_secret(SECRET)
        .root_certificate_pem(site.server.ca_certificate_pem())
        .client_certificate_pem(certificate.pem(), certificate.key_pem())
        .send();
    assert_eq!(misuse(unused.unwrap_err()), "client_certificate_pem");
    let other = SelfSignedCertificate::generate();
    let mismatch = builder()
        .client_certificate_pem(certificate.pem(), other.key_pem())
        .send();
    assert!(matches!(mismatch, Err(Error::Tls(_))), "{mismatch:?}");
    let text = builder().root_certificate_pem("no certificate").send();
    assert!(matches!(text, Err(Error::Certificate { .. })), "{text:?}");
}

/// An operation that sends one request, whatever its URL.
struct Sends(Option<&'static str>);

impl Operation for Sends {
    type Output = ();

    fn step(&mut self, _: &mut Env<'_>, event: Event) -> Result<Action<()>, CoreError> {
        match (self.0.take(), event) {
            (Some(url), _) => {
                let request = http::Request::get(url).body(Bytes::new()).unwrap();
                let endpoint = EndpointName::Token;
                let outbound = Outbound::new(request, endpoint, SHORT, 1000);
                Ok(Action::Send(Box::new(outbound)))
            }
            (None, Event::Unanswered(unanswered)) => Err(unanswered.into()),
            (None, _) => Ok(Action::Done(())),
        }
    }
}

#[test]
fn the_transport_itself_refuses_every_scheme_but_https() {
    let site = Site::start();
    let client = site.client();
    for (url, host) in [
        ("http://127.0.0.1:1/", "127.0.0.1:1"),
        ("ftp://127.0.0.1:1/", "127.0.0.1:1"),
    ] {
        let error = client.run(Sends(Some(url))).unwrap_err();
        let host = host.to_owned();
        assert_eq!(no_answer(&error), NoAnswer::DestinationRefused { host });
    }
}
