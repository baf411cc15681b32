//! ID Tokens that were verified, stored and read back.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::secret::Secret;
use crate::time::UnixTime;
use crate::validate::IdToken;
use crate::validate::id_token::Parts;

impl IdToken {
    /// Restores an ID Token from claims that were verified when it arrived. `None` if a mandatory
    /// claim is missing or has the wrong type, so that they cannot be those of an ID Token (OpenID
    /// Connect Core 1.0 section 2).
    pub(crate) fn restored(claims: Map<String, Value>, jwt: Secret) -> Option<Self> {
        let text = |claim| claims.get(claim).and_then(Value::as_str).map(str::to_owned);
        let aud = match claims.get("aud")? {
            Value::String(aud) => vec![aud.clone()],
            Value::Array(members) => members
                .iter()
                .map(|member| member.as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
            _ => return None,
        };
        let time = |claim| claims.get(claim).and_then(Value::as_f64).map(time);
        let sub = text("sub").filter(|sub| !sub.is_empty())?;
        Some(Self(Arc::new(Parts {
            iss: text("iss")?,
            sub,
            aud,
            exp: time("exp")?,
            iat: time("iat")?,
            auth_time: time("auth_time"),
            claims: claims.into(),
            jwt,
        })))
    }
}

/// Converts seconds. Fractions are truncated, and the cast saturates at the ends of the range.
const fn time(seconds: f64) -> UnixTime {
    UnixTime::from_seconds(seconds as i64)
}
