use std::fmt;

use serde_json::{Map, Value};

/// Claims about a user from the UserInfo endpoint.
///
/// Only [`sub`](Self::sub) is always present. The other standard claims (OpenID Connect Core 1.0
/// section 5.1) are returned if they have the type in the specification. [`claims`](Self::claims)
/// contains everything that came. `Debug` shows `sub` alone.
#[derive(Clone, PartialEq)]
pub struct UserInfoResponse {
    sub: String,
    claims: Map<String, Value>,
}

impl UserInfoResponse {
    pub(crate) const fn new(sub: String, claims: Map<String, Value>) -> Self {
        Self { sub, claims }
    }

    /// The identifier of the user; never empty.
    pub fn sub(&self) -> &str {
        &self.sub
    }

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

    /// The short name that the user goes by; neither unique nor stable.
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

    /// Whether the e-mail address was verified. The strings `"true"` and `"false"`, which some
    /// servers send, are accepted too; any other value is treated as absent.
    pub fn email_verified(&self) -> Option<bool> {
        self.boolean("email_verified")
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

    /// The telephone number, preferably in the form of E.164.
    pub fn phone_number(&self) -> Option<&str> {
        self.text("phone_number")
    }

    /// Whether the telephone number was verified; read like
    /// [`email_verified`](Self::email_verified).
    pub fn phone_number_verified(&self) -> Option<bool> {
        self.boolean("phone_number_verified")
    }

    /// The postal address.
    pub fn address(&self) -> Option<UserInfoAddress<'_>> {
        self.claims.get("address")?.as_object().map(UserInfoAddress)
    }

    /// When the claims were last changed, in seconds since the epoch; a fraction is truncated.
    pub fn updated_at(&self) -> Option<i64> {
        let value = self.claims.get("updated_at")?;
        let whole = value.as_f64().filter(|seconds| seconds.is_finite());
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast to an integer stops at its ends"
        )]
        value.as_i64().or(whole.map(|seconds| seconds as i64))
    }

    /// All claims, including `sub`.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Returns the claims and drops the rest.
    pub fn into_claims(self) -> Map<String, Value> {
        self.claims
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    fn boolean(&self, claim: &str) -> Option<bool> {
        match self.claims.get(claim)? {
            Value::Bool(value) => Some(*value),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl fmt::Debug for UserInfoResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfoResponse")
            .field("sub", &self.sub)
            .finish_non_exhaustive()
    }
}

/// A postal address (OpenID Connect Core 1.0 section 5.1.1).
#[derive(Clone, Copy, PartialEq)]
pub struct UserInfoAddress<'a>(&'a Map<String, Value>);

impl<'a> UserInfoAddress<'a> {
    /// The whole address, for a label; it may have several lines.
    pub fn formatted(&self) -> Option<&'a str> {
        self.text("formatted")
    }

    /// The street and number; it may have several lines.
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
