//! Changes to the JWTs that the client signs: client assertions, request objects and DPoP proofs.

use std::fmt;
use std::sync::Arc;

use jose::SignatureAlgorithm;
use jose::jws::{ProtectedHeader, SigningInput};
use serde_json::{Map, Value};

use crate::error::{Error, Misuse, printable};
use crate::key::KeyReference;

/// A change to the header and claims of a JWT, made just before the client signs it.
///
/// It serves servers with unusual requirements, for example `EdDSA` where the key's algorithm is
/// `Ed25519`.
///
/// ```
/// use oauth_core::key::ModifyAssertion;
///
/// let modify = ModifyAssertion::new(|header, _claims| {
///     header.insert("alg".to_owned(), "EdDSA".into());
/// });
/// ```
#[derive(Clone)]
pub struct ModifyAssertion(Arc<Modify>);

type Modify = dyn Fn(&mut Map<String, Value>, &mut Map<String, Value>) + Send + Sync;

impl ModifyAssertion {
    /// Creates a change from a function that is called with the header and the claims of each JWT
    /// just before it is signed. The result is sent as it is; the function can remove protections.
    ///
    /// `alg` must remain an algorithm that the key can be used with: an asymmetric one, or an HMAC
    /// for `client_secret_jwt`. `crit` and `b64` cannot be set.
    pub fn new(
        modify: impl Fn(&mut Map<String, Value>, &mut Map<String, Value>) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(modify))
    }

    pub(crate) fn apply(&self, header: &mut Map<String, Value>, claims: &mut Map<String, Value>) {
        let Self(modify) = self;
        modify(header, claims);
    }
}

/// Two values are equal if they share the same function.
impl PartialEq for ModifyAssertion {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for ModifyAssertion {}

impl fmt::Debug for ModifyAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModifyAssertion")
    }
}

/// Refuses a key whose algorithm is symmetric, because the server would know the key.
pub(crate) fn check_asymmetric(key: &KeyReference) -> Result<(), Error> {
    if key.algorithm.is_symmetric() {
        return Err(Misuse::InvalidArgument {
            argument: "key",
            expected: "a key with an asymmetric algorithm",
            found: key.algorithm.to_string(),
        }
        .into());
    }
    Ok(())
}

/// Returns the input for a signature: a header with this `alg` and further parameters, and the
/// claims, both after `modify`.
///
/// # Errors
///
/// [`Misuse::InvalidArgument`] if `modify` returns a header that cannot be signed, or an `alg` of
/// another kind: a private key makes no HMAC, and a secret makes nothing else.
pub(crate) fn signing_input(
    alg: SignatureAlgorithm,
    header: &mut dyn Iterator<Item = (&'static str, Value)>,
    mut claims: Map<String, Value>,
    modify: Option<&ModifyAssertion>,
) -> Result<SigningInput, Error> {
    let mut members = Map::new();
    members.insert("alg".to_owned(), alg.as_str().into());
    members.extend(header.map(|(name, value)| (name.to_owned(), value)));
    if let Some(modify) = modify {
        modify.apply(&mut members, &mut claims);
    }
    let header = protected_header(members, alg.is_symmetric())?;
    let claims = Value::Object(claims).to_string();
    Ok(SigningInput::new(&header, claims.as_bytes()))
}

/// Returns the header with these parameters.
fn protected_header(
    mut members: Map<String, Value>,
    symmetric: bool,
) -> Result<ProtectedHeader, Error> {
    let invalid = |expected, found| Misuse::InvalidArgument {
        argument: "modify_assertion",
        expected,
        found,
    };
    let alg = members.remove("alg").unwrap_or_default();
    let algorithm: Option<SignatureAlgorithm> = alg.as_str().and_then(|name| name.parse().ok());
    let algorithm = algorithm
        .filter(|algorithm| algorithm.is_symmetric() == symmetric)
        .ok_or_else(|| {
            let expected = match symmetric {
                true => "a header whose alg is HS256, HS384 or HS512",
                false => "a header whose alg is an asymmetric signature algorithm",
            };
            invalid(expected, printable(&alg.to_string()))
        })?;
    let mut header = ProtectedHeader::new(algorithm);
    for (name, value) in members {
        header = header
            .member(&name, value)
            .map_err(|_| invalid("a header without crit and b64", printable(&name)))?;
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::key::{KeyJob, KeyResult, PendingSignature};
    use crate::names::KeyName;
    use crate::testing::decoded;

    fn pending(modify: Option<&ModifyAssertion>) -> Result<PendingSignature, Error> {
        let key = KeyReference {
            name: KeyName::new("k"),
            algorithm: SignatureAlgorithm::Ed25519,
            kid: None,
        };
        let claims = Map::from_iter([("iss".to_owned(), json!("app"))]);
        PendingSignature::new(&key, [("typ", json!("x+jwt"))], claims, modify)
    }

    /// Returns the algorithm that the key is used with, the header and the claims.
    fn signed(modify: Option<&ModifyAssertion>) -> (SignatureAlgorithm, Value, Value) {
        let pending = pending(modify).unwrap();
        let KeyJob::Sign { key, algorithm, .. } = pending.job() else {
            panic!("not a signature");
        };
        assert_eq!(key.as_str(), "k");
        let jwt = pending.finish(KeyResult::Signature(vec![1; 64])).unwrap();
        let (header, claims) = decoded(&jwt);
        (algorithm, header, claims)
    }

    #[test]
    fn two_functions_are_the_same_only_when_they_are_one() {
        let one = ModifyAssertion::new(|_, _| {});
        assert_eq!(one, one.clone());
        assert_ne!(one, ModifyAssertion::new(|_, _| {}));
    }

    #[test]
    fn without_a_change_the_header_names_algorithm_and_type() {
        let (algorithm, header, claims) = signed(None);
        assert_eq!(algorithm, SignatureAlgorithm::Ed25519);
        assert_eq!(header, json!({"alg": "Ed25519", "typ": "x+jwt"}));
        assert_eq!(claims, json!({"iss": "app"}));
    }

    #[test]
    fn header_and_claims_can_be_changed() {
        let modify = ModifyAssertion::new(|header, claims| {
            header.insert("alg".to_owned(), json!("EdDSA"));
            header.insert("x".to_owned(), json!([1]));
            header.remove("typ");
            claims.insert("aud".to_owned(), json!("both"));
        });
        let (algorithm, header, claims) = signed(Some(&modify));
        assert_eq!(algorithm, SignatureAlgorithm::EdDSA);
        assert_eq!(header, json!({"alg": "EdDSA", "x": [1]}));
        assert_eq!(claims, json!({"iss": "app", "aud": "both"}));
    }

    #[test]
    fn a_header_that_cannot_be_signed_is_refused() {
        let alg = "a header whose alg is an asymmetric signature algorithm";
        for (name, value, expected, found) in [
            ("alg", json!("none"), alg, "\"none\""),
            ("alg", json!("HS256"), alg, "\"HS256\""),
            ("alg", Value::Null, alg, "null"),
            (
                "crit",
                json!(["exp"]),
                "a header without crit and b64",
                "crit",
            ),
            ("b64", json!(false), "a header without crit and b64", "b64"),
        ] {
            let modify = ModifyAssertion::new(move |header, _| {
                header.insert(name.to_owned(), value.clone());
            });
            let Err(Error::Misuse(misuse)) = pending(Some(&modify)) else {
                panic!("accepted {name}");
            };
            assert_eq!(
                misuse,
                Misuse::InvalidArgument {
                    argument: "modify_assertion",
                    expected,
                    found: found.to_owned(),
                }
            );
        }
    }
}
