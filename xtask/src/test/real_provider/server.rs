//! The provider's process.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{fs, thread};

/// A provider that accepts connections. It ends when this value is dropped.
pub(crate) struct Server {
    process: Child,
    issuer: String,
    insecure_issuer: String,
    log: PathBuf,
}

impl Server {
    /// Starts `server.mjs` of `project` with the keys in `folder`, and waits until it is ready.
    ///
    /// # Errors
    /// An error message with the server's log if it is not ready in time.
    pub(crate) fn start(project: &Path, folder: &Path) -> Result<Self, String> {
        let log = folder.join("server.log");
        let stderr = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let mut command = Command::new("node");
        command.arg(project.join("server.mjs"));
        for (option, file) in FILES {
            command.arg(option).arg(folder.join(file));
        }
        command
            // The provider also sends requests, to servers of the tests with the same certificate.
            .env("NODE_EXTRA_CA_CERTS", folder.join("ca.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr);
        Self::spawn(&mut command, log, PATIENCE)
    }

    fn spawn(command: &mut Command, log: PathBuf, patience: Duration) -> Result<Self, String> {
        let mut process = command
            .spawn()
            .map_err(|error| format!("the provider could not be started: {error}"))?;
        let stdout = process.stdout.take();
        let mut server = Self {
            process,
            issuer: String::new(),
            insecure_issuer: String::new(),
            log,
        };
        let line = stdout.and_then(|stdout| first_line(stdout, patience));
        match line.as_deref().and_then(issuers_of) {
            Some((issuer, insecure)) => {
                issuer.clone_into(&mut server.issuer);
                insecure.clone_into(&mut server.insecure_issuer);
            }
            None => {
                let printed = line.unwrap_or_else(|| "nothing".to_owned());
                let logged = fs::read_to_string(&server.log).unwrap_or_default();
                return Err(format!(
                    "the provider was not ready within {} s; it printed {printed} and logged:\n{logged}",
                    patience.as_secs()
                ));
            }
        }
        Ok(server)
    }

    /// The issuer, whose port the system chose.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The issuer that uses plain http.
    pub(crate) fn insecure_issuer(&self) -> &str {
        &self.insecure_issuer
    }

    fn end(&mut self) {
        drop(self.process.stdin.take());
        let deadline = Instant::now().checked_add(GRACE);
        while let Ok(None) = self.process.try_wait() {
            if deadline.is_none_or(|deadline| Instant::now() > deadline) {
                // It may have ended by itself; in both cases it has ended after `wait`.
                let _ = self.process.kill();
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Returns the first line of output, unless it takes too long. The pipe stays open, and is read to
/// its end.
fn first_line(stdout: ChildStdout, patience: Duration) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Later lines are dropped, and so is the first one if the receiver has given up.
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver.recv_timeout(patience).ok()
}

/// Returns the two issuers in the line that `server.mjs` prints when it is ready.
fn issuers_of(line: &str) -> Option<(&str, &str)> {
    let issuers = line.strip_prefix("{\"issuer\":\"")?;
    let issuers = issuers.strip_suffix("\",\"ready\":true}")?;
    issuers.split_once("\",\"insecure_issuer\":\"")
}

/// The options of `server.mjs` and the files that they name.
const FILES: [(&str, &str); 3] = [
    ("--cert", "cert.pem"),
    ("--key", "key.pem"),
    ("--client-ca", "ca.pem"),
];

/// The time limit for the start of the provider.
const PATIENCE: Duration = Duration::from_secs(30);

/// The time limit for its end after its standard input was closed.
const GRACE: Duration = Duration::from_secs(5);

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        command
    }

    fn spawn(script: &str, patience: Duration) -> Result<Server, String> {
        Server::spawn(&mut shell(script), PathBuf::from("no-such-log"), patience)
    }

    const READY: &str = r#"echo '{"issuer":"https://127.0.0.1:1","insecure_issuer":"http://127.0.0.1:2","ready":true}'"#;

    #[test]
    fn a_ready_server_names_its_issuer_and_ends_with_its_input() {
        let server = spawn(&format!("{READY}; cat"), PATIENCE).unwrap();
        assert_eq!(server.issuer(), "https://127.0.0.1:1");
        assert_eq!(server.insecure_issuer(), "http://127.0.0.1:2");
        let start = Instant::now();
        drop(server);
        assert!(
            start.elapsed() < GRACE,
            "it was killed and did not end by itself"
        );
    }

    #[test]
    fn a_server_that_says_something_else_is_refused() {
        let failure = spawn("echo hello; cat", PATIENCE).err().unwrap();
        assert!(failure.contains("it printed hello"), "{failure}");
    }

    #[test]
    fn a_server_that_ends_at_once_is_refused_at_once() {
        let failure = spawn("exit 1", PATIENCE).err().unwrap();
        assert!(failure.contains("it printed nothing"), "{failure}");
    }

    #[test]
    fn a_silent_server_is_not_waited_for_without_end() {
        let failure = spawn("cat", Duration::from_millis(100)).err().unwrap();
        assert!(failure.contains("it printed nothing"), "{failure}");
    }
}
