//! A server that floods an HTTP/2 connection with frames.

#![cfg(feature = "http2")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::time::Duration;

use openid_client::{Client, ServerMetadata};
use test_provider::server::LoopbackCertificate;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy, sink, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use self::support::tls::acceptor;

const MIB: usize = 1024 * 1024;

/// What is read at most without the progress of a response, and the buffers on the way.
const MOST: usize = 8 * MIB + 8 * MIB;

const HASTY: Duration = Duration::from_millis(300);
const PATIENT: Duration = Duration::from_secs(240);

/// A frame (RFC 9113 section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let [_, length @ ..] = length;
    let mut frame = length.to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The frames that are repeated, after those that are sent once.
fn floods() -> [(&'static str, Vec<u8>, Vec<u8>); 10] {
    let nothing = Vec::new;
    // `:status: 200` and the end of the header block.
    let head = || frame(1, 4, 1, &[0x88]);
    [
        ("PING", nothing(), frame(6, 0, 0, &[7; 8])),
        ("PING answers", nothing(), frame(6, 1, 0, &[7; 8])),
        ("SETTINGS", nothing(), frame(4, 0, 0, &[])),
        ("WINDOW_UPDATE", nothing(), frame(8, 0, 0, &[0, 0, 0, 1])),
        ("PRIORITY", nothing(), frame(2, 0, 1, &[0, 0, 0, 0, 9])),
        ("RST_STREAM", nothing(), frame(3, 0, 1, &[0, 0, 0, 8])),
        ("unknown frames", nothing(), frame(0xb, 0, 0, &[0; 4096])),
        (
            "CONTINUATION",
            frame(1, 0, 1, &[0x88]),
            frame(9, 0, 1, &[0; 16]),
        ),
        ("empty DATA", head(), frame(0, 0, 1, &[])),
        (
            "padded DATA",
            head(),
            frame(0, 8, 1, &[[255].as_slice(), &[0; 255]].concat()),
        ),
    ]
}

/// The flood begins in place of a response.
#[tokio::test(flavor = "multi_thread")]
async fn frames_without_end_in_place_of_a_response() {
    play(&[], |mut server| async move {
        server.begin();
        let client = server.client(PATIENT);
        let request = client.client_credentials_grant().into_future();
        assert!(request.await.is_err());
        server.written().await
    })
    .await
    .into_iter()
    .for_each(|(name, written)| assert!(written < MOST, "{name}: {written} bytes"));
}

/// The flood begins when the request has timed out.
#[tokio::test(flavor = "multi_thread")]
async fn frames_without_end_after_a_time_out() {
    play(&[], |mut server| async move {
        let client = server.client(HASTY);
        let request = client.client_credentials_grant().into_future();
        assert!(request.await.is_err());
        server.begin();
        server.written().await
    })
    .await
    .into_iter()
    .for_each(|(name, written)| assert!(written < MIB, "{name}: {written} bytes"));
}

/// The flood begins when one request has timed out, and another one waits on the same connection.
#[tokio::test(flavor = "multi_thread")]
async fn frames_without_end_while_another_request_waits() {
    // Each of them costs seconds in a debug build, and the other test plays all.
    let some = ["PING", "empty DATA", "padded DATA"];
    play(&some, |mut server| async move {
        let patient = server.client(PATIENT);
        let mut policy = patient.configuration().policy().clone();
        policy.set_timeout(HASTY).unwrap();
        let hasty = patient.with_policy(policy);
        let waits = tokio::spawn(patient.client_credentials_grant().into_future());
        sleep(Duration::from_millis(100)).await;
        let request = hasty.client_credentials_grant().into_future();
        assert!(request.await.is_err());
        server.begin();
        assert!(waits.await.unwrap().is_err());
        server.written().await
    })
    .await
    .into_iter()
    .for_each(|(name, written)| assert!(written < MOST, "{name}: {written} bytes"));
}

/// Plays these floods, or all, at the same time. Returns how many bytes of each were written, well
/// before the deadline of a patient request.
async fn play<F>(some: &[&str], client: impl Fn(Server) -> F) -> Vec<(&'static str, usize)>
where
    F: Future<Output = usize> + Send + 'static,
{
    let begun = Instant::now();
    let mut plays = JoinSet::new();
    let is_played = |name| some.is_empty() || some.contains(&name);
    for (name, once, again) in floods().into_iter().filter(|(name, ..)| is_played(*name)) {
        let play = client(Server::start(once, again).await);
        plays.spawn(async move { (name, play.await) });
    }
    let written = plays.join_all().await;
    assert!(begun.elapsed() < PATIENT / 2, "only a time-out ended it");
    written
}

struct Server {
    url: String,
    certificate: LoopbackCertificate,
    /// The flood begins when this is dropped.
    hold: Option<oneshot::Sender<()>>,
    written: oneshot::Receiver<usize>,
}

impl Server {
    async fn start(once: Vec<u8>, again: Vec<u8>) -> Self {
        let certificate = LoopbackCertificate::generate();
        let acceptor = acceptor(&certificate, b"h2");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "https://localhost:{}",
            listener.local_addr().unwrap().port()
        );
        let (hold, held) = oneshot::channel();
        let (report, written) = oneshot::channel();
        tokio::spawn(async move {
            let (tcp, _) = listener.accept().await.unwrap();
            let _ = report.send(flood(&acceptor, tcp, held, &once, &again).await);
        });
        Self {
            url,
            certificate,
            hold: Some(hold),
            written,
        }
    }

    fn client(&self, timeout: Duration) -> Client {
        let mut metadata = ServerMetadata::new(&self.url);
        metadata.token_endpoint = Some(format!("{}/token", self.url));
        Client::from_metadata(metadata, "app")
            .client_secret_basic("secret")
            .root_certificate_pem(self.certificate.ca_pem())
            .timeout(timeout)
            .build()
            .unwrap()
    }

    fn begin(&mut self) {
        drop(self.hold.take());
    }

    /// How many bytes of the flood were written before the client closed the connection.
    async fn written(self) -> usize {
        let written = timeout(Duration::from_secs(5), self.written).await;
        assert!(written.is_ok(), "the connection is not closed");
        written.unwrap().unwrap()
    }
}

/// Reads all the time, so that the answers of the client do not slow it down.
async fn flood(
    acceptor: &TlsAcceptor,
    tcp: TcpStream,
    held: oneshot::Receiver<()>,
    once: &[u8],
    again: &[u8],
) -> usize {
    let mut stream: TlsStream<TcpStream> = acceptor.accept(tcp).await.unwrap();
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await.unwrap();
    assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    let settings = frame(4, 0, 0, &[]);
    stream.write_all(&settings).await.unwrap();
    stream.flush().await.unwrap();
    let (mut read, mut write) = split(stream);
    tokio::spawn(async move { copy(&mut read, &mut sink()).await });
    let _ = held.await;
    // The request has arrived by then.
    sleep(Duration::from_millis(50)).await;
    let mut written = 0;
    let many = again.repeat(16 * 1024 / again.len() + 1);
    let mut next = once;
    loop {
        if write.write_all(next).await.is_err() {
            return written;
        }
        written += next.len();
        next = &many;
    }
}
