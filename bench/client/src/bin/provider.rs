//! A provider without work: it creates every response when it starts.
//!
//! It prints its URL, and ends when its standard input is closed. After a request to `/record`, it
//! records the next request. `/recorded` returns that one.

use std::collections::HashMap;
use std::io::Read as _;
use std::rc::Rc;
use std::sync::Mutex;
use std::{io, process, thread};

use bench_client::measure::raise_descriptor_limit;
use bench_client::operation::{Operation, SUBJECT};
use bench_client::token::{id_token, provider_key};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

fn main() {
    raise_descriptor_limit();
    let runtime = Builder::new_current_thread().enable_all().build();
    LocalSet::new().block_on(&runtime.expect("a runtime"), serve());
}

async fn serve() {
    let socket = TcpSocket::new_v4().expect("a socket");
    let address = "127.0.0.1:0".parse().expect("an address");
    socket.bind(address).expect("a free port");
    let listener = socket.listen(4096).expect("a listener");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let provider = Rc::new(Provider::new(&url));
    println!("{url}");
    thread::spawn(|| {
        // The parent process keeps the standard input open while it needs the provider.
        let _ = io::stdin().read_to_end(&mut Vec::new());
        process::exit(0);
    });
    loop {
        let (connection, _) = listener.accept().await.expect("a connection");
        tokio::task::spawn_local(Rc::clone(&provider).answer(connection));
    }
}

struct Provider {
    /// The responses by path.
    answers: HashMap<String, Vec<u8>>,
    recorder: Mutex<Recorder>,
}

#[derive(Default)]
struct Recorder {
    awaited: bool,
    request: Vec<u8>,
}

impl Provider {
    fn new(url: &str) -> Self {
        let key = provider_key();
        let jwk = key.public_jwk().expect("an asymmetric key").to_json();
        let keys = json!({ "keys": [jwk] });
        let mut answers = HashMap::new();
        for operation in Operation::ALL {
            let issuer = operation.issuer(url);
            let mut add = |path: &str, body: &Value| {
                let path = format!("/{}{path}", operation.name());
                answers.insert(path, ok(body.to_string().as_bytes()));
            };
            add("/.well-known/openid-configuration", &metadata(&issuer));
            add("/jwks", &keys);
            let token = id_token(operation, &issuer, &key);
            add("/token", &token_response(operation, token));
            add("/userinfo", &user_info());
            add(
                "/resource",
                &json!({ "hello": "world", "page": 2, "of": 17 }),
            );
        }
        Self {
            answers,
            recorder: Mutex::default(),
        }
    }

    /// Answers the requests of one connection.
    async fn answer(self: Rc<Self>, mut connection: TcpStream) {
        connection.set_nodelay(true).expect("an open connection");
        let mut buffer = Vec::with_capacity(4096);
        loop {
            while let Some(length) = length_of_request(&buffer) {
                let request: Vec<u8> = buffer.drain(..length).collect();
                let answered = match self.special(&request) {
                    Some(answer) => connection.write_all(&answer).await,
                    None => connection.write_all(self.canned(&request)).await,
                };
                if answered.is_err() {
                    return;
                }
            }
            match connection.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    /// Responds to `/record` and `/recorded`, and records the request between them.
    fn special(&self, request: &[u8]) -> Option<Vec<u8>> {
        let mut recorder = self.recorder.lock().expect("no panic before");
        match path_of(request) {
            "/record" => {
                recorder.awaited = true;
                Some(ok(b""))
            }
            "/recorded" => Some(ok(&recorder.request)),
            _ if recorder.awaited => {
                recorder.awaited = false;
                recorder.request = request.to_vec();
                None
            }
            _ => None,
        }
    }

    fn canned(&self, request: &[u8]) -> &[u8] {
        let path = path_of(request);
        self.answers
            .get(path)
            .unwrap_or_else(|| panic!("nothing is at {path}"))
    }
}

/// Returns the length of the first request in the buffer, if it is complete.
fn length_of_request(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..head]).expect("a head in ASCII");
    let body = text
        .split("\r\n")
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.parse().expect("a number"));
    (buffer.len() >= head + body).then_some(head + body)
}

fn path_of(request: &[u8]) -> &str {
    let mut words = request.split(|byte| *byte == b' ');
    let path = words.nth(1).expect("a request line");
    std::str::from_utf8(path).expect("a path in ASCII")
}

fn ok(body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n\
         date: Mon, 23 Nov 2026 12:00:00 GMT\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn token_response(operation: Operation, id_token: String) -> Value {
    let mut response = json!({
        "access_token": "2YotnFZFEjr1zCsicMWpAA-9hT5uV3xKq8bNw0mLd7s",
        "token_type": if operation == Operation::Dpop { "DPoP" } else { "Bearer" },
        "expires_in": 3600,
    });
    match operation {
        Operation::ClientCredentials | Operation::Dpop | Operation::Api => {
            response["scope"] = "read write".into();
        }
        Operation::Refresh => response["refresh_token"] = "tGzv3JOkF0XG5Qx2TlKWIA".into(),
        Operation::CodeHs256 | Operation::CodeEs256 | Operation::UserInfo => {
            response["refresh_token"] = "tGzv3JOkF0XG5Qx2TlKWIA".into();
            response["id_token"] = id_token.into();
        }
    }
    response
}

fn user_info() -> Value {
    json!({
        "sub": SUBJECT,
        "name": "Jane Doe the Third",
        "given_name": "Jane",
        "family_name": "Doe",
        "preferred_username": "j.doe",
        "email": "jane.doe.the.third@mail.example.com",
        "email_verified": true,
        "picture": "https://mail.example.com/pictures/jane-doe.jpg",
        "locale": "en-GB",
        "updated_at": 1_763_000_000,
    })
}
