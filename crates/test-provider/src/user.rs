//! The users of the provider.

use serde_json::{Value, json};

use crate::members::Members;

/// A user of the provider.
#[derive(Clone, Debug)]
pub struct User {
    /// The `sub` claim, which identifies the user at this provider (OpenID Connect Core section 2).
    pub subject: String,
    /// The `name` claim, released for the scope `profile`.
    pub name: String,
    /// The `email` claim, released for the scope `email` with `email_verified: true`.
    pub email: String,
    /// Claims that ID Tokens and UserInfo contain for every scope, for example `groups`.
    pub other_claims: Vec<(String, Value)>,
}

impl User {
    /// Creates a user with this subject, full name and e-mail address.
    pub fn new(
        subject: impl Into<String>,
        name: impl Into<String>,
        email: impl Into<String>,
    ) -> Self {
        Self {
            subject: subject.into(),
            name: name.into(),
            email: email.into(),
            other_claims: Vec::new(),
        }
    }

    /// Adds a claim that ID Tokens and UserInfo contain for every scope. It replaces one of the
    /// same name.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.other_claims.push((name.into(), value.into()));
        self
    }

    /// Returns the claims that the granted scope releases (OpenID Connect Core section 5.4).
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
        for (name, value) in &self.other_claims {
            claims.set(name, value.clone());
        }
        claims
    }
}

/// Returns `alice`, who is logged in by default, and `bob`.
pub(crate) fn default_users() -> Vec<User> {
    vec![
        User::new("alice", "Alice Adams", "alice@example.com"),
        User::new("bob", "Bob Brown", "bob@example.com"),
    ]
}
