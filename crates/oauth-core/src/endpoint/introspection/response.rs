//! The content of an introspection response (RFC 7662 section 2.2).

use std::fmt;

use jose::json;
use jose::jwt::{Claims, NumericDate};
use serde_json::{Map, Value};

use crate::error::Reason;
use crate::time::UnixTime;
use crate::validate::ConfirmationClaims;

/// The state and the properties of a token.
///
/// [`active`](Self::active) is the server's decision about the token, not about the request. Before
/// a resource server accepts a request, it checks four members:
///
/// - [`active`](Self::active) is true.
/// - [`aud`](Self::aud), if the server sends it, contains this resource server. Otherwise the token
///   was issued for another one, which could replay it here.
/// - [`has_scope`](Self::has_scope) is true for the scope value that the request needs.
/// - [`cnf`](Self::cnf), if present, names the key or certificate of the sender. Otherwise the
///   token was stolen.
///
/// A member that the server omits is absent here.
#[derive(Clone, PartialEq)]
pub struct IntrospectionResponse {
    active: bool,
    exp: Option<UnixTime>,
    iat: Option<UnixTime>,
    nbf: Option<UnixTime>,
    auth_time: Option<UnixTime>,
    aud: Vec<String>,
    members: Map<String, Value>,
}

impl IntrospectionResponse {
    /// Reads the members; an error names the member at fault.
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
        for name in ["acr", "client_id", "scope", "sid", "token_type", "username"] {
            expect(object, name, "a string", |value| value.as_str().is_some())?;
        }
        // A null `cnf` is refused: a bound token must not look like an unbound one.
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
            auth_time: claims.auth_time().map(time),
            aud: aud.map_or_else(Vec::new, |aud| aud.iter().map(str::to_owned).collect()),
            members: claims.to_owned_map(),
        })
    }

    /// Whether the token is valid: issued by this server, not expired, not revoked.
    pub const fn active(&self) -> bool {
        self.active
    }

    /// The granted scope values, separated by spaces. `None` if the server sends no scope: the
    /// token then permits nothing that needs a scope.
    pub fn scope(&self) -> Option<&str> {
        self.text("scope")
    }

    /// Whether this scope value is granted, compared as a whole and with its case (RFC 6749 section
    /// 3.3). Always false for a token that is not active.
    pub fn has_scope(&self, value: &str) -> bool {
        let granted = self.scope().unwrap_or_default();
        self.active && !value.is_empty() && granted.split(' ').any(|it| it == value)
    }

    /// The client that the token was issued to.
    pub fn client_id(&self) -> Option<&str> {
        self.text("client_id")
    }

    /// A readable name of the user who granted the token.
    pub fn username(&self) -> Option<&str> {
        self.text("username")
    }

    /// The type of the token: `Bearer` or `DPoP`, in upper or lower case.
    pub fn token_type(&self) -> Option<&str> {
        self.text("token_type")
    }

    /// When the token expires.
    pub const fn exp(&self) -> Option<UnixTime> {
        self.exp
    }

    /// When the token was issued.
    pub const fn iat(&self) -> Option<UnixTime> {
        self.iat
    }

    /// When the token becomes valid.
    pub const fn nbf(&self) -> Option<UnixTime> {
        self.nbf
    }

    /// When the user who granted the token logged in (RFC 9470 section 6.2).
    pub const fn auth_time(&self) -> Option<UnixTime> {
        self.auth_time
    }

    /// The authentication context class of that login (RFC 9470 section 6.2).
    pub fn acr(&self) -> Option<&str> {
        self.text("acr")
    }

    /// The user who granted the token; unique at the issuer.
    pub fn sub(&self) -> Option<&str> {
        self.text("sub")
    }

    /// The resource servers that the token is for; empty if the server sends none. A resource
    /// server refuses a token with other values only.
    pub fn aud(&self) -> &[String] {
        &self.aud
    }

    /// The issuer of the token.
    pub fn iss(&self) -> Option<&str> {
        self.text("iss")
    }

    /// The identifier of the token.
    pub fn jti(&self) -> Option<&str> {
        self.text("jti")
    }

    /// The session that the token belongs to.
    pub fn sid(&self) -> Option<&str> {
        self.text("sid")
    }

    /// The key or certificate that the token is bound to (RFC 9449 section 6.2, RFC 8705 section
    /// 3.2); `None` for a bearer token. Compare `jkt` with the thumbprint of the key of the DPoP
    /// proof, and `x5t_s256` with the hash of the certificate of the connection. Refuse the request
    /// if neither is present: the token is then bound in another way.
    pub fn cnf(&self) -> Option<ConfirmationClaims<'_>> {
        ConfirmationClaims::of(&self.members)
    }

    /// The granted authorization details (RFC 9396 section 9.2): objects, each with a `type`.
    pub fn authorization_details(&self) -> &[Value] {
        let details = self.members.get("authorization_details");
        details.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// All members, including those above.
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
        // An optional member that is null counts as absent.
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
