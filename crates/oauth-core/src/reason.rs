//! Why something that a server sent is refused.

mod code;
mod of_jose;
mod printable;

use std::borrow::Cow;
use std::fmt;

use jose::{KeySelectionError, SignatureAlgorithm};

pub(crate) use self::printable::{printable, printable_url, printable_within};

/// The check that failed, with what was expected and what was found.
///
/// Text that came from a server has its control characters escaped and is cut at 200 characters.
/// Values that are secret, or that an attacker could learn from, are never part of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The HTTP status is not the one that the specification asks for.
    #[error("expected HTTP status {expected}, found {found}{}", redirected_to(.location))]
    Status {
        /// The status asked for.
        expected: u16,
        /// The status found.
        found: u16,
        /// Where a redirect, which is never followed, points to: its origin and path.
        location: Option<String>,
    },
    /// The body is not of the media type asked for.
    #[error("expected a body of type {expected}, found {}", or_nothing(.found))]
    MediaType {
        /// The media type asked for.
        expected: &'static str,
        /// The `Content-Type` found.
        found: Option<String>,
    },
    /// The body is encoded, although no encoding was asked for.
    #[error("expected no Content-Encoding, found {found}")]
    ContentEncoding {
        /// The encoding found.
        found: String,
    },
    /// The body is not the JSON it should be.
    #[error("{0}")]
    Json(jose::json::Error),
    /// A member, claim or parameter is missing.
    #[error("`{member}` is missing")]
    Missing {
        /// Its name.
        member: Cow<'static, str>,
    },
    /// A member is missing where it belongs, and is within another one.
    #[error("`{member}` is missing, and is within `{within}`")]
    Nested {
        /// Its name.
        member: &'static str,
        /// The member that it is in.
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
    /// A member, claim or parameter is present that must not be.
    #[error("`{member}` must be absent here")]
    Unexpected {
        /// Its name.
        member: Cow<'static, str>,
    },
    /// A member is present that a switch of [`Danger`](crate::policy::Danger) rules out.
    #[error("`{member}` must be absent beside `danger.{switch}`")]
    UnexpectedBeside {
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
    /// The authorization response came in another channel than the one asked for.
    #[error("expected response mode {expected}, found {found}")]
    ResponseMode {
        /// The mode asked for.
        expected: &'static str,
        /// The mode found.
        found: &'static str,
    },
    /// An authorization response in the fragment has its `iss` in the query.
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
    /// A parameter of the authorization response has another value than the one expected.
    #[error("parameter `{parameter}` does not match{}", comparison(.expected, .found))]
    ParameterMismatch {
        /// Its name.
        parameter: &'static str,
        /// The value expected; `None` where it is secret.
        expected: Option<String>,
        /// The value found; `None` where it is secret.
        found: Option<String>,
    },
    /// It is of a tenant of Entra ID whose people may not log in.
    #[error("tenant {tenant} is not among those whose people may log in")]
    TenantRefused {
        /// The tenant, a UUID.
        tenant: String,
    },
    /// A member of a JSON document has another value than the one expected.
    #[error("`{member}` does not match{}", comparison(.expected, .found))]
    AttributeMismatch {
        /// Its name.
        member: &'static str,
        /// The value expected; `None` where it is secret.
        expected: Option<String>,
        /// The value found; `None` where it is secret.
        found: Option<String>,
    },
    /// A claim has another value than the one expected.
    #[error("claim `{claim}` does not match{}", comparison(.expected, .found))]
    ClaimMismatch {
        /// Its name.
        claim: &'static str,
        /// The value expected; `None` where it is secret.
        expected: Option<String>,
        /// The value found; `None` where it is secret.
        found: Option<String>,
    },
    /// A time in the token lies on the wrong side of now.
    #[error("claim `{claim}` is {found}, which is {rule} (now {now}, tolerance {tolerance} s)")]
    Timestamp {
        /// The claim.
        claim: &'static str,
        /// Its value in seconds since the epoch.
        found: i64,
        /// What is wrong with it.
        rule: TimestampRule,
        /// The time it was compared with, clock skew applied, in seconds since the epoch.
        now: i64,
        /// The tolerance that was granted, in seconds.
        tolerance: u64,
    },
    /// The token was accepted before, and may be accepted once.
    #[error("a token with this `{claim}` was accepted before, and may be accepted once")]
    Replayed {
        /// The claim that identifies the token.
        claim: &'static str,
    },
    /// The token's algorithm is not one that may be used.
    #[error("{}, found {found}", alternatives(.expected))]
    Algorithm {
        /// The algorithms that may be used; none when the server advertises only such as are
        /// never believed.
        expected: Vec<String>,
        /// The algorithm found.
        found: String,
    },
    /// The token's `typ` is that of another kind of token.
    #[error("expected {expected} as `typ`, found {found}")]
    TokenType {
        /// The type asked for.
        expected: &'static str,
        /// The type found.
        found: String,
    },
    /// The token is not encrypted, although the client registered that it is.
    #[error("expected a token encrypted with {expected}, found one that is not encrypted")]
    NotEncrypted {
        /// The algorithm that the client registered.
        expected: String,
    },
    /// The response is not signed, although the client registered that it is.
    #[error("expected a response signed with {expected}, found one that is not signed")]
    NotSigned {
        /// The algorithm that the client registered.
        expected: String,
    },
    /// Not exactly one key of the key set fits the token.
    #[error("{0}{switch}", switch = switch_for_keys(.0))]
    KeySelection(KeySelectionError),
    /// Not exactly one of the client's keys is for the encrypted token.
    #[error("{found} keys are for this encrypted token, and it takes exactly one")]
    DecryptionKey {
        /// How many there are.
        found: usize,
    },
    /// The encrypted token is malformed, encrypted in a way that is not accepted, or cannot be
    /// decrypted.
    #[error("{0}")]
    Decryption(jose::Error),
    /// The token is malformed or its signature is not valid.
    #[error("{0}")]
    Jose(jose::Error),
    /// The token response is of a kind that the request did not ask for or that is not known.
    #[error("token_type must be {expected}, found {found}")]
    UnsupportedTokenType {
        /// The types that may be used.
        expected: &'static str,
        /// The type found.
        found: String,
    },
    /// A hash in the ID Token is made by a function that is not supported here, so that it cannot
    /// be checked.
    #[error("`{claim}` beside {algorithm} is made by {hash}, which is not supported here")]
    UnsupportedHash {
        /// The claim that holds the hash.
        claim: &'static str,
        /// The algorithm of the ID Token, which says how its hashes are made.
        algorithm: SignatureAlgorithm,
        /// The hash function.
        hash: &'static str,
    },
    /// The server has registered a client that protects less than what was asked for, or a message
    /// without the signature that makes it worth anything.
    #[error("{}", weakened(.member, .asked, .found))]
    Weakened {
        /// The member of the client metadata.
        member: &'static str,
        /// The value asked for; `None` where any signature would do.
        asked: Option<String>,
        /// The value registered; `None` where the server has left it out.
        found: Option<String>,
    },
    /// A URL of the server is not one that may be contacted.
    #[error("`{member}` must be {expected}, found {found}")]
    Url {
        /// The member that holds it.
        member: Cow<'static, str>,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
}

/// What is wrong with a time in a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimestampRule {
    /// `exp` is over.
    Expired,
    /// `nbf` has not come yet.
    NotYetValid,
    /// A past event lies in the future.
    InTheFuture,
    /// Longer ago than allowed.
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

/// The way out for keys that are merely padded.
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
