//! Each library verifies the signatures of the other, and both refuse the same keys. The choice of
//! a library therefore changes the time, and never the result.

#![cfg(all(feature = "ring", feature = "aws-lc-rs"))]

use std::sync::Arc;

use super::{Curve, Refused, RsaComponents, RsaPublicKey, RsaScheme, ext, only_ring};
use crate::json::Limits;
use crate::{PrivateJwk, PrivateKeyFormat, base64url, json};

const MESSAGE: &[u8] = b"header.payload";

fn number(document: &str, member: &str) -> Vec<u8> {
    let object = json::parse_object(document.as_bytes(), Limits::HEADER).unwrap();
    base64url::decode(object.get(member).unwrap().as_str().unwrap()).unwrap()
}

/// The private numbers of a document, in the order of [`RsaComponents`].
fn private_numbers(document: &str) -> [Vec<u8>; 6] {
    ["d", "p", "q", "dp", "dq", "qi"].map(|member| number(document, member))
}

/// The scalar and the point of a generated key.
fn generated(document: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let document = PrivateJwk::from_der(PrivateKeyFormat::Pkcs8, document)
        .unwrap()
        .to_json();
    let [d, x, y] = ["d", "x", "y"].map(|member| number(&document, member));
    (d, [&[4], x.as_slice(), &y].concat())
}

#[test]
fn rsa() {
    let document = include_str!("../../tests/vectors/rfc7520/jwk/3_4.rsa_private_key.json");
    let (n, e) = (number(document, "n"), number(document, "e"));
    let [d, p, q, dp, dq, qi] = &private_numbers(document);
    let components = RsaComponents {
        n: &n,
        e: &e,
        d,
        p,
        q,
        dp,
        dq,
        qi,
    };
    let ring = only_ring::RsaSigner::new(&components).unwrap();
    let aws = ext::RsaSigner::new(&components).unwrap();
    let public = Arc::new(RsaPublicKey::new(n.clone(), e.clone()));
    let verify_with_ring = only_ring::RsaVerifier::new(public.clone());
    let verify_with_aws = ext::RsaVerifier::new(public);
    let schemes = [
        (RsaScheme::Pkcs1Sha256, true),
        (RsaScheme::Pkcs1Sha384, true),
        (RsaScheme::Pkcs1Sha512, true),
        (RsaScheme::PssSha256, false),
        (RsaScheme::PssSha384, false),
        (RsaScheme::PssSha512, false),
    ];
    for (scheme, deterministic) in schemes {
        let by_ring = ring.sign(scheme, MESSAGE).unwrap();
        let by_aws = aws.sign(scheme, MESSAGE).unwrap();
        assert_eq!(by_ring == by_aws, deterministic, "{scheme:?}");
        for signature in [by_ring, by_aws] {
            assert_eq!(verify_with_ring.verify(scheme, MESSAGE, &signature), Ok(()));
            assert_eq!(verify_with_aws.verify(scheme, MESSAGE, &signature), Ok(()));
            for (other, _) in schemes.into_iter().filter(|(other, _)| *other != scheme) {
                assert_eq!(
                    verify_with_ring.verify(other, MESSAGE, &signature),
                    Err(Refused)
                );
                assert_eq!(
                    verify_with_aws.verify(other, MESSAGE, &signature),
                    Err(Refused)
                );
            }
            let mut longer = signature.clone();
            longer.insert(0, 0);
            assert_eq!(
                verify_with_ring.verify(scheme, MESSAGE, &longer),
                Err(Refused)
            );
            assert_eq!(
                verify_with_aws.verify(scheme, MESSAGE, &longer),
                Err(Refused)
            );
        }
    }
}

#[test]
fn ecdsa() {
    for curve in [Curve::P256, Curve::P384] {
        // Each library reads the keys that the other generates.
        let (d, ring_point) = generated(&ext::generate_ec(curve).unwrap());
        let ring = only_ring::EcdsaSigner::new(curve, &d, &ring_point).unwrap();
        let (d, aws_point) = generated(&only_ring::generate_ec(curve).unwrap());
        let aws = ext::EcdsaSigner::new(curve, &d, &aws_point).unwrap();
        for (point, signature) in [
            (ring_point, ring.sign(MESSAGE).unwrap()),
            (aws_point, aws.sign(MESSAGE).unwrap()),
        ] {
            let verify_with_ring = only_ring::EcdsaVerifier::new(curve, &point).unwrap();
            let verify_with_aws = ext::EcdsaVerifier::new(curve, &point).unwrap();
            assert_eq!(verify_with_ring.verify(MESSAGE, &signature), Ok(()));
            assert_eq!(verify_with_aws.verify(MESSAGE, &signature), Ok(()));
            let half = signature.len() / 2;
            let zero = vec![0; half];
            let huge = vec![0xff; half];
            let (r, s) = signature.split_at(half);
            for wrong in [
                [&zero, s].concat(),
                [r, &zero].concat(),
                [&zero[..], &zero].concat(),
                [&huge, s].concat(),
                [r, &huge].concat(),
                [s, r].concat(),
                [r, s, &[0]].concat(),
                r.to_vec(),
                Vec::new(),
            ] {
                assert_eq!(
                    verify_with_ring.verify(MESSAGE, &wrong),
                    Err(Refused),
                    "{curve:?}"
                );
                assert_eq!(
                    verify_with_aws.verify(MESSAGE, &wrong),
                    Err(Refused),
                    "{curve:?}"
                );
            }
        }
    }
}

#[test]
fn a_scalar_and_a_point_must_belong_together() {
    let document = include_str!("../../tests/vectors/rfc7515/a3.ecdsa_p256.json");
    let document =
        serde_json::from_str::<serde_json::Value>(document).unwrap()["input"]["key"].to_string();
    let mut d = number(&document, "d");
    let point = [&[4][..], &number(&document, "x"), &number(&document, "y")].concat();
    let verify_with_ring = only_ring::EcdsaVerifier::new(Curve::P256, &point).unwrap();
    let verify_with_aws = ext::EcdsaVerifier::new(Curve::P256, &point).unwrap();
    let by_ring = only_ring::EcdsaSigner::new(Curve::P256, &d, &point)
        .unwrap()
        .sign(MESSAGE)
        .unwrap();
    let by_aws = ext::EcdsaSigner::new(Curve::P256, &d, &point)
        .unwrap()
        .sign(MESSAGE)
        .unwrap();
    assert_eq!(verify_with_aws.verify(MESSAGE, &by_ring), Ok(()));
    assert_eq!(verify_with_ring.verify(MESSAGE, &by_aws), Ok(()));
    d[31] ^= 1;
    assert!(only_ring::EcdsaSigner::new(Curve::P256, &d, &point).is_err());
    assert!(ext::EcdsaSigner::new(Curve::P256, &d, &point).is_err());
}

#[test]
fn a_point_off_its_curve_is_refused_at_once() {
    for (curve, length) in [(Curve::P256, 32), (Curve::P384, 48), (Curve::P521, 66)] {
        for point in [
            [&[4][..], &vec![1; 2 * length]].concat(),
            [&[4][..], &vec![0; 2 * length]].concat(),
            [&[4][..], &vec![0xff; 2 * length]].concat(),
            vec![0],
            Vec::new(),
        ] {
            assert!(
                only_ring::EcdsaVerifier::new(curve, &point).is_err(),
                "{curve:?}"
            );
            assert!(ext::EcdsaVerifier::new(curve, &point).is_err(), "{curve:?}");
        }
    }
}

#[test]
fn ed25519() {
    let seed = [9; 32];
    let ring = only_ring::Ed25519Signer::new(&seed).unwrap();
    let aws = ext::Ed25519Signer::new(&seed).unwrap();
    assert_eq!(ring.public(), aws.public());
    let signature = ring.sign(MESSAGE).unwrap();
    assert_eq!(aws.sign(MESSAGE).unwrap(), signature);
    let public = ring.public().try_into().unwrap();
    let verify_with_ring = only_ring::Ed25519Verifier::new(public).unwrap();
    let verify_with_aws = ext::Ed25519Verifier::new(public).unwrap();
    assert_eq!(verify_with_ring.verify(MESSAGE, &signature), Ok(()));
    assert_eq!(verify_with_aws.verify(MESSAGE, &signature), Ok(()));
    for position in 0..signature.len() {
        let mut changed = signature;
        changed[position] ^= 1;
        assert!(verify_with_ring.verify(MESSAGE, &changed).is_err());
        assert!(verify_with_aws.verify(MESSAGE, &changed).is_err());
    }
}
