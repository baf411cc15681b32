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

/// A moment by the wall clock and by the monotonic clock.
#[derive(Debug, Clone, Copy)]
pub(in crate::resource_server) struct Moment {
    pub(in crate::resource_server) now: UnixTime,
    pub(in crate::resource_server) elapsed: Duration,
}

/// Responses by the hashes of their tokens. A full cache drops the oldest response.
pub(super) struct ResponseCache {
    max_age: Duration,
    capacity: usize,
    responses: HashMap<Key, CachedResponse>,
    /// The keys in the order in which their responses came, each with the number of its response.
    /// A key whose response was replaced occurs more than once.
    order: VecDeque<(Key, u64)>,
    last_number: u64,
}

struct CachedResponse {
    response: Arc<IntrospectionResponse>,
    number: u64,
    /// When it was requested.
    begun: Moment,
}

impl ResponseCache {
    pub(super) fn new(max_age: Duration, capacity: usize) -> Self {
        Self {
            max_age,
            capacity,
            responses: HashMap::new(),
            order: VecDeque::new(),
            last_number: 0,
        }
    }

    /// The response, unless it is too old by one of the clocks or the token has expired. The wall
    /// clock may be set back, and the monotonic clock may stand still while a machine sleeps.
    pub(super) fn find(&self, key: &Key, at: Moment) -> Option<Arc<IntrospectionResponse>> {
        let cached = self.responses.get(key)?;
        let begun = cached.begun;
        let age = at.elapsed.checked_sub(begun.elapsed)?;
        let wall_age = at.now.seconds().checked_sub(begun.now.seconds())?;
        let wall_age = Duration::from_secs(u64::try_from(wall_age).ok()?);
        let is_young = age < self.max_age && wall_age < self.max_age;
        let is_alive = cached.response.exp().is_none_or(|exp| at.now < exp);
        (is_young && is_alive).then(|| Arc::clone(&cached.response))
    }

    /// Keeps a response, unless it is too long.
    pub(super) fn insert(&mut self, key: Key, response: IntrospectionResponse, begun: Moment) {
        let length = serde_json::to_vec(response.members()).map(|json| json.len());
        if length.is_ok_and(|length| length > LONGEST_RESPONSE) {
            return;
        }
        self.last_number = self.last_number.saturating_add(1);
        let number = self.last_number;
        self.order.push_back((key.clone(), number));
        self.responses.insert(
            key,
            CachedResponse {
                response: Arc::new(response),
                number,
                begun,
            },
        );
        // Each response has a place in the order, so this also bounds the number of responses.
        while self.order.len() > self.capacity
            && let Some((oldest, number)) = self.order.pop_front()
        {
            if self
                .responses
                .get(&oldest)
                .is_some_and(|it| it.number == number)
            {
                self.responses.remove(&oldest);
            }
        }
    }
}

/// In bytes of JSON. The response to a request may be as long as the policy permits, and the cache
/// holds many of them.
const LONGEST_RESPONSE: usize = 64 << 10;
