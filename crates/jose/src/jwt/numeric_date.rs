use serde_json::Number;

/// A moment in seconds since 1970-01-01T00:00:00Z, without leap seconds. It may have a fraction
/// (RFC 7519 section 2).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct NumericDate(f64);

impl NumericDate {
    /// Returns the moment `seconds` after the epoch. A negative number is a moment before the
    /// epoch.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "exact within the clamp")]
        Self(seconds.clamp(-LIMIT_SECONDS, LIMIT_SECONDS) as f64)
    }

    /// Reads a JSON number.
    #[must_use]
    pub(super) fn from_number(number: &Number) -> Option<Self> {
        number
            .as_f64()
            .filter(|seconds| seconds.is_finite())
            .map(Self)
    }

    /// Returns whole seconds, rounded down. Values beyond 2^53 seconds in either direction (285
    /// million years) become 2^53, so that adding a tolerance cannot overflow.
    #[must_use]
    pub fn seconds(self) -> i64 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "within 2^53 after the clamp, and integral"
        )]
        {
            self.0.floor().clamp(-LIMIT, LIMIT) as i64
        }
    }
}

/// 2^53: up to here an `f64` holds every integer.
const LIMIT: f64 = 9_007_199_254_740_992.0;
const LIMIT_SECONDS: i64 = 1 << 53;

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> i64 {
        NumericDate::from_number(&serde_json::from_str(text).unwrap())
            .unwrap()
            .seconds()
    }

    #[test]
    fn fractions_are_dropped_towards_the_past() {
        assert_eq!(seconds("1300819380"), 1_300_819_380);
        assert_eq!(seconds("1300819380.999"), 1_300_819_380);
        assert_eq!(seconds("-0.5"), -1);
        assert_eq!(seconds("1.3e9"), 1_300_000_000);
    }

    #[test]
    fn whole_seconds_are_exact() {
        for seconds in [0, -1, 1_300_819_380, 1 << 53, -(1 << 53)] {
            assert_eq!(NumericDate::from_seconds(seconds).seconds(), seconds);
        }
        assert_eq!(NumericDate::from_seconds(i64::MAX).seconds(), 1 << 53);
        assert_eq!(NumericDate::from_seconds(i64::MIN).seconds(), -(1 << 53));
    }

    #[test]
    fn extremes_leave_room_for_arithmetic() {
        assert_eq!(seconds("1e300"), 1 << 53);
        assert_eq!(seconds("18446744073709551615"), 1 << 53);
        assert_eq!(seconds("-1e300"), -(1 << 53));
    }
}
