//! What the challenge of a protected resource says about the way to a token (RFC 9728 section 5.1,
//! RFC 6750 section 3).

use http::HeaderMap;

use crate::challenge::Challenge;
use crate::error::{Artefact, Error, Reason, printable};
use crate::metadata::{ProtectedResourceMetadata, Scope};

/// The parts of a `WWW-Authenticate` header that lead to a token for the resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceChallenge {
    resource_metadata: Option<String>,
    scope: Option<Scope>,
}

impl ResourceChallenge {
    /// Reads the challenges of a response, which may have any status. Challenges of other schemes
    /// than `Bearer` and `DPoP` do not count, and headers that cannot be parsed say nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] for the challenge, with [`Reason::Duplicate`] if `resource_metadata` or
    /// `scope` occurs twice in one challenge or has different values in two of them: one may be
    /// injected through a text that the server repeats. With [`Reason::IllTyped`] for a `scope`
    /// that is no [`Scope`].
    pub fn of_response(headers: &HeaderMap) -> Result<Self, Error> {
        Self::read(headers).map_err(|reason| Artefact::ResourceChallenge.rejected(reason).into())
    }

    fn read(headers: &HeaderMap) -> Result<Self, Reason> {
        let challenges = Challenge::of_response(headers);
        let challenges: Vec<_> = challenges
            .iter()
            .filter(|it| matches!(it.scheme.as_str(), "bearer" | "dpop"))
            .collect();
        let scope = match the_one(&challenges, "scope")? {
            None => None,
            Some(text) => Some(Scope::parse(text).ok_or_else(|| Reason::IllTyped {
                member: "scope".into(),
                expected: "at most 256 scope values with 4096 characters together",
                found: printable(text),
            })?),
        };
        Ok(Self {
            resource_metadata: the_one(&challenges, "resource_metadata")?.map(str::to_owned),
            scope,
        })
    }

    /// The URL of the protected resource metadata, as the challenge has it.
    pub fn resource_metadata(&self) -> Option<&str> {
        self.resource_metadata.as_deref()
    }

    /// The scope that the refused request needs.
    pub const fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// The scope to ask for in the first login: that of the challenge, or else all that the
    /// resource supports; empty if neither is known (Model Context Protocol 2026-07-28, scope
    /// selection strategy).
    pub fn initial_scope(&self, metadata: &ProtectedResourceMetadata) -> Scope {
        let challenged = self.scope.clone();
        challenged.or_else(|| metadata.scope()).unwrap_or_default()
    }

    /// The scope to ask for after a refusal with `insufficient_scope`: what was requested before,
    /// and what this challenge names, so that permissions for other operations stay (Model Context
    /// Protocol 2026-07-28, step-up authorization flow).
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] for the challenge if both are too much for one [`Scope`].
    pub fn further_scope(&self, requested: &Scope) -> Result<Scope, Error> {
        let Some(challenged) = &self.scope else {
            return Ok(requested.clone());
        };
        let together = requested.union(challenged);
        Ok(together.ok_or_else(|| {
            Artefact::ResourceChallenge.rejected(Reason::IllTyped {
                member: "scope".into(),
                expected: "at most 4096 characters together with the scope requested before",
                found: printable(&challenged.to_string()),
            })
        })?)
    }
}

/// The value of a parameter that all challenges with it agree on. Each name occurs once in a
/// challenge (RFC 9110 section 11.2).
fn the_one<'c>(
    challenges: &[&'c Challenge],
    name: &'static str,
) -> Result<Option<&'c str>, Reason> {
    let mut values = challenges.iter().filter_map(|it| it.parameter(name));
    let first = values.next();
    let is_repeated = |it: &&Challenge| it.repeated.iter().any(|repeated| repeated == name);
    match !challenges.iter().any(is_repeated) && values.all(|value| Some(value) == first) {
        true => Ok(first),
        false => Err(Reason::Duplicate {
            member: name.into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::ResourceChallenge;
    use crate::error::{Artefact, Reason};
    use crate::metadata::{ProtectedResourceMetadata, Scope};

    fn read(values: &[&str]) -> Result<ResourceChallenge, Reason> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_str(value).unwrap();
            headers.append(header::WWW_AUTHENTICATE, value);
        }
        ResourceChallenge::read(&headers)
    }

    const URL: &str = "https://mcp.example/.well-known/oauth-protected-resource/mcp";

    fn metadata(values: &[&str]) -> Option<String> {
        let challenge = read(values).unwrap();
        challenge.resource_metadata().map(str::to_owned)
    }

    #[test]
    fn the_challenge_of_the_specification() {
        let challenge = read(&[&format!(
            "Bearer resource_metadata=\"{URL}\",  scope=\"files:read files:write\""
        )])
        .unwrap();
        assert_eq!(challenge.resource_metadata(), Some(URL));
        assert_eq!(
            challenge.scope().unwrap().to_string(),
            "files:read files:write"
        );
    }

    #[test]
    fn schemes_without_access_tokens_do_not_count() {
        let basic = format!("Basic realm=\"x\", resource_metadata=\"{URL}\"");
        for values in [
            &[][..],
            &[basic.as_str()],
            &["Bearer"],
            &["Bearer \"unreadable"],
        ] {
            assert_eq!(metadata(values), None, "{values:?}");
        }
        let own = format!("DPoP algs=\"ES256\", resource_metadata=\"{URL}\"");
        let both = format!("{}, {own}", basic.replace("mcp.example", "evil.example"));
        assert_eq!(metadata(&[&both]).as_deref(), Some(URL));
        assert_eq!(metadata(&[&basic, &own]).as_deref(), Some(URL));
    }

    #[test]
    fn a_quoted_text_is_no_parameter() {
        let quoted = "Bearer realm=\"x, resource_metadata=\\\"https://evil.example\\\", y\", \
                      resource_metadata=\"https://mcp.example/m\"";
        assert_eq!(
            metadata(&[quoted]).as_deref(),
            Some("https://mcp.example/m")
        );
        let another = "Bearer error_description=\"Bearer resource_metadata=https://evil.example\"";
        assert_eq!(metadata(&[another]), None);
    }

    #[test]
    fn values_that_contradict_each_other_are_refused() {
        let duplicate = |member: &str| {
            Err(Reason::Duplicate {
                member: member.to_owned().into(),
            })
        };
        let one = "Bearer resource_metadata=\"https://mcp.example/m\"";
        let other = "DPoP resource_metadata=\"https://evil.example/m\"";
        assert_eq!(read(&[one, other]), duplicate("resource_metadata"));
        assert_eq!(
            read(&[&format!("{one}, {other}")]),
            duplicate("resource_metadata")
        );
        let twice = format!("{one}, resource_metadata=\"https://evil.example/m\"");
        assert_eq!(read(&[&twice]), duplicate("resource_metadata"));
        assert_eq!(
            read(&["Bearer scope=a", "DPoP scope=b"]),
            duplicate("scope")
        );
        assert_eq!(read(&["Bearer scope=a, SCOPE=a"]), duplicate("scope"));
        // Parameters that nothing depends on.
        assert!(read(&["Bearer realm=a, REALM=b"]).is_ok());
        // The same challenge for two schemes.
        let same = one.replace("Bearer", "DPoP");
        assert_eq!(
            metadata(&[one, &same]).as_deref(),
            Some("https://mcp.example/m")
        );
    }

    #[test]
    fn the_scope_of_a_login() {
        let mut metadata = ProtectedResourceMetadata::default();
        let challenged = read(&["Bearer scope=\"b c\""]).unwrap();
        let silent = ResourceChallenge::default();
        assert!(silent.initial_scope(&metadata).is_empty());
        metadata.scopes_supported = Some(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(silent.initial_scope(&metadata).to_string(), "a b");
        assert_eq!(challenged.initial_scope(&metadata).to_string(), "b c");

        let requested = Scope::parse("a b").unwrap();
        assert_eq!(
            challenged.further_scope(&requested).unwrap().to_string(),
            "a b c"
        );
        assert_eq!(silent.further_scope(&requested).unwrap(), requested);
        let full = Scope::parse(&"a".repeat(4096)).unwrap();
        let error = challenged.further_scope(&full).unwrap_err();
        assert_eq!(
            error.rejection().unwrap().artefact,
            Artefact::ResourceChallenge
        );
    }

    #[test]
    fn a_scope_that_cannot_be_requested_is_refused() {
        let long = format!("Bearer scope=\"{}\"", "a ".repeat(257));
        for value in ["Bearer scope=\"a \\\"b\"", &long] {
            assert!(
                matches!(read(&[value]), Err(Reason::IllTyped { member, .. }) if member == "scope"),
                "{value}"
            );
        }
    }
}
