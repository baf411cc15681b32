//! The keys that decrypt what a server encrypts for this client.
//!
//! The private keys stay with the driver, like every private key: a token is decrypted through
//! [`Action::UseKey`](crate::operation::Action::UseKey) with
//! [`KeyJob::Decrypt`](crate::key::KeyJob::Decrypt).

use jose::KeyFamily;
use jose::jwe::{ContentEncryption, Header, KeyManagement};

use crate::error::{Error, Misuse};
use crate::names::KeyName;

/// A reference to a decryption key, with the data that selects a key for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecryptionKeyReference {
    name: KeyName,
    family: KeyFamily,
    algorithms: Vec<KeyManagement>,
    kid: Option<String>,
}

impl DecryptionKeyReference {
    /// Creates a reference from the driver's name for the key, its family and the `alg` values it
    /// serves.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if `algorithms` is empty, or contains one that is not part of
    /// this build or does not fit a key of this family.
    pub fn new(
        name: KeyName,
        family: KeyFamily,
        algorithms: Vec<KeyManagement>,
    ) -> Result<Self, Error> {
        let unfit = algorithms
            .iter()
            .find(|algorithm| !fits(family, **algorithm) || !algorithm.is_supported());
        let found = match unfit {
            Some(algorithm) => format!("{algorithm} for {family}"),
            None if algorithms.is_empty() => "none".to_owned(),
            None => {
                return Ok(Self {
                    name,
                    family,
                    algorithms,
                    kid: None,
                });
            }
        };
        Err(Misuse::InvalidArgument {
            argument: "algorithms",
            expected: "key management algorithms of this build that fit the key",
            found,
        }
        .into())
    }

    /// Sets the `kid` under which the server knows the key. A token with another `kid` is not for
    /// this key.
    #[must_use]
    pub fn kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// Returns every algorithm of this build that a key of this family can be used with. The list
    /// is empty for shared keys, whose algorithm depends on their length.
    pub fn algorithms_of(family: KeyFamily) -> Vec<KeyManagement> {
        let all = KeyManagement::ALL.iter().copied();
        all.filter(|it| it.is_supported() && !it.is_symmetric() && fits(family, *it))
            .collect()
    }

    /// The driver's name for the key.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// Whether a token with this header is for this key: its algorithm is one of the key's, its
    /// ephemeral key is on the key's curve, and its `kid`, if present, is the key's.
    fn is_for(&self, header: &Header) -> bool {
        let curve = header.epk().and_then(jose::Jwk::crv);
        self.algorithms.contains(&header.alg())
            && curve.is_none_or(|curve| self.family.to_string() == curve)
            && header
                .kid()
                .is_none_or(|kid| self.kid.as_deref() == Some(kid))
    }
}

/// The keys that decrypt what a server encrypts for this client, and how the content may be
/// encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecryptionKeys {
    keys: Vec<DecryptionKeyReference>,
    content_encryption: Vec<ContentEncryption>,
}

impl DecryptionKeys {
    /// Creates a set of these keys that accepts every content encryption algorithm of this build.
    /// If the client registered one (`…_encrypted_response_enc`), no other is accepted.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if `keys` is empty.
    pub fn new(keys: Vec<DecryptionKeyReference>) -> Result<Self, Error> {
        if keys.is_empty() {
            return Err(at_least_one("decryption_keys"));
        }
        let all = ContentEncryption::ALL.iter().copied();
        Ok(Self {
            keys,
            content_encryption: all.filter(|it| it.is_supported()).collect(),
        })
    }

    /// Accepts only content that is encrypted with one of these algorithms.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if `accepted` is empty.
    pub fn content_encryption(mut self, accepted: Vec<ContentEncryption>) -> Result<Self, Error> {
        if accepted.is_empty() {
            return Err(at_least_one("content_encryption"));
        }
        self.content_encryption = accepted;
        Ok(self)
    }

    /// The accepted `alg` values: the registered one, or all that a key serves.
    pub(crate) fn accepted_alg(&self, registered: Option<&str>) -> Vec<KeyManagement> {
        let ours = KeyManagement::ALL
            .iter()
            .copied()
            .filter(|alg| self.keys.iter().any(|key| key.algorithms.contains(alg)));
        ours.filter(|alg| registered.is_none_or(|registered| alg.as_str() == registered))
            .collect()
    }

    /// The accepted `enc` values: the registered one if it is on the list, or the whole list.
    pub(crate) fn accepted_enc(&self, registered: Option<&str>) -> Vec<ContentEncryption> {
        let list = self.content_encryption.iter().copied();
        list.filter(|enc| registered.is_none_or(|registered| enc.as_str() == registered))
            .collect()
    }

    /// Returns the only key for a token with this header, or the number of such keys.
    pub(crate) fn choose(&self, header: &Header) -> Result<&KeyName, usize> {
        let mut fitting = self.keys.iter().filter(|key| key.is_for(header));
        match (fitting.next(), fitting.count()) {
            (Some(key), 0) => Ok(&key.name),
            (None, _) => Err(0),
            (Some(_), more) => Err(more.saturating_add(1)),
        }
    }
}

/// Whether keys of this family can be used with an algorithm (RFC 7518 section 4, RFC 8037).
const fn fits(family: KeyFamily, algorithm: KeyManagement) -> bool {
    use KeyManagement as K;
    match algorithm {
        K::RsaOaep | K::RsaOaep256 | K::RsaOaep384 | K::RsaOaep512 => {
            matches!(family, KeyFamily::Rsa)
        }
        K::EcdhEs | K::EcdhEsA128KW | K::EcdhEsA192KW | K::EcdhEsA256KW => matches!(
            family,
            KeyFamily::P256 | KeyFamily::P384 | KeyFamily::P521 | KeyFamily::X25519
        ),
        _ => algorithm.is_symmetric() && matches!(family, KeyFamily::Symmetric),
    }
}

fn at_least_one(argument: &'static str) -> Error {
    Misuse::InvalidArgument {
        argument,
        expected: "one at least",
        found: "none".to_owned(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_refused_at_once() {
        let reference =
            |family, algorithms| DecryptionKeyReference::new(KeyName::new("k"), family, algorithms);
        for (family, algorithms, expected) in [
            (KeyFamily::Rsa, vec![], "none"),
            (
                KeyFamily::Rsa,
                vec![KeyManagement::EcdhEs],
                "ECDH-ES for RSA",
            ),
            (
                KeyFamily::P256,
                vec![KeyManagement::EcdhEs, KeyManagement::RsaOaep],
                "RSA-OAEP for P-256",
            ),
            (
                KeyFamily::P256,
                vec![KeyManagement::Direct],
                "dir for P-256",
            ),
            (
                KeyFamily::Ed25519,
                vec![KeyManagement::EcdhEs],
                "ECDH-ES for Ed25519",
            ),
        ] {
            let Err(Error::Misuse(Misuse::InvalidArgument { found, .. })) =
                reference(family, algorithms)
            else {
                panic!("{expected}");
            };
            assert_eq!(found, expected);
        }
        let of = DecryptionKeyReference::algorithms_of;
        assert_eq!(of(KeyFamily::X25519).len(), 4);
        assert_eq!(of(KeyFamily::Rsa).len(), 4);
        assert_eq!(of(KeyFamily::Symmetric), []);
        let key = reference(KeyFamily::Rsa, of(KeyFamily::Rsa)).unwrap();
        let keys = DecryptionKeys::new(vec![key]).unwrap();
        for (empty, argument) in [
            (DecryptionKeys::new(vec![]), "decryption_keys"),
            (keys.content_encryption(vec![]), "content_encryption"),
        ] {
            let Err(Error::Misuse(misuse)) = empty else {
                panic!("{argument}");
            };
            assert_eq!(
                misuse,
                Misuse::InvalidArgument {
                    argument,
                    expected: "one at least",
                    found: "none".to_owned(),
                }
            );
        }
    }

    #[test]
    fn what_was_registered_narrows_what_is_accepted() {
        let rsa = DecryptionKeyReference::algorithms_of(KeyFamily::Rsa);
        let key = DecryptionKeyReference::new(KeyName::new("k"), KeyFamily::Rsa, rsa).unwrap();
        let keys = DecryptionKeys::new(vec![key]).unwrap();
        assert_eq!(keys.accepted_alg(None).len(), 4);
        assert_eq!(
            keys.accepted_alg(Some("RSA-OAEP")),
            [KeyManagement::RsaOaep]
        );
        assert_eq!(keys.accepted_alg(Some("ECDH-ES")), []);
        assert_eq!(
            keys.accepted_enc(Some("A256GCM")),
            [ContentEncryption::A256GCM]
        );
        let keys = keys
            .content_encryption(vec![ContentEncryption::A128GCM])
            .unwrap();
        assert_eq!(keys.accepted_enc(None), [ContentEncryption::A128GCM]);
        assert_eq!(keys.accepted_enc(Some("A256GCM")), []);
    }
}
