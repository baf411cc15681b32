//! What the application remembers: logins under way, and people who are logged in.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use openid_client::{PendingLogin, TokenSet, UserInfoResponse};

/// Everything is found by the random value in a browser's cookie, which holds nothing else.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

/// What is known of one browser.
#[derive(Default)]
struct Session {
    /// Logins under way, by their `state`: one for each tab.
    pending: HashMap<String, PendingLogin>,
    account: Option<Account>,
}

/// Somebody who is logged in.
#[derive(Clone)]
pub(crate) struct Account {
    /// Their tokens.
    pub(crate) tokens: TokenSet,
    /// What the provider says of them.
    pub(crate) user: UserInfoResponse,
    /// How often the tokens have been refreshed.
    pub(crate) refreshed: u32,
}

impl Sessions {
    /// Remembers a login of this browser.
    pub(crate) fn begin(&self, browser: &str, pending: PendingLogin) {
        let mut sessions = self.lock();
        if sessions.len() >= MOST_SESSIONS {
            // A demo forgets; a real application expires.
            sessions.clear();
        }
        let session = sessions.entry(browser.to_owned()).or_default();
        if session.pending.len() >= MOST_PENDING {
            session.pending.clear();
        }
        session.pending.insert(pending.state().to_owned(), pending);
    }

    /// Takes a login out, so that its callback works once. A `state` that this browser did not begin
    /// finds nothing, and leaves the true logins in their place.
    pub(crate) fn take(&self, browser: &str, state: &str) -> Option<PendingLogin> {
        self.lock().get_mut(browser)?.pending.remove(state)
    }

    /// Logs somebody in under a new identifier: one that was planted before is worth nothing.
    pub(crate) fn log_in(&self, browser: &str, fresh: String, account: Account) {
        let mut sessions = self.lock();
        let mut session = sessions.remove(browser).unwrap_or_default();
        session.account = Some(account);
        sessions.insert(fresh, session);
    }

    /// Who is logged in.
    pub(crate) fn account(&self, browser: &str) -> Option<Account> {
        self.lock().get(browser)?.account.clone()
    }

    /// Replaces the account, unless it was logged out in the meantime.
    pub(crate) fn update(&self, browser: &str, account: Account) {
        if let Some(session) = self.lock().get_mut(browser)
            && session.account.is_some()
        {
            session.account = Some(account);
        }
    }

    /// Forgets the browser.
    pub(crate) fn log_out(&self, browser: &str) -> Option<Account> {
        self.lock().remove(browser)?.account
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const MOST_SESSIONS: usize = 1000;
const MOST_PENDING: usize = 10;
