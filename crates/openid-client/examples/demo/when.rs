//! Times for people.

use std::time::{Duration, SystemTime};

/// A time as text, and as the `datetime` of a `time` element.
pub(crate) struct Date {
    /// For example "Sun, 29 Nov 2026 06:37:00 GMT".
    pub(crate) text: String,
    /// For example "2026-11-29T06:37:00Z".
    pub(crate) machine: String,
}

/// Returns the date of a time in seconds since 1970, up to the year 9999.
pub(crate) fn date(seconds: i64) -> Option<Date> {
    let seconds = u64::try_from(seconds).ok().filter(|it| *it <= LAST)?;
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    let text = httpdate::fmt_http_date(time);
    let mut parts = text.split(' ').skip(1);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let clock = parts.next()?;
    let month = MONTHS
        .iter()
        .position(|name| *name == month)?
        .checked_add(1)?;
    let machine = format!("{year}-{month:02}-{day}T{clock}Z");
    Some(Date { text, machine })
}

/// Returns a line of a document, with the date if its member is a time.
pub(crate) fn explained(line: &str) -> String {
    let member = line.trim().trim_end_matches(',');
    let date = member.split_once(": ").and_then(|(name, value)| {
        let is_time = CLAIMS.contains(&name.trim_matches('"'));
        date(value.parse().ok().filter(|_| is_time)?)
    });
    match date {
        Some(date) => format!("{line}  ← {}", date.text),
        None => line.to_owned(),
    }
}

/// Returns the times in a message: the numbers with ten digits.
pub(crate) fn times_in(message: &str) -> Vec<i64> {
    let numbers = message.split(|character: char| !character.is_ascii_digit());
    let times = numbers.filter(|digits| digits.len() == 10);
    times.filter_map(|digits| digits.parse().ok()).collect()
}

/// The claims whose values are times (RFC 7519 section 2, OpenID Connect Core section 2).
pub(crate) const CLAIMS: [&str; 5] = ["exp", "iat", "nbf", "auth_time", "updated_at"];

/// Returns how far a time is from now, for example "in 10 minutes" or "3 seconds ago".
pub(crate) fn distance(seconds: i64, now: i64) -> String {
    let far = seconds.saturating_sub(now);
    let size = far.unsigned_abs();
    let (unit, name) = UNITS
        .into_iter()
        .find(|(unit, _)| size >= *unit)
        .unwrap_or((1, "second"));
    let number = size.checked_div(unit).unwrap_or(size);
    let plural = if number == 1 { "" } else { "s" };
    match far {
        0 => "now".to_owned(),
        1.. => format!("in {number} {name}{plural}"),
        _ => format!("{number} {name}{plural} ago"),
    }
}

/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;

const UNITS: [(u64, &str); 3] = [(86_400, "day"), (3600, "hour"), (60, "minute")];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
