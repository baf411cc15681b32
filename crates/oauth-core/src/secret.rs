//! Values that must stay secret.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// A value that is erased when dropped and never printed.
///
/// The time to compare two secrets depends on their lengths only, not on their contents.
///
/// What is wiped is the buffer that this value owns, and that of each clone when the clone is
/// dropped. So are the values of [`Parameters`](crate::wire::Parameters), the request body that
/// they are encoded to, and the response bodies that `openid-client` collects.
///
/// Other copies are not wiped: request headers, URLs and JSON bodies, the buffers of the HTTP
/// library and of TLS, the JSON document that a value was read from, and what a `String` left
/// behind when it grew before it came here. Memory that the system has swapped out or dumped is out
/// of reach.
#[derive(Clone, Default)]
pub struct Secret<T: Zeroize = String>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself; keep it out of logs and messages.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<String> for Secret<String> {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<&Self> for Secret<String> {
    fn from(secret: &Self) -> Self {
        secret.clone()
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

impl<T: Zeroize + AsRef<[u8]>> PartialEq for Secret<T> {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(self.0.as_ref(), other.0.as_ref())
    }
}

impl<T: Zeroize + AsRef<[u8]>> Eq for Secret<T> {}

/// Whether two byte strings are equal. The time depends on their lengths only.
pub(crate) fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_compared_by_value_and_printed_redacted() {
        let secret = Secret::from("hunter2");
        assert_eq!(secret, Secret::from("hunter2"));
        assert_ne!(secret, Secret::from("hunter3"));
        assert_ne!(secret, Secret::from("hunter22"));
        assert_eq!(format!("{secret:?}"), "[redacted]");
    }
}
