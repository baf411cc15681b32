//! ID Tokens (OpenID Connect Core 1.0 section 2).

mod restored;

use std::fmt;
use std::sync::{Arc, OnceLock};

use jose::jwt::{Audience, Claims, NumericDate};
use serde_json::{Map, Value};

use crate::policy::Danger;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::reading::{converts_claims, reread_claims};
use crate::validate::{ConfirmationClaims, standard_claims};

/// A verified ID Token: its signature and every claim that affects a decision were checked.
///
/// A method gives an optional claim when it has the type that OpenID Connect Core 1.0 defines
/// (sections 2 and 5.1), and `None` otherwise, for example for `null`.
///
/// Cheap to clone.
#[derive(Clone)]
pub struct IdToken(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    iss: String,
    sub: String,
    aud: Vec<String>,
    exp: UnixTime,
    iat: UnixTime,
    auth_time: Option<UnixTime>,
    /// Read from the JWT again when they are first asked for. Many applications need `sub` alone.
    claims: OnceLock<Map<String, Value>>,
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
        &self.0.iss
    }

    /// The identifier of the user; unique at the issuer and never empty. Only [`iss`](Self::iss)
    /// and `sub` together are a stable key for a user: addresses and names change and are
    /// reassigned.
    pub fn sub(&self) -> &str {
        &self.0.sub
    }

    /// The audiences; this client is one of them.
    pub fn aud(&self) -> &[String] {
        &self.0.aud
    }

    /// When the token expires. The session may last longer.
    pub fn exp(&self) -> UnixTime {
        self.0.exp
    }

    /// When the token was issued.
    pub fn iat(&self) -> UnixTime {
        self.0.iat
    }

    /// When the user last authenticated.
    pub fn auth_time(&self) -> Option<UnixTime> {
        self.0.auth_time
    }

    /// The authentication context class.
    pub fn acr(&self) -> Option<&str> {
        self.text("acr")
    }

    /// The authentication methods, for example `pwd` and `otp` (RFC 8176).
    pub fn amr(&self) -> impl Iterator<Item = &str> {
        let methods = self.claims().get("amr").and_then(Value::as_array);
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
        ConfirmationClaims::of(self.claims())
    }

    /// All claims, including those above.
    pub fn claims(&self) -> &Map<String, Value> {
        let Parts { claims, jwt, .. } = &*self.0;
        claims.get_or_init(|| reread_claims(jwt.expose()))
    }

    /// Returns the claims and drops the rest.
    pub fn into_claims(self) -> Map<String, Value> {
        let Parts { claims, jwt, .. } = Arc::unwrap_or_clone(self.0);
        let claims = claims.into_inner();
        claims.unwrap_or_else(|| reread_claims(jwt.expose()))
    }

    /// The token in its original form, for `id_token_hint`.
    pub fn jwt(&self) -> &Secret {
        &self.0.jwt
    }

    /// Creates the ID Token from claims that were all checked.
    pub(super) fn checked(
        danger: &Danger,
        claims: &Claims<'_>,
        judged: Judged<'_>,
        jwt: &Secret,
    ) -> Self {
        let time = |date: NumericDate| UnixTime::from_seconds(date.seconds());
        let map = converts_claims(danger).then(|| claims.to_owned_map());
        Self(Arc::new(Parts {
            iss: judged.iss.to_owned(),
            sub: judged.sub.to_owned(),
            aud: judged.aud.iter().map(str::to_owned).collect(),
            exp: time(judged.exp),
            iat: time(judged.iat),
            auth_time: claims.auth_time().map(time),
            claims: map.map_or_else(OnceLock::new, OnceLock::from),
            jwt: jwt.clone(),
        }))
    }
}

impl PartialEq for IdToken {
    fn eq(&self, other: &Self) -> bool {
        self.jwt() == other.jwt() && self.claims() == other.claims()
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
            .field("iss", &self.iss())
            .field("sub", &self.sub())
            .field("aud", &self.aud())
            .field("exp", &self.exp())
            .field("iat", &self.iat())
            .finish_non_exhaustive()
    }
}
