//! The key of the server to encrypt to. Its keys are fetched at most once.
//!
//! ```text
//! Ready ──▶ (AwaitingKeys, unless the cached ones do) ──▶ Finished
//! ```

use std::mem;
use std::sync::Arc;

use jose::jwe::{ContentEncryption, KeyManagement};
use jose::{JwkSet, KeySelectionError};

use crate::cache::Channel;
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Artefact, Error, Misuse};
use crate::flow::verification::key_fetch::{AwaitedKeys, Keys, keys_of};
use crate::key::Recipient;
use crate::operation::{Action, Event};

/// Chooses the key to encrypt to.
///
/// Sends at most one request, for keys: when the cache has none or only old ones, or when the right
/// key is not among them and nothing caused such a request in the last 60 seconds.
#[derive(Debug)]
pub(crate) struct ChooseRecipient {
    configuration: Configuration,
    alg: KeyManagement,
    enc: ContentEncryption,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    AwaitingKeys(AwaitedKeys),
    Finished,
}

impl ChooseRecipient {
    pub(crate) const fn new(
        configuration: Configuration,
        alg: KeyManagement,
        enc: ContentEncryption,
    ) -> Self {
        Self {
            configuration,
            alg,
            enc,
            state: State::Ready,
        }
    }

    pub(crate) fn step(&mut self, env: &Env<'_>, event: Event) -> Result<Action<Recipient>, Error> {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready, Event::Begin) => self.begin(env),
            (State::AwaitingKeys(mut awaited), event) => {
                if awaited.is_sent_again(&event) {
                    return self.await_keys(awaited);
                }
                let suffices = |old: &JwkSet| self.choose(old).is_ok();
                let keys = awaited.finish(env, event, &suffices)?;
                self.done(&keys)
            }
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready, event) => Err(event.refused("Begin")),
        }
    }

    fn begin(&mut self, env: &Env<'_>) -> Result<Action<Recipient>, Error> {
        let lack_it = |keys: &JwkSet| {
            matches!(
                self.choose(keys),
                Err(jose::Error::KeySelection(
                    KeySelectionError::NoneToEncrypt { .. }
                ))
            )
        };
        match keys_of(&self.configuration, env, Channel::Server, &lack_it)? {
            Keys::AtHand(keys) => self.done(&keys),
            Keys::Awaited(awaited) => self.await_keys(awaited),
        }
    }

    fn await_keys(&mut self, awaited: AwaitedKeys) -> Result<Action<Recipient>, Error> {
        let request = awaited.request()?;
        self.state = State::AwaitingKeys(awaited);
        Ok(Action::Send(request))
    }

    fn choose(&self, keys: &JwkSet) -> Result<Recipient, jose::Error> {
        let key = keys.select_for_encryption(self.alg, None)?;
        Ok(Recipient {
            key: Arc::new(key),
            alg: self.alg,
            enc: self.enc,
        })
    }

    fn done(&self, keys: &JwkSet) -> Result<Action<Recipient>, Error> {
        let chosen = self.choose(keys);
        chosen
            .map(Action::Done)
            .map_err(|error| Artefact::KeySet.rejected(error.into()).into())
    }
}
