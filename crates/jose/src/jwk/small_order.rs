//! Points of small order on the curve of Ed25519 and X25519.
//!
//! Under a public key of small order, one signature of Ed25519 is valid for one message in eight or
//! more, and needs no private key. An agreement with such a point gives the same secret for every
//! private key (RFC 7748 section 6.1, RFC 8037 section 3.2).

use super::parameters::OkpCurve;

/// Whether an encoded point has an order of at most 8. The last bit is the sign of `x` in Ed25519
/// (RFC 8032 section 5.1.2), and X25519 ignores it (RFC 7748 section 5); both signs are refused.
pub(super) fn is_small(curve: OkpCurve, point: &[u8; 32]) -> bool {
    let mut point = *point;
    if let Some(last) = point.last_mut() {
        *last &= 0x7f;
    }
    let of_order_8 = match curve {
        OkpCurve::Ed25519 => &ED25519_OF_ORDER_8,
        OkpCurve::X25519 => &X25519_OF_ORDER_8,
    };
    OF_BOTH.contains(&point) || of_order_8.contains(&point)
}

/// 0, 1 and -1, and the other spellings of the first two: `p` and `p + 1`, where `p` is 2^255 - 19.
/// They stand for points of order 1, 2 and 4 on both curves, and on the twist of X25519.
const OF_BOTH: [[u8; 32]; 5] = [
    [0; 32],
    with_first(1, 0, 0),
    with_first(0xec, 0xff, 0x7f),
    with_first(0xed, 0xff, 0x7f),
    with_first(0xee, 0xff, 0x7f),
];

const fn with_first(first: u8, between: u8, last: u8) -> [u8; 32] {
    let mut point = [between; 32];
    point[0] = first;
    point[31] = last;
    point
}

/// The ordinates of the points of order 8.
const ED25519_OF_ORDER_8: [[u8; 32]; 2] = [
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// The abscissas of the points of order 8.
const X25519_OF_ORDER_8: [[u8; 32]; 2] = [
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Ed25519Verifier;

    /// The whole list for a curve, with both signs.
    fn points(of_order_8: [[u8; 32]; 2]) -> impl Iterator<Item = [u8; 32]> {
        let points = OF_BOTH.into_iter().chain(of_order_8);
        points.flat_map(|mut point| {
            let plain = point;
            point[31] |= 0x80;
            [plain, point]
        })
    }

    /// With the neutral element and zero, a signature fits each message whose hash is a multiple
    /// of the key's order. The libraries refuse some spellings of these points, and no other check
    /// of this crate would refuse the rest.
    #[test]
    fn signatures_need_no_private_key() {
        let mut signature = [0; 64];
        signature[0] = 1;
        let forged = points(ED25519_OF_ORDER_8)
            .filter_map(|point| Ed25519Verifier::new(point).ok())
            .filter(|key| (0..=255).any(|byte| key.verify(&[byte], &signature).is_ok()));
        // The eight points, each in its proper spelling.
        assert!(forged.count() >= 8);
        for point in points(ED25519_OF_ORDER_8) {
            assert!(is_small(OkpCurve::Ed25519, &point));
        }
    }

    #[test]
    #[cfg(feature = "aws-lc-rs")]
    fn agreements_give_no_secret() {
        use crate::backend::{AgreementCurve, AgreementKey};
        let key = AgreementKey::new(AgreementCurve::X25519, &[7; 32]).unwrap();
        for point in points(X25519_OF_ORDER_8) {
            assert!(key.agree(&point).is_err());
            assert!(is_small(OkpCurve::X25519, &point));
        }
    }

    /// The smallest and the largest numbers: those from 2^255 - 19 on are spelt in two ways.
    #[test]
    fn no_other_point_is_small() {
        for first in 0..=255 {
            for curve in [OkpCurve::Ed25519, OkpCurve::X25519] {
                let is_small = |between, last| is_small(curve, &with_first(first, between, last));
                assert_eq!(is_small(0, 0), first < 2);
                assert_eq!(is_small(0xff, 0x7f), matches!(first, 0xec..=0xee));
                assert!(!is_small(0xff, 0x7e));
            }
        }
        // A point of order 8 on one curve is no such point on the other.
        assert!(!is_small(OkpCurve::X25519, &ED25519_OF_ORDER_8[0]));
        assert!(!is_small(OkpCurve::Ed25519, &X25519_OF_ORDER_8[0]));
    }
}
