//! Flights under arbitrary sequences of steps of waiters, servers and runtimes.

use std::collections::BTreeSet;
use std::time::Duration;

use http::Response;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{EMPTY, URL, reader, unanswered};
use crate::cache::{Cache, CachedKeys, Channel};
use crate::error::NoAnswer;
use crate::outbound::{Attempt, Flight, Next, Waiter};
use crate::time::UnixTime;

#[derive(Debug, Clone)]
enum Step {
    /// An operation needs keys, with this deadline in milliseconds, on one of three runtimes.
    Need(u64, u64),
    /// A JWT that came this way is signed with a key that is not in the cache.
    Lack(usize, u64, u64),
    /// An operation is dropped.
    Abandon(usize),
    /// An attempt ends like this.
    Report(usize, Outcome),
    Pass(u64),
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Keys,
    Unreadable,
    NotConnected,
    TimedOut,
    /// Its task is dropped.
    Lost,
}

fn step() -> impl Strategy<Value = Step> {
    let deadline = || prop_oneof![100_u64..1000, 1000_u64..40_000];
    let outcome = prop::sample::select(vec![
        Outcome::Keys,
        Outcome::Keys,
        Outcome::Unreadable,
        Outcome::NotConnected,
        Outcome::TimedOut,
        Outcome::Lost,
    ]);
    prop_oneof![
        6 => (deadline(), 0_u64..3).prop_map(|(deadline, runtime)| Step::Need(deadline, runtime)),
        4 => (0_usize..3, deadline(), 0_u64..3)
            .prop_map(|(channel, deadline, runtime)| Step::Lack(channel, deadline, runtime)),
        3 => any::<usize>().prop_map(Step::Abandon),
        4 => (any::<usize>(), outcome).prop_map(|(attempt, outcome)| Step::Report(attempt, outcome)),
        6 => prop_oneof![0_u64..200, 0_u64..5000, 0_u64..400_000].prop_map(Step::Pass),
    ]
}

struct Waiting {
    flight: Flight,
    waiter: Waiter,
    since: Duration,
    deadline: Duration,
    runtime: u64,
    has_sent: bool,
}

struct Sent {
    attempt: Attempt,
    runtime: u64,
    begun: Duration,
    until: Duration,
}

#[derive(Default)]
struct World {
    cache: Cache,
    elapsed: Duration,
    waiting: Vec<Waiting>,
    /// An attempt that no runtime drives any more stays here for ever.
    sent: Vec<Sent>,
    /// When the last flight for a missing key began, by channel, and its number.
    refetched: [Option<(Duration, u64)>; 3],
    /// The flights that got a response.
    answered: BTreeSet<u64>,
    /// When attempts have failed, and the patience of those for whom it counts.
    failures: Vec<(Duration, Duration)>,
    /// The newest flight that brought keys, and when its attempt began.
    newest: u64,
    newest_at: Option<Duration>,
}

const CHANNELS: [Channel; 3] = [Channel::Server, Channel::Browser, Channel::Stranger];

impl World {
    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Need(deadline, runtime) => self.need(deadline, runtime)?,
            Step::Lack(channel, deadline, runtime) => self.lack(channel, deadline, runtime)?,
            Step::Abandon(waiter) => {
                if !self.waiting.is_empty() {
                    let waiter = waiter % self.waiting.len();
                    self.waiting.remove(waiter);
                }
            }
            Step::Report(attempt, outcome) => {
                if !self.sent.is_empty() {
                    let attempt = self.sent.remove(attempt % self.sent.len());
                    self.report(attempt, outcome)?;
                }
            }
            Step::Pass(milliseconds) => self.elapsed += Duration::from_millis(milliseconds),
        }
        self.drive()
    }

    fn need(&mut self, deadline: u64, runtime: u64) -> Result<(), TestCaseError> {
        let patience = Duration::from_millis(deadline);
        let has_failed = self.has_failed(patience);
        match self.cache.key_set(URL, patience, self.elapsed) {
            CachedKeys::Fresh(_) => {
                let age = self.newest_at.map(|at| self.elapsed - at);
                let is_young = age.is_some_and(|age| age < Duration::from_secs(300));
                prop_assert!(is_young || has_failed, "old keys without a reason");
            }
            CachedKeys::Failed(_) => prop_assert!(has_failed, "no attempt has failed"),
            CachedKeys::Stale(_) | CachedKeys::Absent => {
                let flight = self.cache.begin_flight(URL, self.elapsed, reader);
                self.wait(flight, deadline, runtime);
            }
        }
        Ok(())
    }

    /// Whether an attempt that had at least this time has failed in the last minute.
    fn has_failed(&self, patience: Duration) -> bool {
        let minute = Duration::from_secs(60);
        self.failures
            .iter()
            .any(|(at, deadline)| *deadline >= patience && self.elapsed - *at < minute)
    }

    fn lack(&mut self, channel: usize, deadline: u64, runtime: u64) -> Result<(), TestCaseError> {
        let begun = self.refetched[channel];
        let patience = Duration::from_millis(deadline);
        let has_failed = self.has_failed(patience);
        let flight =
            self.cache
                .begin_refetch(URL, CHANNELS[channel], patience, self.elapsed, reader);
        // In responses of the server, a flight that was lost does not count.
        let counts = |number| channel != 0 || self.answered.contains(&number);
        let minute = Duration::from_secs(60);
        let cools_down = begun.is_some_and(|(begun, _)| self.elapsed - begun < minute);
        let is_due = begun.is_none_or(|(_, number)| !counts(number)) || !cools_down;
        match flight {
            Some(flight) => {
                let joins = self.waiting.iter().any(|waiting| waiting.flight == flight)
                    || self
                        .sent
                        .iter()
                        .any(|sent| sent.attempt.flight() == &flight);
                prop_assert!(
                    joins || is_due || !self.failures.is_empty(),
                    "two flights of one channel in a minute"
                );
                if !joins {
                    self.refetched[channel] = Some((self.elapsed, flight.number()));
                }
                self.wait(flight, deadline, runtime);
            }
            // The other channels have no influence.
            None => prop_assert!(cools_down || has_failed, "refused without a reason"),
        }
        Ok(())
    }

    fn wait(&mut self, flight: Flight, deadline: u64, runtime: u64) {
        let deadline = Duration::from_millis(deadline);
        self.waiting.push(Waiting {
            waiter: flight.waiter(self.elapsed, deadline, runtime),
            runtime,
            flight,
            since: self.elapsed,
            deadline,
            has_sent: false,
        });
    }

    fn report(&mut self, sent: Sent, outcome: Outcome) -> Result<(), TestCaseError> {
        let (now, elapsed) = (UnixTime::from_seconds(0), self.elapsed);
        let (flight, begun) = (sent.attempt.flight().clone(), sent.begun);
        let had_answer = matches!(flight.outcome(), Some(Ok(_)));
        match outcome {
            Outcome::Keys | Outcome::Unreadable => {
                let body = if matches!(outcome, Outcome::Keys) {
                    EMPTY
                } else {
                    ""
                };
                if body.is_empty() {
                    self.failures.push((elapsed, Duration::MAX));
                }
                let response = Ok(Response::new(body.into()));
                self.cache.land(sent.attempt, now, elapsed, response);
                self.answered.insert(flight.number());
                prop_assert!(flight.outcome().is_some());
                if let Some(Ok(_)) = flight.outcome()
                    && !had_answer
                    && flight.number() > self.newest
                {
                    self.newest = flight.number();
                    self.newest_at = Some(begun);
                    // Kept, whether or not an operation waits for it.
                    let keys = self.cache.key_set(URL, Duration::ZERO, elapsed);
                    let is_young = elapsed - begun < Duration::from_secs(300);
                    prop_assert!(
                        !is_young || matches!(keys, CachedKeys::Fresh(_)),
                        "an answer was lost"
                    );
                }
            }
            Outcome::NotConnected => {
                self.failures.push((elapsed, Duration::MAX));
                let reason = NoAnswer::NotConnected {
                    host: "op.example".to_owned(),
                };
                self.cache
                    .land(sent.attempt, now, elapsed, Err(unanswered(reason)));
            }
            Outcome::TimedOut => {
                let deadline = sent.attempt.deadline();
                self.failures.push((elapsed, deadline));
                let reason = NoAnswer::TimedOut { deadline };
                self.cache
                    .land(sent.attempt, now, elapsed, Err(unanswered(reason)));
            }
            Outcome::Lost => drop(sent.attempt),
        }
        Ok(())
    }

    /// What drivers do at this time.
    fn drive(&mut self) -> Result<(), TestCaseError> {
        let mut index = 0;
        while index < self.waiting.len() {
            let elapsed = self.elapsed;
            let waiting = &mut self.waiting[index];
            let flight = waiting.flight.clone();
            match flight.next(&mut waiting.waiter, elapsed) {
                Next::Send(attempt) => {
                    prop_assert!(!waiting.has_sent, "one waiter sends twice");
                    waiting.has_sent = true;
                    let patience = Duration::from_secs(2).min(waiting.deadline / 2);
                    let others = self
                        .sent
                        .iter()
                        .filter(|sent| sent.attempt.flight() == &flight && sent.until > elapsed);
                    for other in others {
                        prop_assert!(elapsed - other.begun >= patience, "two attempts at once");
                        prop_assert!(other.runtime != waiting.runtime, "two of one runtime");
                    }
                    prop_assert!(attempt.deadline() <= waiting.deadline);
                    let until = elapsed + attempt.deadline() + Duration::from_secs(1);
                    self.sent.push(Sent {
                        attempt,
                        runtime: waiting.runtime,
                        begun: elapsed,
                        until,
                    });
                }
                Next::Wait(at_most) => {
                    prop_assert!(!at_most.is_zero(), "a driver that turns in a circle");
                    // For the report of an attempt that the same runtime drives.
                    let reports = self.sent.iter().any(|sent| {
                        sent.runtime == waiting.runtime && sent.attempt.flight() == &flight
                    });
                    let grace = Duration::from_secs(u64::from(reports));
                    let end = waiting.since + waiting.deadline + grace;
                    prop_assert!(elapsed + at_most <= end, "longer than its own deadline");
                    index += 1;
                }
                Next::Over => {
                    prop_assert!(flight.outcome().is_some(), "over without a result");
                    self.waiting.remove(index);
                }
                Next::Expired => {
                    let end = waiting.since + waiting.deadline;
                    prop_assert!(elapsed >= end, "given up too early");
                    self.waiting.remove(index);
                }
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_waiter_waits_for_ever_and_no_answer_is_lost(steps in vec(step(), 1..150)) {
        let mut world = World::default();
        for step in steps {
            world.take(step)?;
        }
        // No attempt is reported any more: no runtime drives them.
        for _ in 0..45 {
            world.take(Step::Pass(1000))?;
        }
        prop_assert!(world.waiting.is_empty(), "{} wait for ever", world.waiting.len());
    }
}
