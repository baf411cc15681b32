//! Introspection responses that are used again for a while.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jose::HashAlgorithm;

use crate::endpoint::IntrospectionResponse;
use crate::secret::Secret;
use crate::time::UnixTime;

/// The SHA-256 hash of a token.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key(Vec<u8>);

impl Key {
    pub(super) fn of(token: &Secret) -> Self {
        Self(HashAlgorithm::Sha256.digest(token.expose().as_bytes()))
    }
}

/// Responses by the hashes of their tokens. A full cache drops the oldest response.
pub(super) struct AnswerCache {
    max_age: Duration,
    capacity: usize,
    answers: HashMap<Key, Answer>,
    /// The keys in the order in which their responses came, each with the number of its response.
    /// A key whose response was replaced occurs more than once.
    order: VecDeque<(Key, u64)>,
    last_number: u64,
}

struct Answer {
    response: Arc<IntrospectionResponse>,
    number: u64,
    /// When it came, by the wall clock and by the monotonic clock.
    came: (UnixTime, Duration),
}

impl AnswerCache {
    pub(super) fn new(max_age: Duration, capacity: usize) -> Self {
        Self {
            max_age,
            capacity,
            answers: HashMap::new(),
            order: VecDeque::new(),
            last_number: 0,
        }
    }

    /// The response, unless it is too old by one of the clocks or the token has expired. The wall
    /// clock may be set back, and the monotonic clock may stand still while a machine sleeps.
    pub(super) fn find(
        &self,
        key: &Key,
        now: UnixTime,
        elapsed: Duration,
    ) -> Option<Arc<IntrospectionResponse>> {
        let answer = self.answers.get(key)?;
        let (at, at_elapsed) = answer.came;
        let age = elapsed.checked_sub(at_elapsed)?;
        let wall_age = now.seconds().checked_sub(at.seconds())?;
        let wall_age = Duration::from_secs(u64::try_from(wall_age).ok()?);
        let is_young = age < self.max_age && wall_age < self.max_age;
        let is_alive = answer.response.exp().is_none_or(|exp| now < exp);
        (is_young && is_alive).then(|| Arc::clone(&answer.response))
    }

    pub(super) fn insert(
        &mut self,
        key: Key,
        response: IntrospectionResponse,
        now: UnixTime,
        elapsed: Duration,
    ) {
        self.last_number = self.last_number.saturating_add(1);
        let number = self.last_number;
        self.order.push_back((key.clone(), number));
        self.answers.insert(
            key,
            Answer {
                response: Arc::new(response),
                number,
                came: (now, elapsed),
            },
        );
        // Each response has a place in the order, so this also bounds the number of responses.
        while self.order.len() > self.capacity
            && let Some((oldest, number)) = self.order.pop_front()
        {
            if self
                .answers
                .get(&oldest)
                .is_some_and(|it| it.number == number)
            {
                self.answers.remove(&oldest);
            }
        }
    }
}
