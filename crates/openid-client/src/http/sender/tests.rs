use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use hyper_rustls::MaybeHttpsStream;
use tokio::net::TcpStream;

use super::*;

/// A server that speaks before it is asked.
#[tokio::test]
async fn bytes_that_arrive_before_a_request_are_not_its_answer() {
    for speaks_first in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            if !speaks_first {
                let read = stream.read(&mut [0; 1000]).unwrap();
                assert!(read > 0);
            }
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(answer).unwrap();
            let mut rest = Vec::new();
            // A connection that is reset has an end, too.
            let _ = stream.read_to_end(&mut rest);
            rest
        });
        let tcp = TcpStream::connect(address).await.unwrap();
        thread::sleep(Duration::from_millis(100));
        let stream = MaybeHttpsStream::Http(TokioIo::new(tcp));
        let mut sender = Sender::open(stream).await.unwrap();
        let request = Request::builder().header("host", "rs.example").uri("/");
        let answer = sender.send(request.body(Body::empty()).unwrap()).await;
        drop(sender);
        match answer {
            Ok(response) => {
                assert!(!speaks_first, "the bytes were taken for an answer");
                assert_eq!(response.status(), 200);
            }
            Err(error) => {
                assert!(speaks_first);
                let error = format!("{:?}", error.into_error());
                // Either hyper or the stream notices the bytes first.
                let known = ["Unsolicited", "UnexpectedMessage"];
                assert!(known.iter().any(|known| error.contains(known)), "{error}");
                assert_eq!(server.join().unwrap(), b"", "the request was written");
            }
        }
    }
}
