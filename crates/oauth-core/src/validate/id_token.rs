//! ID Tokens (OpenID Connect Core 1.0 section 2).

mod restored;

use std::fmt;

use jose::jwt::{Audience, Claims, NumericDate};
use serde_json::{Map, Value};

use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::{ConfirmationClaims, standard_claims};

/// A verified ID Token: its signature and every claim that affects a decision were checked.
///
/// A method gives an optional claim when it has the type that OpenID Connect Core 1.0 defines
/// (sections 2 and 5.1), and `None` otherwise, for example for `null`.
#[derive(Clone, PartialEq)]
pub struct IdToken {
    iss: String,
    sub: String,
    aud: Vec<String>,
    exp: UnixTime,
    iat: UnixTime,
    auth_time: Option<UnixTime>,
    claims: Map<String, Value>,
    jwt: Secret,
}

/// The JWT, for a hint about the person.
impl From<&IdToken> for Secret {
    fn from(id_token: &IdToken) -> Self {
        id_token.jwt().clone()
    }
}

impl IdToken {
    /// The issuer.
    pub fn iss(&self) -> &str {
        &self.iss
    }

    /// The identifier of the user; unique at the issuer and never empty. Only [`iss`](Self::iss)
    /// and `sub` together are a stable key for a user: addresses and names change and are
    /// reassigned.
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// The audiences; this client is one of them.
    pub fn aud(&self) -> &[String] {
        &self.aud
    }

    /// When the token expires. The session may last longer.
    pub const fn exp(&self) -> UnixTime {
        self.exp
    }

    /// When the token was issued.
    pub const fn iat(&self) -> UnixTime {
        self.iat
    }

    /// When the user last authenticated.
    pub const fn auth_time(&self) -> Option<UnixTime> {
        self.auth_time
    }

    /// The authentication context class.
    pub fn acr(&self) -> Option<&str> {
        self.text("acr")
    }

    /// The authentication methods, for example `pwd` and `otp` (RFC 8176).
    pub fn amr(&self) -> impl Iterator<Item = &str> {
        let methods = self.claims.get("amr").and_then(Value::as_array);
        methods.into_iter().flatten().filter_map(Value::as_str)
    }

    /// The client that the token was issued to.
    pub fn azp(&self) -> Option<&str> {
        self.text("azp")
    }

    /// The nonce of the login.
    pub fn nonce(&self) -> Option<&str> {
        self.text("nonce")
    }

    /// The session at the issuer, for logout.
    pub fn sid(&self) -> Option<&str> {
        self.text("sid")
    }

    standard_claims!();

    /// The key that the token is bound to.
    pub fn cnf(&self) -> Option<ConfirmationClaims<'_>> {
        ConfirmationClaims::of(&self.claims)
    }

    /// All claims, including those above.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Returns the claims and drops the rest.
    pub fn into_claims(self) -> Map<String, Value> {
        self.claims
    }

    /// The token in its original form, for `id_token_hint`.
    pub const fn jwt(&self) -> &Secret {
        &self.jwt
    }

    /// Creates the ID Token from claims that were all checked.
    pub(super) fn checked(claims: &Claims<'_>, judged: Judged<'_>, jwt: &Secret) -> Self {
        let time = |date: NumericDate| UnixTime::from_seconds(date.seconds());
        Self {
            iss: judged.iss.to_owned(),
            sub: judged.sub.to_owned(),
            aud: judged.aud.iter().map(str::to_owned).collect(),
            exp: time(judged.exp),
            iat: time(judged.iat),
            auth_time: claims.auth_time().map(time),
            claims: claims.to_owned_map(),
            jwt: jwt.clone(),
        }
    }
}

/// The claims that every ID Token has (OpenID Connect Core 1.0 section 2).
pub(super) struct Judged<'c> {
    pub(super) iss: &'c str,
    pub(super) sub: &'c str,
    pub(super) aud: Audience<'c>,
    pub(super) exp: NumericDate,
    pub(super) iat: NumericDate,
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken")
            .field("iss", &self.iss)
            .field("sub", &self.sub)
            .field("aud", &self.aud)
            .field("exp", &self.exp)
            .field("iat", &self.iat)
            .finish_non_exhaustive()
    }
}
