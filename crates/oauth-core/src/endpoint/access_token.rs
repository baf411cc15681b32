//! Access tokens in requests to resources (RFC 6750 section 2.1, RFC 9449 section 7.1).

use std::fmt;

use http::{HeaderMap, header};

use crate::cache::ServerRole;
use crate::configuration::Configuration;
use crate::dpop::{DPoPKey, ProofOfPossession};
use crate::endpoint::{TokenResponse, TokenType};
use crate::error::{Error, Misuse};
use crate::profile::{Party, Requirement};
use crate::secret::Secret;
use crate::validate::PreviousIdToken;
use crate::wire::authorization;

/// An access token and the way it is presented.
///
/// A [`TokenSet`](crate::flow::TokenSet) records the type of its token. For a token that was stored
/// as text, the configuration decides: with a DPoP key the token is presented with a DPoP proof,
/// otherwise as a Bearer token. [`bearer`](Self::bearer) and [`dpop`](Self::dpop) set the type
/// explicitly.
#[derive(Clone)]
pub struct AccessToken {
    token: Secret,
    scheme: Scheme,
    /// The `sub` of the ID Token that began the login.
    subject: Option<String>,
}

#[derive(Debug, Clone)]
enum Scheme {
    Unstated,
    Bearer,
    DPoP {
        thumbprint: String,
    },
    /// The result of a token exchange that is not an access token (RFC 8693 section 2.2.1).
    NotApplicable,
}

impl AccessToken {
    /// Creates a Bearer token.
    pub fn bearer(token: impl Into<Secret>) -> Self {
        Self {
            token: token.into(),
            scheme: Scheme::Bearer,
            subject: None,
        }
    }

    /// Creates a token bound to the DPoP key with this thumbprint
    /// ([`TokenSet::dpop_thumbprint`](crate::flow::TokenSet::dpop_thumbprint)). The configuration
    /// must have that key.
    pub fn dpop(token: impl Into<Secret>, thumbprint: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            scheme: Scheme::DPoP {
                thumbprint: thumbprint.into(),
            },
            subject: None,
        }
    }

    /// The `sub` of the ID Token that began the login, for a token that was made from a
    /// [`TokenSet`](crate::flow::TokenSet).
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    pub(crate) fn of_login(self, login: &PreviousIdToken) -> Self {
        Self {
            subject: Some(login.sub().to_owned()),
            ..self
        }
    }

    /// Adds the `Authorization` header.
    ///
    /// # Errors
    ///
    /// [`Misuse::AnotherDPoPKey`] if the token is bound to a key that the configuration does not
    /// have, [`Misuse::InvalidArgument`] if a header cannot contain it or if it is not an access
    /// token.
    pub(crate) fn authorize(
        &self,
        configuration: &Configuration,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        configuration.check_profile()?;
        let scheme = match self.bound_to(configuration)? {
            Some(_) => TokenType::DPoP,
            None => {
                let client = configuration.client();
                let bound = client.tls_client_certificate_bound_access_tokens == Some(true);
                let requirement = Requirement::SenderConstrainedTokens;
                configuration.require(requirement, Party::Request, |_| {
                    (!bound).then_some("carries a token that is not bound to the client")
                })?;
                TokenType::Bearer
            }
        };
        let value = authorization(scheme.as_str(), "access_token", &self.token)?;
        headers.insert(header::AUTHORIZATION, value);
        Ok(())
    }

    /// Returns the proof for a token that is bound to a key. With the wrong key it returns `None`,
    /// and [`authorize`](Self::authorize) refuses the request.
    pub(crate) fn proof<'a>(
        &'a self,
        configuration: &'a Configuration,
    ) -> Option<ProofOfPossession<'a>> {
        let key = self.bound_to(configuration).ok().flatten()?;
        Some(ProofOfPossession {
            key,
            role: ServerRole::ResourceServer,
            access_token: Some(&self.token),
        })
    }

    /// Returns the key to prove possession of; `None` for a Bearer token.
    fn bound_to<'a>(&self, configuration: &'a Configuration) -> Result<Option<&'a DPoPKey>, Error> {
        let key = configuration.dpop_key();
        match &self.scheme {
            Scheme::Bearer => Ok(None),
            Scheme::Unstated => Ok(key),
            Scheme::DPoP { thumbprint } => match key {
                Some(key) if key.thumbprint() == thumbprint => Ok(Some(key)),
                other => Err(Misuse::AnotherDPoPKey {
                    expected: thumbprint.clone(),
                    found: other.map(|key| key.thumbprint().to_owned()),
                }
                .into()),
            },
            Scheme::NotApplicable => Err(Misuse::InvalidArgument {
                argument: "access_token",
                expected: "an access token",
                found: "a token of another kind, with token_type N_A".to_owned(),
            }
            .into()),
        }
    }
}

/// Without the subject, which identifies a person.
impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

impl From<Secret> for AccessToken {
    fn from(token: Secret) -> Self {
        Self {
            token,
            scheme: Scheme::Unstated,
            subject: None,
        }
    }
}

impl From<&str> for AccessToken {
    fn from(token: &str) -> Self {
        Secret::from(token).into()
    }
}

impl From<String> for AccessToken {
    fn from(token: String) -> Self {
        Secret::from(token).into()
    }
}

impl From<&TokenResponse> for AccessToken {
    fn from(tokens: &TokenResponse) -> Self {
        let token = tokens.access_token().clone();
        match (tokens.token_type(), tokens.dpop_thumbprint()) {
            (TokenType::NotApplicable, _) => Self {
                token,
                scheme: Scheme::NotApplicable,
                subject: None,
            },
            (_, Some(thumbprint)) => Self::dpop(token, thumbprint),
            (_, None) => Self::bearer(token),
        }
    }
}
