use std::time::Duration;

/// How wrong the local clock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockSkew {
    /// The local clock is behind: this much is added to it.
    Behind(Duration),
    /// The local clock is ahead: this much is subtracted from it.
    Ahead(Duration),
}

impl ClockSkew {
    /// Whole seconds to add to the local clock, negative where it is ahead.
    pub const fn seconds_to_add(self) -> i64 {
        let (Self::Behind(skew) | Self::Ahead(skew)) = self;
        let seconds = skew.as_secs();
        // Stops at the end of the range, centuries of centuries away.
        let seconds = if seconds > i64::MAX.unsigned_abs() {
            i64::MAX
        } else {
            seconds.cast_signed()
        };
        match self {
            Self::Behind(_) => seconds,
            Self::Ahead(_) => seconds.saturating_neg(),
        }
    }
}

impl Default for ClockSkew {
    /// A clock that is right.
    fn default() -> Self {
        Self::Behind(Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_behind_is_moved_forward() {
        let second = Duration::from_secs(1);
        assert_eq!(ClockSkew::default().seconds_to_add(), 0);
        assert_eq!(ClockSkew::Behind(second).seconds_to_add(), 1);
        assert_eq!(ClockSkew::Ahead(second).seconds_to_add(), -1);
        assert_eq!(ClockSkew::Behind(Duration::MAX).seconds_to_add(), i64::MAX);
        assert_eq!(ClockSkew::Ahead(Duration::MAX).seconds_to_add(), -i64::MAX);
    }
}
