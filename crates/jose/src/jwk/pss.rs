//! RSA-PSS keys. Their identifier allows only PS algorithms (RFC 4055 section 1.2).

use pkcs8::der::asn1::{AnyRef, ContextSpecific, ObjectIdentifier};
use pkcs8::der::{Reader, Tag, TagNumber, Tagged};
use pkcs8::spki::AlgorithmIdentifierRef;

use crate::{HashAlgorithm, KeyRejected, SignatureAlgorithm};

/// The only algorithm that the parameters of a key allow. `None` without parameters, which allow
/// all three.
///
/// RFC 4055 section 3.1: hash, mask generation and salt. In JOSE both use the same hash, and the
/// salt is as long as the hash (RFC 7518 section 3.5). A key names the shortest salt that it
/// accepts (RFC 4055 section 3.3).
pub(super) fn algorithm(
    parameters: Option<AnyRef<'_>>,
) -> Result<Option<SignatureAlgorithm>, KeyRejected> {
    let Some(parameters) = parameters else {
        return Ok(None);
    };
    let (hash, mask, salt, trailer) = read(parameters).map_err(|_| KeyRejected::PssParameters)?;
    let (algorithm, output) = match hash.and_then(hash_of) {
        Some(hash) if mask.and_then(hash_of) == Some(hash) => {
            (algorithm_of(hash), hash.output_length())
        }
        // The default of both is SHA-1, which JOSE does not use.
        _ => return Err(KeyRejected::PssParameters),
    };
    if usize::from(salt) > output || trailer != 1 {
        return Err(KeyRejected::PssParameters);
    }
    Ok(Some(algorithm))
}

type Read = (Option<ObjectIdentifier>, Option<ObjectIdentifier>, u16, u16);

fn read(parameters: AnyRef<'_>) -> pkcs8::der::Result<Read> {
    parameters.sequence(|members| {
        let hash = ContextSpecific::<AlgorithmIdentifierRef<'_>>::decode_explicit(members, HASH)?;
        let mask = ContextSpecific::<AlgorithmIdentifierRef<'_>>::decode_explicit(members, MASK)?;
        let salt = ContextSpecific::<u16>::decode_explicit(members, SALT)?;
        let trailer = ContextSpecific::<u16>::decode_explicit(members, TRAILER)?;
        if !members.is_finished() {
            return Err(members.error(pkcs8::der::ErrorKind::Failed));
        }
        let mask = match mask {
            Some(mask) if mask.value.oid == MGF1 => match mask.value.parameters {
                Some(hash) if hash.tag() == Tag::Sequence => {
                    Some(hash.decode_as::<AlgorithmIdentifierRef<'_>>()?.oid)
                }
                _ => None,
            },
            _ => None,
        };
        Ok((
            hash.map(|hash| hash.value.oid),
            mask,
            salt.map_or(20, |salt| salt.value),
            trailer.map_or(1, |trailer| trailer.value),
        ))
    })
}

fn hash_of(oid: ObjectIdentifier) -> Option<HashAlgorithm> {
    match oid {
        SHA_256 => Some(HashAlgorithm::Sha256),
        SHA_384 => Some(HashAlgorithm::Sha384),
        SHA_512 => Some(HashAlgorithm::Sha512),
        _ => None,
    }
}

const fn algorithm_of(hash: HashAlgorithm) -> SignatureAlgorithm {
    match hash {
        HashAlgorithm::Sha256 => SignatureAlgorithm::PS256,
        HashAlgorithm::Sha384 => SignatureAlgorithm::PS384,
        HashAlgorithm::Sha512 => SignatureAlgorithm::PS512,
    }
}

const HASH: TagNumber = TagNumber(0);
const MASK: TagNumber = TagNumber(1);
const SALT: TagNumber = TagNumber(2);
const TRAILER: TagNumber = TagNumber(3);
/// RFC 4055 section 2.2.
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
/// RFC 4055 section 2.1.
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
