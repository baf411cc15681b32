//! Tables and numbers in the form of the reports.

use std::fmt::Write;

/// Adds a row to a table.
pub(crate) fn row(text: &mut String, cells: &[&str]) {
    for cell in cells {
        // Writing to a string does not fail.
        let _ = write!(text, "| {cell} ");
    }
    text.push_str("|\n");
}

/// Returns the word for a target that is met or missed.
pub(crate) fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "**missed**" }
}

/// Formats a time with three digits and a suitable unit.
pub(crate) fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        1e6.. => format!("{} ms", digits(nanoseconds / 1e6)),
        1e3.. => format!("{} µs", digits(nanoseconds / 1e3)),
        _ => format!("{nanoseconds:.0} ns"),
    }
}

/// Formats a number with three digits, in thousands or millions if it is large.
pub(crate) fn amount(number: f64) -> String {
    match number {
        1e6.. => format!("{} M", digits(number / 1e6)),
        1e4.. => format!("{} k", digits(number / 1e3)),
        _ => format!("{number:.0}"),
    }
}

fn digits(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits() {
        let shown = [27.4, 963.0, 1234.0, 12_340.0, 123_400.0, 2.5e6].map(time);
        let expected = ["27 ns", "963 ns", "1.23 µs", "12.3 µs", "123 µs", "2.50 ms"];
        assert_eq!(shown, expected);
    }

    #[test]
    fn amounts_have_three_digits() {
        let shown = [0.0, 6_123.0, 61_712.0, 271_234.0, 1_234_000.0].map(amount);
        assert_eq!(shown, ["0", "6123", "61.7 k", "271 k", "1.23 M"]);
    }
}
