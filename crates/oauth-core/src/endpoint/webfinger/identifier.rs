//! The normalisation of what a person types (OpenID Connect Discovery 1.0 section 2.1).

use http::Uri;
use url::Url;

use crate::error::{Artefact, Error, Reason, printable};

/// What a person types to say who they are: an account such as `joe@example.com`, or a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIdentifier {
    resource: String,
    /// The root of the host that is asked.
    host: Url,
}

impl UserIdentifier {
    /// Reads and normalises an identifier (section 2.1.2). Spaces around it are ignored.
    ///
    /// - `user@host` is an account, and gets the scheme `acct`.
    /// - Other text without a scheme gets the scheme `https`, for example `example.com:8080`.
    /// - Text with the scheme `acct`, `https` or `http` stays as it is. The host is asked over
    ///   https in any case.
    /// - A fragment is removed.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`]: [`Reason::IllTyped`] for `identifier`, when it is neither an account
    /// nor a URL, has another scheme or a password, or begins with `=`, `@` or `!`, which are
    /// reserved (section 2.1.1).
    pub fn parse(input: &str) -> Result<Self, Error> {
        Self::read(input.trim_ascii()).ok_or_else(|| {
            let reason = Reason::IllTyped {
                member: "identifier".into(),
                expected: "an account such as joe@example.com, or a URL",
                found: printable(input),
            };
            Artefact::UserIdentifier.rejected(reason).into()
        })
    }

    /// The normalised identifier, which WebFinger calls the resource.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The root of the host that is asked.
    pub(super) const fn host(&self) -> &Url {
        &self.host
    }

    fn read(input: &str) -> Option<Self> {
        let is_unclear = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
        if input.starts_with(['=', '@', '!']) || input.contains(is_unclear) {
            return None;
        }
        let input = input.split('#').next().unwrap_or_default();
        match scheme(input) {
            Some(scheme) if scheme.eq_ignore_ascii_case("acct") => {
                let (_, account) = input.split_once(':')?;
                let (user, host) = account.rsplit_once('@')?;
                Self::account(user, host, input.to_owned())
            }
            Some(_) => Self::page(input).map(|(_, host)| Self {
                resource: input.to_owned(),
                host,
            }),
            None => match input.rsplit_once('@') {
                Some((user, host)) if !input.contains([':', '/', '?']) => {
                    // Only the last one separates (RFC 7565 section 7).
                    let user = user.replace('@', "%40");
                    let resource = format!("acct:{user}@{host}");
                    Self::account(&user, host, resource)
                }
                _ => Self::page(&format!("https://{input}")).map(|(page, host)| Self {
                    resource: page.into(),
                    host,
                }),
            },
        }
    }

    fn account(user: &str, host: &str, resource: String) -> Option<Self> {
        let is_alone = !host.contains([':', '/', '?', '@']) && !user.is_empty();
        let (_, host) = Self::page(&format!("https://{host}")).filter(|_| is_alone)?;
        Some(Self { resource, host })
    }

    /// A page, and the root of its host.
    fn page(text: &str) -> Option<(Url, Url)> {
        let page = Url::parse(text).ok()?;
        let authority = text.split_once("://").map(|(_, rest)| rest)?;
        if !matches!(page.scheme(), "https" | "http")
            || page.password().is_some()
            || authority.starts_with('/')
        {
            return None;
        }
        let mut root = Url::parse("https://host.invalid/").ok()?;
        root.set_host(page.host_str()).ok()?;
        root.set_port(page.port()).ok()?;
        // `Url` accepts hosts that no request can name, for example with a brace.
        root.as_str().parse::<Uri>().ok()?;
        Some((page, root))
    }
}

/// The scheme, where there is one. Digits after a colon are the port of a host, which could be a
/// scheme by its letters (RFC 3986 section 3.1).
fn scheme(input: &str) -> Option<&str> {
    let (scheme, rest) = input.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c));
    let port = rest.split(['/', '?']).next().unwrap_or_default();
    let is_port = !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit());
    (is_scheme && !is_port).then_some(scheme)
}
