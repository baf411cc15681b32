//! The reasons why a peer is faster.

/// The known reason for a group and a peer.
pub(crate) fn of(group: &str, peer: &str) -> Option<&'static str> {
    REASONS
        .iter()
        .find(|(kind, name, _)| group.contains(kind) && peer.starts_with(name))
        .map(|(_, _, reason)| *reason)
}

/// A part of the group's name, the beginning of the peer's name, and the reason. The first match is
/// used.
const REASONS: &[(&str, &str, &str)] = &[
    (
        "verify EdDSA",
        "jsonwebtoken, rust_crypto",
        "the vector code of curve25519-dalek (AVX2, AVX-512 IFMA) is faster than aws-lc on this processor",
    ),
    (
        "keys: parse, ready to verify",
        "jsonwebtoken",
        "keeps raw bytes and parses them in every verification; the keys of `jose` are ready",
    ),
    (
        "keys: parse",
        "jsonwebtoken",
        "keeps the numbers as text; `jose` decodes and measures them, and checks that a point lies on \
         its curve",
    ),
    (
        "keys: select",
        "jsonwebtoken",
        "takes the first key with the `kid`; `jose` also compares `kty`, `alg`, `use` and `key_ops`, \
         and examines all keys, because it refuses two that fit",
    ),
    (
        "keys: select",
        "josekit",
        "only looks up the `kid` in a map; see jsonwebtoken",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_belongs_to_a_kind_of_group_and_a_peer() {
        assert!(of("20 keys: select", "jsonwebtoken").is_some());
        assert!(of("verify EdDSA", "jsonwebtoken, rust_crypto").is_some());
        assert_eq!(of("verify EdDSA", "jsonwebtoken, aws_lc_rs"), None);
        assert_eq!(of("20 keys: parse", "josekit"), None);
        assert_eq!(of("verify RS256", "jsonwebtoken"), None);
    }
}
