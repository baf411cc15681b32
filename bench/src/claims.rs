//! The claims that are verified and signed.

use std::hint::black_box;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// What the verifier expects of an ID Token.
pub const ISSUER: &str = "https://issuer.example.com";
pub const AUDIENCE: &str = "s6BhdRkqt3-web-client";
pub const NONCE: &str = "n-0S6_WzA2Mj-kq5t8vXbYeR3";

/// The claims of an ID Token: eight of them.
#[derive(Clone, Serialize, Deserialize)]
pub struct IdToken {
    pub iss: String,
    pub sub: String,
    pub aud: String,
    pub exp: u64,
    pub iat: u64,
    pub nonce: String,
    pub auth_time: u64,
    pub email: String,
}

impl IdToken {
    /// Issued now, good for a day.
    pub fn new() -> Self {
        let now = now();
        Self {
            iss: ISSUER.to_owned(),
            sub: "248289761001-5f1c9e7a".to_owned(),
            aud: AUDIENCE.to_owned(),
            exp: now + 86_400,
            iat: now,
            nonce: NONCE.to_owned(),
            auth_time: now - 60,
            email: "jane.doe.the.third@mail.example.com".to_owned(),
        }
    }

    /// The checks that a verifier leaves to its caller, and the hand-over of the claims.
    pub fn accept(self) {
        assert_eq!(self.nonce, NONCE);
        black_box(self);
    }
}

impl Default for IdToken {
    fn default() -> Self {
        Self::new()
    }
}

/// The claims of a DPoP proof (RFC 9449 section 4.2).
#[derive(Clone, Serialize)]
pub struct Proof {
    pub jti: &'static str,
    pub htm: &'static str,
    pub htu: &'static str,
    pub iat: u64,
    pub ath: &'static str,
}

impl Proof {
    /// Made now.
    pub fn new() -> Self {
        Self {
            jti: "e1j3V_bKic8-LAEB_lccDA",
            htm: "POST",
            htu: "https://resource.example.org/protected/resource",
            iat: now(),
            ath: "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo",
        }
    }
}

impl Default for Proof {
    fn default() -> Self {
        Self::new()
    }
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}
