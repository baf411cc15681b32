use serde_json::Map;

use crate::json::{Limits, Object, Value};
use crate::{Error, Part, json};

use super::{Audience, NumericDate};

/// A claims set (RFC 7519 section 4) whose registered claims have the types that their definitions
/// give them.
///
/// A registered claim of another type is an error, and does not count as absent: a token with
/// `"exp": "1300819380"` is refused, and is not valid forever.
#[derive(Debug, Clone)]
pub struct Claims<'a> {
    object: Object<'a>,
}

impl<'a> Claims<'a> {
    pub(crate) fn parse(payload: &'a [u8]) -> Result<Self, Error> {
        Self::read(json::parse_object(payload, Limits::CLAIMS))
    }

    pub(crate) fn parse_with_repeats(payload: &'a [u8]) -> Result<Self, Error> {
        let object = json::parse_object_with_repeats(payload, Limits::CLAIMS);
        Self::read(object)
    }

    fn read(object: Result<Object<'a>, json::Error>) -> Result<Self, Error> {
        let part = Part::Payload;
        Self::from_object(object.map_err(|reason| Error::Json { part, reason })?)
    }

    /// Checks the types of the registered claims in an object: `iss`, `sub` and `jti` are strings;
    /// `aud` is a string or an array of strings; `exp`, `nbf`, `iat` and `auth_time` are numbers.
    /// Every claim is optional. The caller decides whether the object can be trusted.
    ///
    /// # Errors
    ///
    /// [`Error::Claim`] for the first claim of the wrong type, `null` included;
    /// [`Error::TooManyAudiences`] for an `aud` of more than 1,024 members.
    pub fn from_object(object: Object<'a>) -> Result<Self, Error> {
        check_types(&object)?;
        Ok(Self { object })
    }

    /// The issuer (section 4.1.1).
    #[must_use]
    pub fn iss(&self) -> Option<&str> {
        self.string("iss")
    }

    /// The subject (section 4.1.2).
    #[must_use]
    pub fn sub(&self) -> Option<&str> {
        self.string("sub")
    }

    /// The audience (section 4.1.3).
    #[must_use]
    pub fn aud(&self) -> Option<Audience<'_>> {
        self.get("aud").and_then(Audience::new)
    }

    /// When the token expires (section 4.1.4).
    #[must_use]
    pub fn exp(&self) -> Option<NumericDate> {
        self.date("exp")
    }

    /// When the token becomes valid (section 4.1.5).
    #[must_use]
    pub fn nbf(&self) -> Option<NumericDate> {
        self.date("nbf")
    }

    /// When the token was issued (section 4.1.6).
    #[must_use]
    pub fn iat(&self) -> Option<NumericDate> {
        self.date("iat")
    }

    /// The token's identifier (section 4.1.7).
    #[must_use]
    pub fn jti(&self) -> Option<&str> {
        self.string("jti")
    }

    /// When the user was authenticated (OpenID Connect Core section 2).
    #[must_use]
    pub fn auth_time(&self) -> Option<NumericDate> {
        self.date("auth_time")
    }

    /// Any claim, by its name.
    #[must_use]
    pub fn get(&self, claim: &str) -> Option<&Value<'a>> {
        self.object.get(claim)
    }

    /// A claim that must be a string where it is present.
    ///
    /// # Errors
    ///
    /// [`Error::Claim`] when the claim is present and not a string.
    pub fn get_string(&self, claim: &str) -> Result<Option<&str>, Error> {
        match self.get(claim) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(Error::Claim {
                claim: claim.to_owned(),
                expected: "a string",
                found: other.kind(),
            }),
        }
    }

    /// All claims, in the order of the token.
    #[must_use]
    pub fn as_object(&self) -> &Object<'a> {
        &self.object
    }

    /// Copies the claims out of the token.
    #[must_use]
    pub fn to_owned_map(&self) -> Map<String, serde_json::Value> {
        self.object.to_owned_map()
    }

    /// The same claims without a borrow of the token.
    #[must_use]
    pub fn into_owned(self) -> Claims<'static> {
        Claims {
            object: self.object.into_owned(),
        }
    }

    fn string(&self, claim: &str) -> Option<&str> {
        self.get(claim).and_then(Value::as_str)
    }

    fn date(&self, claim: &str) -> Option<NumericDate> {
        self.get(claim)
            .and_then(Value::as_number)
            .and_then(NumericDate::from_number)
    }
}

fn check_types(object: &Object<'_>) -> Result<(), Error> {
    for (claim, value) in object.iter() {
        if let ("aud", Value::Array(elements)) = (claim, value)
            && elements.len() > MAXIMUM_AUDIENCES
        {
            return Err(Error::TooManyAudiences {
                limit: MAXIMUM_AUDIENCES,
                found: elements.len(),
            });
        }
        let expected = match claim {
            "iss" | "sub" | "jti" if value.as_str().is_none() => "a string",
            "aud" if Audience::new(value).is_none() => "a string or an array of strings",
            "exp" | "nbf" | "iat" | "auth_time"
                if value
                    .as_number()
                    .and_then(NumericDate::from_number)
                    .is_none() =>
            {
                "a number"
            }
            _ => continue,
        };
        return Err(Error::Claim {
            claim: claim.to_owned(),
            expected,
            found: value.kind(),
        });
    }
    Ok(())
}

/// More members than any issuer lists.
const MAXIMUM_AUDIENCES: usize = 1 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_registered_claim_is_read_by_its_name() {
        let payload =
            br#"{"iss":"a","sub":"b","aud":"c","exp":1,"nbf":2,"iat":3,"jti":"d","auth_time":4}"#;
        let claims = Claims::parse(payload).unwrap();
        let texts = [claims.iss(), claims.sub(), claims.jti()];
        assert_eq!(texts, ["a", "b", "d"].map(Some));
        assert!(claims.aud().unwrap().contains("c"));
        let dates = [claims.exp(), claims.nbf(), claims.iat(), claims.auth_time()];
        assert_eq!(dates.map(|date| date.unwrap().seconds()), [1, 2, 3, 4]);
        let none = Claims::parse(b"{}").unwrap();
        assert_eq!([none.iss(), none.sub(), none.jti()], [None; 3]);
        assert_eq!(
            [none.exp(), none.nbf(), none.iat(), none.auth_time()],
            [None; 4]
        );
    }
}
