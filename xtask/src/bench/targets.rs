//! What the crate is meant to reach.

use super::measured::Case;

/// What a group is held to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    /// At most so many times the floor.
    Ratio(f64),
    /// At most so many nanoseconds above the floor.
    Excess(f64),
    /// At most so many nanoseconds.
    Time(f64),
}

/// The most heap allocations that the verification of an ID Token may make.
pub(crate) const ALLOCATIONS: u64 = 10;

/// The target of a group; `None` where there is none.
pub(crate) fn of(group: &str) -> Option<Target> {
    let exact = TARGETS.iter().find(|(name, _)| *name == group);
    let by_kind = || {
        TARGETS
            .iter()
            .find(|(name, _)| name.ends_with(' ') && group.starts_with(name))
    };
    exact.or_else(by_kind).map(|(_, target)| *target)
}

impl Target {
    /// Whether a case reaches it.
    pub(crate) fn is_met(self, case: &Case) -> bool {
        match self {
            Self::Ratio(most) => case.ratio <= most,
            Self::Excess(most) => case.excess <= most,
            Self::Time(most) => case.nanoseconds <= most,
        }
    }

    /// The target in words, and what the case reaches in the same unit.
    pub(crate) fn words(self, case: &Case) -> (String, String) {
        let microseconds = |nanoseconds: f64| nanoseconds / 1000.0;
        match self {
            Self::Ratio(most) => (format!("≤ {most:.2} ×"), format!("{:.3} ×", case.ratio)),
            Self::Excess(most) => (
                format!("≤ +{:.1} µs", microseconds(most)),
                format!("+{:.2} µs", microseconds(case.excess)),
            ),
            Self::Time(most) => (
                format!("≤ {:.0} µs", microseconds(most)),
                format!("{:.1} µs", microseconds(case.nanoseconds)),
            ),
        }
    }
}

/// A name that ends in a space stands for every group that begins with it.
const TARGETS: [(&str, Target); 10] = [
    ("verify RS256", Target::Ratio(1.10)),
    ("verify PS256", Target::Ratio(1.10)),
    ("verify ES256", Target::Ratio(1.05)),
    ("verify ES384", Target::Ratio(1.05)),
    ("verify EdDSA", Target::Ratio(1.05)),
    ("verify HS256", Target::Excess(1000.0)),
    ("sign ", Target::Ratio(1.05)),
    ("decrypt ", Target::Ratio(1.05)),
    ("20 keys: parse", Target::Time(25_000.0)),
    ("20 keys: parse, ready to verify", Target::Time(100_000.0)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::measured::Role;

    fn case(nanoseconds: f64, ratio: f64, excess: f64) -> Case {
        Case {
            role: Role::Ours,
            name: String::new(),
            nanoseconds,
            ratio,
            quartiles: [ratio, ratio],
            excess,
            allocations: 0,
        }
    }

    #[test]
    fn a_target_is_met_up_to_its_bound() {
        assert!(Target::Ratio(1.05).is_met(&case(0.0, 1.05, 0.0)));
        assert!(!Target::Ratio(1.05).is_met(&case(0.0, 1.051, 0.0)));
        assert!(Target::Excess(1000.0).is_met(&case(9e9, 9.0, 1000.0)));
        assert!(!Target::Excess(1000.0).is_met(&case(0.0, 0.0, 1000.1)));
        assert!(Target::Time(25_000.0).is_met(&case(25_000.0, 9.0, 0.0)));
        assert!(!Target::Time(25_000.0).is_met(&case(25_001.0, 0.0, 0.0)));
    }

    #[test]
    fn groups_have_their_own_target_or_that_of_their_kind() {
        assert_eq!(of("verify HS256"), Some(Target::Excess(1000.0)));
        assert_eq!(of("sign ES256"), Some(Target::Ratio(1.05)));
        assert_eq!(of("20 keys: parse"), Some(Target::Time(25_000.0)));
        assert_eq!(
            of("20 keys: parse, ready to verify"),
            Some(Target::Time(100_000.0))
        );
        assert_eq!(of("200 keys: parse"), None);
    }
}
