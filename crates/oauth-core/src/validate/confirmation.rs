use serde_json::{Map, Value};

/// The keys that a token is bound to (`cnf`, RFC 7800 section 3.1). A resource server compares them
/// with the key that it sees; a client can compare them with its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmationClaims<'a> {
    /// `jkt`: the thumbprint of a DPoP key (RFC 9449 section 6.1), base64url.
    pub jkt: Option<&'a str>,
    /// `x5t#S256`: the SHA-256 hash of a TLS certificate (RFC 8705 section 3.1), base64url.
    pub x5t_s256: Option<&'a str>,
}

impl<'a> ConfirmationClaims<'a> {
    /// Reads `cnf` from the claims of a token or of an introspection response; `None` if it is
    /// absent.
    pub fn of(claims: &'a Map<String, Value>) -> Option<Self> {
        let cnf = claims.get("cnf")?.as_object()?;
        let text = |member: &str| cnf.get(member)?.as_str();
        Some(Self {
            jkt: text("jkt"),
            x5t_s256: text("x5t#S256"),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ConfirmationClaims;

    #[test]
    fn the_bindings_are_read() {
        for (claims, expected) in [
            (
                json!({"cnf": {"jkt": "a", "x5t#S256": "b", "jwk": {}}}),
                Some((Some("a"), Some("b"))),
            ),
            (json!({"cnf": {"jkt": 7}}), Some((None, None))),
            (json!({"cnf": "a"}), None),
            (json!({}), None),
        ] {
            let found = ConfirmationClaims::of(claims.as_object().unwrap());
            assert_eq!(found.map(|cnf| (cnf.jkt, cnf.x5t_s256)), expected);
        }
    }
}
