use std::time::Duration;

use super::response_type::{ResponseMode, ResponseType};
use crate::configuration::Configuration;
use crate::error::{Error, Misuse, Reason};
use crate::pkce::CodeVerifier;
use crate::secret::{Secret, constant_time_eq};
use crate::wire::Parameters;

/// The values that a callback and its tokens are compared with, for callers that keep their own
/// state, nonce and verifier. [`PendingLogin`](super::PendingLogin) stores all of them itself.
///
/// A value that is not expected must be absent: the default expects no `state`, no ID Token and no
/// `nonce`, and is right only for a request that sent none of them.
#[derive(Debug, Clone, Default)]
pub struct AuthorizationCodeGrantChecks {
    /// The `state` that was sent.
    pub expected_state: ExpectedState,
    /// The `nonce` that was sent; it makes an ID Token required. With `None`, the ID Token must not
    /// contain a nonce.
    pub expected_nonce: Option<Secret>,
    /// Whether an ID Token is required even without a nonce and a `max_age`.
    pub id_token_expected: bool,
    /// The `max_age` that was sent; it makes an ID Token with a matching `auth_time`
    /// required.
    pub max_age: Option<Duration>,
    /// The `response_type` that was sent. If it includes an ID Token, `expected_nonce` is mandatory
    /// and `expected_state` cannot be [`DangerUnchecked`](ExpectedState::DangerUnchecked).
    pub response_type: ResponseType,
    /// The `response_mode` that was sent; without one, the default mode of the response type is
    /// expected.
    pub response_mode: Option<ResponseMode>,
    /// The verifier that belongs to the `code_challenge` that was sent.
    pub pkce_code_verifier: Option<CodeVerifier>,
}

impl AuthorizationCodeGrantChecks {
    /// Returns the mode that the response must have come in.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if two settings contradict each other.
    pub(crate) fn checked_mode(&self) -> Result<ResponseMode, Error> {
        let default_mode = self.response_type.default_mode();
        let response_mode = self.response_mode.unwrap_or(default_mode);
        response_mode.check(self.response_type)?;
        if let Some(nonce) = &self.expected_nonce
            && nonce.expose().is_empty()
        {
            return Err(Misuse::InvalidArgument {
                argument: "expected_nonce",
                expected: "the random value that was sent",
                found: "an empty string".to_owned(),
            }
            .into());
        }
        if !self.response_type.has_id_token() {
            return Ok(response_mode);
        }
        if self.expected_state == ExpectedState::DangerUnchecked {
            return Err(Misuse::InvalidArgument {
                argument: "expected_state",
                expected: "checked, since an ID Token comes through the browser",
                found: "DangerUnchecked".to_owned(),
            }
            .into());
        }
        Ok(response_mode)
    }

    /// Refuses to redeem a code that is not tied to this login, because an attacker could put a
    /// stolen code into the callback (RFC 9700 sections 2.1.1 and 4.5). PKCE or the nonce of an ID
    /// Token ties the code to the login. Without either, and if the server does not support PKCE,
    /// `state` at least ties the callback to the browser (section 4.7).
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`].
    pub(crate) fn check_code_is_bound(&self, configuration: &Configuration) -> Result<(), Misuse> {
        let has_state = matches!(self.expected_state, ExpectedState::Equals(_));
        let expected = if self.pkce_code_verifier.is_some()
            || self.expected_nonce.is_some()
            || configuration.policy().danger.accept_unbound_code
        {
            return Ok(());
        } else if self.requires_id_token() {
            "the one behind the `code_challenge` that was sent, unless an `expected_nonce` ties the \
             ID Token to this login (RFC 9700 section 2.1.1); `danger.accept_unbound_code` accepts \
             neither"
        } else if configuration.server().supports_pkce("S256") {
            "the one behind the `code_challenge` that was sent, since the server knows PKCE (RFC 9700 \
             section 2.1.1); `danger.accept_unbound_code` accepts none"
        } else if !has_state {
            "the one behind the `code_challenge` that was sent, unless an `expected_state` ties the \
             callback to this browser (RFC 9700 section 4.7); `danger.accept_unbound_code` accepts \
             neither"
        } else {
            return Ok(());
        };
        Err(Misuse::InvalidArgument {
            argument: "pkce_code_verifier",
            expected,
            found: "none".to_owned(),
        })
    }

    /// Whether the token response must hold an ID Token.
    pub(crate) fn requires_id_token(&self) -> bool {
        self.id_token_expected || self.expected_nonce.is_some() || self.max_age.is_some()
    }
}

/// The `state` that a callback must contain (RFC 6749 section 10.12).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ExpectedState {
    /// No `state` was sent, and the callback must not contain one.
    #[default]
    Absent,
    /// This `state` was sent.
    Equals(Secret),
    /// `state` is not checked. The caller must have bound the callback to the browser that began
    /// the login in another way. Otherwise an attacker can log a victim in as the attacker.
    DangerUnchecked,
}

impl ExpectedState {
    /// Compares the `state` among these parameters, which must not be repeated, with the expected
    /// one. Messages show neither.
    pub(crate) fn check(&self, parameters: &Parameters) -> Result<(), Reason> {
        let member = "state".into();
        match (self, parameters.first("state")) {
            (Self::DangerUnchecked, _) | (Self::Absent, None) => Ok(()),
            (Self::Absent, Some(_)) => Err(Reason::Unexpected { member }),
            (Self::Equals(_), None) => Err(Reason::Missing { member }),
            // An empty `state` never passes, even if the expected one is empty too.
            (Self::Equals(expected), Some(found))
                if !found.is_empty()
                    && constant_time_eq(expected.expose().as_bytes(), found.as_bytes()) =>
            {
                Ok(())
            }
            (Self::Equals(_), Some(_)) => Err(Reason::ParameterMismatch {
                parameter: "state",
                expected: None,
                found: None,
            }),
        }
    }
}
