//! RSA keys of a faulty generator, whose private keys can be computed (CVE-2017-15361, "ROCA").
//!
//! The primes of such a key are `k * M + (65537^a mod M)`, where `M` is the product of the first
//! primes. The modulus is then a power of 65537 modulo `M`, which the modulus of a good key is with
//! a probability of 2^-154 (M. Nemec and others, "The Return of Coppersmith's Attack", 2017,
//! section 4.3).

/// Whether an odd modulus, big-endian, is a power of 65537 modulo the product of [`PRIMES`].
///
/// It is one when the discrete logarithms modulo each prime exist and agree: when they are the
/// residues of one number (Chinese remainder theorem).
pub(super) fn has_fingerprint(modulus: &[u8]) -> bool {
    may_have_fingerprint(modulus) && exponent(modulus).is_some()
}

/// A quick check, which about one good modulus in a hundred passes.
///
/// The four primes divide 2^120 - 1, so the sum of the digits to the base 2^120 has the same
/// residues as the number. They divide 2^60 - 1 as well, to which the sum is then reduced.
fn may_have_fingerprint(modulus: &[u8]) -> bool {
    let (first, digits) = modulus.as_rchunks::<15>();
    let mut padded = [0; 15];
    if let Some(place) = padded.get_mut(15_usize.saturating_sub(first.len())..) {
        place.copy_from_slice(first);
    }
    let sum = digits.iter().chain([&padded]).fold(0_u128, |sum, digit| {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = *digit;
        let digit = u128::from_be_bytes([0, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o]);
        // The longest modulus has 69 digits, so the sum is less than 2^127.
        sum.wrapping_add(digit)
    });
    let reduce = |sum: u128| (sum & ((1 << 60) - 1)).saturating_add(sum >> 60);
    let Ok(sum) = u64::try_from(reduce(reduce(sum))) else {
        return true;
    };
    // The divisors are constants, for which the division is a multiplication.
    is_power(&POWERS_11, sum % 11)
        && is_power(&POWERS_13, sum % 13)
        && is_power(&POWERS_61, sum % 61)
        && is_power(&POWERS_151, sum % 151)
}

fn is_power(powers: &[bool], residue: u64) -> bool {
    usize::try_from(residue).is_ok_and(|residue| powers.get(residue) == Some(&true))
}

/// Says for each residue modulo `PRIME` whether it is a power of 65537.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "called by the compiler alone"
)]
const fn powers<const PRIME: usize>() -> [bool; PRIME] {
    let mut powers = [false; PRIME];
    let mut power = 1;
    while !powers[power] {
        powers[power] = true;
        power = power * 65537 % PRIME;
    }
    powers
}

const POWERS_11: [bool; 11] = powers();
const POWERS_13: [bool; 13] = powers();
const POWERS_61: [bool; 61] = powers();
const POWERS_151: [bool; 151] = powers();

/// The exponent `a` for which 65537^a is the modulus, modulo the product of [`PRIMES`].
fn exponent(modulus: &[u8]) -> Option<u64> {
    // A residue modulo a prime fits in one byte, and seven bytes of the modulus behind it.
    let (first, digits) = modulus.as_rchunks::<7>();
    let first = first
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte));
    // The exponent is known modulo `order`, which is less than 2^62 at the end.
    let (mut exponent, mut order) = (0_u64, 1_u64);
    for prime in PRIMES {
        let residue = digits
            .iter()
            .try_fold(first.checked_rem(prime)?, |residue, digit| {
                let [a, b, c, d, e, f, g] = *digit;
                let digit = u64::from_be_bytes([0, a, b, c, d, e, f, g]);
                (residue << 56 | digit).checked_rem(prime)
            })?;
        let (logarithm, of_prime) = logarithm(residue, prime)?;
        let steps = of_prime.checked_div(gcd(order, of_prime))?;
        exponent = (0..steps)
            .filter_map(|step| order.checked_mul(step)?.checked_add(exponent))
            .find(|candidate| candidate.checked_rem(of_prime) == Some(logarithm))?;
        order = order.checked_mul(steps)?;
    }
    Some(exponent)
}

/// The discrete logarithm of a residue to the base 65537, and the order of 65537, modulo a prime.
fn logarithm(residue: u64, prime: u64) -> Option<(u64, u64)> {
    let powers = (0..prime).scan(1_u64, |power, exponent| {
        let this = *power;
        *power = this.wrapping_mul(65537).checked_rem(prime)?;
        Some((exponent, this, *power))
    });
    let mut logarithm = None;
    for (exponent, power, next) in powers {
        if power == residue {
            logarithm = Some(exponent);
        }
        if next == 1 {
            return Some((logarithm?, exponent.saturating_add(1)));
        }
    }
    None
}

fn gcd(one: u64, other: u64) -> u64 {
    match one.checked_rem(other) {
        Some(rest) => gcd(other, rest),
        None => one,
    }
}

/// The first odd primes: `M` is a multiple of them for keys of every length (table 1 there).
const PRIMES: [u64; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::base64url;

    fn vectors() -> Value {
        let text = include_str!("../../tests/vectors/cve-2017-15361/moduli.json");
        serde_json::from_str(text).unwrap()
    }

    fn modulus(value: &Value) -> Vec<u8> {
        base64url::decode(value.as_str().unwrap()).unwrap()
    }

    #[test]
    fn each_prime_is_looked_at() {
        assert!(has_fingerprint(&modulus(&vectors()["key"]["n"])));
        for (list, length) in [("other_exponent", 37), ("no_power", 17)] {
            let vectors = vectors();
            let list = vectors[list].as_object().unwrap();
            assert_eq!(list.len(), length);
            for (prime, number) in list {
                assert!(!has_fingerprint(&modulus(number)), "{prime}");
            }
        }
    }

    /// The quick check refuses nothing that the whole one accepts.
    #[test]
    fn the_quick_check_has_the_same_residues() {
        for number in vectors()["other_exponent"].as_object().unwrap().values() {
            assert!(may_have_fingerprint(&modulus(number)));
        }
        for prime in ["11", "13", "61", "151"] {
            assert!(!may_have_fingerprint(&modulus(
                &vectors()["no_power"][prime]
            )));
        }
    }

    #[test]
    fn logarithms() {
        // 65537 is 10 modulo 11 and modulo 37.
        assert_eq!(logarithm(1, 11), Some((0, 2)));
        assert_eq!(logarithm(10, 11), Some((1, 2)));
        assert_eq!(logarithm(2, 11), None);
        assert_eq!(logarithm(26, 37), Some((2, 3)));
        assert_eq!(logarithm(0, 3), None);
    }
}
