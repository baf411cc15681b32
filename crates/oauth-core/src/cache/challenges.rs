//! Challenges for client attestations (draft-ietf-oauth-attestation-based-client-auth section 6).

use std::collections::VecDeque;
use std::fmt;

/// The challenges in the order in which they were stored, each with its issuer, the most recent
/// last.
#[derive(Default)]
pub(super) struct Challenges(VecDeque<(String, String)>);

impl Challenges {
    pub(super) fn find(&self, issuer: &str) -> Option<String> {
        let entry = self.0.iter().find(|(of, _)| of == issuer)?;
        Some(entry.1.clone())
    }

    pub(super) fn store(&mut self, issuer: &str, challenge: &str) -> bool {
        // The value of a header, and bounded. A challenge may be a JWT.
        let is_shown = challenge.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_shown || !(1..=LONGEST_CHALLENGE).contains(&challenge.len()) {
            return false;
        }
        self.0.retain(|(of, _)| of != issuer);
        if self.0.len() >= MOST_ISSUERS {
            self.0.pop_front();
        }
        self.0.push_back((issuer.to_owned(), challenge.to_owned()));
        true
    }
}

impl fmt::Debug for Challenges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenges({})", self.0.len())
    }
}

const MOST_ISSUERS: usize = 100;
const LONGEST_CHALLENGE: usize = 4096;

#[cfg(test)]
mod tests {
    use super::Challenges;

    #[test]
    fn a_challenge_belongs_to_one_issuer_and_the_oldest_makes_room() {
        let mut challenges = Challenges::default();
        assert!(challenges.store("a", "1") && challenges.store("b", "2"));
        assert!(challenges.store("a", "3"));
        assert_eq!(challenges.find("a").as_deref(), Some("3"));
        assert_eq!(challenges.find("b").as_deref(), Some("2"));
        let longest = "c".repeat(4096);
        for (challenge, kept) in [
            (longest.as_str(), true),
            (&format!("{longest}c"), false),
            ("", false),
            ("a b", false),
            ("a\u{7f}", false),
        ] {
            assert_eq!(challenges.store("c", challenge), kept, "{challenge}");
        }
        assert_eq!(challenges.find("c"), Some(longest));
        for issuer in 0..100 {
            challenges.store(&issuer.to_string(), "n");
        }
        assert_eq!((challenges.0.len(), challenges.find("a")), (100, None));
        assert_eq!(format!("{challenges:?}"), "Challenges(100)");
    }
}
