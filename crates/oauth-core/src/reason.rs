//! The reasons for refusing what a server sent.

mod code;
mod of_jose;
mod printable;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use jose::{KeySelectionError, SignatureAlgorithm};

pub(crate) use self::printable::{printable, printable_url, printable_within};

/// The check that failed, with the expected and the found value.
///
/// Control characters in text from a server are escaped, and the text is truncated to 200
/// characters. Secret values, and values that an attacker could learn from, are never included.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The HTTP status is not the expected one.
    #[error("expected HTTP status {expected}, found {found}{}", redirected_to(.location))]
    Status {
        /// The expected status.
        expected: u16,
        /// The status that was found.
        found: u16,
        /// The target of a redirect, which is never followed: its origin and path.
        location: Option<String>,
    },
    /// The body does not have the expected media type.
    #[error("expected a body of type {expected}, found {}", or_nothing(.found))]
    MediaType {
        /// The expected media type.
        expected: &'static str,
        /// The `Content-Type` that was found.
        found: Option<String>,
    },
    /// The body has a content encoding, although the request allows none.
    #[error("expected no Content-Encoding, found {found}")]
    ContentEncoding {
        /// The content encoding that was found.
        found: String,
    },
    /// The body is not the expected JSON.
    #[error("{0}")]
    Json(jose::json::Error),
    /// A member, claim or parameter is missing.
    #[error("`{member}` is missing")]
    Missing {
        /// Its name.
        member: Cow<'static, str>,
    },
    /// A required member is missing at its place, and is inside another member.
    #[error("`{member}` is missing, and is within `{within}`")]
    Nested {
        /// Its name.
        member: &'static str,
        /// The member that contains it.
        within: String,
    },
    /// A member, claim or parameter has the wrong type or form.
    #[error("`{member}` must be {expected}, found {found}")]
    IllTyped {
        /// Its name.
        member: Cow<'static, str>,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A parameter occurs more than once.
    #[error("`{member}` occurs more than once")]
    Duplicate {
        /// Its name.
        member: Cow<'static, str>,
    },
    /// A member, claim or parameter is present although it is forbidden.
    #[error("`{member}` must be absent here")]
    Unexpected {
        /// Its name.
        member: Cow<'static, str>,
    },
    /// A member is present that a switch of [`Danger`](crate::policy::Danger) rules out.
    #[error("`{member}` must be absent with `danger.{switch}`")]
    UnexpectedWithSwitch {
        /// Its name.
        member: &'static str,
        /// The name of the switch.
        switch: &'static str,
    },
    /// A parameter of the implicit or hybrid flow is in the response to a request for a code alone.
    #[error("`{member}` belongs to a flow that was not asked for")]
    ImplicitParameter {
        /// Its name.
        member: &'static str,
    },
    /// The callback has no parameter of an authorization response: the page was opened without a
    /// login, or the response did not reach it.
    #[error("expected a response in the {expected}, found no parameter of one{}", unseen(.expected))]
    NoResponse {
        /// The channel of the requested response mode.
        expected: &'static str,
    },
    /// The authorization response came in another channel than the requested one.
    #[error("expected response mode {expected}, found {found}")]
    ResponseMode {
        /// The requested mode.
        expected: &'static str,
        /// The mode that was found.
        found: &'static str,
    },
    /// The authorization response is in the fragment, and its `iss` is in the query.
    #[error(
        "the response is in the fragment, its `iss` in the query; `danger.accept_iss_in_query` accepts it"
    )]
    IssuerInQuery,
    /// `iss` of the authorization response is the server's issuer, percent-encoded once too often.
    #[error(
        "parameter `iss` is percent-encoded once too often; `danger.accept_percent_encoded_iss` \
         accepts it"
    )]
    PercentEncodedIssuer,
    /// A parameter of the authorization response does not have the expected value.
    #[error("parameter `{parameter}` does not match{}", comparison(.expected, .found))]
    ParameterMismatch {
        /// Its name.
        parameter: &'static str,
        /// The expected value; `None` if it is secret.
        expected: Option<String>,
        /// The value that was found; `None` if it is secret.
        found: Option<String>,
    },
    /// The tenant of Entra ID is one whose users may not log in.
    #[error("tenant {tenant} may not log in here; `tenants` lists those that may")]
    TenantRefused {
        /// The tenant, a UUID.
        tenant: String,
    },
    /// A member of a JSON document does not have the expected value.
    #[error("`{member}` does not match{}", comparison(.expected, .found))]
    AttributeMismatch {
        /// Its name.
        member: &'static str,
        /// The expected value; `None` if it is secret.
        expected: Option<String>,
        /// The value that was found; `None` if it is secret.
        found: Option<String>,
    },
    /// A claim does not have the expected value.
    #[error("claim `{claim}` does not match{}", comparison(.expected, .found))]
    ClaimMismatch {
        /// Its name.
        claim: &'static str,
        /// The expected value; `None` if it is secret.
        expected: Option<String>,
        /// The value that was found; `None` if it is secret.
        found: Option<String>,
    },
    /// A time in the token violates a rule.
    #[error("claim `{claim}` is {found}, which is {rule} (now {now}, tolerance {} s)", .tolerance.as_secs())]
    Timestamp {
        /// The claim.
        claim: &'static str,
        /// Its value in seconds since the epoch.
        found: i64,
        /// The rule that it violates.
        rule: TimestampRule,
        /// The time that it was compared with, including clock skew, in seconds since the epoch.
        now: i64,
        /// The tolerance.
        tolerance: Duration,
    },
    /// The token was accepted before, and may be accepted once only.
    #[error("a token with this `{claim}` was accepted before, and may be accepted once")]
    Replayed {
        /// The claim that identifies the token.
        claim: &'static str,
    },
    /// The store that detects replays is full or cannot be reached, so a replay would not be
    /// detected.
    #[error("the store that detects replays is full or cannot be reached")]
    ReplayStoreFull,
    /// The token's algorithm is not permitted.
    #[error("{}, found {found}", alternatives(.expected))]
    Algorithm {
        /// The permitted algorithms; empty if the server advertises only algorithms that are never
        /// permitted.
        expected: Vec<String>,
        /// The algorithm that was found.
        found: String,
    },
    /// The token's `typ` is that of another kind of token.
    #[error("expected {expected} as `typ`, found {found}")]
    TokenType {
        /// The expected type.
        expected: &'static str,
        /// The type that was found.
        found: String,
    },
    /// The token is not encrypted, although the client has registered encryption.
    #[error("expected a token encrypted with {expected}, found one that is not encrypted")]
    NotEncrypted {
        /// The algorithm that the client registered.
        expected: String,
    },
    /// The response is not signed, although the client has registered a signature.
    #[error("expected a response signed with {expected}, found one that is not signed")]
    NotSigned {
        /// The algorithm that the client registered.
        expected: String,
    },
    /// Not exactly one key of the key set fits the token.
    #[error("{0}{switch}", switch = switch_for_keys(.0))]
    KeySelection(KeySelectionError),
    /// The number of the client's keys for the encrypted token is not one.
    #[error("{found} keys are for this encrypted token, and it takes exactly one")]
    DecryptionKey {
        /// The number of keys.
        found: usize,
    },
    /// The encrypted token is malformed, is encrypted in a way that is not accepted, or cannot be
    /// decrypted.
    #[error("{0}")]
    Decryption(jose::Error),
    /// The token is malformed or its signature is not valid.
    #[error("{0}")]
    Jose(jose::Error),
    /// The token type in the response was not requested, or is unknown.
    #[error("token_type must be {expected}, found {found}")]
    UnsupportedTokenType {
        /// The permitted types.
        expected: &'static str,
        /// The type that was found.
        found: String,
    },
    /// A hash in the ID Token needs a hash function that is not supported here, so it cannot be
    /// checked.
    #[error("`{claim}` with {algorithm} needs {hash}, which is not supported here")]
    UnsupportedHash {
        /// The claim that contains the hash.
        claim: &'static str,
        /// The algorithm of the ID Token, which determines the hash function.
        algorithm: SignatureAlgorithm,
        /// The hash function.
        hash: &'static str,
    },
    /// The server has registered a client that is protected less than requested, or registered no
    /// signature for a message that is worthless without one.
    #[error("{}", weakened(.member, .asked, .found))]
    Weakened {
        /// The member of the client metadata.
        member: &'static str,
        /// The requested value; `None` if any signature suffices.
        asked: Option<String>,
        /// The registered value; `None` if the server has omitted it.
        found: Option<String>,
    },
    /// A URL of the server is not allowed.
    #[error("`{member}` must be {expected}, found {found}")]
    Url {
        /// The member that contains it.
        member: Cow<'static, str>,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
}

/// The rule that a time in a token violates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimestampRule {
    /// `exp` has passed.
    Expired,
    /// `nbf` has not been reached.
    NotYetValid,
    /// A past event lies in the future.
    InTheFuture,
    /// The time lies further in the past than allowed.
    TooOld,
}

impl fmt::Display for TimestampRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "expired",
            Self::NotYetValid => "not valid yet",
            Self::InTheFuture => "in the future",
            Self::TooOld => "too long ago",
        })
    }
}

/// Returns the hint for keys whose only fault is padding.
fn switch_for_keys(error: &KeySelectionError) -> &'static str {
    let is_padded = |key: &jose::UnfitKey| {
        matches!(
            key.reason,
            jose::Unfit::Skipped(jose::Error::KeyRejected(jose::KeyRejected::Padding { .. }))
        )
    };
    match error {
        KeySelectionError::None { search, .. } if search.unfit().iter().any(is_padded) => {
            "; `danger.accept_padded_keys` accepts padded keys"
        }
        _ => "",
    }
}

/// Why a page finds no response.
fn unseen(channel: &str) -> &'static str {
    match channel {
        "fragment" => {
            ": the page was opened without a login, or the fragment was not sent to the server, \
             which a script of the page has to do"
        }
        _ => ": the page was opened without a login",
    }
}

fn or_nothing(found: &Option<String>) -> &str {
    found.as_deref().unwrap_or("nothing")
}

fn alternatives(expected: &[String]) -> String {
    match expected {
        [] => "not one of the algorithms that the server advertises may be used".to_owned(),
        _ => format!("expected algorithm {}", expected.join(" or ")),
    }
}

fn weakened(member: &str, asked: &Option<String>, found: &Option<String>) -> String {
    let found = found.as_deref().unwrap_or("nothing");
    match asked {
        Some(asked) => format!(
            "`{member}` was asked for as {asked}, and the server has registered {found}, which \
             protects less; a client that asks for no more than that can use it"
        ),
        None => format!("`{member}` must be a signature algorithm, and {found} is registered"),
    }
}

fn redirected_to(location: &Option<String>) -> String {
    location
        .as_ref()
        .map(|to| format!(" (a redirect to {to}, which is not followed)"))
        .unwrap_or_default()
}

fn comparison(expected: &Option<String>, found: &Option<String>) -> String {
    match (expected, found) {
        (Some(expected), Some(found)) => format!(": expected {expected}, found {found}"),
        (Some(expected), None) => format!(": expected {expected}"),
        _ => String::new(),
    }
}
