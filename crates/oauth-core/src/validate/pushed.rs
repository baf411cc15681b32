//! ID Tokens that the server pushed to the client (CIBA Core 1.0 section 10.3.1).

use jose::SignatureAlgorithm;
use jose::jwt::Claims;

use super::claim::{required, text};
use super::hashes::matches_hash;
use crate::error::Reason;
use crate::secret::{Secret, constant_time_eq};

/// The parts of a push that its ID Token binds together.
#[derive(Debug, Clone)]
pub(super) struct Pushed {
    pub(super) auth_req_id: Secret,
    pub(super) access_token: Secret,
    pub(super) refresh_token: Option<Secret>,
}

impl Pushed {
    /// Checks that the token is the detached signature of the push. Each claim is required: without
    /// it, the part that it covers may be of another push.
    pub(super) fn check(
        &self,
        claims: &Claims<'_>,
        algorithm: SignatureAlgorithm,
    ) -> Result<(), Reason> {
        let auth_req_id = required(AUTH_REQ_ID, text(claims, AUTH_REQ_ID)?)?;
        let expected = self.auth_req_id.expose();
        if !constant_time_eq(auth_req_id.as_bytes(), expected.as_bytes()) {
            return Err(Reason::ClaimMismatch {
                claim: AUTH_REQ_ID,
                expected: None,
                found: None,
            });
        }
        let at_hash = required("at_hash", text(claims, "at_hash")?)?;
        matches_hash("at_hash", at_hash, self.access_token.expose(), algorithm)?;
        match &self.refresh_token {
            Some(refresh_token) => {
                let rt_hash = required(RT_HASH, text(claims, RT_HASH)?)?;
                matches_hash(RT_HASH, rt_hash, refresh_token.expose(), algorithm)
            }
            // Beyond section 10.3.1: the refresh token was taken out of the push.
            None if claims.get(RT_HASH).is_some() => Err(Reason::Unexpected {
                member: RT_HASH.into(),
            }),
            None => Ok(()),
        }
    }
}

pub(super) const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";
pub(super) const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";
