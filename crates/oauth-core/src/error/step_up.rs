//! What a resource asks of the person before it can be used (RFC 6750 section 3.1, RFC 9470).

use std::time::Duration;

use crate::challenge::Challenge;
use crate::error::{Error, WwwAuthenticateChallengeError};

/// A refusal that another authorization request can lift.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepUp {
    /// `insufficient_scope`: the access token was granted too little (RFC 6750 section 3.1).
    InsufficientScope {
        /// The scope that the resource asks for, where it says so.
        scope: Option<String>,
    },
    /// `insufficient_user_authentication`: the person has to log in again, more recently or by
    /// another method (RFC 9470 section 3).
    InsufficientUserAuthentication {
        /// The authentication context classes that satisfy the resource, the preferred first.
        acr_values: Vec<String>,
        /// How long ago the login may be; zero asks for a login now.
        max_age: Option<Duration>,
        /// The scope that the resource asks for, where it says so.
        scope: Option<String>,
    },
}

impl StepUp {
    /// The scope that the resource asks for.
    pub fn scope(&self) -> Option<&str> {
        match self {
            Self::InsufficientScope { scope }
            | Self::InsufficientUserAuthentication { scope, .. } => scope.as_deref(),
        }
    }

    /// What this challenge asks for, when it is one of the schemes by which access tokens are
    /// presented.
    fn of(challenge: &Challenge) -> Option<Self> {
        if !matches!(challenge.scheme.as_str(), "bearer" | "dpop") {
            return None;
        }
        let scope = challenge.scope().map(str::to_owned);
        match challenge.error()? {
            "insufficient_scope" => Some(Self::InsufficientScope { scope }),
            "insufficient_user_authentication" => Some(Self::InsufficientUserAuthentication {
                acr_values: challenge
                    .parameter("acr_values")
                    .unwrap_or_default()
                    .split_ascii_whitespace()
                    .map(str::to_owned)
                    .collect(),
                max_age: challenge
                    .parameter("max_age")
                    .and_then(seconds)
                    .map(Duration::from_secs),
                scope,
            }),
            _ => None,
        }
    }
}

/// A non-negative integer (RFC 9470 section 3); anything else is not understood.
fn seconds(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

impl WwwAuthenticateChallengeError {
    /// What another authorization request has to ask for; `None` when none can help.
    pub fn step_up(&self) -> Option<StepUp> {
        self.challenges.iter().find_map(StepUp::of)
    }
}

impl Error {
    /// What another authorization request has to ask for before the resource can be used; `None`
    /// for every other error.
    pub fn step_up(&self) -> Option<StepUp> {
        match self {
            Self::WwwAuthenticateChallenge(refusal) => refusal.step_up(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use http::{HeaderMap, StatusCode};

    use super::StepUp;
    use crate::challenge::Challenge;
    use crate::error::{Error, WwwAuthenticateChallengeError};

    fn refused(status: StatusCode, challenge: &str) -> WwwAuthenticateChallengeError {
        WwwAuthenticateChallengeError {
            challenges: Challenge::parse(challenge).unwrap(),
            status,
            headers: HeaderMap::new(),
            body: None,
            response: None,
        }
    }

    /// RFC 9470 section 3, both examples, and RFC 6750 section 3.1.
    #[test]
    fn the_challenges_of_the_specifications() {
        let authentication = |acr_values: &[&str], max_age: Option<u64>, scope: Option<&str>| {
            Some(StepUp::InsufficientUserAuthentication {
                acr_values: acr_values.iter().map(|&acr| acr.to_owned()).collect(),
                max_age: max_age.map(Duration::from_secs),
                scope: scope.map(str::to_owned),
            })
        };
        let scope = |scope: Option<&str>| {
            let scope = scope.map(str::to_owned);
            Some(StepUp::InsufficientScope { scope })
        };
        let error = "Bearer error=\"insufficient_user_authentication\", \
                     error_description=\"A different authentication level is required\"";
        for (challenge, expected) in [
            (
                format!("{error}, acr_values=\"myACR other\""),
                authentication(&["myACR", "other"], None, None),
            ),
            (
                format!("{error}, max_age=\"5\""),
                authentication(&[], Some(5), None),
            ),
            (
                format!("{error}, max_age=0"),
                authentication(&[], Some(0), None),
            ),
            (
                format!("{error}, max_age=\"-5\""),
                authentication(&[], None, None),
            ),
            (
                format!("{error}, max_age=\"+5\""),
                authentication(&[], None, None),
            ),
            (
                format!("{error}, max_age=\"\""),
                authentication(&[], None, None),
            ),
            (
                error.replace("Bearer", "DPoP") + ", scope=\"a b\"",
                authentication(&[], None, Some("a b")),
            ),
            (
                "Bearer error=\"insufficient_scope\", scope=\"a b\"".to_owned(),
                scope(Some("a b")),
            ),
            ("Bearer error=insufficient_scope".to_owned(), scope(None)),
            ("Basic error=insufficient_scope".to_owned(), None),
            ("Bearer error=\"invalid_token\"".to_owned(), None),
            ("Bearer realm=x".to_owned(), None),
            (
                "Basic realm=x, DPoP error=\"insufficient_scope\"".to_owned(),
                scope(None),
            ),
        ] {
            let refusal = refused(StatusCode::FORBIDDEN, &challenge);
            assert_eq!(refusal.step_up(), expected, "{challenge}");
            assert_eq!(Error::from(Arc::new(refusal)).step_up(), expected);
        }
        assert_eq!(Error::Aborted.step_up(), None);
    }
}
