//! Helpers that the unit tests share.

pub(crate) mod script;

use std::fmt::Debug;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jose::jws::{ProtectedHeader, SigningInput};
use jose::{SignatureAlgorithm, SigningKey};
use serde_json::{Value, json};

use crate::cache::Cache;
use crate::client_auth::ClientAuthentication;
use crate::configuration::Configuration;
use crate::entropy::{Entropy, EntropyFault};
use crate::env::Env;
use crate::error::{Error, Misuse, SealFault};
use crate::metadata::{ClientMetadata, ServerMetadata};
use crate::operation::{Action, Event, Operation};
use crate::outbound::Outbound;
use crate::policy::Policy;
use crate::time::UnixTime;

/// Entropy that repeats one byte.
pub(crate) struct FixedEntropy(pub(crate) u8);

impl Entropy for FixedEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        bytes.fill(self.0);
        Ok(())
    }
}

/// Entropy whose values differ: 32 bytes of 1, 32 bytes of 2, …
pub(crate) struct Counting(pub(crate) AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFault> {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

/// The time that tests use as the current time.
pub(crate) const NOW: i64 = 1_700_000_000;

/// An environment at `now` (seconds since the epoch) and `elapsed` (seconds of monotonic time).
pub(crate) fn env(now: i64, elapsed: u64, cache: &Cache) -> Env<'_> {
    Env {
        now: UnixTime::from_seconds(now),
        elapsed: Duration::from_secs(elapsed),
        entropy: &FixedEntropy(7),
        cache,
    }
}

/// The server `https://op.example` with all of its endpoints but one for logouts, which signs with
/// ES256.
pub(crate) fn server() -> ServerMetadata {
    let url = |path: &str| Some(format!("https://op.example/{path}"));
    let mut server = ServerMetadata::new("https://op.example");
    server.authorization_endpoint = url("authorize");
    server.token_endpoint = url("token");
    server.userinfo_endpoint = url("userinfo");
    server.jwks_uri = url("jwks");
    server.pushed_authorization_request_endpoint = url("par");
    server.device_authorization_endpoint = url("device");
    server.backchannel_authentication_endpoint = url("bc");
    server.introspection_endpoint = url("introspect");
    server.revocation_endpoint = url("revoke");
    server.registration_endpoint = url("register");
    server.id_token_signing_alg_values_supported = Some(vec!["ES256".to_owned()]);
    server
}

/// The configuration of the public client `app` at [`server`] under the default policy.
pub(crate) fn configuration() -> Configuration {
    setup().build()
}

/// Makes a configuration; without changes, [`configuration`].
pub(crate) fn setup() -> Setup {
    Setup {
        server: server(),
        client: ClientMetadata::new("app"),
        authentication: None,
        policy: Policy::default(),
    }
}

/// Makes a configuration with the changes of a test; see [`setup`].
#[derive(Clone)]
pub(crate) struct Setup {
    server: ServerMetadata,
    client: ClientMetadata,
    authentication: Option<ClientAuthentication>,
    policy: Policy,
}

impl Setup {
    pub(crate) fn server(mut self, change: impl FnOnce(&mut ServerMetadata)) -> Self {
        change(&mut self.server);
        self
    }

    pub(crate) fn issuer(self, issuer: &str) -> Self {
        self.server(|it| it.issuer = issuer.to_owned())
    }

    pub(crate) fn client(mut self, change: impl FnOnce(&mut ClientMetadata)) -> Self {
        change(&mut self.client);
        self
    }

    pub(crate) fn client_id(self, client_id: &str) -> Self {
        self.client(|it| it.client_id = client_id.to_owned())
    }

    /// Replaces the metadata of the client.
    pub(crate) fn client_metadata(self, client: ClientMetadata) -> Self {
        self.client(|it| *it = client)
    }

    pub(crate) fn authentication(mut self, method: ClientAuthentication) -> Self {
        self.authentication = Some(method);
        self
    }

    pub(crate) fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    pub(crate) fn result(self) -> Result<Configuration, Error> {
        let (server, client, policy) = (self.server, self.client, self.policy);
        match self.authentication {
            None => Configuration::new(server, client, policy),
            Some(method) => Configuration::with_authentication(server, client, method, policy),
        }
    }

    #[track_caller]
    pub(crate) fn build(self) -> Configuration {
        self.result().unwrap()
    }
}

/// A response with a body, labelled as JSON.
pub(crate) fn response(status: u16, body: impl Into<String>) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Bytes::from(body.into()))
        .unwrap()
}

/// Reads a response from a file in `tests/cases`: a status line, headers, an empty line, the body.
pub(crate) fn recorded(file: &str) -> Response<Bytes> {
    let (head, body) = file.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let mut response = Response::builder().status(status);
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        response = response.header(name, value);
    }
    response.body(Bytes::from(body.to_owned())).unwrap()
}

/// Reads a response from a file in `tests/cases/providers`: its status and body.
pub(crate) fn provided(file: &str) -> Response<Bytes> {
    let file: Value = serde_json::from_str(file).unwrap();
    let status = file["status"].as_u64().unwrap();
    response(status.try_into().unwrap(), file["body"].to_string())
}

/// The server's ES256 key, named `k1`.
pub(crate) static SERVER_KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    key.with_kid("k1")
});

/// The key of the same server at [`ml_dsa_configuration`], named `k2`.
pub(crate) static ML_DSA_KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let key = SigningKey::generate(SignatureAlgorithm::MlDsa65).unwrap();
    key.with_kid("k2")
});

/// [`configuration`] at a server that signs with ML-DSA-65.
pub(crate) fn ml_dsa_configuration(policy: Policy) -> Configuration {
    let algorithms = Some(vec!["ML-DSA-65".to_owned()]);
    let setup = setup().server(|it| it.id_token_signing_alg_values_supported = algorithms);
    setup.policy(policy).build()
}

/// A JWT with these claims, signed with [`ML_DSA_KEY`].
pub(crate) fn sign_with_ml_dsa(claims: &Value) -> String {
    let header = ProtectedHeader::new(SignatureAlgorithm::MlDsa65).kid("k2");
    sign_with(&ML_DSA_KEY, &header, claims)
}

/// The key set document with the public halves of these keys.
pub(crate) fn key_set(keys: &[&SigningKey]) -> String {
    let keys: Vec<_> = keys
        .iter()
        .map(|key| key.public_jwk().unwrap().to_json())
        .collect();
    json!({ "keys": keys }).to_string()
}

/// The claims of a valid ID Token for [`configuration`], issued at [`NOW`], with nonce `n-1`.
pub(crate) fn claims() -> Value {
    json!({
        "iss": "https://op.example",
        "sub": "alice",
        "aud": "app",
        "exp": NOW + 300,
        "iat": NOW,
        "nonce": "n-1",
    })
}

/// A JWT with these claims, signed with [`SERVER_KEY`].
pub(crate) fn sign(claims: &Value) -> String {
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k1");
    sign_with(&SERVER_KEY, &header, claims)
}

/// A JWT whose payload is this text, signed with [`SERVER_KEY`].
pub(crate) fn sign_text(claims: &str) -> String {
    let header = ProtectedHeader::new(SignatureAlgorithm::ES256).kid("k1");
    let input = SigningInput::new(&header, claims.as_bytes());
    input.sign(&SERVER_KEY).unwrap()
}

/// A JWT with this header and these claims, signed with `key`.
pub(crate) fn sign_with(key: &SigningKey, header: &ProtectedHeader, claims: &Value) -> String {
    let input = SigningInput::new(header, claims.to_string().as_bytes());
    input.sign(key).unwrap()
}

/// Asserts that a step refused its event as unexpected.
#[track_caller]
pub(crate) fn assert_unexpected<T: Debug>(
    result: Result<Action<T>, Error>,
    expected: &'static str,
    found: &'static str,
) {
    match result {
        Err(Error::Misuse(misuse)) => {
            assert_eq!(misuse, Misuse::UnexpectedEvent { expected, found });
        }
        other => panic!("{other:?}"),
    }
}

/// Asserts that an operation has finished.
#[track_caller]
pub(crate) fn assert_finished<O: Operation<Output: Debug>>(operation: &mut O) {
    let cache = Cache::default();
    for event in [Event::Begin, Event::Elapsed, Event::Aborted] {
        match operation.step(&mut env(NOW, 0, &cache), event) {
            Err(Error::Misuse(misuse)) => assert_eq!(misuse, Misuse::Finished),
            other => panic!("{other:?}"),
        }
    }
}

/// The request of an [`Action::Send`].
#[track_caller]
pub(crate) fn sent<T: Debug>(result: Result<Action<T>, Error>) -> Outbound {
    match result {
        Ok(Action::Send(outbound)) => *outbound,
        other => panic!("{other:?}"),
    }
}

/// The output of an [`Action::Done`].
#[track_caller]
pub(crate) fn done<T: Debug>(result: Result<Action<T>, Error>) -> T {
    match result {
        Ok(Action::Done(output)) => output,
        other => panic!("{other:?}"),
    }
}

/// Returns header and claims of a JWT without verification.
pub(crate) fn decoded(jwt: &str) -> (Value, Value) {
    let mut parts = jwt.split('.').map(|part| {
        let bytes = jose::base64url::decode(part).unwrap();
        serde_json::from_slice(&bytes)
    });
    (
        parts.next().unwrap().unwrap(),
        parts.next().unwrap().unwrap(),
    )
}

/// The possible faults of a sealed value in which the character at this position was changed to
/// `A`, or from `A` to `B`. A change in the header may give another header, or none at all.
pub(crate) fn seal_faults_of_change(sealed: &str, position: usize) -> &'static [SealFault] {
    let header = sealed.find('.').unwrap();
    let is_dot = |at: usize| sealed.as_bytes().get(at).is_none_or(|byte| *byte == b'.');
    if is_dot(position) {
        &[SealFault::NoSeal]
    } else if position < header {
        &[SealFault::NoSeal, SealFault::AnotherPlace, SealFault::NoKey]
    } else if is_dot(position.saturating_add(1)) {
        // The last character of a segment has bits that must be zero.
        &[SealFault::NoSeal, SealFault::NoKey]
    } else {
        &[SealFault::NoKey]
    }
}
