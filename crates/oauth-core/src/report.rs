//! An error as a person reads it.

use std::error::Error as StdError;
use std::fmt;

/// Any error, printed in one line with every cause when `main` returns it.
///
/// A program that returns an error from `main` prints its `Debug`, which is for programmers. The
/// `Debug` of a report is the text for people.
///
/// ```
/// use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
/// use oauth_core::policy::Policy;
/// use oauth_core::report::Report;
///
/// fn begin(issuer: &str) -> Result<DiscoveryEndpoint, Report> {
///     let policy = Policy::default();
///     Ok(DiscoveryEndpoint::new(issuer, DiscoveryAlgorithm::Oidc, policy)?)
/// }
/// # let report = begin("https://id.example.com/?").unwrap_err();
/// # assert!(format!("{report:?}").contains("issuer"));
/// ```
pub struct Report(Box<dyn StdError + Send + Sync>);

impl Report {
    /// A report with a text of the program.
    pub fn message(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Report {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_chain(f, &*self.0)
    }
}

/// Writes the error and its causes, separated by `: `. Omits a cause whose text ends the text
/// before it, because some errors repeat their cause. For the `{:#}` of an error type.
///
/// # Errors
///
/// Those of the formatter.
pub fn write_chain(f: &mut fmt::Formatter<'_>, error: &(dyn StdError + 'static)) -> fmt::Result {
    let mut said = error.to_string();
    f.write_str(&said)?;
    let mut cause = error.source();
    // A longer chain is a circle.
    for _ in 0..LONGEST {
        let Some(error) = cause else { break };
        let text = error.to_string();
        if !said.ends_with(&text) {
            write!(f, ": {text}")?;
            said = text;
        }
        cause = error.source();
    }
    Ok(())
}

const LONGEST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Link(&'static str, Option<Box<Link>>);

    impl fmt::Display for Link {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl StdError for Link {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.1.as_deref().map(|link| link as _)
        }
    }

    #[test]
    fn each_cause_is_said_once() {
        let last = Link("connection refused", None);
        let repeats = Link("no connection: connection refused", Some(Box::new(last)));
        let first = Link("the request failed", Some(Box::new(repeats)));
        let report = Report::from(first);
        let text = "the request failed: no connection: connection refused";
        assert_eq!(report.to_string(), text);
        assert_eq!(format!("{report:?}"), text);
    }
}
