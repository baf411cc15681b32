//! What many operations on one cache ask for in all, when their driver lets them share requests.

use std::time::Duration;

use oauth_core::error::{NoAnswer, Unanswered};
use oauth_core::names::EndpointName;
use oauth_core::operation::{Action, Event};
use oauth_core::outbound::{Attempt, Flight, Next, Outbound};
use oauth_core::run::Host as _;

use super::*;

/// Operations that need the keys at the same time, whether or not they are dropped.
const TOGETHER: Bounds = at_most(1, 0);
/// One login in each second of an hour, while the key set cannot be had: after 1, 2, 4, 8, 16 and
/// 32 seconds, then in each minute.
const DEAD_ENDPOINT_FOR_AN_HOUR: Bounds = at_most(6 + 60, 0);

/// The same, where old keys are still in use: in each minute.
const OLD_KEYS_FOR_AN_HOUR: Bounds = at_most(60, 0);

const OPERATIONS: usize = 100;

/// Steps an operation up to its request.
fn begun(world: &World, configuration: &Configuration) -> Option<(PrefetchKeys, Box<Outbound>)> {
    let mut operation = PrefetchKeys::new(configuration.clone());
    match operation.step(&mut world.env(), Event::Begin) {
        Ok(Action::Send(outbound)) => Some((operation, outbound)),
        _ => None,
    }
}

/// What a driver of many operations does first.
fn join(world: &World, outbound: &mut Outbound) -> (Flight, Option<Attempt>) {
    let flight = outbound.flight.take().unwrap();
    let elapsed = world.env().elapsed;
    let mut waiter = flight.waiter(elapsed, outbound.deadline, 0);
    let attempt = match flight.next(&mut waiter, elapsed) {
        Next::Send(attempt) => Some(attempt),
        _ => None,
    };
    (flight, attempt)
}

/// What the task of an attempt does.
fn exchange(world: &World, attempt: Attempt, outbound: Outbound) {
    let answer = match world.send(outbound) {
        Event::Received(response) => Ok(response),
        Event::Unanswered(unanswered) => Err(unanswered),
        event => panic!("{event:?}"),
    };
    let env = world.env();
    env.cache.land(attempt, env.now, env.elapsed, answer);
}

#[test]
fn operations_share_one_request() {
    for are_dropped in [false, true] {
        let (world, configuration) = world();
        let mut asked = at_most(0, 0);
        let mut waiting = Vec::new();
        let mut under_way = None;
        for _ in 0..OPERATIONS {
            let (operation, mut outbound) = begun(&world, &configuration).unwrap();
            let (_, attempt) = join(&world, &mut outbound);
            if let Some(attempt) = attempt {
                asked.requests += 1;
                under_way = Some((attempt, outbound));
            }
            if !are_dropped {
                waiting.push(operation);
            }
        }
        let (attempt, outbound) = under_way.unwrap();
        exchange(&world, attempt, *outbound);
        for mut operation in waiting {
            let end = operation.step(&mut world.env(), Event::Landed);
            assert!(matches!(end, Ok(Action::Done(()))));
        }
        // The answer is stored, even if no operation waited for it.
        assert!(begun(&world, &configuration).is_none());
        assert_eq!(asked, TOGETHER);
    }
}

#[test]
fn a_dead_endpoint_is_asked_rarely() {
    let (world, configuration) = world();
    world.unreachable.borrow_mut().push(EndpointName::Jwks);
    let mut asked = at_most(0, 0);
    for _ in 0..3600 {
        for _ in 0..3 {
            if let Some((mut operation, mut outbound)) = begun(&world, &configuration) {
                let (_flight, attempt) = join(&world, &mut outbound);
                exchange(&world, attempt.unwrap(), *outbound);
                asked.requests += 1;
                let end = operation.step(&mut world.env(), Event::Landed);
                assert!(matches!(end, Err(oauth_core::Error::Unanswered(_))));
            }
        }
        world.pass(1);
    }
    assert_within(asked, DEAD_ENDPOINT_FOR_AN_HOUR);
    assert!(asked.requests > 60, "{asked:?}");
}

/// The deadline of one client says nothing to those with more time, so each of them asks, but none
/// asks more often than alone.
#[test]
fn clients_with_other_deadlines_ask_no_more_often_than_alone() {
    for has_old_keys in [false, true] {
        let (world, configuration) = world();
        if has_old_keys {
            let (mut operation, outbound) = begun(&world, &configuration).unwrap();
            let answer = world.send(*outbound);
            operation.step(&mut world.env(), answer).unwrap();
            world.pass(300);
        }
        let clients = [1, 5, 30].map(|seconds| {
            let mut policy = configuration.policy().clone();
            policy.set_timeout(Duration::from_secs(seconds)).unwrap();
            (configuration.with_policy(policy), at_most(0, 0))
        });
        let mut clients = clients.to_vec();
        for _ in 0..3600 {
            for (configuration, asked) in &mut clients {
                let Some((mut operation, mut outbound)) = begun(&world, configuration) else {
                    continue;
                };
                let (_flight, attempt) = join(&world, &mut outbound);
                asked.requests += 1;
                let reason = NoAnswer::TimedOut {
                    deadline: outbound.deadline,
                };
                let timed_out = Unanswered {
                    endpoint: EndpointName::Jwks,
                    reason,
                    source: None,
                };
                let env = world.env();
                let (attempt, elapsed) = (attempt.unwrap(), env.elapsed);
                env.cache.land(attempt, env.now, elapsed, Err(timed_out));
                let end = operation.step(&mut world.env(), Event::Landed);
                assert_eq!(end.is_ok(), has_old_keys, "{end:?}");
            }
            world.pass(1);
        }
        let most = match has_old_keys {
            false => DEAD_ENDPOINT_FOR_AN_HOUR,
            true => OLD_KEYS_FOR_AN_HOUR,
        };
        for (_, asked) in clients {
            assert_within(asked, most);
            assert!(asked.requests > 50, "{asked:?}");
        }
    }
}
