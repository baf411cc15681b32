//! How the client proves who it is at the endpoints that ask for it.

mod client_secret_basic;
mod client_secret_post;
mod none;
mod private_key_jwt;

pub use self::client_secret_basic::ClientSecretBasic;
pub(crate) use self::private_key_jwt::PendingAssertion;
pub use self::private_key_jwt::PrivateKeyJwt;

use crate::configuration::Configuration;
use crate::env::Env;
use crate::error::Error;
use crate::error::Misuse;
use crate::error::printable;
use crate::key::KeyResult;
use crate::metadata::ClientMetadata;
use crate::metadata::ServerMetadata;
use crate::secret::Secret;
use crate::wire::Draft;
use crate::wire::Parameters;

/// A client authentication method.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `none`: a public client sends its `client_id` (OpenID Connect Core 1.0 section 9).
    None,
    /// `client_secret_basic`: identifier and secret as HTTP Basic credentials (RFC 6749 section
    /// 2.3.1).
    ClientSecretBasic(ClientSecretBasic),
    /// `client_secret_post`: identifier and secret in the request body (RFC 6749 section 2.3.1).
    ClientSecretPost(Secret),
    /// `private_key_jwt`: a short-lived assertion under the client's own key (RFC 7523 section 2.2).
    /// The server never learns the key.
    PrivateKeyJwt(PrivateKeyJwt),
    /// `tls_client_auth`: the TLS certificate, issued by an authority that the server trusts, says
    /// who the client is (RFC 8705 section 2.1). The transport holds the certificate.
    TlsClientAuth,
    /// `self_signed_tls_client_auth`: a TLS certificate that the client has registered (RFC 8705
    /// section 2.2). The transport holds the certificate.
    SelfSignedTlsClientAuth,
}

impl ClientAuthentication {
    /// The method for a client that chooses none by hand.
    ///
    /// The registered `token_endpoint_auth_method` decides. Without one and with a secret it is
    /// `client_secret_post` when the server lists that, else `client_secret_basic`, the default of
    /// RFC 8414 section 2. Without either it is `none`. What the server lists never replaces a
    /// registered method: a forged list could weaken it.
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] when the registered method needs a secret, or a key, which only
    /// [`Configuration::with_authentication`] can take; [`Misuse::InvalidArgument`] when it is not
    /// known here, or when the secret is empty.
    pub fn default_for(server: &ServerMetadata, client: &ClientMetadata) -> Result<Self, Error> {
        let secret = client.client_secret.as_ref();
        if secret.is_some_and(|secret| secret.expose().is_empty()) {
            return Err(Misuse::InvalidArgument {
                argument: "client_secret",
                expected: "not empty",
                found: "nothing".to_owned(),
            }
            .into());
        }
        let needed = |purpose| {
            secret.cloned().ok_or(Misuse::MissingArgument {
                argument: "client_secret",
                purpose,
            })
        };
        Ok(match client.token_endpoint_auth_method.as_deref() {
            Some("none") => Self::None,
            Some("client_secret_basic") => {
                Self::ClientSecretBasic(ClientSecretBasic::new(needed("client_secret_basic")?))
            }
            Some("client_secret_post") => Self::ClientSecretPost(needed("client_secret_post")?),
            Some("private_key_jwt") => {
                return Err(Misuse::MissingArgument {
                    argument: "authentication",
                    purpose: "private_key_jwt, whose key has to be named",
                }
                .into());
            }
            Some("tls_client_auth") => Self::TlsClientAuth,
            Some("self_signed_tls_client_auth") => Self::SelfSignedTlsClientAuth,
            Some(method) => {
                return Err(Misuse::InvalidArgument {
                    argument: "token_endpoint_auth_method",
                    expected: "none, client_secret_basic, client_secret_post, private_key_jwt, \
                               tls_client_auth or self_signed_tls_client_auth",
                    found: printable(method),
                }
                .into());
            }
            None => match secret {
                None => Self::None,
                Some(secret) if lists_post(server) => Self::ClientSecretPost(secret.clone()),
                Some(secret) => Self::ClientSecretBasic(ClientSecretBasic::new(secret.clone())),
            },
        })
    }

    /// Whether the TLS certificate is what identifies the client.
    pub(crate) const fn is_mutual_tls(&self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }

    /// Adds the client's credentials to a request, at once or, where a key has to be used first,
    /// by way of a [`PendingAssertion`].
    pub(crate) fn prepare(
        &self,
        configuration: &Configuration,
        env: &Env<'_>,
        draft: &mut Draft,
    ) -> Result<Option<PendingAssertion>, Error> {
        let client_id = configuration.client().client_id.as_str();
        match self {
            // With mutual TLS, `client_id` says which client the certificate is to be held against.
            Self::None | Self::TlsClientAuth | Self::SelfSignedTlsClientAuth => {
                none::apply(client_id, form_of(draft)?);
            }
            Self::ClientSecretBasic(method) => method.apply(client_id, &mut draft.headers)?,
            Self::ClientSecretPost(secret) => {
                client_secret_post::apply(client_id, secret, form_of(draft)?);
            }
            Self::PrivateKeyJwt(method) => {
                form_of(draft)?;
                return method.prepare(configuration, env).map(Some);
            }
        }
        Ok(None)
    }
}

impl PendingAssertion {
    /// Adds the signed assertion to the request.
    pub(crate) fn complete(self, result: KeyResult, draft: &mut Draft) -> Result<(), Error> {
        self.add_to(result, form_of(draft)?)
    }
}

/// The body that credentials go into. A request without one is refused: leaving them out would send
/// it in nobody's name.
fn form_of(draft: &mut Draft) -> Result<&mut Parameters, Error> {
    draft.form_mut().ok_or_else(|| {
        Misuse::InvalidArgument {
            argument: "body",
            expected: "a form, since the client authentication goes into it",
            found: "no body".to_owned(),
        }
        .into()
    })
}

fn lists_post(server: &ServerMetadata) -> bool {
    server
        .token_endpoint_auth_methods_supported
        .as_ref()
        .is_some_and(|methods| methods.iter().any(|method| method == "client_secret_post"))
}

#[cfg(test)]
mod tests;
