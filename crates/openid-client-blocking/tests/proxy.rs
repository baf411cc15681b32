//! Requests through an HTTP proxy.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use openid_client_blocking::{ClientBuilder, Error, Issuer, NoAnswer, TlsFault};
use test_provider::Endpoint;
use test_provider::server::Scheme;

use self::support::{SHORT, Site, no_answer};

/// What the proxy does with a request for a tunnel.
#[derive(Clone, Copy)]
enum Manner {
    Opens,
    /// Answers with this status line.
    Refuses(&'static str),
    Silent,
}

/// A proxy on loopback. Its thread ends when it is dropped.
struct Proxy {
    address: SocketAddr,
    /// The heads of the requests.
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::downgrade(&heads);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Some(heads) = seen.upgrade() else {
                    break;
                };
                thread::spawn(move || serve(stream.unwrap(), manner, &heads));
            }
        });
        Self { address, heads }
    }

    fn url(&self, credentials: &str) -> String {
        format!("http://{credentials}{}", self.address)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.heads = Arc::default();
        // Wakes the thread, which then ends.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(stream: TcpStream, manner: Manner, heads: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    heads.lock().unwrap().push(head.clone());
    let mut client = stream;
    match manner {
        Manner::Opens => {}
        Manner::Refuses(status) => {
            let answer = format!("{status}\r\nx: not-to-be-shown\r\n\r\n");
            client.write_all(answer.as_bytes()).unwrap();
            return;
        }
        Manner::Silent => {
            thread::sleep(Duration::from_secs(2));
            return;
        }
    }
    let target = head.split(' ').nth(1).unwrap();
    let mut server = TcpStream::connect(target).unwrap();
    client
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .unwrap();
    let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let back = thread::spawn(move || {
        drop(io::copy(&mut from, &mut to));
        drop(to.shutdown(Shutdown::Both));
    });
    drop(io::copy(&mut reader, &mut server));
    drop(server.shutdown(Shutdown::Both));
    back.join().unwrap();
}

fn authority(site: &Site) -> &str {
    site.server.url().rsplit('/').next().unwrap()
}

fn through(site: &Site, proxy: &Proxy) -> ClientBuilder<Issuer> {
    site.builder().proxy(proxy.url(""))
}

#[test]
fn a_login_goes_through_tunnels_and_is_encrypted_end_to_end() {
    let site = Site::start();
    let proxy = Proxy::start(Manner::Opens);
    // `us:er` and `p@ss`, which the header joins by a colon.
    let url = proxy.url("us%3Aer:p%40ss@");
    let client = site.builder().proxy(url).send().unwrap();
    let tokens = site.log_in(&client);
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let heads = proxy.heads();
    assert!(!heads.is_empty());
    for head in &heads {
        let line = format!("CONNECT {} HTTP/1.1\r\n", authority(&site));
        assert!(head.starts_with(&line), "{head}");
        assert!(
            head.contains("Proxy-Authorization: Basic dXM6ZXI6cEBzcw==\r\n"),
            "{head}"
        );
    }
    assert_eq!(site.server.connections(), heads.len());
}

#[test]
fn plain_http_goes_through_a_tunnel_too() {
    let site = Site::with(Scheme::Http);
    let proxy = Proxy::start(Manner::Opens);
    let client = through(&site, &proxy).danger_allow_insecure_requests();
    client.send().unwrap();
    let heads = proxy.heads();
    assert!(
        heads.iter().all(|head| head.starts_with("CONNECT ")),
        "{heads:?}"
    );
    assert_eq!(heads.len(), site.server.connections());
}

#[test]
fn hosts_that_are_excepted_are_reached_directly() {
    let site = Site::start();
    let proxy = Proxy::start(Manner::Opens);
    let client = through(&site, &proxy).no_proxy("10.0.0.0/8, 127.0.0.0/8");
    client.send().unwrap();
    assert!(proxy.heads().is_empty());
    let client = through(&site, &proxy).no_proxy("10.0.0.0/8");
    client.send().unwrap();
    assert_eq!(proxy.heads().len(), 1);
}

#[test]
fn a_proxy_does_not_replace_the_certificate_of_the_server() {
    let site = Site::with(Scheme::HttpsUntrusted);
    let proxy = Proxy::start(Manner::Opens);
    let refused = through(&site, &proxy).send().unwrap_err();
    match no_answer(&refused) {
        NoAnswer::NotTrusted { host, cause } => {
            assert_eq!(
                (host.as_str(), cause),
                (authority(&site), TlsFault::UnknownIssuer)
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(site.server.provider().served(Endpoint::Discovery), 0);
}

#[track_caller]
fn is_not_connected(site: &Site, refused: &Error) {
    let expected = NoAnswer::NotConnected {
        host: authority(site).to_owned(),
    };
    assert_eq!(no_answer(refused), expected);
    let text = format!("{refused:#} {refused:?}");
    assert!(
        !text.contains("secret") && !text.contains("not-to-be-shown"),
        "{text}"
    );
}

/// No request leaves without the proxy.
#[test]
fn a_proxy_that_opens_no_tunnel_or_is_gone_is_an_error() {
    let site = Site::start();
    for status in [
        "HTTP/1.1 407 Proxy Authentication Required",
        "HTTP/1.1 502 Bad Gateway",
    ] {
        let proxy = Proxy::start(Manner::Refuses(status));
        let client = site.builder().proxy(proxy.url("user:secret@"));
        let refused = client.send().unwrap_err();
        is_not_connected(&site, &refused);
        assert!(format!("{refused:#}").contains("tunnel"), "{refused:#}");
    }
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let client = site.builder().proxy(format!("http://user:secret@{gone}"));
    is_not_connected(&site, &client.send().unwrap_err());
    assert_eq!(site.server.connections(), 0);
}

#[test]
fn a_silent_proxy_meets_the_deadline() {
    let site = Site::start();
    let proxy = Proxy::start(Manner::Silent);
    let begun = Instant::now();
    let refused = through(&site, &proxy).timeout(SHORT).send().unwrap_err();
    assert_eq!(no_answer(&refused), NoAnswer::TimedOut { deadline: SHORT });
    assert!(begun.elapsed() < Duration::from_secs(2));
}
