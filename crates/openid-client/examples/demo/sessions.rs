//! The sessions of the application: pending logins and logged-in users.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use openid_client::{Client, LogoutToken, PendingLogin, TokenSet, UserInfoResponse};

use crate::device::Device;
use crate::journey::Journey;
use crate::recorder::Recorder;

/// The sessions of all browsers, by the random value in the browser's cookie.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

/// The session of one browser.
#[derive(Default)]
pub(crate) struct Session {
    /// The pending logins by their `state`, one for each tab.
    pending: HashMap<String, Begun>,
    pub(crate) account: Option<Account>,
    /// The last login that was refused.
    pub(crate) refused: Option<Journey>,
    /// An attack whose callback has no login of this browser.
    pub(crate) attacked: Option<Journey>,
    /// A login on a device.
    pub(crate) device: Option<Device>,
    /// The logout that the provider has reported.
    pub(crate) ended: Option<Journey>,
}

/// A login under way.
pub(crate) struct Begun {
    pub(crate) pending: PendingLogin,
    pub(crate) client: Client,
    pub(crate) recorder: Recorder,
    pub(crate) journey: Journey,
}

/// The account of a logged-in user.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) client: Client,
    pub(crate) recorder: Recorder,
    /// The user's tokens.
    pub(crate) tokens: TokenSet,
    /// The claims that the provider returns about the user.
    pub(crate) user: UserInfoResponse,
    /// The number of refreshes.
    pub(crate) refreshed: u32,
    pub(crate) journey: Journey,
}

impl Sessions {
    /// Stores a pending login of this browser.
    pub(crate) fn begin(&self, browser: &str, begun: Begun) {
        self.with(browser, |session| {
            if session.pending.len() >= MOST_PENDING {
                session.pending.clear();
            }
            session
                .pending
                .insert(begun.pending.state().to_owned(), begun);
        });
    }

    // snippet: take
    /// Removes and returns a pending login, so that its callback works once. A `state` of another
    /// browser returns `None` and removes nothing.
    pub(crate) fn take(&self, browser: &str, state: &str) -> Option<Begun> {
        self.lock().get_mut(browser)?.pending.remove(state)
    }
    // end

    /// Stores the account under a new identifier, so that an identifier planted by an attacker
    /// gives no access to it.
    pub(crate) fn log_in(&self, browser: &str, fresh: String, account: Account) {
        let mut sessions = self.lock();
        let mut session = sessions.remove(browser).unwrap_or_default();
        session.account = Some(account);
        (session.refused, session.device, session.ended) = (None, None, None);
        sessions.insert(fresh, session);
    }

    /// Changes or reads the session of this browser, which is made if there is none.
    pub(crate) fn with<T>(&self, browser: &str, act: impl FnOnce(&mut Session) -> T) -> T {
        let mut sessions = self.lock();
        if sessions.len() >= MOST_SESSIONS {
            // The demo drops all sessions here. A real application lets old ones expire.
            sessions.clear();
        }
        act(sessions.entry(browser.to_owned()).or_default())
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

    /// Ends each session that the logout token ends.
    pub(crate) fn end(&self, token: &LogoutToken, journey: &Journey) {
        for session in self.lock().values_mut() {
            let id_token = session.account.as_ref().and_then(|it| it.tokens.id_token());
            if id_token.is_some_and(|id_token| token.ends(id_token)) {
                session.account = None;
                session.ended = Some(journey.clone());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const MOST_SESSIONS: usize = 1000;
const MOST_PENDING: usize = 10;
