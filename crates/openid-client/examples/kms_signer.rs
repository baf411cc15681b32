//! A client whose private key is in another process: `kms_signer [--issuer URL --client-id ID]`.
//!
//! The program starts itself a second time with `--sign`. That process makes a key, prints the
//! public half, and then reads messages and prints signatures, one a line in base64url. A key
//! management service works in the same way, with the network between the two.

#![allow(clippy::print_stdout)]

mod support;

use std::io::{BufRead as _, BufReader, Error as IoError, Lines, Write as _, stdin};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use openid_client::http::BoxFuture;
use openid_client::jose::base64url;
use openid_client::serde_json::json;
use openid_client::{KeyFault, KeyJob, KeyReference, KeyResult, RemoteKey, Report};
use openid_client::{SignatureAlgorithm, SigningKey};
use test_provider::{ClientAuthentication, ClientRegistration};

use self::support::{CLIENT_ID, Options, Provider};

/// The process with the key.
fn sign_for_another() -> Result<(), Report> {
    let key = SigningKey::generate(SignatureAlgorithm::ES256)?;
    let public = key
        .public_jwk()
        .ok_or_else(|| Report::message("the key is a secret"))?;
    println!("{}", json!(public.to_json()));
    for message in stdin().lines() {
        let signature = key.sign(SignatureAlgorithm::ES256, &base64url::decode(&message?)?)?;
        println!("{}", base64url::encode(&signature));
    }
    Ok(())
}

/// The key, as the client sees it.
struct Signer(Arc<Mutex<Pipes>>);

/// The process ends when its input is closed.
struct Pipes {
    process: Child,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Signer {
    /// Starts the other process. Returns the public key, too.
    fn start() -> Result<(Self, String), Report> {
        let mut signer = Command::new(std::env::current_exe()?);
        let signer = signer.arg("--sign").stdin(Stdio::piped());
        let mut process = signer.stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or_else(gone)?;
        let mut answers = BufReader::new(output).lines();
        let public = answers.next().ok_or_else(gone)??;
        Ok((
            Self(Arc::new(Mutex::new(Pipes { process, answers }))),
            public,
        ))
    }
}

/// Asks for one signature. The lock keeps question and answer together.
fn ask(pipes: &Mutex<Pipes>, message: &[u8]) -> Result<Vec<u8>, IoError> {
    let mut pipes = pipes.lock().map_err(|_| gone())?;
    let input = pipes.process.stdin.as_mut().ok_or_else(gone)?;
    writeln!(input, "{}", base64url::encode(message))?;
    let answer = pipes.answers.next().ok_or_else(gone)?;
    base64url::decode(&answer?).map_err(IoError::other)
}

fn gone() -> IoError {
    IoError::other("the process with the key has ended")
}

impl RemoteKey for Signer {
    fn use_key(&self, job: KeyJob) -> BoxFuture<'_, Result<KeyResult, KeyFault>> {
        let (key, pipes) = (job.key().clone(), Arc::clone(&self.0));
        Box::pin(async move {
            // `input` is the message, not a digest.
            let KeyJob::Sign { input, .. } = job else {
                return Err(KeyFault { key, source: None });
            };
            // Pipes block, so they are used on another thread. It finishes even if this future is
            // dropped, so that no later question gets this answer.
            let signature = tokio::task::spawn_blocking(move || ask(&pipes, &input)).await;
            let signature = signature.map_err(IoError::other).flatten();
            signature.map(KeyResult::Signature).map_err(|cause| {
                let source = Some(Arc::new(cause) as _);
                KeyFault { key, source }
            })
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Report> {
    if std::env::args().nth(1).as_deref() == Some("--sign") {
        return sign_for_another();
    }
    let options = Options::read(&["--issuer", "--client-id"])?;
    let (signer, public) = Signer::start()?;
    println!("the provider must know {public}");
    let method = ClientAuthentication::PrivateKeyJwt(format!(r#"{{"keys": [{public}]}}"#));
    let app = ClientRegistration::new(CLIENT_ID, method);
    let provider = Provider::start(&options, app).await?;
    let key = KeyReference::new("the key of the signer", SignatureAlgorithm::ES256);
    let client = provider.discover().remote_private_key(key, signer).await?;
    let tokens = client.client_credentials_grant().scope("read").await?;
    println!("tokens for {}", tokens.scope().unwrap_or("no scope"));
    Ok(())
}
