use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use url::form_urlencoded;
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Misuse;

/// Request or response parameters: an ordered multi-map, because `resource` and others may repeat
/// (RFC 8707 section 2).
///
/// `Debug` shows names only. Values are wiped when they are dropped, because some are secrets.
#[derive(Default, PartialEq, Eq)]
pub struct Parameters(Vec<(Cow<'static, str>, Zeroizing<String>)>);

impl Parameters {
    /// Creates an empty list.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Decodes `application/x-www-form-urlencoded` text, for example a query without its `?`.
    pub fn decode(encoded: &str) -> Self {
        form_urlencoded::parse(encoded.as_bytes())
            .into_owned()
            .collect()
    }

    /// Encodes as `application/x-www-form-urlencoded`.
    pub fn encode(&self) -> String {
        // A buffer that grows would leave copies of secrets. A byte becomes three at most.
        let lengths = self.iter().map(|(name, value)| {
            let length = name.len().saturating_add(value.len());
            length.saturating_mul(3).saturating_add("&=".len())
        });
        let encoded = String::with_capacity(lengths.fold(0, usize::saturating_add));
        form_urlencoded::Serializer::new(encoded)
            .extend_pairs(self.iter())
            .finish()
    }

    /// Encodes into one buffer that is wiped when the last clone of it is dropped.
    pub(super) fn encode_wiped(&self) -> Bytes {
        Bytes::from_owner(Wiped(self.encode().into_bytes()))
    }

    /// Adds a parameter at the end, even if one of that name exists.
    pub fn append(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let value = Zeroizing::new(value.into());
        self.0.push((Cow::Owned(name.into()), value));
    }

    /// Sets a parameter, and removes all others of its name.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let name = name.into();
        self.remove(&name);
        self.0.push((name, Zeroizing::new(value.into())));
    }

    /// Removes every parameter of this name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(present, _)| present != name);
    }

    /// The first value of this name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.iter()
            .find_map(|(present, value)| (present == name).then_some(value))
    }

    /// Every value of this name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter_map(move |(present, value)| (present == name).then_some(value))
    }

    /// Whether a parameter of this name exists.
    pub fn contains(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// Refuses parameters that this library sets itself.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for the first parameter whose name is `reserved`.
    pub(crate) fn refuse(&self, reserved: &[&str]) -> Result<(), Misuse> {
        match self.iter().find(|(name, _)| reserved.contains(name)) {
            None => Ok(()),
            Some((name, _)) => Err(Misuse::InvalidArgument {
                argument: "parameter",
                expected: "one that this library does not set itself",
                found: name.to_owned(),
            }),
        }
    }

    /// Every parameter, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_str()))
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A copy has room for what the protocol adds, because most copies become requests.
impl Clone for Parameters {
    fn clone(&self) -> Self {
        if self.is_empty() {
            return Self::new();
        }
        let mut copy = Vec::with_capacity(self.0.len().saturating_add(4));
        copy.extend_from_slice(&self.0);
        Self(copy)
    }
}

/// Bytes that are wiped when they are dropped. The room behind them, which `Zeroizing` would wipe
/// as well, was never written.
struct Wiped(Vec<u8>);

impl Wiped {
    fn wipe(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(iter: I) -> Self {
        let mut parameters = Self::new();
        parameters.extend(iter);
        parameters
    }
}

impl<N: Into<String>, V: Into<String>, const COUNT: usize> From<[(N, V); COUNT]> for Parameters {
    fn from(parameters: [(N, V); COUNT]) -> Self {
        parameters.into_iter().collect()
    }
}

impl<N: Into<String>, V: Into<String>> Extend<(N, V)> for Parameters {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, iter: I) {
        for (name, value) in iter {
            self.append(name, value);
        }
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parameters")?;
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::{Parameters, Wiped};

    /// The values are in buffers that are wiped, and encoding leaves no other copy.
    #[test]
    fn secrets_are_encoded_without_copies_that_stay() {
        let ascii: String = ('\0'..='\x7f').collect();
        let secret = [&ascii, "ü\u{1F511}"].concat().repeat(10);
        let parameters = Parameters::from([("client_secret", secret), ("x", String::new())]);
        let [(_, owner), _] = parameters.0.as_slice() else {
            panic!("{parameters:?}");
        };
        // The compiler knows what owns the value.
        let owner: &Zeroizing<String> = owner;
        assert_eq!(parameters.first("client_secret"), Some(owner.as_str()));
        let encoded = parameters.encode();
        // The buffer has not grown: it is as large as it was made.
        let bytes = "client_secret".len() + owner.len() + "x".len();
        assert_eq!(encoded.capacity(), 3 * bytes + 2 * "&=".len());
        assert_eq!(parameters.encode_wiped(), encoded);
        assert_eq!(Parameters::decode(&encoded), parameters);
    }

    #[test]
    fn every_byte_is_wiped() {
        let mut wiped = Wiped(b"client_secret=s".to_vec());
        wiped.wipe();
        assert_eq!(wiped.as_ref(), [0; 15]);
    }

    #[test]
    fn repeated_names_keep_their_order() {
        let mut parameters = Parameters::decode("resource=a&x=1&resource=b%20c");
        assert_eq!(parameters.all("resource").collect::<Vec<_>>(), ["a", "b c"]);
        parameters.set("x", "2");
        assert_eq!(parameters.encode(), "resource=a&resource=b+c&x=2");
        assert_eq!(
            format!("{parameters:?}"),
            r#"Parameters["resource", "resource", "x"]"#
        );
        assert!(!parameters.is_empty() && Parameters::new().is_empty());
    }
}
