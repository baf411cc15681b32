//! Logout that the server reports to the application through the browser (OpenID Connect
//! Front-Channel Logout 1.0).

use std::fmt;

use crate::authorization::Callback;
use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Reason, printable};
use crate::validate::IdToken;
use crate::wire::Parameters;

/// A request to the client's `frontchannel_logout_uri`, which the server's logout page loads in a
/// frame (section 2).
///
/// Find the session by [`sid`](Self::sid) if the request has one, and otherwise by the browser's
/// cookie. Browsers withhold most cookies in a frame of another site, so the `sid` is the reliable
/// way. [`check`](Self::check) the request with the ID Token of the session, end the session, and
/// answer with [`logged_out`](super::logged_out). Treat a session that has already ended as a
/// success.
///
/// The request is not signed. A request without a `sid` can come from any page that the user
/// visits, and any such page can then log the user out. A server sends `iss` and `sid` to a client
/// that has registered `frontchannel_logout_session_required`.
#[derive(Clone)]
pub struct FrontChannelLogout {
    iss: Option<String>,
    sid: Option<String>,
}

impl FrontChannelLogout {
    /// Reads the URL of the request: the whole URL, or its path and query. Other parameters are
    /// ignored. The request is not verified here.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::error::Misuse::InvalidArgument) if `url` is not a URL;
    /// [`Error::Rejected`] with [`Reason::Duplicate`] for `iss` or `sid`.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        let callback = Callback::from_url(url)?;
        Ok(Self {
            iss: once(callback.query(), "iss")?,
            sid: once(callback.query(), "sid")?,
        })
    }

    /// The session that the request claims to be about, unverified. Use it only as the key for a
    /// store.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Checks that the request is about the session that began with this ID Token: `iss` and `sid`
    /// must equal those of the ID Token where they are present (section 2).
    ///
    /// Both must be present where the client has registered `frontchannel_logout_session_required`.
    /// Otherwise both may be absent. An `iss` without a `sid` is refused (section 3). A `sid`
    /// without an `iss` is accepted, because Microsoft Entra ID sends it; it proves more than a
    /// request without both.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] with [`Reason::Missing`] or [`Reason::ParameterMismatch`] for `iss` or
    /// `sid`.
    pub fn check(&self, configuration: &Configuration, id_token: &IdToken) -> Result<(), Error> {
        self.check_session(configuration, id_token.iss(), id_token.sid())
    }

    /// Makes the checks of [`check`](Self::check) where the application has kept only these claims
    /// of the ID Token with which the session began, for example in a cookie.
    ///
    /// # Errors
    ///
    /// The errors of [`check`](Self::check).
    pub fn check_session(
        &self,
        configuration: &Configuration,
        session_iss: &str,
        session_sid: Option<&str>,
    ) -> Result<(), Error> {
        let required = configuration.client().frontchannel_logout_session_required == Some(true);
        let missing = |member: &'static str| Reason::Missing {
            member: member.into(),
        };
        let reason = match (&self.iss, &self.sid) {
            (None, _) if required => missing("iss"),
            (Some(_), None) => missing("sid"),
            (Some(iss), _) if iss != session_iss => Reason::ParameterMismatch {
                parameter: "iss",
                expected: Some(printable(session_iss)),
                found: Some(printable(iss)),
            },
            (_, Some(sid)) if session_sid != Some(sid) => Reason::ParameterMismatch {
                parameter: "sid",
                expected: None,
                found: None,
            },
            _ => return Ok(()),
        };
        Err(Artefact::FrontChannelLogout.rejected(reason).into())
    }
}

/// Returns the only value of a parameter. An empty value counts as a value, which no session has.
fn once(parameters: &Parameters, name: &'static str) -> Result<Option<String>, Error> {
    let mut values = parameters.all(name);
    let value = values.next().map(str::to_owned);
    if values.next().is_some() {
        let member = name.into();
        let duplicate = Reason::Duplicate { member };
        return Err(Artefact::FrontChannelLogout.rejected(duplicate).into());
    }
    Ok(value)
}

/// Hides the session, which is the only proof in the request.
impl fmt::Debug for FrontChannelLogout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrontChannelLogout")
            .field("iss", &self.iss)
            .field("sid", &self.sid.is_some())
            .finish()
    }
}
