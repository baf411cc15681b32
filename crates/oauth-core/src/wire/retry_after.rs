//! `Retry-After` (RFC 9110 section 10.2.3).

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, header};

use crate::time::UnixTime;

/// Returns how long a server asks the client to wait: seconds, or the time until a date, zero if
/// the date has passed. `None` if the header is absent or cannot be parsed.
pub(crate) fn retry_after(headers: &HeaderMap, now: UnixTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that does not fit is longer than any wait.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let date = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let now = u64::try_from(now.seconds()).unwrap_or(0);
    Some(Duration::from_secs(date.saturating_sub(now)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::header::RETRY_AFTER;
    use http::{HeaderMap, HeaderValue};

    use super::retry_after;
    use crate::time::UnixTime;

    /// 2023-11-14T22:13:20Z.
    const NOW: i64 = 1_700_000_000;

    #[test]
    fn seconds_and_dates_are_understood_and_nothing_else() {
        for (value, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Tue, 14 Nov 2023 22:13:50 GMT", Some(30)),
            ("Tue, 14 Nov 2023 22:13:20 GMT", Some(0)),
            ("Tue, 14 Nov 2023 22:00:00 GMT", Some(0)),
            // The two older forms of dates (RFC 9110 section 5.6.7).
            ("Tuesday, 14-Nov-23 22:13:50 GMT", Some(30)),
            ("Tue Nov 14 22:13:50 2023", Some(30)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("5s", None),
            ("soon", None),
            ("Mon, 14 Nov 2023 22:13:50 GMT", None),
            ("2023-11-14T22:13:50Z", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
            let found = retry_after(&headers, UnixTime::from_seconds(NOW));
            assert_eq!(found, seconds.map(Duration::from_secs), "{value}");
        }
        let headers = HeaderMap::new();
        assert_eq!(retry_after(&headers, UnixTime::from_seconds(NOW)), None);
    }
}
