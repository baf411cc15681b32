//! Ephemeral keys that are not points of their curves, or points that must not be used.

use jose::jwe::{ContentEncryption, Encrypted, KeyManagement, ProtectedHeader, encrypt};
use jose::{Error, KeyFamily, KeyRejected, base64url};
use serde_json::{Value, json};

use crate::every_kind::*;

#[test]
fn ephemeral_keys_that_are_refused() {
    for key in curves() {
        let header = ProtectedHeader::new(KeyManagement::EcdhEsA128KW, ContentEncryption::A128GCM);
        let token = encrypt(&header, &public(&key), PLAINTEXT).unwrap();
        let header_error = |found| Error::Header {
            member: "epk",
            expected: "a public key of P-256, P-384, P-521 or X25519",
            found,
        };
        let refusal = |epk: Value| {
            open(
                &with_header(&token, |header| header["epk"] = epk.clone()),
                &key,
            )
            .unwrap_err()
        };
        assert_eq!(refusal(Value::Null), header_error("null"));
        assert_eq!(refusal("x".into()), header_error("string"));
        let mut own: Value = Value::Object(rsa().public_jwk().unwrap().to_json());
        assert_eq!(refusal(own), header_error("a key of another kind"));
        own = json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url::encode(&[9; 32]) });
        assert_eq!(refusal(own), header_error("a key of another kind"));
        let published = Value::Object(key.public_jwk().unwrap().to_json());
        let mut private = published.clone();
        private["d"] = "AAAA".into();
        assert_eq!(
            refusal(private),
            Error::KeyRejected(KeyRejected::PrivateMember { member: "d" })
        );
        let missing = with_header(&token, |header| {
            header.as_object_mut().unwrap().remove("epk");
        });
        assert_eq!(open(&missing, &key).unwrap_err(), header_error("nothing"));
        for member in ["apu", "apv"] {
            let changed = with_header(&token, |header| header[member] = "a+b".into());
            assert_eq!(
                open(&changed, &key).unwrap_err(),
                Error::Header {
                    member,
                    expected: "base64url",
                    found: "something else"
                }
            );
        }
        if key.family() == KeyFamily::X25519 {
            continue;
        }
        // These points are not on the curve: one with `y` equal to `x`, and zero.
        let mut off = published.clone();
        off["y"] = off["x"].clone();
        let mut zero = published;
        let length = key.public_jwk().unwrap().x().unwrap().len();
        zero["x"] = base64url::encode(&vec![0; length]).into();
        zero["y"] = zero["x"].clone();
        for epk in [off, zero] {
            assert_eq!(refusal(epk.clone()), Error::Decryption);
            let changed = with_header(&token, |header| header["epk"] = epk.clone());
            assert_eq!(
                Encrypted::parse(&changed, EVERYTHING)
                    .unwrap()
                    .begin()
                    .unwrap_err(),
                Error::KeyRejected(KeyRejected::Inconsistent)
            );
        }
    }
}

/// All points of small order on Curve25519 and its twist, in every encoding. Each gives a shared
/// secret of zeros (RFC 7748 section 6.1).
#[test]
fn points_of_small_order_are_refused() {
    let key = curves().remove(3);
    assert_eq!(key.family(), KeyFamily::X25519);
    let header = ProtectedHeader::new(KeyManagement::EcdhEs, ContentEncryption::A128GCM);
    let token = encrypt(&header, &public(&key), PLAINTEXT).unwrap();
    let p_minus = |less: u8| {
        let mut bytes = [0xff; 32];
        bytes[0] = 0xed - less;
        bytes[31] = 0x7f;
        bytes
    };
    let small = |value: u8| {
        let mut bytes = [0; 32];
        bytes[0] = value;
        bytes
    };
    let order_8 = [
        [
            0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f,
            0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16,
            0x5f, 0x49, 0xb8, 0x00,
        ],
        [
            0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83,
            0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd,
            0xd0, 0x9f, 0x11, 0x57,
        ],
    ];
    let mut points = vec![small(0), small(1), p_minus(1), p_minus(0)];
    let mut p_plus_1 = p_minus(0);
    p_plus_1[0] = 0xee;
    points.push(p_plus_1);
    points.extend(order_8);
    for point in points {
        for top_bit in [0, 0x80] {
            let mut point = point;
            point[31] |= top_bit;
            let epk = json!({ "kty": "OKP", "crv": "X25519", "x": base64url::encode(&point) });
            let changed = with_header(&token, |header| header["epk"] = epk.clone());
            let refused = Encrypted::parse(&changed, EVERYTHING).unwrap_err();
            assert_eq!(refused, KeyRejected::SmallOrder.into());
        }
    }
}
