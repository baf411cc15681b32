//! The checks that a recipient makes on a JWT before it uses the claims (RFC 7519 section 7.2,
//! RFC 8725 section 3).

mod error;
mod validated;

use std::time::Duration;

use crate::json::Value;
use crate::jws::{Header, Unverified};
use crate::{JwkSet, SignatureAlgorithm, VerifyingKey};

use super::{Claims, NumericDate};

pub use self::error::{TimeRule, ValidationError};
pub use self::validated::Validated;

/// What a recipient requires of a JWT: issuer, audience, algorithms, times, type and claims.
///
/// A token is accepted when all of the following holds:
///
/// - It is a signed JWT whose header has no `crit` (RFC 7515 section 4.1.11).
/// - `alg` is one of the accepted algorithms (RFC 8725 section 3.1), which `none` never is.
/// - `typ` is the type set with [`typ`](Self::typ). By default `typ` is absent or `JWT`, so that a
///   token for a special purpose, such as `at+jwt`, is refused (RFC 8725 section 3.11).
/// - The signature is valid for the key.
/// - `iss` equals the issuer (RFC 8725 section 3.8).
/// - `aud` contains the audience (RFC 8725 section 3.9).
/// - `exp` is present and in the future; `nbf` and `iat`, where present, are not in the future.
/// - Each claim named with [`require`](Self::require) is present and not `null`.
///
/// ```
/// use std::time::Duration;
///
/// use jose::jwt::{NumericDate, Validation};
/// use jose::{JwkSet, SignatureAlgorithm};
///
/// # use jose::jws::{ProtectedHeader, SigningInput};
/// # let key = jose::SigningKey::generate(SignatureAlgorithm::ES256)?;
/// # let public = key.public_jwk().ok_or(jose::KeyRejected::Symmetric)?;
/// # let published = serde_json::json!({ "keys": [public.to_json()] }).to_string();
/// # let header = ProtectedHeader::new(SignatureAlgorithm::ES256).typ("at+jwt");
/// # let payload = br#"{"iss":"https://id.example.com","aud":"https://api.example.com",
/// #     "sub":"248289761001","exp":1800000000}"#;
/// # let token = SigningInput::new(&header, payload).sign(&key)?;
/// let validation = Validation::new(
///     "https://id.example.com",
///     "https://api.example.com",
///     &[SignatureAlgorithm::ES256],
/// )?
/// .typ("at+jwt")
/// .leeway(Duration::from_secs(10))?
/// .require("sub");
///
/// // In a program, `now` comes from `SystemTime::now().duration_since(UNIX_EPOCH)`.
/// let now = NumericDate::from_seconds(1_799_999_000);
/// let keys = JwkSet::parse(published.as_bytes())?;
/// let token = validation.verify_with_set(&token, &keys, now)?;
/// assert_eq!(token.claims().sub(), Some("248289761001"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Validation {
    issuer: String,
    audience: String,
    algorithms: Vec<SignatureAlgorithm>,
    typ: Option<String>,
    leeway: u64,
    required: Vec<String>,
}

impl Validation {
    /// The largest leeway: 10 minutes. A larger one hides a clock that is wrong.
    pub const MAXIMUM_LEEWAY: Duration = Duration::from_secs(600);

    /// Requires an issuer, an audience and one of the algorithms. The leeway is zero.
    ///
    /// # Errors
    ///
    /// [`ValidationError::Empty`] when the issuer or the audience is an empty string, or when
    /// `algorithms` is empty.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        algorithms: &[SignatureAlgorithm],
    ) -> Result<Self, ValidationError> {
        let (issuer, audience) = (issuer.into(), audience.into());
        for (setting, is_empty) in [
            ("issuer", issuer.is_empty()),
            ("audience", audience.is_empty()),
            ("algorithms", algorithms.is_empty()),
        ] {
            if is_empty {
                return Err(ValidationError::Empty { setting });
            }
        }
        Ok(Self {
            issuer,
            audience,
            algorithms: algorithms.to_vec(),
            typ: None,
            leeway: 0,
            required: Vec::new(),
        })
    }

    /// Requires a `typ`, such as `at+jwt` (RFC 9068 section 2.1). Case does not matter, and
    /// `application/` may be left out on either side (RFC 7515 section 4.1.9).
    #[must_use]
    pub fn typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = Some(typ.into());
        self
    }

    /// Sets by how much the clocks of issuer and recipient may differ (RFC 7519 section 4.1.4), in
    /// whole seconds; a fraction is dropped.
    ///
    /// # Errors
    ///
    /// [`ValidationError::Leeway`] for more than [`MAXIMUM_LEEWAY`](Self::MAXIMUM_LEEWAY).
    pub fn leeway(mut self, leeway: Duration) -> Result<Self, ValidationError> {
        if leeway > Self::MAXIMUM_LEEWAY {
            return Err(ValidationError::Leeway { found: leeway });
        }
        self.leeway = leeway.as_secs();
        Ok(self)
    }

    /// Requires a claim, with any value but `null`.
    #[must_use]
    pub fn require(mut self, claim: impl Into<String>) -> Self {
        self.required.push(claim.into());
        self
    }

    /// Verifies a token with a key, and checks its claims.
    ///
    /// # Errors
    ///
    /// [`ValidationError`] for the first check that fails, in the order of the list above.
    pub fn verify(
        &self,
        token: &str,
        key: &VerifyingKey,
        now: NumericDate,
    ) -> Result<Validated, ValidationError> {
        let token = self.parse(token)?;
        self.finish(token, key, now)
    }

    /// Verifies a token with the one key of a set that fits its header
    /// ([`JwkSet::select`]), and checks its claims.
    ///
    /// # Errors
    ///
    /// [`ValidationError`] for the first check that fails.
    pub fn verify_with_set(
        &self,
        token: &str,
        keys: &JwkSet,
        now: NumericDate,
    ) -> Result<Validated, ValidationError> {
        let token = self.parse(token)?;
        let key = keys.select(token.header())?.verifying_key();
        self.finish(token, key, now)
    }

    /// Makes the checks that need no key.
    fn parse<'t>(&self, token: &'t str) -> Result<Unverified<'t>, ValidationError> {
        let token = Unverified::parse(token)?;
        // RFC 8725 section 3.1.
        let alg = token.header().alg();
        if !self.algorithms.contains(&alg) {
            return Err(ValidationError::Algorithm { found: alg });
        }
        self.check_typ(token.header())?;
        Ok(token)
    }

    fn finish(
        &self,
        token: Unverified<'_>,
        key: &VerifyingKey,
        now: NumericDate,
    ) -> Result<Validated, ValidationError> {
        let alg = token.header().alg();
        let verified = token.verify(key, alg)?;
        let claims = verified.claims()?;
        self.check_claims(&claims, now)?;
        let claims = claims.into_owned();
        Ok(Validated::new(verified.into_header(), claims))
    }

    /// RFC 8725 section 3.11.
    fn check_typ(&self, header: &Header) -> Result<(), ValidationError> {
        let expected = self.typ.as_deref().unwrap_or("JWT");
        match header.typ() {
            None if self.typ.is_none() => Ok(()),
            Some(typ) if is_same_type(typ, expected) => Ok(()),
            found => Err(ValidationError::Typ {
                expected: expected.to_owned(),
                found: found.map(str::to_owned),
            }),
        }
    }

    fn check_claims(&self, claims: &Claims<'_>, now: NumericDate) -> Result<(), ValidationError> {
        // RFC 8725 section 3.8.
        if required("iss", claims.iss())? != self.issuer {
            return Err(ValidationError::Issuer);
        }
        // RFC 8725 section 3.9.
        if !required("aud", claims.aud())?.contains(&self.audience) {
            return Err(ValidationError::Audience);
        }
        self.check_times(claims, now)?;
        for claim in &self.required {
            let value = claims.get(claim).filter(|value| **value != Value::Null);
            required(claim, value)?;
        }
        Ok(())
    }

    fn check_times(&self, claims: &Claims<'_>, now: NumericDate) -> Result<(), ValidationError> {
        let now = now.seconds();
        let latest = now.saturating_add_unsigned(self.leeway);
        let check = |claim, rule, found: i64, holds: bool| {
            if holds {
                return Ok(());
            }
            Err(ValidationError::Time {
                claim,
                rule,
                found,
                now,
            })
        };
        // RFC 7519 section 4.1.4: the current time must be before `exp`.
        let exp = required("exp", claims.exp())?.seconds();
        let earliest = now.saturating_sub_unsigned(self.leeway);
        check("exp", TimeRule::Expired, exp, exp > earliest)?;
        // RFC 7519 section 4.1.5: the current time must be at or after `nbf`.
        if let Some(nbf) = claims.nbf().map(NumericDate::seconds) {
            check("nbf", TimeRule::NotYetValid, nbf, nbf <= latest)?;
        }
        // RFC 7519 section 4.1.6 leaves `iat` to the application. A token cannot have been issued
        // in the future.
        if let Some(iat) = claims.iat().map(NumericDate::seconds) {
            check("iat", TimeRule::InTheFuture, iat, iat <= latest)?;
        }
        Ok(())
    }
}

fn required<T>(claim: &str, value: Option<T>) -> Result<T, ValidationError> {
    value.ok_or_else(|| ValidationError::Missing {
        claim: claim.to_owned(),
    })
}

/// Whether two values of `typ` name the same media type (RFC 7515 section 4.1.9).
fn is_same_type(typ: &str, other: &str) -> bool {
    bare(typ).eq_ignore_ascii_case(bare(other))
}

/// The type without `application/`, which may be left out where no other slash follows.
fn bare(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
        _ => typ,
    }
}
