//! Runs an operation to its end, with right and wrong answers.

use bytes::Bytes;
use oauth_core::Error;
use oauth_core::error::{KeyFault, Misuse, NoAnswer, Unanswered};
use oauth_core::key::KeyResult;
use oauth_core::names::{EndpointName, KeyName};
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::run::Host;
use proptest::prelude::*;

use crate::world::World;

/// The maximum number of requests and key uses of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) requests: usize,
    pub(crate) key_uses: usize,
}

pub(crate) const fn at_most(requests: usize, key_uses: usize) -> Bounds {
    Bounds { requests, key_uses }
}

/// An answer to an action.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// The right answer to the action.
    Right,
    Event(Kind),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Begin,
    Received(u16, &'static str),
    Unanswered,
    Closed,
    Landed,
    KeyUsed,
    KeyUnavailable,
    Elapsed,
    Aborted,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Begin,
        Self::Received(200, "{}"),
        Self::Received(
            200,
            r#"{"access_token":"a","token_type":"Bearer","keys":[]}"#,
        ),
        Self::Received(400, r#"{"error":"use_dpop_nonce"}"#),
        Self::Unanswered,
        Self::Closed,
        Self::Landed,
        Self::KeyUsed,
        Self::KeyUnavailable,
        Self::Elapsed,
        Self::Aborted,
    ];

    fn event(self) -> Event {
        match self {
            Self::Begin => Event::Begin,
            Self::Received(status, body) => {
                let response = http::Response::builder().status(status);
                Event::Received(response.body(Bytes::from_static(body.as_bytes())).unwrap())
            }
            Self::Unanswered => unanswered(NoAnswer::Interrupted),
            Self::Closed => unanswered(NoAnswer::ClosedUnanswered),
            Self::Landed => Event::Landed,
            Self::KeyUsed => Event::KeyUsed(KeyResult::Signature(vec![1; 64])),
            Self::KeyUnavailable => Event::KeyUnavailable(KeyFault {
                key: KeyName::new("client key"),
                source: None,
            }),
            Self::Elapsed => Event::Elapsed,
            Self::Aborted => Event::Aborted,
        }
    }
}

const fn unanswered(reason: NoAnswer) -> Event {
    Event::Unanswered(Unanswered {
        endpoint: EndpointName::Token,
        reason,
        source: None,
    })
}

/// Generates a list of answers. Most are right, so that an operation also reaches its late states.
pub(crate) fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let any = prop::sample::select(Kind::ALL.to_vec()).prop_map(Answer::Event);
    prop::collection::vec(prop_oneof![4 => Just(Answer::Right), 1 => any], 0..8)
}

/// Drives an operation to its end with these answers, followed by right ones, and returns what it
/// has used.
pub(crate) fn drive(world: &World, operation: impl Operation, answers: &[Answer]) -> Bounds {
    carry_out(world, operation, answers, false)
}

/// The same, where every request for the key set meets a closed connection, and is answered when it
/// is sent again.
pub(crate) fn worst(world: &World, operation: impl Operation, answers: &[Answer]) -> Bounds {
    carry_out(world, operation, answers, true)
}

fn carry_out(
    world: &World,
    mut operation: impl Operation,
    answers: &[Answer],
    reconnects: bool,
) -> Bounds {
    let mut was_closed = false;
    let mut answers = answers.iter().copied();
    let mut asked = at_most(0, 0);
    let mut event = Event::Begin;
    for _ in 0..20 {
        let answer = answers.next().unwrap_or(Answer::Right);
        event = match operation.step(&mut world.env(), event) {
            Ok(Action::Send(outbound)) => {
                asked.requests += 1;
                let is_for_keys = outbound.endpoint == EndpointName::Jwks;
                was_closed = reconnects && is_for_keys && !was_closed;
                match answer {
                    _ if was_closed => Kind::Closed.event(),
                    Answer::Right => world.send(*outbound),
                    Answer::Event(kind) => kind.event(),
                }
            }
            Ok(Action::UseKey(job)) => {
                asked.key_uses += 1;
                match answer {
                    Answer::Right => world.use_key(job),
                    Answer::Event(kind) => kind.event(),
                }
            }
            Ok(Action::Wait(duration)) => world.wait(duration),
            Ok(Action::Done(_)) | Err(_) => {
                for kind in Kind::ALL {
                    let after = operation.step(&mut world.env(), kind.event());
                    assert!(
                        matches!(after, Err(Error::Misuse(Misuse::Finished))),
                        "a step after the end was taken"
                    );
                }
                return asked;
            }
        };
    }
    panic!("no end after 20 steps");
}

pub(crate) fn assert_within(asked: Bounds, bounds: Bounds) {
    assert!(
        asked.requests <= bounds.requests && asked.key_uses <= bounds.key_uses,
        "asked for {asked:?}, allowed {bounds:?}"
    );
}
