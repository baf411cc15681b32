//! The key derivation of ECDH-ES: Concat KDF with SHA-256 (RFC 7518 section 4.6.2, NIST SP 800-56A
//! section 5.8.1).

use zeroize::Zeroizing;

use super::base::sha256_pieces;

/// Derives `length` bytes, at most [`MAXIMUM_LENGTH`], from the shared secret `z`. `algorithm` is
/// the name of what the key is for; `apu` and `apv` name the two sides.
pub(crate) fn concat_kdf(
    z: &[u8],
    algorithm: &str,
    apu: &[u8],
    apv: &[u8],
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let [algorithm_length, apu_length, apv_length] =
        [algorithm.len(), apu.len(), apv.len()].map(big_endian);
    let bits = big_endian(length.saturating_mul(8));
    let mut key = Zeroizing::new(Vec::with_capacity(MAXIMUM_LENGTH));
    for counter in 1..=ROUNDS {
        if key.len() >= length {
            break;
        }
        let hash = sha256_pieces(&[
            &counter.to_be_bytes(),
            z,
            &algorithm_length,
            algorithm.as_bytes(),
            &apu_length,
            apu,
            &apv_length,
            apv,
            &bits,
        ]);
        key.extend_from_slice(hash.as_ref());
    }
    key.truncate(length);
    key
}

/// A header is far shorter than 2^32 bytes, and so is what it names.
fn big_endian(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

const ROUNDS: u32 = 2;
/// In bytes: the longest key of any algorithm, that of `A256CBC-HS512`.
const MAXIMUM_LENGTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64url;

    #[test]
    fn rfc_7518_appendix_c() {
        let z = base64url::decode("nlbZHYFxNdNyg0KDv4QmnPsxbqPagGpI9tqneYz-kMQ").unwrap();
        let key = concat_kdf(&z, "A128GCM", b"Alice", b"Bob", 16);
        assert_eq!(base64url::encode(&key), "VqqN6vgjbSBcIijNcacQGg");
    }

    #[test]
    fn longer_keys_go_on_where_shorter_ones_end() {
        let lengths = [16, 24, 32, 48, 64];
        let keys = lengths.map(|length| concat_kdf(&[1; 32], "x", b"", b"", length));
        for (key, length) in keys.iter().zip(lengths) {
            assert_eq!(key.len(), length);
        }
        // The length is part of the hashed data, so that a short key is not the beginning of a long
        // one.
        assert_ne!(keys[0][..], keys[1][..16]);
        assert_ne!(keys[4][..32], keys[4][32..]);
    }
}
