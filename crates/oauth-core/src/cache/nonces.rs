//! DPoP nonces by role and origin (RFC 9449 sections 8 and 9).

use std::fmt;

/// The kind of server that a nonce came from. One host can be both kinds, with separate nonces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerRole {
    /// An authorization server.
    AuthorizationServer,
    /// A resource server, for example the UserInfo endpoint.
    ResourceServer,
}

/// The nonces in the order in which they were stored, the most recent last.
#[derive(Default)]
pub(super) struct Nonces(Vec<Entry>);

struct Entry {
    role: ServerRole,
    origin: String,
    nonce: String,
}

impl Nonces {
    pub(super) fn find(&self, role: ServerRole, origin: &str) -> Option<String> {
        let entry = self.0.iter().find(|entry| entry.is_for(role, origin))?;
        Some(entry.nonce.clone())
    }

    pub(super) fn store(&mut self, role: ServerRole, origin: &str, nonce: &str) -> bool {
        if !is_nonce(nonce) {
            return false;
        }
        self.0.retain(|entry| !entry.is_for(role, origin));
        if self.0.len() >= MOST_ORIGINS {
            self.0.remove(0);
        }
        self.0.push(Entry {
            role,
            origin: origin.to_owned(),
            nonce: nonce.to_owned(),
        });
        true
    }
}

impl Entry {
    fn is_for(&self, role: ServerRole, origin: &str) -> bool {
        self.role == role && self.origin == origin
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonces({})", self.0.len())
    }
}

/// Whether the text matches `1*NQCHAR` (RFC 9449 section 8.1, RFC 6749 appendix A).
fn is_nonce(text: &str) -> bool {
    let nqchar = |byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    (1..=LONGEST_NONCE).contains(&text.len()) && text.bytes().all(nqchar)
}

const MOST_ORIGINS: usize = 100;
const LONGEST_NONCE: usize = 256;

#[cfg(test)]
mod tests {
    use super::{Nonces, ServerRole};

    #[test]
    fn a_nonce_belongs_to_one_role_at_one_origin() {
        let mut nonces = Nonces::default();
        assert!(nonces.store(ServerRole::AuthorizationServer, "https://op.example", "a"));
        assert!(nonces.store(ServerRole::ResourceServer, "https://op.example", "r"));
        assert!(nonces.store(ServerRole::AuthorizationServer, "https://op.example", "b"));
        let find = |role, origin| nonces.find(role, origin);
        assert_eq!(
            find(ServerRole::AuthorizationServer, "https://op.example").as_deref(),
            Some("b")
        );
        assert_eq!(
            find(ServerRole::ResourceServer, "https://op.example").as_deref(),
            Some("r")
        );
        assert_eq!(
            find(ServerRole::ResourceServer, "https://op.example:444"),
            None
        );
        assert!(!format!("{nonces:?}").contains("op.example"));
    }

    #[test]
    fn what_is_no_nonce_is_not_kept() {
        let mut nonces = Nonces::default();
        let role = ServerRole::AuthorizationServer;
        let longest = "n".repeat(256);
        let too_long = "n".repeat(257);
        for (nonce, kept) in [
            ("!#[]~", true),
            (longest.as_str(), true),
            (too_long.as_str(), false),
            ("", false),
            ("a b", false),
            ("a\"b", false),
            ("a\\b", false),
            ("a\r\nb", false),
            ("é", false),
        ] {
            assert_eq!(nonces.store(role, nonce, nonce), kept, "{nonce:?}");
            assert_eq!(nonces.find(role, nonce).is_some(), kept, "{nonce:?}");
        }
    }

    #[test]
    fn the_oldest_nonce_makes_room() {
        let mut nonces = Nonces::default();
        let role = ServerRole::ResourceServer;
        for origin in 0..100 {
            nonces.store(role, &origin.to_string(), "n");
        }
        nonces.store(role, "0", "again");
        nonces.store(role, "new", "n");
        assert_eq!(nonces.0.len(), 100);
        assert_eq!(nonces.find(role, "0").as_deref(), Some("again"));
        assert_eq!(nonces.find(role, "1"), None);
        assert!(nonces.find(role, "2").is_some());
    }
}
