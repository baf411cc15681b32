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

/// What came beside the ID Token, which its hashes bind to it.
#[derive(Debug, Clone)]
pub(super) struct FrontChannel {
    pub(super) code: Option<Secret>,
    pub(super) state: Option<Secret>,
}

impl FrontChannel {
    /// A code needs its hash, and a fresh token. The hash of the state is checked where there is
    /// one, and is mandatory where the token is the response's detached signature.
    pub(super) fn check(
        &self,
        policy: &Policy,
        clock: Clock,
        iat: NumericDate,
        claims: &Claims<'_>,
        algorithm: SignatureAlgorithm,
    ) -> Result<(), Reason> {
        // Section 3.3.2.11: beside a code, `c_hash` is required. The greatest age, which section
        // 3.1.3.7 step 10 leaves to the client, bounds how long a stolen response can be replayed.
        if let Some(code) = &self.code {
            clock.issued_within(iat, LONGEST_AGE)?;
            let c_hash = required("c_hash", text(claims, "c_hash")?)?;
            matches_hash("c_hash", c_hash, code.expose(), algorithm)?;
        }
        // What must be absent and is null is present.
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

/// The oldest that an ID Token beside a code may be, in seconds; no tolerance is added.
const LONGEST_AGE: u64 = 3600;
