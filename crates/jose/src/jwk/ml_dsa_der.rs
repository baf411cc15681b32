//! ML-DSA keys in PKCS#8 (RFC 9881 section 6): the seed, the expanded key, or both.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{AnyRef, ContextSpecific, OctetStringRef};
use pkcs8::der::{Decode, Encode, Tag, TagMode, TagNumber, Tagged};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::backend::{MlDsa, MlDsaSigner};
use crate::{Error, KeyRejected};

use super::identifiers::ml_dsa;
use super::parameters::{Parameters, fixed};
use super::private::{PrivateNumbers, PrivateParameters};

/// The three forms of a private key.
enum Form<'a> {
    Seed(&'a [u8]),
    Expanded(&'a [u8]),
    Both { seed: &'a [u8], expanded: &'a [u8] },
}

/// Reads a key that has its seed. The public key is computed, and is optional in the document.
pub(super) fn from_pkcs8(
    set: MlDsa,
    info: &PrivateKeyInfoRef<'_>,
) -> Result<PrivateParameters, Error> {
    set.algorithm().require_support()?;
    let form = form(info)?;
    let seed = match form {
        Form::Seed(seed) | Form::Both { seed, .. } => Zeroizing::new(fixed("seed", seed)?),
        Form::Expanded(_) => return Err(KeyRejected::ExpandedKey.into()),
    };
    let key = MlDsaSigner::new(set, seed.as_slice()).map_err(|_| KeyRejected::Inconsistent)?;
    // RFC 9881 section 8: a reader of both forms must check that they are the same key.
    if let Form::Both { expanded, .. } = form {
        let own = key.expanded().map_err(|_| Error::OperationFailed)?;
        if !bool::from(own.as_slice().ct_eq(expanded)) {
            return Err(KeyRejected::Inconsistent.into());
        }
    }
    check_public_key(&key, info)?;
    let public = Parameters::akp(set, key.public().to_vec())?;
    let numbers = PrivateNumbers::Curve(Zeroizing::new(seed.to_vec()));
    Ok(PrivateParameters::new(public, numbers)?)
}

/// Reads a key that has only its expanded form. Returns `None` for any other document.
pub(super) fn expanded_from_pkcs8(document: &[u8]) -> Result<Option<MlDsaSigner>, Error> {
    let Ok(info) = PrivateKeyInfoRef::from_der(document) else {
        return Ok(None);
    };
    let Some(set) = ml_dsa(info.algorithm.oid) else {
        return Ok(None);
    };
    let Form::Expanded(expanded) = form(&info)? else {
        return Ok(None);
    };
    set.algorithm().require_support()?;
    let expected = set.expanded_key_length();
    if expanded.len() != expected {
        return Err(KeyRejected::Length {
            member: "expandedKey",
            expected,
            found: expanded.len(),
        }
        .into());
    }
    let key = MlDsaSigner::from_expanded(set, expanded).map_err(|_| KeyRejected::Inconsistent)?;
    check_public_key(&key, &info)?;
    Ok(Some(key))
}

/// Writes the form that section 6 recommends, the seed: `[0] IMPLICIT OCTET STRING`.
pub(super) fn seed(seed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let failed = |_| Error::OperationFailed;
    let form = ContextSpecific {
        tag_number: SEED,
        tag_mode: TagMode::Implicit,
        value: OctetStringRef::new(seed).map_err(failed)?,
    };
    form.to_der().map(Zeroizing::new).map_err(failed)
}

fn form<'a>(info: &PrivateKeyInfoRef<'a>) -> Result<Form<'a>, KeyRejected> {
    // RFC 9881 section 2: the parameters must be absent.
    if info.algorithm.parameters.is_some() {
        return Err(KeyRejected::Pkcs8);
    }
    let malformed = |_| KeyRejected::Der {
        expected: "ML-DSA-PrivateKey",
    };
    let key = AnyRef::from_der(info.private_key.as_bytes()).map_err(malformed)?;
    match key.tag() {
        Tag::ContextSpecific {
            constructed: false,
            number: SEED,
        } => Ok(Form::Seed(key.value())),
        Tag::OctetString => Ok(Form::Expanded(key.value())),
        Tag::Sequence => key
            .sequence(|members| {
                let seed = <&OctetStringRef>::decode(members)?.as_bytes();
                let expanded = <&OctetStringRef>::decode(members)?.as_bytes();
                Ok(Form::Both { seed, expanded })
            })
            .map_err(malformed),
        _ => Err(KeyRejected::Der {
            expected: "ML-DSA-PrivateKey",
        }),
    }
}

fn check_public_key(key: &MlDsaSigner, info: &PrivateKeyInfoRef<'_>) -> Result<(), KeyRejected> {
    match info.public_key {
        Some(public) if public.as_bytes() != Some(key.public()) => Err(KeyRejected::Inconsistent),
        _ => Ok(()),
    }
}

const SEED: TagNumber = TagNumber(0);
