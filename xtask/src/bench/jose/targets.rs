//! The targets of the crate.

/// The largest number of heap allocations for the verification of an ID Token.
pub(crate) const ALLOCATIONS: u64 = 10;

/// Returns the longest time for a group, as a multiple of its floor; `None` if there is no target.
/// Absolute times would fail on a busy machine, where the same floor takes up to three times as
/// long.
pub(crate) fn of(group: &str) -> Option<f64> {
    let exact = TARGETS.iter().find(|(name, _)| *name == group);
    let by_kind = || {
        TARGETS
            .iter()
            .find(|(name, _)| name.ends_with(' ') && group.starts_with(name))
    };
    exact.or_else(by_kind).map(|(_, target)| *target)
}

/// The targets. A name that ends in a space applies to every group that begins with it.
const TARGETS: [(&str, f64); 10] = [
    ("verify RS256", 1.10),
    ("verify PS256", 1.10),
    ("verify ES256", 1.05),
    ("verify ES384", 1.05),
    ("verify EdDSA", 1.05),
    ("verify HS256", 2.50),
    ("sign ", 1.05),
    ("decrypt ", 1.05),
    ("20 keys: parse", 1.30),
    ("20 keys: parse, ready to verify", 1.05),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_have_their_own_target_or_that_of_their_kind() {
        assert_eq!(of("verify HS256"), Some(2.50));
        assert_eq!(of("sign ES256"), Some(1.05));
        assert_eq!(of("20 keys: parse"), Some(1.30));
        assert_eq!(of("20 keys: parse, ready to verify"), Some(1.05));
        assert_eq!(of("200 keys: parse"), None);
    }
}
