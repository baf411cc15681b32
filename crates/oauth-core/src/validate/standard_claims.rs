//! The standard claims about a user (OpenID Connect Core 1.0 section 5.1), in an ID Token as in a
//! UserInfo response.

use std::fmt;

use serde_json::{Map, Value};

use crate::time::UnixTime;

/// Accessors for the standard claims, on a type whose method `claims` gives them.
macro_rules! standard_claims {
    () => {
        /// The full name, for display.
        pub fn name(&self) -> Option<&str> {
            self.text("name")
        }

        /// The given names.
        pub fn given_name(&self) -> Option<&str> {
            self.text("given_name")
        }

        /// The family names.
        pub fn family_name(&self) -> Option<&str> {
            self.text("family_name")
        }

        /// The middle names.
        pub fn middle_name(&self) -> Option<&str> {
            self.text("middle_name")
        }

        /// The casual name.
        pub fn nickname(&self) -> Option<&str> {
            self.text("nickname")
        }

        /// The short name that the user prefers; neither unique nor stable.
        pub fn preferred_username(&self) -> Option<&str> {
            self.text("preferred_username")
        }

        /// URL of the profile page.
        pub fn profile(&self) -> Option<&str> {
            self.text("profile")
        }

        /// URL of a picture of the user.
        pub fn picture(&self) -> Option<&str> {
            self.text("picture")
        }

        /// URL of the user's web page.
        pub fn website(&self) -> Option<&str> {
            self.text("website")
        }

        /// The e-mail address; neither unique nor stable.
        pub fn email(&self) -> Option<&str> {
            self.text("email")
        }

        /// Whether the e-mail address was verified. Some servers write `"true"` and `"false"` in
        /// place of the booleans, which count; any other value counts as absent.
        pub fn email_verified(&self) -> Option<bool> {
            $crate::validate::boolean_claim(self.claims(), "email_verified")
        }

        /// The gender.
        pub fn gender(&self) -> Option<&str> {
            self.text("gender")
        }

        /// The birthday as `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
        pub fn birthdate(&self) -> Option<&str> {
            self.text("birthdate")
        }

        /// The time zone, for example `Europe/Paris`.
        pub fn zoneinfo(&self) -> Option<&str> {
            self.text("zoneinfo")
        }

        /// The language, for example `en-GB`.
        pub fn locale(&self) -> Option<&str> {
            self.text("locale")
        }

        /// The telephone number, usually in the form of E.164.
        pub fn phone_number(&self) -> Option<&str> {
            self.text("phone_number")
        }

        /// Whether the telephone number was verified; read like
        /// [`email_verified`](Self::email_verified).
        pub fn phone_number_verified(&self) -> Option<bool> {
            $crate::validate::boolean_claim(self.claims(), "phone_number_verified")
        }

        /// The postal address.
        pub fn address(&self) -> Option<$crate::validate::UserInfoAddress<'_>> {
            $crate::validate::UserInfoAddress::of(self.claims())
        }

        /// When the claims were last changed; a fraction of a second is dropped.
        pub fn updated_at(&self) -> Option<$crate::time::UnixTime> {
            $crate::validate::time_claim(self.claims(), "updated_at")
        }

        fn text(&self, claim: &str) -> Option<&str> {
            self.claims().get(claim)?.as_str()
        }
    };
}
pub(crate) use standard_claims;

/// A claim that is a boolean, or the text of one.
pub(crate) fn boolean_claim(claims: &Map<String, Value>, claim: &str) -> Option<bool> {
    match claims.get(claim)? {
        Value::Bool(value) => Some(*value),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A claim that is a number of seconds since the epoch.
pub(crate) fn time_claim(claims: &Map<String, Value>, claim: &str) -> Option<UnixTime> {
    let value = claims.get(claim)?;
    let whole = value.as_f64().filter(|seconds| seconds.is_finite());
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast to an integer stops at its ends"
    )]
    let seconds = value.as_i64().or(whole.map(|seconds| seconds as i64));
    seconds.map(UnixTime::from_seconds)
}

/// A postal address (OpenID Connect Core 1.0 section 5.1.1).
#[derive(Clone, Copy, PartialEq)]
pub struct UserInfoAddress<'a>(&'a Map<String, Value>);

impl<'a> UserInfoAddress<'a> {
    pub(crate) fn of(claims: &'a Map<String, Value>) -> Option<Self> {
        claims.get("address")?.as_object().map(Self)
    }

    /// The whole address, for a label; it may have several lines.
    pub fn formatted(&self) -> Option<&'a str> {
        self.text("formatted")
    }

    /// Street, number and the like; it may have several lines.
    pub fn street_address(&self) -> Option<&'a str> {
        self.text("street_address")
    }

    /// The city.
    pub fn locality(&self) -> Option<&'a str> {
        self.text("locality")
    }

    /// The state or province.
    pub fn region(&self) -> Option<&'a str> {
        self.text("region")
    }

    /// The postal code.
    pub fn postal_code(&self) -> Option<&'a str> {
        self.text("postal_code")
    }

    /// The country.
    pub fn country(&self) -> Option<&'a str> {
        self.text("country")
    }

    fn text(&self, member: &str) -> Option<&'a str> {
        self.0.get(member)?.as_str()
    }
}

impl fmt::Debug for UserInfoAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfoAddress").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::endpoint::UserInfoResponse;

    /// OpenID Connect Core 1.0 section 5.1.
    #[test]
    fn each_standard_claim_is_read_by_its_name() {
        let names = [
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "email",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "phone_number",
        ];
        let claims = names.map(|name| (name.to_owned(), json!(format!("my {name}"))));
        let user = UserInfoResponse::new("alice".to_owned(), claims.into_iter().collect());
        let found = [
            user.name(),
            user.given_name(),
            user.family_name(),
            user.middle_name(),
            user.nickname(),
            user.preferred_username(),
            user.profile(),
            user.picture(),
            user.website(),
            user.email(),
            user.gender(),
            user.birthdate(),
            user.zoneinfo(),
            user.locale(),
            user.phone_number(),
        ];
        let expected = names.map(|name| format!("my {name}"));
        assert_eq!(
            found.map(Option::unwrap),
            expected.each_ref().map(String::as_str)
        );
        assert!(user.address().is_none());
    }

    /// Section 5.1.1.
    #[test]
    fn each_member_of_an_address_is_read_by_its_name() {
        let names = [
            "formatted",
            "street_address",
            "locality",
            "region",
            "postal_code",
            "country",
        ];
        let members = names.map(|name| (name.to_owned(), json!(format!("my {name}"))));
        let address = serde_json::Value::Object(members.into_iter().collect());
        let claims = [("address".to_owned(), address)].into_iter().collect();
        let user = UserInfoResponse::new("alice".to_owned(), claims);
        let address = user.address().unwrap();
        let found = [
            address.formatted(),
            address.street_address(),
            address.locality(),
            address.region(),
            address.postal_code(),
            address.country(),
        ];
        let expected = names.map(|name| format!("my {name}"));
        assert_eq!(
            found.map(Option::unwrap),
            expected.each_ref().map(String::as_str)
        );
    }
}
