//! The bounds of token sources in each lifetime of a token, for any number of callers.

use std::cell::RefCell;
use std::rc::Rc;

use oauth_core::Error;
use oauth_core::env::Env;
use oauth_core::flow::ClientCredentialsGrant;
use oauth_core::operation::{Action, Event};
use oauth_core::run::Host as _;
use oauth_core::source::{Attempt, Renewal, SourceSettings, TokenSource};

use super::*;

/// The bounds for each lifetime of a token, and for each step of the back-off. A refresh fetches
/// old keys first, and fetches them again for an unknown key. Both may meet a closed connection.
const REFRESHED_LIFETIME: Bounds = at_most(5, 1);
/// The requests for keys meet a closed connection.
const RECONNECTING: [Answer; 5] = [
    Answer::Event(Kind::Closed),
    Answer::Right,
    // The assertion and the refresh token.
    Answer::Right,
    Answer::Right,
    Answer::Event(Kind::Closed),
];
/// Client credentials need no keys of the server.
const CREDENTIALS_LIFETIME: Bounds = at_most(1, 1);
const NOTHING: Bounds = at_most(0, 0);

const CALLERS: usize = 10;

/// An operation whose result is kept.
struct Kept<O> {
    operation: O,
    result: Rc<RefCell<Option<Result<TokenSet, Error>>>>,
}

impl<O: Operation<Output = TokenSet>> Operation for Kept<O> {
    type Output = TokenSet;

    fn step(&mut self, env: &mut Env<'_>, event: Event) -> Result<Action<TokenSet>, Error> {
        let action = self.operation.step(env, event);
        let mut result = self.result.borrow_mut();
        match &action {
            Ok(Action::Done(tokens)) => *result = Some(Ok(tokens.clone())),
            // Only the first error is the result. Every step after the end returns another error.
            Err(error) if result.is_none() => *result = Some(Err(error.clone())),
            _ => {}
        }
        action
    }
}

/// Makes all callers ask for a token, and drives each attempt to its end.
fn all_ask(
    world: &World,
    source: &mut TokenSource,
    grant: impl Fn(&Attempt) -> KeptGrant,
    answers: &[Answer],
) -> Bounds {
    let mut asked = NOTHING;
    for _ in 0..CALLERS {
        let attempts: Vec<Attempt> = (0..CALLERS)
            .filter_map(|_| source.ask(&world.env()).attempt)
            .collect();
        assert!(attempts.len() <= 1, "{} attempts at once", attempts.len());
        for attempt in attempts {
            let result = Rc::default();
            let spent = match grant(&attempt) {
                KeptGrant::Refresh(operation) => {
                    let result = Rc::clone(&result);
                    drive(
                        world,
                        Kept {
                            operation: *operation,
                            result,
                        },
                        answers,
                    )
                }
                KeptGrant::Credentials(operation) => {
                    let result = Rc::clone(&result);
                    drive(
                        world,
                        Kept {
                            operation: *operation,
                            result,
                        },
                        answers,
                    )
                }
            };
            asked.requests += spent.requests;
            asked.key_uses += spent.key_uses;
            let result = result.take().expect("a grant that ended");
            drop(source.answered(&world.env(), attempt, result));
        }
    }
    asked
}

enum KeptGrant {
    Refresh(Box<RefreshTokenGrant>),
    Credentials(Box<ClientCredentialsGrant>),
}

fn refreshing(
    (world, configuration, tokens): &Session,
) -> (TokenSource, impl Fn(&Attempt) -> KeptGrant) {
    let (renewal, settings) = (Renewal::RefreshToken, SourceSettings::default());
    let source = TokenSource::with_tokens(renewal, settings, tokens.clone(), &world.env());
    let configuration = configuration.clone();
    (source, move |attempt: &Attempt| {
        let grant = attempt.refresh_token_grant(&configuration);
        KeptGrant::Refresh(Box::new(grant.expect("a source of a login")))
    })
}

fn of_credentials(
    (_, configuration, _): &Session,
) -> (TokenSource, impl Fn(&Attempt) -> KeptGrant) {
    let source = TokenSource::new(Renewal::Credentials, SourceSettings::default());
    let configuration = configuration.clone();
    (source, move |_: &Attempt| {
        let grant = ClientCredentialsGrant::new(configuration.clone());
        KeptGrant::Credentials(Box::new(grant))
    })
}

#[test]
fn a_token_is_refreshed_once_in_its_lifetime() {
    let session = after_a_login();
    let world = &session.0;
    let (mut source, grant) = refreshing(&session);
    assert_eq!(all_ask(world, &mut source, &grant, &[]), NOTHING);
    for _ in 0..10 {
        world.pass(3600);
        world.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
        let asked = all_ask(world, &mut source, &grant, &RECONNECTING);
        assert_eq!(asked, REFRESHED_LIFETIME);
        // The last attempt has failed. The next step of the back-off returns a token.
        world.provider.behave();
        world.pass(301);
        let asked = all_ask(world, &mut source, &grant, &[]);
        assert_within(asked, REFRESHED_LIFETIME);
        assert_eq!(all_ask(world, &mut source, &grant, &[]), NOTHING);
    }
}

#[test]
fn credentials_are_used_once_in_the_lifetime_of_a_token() {
    let session = after_a_login();
    let world = &session.0;
    let (mut source, grant) = of_credentials(&session);
    for _ in 0..10 {
        let asked = all_ask(world, &mut source, &grant, &[]);
        assert_eq!(asked, CREDENTIALS_LIFETIME);
        assert_eq!(all_ask(world, &mut source, &grant, &[]), NOTHING);
        world.pass(3600);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// For arbitrary answers, callers that ask again cause no second attempt before the end of the
    /// back-off.
    #[test]
    fn one_attempt_in_each_step_of_the_back_off(answers in answers(), refreshes: bool) {
        let session = after_a_login();
        let world = &session.0;
        world.pass(3600);
        let (asked, again, bounds) = if refreshes {
            let (mut source, grant) = refreshing(&session);
            let asked = all_ask(world, &mut source, &grant, &answers);
            (asked, all_ask(world, &mut source, &grant, &answers), REFRESHED_LIFETIME)
        } else {
            let (mut source, grant) = of_credentials(&session);
            let asked = all_ask(world, &mut source, &grant, &answers);
            (asked, all_ask(world, &mut source, &grant, &answers), CREDENTIALS_LIFETIME)
        };
        assert_within(asked, bounds);
        prop_assert_eq!(again, NOTHING);
    }
}
