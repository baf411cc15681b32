//! A refresh by the instance that holds the lease.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use oauth_core::error::NoAnswer;
use oauth_core::flow::RefreshTokenGrant;
use oauth_core::source::{LoginNeeded, SharedBackOff, StoredTokenSet};
use tokio::time::{sleep, timeout, timeout_at};

use super::leased::{Leased, grace};
use super::{Held, LOOK_AGAIN, Outcome, RENEWAL, StoredTokens};
use crate::client::Client;
use crate::error::Error;
use crate::store::Revision;

impl StoredTokens {
    /// Refreshes while this instance holds the lease; `None` when another instance, or a new login,
    /// has just put other tokens there.
    pub(super) async fn refresh_leased(
        &self,
        client: &Client,
        revision: Revision,
        held: &mut Held,
    ) -> Result<Option<Outcome>, Error> {
        let (stored, found) = match self.load(client).await? {
            Some(loaded) => loaded,
            None => return Ok(Some(Outcome::End(LoginNeeded::Removed))),
        };
        if found != revision {
            return Ok(None);
        }
        let (before, left) = self.store.back_off(client, &self.name).await?;
        if !left.is_zero() {
            return Ok(Some(Outcome::Paused(None, left)));
        }
        let tokens = stored.clone().restore(client.configuration())?;
        let configuration = client.configuration().clone();
        let Some(grant) = RefreshTokenGrant::from_tokens(configuration, &tokens) else {
            return Ok(Some(Outcome::End(LoginNeeded::NoRefreshToken)));
        };
        if stored.is_refresh_begun() && self.another_saves(client, revision).await? {
            return Ok(None);
        }
        let Some(begun) = self.save_begun(&stored, revision).await? else {
            return Ok(None);
        };
        let has_sent = AtomicBool::new(false);
        let leased = Leased {
            grant,
            until: held.until,
            until_wall: held.until_wall,
            store_deadline: self.store.store().deadline(),
            has_sent: &has_sent,
        };
        let error = match client.run_as("refresh_token_grant", leased).await {
            Ok(tokens) => {
                let stored = StoredTokenSet::new(client.configuration(), tokens.clone());
                // If not, a new login has replaced this one.
                let is_current = self.save(client, stored, begun, held.until).await;
                if before.is_some() {
                    self.store.end_back_off(&self.name).await;
                }
                return Ok(is_current.then(|| Outcome::Tokens(Box::new(tokens))));
            }
            Err(error) => error,
        };
        let Error::Core(error) = error else {
            self.save_ended(&stored, begun, held).await;
            return Err(error);
        };
        if let Some(successor) = error.refresh_token() {
            let stored = stored.with_refresh_token(successor.clone());
            if !self.save(client, stored, begun, held.until).await {
                return Ok(None);
            }
        } else if RENEWAL.is_ended_by(&error) {
            // No other instance needs to try what is dead. A new login, or the successor of an
            // instance that was slow to save it, is not.
            let expired = self.store.expire(&self.name, &stored, begun).await;
            if matches!(expired, Ok(false)) {
                return Ok(None);
            }
            return Err(error.into());
        } else {
            self.save_ended(&stored, begun, held).await;
        }
        if !has_sent.load(Ordering::Relaxed) || !is_of_the_server(&error) {
            return Err(error.into());
        }
        match self.pause(client, before.as_ref(), &error, held).await {
            Some(pause) => Ok(Some(Outcome::Paused(Some(error), pause))),
            None => Err(error.into()),
        }
    }

    /// Waits for an instance whose refresh has begun and whose end is not in the store. It has
    /// stopped, or it has new tokens and tries to save them. Returns whether something has changed.
    async fn another_saves(&self, client: &Client, revision: Revision) -> Result<bool, Error> {
        let changed = async {
            loop {
                sleep(LOOK_AGAIN.saturating_mul(5)).await;
                match self.load(client).await? {
                    Some((_, found)) if found == revision => {}
                    _ => return Ok(true),
                }
            }
        };
        let within = grace(self.store.store().deadline());
        timeout(within, changed).await.unwrap_or(Ok(false))
    }

    /// Notes in the store that a refresh of these tokens begins. `None` if they are not there any
    /// more, so that an instance that was suspended never sends a refresh token that another one
    /// has replaced.
    async fn save_begun(
        &self,
        stored: &StoredTokenSet,
        revision: Revision,
    ) -> Result<Option<Revision>, Error> {
        let begun = stored.clone().with_refresh_begun();
        let saved = self.store.save_after(&self.name, &begun, Some(revision));
        let saved = saved.await?;
        if let Some(begun) = saved {
            self.known().follows(revision, begun);
        }
        Ok(saved)
    }

    /// Notes that the refresh has ended without new tokens. If the store does not take this note,
    /// the next instance waits before it refreshes.
    async fn save_ended(&self, stored: &StoredTokenSet, begun: Revision, held: &Held) {
        let saving = self.store.save_after(&self.name, stored, Some(begun));
        if let Ok(Ok(Some(ended))) = timeout_at(held.until, saving).await {
            self.known().follows(begun, ended);
        }
    }

    /// Tells the other instances how long to wait. Where the store does not take it, the lease
    /// makes them wait, and the answer is `None`.
    async fn pause(
        &self,
        client: &Client,
        before: Option<&SharedBackOff>,
        error: &oauth_core::Error,
        held: &mut Held,
    ) -> Option<Duration> {
        let back_off = SharedBackOff::after(before, error, &client.host().env());
        let saving = self.store.save_back_off(client, &self.name, &back_off);
        held.runs_out = !matches!(timeout_at(held.until, saving).await, Ok(Ok(())));
        (!held.runs_out).then(|| back_off.pause())
    }
}

/// Whether an error says something about the server, so that the other instances wait as well. The
/// rest concerns this instance alone: it had too little of its lease, or its own settings let it
/// send nothing.
fn is_of_the_server(error: &oauth_core::Error) -> bool {
    match error {
        oauth_core::Error::Aborted => false,
        oauth_core::Error::Unanswered(unanswered) => !matches!(
            unanswered.reason,
            NoAnswer::DestinationRefused { .. } | NoAnswer::NotTrusted { .. }
        ),
        _ => true,
    }
}
