//! The people who can log in.

use serde_json::{Value, json};

use crate::members::Members;

/// A person known to the provider.
#[derive(Clone, Debug)]
pub struct User {
    /// The `sub` claim: who this is, stable and unique at this provider (OpenID Connect Core section 2).
    pub subject: String,
    /// The `name` claim, released for the scope `profile`.
    pub name: String,
    /// The `email` claim, released for the scope `email` with `email_verified: true`.
    pub email: String,
}

impl User {
    /// A user with this subject, full name and e-mail address.
    pub fn new(
        subject: impl Into<String>,
        name: impl Into<String>,
        email: impl Into<String>,
    ) -> Self {
        Self {
            subject: subject.into(),
            name: name.into(),
            email: email.into(),
        }
    }

    /// The claims which the granted scope releases (OpenID Connect Core section 5.4).
    pub(crate) fn claims(&self, scope: &str) -> Members {
        let mut claims = Members::new([("sub", json!(self.subject))]);
        for value in scope.split(' ') {
            match value {
                "profile" => {
                    claims.set("name", json!(self.name));
                    claims.set("preferred_username", json!(self.subject));
                }
                "email" => {
                    claims.set("email", json!(self.email));
                    claims.set("email_verified", Value::Bool(true));
                }
                _ => {}
            }
        }
        claims
    }
}

/// Alice, who logs in where nobody is asked, and Bob.
pub(crate) fn default_users() -> Vec<User> {
    vec![
        User::new("alice", "Alice Adams", "alice@example.com"),
        User::new("bob", "Bob Brown", "bob@example.com"),
    ]
}
