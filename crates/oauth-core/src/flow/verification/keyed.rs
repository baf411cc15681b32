//! "Verify this JWT", decrypted first where it is encrypted, with the keys fetched at most once.
//!
//! ```text
//! Ready ──▶ (AwaitingDecryption, ──▶ (AwaitingKeys, ──────────▶ Finished
//!            of an encrypted one)     unless the cached ones do)
//! ```

use std::{fmt, mem};

use jose::jwe::{Accepted, Encrypted, PendingDecryption};
use jose::jws::{Header, Unverified, Verified};
use jose::jwt::Claims;
use jose::{JwkSet, KeySelectionError, SignatureAlgorithm, VerifyingKey, base64url, json};
use zeroize::Zeroizing;

use crate::cache::Channel;
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason, Unsupported, printable_url};
use crate::flow::verification::key_fetch::{AwaitedKeys, Keys, keys_of, replacement_of};
use crate::key::KeyJob;
use crate::metadata::ClientMetadata;
use crate::operation::{Action, Event};
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::{check_key, read_claims};

/// A kind of JWT: the algorithms of its signature and encryption, and the checks of its claims.
pub(crate) trait JwtKind {
    /// The result of a valid token.
    type Output;

    /// The kind's name in errors.
    const ARTEFACT: Artefact;

    fn configuration(&self) -> &Configuration;

    /// How it came to the client.
    fn channel(&self) -> Channel {
        Channel::Stranger
    }

    /// The algorithms that it may be signed with.
    fn algorithms(&self) -> Vec<SignatureAlgorithm>;

    /// The algorithms that it, and that its content, is encrypted with, where the client registered
    /// them.
    fn encryption(client: &ClientMetadata) -> [Option<&str>; 2];

    /// Whether the signature is left unchecked, by a `danger` switch.
    fn skips_signature(&self) -> bool {
        false
    }

    /// Judges header and claims of a token whose signature holds.
    fn judge(
        &self,
        now: UnixTime,
        header: &Header,
        claims: &Claims<'_>,
        jwt: &Secret,
    ) -> Result<Self::Output, Reason>;

    /// Reads what was encrypted without being signed; `None` where it has to be signed.
    fn read_unsigned(&self, _plaintext: &[u8]) -> Option<Result<Self::Output, Reason>> {
        None
    }
}

/// The verification of one JWT of kind `K`.
///
/// Uses at most one key, to decrypt.
///
/// Sends at most one request, for keys: when the cache has none or only old ones, or when the
/// right key is not among them and no token caused such a request in the last 60 seconds. Without a
/// `kid`, a key under which the signature is not valid is not the right one.
#[derive(Debug)]
pub(crate) struct Keyed<K> {
    kind: K,
    /// The token; once an encrypted one is decrypted, what was in it.
    jwt: Secret,
    decrypted: bool,
    state: State,
}

enum State {
    Ready,
    AwaitingDecryption(Box<PendingDecryption>),
    AwaitingKeys(AwaitedKeys),
    Finished,
}

impl<K: JwtKind> Keyed<K> {
    pub(crate) const fn new(kind: K, jwt: Secret) -> Self {
        Self {
            kind,
            jwt,
            decrypted: false,
            state: State::Ready,
        }
    }

    /// The same with another kind.
    pub(crate) fn map_kind(self, change: impl FnOnce(K) -> K) -> Self {
        Self {
            kind: change(self.kind),
            ..self
        }
    }

    pub(crate) fn step(
        &mut self,
        env: &mut Env<'_>,
        event: Event,
    ) -> Result<Action<K::Output>, Error> {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready, Event::Begin) => {
                // A token that the caller supplies comes without a request, which would check this.
                self.kind.configuration().check_profile()?;
                match parts(self.jwt.expose()) {
                    ENCRYPTED => self.decrypt(),
                    _ => self.begin(env),
                }
            }
            (State::AwaitingDecryption(pending), Event::KeyUsed(result)) => {
                let plaintext = pending.finish(result.decryption()?);
                self.decrypted(env, plaintext.map_err(undecrypted::<K>)?)
            }
            (State::AwaitingDecryption(_), Event::KeyUnavailable(fault)) => Err(fault.into()),
            (State::AwaitingDecryption(_), event) => {
                Err(event.refused("KeyUsed or KeyUnavailable"))
            }
            (State::AwaitingKeys(mut awaited), event) => {
                if awaited.is_sent_again(&event) {
                    return self.await_keys(awaited);
                }
                let keys = awaited.finish(env, event, |old| self.is_among(old))?;
                self.verify_with(env.now, &keys).map(Action::Done)
            }
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready, event) => Err(event.refused("Begin")),
        }
    }

    fn begin(&mut self, env: &Env<'_>) -> Result<Action<K::Output>, Error> {
        let token = self.parse()?;
        let algorithm = self.permitted(token.header())?;
        if self.kind.skips_signature() {
            return self.judge_unverified(env.now).map(Action::Done);
        }
        if algorithm.is_symmetric() {
            return self.verify_with_secret(env.now, token).map(Action::Done);
        }
        let lack_it = |keys: &JwkSet| {
            matches!(
                keys.select(token.header()),
                Err(jose::Error::KeySelection(KeySelectionError::None { .. }))
            )
        };
        match keys_of(self.kind.configuration(), env, self.kind.channel(), lack_it)? {
            Keys::AtHand(keys) => match self.verify_with(env.now, &keys) {
                Err(error) if self.may_be_rotated(&error, &keys) => {
                    match replacement_of(self.kind.configuration(), env, self.kind.channel(), keys)?
                    {
                        Some(awaited) => self.await_keys(awaited),
                        None => Err(error),
                    }
                }
                result => result.map(Action::Done),
            },
            Keys::Awaited(awaited) => self.await_keys(awaited),
        }
    }

    fn await_keys(&mut self, awaited: AwaitedKeys) -> Result<Action<K::Output>, Error> {
        let request = awaited.request()?;
        self.state = State::AwaitingKeys(awaited);
        Ok(Action::Send(request))
    }

    /// Whether the token may be signed with a key that has taken the place of the cached one: its
    /// signature is not valid, and no `kid` says which key it is signed with. A `kid` that both
    /// have names the key, new or old (OpenID Connect Core 1.0 section 10.1.1).
    fn may_be_rotated(&self, error: &Error, keys: &JwkSet) -> bool {
        let is_wrongly_signed = error
            .rejection()
            .is_some_and(|rejection| rejection.reason == Reason::Jose(jose::Error::Signature));
        is_wrongly_signed
            && self.parse().is_ok_and(|token| {
                let key = keys.select(token.header());
                token.header().kid().is_none() || key.is_ok_and(|key| key.jwk().kid().is_none())
            })
    }

    /// Asks for the one key that an encrypted token is for. An algorithm that neither the
    /// registration nor the list of keys accepts is refused before any key is used.
    fn decrypt(&mut self) -> Result<Action<K::Output>, Error> {
        let keys = self.kind.configuration().decryption_keys();
        let keys = keys.ok_or(Unsupported::Form {
            artefact: K::ARTEFACT,
            form: "an encrypted JWT",
        })?;
        let [alg, enc] = K::encryption(self.kind.configuration().client());
        let accepted = Accepted {
            alg: &keys.accepted_alg(alg),
            enc: &keys.accepted_enc(enc),
        };
        let token = Encrypted::parse(self.jwt.expose(), accepted).map_err(undecrypted::<K>)?;
        let key = keys
            .choose(token.header())
            .map_err(|found| K::ARTEFACT.rejected(Reason::DecryptionKey { found }))?;
        let pending = token.begin().map_err(undecrypted::<K>)?;
        let job = KeyJob::Decrypt {
            key: key.clone(),
            operation: pending.operation().clone(),
        };
        self.state = State::AwaitingDecryption(Box::new(pending));
        Ok(Action::UseKey(job))
    }

    /// Continues with the content of an encrypted token: a signed token, or claims alone where they
    /// suffice (RFC 7519 section 11.2).
    fn decrypted(&mut self, env: &Env<'_>, plaintext: Vec<u8>) -> Result<Action<K::Output>, Error> {
        let plaintext = Zeroizing::new(plaintext);
        // A compact token begins with base64url, a claims set with a brace.
        if plaintext.trim_ascii_start().starts_with(b"{")
            && let Some(read) = self.kind.read_unsigned(&plaintext)
        {
            return read
                .map(Action::Done)
                .map_err(|reason| K::ARTEFACT.rejected(reason).into());
        }
        let text = String::from_utf8_lossy(&plaintext).into_owned();
        self.jwt = Secret::new(text);
        self.decrypted = true;
        self.begin(env)
    }

    /// Parses a token that is not encrypted, or no longer.
    fn parse(&self) -> Result<Unverified<'_>, Error> {
        let configuration = self.kind.configuration();
        let [algorithm, _] = K::encryption(configuration.client());
        if let Some(algorithm) = algorithm
            && !self.decrypted
            && !configuration.policy().danger.accept_unencrypted
        {
            return Err(K::ARTEFACT
                .rejected(Reason::NotEncrypted {
                    expected: algorithm.to_owned(),
                })
                .into());
        }
        Unverified::parse(self.jwt.expose()).map_err(rejected::<K>)
    }

    fn permitted(&self, header: &Header) -> Result<SignatureAlgorithm, Error> {
        let permitted = self.kind.algorithms();
        let found = header.alg();
        if permitted.contains(&found) {
            return Ok(found);
        }
        let expected = permitted.iter().map(ToString::to_string).collect();
        let found = found.to_string();
        Err(K::ARTEFACT
            .rejected(Reason::Algorithm { expected, found })
            .into())
    }

    fn is_among(&self, keys: &JwkSet) -> bool {
        self.parse()
            .is_ok_and(|token| keys.select(token.header()).is_ok())
    }

    fn verify_with(&self, now: UnixTime, keys: &JwkSet) -> Result<K::Output, Error> {
        let token = self.parse()?;
        let key = keys
            .select(token.header())
            .map_err(|error| rejected::<K>(self.located(error)))?;
        let verified = self.verify(token, key.verifying_key())?;
        let claims = self.claims(&verified)?;
        check_key(self.kind.configuration(), key.jwk(), &claims)
            .map_err(|reason| Error::from(K::ARTEFACT.rejected(reason)))?;
        self.judge(now, verified.header(), &claims)
    }

    /// Adds to the error for missing keys where the keys came from.
    fn located(&self, mut error: jose::Error) -> jose::Error {
        if let jose::Error::KeySelection(KeySelectionError::None { search, .. }) = &mut error
            && let Some(url) = &self.kind.configuration().server().jwks_uri
        {
            search.at(printable_url(url));
        }
        error
    }

    fn verify_with_secret(&self, now: UnixTime, token: Unverified<'_>) -> Result<K::Output, Error> {
        let key = self.kind.configuration().hmac_key();
        let key = key.ok_or(Misuse::MissingArgument {
            argument: "client_secret",
            purpose: "the registered HMAC algorithm",
        })?;
        let verified = self.verify(token, key.map_err(rejected::<K>)?)?;
        let claims = self.claims(&verified)?;
        self.judge(now, verified.header(), &claims)
    }

    fn verify(&self, token: Unverified<'_>, key: &VerifyingKey) -> Result<Verified, Error> {
        let algorithm = self.permitted(token.header())?;
        token.verify(key, algorithm).map_err(rejected::<K>)
    }

    /// The result of a token whose signature is not checked.
    pub(crate) fn judge_unverified(&self, now: UnixTime) -> Result<K::Output, Error> {
        let token = self.parse()?;
        self.permitted(token.header())?;
        let payload = self.jwt.expose().split('.').nth(1).unwrap_or_default();
        let unreadable = jose::Malformed::Base64Url {
            part: jose::Part::Payload,
        };
        let payload = base64url::decode(payload).map_err(|_| rejected::<K>(unreadable.into()))?;
        let object = json::parse_object(&payload, json::Limits::CLAIMS)
            .map_err(|error| Error::from(K::ARTEFACT.rejected(Reason::Json(error))))?;
        let danger = &self.kind.configuration().policy().danger;
        let claims = read_claims(danger, &payload, object).map_err(rejected::<K>)?;
        self.judge(now, token.header(), &claims)
    }

    /// Claims that the issuer signed. One that it has written twice is accepted (RFC 7519 section
    /// 4). In a token that is only encrypted or not verified, it is refused.
    fn claims<'v>(&self, verified: &'v Verified) -> Result<Claims<'v>, Error> {
        let payload = verified.payload();
        let object = json::parse_object_with_repeats(payload, json::Limits::CLAIMS);
        let object = object.map_err(|reason| {
            let part = jose::Part::Payload;
            rejected::<K>(jose::Error::Json { part, reason })
        })?;
        let danger = &self.kind.configuration().policy().danger;
        read_claims(danger, payload, object).map_err(rejected::<K>)
    }

    fn judge(
        &self,
        now: UnixTime,
        header: &Header,
        claims: &Claims<'_>,
    ) -> Result<K::Output, Error> {
        let judged = self.kind.judge(now, header, claims, &self.jwt);
        judged.map_err(|reason| K::ARTEFACT.rejected(reason).into())
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready => "Ready",
            Self::AwaitingDecryption(_) => "AwaitingDecryption",
            Self::AwaitingKeys(_) => "AwaitingKeys",
            Self::Finished => "Finished",
        })
    }
}

fn rejected<K: JwtKind>(error: jose::Error) -> Error {
    K::ARTEFACT.rejected(error.into()).into()
}

fn undecrypted<K: JwtKind>(error: jose::Error) -> Error {
    K::ARTEFACT.rejected(Reason::Decryption(error)).into()
}

/// How many parts a compact token has; counting stops at 6.
fn parts(token: &str) -> usize {
    token.split('.').take(6).count()
}

/// The parts of an encrypted token (RFC 7516 section 7.1).
const ENCRYPTED: usize = 5;
