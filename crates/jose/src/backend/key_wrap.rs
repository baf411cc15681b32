//! AES Key Wrap (RFC 3394), for `A128KW`, `A192KW` and `A256KW` (RFC 7518 section 4.4).

use aws_lc_rs::cipher::{
    DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::key_wrap::{AesKek, KeyWrap};
use aws_lc_rs::{cipher, key_wrap};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Refused;

/// Wraps a key of at least 16 bytes, a multiple of 8. The result is 8 bytes longer.
pub(crate) fn wrap_key(wrapping_key: &[u8], key: &[u8]) -> Result<Vec<u8>, Refused> {
    let algorithm = match wrapping_key.len() {
        16 => &key_wrap::AES_128,
        24 => return wrap_by_blocks(wrapping_key, key),
        32 => &key_wrap::AES_256,
        _ => return Err(Refused),
    };
    let mut wrapped = vec![0; key.len().saturating_add(BLOCK)];
    let length = AesKek::new(algorithm, wrapping_key)
        .and_then(|wrapping_key| {
            wrapping_key
                .wrap(key, &mut wrapped)
                .map(|wrapped| wrapped.len())
        })
        .map_err(|_| Refused)?;
    wrapped.truncate(length);
    Ok(wrapped)
}

/// Unwraps a key, and verifies that it was not changed.
pub(crate) fn unwrap_key(
    wrapping_key: &[u8],
    wrapped: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let algorithm = match wrapping_key.len() {
        16 => &key_wrap::AES_128,
        24 => return unwrap_by_blocks(wrapping_key, wrapped),
        32 => &key_wrap::AES_256,
        _ => return Err(Refused),
    };
    let mut key = Zeroizing::new(vec![0; wrapped.len().saturating_sub(BLOCK)]);
    let length = AesKek::new(algorithm, wrapping_key)
        .and_then(|wrapping_key| wrapping_key.unwrap(wrapped, &mut key).map(|key| key.len()))
        .map_err(|_| Refused)?;
    key.truncate(length);
    Ok(key)
}

/// Wraps with the library's block cipher (RFC 3394 section 2.2.1), because the library itself wraps
/// only with keys of 128 and 256 bits.
fn wrap_by_blocks(wrapping_key: &[u8], key: &[u8]) -> Result<Vec<u8>, Refused> {
    let (blocks, []) = key.as_chunks::<BLOCK>() else {
        return Err(Refused);
    };
    if blocks.len() < 2 {
        return Err(Refused);
    }
    let cipher = EncryptingKey::ecb(block_cipher(wrapping_key)?).map_err(|_| Refused)?;
    let mut blocks = blocks.to_vec();
    let mut check = INITIAL_VALUE;
    let mut step = 0_u64;
    for _ in 0..ROUNDS {
        for block in &mut blocks {
            step = step.saturating_add(1);
            let mut pair = joined(check, *block);
            cipher
                .less_safe_encrypt(&mut pair, EncryptionContext::None)
                .map_err(|_| Refused)?;
            (check, *block) = halves(pair);
            check = counted(check, step);
        }
    }
    let mut wrapped = check.to_vec();
    wrapped.extend_from_slice(blocks.as_flattened());
    Ok(wrapped)
}

/// Unwraps (RFC 3394 section 2.2.2).
fn unwrap_by_blocks(wrapping_key: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let (blocks, []) = wrapped.as_chunks::<BLOCK>() else {
        return Err(Refused);
    };
    let (check, blocks) = blocks.split_first().ok_or(Refused)?;
    if blocks.len() < 2 {
        return Err(Refused);
    }
    let cipher = DecryptingKey::ecb(block_cipher(wrapping_key)?).map_err(|_| Refused)?;
    let mut check = *check;
    let mut blocks = Zeroizing::new(blocks.to_vec());
    let mut step = (blocks.len() as u64).saturating_mul(ROUNDS);
    for _ in 0..ROUNDS {
        for block in blocks.iter_mut().rev() {
            let mut pair = Zeroizing::new(joined(counted(check, step), *block));
            cipher
                .decrypt(pair.as_mut_slice(), DecryptionContext::None)
                .map_err(|_| Refused)?;
            (check, *block) = halves(*pair);
            step = step.saturating_sub(1);
        }
    }
    if !bool::from(check.ct_eq(&INITIAL_VALUE)) {
        return Err(Refused);
    }
    Ok(Zeroizing::new(blocks.as_flattened().to_vec()))
}

fn block_cipher(key: &[u8]) -> Result<UnboundCipherKey, Refused> {
    let algorithm = match key.len() {
        16 => &cipher::AES_128,
        24 => &cipher::AES_192,
        32 => &cipher::AES_256,
        _ => return Err(Refused),
    };
    UnboundCipherKey::new(algorithm, key).map_err(|_| Refused)
}

fn joined(first: [u8; BLOCK], second: [u8; BLOCK]) -> [u8; 2 * BLOCK] {
    let mut pair = [0; 2 * BLOCK];
    for (to, from) in pair.iter_mut().zip(first.into_iter().chain(second)) {
        *to = from;
    }
    pair
}

fn halves(pair: [u8; 2 * BLOCK]) -> ([u8; BLOCK], [u8; BLOCK]) {
    let both = u128::from_be_bytes(pair);
    let first = (both >> 64) as u64;
    let second = both as u64;
    (first.to_be_bytes(), second.to_be_bytes())
}

/// The check value with the step number added to it, bit by bit.
fn counted(check: [u8; BLOCK], step: u64) -> [u8; BLOCK] {
    (u64::from_be_bytes(check) ^ step).to_be_bytes()
}

/// The length of half a block of the cipher, in bytes.
const BLOCK: usize = 8;
const ROUNDS: u64 = 6;
/// The initial value (RFC 3394 section 2.2.3.1).
const INITIAL_VALUE: [u8; BLOCK] = [0xa6; BLOCK];

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(range: std::ops::Range<u8>) -> Vec<u8> {
        range.collect()
    }

    fn hex(text: &str) -> Vec<u8> {
        let (digits, []) = text.as_bytes().as_chunks::<2>() else {
            panic!("{text}");
        };
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.iter().map(|pair| byte(pair)).collect()
    }

    /// The key data of RFC 3394 section 4: 00, 11, 22 and so on to FF, then 00 to 0F.
    fn key_data(length: u8) -> Vec<u8> {
        let mut data: Vec<u8> = (0..=0xff).step_by(0x11).collect();
        data.extend(0..16);
        data.truncate(length.into());
        data
    }

    #[test]
    fn rfc_3394_section_4() {
        for (wrapping_key, length, wrapped) in [
            (16, 16, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"),
            (24, 16, "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"),
            (32, 16, "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"),
            (
                24,
                24,
                "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2",
            ),
            (
                32,
                24,
                "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1",
            ),
            (
                32,
                32,
                "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
            ),
        ] {
            let wrapping_key = bytes(0..wrapping_key);
            let key = key_data(length);
            assert_eq!(wrap_key(&wrapping_key, &key).unwrap(), hex(wrapped));
            assert_eq!(*unwrap_key(&wrapping_key, &hex(wrapped)).unwrap(), key);
        }
    }

    #[test]
    fn the_loop_agrees_with_the_library_where_both_exist() {
        for wrapping_key in [vec![3; 16], vec![7; 32]] {
            for length in (16..=64).step_by(8) {
                let key: Vec<u8> = (0..length).map(|byte| byte * 3).collect();
                let wrapped = wrap_key(&wrapping_key, &key).unwrap();
                assert_eq!(wrap_by_blocks(&wrapping_key, &key).unwrap(), wrapped);
                assert_eq!(*unwrap_by_blocks(&wrapping_key, &wrapped).unwrap(), key);
                for position in 0..wrapped.len() {
                    let mut changed = wrapped.clone();
                    changed[position] ^= 1;
                    assert!(unwrap_by_blocks(&wrapping_key, &changed).is_err());
                    assert!(unwrap_key(&wrapping_key, &changed).is_err());
                }
            }
        }
    }

    #[test]
    fn lengths_that_cannot_be() {
        for wrapping_key in [vec![1; 16], vec![1; 24], vec![1; 32]] {
            for length in (0..=80).filter(|length| length % 8 != 0 || *length < 16) {
                assert!(
                    wrap_key(&wrapping_key, &vec![2; length]).is_err(),
                    "{length}"
                );
            }
            for length in 0..=80 {
                assert!(
                    unwrap_key(&wrapping_key, &vec![2; length]).is_err(),
                    "{length}"
                );
            }
        }
        assert!(wrap_key(&[1; 17], &[2; 16]).is_err());
        assert!(unwrap_key(&[1; 17], &[2; 24]).is_err());
    }
}
