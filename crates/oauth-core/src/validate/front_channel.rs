//! ID Tokens that came through the browser (OpenID Connect Core 1.0 sections 3.2.2.11 and 3.3.2.11,
//! FAPI 1.0 Part 2 section 5.1.1).

use jose::SignatureAlgorithm;
use jose::jwt::{Claims, NumericDate};

use super::claim::{required, text};
use super::hashes::matches_hash;
use super::times::Clock;
use crate::error::Reason;
use crate::policy::Policy;
use crate::secret::Secret;

/// The parts of a response that the hashes in its ID Token bind to it.
#[derive(Debug, Clone)]
pub(super) struct FrontChannel {
    pub(super) code: Option<Secret>,
    pub(super) state: Option<Secret>,
}

impl FrontChannel {
    /// Checks the hash of the code and the age of the token if there is a code, and the hash of the
    /// state if it is present. The latter is mandatory if the token is the response's detached
    /// signature.
    pub(super) fn check(
        &self,
        policy: &Policy,
        clock: Clock,
        iat: NumericDate,
        claims: &Claims<'_>,
        algorithm: SignatureAlgorithm,
    ) -> Result<(), Reason> {
        // Section 3.3.2.11: `c_hash` is required with a code. Section 3.1.3.7, step 10, leaves the
        // greatest age to the client; it limits how long a stolen response can be replayed.
        if let Some(code) = &self.code {
            clock.issued_within(iat, LONGEST_AGE)?;
            let c_hash = required("c_hash", text(claims, "c_hash")?)?;
            matches_hash("c_hash", c_hash, code.expose(), algorithm)?;
        }
        // Beyond FAPI 1.0 Part 2 section 5.1.1: without a `state` in the request, an `s_hash`
        // belongs to another response. A forbidden claim that is null counts as present.
        if self.state.is_none() && claims.get("s_hash").is_some() {
            return Err(Reason::Unexpected {
                member: "s_hash".into(),
            });
        }
        // FAPI 1.0 Part 2 section 5.1.1.
        match (text(claims, "s_hash")?, &self.state) {
            (Some(s_hash), Some(state)) => {
                matches_hash("s_hash", s_hash, state.expose(), algorithm)
            }
            (None, Some(_)) if policy.detached_signature_response_checks() => {
                Err(Reason::Missing {
                    member: "s_hash".into(),
                })
            }
            _ => Ok(()),
        }
    }
}

/// The largest age of an ID Token that comes with a code, in seconds, without tolerance.
const LONGEST_AGE: u64 = 3600;
