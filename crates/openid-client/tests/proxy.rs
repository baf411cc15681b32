//! Requests go through a forward proxy: it sees hosts and ports, and nothing that is secret.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use openid_client::http::{BoxFuture, DestinationPolicy, Uri};
use openid_client::{
    Client, ClientBuilder, CoreError, Error, IssuerOnly, Misuse, NoAnswer, PublicAddresses,
    Resolve, ServerMetadata, TlsFault,
};
use test_provider::server::{Scheme, Server};
use test_provider::{ClientRegistration, Provider};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use self::support::in_process::{REDIRECT_URI, begin, browse};
use self::support::{RawServer, discovery_document, response};

const PASSWORD: &str = "p%40ssword-of-the-proxy";

/// Opens a tunnel to `target`, whatever host it is asked for.
struct Proxy {
    address: SocketAddr,
    /// The heads of the requests, and then all that the client has sent through the tunnel.
    seen: Arc<Mutex<Vec<String>>>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    async fn to(target: String, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let heads = Arc::clone(&seen);
        let accepting = tokio::spawn(async move {
            let mut serving = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let (target, heads) = (target.clone(), Arc::clone(&heads));
                serving.spawn(async move { serve(client, &target, answer, &heads).await });
            }
        });
        Self {
            address,
            seen,
            accepting,
        }
    }

    /// A proxy that opens tunnels.
    async fn open(server: &str) -> Self {
        let target = server.rsplit('/').next().unwrap().to_owned();
        Self::to(target, "HTTP/1.1 200 Connection established\r\n\r\n").await
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(mut client: TcpStream, target: &str, answer: &str, seen: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = client.read_u8().await else {
            return;
        };
        head.push(byte);
    }
    seen.lock().unwrap().push(String::from_utf8(head).unwrap());
    client.write_all(answer.as_bytes()).await.unwrap();
    if !answer.contains(" 200 ") {
        return;
    }
    let mut server = TcpStream::connect(target).await.unwrap();
    // What the client says first shows whether it is TLS.
    let mut first = [0; 4096];
    let length = client.read(&mut first).await.unwrap();
    let first = first.get(..length).unwrap();
    seen.lock()
        .unwrap()
        .push(String::from_utf8_lossy(first).into_owned());
    server.write_all(first).await.unwrap();
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

async fn server() -> Server {
    let server = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let app = ClientRegistration::public("app").redirect_uri(REDIRECT_URI);
    server.provider().register(app);
    server
}

fn discover(server: &Server) -> ClientBuilder<IssuerOnly> {
    let client = Client::discover(server.url(), "app");
    client.root_certificate_pem(server.ca_certificate_pem())
}

#[tokio::test]
async fn a_login_through_a_proxy_is_encrypted_end_to_end() {
    let server = server().await;
    let proxy = Proxy::open(server.url()).await;
    let url = format!("http://someone:{PASSWORD}@{}", proxy.address);
    let builder = discover(&server).proxy(&url);
    assert!(!format!("{builder:?}").contains("ssword"));
    let client = builder.await.unwrap();
    let (url, pending) = begin(&client).await;
    let callback = browse(server.provider(), url);
    let tokens = client
        .authorization_code_grant(pending, callback)
        .await
        .unwrap();
    client.fetch_user_info(&tokens).await.unwrap();
    let seen = proxy.seen();
    let host = server.url().strip_prefix("https://").unwrap();
    // One connection, which is used again. RFC 7617: `someone:p@ssword-of-the-proxy`.
    let head = format!(
        "CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\
         Proxy-Authorization: Basic c29tZW9uZTpwQHNzd29yZC1vZi10aGUtcHJveHk=\r\n\r\n"
    );
    let [first, begun] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert_eq!(*first, head);
    // A record of TLS with a handshake.
    assert!(begun.starts_with("\u{16}\u{3}"), "{begun:?}");
}

#[tokio::test]
async fn a_proxy_does_not_replace_the_certificate_of_the_server() {
    let server = server().await;
    // The proxy leads to another server than it was asked for.
    let other = Server::start(Scheme::Https, Provider::new).await.unwrap();
    let proxy = Proxy::open(other.url()).await;
    let error = discover(&server).proxy(proxy.url()).await.unwrap_err();
    let cause = match &error {
        Error::Core(CoreError::Unanswered(unanswered)) => match &unanswered.reason {
            NoAnswer::NotTrusted { cause, .. } => *cause,
            other => panic!("{other}"),
        },
        other => panic!("{other}"),
    };
    assert_eq!(cause, TlsFault::UnknownIssuer);
    assert_eq!(proxy.seen().len(), 2);
}

#[tokio::test]
async fn excepted_hosts_and_clients_without_the_setting_use_no_proxy() {
    let server = server().await;
    let proxy = Proxy::open(server.url()).await;
    let excepted = discover(&server).proxy(proxy.url());
    excepted.no_proxy("127.0.0.0/8, localhost").await.unwrap();
    discover(&server).await.unwrap();
    assert!(proxy.seen().is_empty());
    discover(&server).proxy(proxy.url()).await.unwrap();
    assert!(!proxy.seen().is_empty());
}

#[tokio::test]
async fn a_proxy_that_opens_no_tunnel_is_named_and_its_password_is_not() {
    let server = server().await;
    for (answer, cause) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "proxy authorization required",
        ),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "unsuccessful"),
        (
            "HTTP/1.1 302 Found\r\nLocation: https://a\r\n\r\n",
            "unsuccessful",
        ),
        ("no HTTP\r\n\r\n", "unsuccessful"),
        ("", "unexpected end of file"),
    ] {
        let proxy = Proxy::to(String::new(), answer).await;
        let url = format!("http://someone:{PASSWORD}@{}", proxy.address);
        let error = discover(&server).proxy(url).await.unwrap_err();
        let Error::Core(CoreError::Unanswered(unanswered)) = &error else {
            panic!("{error}");
        };
        assert!(matches!(unanswered.reason, NoAnswer::NotConnected { .. }));
        let text = format!("{error:#} {error:?}");
        assert!(
            text.contains(&format!("through the proxy {}", proxy.address)),
            "{text}"
        );
        assert!(text.contains(cause), "{text}");
        assert!(
            !text.contains("ssword") && !text.contains("c29tZW9uZ"),
            "{text}"
        );
    }
}

/// Resolves nothing but the proxy, and remembers what it was asked.
struct Names(Arc<Mutex<Vec<String>>>);

impl Resolve for Names {
    fn resolve(&self, host: &str) -> BoxFuture<'_, io::Result<Vec<IpAddr>>> {
        self.0.lock().unwrap().push(host.to_owned());
        Box::pin(async { Ok(vec![[127, 0, 0, 1].into()]) })
    }
}

/// Plain http goes through a tunnel, too, and the proxy looks up the name of the server.
#[tokio::test]
async fn only_the_name_of_the_proxy_is_looked_up() {
    let issuer = "http://id.example.com";
    let document = discovery_document(issuer);
    let headers = "Content-Type: application/json\r\n";
    let server = RawServer::answering(response("200 OK", headers, &document)).await;
    let proxy = Proxy::open(&server.url()).await;
    let names = Arc::new(Mutex::new(Vec::new()));
    let client = Client::discover(issuer, "app")
        .danger_allow_insecure_requests()
        .resolver(Names(Arc::clone(&names)))
        .proxy(format!("http://proxy.example.com:{}", proxy.address.port()));
    assert_eq!(client.await.unwrap().server_metadata().issuer, issuer);
    assert_eq!(*names.lock().unwrap(), ["proxy.example.com"]);
    let seen = proxy.seen();
    let head = "CONNECT id.example.com:80 HTTP/1.1\r\nHost: id.example.com:80\r\n\r\n";
    assert_eq!(seen.first().map(String::as_str), Some(head));
    assert!(
        seen.get(1).unwrap().starts_with("GET /.well-known/"),
        "{seen:?}"
    );
}

/// Allows one host, and no address.
struct OneHost(&'static str);

impl DestinationPolicy for OneHost {
    fn allows_url(&self, url: &Uri) -> bool {
        url.host() == Some(self.0)
    }

    fn allows_address(&self, _: &str, _: IpAddr) -> bool {
        false
    }
}

#[tokio::test]
async fn a_proxy_and_a_destination_policy_need_a_word_about_who_judges() {
    let metadata = || {
        let server = ServerMetadata::new("https://id.example.com");
        Client::from_metadata(server, "app").proxy("http://proxy.example.com")
    };
    let refused = metadata().destination_policy(PublicAddresses).build();
    match refused.unwrap_err() {
        Error::Core(CoreError::Misuse(Misuse::InvalidArgument {
            argument: "proxy",
            expected,
            ..
        })) => assert!(expected.contains("danger_proxy_enforces_destination_policy")),
        other => panic!("{other}"),
    }
    let allowed = metadata().danger_proxy_enforces_destination_policy();
    allowed.destination_policy(PublicAddresses).build().unwrap();

    // The URL is still judged, also a host that is an address; the proxy is not.
    let server = server().await;
    let proxy = Proxy::open(server.url()).await;
    let judged = |host: &'static str, issuer: &str| {
        let client = Client::discover(issuer, "app").destination_policy(OneHost(host));
        let client = client.root_certificate_pem(server.ca_certificate_pem());
        let client = client.danger_proxy_enforces_destination_policy();
        client.proxy(proxy.url())
    };
    let by_name = server.url().replace("127.0.0.1", "localhost");
    let by_address = server.url().replace("localhost", "127.0.0.1");
    for (host, issuer, is_refused) in [
        ("other.example.com", &by_name, true),
        ("127.0.0.1", &by_address, true),
        ("localhost", &by_name, false),
    ] {
        let before = proxy.seen().len();
        // The metadata name the other host, which comes after the request.
        let result = judged(host, issuer).await;
        let was_refused = match &result {
            Err(Error::Core(CoreError::Unanswered(unanswered))) => {
                matches!(unanswered.reason, NoAnswer::DestinationRefused { .. })
            }
            _ => false,
        };
        assert_eq!(was_refused, is_refused, "{host} {issuer} {result:?}");
        assert_eq!(proxy.seen().len() > before, !is_refused, "{host} {issuer}");
    }
}

#[test]
fn settings_that_do_not_fit_together_are_refused() {
    let client = || Client::from_metadata(ServerMetadata::new("https://id.example.com"), "app");
    let proxy = "http://proxy.example.com:3128";
    for (builder, conflict) in [
        (
            client()
                .proxy(proxy)
                .http_client(support::in_process::InProcess::new()),
            ("proxy", "http_client"),
        ),
        (
            client().proxy(proxy).proxy_from_environment(),
            ("proxy", "proxy_from_environment"),
        ),
        (
            client().no_proxy("a").proxy_from_environment(),
            ("no_proxy", "proxy_from_environment"),
        ),
    ] {
        match builder.build().unwrap_err() {
            Error::Conflict { setting, other } => assert_eq!((setting, other), conflict),
            other => panic!("{other}"),
        }
    }
    let alone = client().no_proxy("a").build().unwrap_err();
    assert!(matches!(
        alone,
        Error::Core(CoreError::Misuse(Misuse::MissingArgument {
            argument: "proxy",
            ..
        }))
    ));
    let refused = client().proxy("socks5://user:secret@proxy").build();
    let text = format!("{0} {0:?}", refused.unwrap_err());
    assert!(
        text.contains("HTTP proxy") && !text.contains("secret"),
        "{text}"
    );
}
