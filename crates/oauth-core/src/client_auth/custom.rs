//! Client authentication methods that the application implements.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

use crate::client_auth::form_of;
use crate::entropy::Entropy;
use crate::env::Env;
use crate::error::{AuthenticationFault, Error, Misuse, printable, printable_url};
use crate::metadata::{ClientMetadata, ServerMetadata};
use crate::parties::Parties;
use crate::time::UnixTime;
use crate::wire::{Draft, DraftBody, Parameters};

/// A client authentication method that this library does not provide.
///
/// An implementation must:
///
/// * return at once, because a step of an operation waits for it;
/// * create a new value in each call for everything that a server accepts only once, for example
///   `jti`, because a repeated request calls it again;
/// * add `client_id` if the server needs it to identify the client.
///
/// The credentials are added to the request and cannot replace anything in it.
///
/// `Debug` shows the name alone.
pub trait CustomAuthentication: Send + Sync {
    /// The name of the method, the value of `token_endpoint_auth_method` (RFC 7591 section 2).
    fn name(&self) -> &str;

    /// Returns the credentials for one request.
    ///
    /// # Errors
    ///
    /// Any error. The operation fails with [`Error::Authentication`], whose source is this error,
    /// and sends nothing. Keep secrets out of it.
    fn credentials(
        &self,
        request: &UnauthenticatedRequest<'_>,
    ) -> Result<Credentials, Box<dyn StdError + Send + Sync>>;
}

impl fmt::Debug for dyn CustomAuthentication + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomAuthentication({:?})", self.name())
    }
}

/// The part of a request that a method can read: everything but the credentials. `Debug` shows no
/// values, and omits the query of the URL.
#[derive(Clone, Copy)]
pub struct UnauthenticatedRequest<'a> {
    parties: &'a Parties,
    env: &'a Env<'a>,
    draft: &'a Draft,
}

impl<'a> UnauthenticatedRequest<'a> {
    /// The server's metadata.
    pub fn server(&self) -> &'a ServerMetadata {
        &self.parties.server
    }

    /// The client's metadata.
    pub fn client(&self) -> &'a ClientMetadata {
        &self.parties.client
    }

    /// The URL that the request goes to.
    pub const fn url(&self) -> &'a Url {
        &self.draft.url
    }

    /// The parameters of the request; `None` if its body is not a form.
    pub const fn form(&self) -> Option<&'a Parameters> {
        match &self.draft.body {
            DraftBody::Form(form) => Some(form),
            _ => None,
        }
    }

    /// The time to use in signed content, with the policy's clock skew.
    pub fn now(&self) -> UnixTime {
        self.parties.policy.skewed(self.env.now)
    }

    /// The source of randomness, for identifiers.
    pub const fn entropy(&self) -> &'a dyn Entropy {
        self.env.entropy
    }
}

impl fmt::Debug for UnauthenticatedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnauthenticatedRequest")
            .field("url", &printable_url(self.url().as_str()))
            .field("form", &self.form())
            .finish_non_exhaustive()
    }
}

/// The headers and parameters that a method adds to a request. `Debug` shows no values.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    headers: HeaderMap,
    parameters: Parameters,
}

impl Credentials {
    /// Creates credentials without any content.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header and marks it as sensitive.
    #[must_use]
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.headers.append(name, value);
        self
    }

    /// Adds a parameter of the form.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.append(name, value);
        self
    }

    fn add_to(self, draft: &mut Draft) -> Result<(), Error> {
        for name in self.headers.keys() {
            if draft.headers.contains_key(name) || RESERVED.contains(name) {
                return Err(invalid("headers that nothing else sets", name.as_str()));
            }
        }
        draft.headers.extend(self.headers);
        for (name, value) in self.parameters.iter() {
            let form = form_of(draft)?;
            match form.first(name) {
                None => form.append(name, value),
                // For example `client_id`, which some requests always contain.
                Some(present) if present == value => {}
                Some(_) => {
                    return Err(invalid("parameters that nothing else sets", name));
                }
            }
        }
        Ok(())
    }
}

/// Adds the credentials that `method` returns to a request.
pub(super) fn apply(
    method: &Arc<dyn CustomAuthentication>,
    parties: &Parties,
    env: &Env<'_>,
    draft: &mut Draft,
) -> Result<(), Error> {
    let request = UnauthenticatedRequest {
        parties,
        env,
        draft,
    };
    let credentials = method.credentials(&request);
    credentials
        .map_err(|source| AuthenticationFault {
            method: method.name().to_owned(),
            source: Arc::from(source),
        })?
        .add_to(draft)
}

fn invalid(expected: &'static str, found: &str) -> Error {
    Misuse::InvalidArgument {
        argument: "authentication",
        expected,
        found: printable(found),
    }
    .into()
}

/// Headers that are set after the credentials, or by the driver.
const RESERVED: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    HeaderName::from_static("dpop"),
    header::HOST,
    header::TRANSFER_ENCODING,
];
