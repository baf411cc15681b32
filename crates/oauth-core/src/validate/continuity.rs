//! The comparison of an ID Token from a refresh with that of the login (OpenID Connect Core 1.0
//! section 12.2).

mod claims;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use jose::jwt::Claims;
use serde_json::{Map, Value};

use crate::error::{Misuse, Reason, printable};
use crate::policy::Danger;
use crate::secret::constant_time_eq;
use crate::validate::IdToken;

/// The claims of the ID Token that began a session. An ID Token from a refresh is compared with
/// them.
#[derive(Clone)]
pub struct PreviousIdToken(Source);

#[derive(Clone)]
enum Source {
    IdToken(IdToken),
    Claims(Map<String, Value>),
}

impl PreviousIdToken {
    /// Creates the value from claims that were verified at the login and stored by the application:
    /// those of [`IdToken::claims`], of which `iss`, `sub`, `aud`, `azp`, `auth_time` and `nonce`
    /// are needed.
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] without `iss`, `sub` or `aud`, [`Misuse::InvalidArgument`] if
    /// `sub` is not a string or `aud` contains no audience.
    pub fn from_claims(claims: Map<String, Value>) -> Result<Self, Misuse> {
        for argument in ["iss", "sub", "aud"] {
            if !claims.contains_key(argument) {
                return Err(Misuse::MissingArgument {
                    argument,
                    purpose: "the comparison with the ID Token of the login",
                });
            }
        }
        if !claims.get("sub").is_some_and(Value::is_string) {
            return Err(Misuse::InvalidArgument {
                argument: "sub",
                expected: "a string",
                found: "another type".to_owned(),
            });
        }
        let previous = Self(Source::Claims(claims));
        // An empty list would accept every audience of a new token.
        if previous.audience().next().is_none() {
            return Err(Misuse::InvalidArgument {
                argument: "aud",
                expected: "a string or an array of strings, at least one",
                found: "none".to_owned(),
            });
        }
        Ok(previous)
    }

    /// The user who logged in.
    pub fn sub(&self) -> &str {
        match &self.0 {
            Source::IdToken(id_token) => id_token.sub(),
            // Always present: claims without `sub` were refused, and no user has an empty one.
            Source::Claims(claims) => claims.get("sub").and_then(Value::as_str).unwrap_or(""),
        }
    }

    /// Compares the claims of a new ID Token with those of the login (section 12.2), except
    /// `auth_time`, and except `azp` if that check is switched off.
    pub(super) fn continued_by(&self, claims: &Claims<'_>, danger: &Danger) -> Result<(), Reason> {
        let differs = |claim| {
            let found = claims.get(claim).map(jose::json::Value::to_owned_value);
            let found = found.filter(|found| !found.is_null());
            (found.as_ref() != self.claim(claim)).then_some(found)
        };
        let compared: &[_] = match danger.skip_azp_check {
            true => &["iss", "sub"],
            false => &["iss", "sub", "azp"],
        };
        // Issuer and user must be equal. `azp` must be equal, or absent both times: section 12.2
        // says so of a login with an `azp`, and an `azp` that first appears in a refresh belongs to
        // another client.
        for &claim in compared {
            if let Some(found) = differs(claim) {
                return Err(Reason::ClaimMismatch {
                    claim,
                    expected: self.claim(claim).map(shown),
                    found: found.as_ref().map(shown),
                });
            }
        }
        // Section 12.2: `aud` includes the audience of the login.
        let found: Option<BTreeSet<_>> = claims.aud().map(|aud| aud.iter().collect());
        if let Some(aud) = found
            && let Some(lost) = self.audience().find(|it| !aud.contains(it))
        {
            return Err(Reason::ClaimMismatch {
                claim: "aud",
                expected: Some(printable(lost)),
                found: Some(printable(
                    &aud.into_iter().take(5).collect::<Vec<_>>().join(", "),
                )),
            });
        }
        // Section 12.2: `nonce` should be absent, and if present must equal that of the login.
        match claims.get("nonce") {
            // After a login without a nonce it must be absent, and null counts as present.
            Some(jose::json::Value::Null) if self.claim("nonce").is_some() => Ok(()),
            Some(nonce) if !self.has_nonce(nonce.as_str()) => Err(Reason::ClaimMismatch {
                claim: "nonce",
                expected: None,
                found: None,
            }),
            _ => Ok(()),
        }
    }

    /// Compares `auth_time`, if both have it, with that of the login (section 12.2), because it is
    /// the time of the login and not of the refresh.
    pub(super) fn authenticated_at(&self, claims: &Claims<'_>) -> Result<(), Reason> {
        let (Some(expected), Some(found)) = (self.claim("auth_time"), claims.get("auth_time"))
        else {
            return Ok(());
        };
        let found = found.to_owned_value();
        if is_same_number(expected, &found) {
            return Ok(());
        }
        Err(Reason::ClaimMismatch {
            claim: "auth_time",
            expected: Some(shown(expected)),
            found: Some(shown(&found)),
        })
    }

    /// A claim of the login. A claim that is null counts as absent.
    fn claim(&self, name: &str) -> Option<&Value> {
        let claim = self.claims().get(name);
        claim.filter(|value| !value.is_null())
    }

    fn audience(&self) -> impl Iterator<Item = &str> {
        match self.claims().get("aud") {
            Some(Value::Array(members)) => members.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => &[],
        }
        .iter()
        .filter_map(Value::as_str)
    }

    fn has_nonce(&self, nonce: Option<&str>) -> bool {
        let previous = self.claims().get("nonce").and_then(Value::as_str);
        match (previous, nonce) {
            (Some(previous), Some(nonce)) => {
                constant_time_eq(previous.as_bytes(), nonce.as_bytes())
            }
            _ => false,
        }
    }
}

impl From<&IdToken> for PreviousIdToken {
    fn from(id_token: &IdToken) -> Self {
        Self(Source::IdToken(id_token.clone()))
    }
}

impl From<IdToken> for PreviousIdToken {
    fn from(id_token: IdToken) -> Self {
        Self(Source::IdToken(id_token))
    }
}

impl PartialEq for PreviousIdToken {
    fn eq(&self, other: &Self) -> bool {
        self.claims() == other.claims()
    }
}

impl fmt::Debug for PreviousIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreviousIdToken")
            .field("iss", &self.claims().get("iss"))
            .field("sub", &self.claims().get("sub"))
            .finish_non_exhaustive()
    }
}

/// Whether both are the same number in any notation: a server may send 1.0 where it sent 1.
fn is_same_number(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// The value of a claim for a message; text without quotes.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        other => Cow::Owned(other.to_string()),
    };
    printable(&text)
}
