//! A request that several operations wait for, and which of them sends it.

mod attempt;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jose::JwkSet;

pub use self::attempt::Attempt;
use crate::error::Error;
use crate::names::EndpointName;
use crate::time::UnixTime;

/// A document that was fetched, or why it was not.
pub(crate) type Fetched<T = JwkSet> = Result<Arc<T>, Error>;

/// Reads the response.
pub(crate) type Read<T = JwkSet> =
    dyn Fn(UnixTime, Response<Bytes>) -> Result<T, Error> + Send + Sync;

/// The fetching of one document, which all operations that need it share. The document is a key set
/// unless `T` says otherwise.
///
/// A driver that runs one operation at a time sends the request and answers with the response. A
/// driver of many operations makes a [`waiter`](Self::waiter) for each of them, and asks
/// [`next`](Self::next) what it does:
///
/// ```text
///      ┌──────────────────────────────────────────────┐
///      ▼                                              │
///    next ──▶ Send ──▶ in a task: exchange, Cache::land ── wakes all waiters
///      ▲ ├──▶ Wait ── until it is woken, or the time is over ──┐
///      └─┼─────────────────────────────────────────────────────┘
///        ├──▶ Over ─────▶ Event::Landed
///        └──▶ Expired ──▶ Event::Unanswered, with NoAnswer::StillUnderWay
/// ```
///
/// The task keeps the flight alive. So dropping an operation does not end the flight: the next one
/// that needs the document joins the flight, and the response is stored even if no operation waits
/// for it.
///
/// No waiter depends on a task that may never continue. When a runtime sends the request and no
/// response comes, a waiter of another runtime sends the request again: after two seconds, or after
/// half of its deadline if that is shorter. When the deadline of an attempt has passed, a waiter
/// that has more time sends the request again. When an attempt finds that its connection was
/// closed, the request is sent once more without a pause. When the newest attempt finds that the
/// server cannot be reached, the flight ends for every waiter whose runtime has no attempt under
/// way.
pub struct Flight<T = JwkSet>(Arc<Shared<T>>);

struct Shared<T> {
    number: u64,
    endpoint: EndpointName,
    url: String,
    read: Box<Read<T>>,
    /// The first response, read by the first that has it.
    answer: OnceLock<Fetched<T>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// In the order in which they began.
    attempts: Vec<UnderWay>,
    begun: u64,
    /// Whether an attempt has found its connection closed.
    was_closed: bool,
    /// Why the newest attempt got no response. Older ones may still be under way.
    failure: Option<Failure>,
    /// The failure before the newest attempt, for a waiter that asks for it after that has begun.
    earlier_error: Option<Error>,
    /// The greatest patience of the callers for which a failure has counted.
    failed_for: Option<Duration>,
}

struct UnderWay {
    number: u64,
    runtime: u64,
    begun: Duration,
    /// When its deadline passes. An attempt that is not reported soon after that is lost.
    until: Duration,
}

struct Failure {
    error: Error,
    /// Whether it concerns the attempt and not the server, so that another attempt may succeed: the
    /// deadline of the attempt has passed, or its task has ended.
    is_of_the_attempt: bool,
    /// Whether the connection was closed, for the first time in this flight. The waiter that has
    /// sent the request may send it again.
    is_closed: bool,
}

/// What a waiter does next.
#[derive(Debug)]
#[must_use]
pub enum Next<T = JwkSet> {
    /// Send the request in a task, and report the result to
    /// [`Cache::land`](crate::cache::Cache::land) for a key set, and to
    /// [`MetadataSource::land`](crate::source::MetadataSource::land) for server metadata.
    Send(Attempt<T>),
    /// Wait until an attempt is reported, at most for this time.
    Wait(Duration),
    /// The flight has ended: answer with [`Event::Landed`](crate::operation::Event::Landed).
    Over,
    /// The deadline of the waiter has passed.
    Expired,
}

/// One operation that waits for the document.
#[derive(Debug)]
pub struct Waiter {
    since: Duration,
    deadline: Duration,
    runtime: u64,
    has_sent: bool,
}

impl Waiter {
    const fn end(&self) -> Duration {
        self.since.saturating_add(self.deadline)
    }

    /// How long it waits for an attempt of another runtime before it begins another one.
    fn patience(&self) -> Duration {
        let half = self.deadline.checked_div(2);
        half.unwrap_or(PATIENCE).min(PATIENCE)
    }
}

impl<T> Flight<T> {
    pub(crate) fn new(number: u64, endpoint: EndpointName, url: &str, read: Box<Read<T>>) -> Self {
        Self(Arc::new(Shared {
            number,
            endpoint,
            url: url.to_owned(),
            read,
            answer: OnceLock::new(),
            state: Mutex::default(),
        }))
    }

    /// A waiter that begins to wait now. `elapsed` is that of [`Env`](crate::env::Env), and
    /// `deadline` is that of the request. `runtime` is the number of the runtime that drives the
    /// waiter and would drive its attempt.
    pub const fn waiter(&self, elapsed: Duration, deadline: Duration, runtime: u64) -> Waiter {
        Waiter {
            since: elapsed,
            deadline,
            runtime,
            has_sent: false,
        }
    }

    /// What this waiter does next. `elapsed` is that of [`Env`](crate::env::Env).
    pub fn next(&self, waiter: &mut Waiter, elapsed: Duration) -> Next<T> {
        if self.0.answer.get().is_some() {
            return Next::Over;
        }
        let mut state = self.state();
        let is_lost = |attempt: &UnderWay| attempt.until.saturating_add(GRACE) <= elapsed;
        state.attempts.retain(|attempt| !is_lost(attempt));
        let newest = state.attempts.last();
        let attempts = state.attempts.iter();
        let own = attempts.filter(|attempt| attempt.runtime == waiter.runtime);
        let own = own.map(|attempt| attempt.until).min();
        // Attempts that are older than the failed one stand still, unless this runtime drives them.
        if own.is_none() && state.has_failed_for_good() {
            return Next::Over;
        }
        let has_failed = newest.is_none() && state.failure.is_some();
        let ends_in_time = own.is_some_and(|until| until <= waiter.end());
        let due = match newest {
            None => elapsed,
            Some(_) if own.is_some() => Duration::MAX,
            Some(newest) => newest.begun.saturating_add(waiter.patience()),
        };
        let changes = newest.map_or(Duration::MAX, |newest| {
            newest.until.saturating_add(GRACE).min(due)
        });
        let left = waiter.end().saturating_sub(elapsed);
        let has_time = left.saturating_mul(4) >= waiter.deadline && !left.is_zero();
        let may_send = !waiter.has_sent || state.is_closed();
        if may_send && due <= elapsed && has_time {
            waiter.has_sent = true;
            if state.begun == 0 {
                // Its deadline and that of the attempt are the same.
                waiter.since = elapsed;
            }
            return Next::Send(self.begin(&mut state, elapsed, waiter));
        }
        if has_failed {
            return Next::Over;
        }
        // The report of the attempt comes soon, and says more than the end of the waiter's own
        // deadline.
        let grace = if ends_in_time { GRACE } else { Duration::ZERO };
        let left = waiter.end().saturating_add(grace).saturating_sub(elapsed);
        if left.is_zero() {
            return Next::Expired;
        }
        match changes.saturating_sub(elapsed) {
            // It has sent, or has too little time to send.
            Duration::ZERO => Next::Wait(left),
            changes => Next::Wait(left.min(changes)),
        }
    }

    fn begin(&self, state: &mut State, elapsed: Duration, waiter: &Waiter) -> Attempt<T> {
        state.begun = state.begun.saturating_add(1);
        let failed = state.failure.take().map(|failure| failure.error);
        state.earlier_error = failed.or(state.earlier_error.take());
        state.attempts.push(UnderWay {
            number: state.begun,
            runtime: waiter.runtime,
            begun: elapsed,
            until: elapsed.saturating_add(waiter.deadline),
        });
        Attempt {
            flight: self.clone(),
            number: state.begun,
            begun: elapsed,
            deadline: waiter.deadline,
        }
    }

    /// The result of the flight, if it has ended for a waiter.
    pub(crate) fn outcome(&self) -> Option<Fetched<T>> {
        if let Some(answer) = self.0.answer.get() {
            return Some(answer.clone());
        }
        let state = self.state();
        let error = state.failure.as_ref().map(|failure| &failure.error);
        error.or(state.earlier_error.as_ref()).cloned().map(Err)
    }

    /// A response has come. It is read once, even if several operations report one.
    pub(crate) fn answered(&self, now: UnixTime, response: Response<Bytes>) -> Fetched<T> {
        let read = || (self.0.read)(now, response).map(Arc::new);
        self.0.answer.get_or_init(read).clone()
    }

    /// Records a failure that counts for callers with at most this patience, and returns whether it
    /// is the first one for some of them.
    pub(crate) fn fails_more(&self, patience: Duration) -> bool {
        let mut state = self.state();
        let is_news = state.failed_for < Some(patience);
        state.failed_for = state.failed_for.max(Some(patience));
        is_news
    }

    /// The number of this flight in its cache. Later flights have greater numbers.
    pub(crate) fn number(&self) -> u64 {
        self.0.number
    }

    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    pub(crate) fn downgrade(&self) -> WeakFlight<T> {
        WeakFlight(Arc::downgrade(&self.0))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_failed_for_good(&self) -> bool {
        matches!(&self.failure, Some(failure) if !failure.is_of_the_attempt)
    }

    fn is_closed(&self) -> bool {
        matches!(&self.failure, Some(failure) if failure.is_closed)
    }

    /// Removes an attempt, and returns whether it was under way.
    fn take(&mut self, number: u64) -> bool {
        let before = self.attempts.len();
        self.attempts.retain(|attempt| attempt.number != number);
        self.attempts.len() < before
    }
}

impl<T> Clone for Flight<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> PartialEq for Flight<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Eq for Flight<T> {}

impl<T> fmt::Debug for Flight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flight({})", self.0.number)
    }
}

/// A flight, as long as an operation or an attempt holds it.
pub(crate) struct WeakFlight<T = JwkSet>(Weak<Shared<T>>);

impl<T> WeakFlight<T> {
    pub(crate) fn upgrade(&self) -> Option<Flight<T>> {
        self.0.upgrade().map(Flight)
    }

    /// Whether there is no flight, as opposed to one that nothing holds any more.
    pub(crate) fn is_none(&self) -> bool {
        self.0.ptr_eq(&Weak::new())
    }

    pub(crate) fn is(&self, flight: &Flight<T>) -> bool {
        std::ptr::eq(self.0.as_ptr(), Arc::as_ptr(&flight.0))
    }
}

impl<T> Default for WeakFlight<T> {
    fn default() -> Self {
        Self(Weak::new())
    }
}

impl<T> fmt::Debug for WeakFlight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.upgrade().fmt(f)
    }
}

/// How long a waiter waits for the attempt of another at most before it begins its own.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much longer a report is awaited than the attempt may take.
const GRACE: Duration = Duration::from_secs(1);
