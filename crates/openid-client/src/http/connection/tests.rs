use std::future::poll_fn;
use std::io::Write as _;
use std::net::{self, TcpListener};
use std::thread;
use std::time::Duration;

use super::*;

/// Both ends of a connection.
async fn pair() -> (Watched, net::TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap()).await;
    let stream = MaybeHttpsStream::Http(TokioIo::new(tcp.unwrap()));
    let (server, _) = listener.accept().unwrap();
    (Watched::new(stream, Arc::default()), server)
}

/// The kernel has the bytes, and the runtime does not know yet.
#[tokio::test]
async fn no_request_is_written_after_bytes_that_nothing_asked_for() {
    let (mut watched, mut server) = pair().await;
    let write = |watched: &mut Watched, context: &mut Context<'_>| {
        Pin::new(watched).poll_write(context, b"GET / HTTP/1.1")
    };
    watched.gate.expect_silence();
    let written = poll_fn(|context| write(&mut watched, context)).await;
    assert_eq!(written.unwrap(), 14, "a silent server gets the request");
    server.write_all(b"HTTP/1.1 200 OK").unwrap();
    thread::sleep(Duration::from_millis(50));
    let written = poll_fn(|context| write(&mut watched, context)).await;
    assert_eq!(
        written.unwrap(),
        14,
        "the answer to a request may come before its end"
    );
    watched.gate.expect_silence();
    let written = poll_fn(|context| write(&mut watched, context)).await;
    let error = written.unwrap_err();
    assert!(error.get_ref().unwrap().is::<Unsolicited>(), "{error}");
    // Those bytes have been read, and still nothing is written.
    let written = poll_fn(|context| write(&mut watched, context)).await;
    let error = written.unwrap_err();
    assert!(error.get_ref().unwrap().is::<Unsolicited>(), "{error}");
}

/// hyper reads while the request is still in its buffer.
#[tokio::test]
async fn bytes_before_the_request_are_not_read_as_its_answer() {
    let (mut watched, mut server) = pair().await;
    watched.gate.expect_silence();
    server.write_all(b"HTTP/1.1 200 OK").unwrap();
    let mut bytes = [0; 100];
    let mut buffer = ReadBuf::new(&mut bytes);
    let read = poll_fn(|context| Pin::new(&mut watched).poll_read(context, &mut buffer)).await;
    let error = read.unwrap_err();
    assert!(error.get_ref().unwrap().is::<Unsolicited>(), "{error}");
}

/// What HTTP/2 frames without end look like from here: bytes, and no response.
#[tokio::test]
async fn bytes_without_a_response_have_an_end() {
    let gate = Gate::default();
    let chunk = 1024 * 1024;
    for _ in 0..8 {
        gate.count(chunk).unwrap();
    }
    gate.progress();
    for _ in 0..8 {
        gate.count(chunk).unwrap();
    }
    let error = gate.count(1).unwrap_err();
    assert!(error.get_ref().unwrap().is::<NoProgress>(), "{error}");
}

/// Otherwise frames without content, or with a byte each, would keep a connection alive.
#[tokio::test]
async fn a_body_makes_as_much_progress_as_it_has_bytes() {
    let gate = Gate::default();
    let chunk = 1024 * 1024;
    for _ in 0..1000 {
        // A frame and its head.
        gate.count(chunk + 9).unwrap();
        gate.received(chunk);
    }
    for _ in 0..8 {
        gate.count(chunk).unwrap();
        gate.received(0);
    }
    assert!(gate.count(chunk).is_err());
    let gate = Gate::default();
    gate.received(100 * chunk);
    assert!(gate.count(9 * chunk).is_err(), "progress before it is made");
}
