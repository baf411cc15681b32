//! The examples are short, and a browser logs in and out with them.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

use std::env::consts::EXE_SUFFIX;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[test]
fn the_programs_are_short() {
    let readme = include_str!("../README.md");
    let (_, program) = readme.split_once("```rust,no_run\n").unwrap();
    let (program, _) = program.split_once("```").unwrap();
    for (program, most) in [
        (program, 25),
        (include_str!("../examples/axum.rs"), 25),
        (include_str!("../examples/hyper.rs"), 40),
    ] {
        let lines = program.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
        let lines = lines.count();
        assert!(
            lines > 15 && lines <= most,
            "{lines} lines of {most}:\n{program}"
        );
    }
}

#[tokio::test]
async fn a_browser_logs_in_and_out_with_axum() {
    logs_in_and_out("axum").await;
}

#[tokio::test]
async fn a_browser_logs_in_and_out_with_hyper() {
    logs_in_and_out("hyper").await;
}

async fn logs_in_and_out(example: &str) {
    let program = Program::start(example);
    let mut browser = Browser::default();
    let me = format!("{}/me", program.origin);
    assert_eq!(browser.open(&me).await, "hello alice", "{example}");
    // The session is there, and no login is needed.
    assert_eq!(browser.redirects, 4);
    assert_eq!(browser.open(&me).await, "hello alice");
    assert_eq!(browser.redirects, 4);
    let page = browser
        .open(&format!("{}/auth/logout", program.origin))
        .await;
    let (_, token) = page.split_once("name=\"token\" value=\"").unwrap();
    let (token, _) = token.split_once('"').unwrap();
    let form = format!("token={token}");
    browser
        .post(&format!("{}/auth/logout", program.origin), &form)
        .await;
    // To the provider, back, and to the start page.
    assert_eq!(browser.redirects, 4 + 3);
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
}

struct Program {
    child: Child,
    origin: String,
}

impl Program {
    fn start(example: &str) -> Self {
        let tests = std::env::current_exe().unwrap();
        let profile = tests.parent().and_then(Path::parent).unwrap();
        let program = profile
            .join("examples")
            .join(format!("{example}{EXE_SUFFIX}"));
        assert!(
            program.exists(),
            "{} is not there: `cargo test` builds it, `cargo test --test …` does not",
            program.display()
        );
        let mut program = Command::new(program);
        let program = program.arg("--headless").stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let origin = line.trim().strip_prefix("open ").unwrap().to_owned();
        Self { child, origin }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Follows redirects and keeps cookies, without their attributes.
#[derive(Default)]
struct Browser {
    cookies: Vec<(String, String)>,
    redirects: usize,
}

impl Browser {
    async fn open(&mut self, url: &str) -> String {
        let mut url = url.to_owned();
        loop {
            match self.send("GET", &url, "").await {
                Ok(body) => return body,
                Err(location) => url = location,
            }
        }
    }

    async fn post(&mut self, url: &str, form: &str) -> String {
        let location = self.send("POST", url, form).await.unwrap_err();
        self.open(&location).await
    }

    /// The body, or where it redirects to.
    async fn send(&mut self, method: &str, url: &str, form: &str) -> Result<String, String> {
        let (host, path) = url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut stream = TcpStream::connect(host).await.unwrap();
        let request = format!(
            "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{form}",
            cookies.join("; "),
            form.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        let headers: Vec<_> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .collect();
        for (_, cookie) in headers.iter().filter(|(name, _)| *name == "set-cookie") {
            let (pair, attributes) = cookie.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !attributes.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        match headers.iter().find(|(name, _)| *name == "location") {
            Some((_, location)) => {
                self.redirects = self.redirects.saturating_add(1);
                let is_path = location.starts_with('/');
                Err(if is_path {
                    format!("http://{host}{location}")
                } else {
                    (*location).to_owned()
                })
            }
            None => Ok(body.to_owned()),
        }
    }
}
