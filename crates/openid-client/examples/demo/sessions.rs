//! The sessions of the application: pending logins and logged-in users.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use openid_client::{PendingLogin, TokenSet, UserInfoResponse};

/// The sessions of all browsers, by the random value in the browser's cookie.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

/// The session of one browser.
#[derive(Default)]
struct Session {
    /// The pending logins by their `state`, one for each tab.
    pending: HashMap<String, PendingLogin>,
    account: Option<Account>,
}

/// The account of a logged-in user.
#[derive(Clone)]
pub(crate) struct Account {
    /// The user's tokens.
    pub(crate) tokens: TokenSet,
    /// The claims that the provider returns about the user.
    pub(crate) user: UserInfoResponse,
    /// The number of refreshes.
    pub(crate) refreshed: u32,
}

impl Sessions {
    /// Stores a pending login of this browser.
    pub(crate) fn begin(&self, browser: &str, pending: PendingLogin) {
        let mut sessions = self.lock();
        if sessions.len() >= MOST_SESSIONS {
            // The demo drops all sessions here. A real application lets old ones expire.
            sessions.clear();
        }
        let session = sessions.entry(browser.to_owned()).or_default();
        if session.pending.len() >= MOST_PENDING {
            session.pending.clear();
        }
        session.pending.insert(pending.state().to_owned(), pending);
    }

    /// Removes and returns a pending login, so that its callback works once. A `state` of another
    /// browser returns `None` and removes nothing.
    pub(crate) fn take(&self, browser: &str, state: &str) -> Option<PendingLogin> {
        self.lock().get_mut(browser)?.pending.remove(state)
    }

    /// Stores the account under a new identifier, so that an identifier planted by an attacker
    /// gives no access to it.
    pub(crate) fn log_in(&self, browser: &str, fresh: String, account: Account) {
        let mut sessions = self.lock();
        let mut session = sessions.remove(browser).unwrap_or_default();
        session.account = Some(account);
        sessions.insert(fresh, session);
    }

    /// Returns the account of this browser.
    pub(crate) fn account(&self, browser: &str) -> Option<Account> {
        self.lock().get(browser)?.account.clone()
    }

    /// Replaces the account, unless the user has logged out in the meantime.
    pub(crate) fn update(&self, browser: &str, account: Account) {
        if let Some(session) = self.lock().get_mut(browser)
            && session.account.is_some()
        {
            session.account = Some(account);
        }
    }

    /// Removes the session of this browser and returns its account.
    pub(crate) fn log_out(&self, browser: &str) -> Option<Account> {
        self.lock().remove(browser)?.account
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const MOST_SESSIONS: usize = 1000;
const MOST_PENDING: usize = 10;
