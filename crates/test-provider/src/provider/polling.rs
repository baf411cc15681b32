//! Polling for the decision of a user on another device (RFC 8628 section 3.4, CIBA Core section
//! 10.1).

use std::time::Duration;

use super::Call;
use super::state::{Grant, State};
use super::token::Refusal;
use crate::client::ClientRegistration;
use crate::misbehaviour::Misbehaviour;
use crate::parameters::Parameters;

/// The decision of the user, and the number of polls before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub(super) polls: usize,
    pub(super) says_yes: bool,
}

impl Default for Verdict {
    fn default() -> Self {
        Self {
            polls: 1,
            says_yes: true,
        }
    }
}

/// A request that waits for its user.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) grant_type: &'static str,
    pub(super) grant: Grant,
    pub(super) expires_at: i64,
    pub(super) interval: Duration,
    /// The time of the last poll. Before the first poll, it is the time of the request, or `None`
    /// if the first poll may come at once.
    pub(super) asked_at: Option<i64>,
    pub(super) polls: usize,
    pub(super) client_notification_token: Option<String>,
}

/// The result of a poll.
pub(super) enum Polled {
    Granted(Grant),
    Refused(Refusal),
    Unavailable,
}

pub(super) fn grant(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    parameters: &Parameters,
) -> Polled {
    let name = match parameters.get("grant_type") {
        Some(DEVICE_CODE) => "device_code",
        _ => "auth_req_id",
    };
    let verdict = state.verdict;
    let known = parameters.get(name).map(str::to_owned);
    let pending = known
        .as_ref()
        .and_then(|name| state.pending.get_mut(name))
        .filter(|pending| parameters.get("grant_type") == Some(pending.grant_type))
        .filter(|pending| pending.grant.client_id == client.client_id);
    let (Some(known), Some(pending)) = (known.as_ref(), pending) else {
        return Polled::Refused(("invalid_grant", "the code is unknown, or another client's"));
    };
    match ask(call, pending, verdict) {
        Some(Err(polled)) => polled,
        None => Polled::Refused(("authorization_pending", "the person has not answered yet")),
        Some(Ok(())) => match state.pending.remove(known) {
            Some(over) if verdict.says_yes => Polled::Granted(over.grant),
            _ => Polled::Refused(("access_denied", "the person said no")),
        },
    }
}

/// Returns `None` until the user has answered.
fn ask(call: &Call<'_>, pending: &mut Pending, verdict: Verdict) -> Option<Result<(), Polled>> {
    let refused = |error, why| Some(Err(Polled::Refused((error, why))));
    if call.now >= pending.expires_at {
        return refused("expired_token", "the person did not answer in time");
    }
    let interval = i64::try_from(pending.interval.as_secs()).expect("the interval is short");
    let too_early = |asked_at| call.now - asked_at < interval;
    if pending.asked_at.replace(call.now).is_some_and(too_early) {
        pending.interval += SLOWER;
        return refused("slow_down", "the client asks too often");
    }
    pending.polls += 1;
    if call.misbehaves(Misbehaviour::PollUnavailable) && pending.polls == 1 {
        return Some(Err(Polled::Unavailable));
    }
    if call.misbehaves(Misbehaviour::PollSlowDown) && pending.polls == 2 {
        pending.interval += SLOWER;
        return refused("slow_down", "the provider misbehaves");
    }
    for (misbehaviour, error) in [
        (Misbehaviour::PollInvalidRequest, "invalid_request"),
        (Misbehaviour::PollAccessDenied, "access_denied"),
        (Misbehaviour::PollExpiredToken, "expired_token"),
    ] {
        if call.misbehaves(misbehaviour) {
            return match pending.polls {
                3.. => refused(error, "the provider misbehaves"),
                _ => None,
            };
        }
    }
    (pending.polls > verdict.polls).then_some(Ok(()))
}

pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(super) const CIBA: &str = "urn:openid:params:grant-type:ciba";

/// The `Retry-After` of a busy provider, in seconds.
pub(super) const BUSY_FOR: u16 = 12;

/// The time that `slow_down` adds to the interval.
const SLOWER: Duration = Duration::from_secs(5);
