//! "Verify this JWT", decrypted first where it is encrypted, with the keys fetched at most once.
//!
//! ```text
//! Ready ──▶ (AwaitingDecryption, ──▶ (AwaitingKeys, ──────────▶ Finished
//!            of an encrypted one)     unless the cached ones do)
//! ```

use std::{fmt, mem};

use jose::jwe::PendingDecryption;
use jose::jws::{Header, Unverified};
use jose::jwt::Claims;
use jose::{JwkSet, KeySelectionError, SignatureAlgorithm};
use zeroize::Zeroizing;

use crate::cache::Channel;
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse, Reason};
use crate::flow::verification::key_fetch::{AwaitedKeys, Keys, keys_of, replacement_of};
use crate::flow::verification::token::{Token, undecrypted};
use crate::key::KeyJob;
use crate::metadata::ClientMetadata;
use crate::operation::{Action, Event};
use crate::secret::Secret;
use crate::time::UnixTime;

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
                self.decrypted(
                    env,
                    plaintext.map_err(|error| undecrypted(K::ARTEFACT, error))?,
                )
            }
            (State::AwaitingDecryption(_), Event::KeyUnavailable(fault)) => Err(fault.into()),
            (State::AwaitingDecryption(_), event) => {
                Err(event.refused("KeyUsed or KeyUnavailable"))
            }
            (State::AwaitingKeys(mut awaited), event) => {
                if awaited.is_sent_again(&event) {
                    return self.await_keys(awaited);
                }
                let keys = awaited.finish(env, event, &|old| self.token().is_among(old))?;
                self.verify_with(env.now, &keys).map(Action::Done)
            }
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready, event) => Err(event.refused("Begin")),
        }
    }

    fn begin(&mut self, env: &Env<'_>) -> Result<Action<K::Output>, Error> {
        let token = self.token();
        let parsed = token.parse()?;
        let algorithm = token.permitted(parsed.header())?;
        if self.kind.skips_signature() {
            return self.judge_unverified(env.now).map(Action::Done);
        }
        if algorithm.is_symmetric() {
            return self.verify_with_secret(env.now, parsed).map(Action::Done);
        }
        let lack_it = |keys: &JwkSet| {
            matches!(
                keys.select(parsed.header()),
                Err(jose::Error::KeySelection(KeySelectionError::None { .. }))
            )
        };
        let (configuration, channel) = (self.kind.configuration(), self.kind.channel());
        let awaited = match keys_of(configuration, env, channel, &lack_it)? {
            Keys::AtHand(keys) => match self.verify_with(env.now, &keys) {
                Err(error) if token.may_be_rotated(&error, &keys) => {
                    replacement_of(configuration, env, channel, keys)?.ok_or(error)?
                }
                result => return result.map(Action::Done),
            },
            Keys::Awaited(awaited) => awaited,
        };
        self.await_keys(awaited)
    }

    /// What the token is judged with, without the type of its result.
    fn token(&self) -> Token<'_> {
        let configuration = self.kind.configuration();
        Token {
            artefact: K::ARTEFACT,
            configuration,
            algorithms: self.kind.algorithms(),
            encryption: K::encryption(configuration.client()),
            jwt: self.jwt.expose(),
            decrypted: self.decrypted,
        }
    }

    fn await_keys(&mut self, awaited: AwaitedKeys) -> Result<Action<K::Output>, Error> {
        let request = awaited.request()?;
        self.state = State::AwaitingKeys(awaited);
        Ok(Action::Send(request))
    }

    /// Asks for the one key that an encrypted token is for.
    fn decrypt(&mut self) -> Result<Action<K::Output>, Error> {
        let (pending, key) = self.token().decrypt()?;
        let job = KeyJob::Decrypt {
            key,
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

    fn verify_with(&self, now: UnixTime, keys: &JwkSet) -> Result<K::Output, Error> {
        let token = self.token();
        let (verified, key) = token.verify_with(keys)?;
        let claims = token.claims(&verified)?;
        token.check_key(key, &claims)?;
        self.judge(now, verified.header(), &claims)
    }

    fn verify_with_secret(
        &self,
        now: UnixTime,
        parsed: Unverified<'_>,
    ) -> Result<K::Output, Error> {
        let token = self.token();
        let verified = token.verify_with_secret(parsed)?;
        let claims = token.claims(&verified)?;
        self.judge(now, verified.header(), &claims)
    }

    /// The result of a token whose signature is not checked.
    pub(crate) fn judge_unverified(&self, now: UnixTime) -> Result<K::Output, Error> {
        let token = self.token();
        let parsed = token.parse()?;
        token.permitted(parsed.header())?;
        let payload = token.unverified_payload()?;
        let claims = token.unverified_claims(&payload)?;
        self.judge(now, parsed.header(), &claims)
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

/// How many parts a compact token has; counting stops at 6.
fn parts(token: &str) -> usize {
    token.split('.').take(6).count()
}

/// The parts of an encrypted token (RFC 7516 section 7.1).
const ENCRYPTED: usize = 5;
