//! Fresh keys before a request whose answer has to be verified.
//!
//! ```text
//! Ready ──▶ (AwaitingKeys, unless the cached ones are fresh) ──▶ Finished
//! ```

use std::mem;

use crate::cache::Channel;
use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::{Error, Misuse};
use crate::flow::verification::key_fetch::{AwaitedKeys, Keys, keys_of};
use crate::flow::verification::verify_id_token::needs_keys;
use crate::operation::{Action, Event, Operation};

/// Fetches the server's keys when those in the cache are absent or more than 300 seconds old.
///
/// A token request spends a code or a refresh token. If the keys for the ID Token in its answer
/// were fetched afterwards, a failure there would lose the tokens. Sends at most one request. When
/// it fails, keys that are at most an hour past their age suffice.
#[derive(Debug)]
pub struct PrefetchKeys {
    configuration: Configuration,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    AwaitingKeys(AwaitedKeys),
    Finished,
}

impl PrefetchKeys {
    /// The keys for ID Tokens of the configuration's server. Sends nothing where they are not
    /// needed: for HMAC, and when their signatures are not checked.
    pub const fn new(configuration: Configuration) -> Self {
        Self {
            configuration,
            state: State::Ready,
        }
    }

    fn begin(&mut self, env: &Env<'_>) -> Result<Action<()>, Error> {
        if !needs_keys(&self.configuration) {
            return Ok(Action::Done(()));
        }
        // Which key the answer is signed with is not known yet.
        let lack_it = |_: &_| false;
        match keys_of(&self.configuration, env, Channel::Server, &lack_it)? {
            Keys::AtHand(_) => Ok(Action::Done(())),
            Keys::Awaited(awaited) => self.await_keys(awaited),
        }
    }

    fn await_keys(&mut self, awaited: AwaitedKeys) -> Result<Action<()>, Error> {
        let request = awaited.request()?;
        self.state = State::AwaitingKeys(awaited);
        Ok(Action::Send(request))
    }
}

impl Operation for PrefetchKeys {
    type Output = ();

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<()>, Error> {
        match (mem::replace(&mut self.state, State::Finished), event) {
            (State::Ready, Event::Begin) => self.begin(env),
            (State::AwaitingKeys(mut awaited), event) => {
                if awaited.is_sent_again(&event) {
                    return self.await_keys(awaited);
                }
                awaited.finish(env, event, &|_| true)?;
                Ok(Action::Done(()))
            }
            (State::Finished, _) => Err(Misuse::Finished.into()),
            (State::Ready, event) => Err(event.refused("Begin")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PrefetchKeys;
    use crate::cache::Cache;

    use crate::error::{Error, Misuse, NoAnswer, Unanswered};
    use crate::names::EndpointName;
    use crate::operation::{Action, Event, Operation};
    use crate::policy::Policy;
    use crate::testing::{NOW, SERVER_KEY, configuration, env, key_set, response};

    #[test]
    fn keys_are_fetched_when_they_are_absent_or_stale_and_not_before() {
        let cache = Cache::new();
        for (elapsed, fetches) in [(0, true), (1, false), (299, false), (300, true)] {
            let mut keys = PrefetchKeys::new(configuration());
            let action = keys.step(&mut env(NOW, elapsed, &cache), Event::Begin);
            match action.unwrap() {
                Action::Send(outbound) if fetches => {
                    assert_eq!(outbound.endpoint, EndpointName::Jwks);
                    assert!(outbound.flight.is_some());
                    let done = keys.step(&mut env(NOW, elapsed, &cache), keys_received());
                    assert!(matches!(done, Ok(Action::Done(()))));
                }
                Action::Done(()) if !fetches => {}
                action => panic!("{elapsed}: {action:?}"),
            }
            assert!(matches!(
                keys.step(&mut env(NOW, elapsed, &cache), Event::Begin),
                Err(Error::Misuse(Misuse::Finished))
            ));
        }
    }

    /// The driver stood still while the response was there.
    #[test]
    fn the_age_of_keys_counts_from_their_request() {
        for (elapsed, fetches) in [(299, false), (300, true)] {
            let cache = Cache::new();
            begun(&cache, 0)
                .step(&mut env(NOW, 200, &cache), keys_received())
                .unwrap();
            let mut keys = PrefetchKeys::new(configuration());
            let action = keys.step(&mut env(NOW, elapsed, &cache), Event::Begin);
            assert_eq!(matches!(action, Ok(Action::Send(_))), fetches, "{elapsed}");
            assert_eq!(
                matches!(action, Ok(Action::Done(()))),
                !fetches,
                "{elapsed}"
            );
        }
    }

    #[test]
    fn old_keys_are_used_for_an_hour_when_the_fetch_fails() {
        for (elapsed, done) in [(3899, true), (3900, false)] {
            let cache = Cache::new();
            begun(&cache, 0)
                .step(&mut env(NOW, 0, &cache), keys_received())
                .unwrap();
            let mut keys = begun(&cache, elapsed);
            match keys.step(&mut env(NOW, elapsed, &cache), unanswered()) {
                Ok(Action::Done(())) => assert!(done),
                Err(Error::Unanswered(_)) => assert!(!done),
                result => panic!("{result:?}"),
            }
        }
    }

    /// A GET may be sent again (RFC 9110 section 9.2.2). No other failure causes that.
    #[test]
    fn a_closed_connection_causes_one_more_request() {
        for (event, reason) in [
            (keys_received(), None),
            (closed(), Some(NoAnswer::ClosedUnanswered)),
            (unanswered(), Some(NoAnswer::Interrupted)),
        ] {
            let cache = Cache::new();
            let mut keys = begun(&cache, 0);
            let action = keys.step(&mut env(NOW, 0, &cache), closed());
            let Ok(Action::Send(outbound)) = action else {
                panic!("{action:?}");
            };
            assert_eq!(outbound.endpoint, EndpointName::Jwks);
            assert_eq!(outbound.request.method(), http::Method::GET);
            assert!(outbound.flight.is_some());
            match keys.step(&mut env(NOW, 0, &cache), event) {
                Ok(Action::Done(())) => assert_eq!(reason, None),
                Err(Error::Unanswered(unanswered)) => assert_eq!(Some(unanswered.reason), reason),
                result => panic!("{result:?}"),
            }
        }
        let cache = Cache::new();
        let result = begun(&cache, 0).step(&mut env(NOW, 0, &cache), unanswered());
        assert!(matches!(result, Err(Error::Unanswered(_))), "{result:?}");
    }

    #[test]
    fn a_caller_who_gives_up_is_not_answered_with_old_keys() {
        let cache = Cache::new();
        begun(&cache, 0)
            .step(&mut env(NOW, 0, &cache), keys_received())
            .unwrap();
        let mut keys = begun(&cache, 300);
        let result = keys.step(&mut env(NOW, 300, &cache), Event::Aborted);
        assert!(matches!(result, Err(Error::Aborted)));
        let mut keys = begun(&cache, 300);
        let result = keys.step(&mut env(NOW, 300, &cache), Event::Elapsed);
        let Err(Error::Misuse(misuse)) = result else {
            panic!();
        };
        assert_eq!(
            misuse,
            Misuse::UnexpectedEvent {
                expected: "Received or Unanswered",
                found: "Elapsed",
            }
        );
    }

    #[test]
    fn nothing_is_fetched_where_no_public_key_is_used() {
        let hmac = crate::testing::setup().client(|it| {
            it.client_secret = Some("0123456789abcdef0123456789abcdef".into());
            it.id_token_signed_response_alg = Some("HS256".into());
        });
        let mut policy = Policy::default();
        policy.danger.skip_id_token_signature_check = true;
        let unchecked = configuration().with_policy(policy);
        for configuration in [hmac.build(), unchecked] {
            let mut keys = PrefetchKeys::new(configuration);
            let action = keys.step(&mut env(NOW, 0, &Cache::new()), Event::Begin);
            assert!(matches!(action, Ok(Action::Done(()))));
        }
    }

    fn begun(cache: &Cache, elapsed: u64) -> PrefetchKeys {
        let mut keys = PrefetchKeys::new(configuration());
        let action = keys.step(&mut env(NOW, elapsed, cache), Event::Begin);
        assert!(matches!(action, Ok(Action::Send(_))));
        keys
    }

    fn keys_received() -> Event {
        Event::Received(response(200, key_set(&[&SERVER_KEY])))
    }

    fn unanswered() -> Event {
        without_answer(NoAnswer::Interrupted)
    }

    fn closed() -> Event {
        without_answer(NoAnswer::ClosedUnanswered)
    }

    fn without_answer(reason: NoAnswer) -> Event {
        Event::Unanswered(Unanswered {
            endpoint: EndpointName::Jwks,
            reason,
            source: None,
        })
    }
}
