//! The claims of the tokens that are verified and signed.

use std::hint::black_box;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The values that the verifier expects in an ID Token.
pub const ISSUER: &str = "https://issuer.example.com";
pub const AUDIENCE: &str = "s6BhdRkqt3-web-client";
pub const NONCE: &str = "n-0S6_WzA2Mj-kq5t8vXbYeR3";

/// The eight claims of an ID Token.
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
    /// Creates claims that are issued now and valid for a day.
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

    /// Checks the claims that the verifier does not check, and consumes them.
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
    /// Creates the claims of a proof that is made now.
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

/// Returns the seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}
