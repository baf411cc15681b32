//! What the server knows of a token (RFC 7662 section 2.2).

use std::fmt;

use jose::json;
use jose::jwt::{Claims, NumericDate};
use serde_json::{Map, Value};

use crate::error::Reason;
use crate::time::UnixTime;
use crate::validate::ConfirmationClaims;

/// The state of a token, and what it stands for.
///
/// [`active`](Self::active) is the server's own judgement; the other members say for what and for
/// whom, and a resource server holds them against the request: `scope`, `aud`, and `cnf` against the
/// key that it sees. They are absent where the server does not tell.
#[derive(Clone, PartialEq)]
pub struct IntrospectionResponse {
    active: bool,
    exp: Option<UnixTime>,
    iat: Option<UnixTime>,
    nbf: Option<UnixTime>,
    aud: Vec<String>,
    members: Map<String, Value>,
}

impl IntrospectionResponse {
    /// Reads the members; an error names the one at fault.
    pub(crate) fn read(claims: &Claims<'_>) -> Result<Self, Reason> {
        let object = claims.as_object();
        let active = match object.get("active") {
            Some(json::Value::Bool(active)) => *active,
            None | Some(json::Value::Null) => {
                return Err(Reason::Missing {
                    member: "active".into(),
                });
            }
            Some(other) => return Err(ill_typed("active", "a boolean", other.kind())),
        };
        for name in ["client_id", "scope", "sid", "token_type", "username"] {
            expect(object, name, "a string", |value| value.as_str().is_some())?;
        }
        // Null is not absent here: a token that is bound to something must not look like one that is not.
        if let Some(cnf) = object.get("cnf")
            && cnf.as_object().is_none()
        {
            return Err(ill_typed("cnf", "an object", cnf.kind()));
        }
        expect(
            object,
            "authorization_details",
            "an array of objects",
            |value| {
                let elements = value.as_array();
                elements.is_some_and(|elements| elements.iter().all(|it| it.as_object().is_some()))
            },
        )?;
        let time = |date: NumericDate| UnixTime::from_seconds(date.seconds());
        let aud = claims.aud();
        Ok(Self {
            active,
            exp: claims.exp().map(time),
            iat: claims.iat().map(time),
            nbf: claims.nbf().map(time),
            aud: aud.map_or_else(Vec::new, |aud| aud.iter().map(str::to_owned).collect()),
            members: claims.to_owned_map(),
        })
    }

    /// Whether the token is good: issued by this server, not expired, not revoked.
    pub const fn active(&self) -> bool {
        self.active
    }

    /// The scope, values with single spaces between them.
    pub fn scope(&self) -> Option<&str> {
        self.text("scope")
    }

    /// The client that the token was issued to.
    pub fn client_id(&self) -> Option<&str> {
        self.text("client_id")
    }

    /// A name of the person who granted it, to be read by people.
    pub fn username(&self) -> Option<&str> {
        self.text("username")
    }

    /// How it is presented: `Bearer` or `DPoP` in any case.
    pub fn token_type(&self) -> Option<&str> {
        self.text("token_type")
    }

    /// When it expires.
    pub const fn exp(&self) -> Option<UnixTime> {
        self.exp
    }

    /// When it was issued.
    pub const fn iat(&self) -> Option<UnixTime> {
        self.iat
    }

    /// When it becomes valid.
    pub const fn nbf(&self) -> Option<UnixTime> {
        self.nbf
    }

    /// Who granted it: unique at the issuer.
    pub fn sub(&self) -> Option<&str> {
        self.text("sub")
    }

    /// For whom it is meant; empty where the server does not tell.
    pub fn aud(&self) -> &[String] {
        &self.aud
    }

    /// Who issued it.
    pub fn iss(&self) -> Option<&str> {
        self.text("iss")
    }

    /// Its identifier.
    pub fn jti(&self) -> Option<&str> {
        self.text("jti")
    }

    /// The session that it belongs to.
    pub fn sid(&self) -> Option<&str> {
        self.text("sid")
    }

    /// What it is bound to (RFC 9449 section 6.2, RFC 8705 section 3.2).
    pub fn cnf(&self) -> Option<ConfirmationClaims<'_>> {
        ConfirmationClaims::of(&self.members)
    }

    /// What was granted in detail (RFC 9396 section 9.2): objects, each with a `type`.
    pub fn authorization_details(&self) -> &[Value] {
        let details = self.members.get("authorization_details");
        details.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Every member, those above included.
    pub const fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }
}

impl fmt::Debug for IntrospectionResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntrospectionResponse")
            .field("active", &self.active)
            .field("client_id", &self.client_id())
            .field("scope", &self.scope())
            .field("exp", &self.exp)
            .finish_non_exhaustive()
    }
}

fn expect(
    object: &json::Object<'_>,
    name: &'static str,
    expected: &'static str,
    fits: impl FnOnce(&json::Value<'_>) -> bool,
) -> Result<(), Reason> {
    match object.get(name) {
        // One that is optional and null is absent.
        Some(json::Value::Null) => Ok(()),
        Some(value) if !fits(value) => Err(ill_typed(name, expected, value.kind())),
        _ => Ok(()),
    }
}

fn ill_typed(name: &'static str, expected: &'static str, found: &str) -> Reason {
    Reason::IllTyped {
        member: name.into(),
        expected,
        found: found.to_owned(),
    }
}
