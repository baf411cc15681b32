//! The keys that an access token is bound to (RFC 7800 section 3.1).

use jose::{HashAlgorithm, base64url};
use serde_json::{Map, Value};

use crate::error::{Artefact, Error, Reason};
use crate::resource_server::AuthorizationScheme;
use crate::resource_server::members::kind;
use crate::secret::constant_time_eq;
use crate::validate::claim::required;

/// The keys that an access token is bound to; both are absent in a bearer token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenBinding {
    /// `jkt`: the thumbprint of a DPoP key (RFC 9449 section 6.1), base64url.
    pub jkt: Option<String>,
    /// `x5t#S256`: the SHA-256 hash of a TLS certificate (RFC 8705 section 3.1), base64url.
    pub x5t_s256: Option<String>,
}

impl TokenBinding {
    /// Reads `cnf` of a token or of an introspection response (RFC 7800 section 3.1). Beyond that
    /// section, which lets a receiver ignore members that it does not know, a `cnf` without one of
    /// the two members is refused: the token is bound in a way that cannot be checked here.
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, Reason> {
        let cnf = match members.get("cnf") {
            None => return Ok(Self::default()),
            Some(Value::Object(cnf)) => cnf,
            Some(other) => return Err(ill_typed("cnf", "an object", other)),
        };
        let text = |name, member: &'static str| match cnf.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(ill_typed(member, "a string", other)),
        };
        let binding = Self {
            jkt: text("jkt", JKT)?,
            x5t_s256: text("x5t#S256", X5T_S256)?,
        };
        if binding == Self::default() {
            let member = JKT.into();
            return Err(Reason::Missing { member });
        }
        Ok(binding)
    }

    /// Compares the binding with the scheme that presents the token, and with the certificate of
    /// the connection. Returns the thumbprint that a DPoP proof must have.
    pub(super) fn check(
        &self,
        scheme: AuthorizationScheme,
        certificate: Option<&[u8]>,
    ) -> Result<Option<&str>, Error> {
        self.judge(scheme, certificate)
            .map_err(|reason| Artefact::AccessToken.rejected(reason).into())
    }

    fn judge(
        &self,
        scheme: AuthorizationScheme,
        certificate: Option<&[u8]>,
    ) -> Result<Option<&str>, Reason> {
        if let Some(expected) = &self.x5t_s256 {
            // RFC 8705 section 3: the certificate of the connection must be that of the token.
            let certificate = required("client certificate", certificate)?;
            let found = base64url::encode(&HashAlgorithm::Sha256.digest(certificate));
            if !constant_time_eq(expected.as_bytes(), found.as_bytes()) {
                return Err(mismatch(X5T_S256));
            }
        }
        match (scheme, &self.jkt) {
            // RFC 9449 section 7.2: a bound token is not a bearer token.
            (AuthorizationScheme::Bearer, Some(_)) => Err(Reason::UnsupportedTokenType {
                expected: "DPoP",
                found: "Bearer".to_owned(),
            }),
            (AuthorizationScheme::Bearer, None) => Ok(None),
            // RFC 9449 section 7.1: the token under this scheme is bound to the key of the proof.
            (AuthorizationScheme::DPoP, jkt) => required(JKT, jkt.as_deref()).map(Some),
        }
    }
}

pub(super) const JKT: &str = "cnf.jkt";
const X5T_S256: &str = "cnf.x5t#S256";

pub(super) const fn mismatch(claim: &'static str) -> Reason {
    Reason::ClaimMismatch {
        claim,
        expected: None,
        found: None,
    }
}

fn ill_typed(member: &'static str, expected: &'static str, found: &Value) -> Reason {
    Reason::IllTyped {
        member: member.into(),
        expected,
        found: kind(found).to_owned(),
    }
}
