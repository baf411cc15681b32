//! The methods by which a client authenticates itself to an authorization server.

mod attestation;
mod client_assertion;
mod client_secret;
mod client_secret_basic;
mod client_secret_jwt;
mod client_secret_post;
mod custom;
mod none;
mod pending_assertion;
mod private_key_jwt;
mod profile;

pub use self::attestation::ClientAttestation;
pub(crate) use self::attestation::{demands_another_challenge, remember_challenge};
pub(crate) use self::client_assertion::claims_of_client;
pub use self::client_secret::ClientSecret;
pub(crate) use self::client_secret::check_length;
use self::client_secret::check_not_empty;
pub use self::client_secret_basic::ClientSecretBasic;
pub use self::client_secret_jwt::ClientSecretJwt;
pub use self::custom::{Credentials, CustomAuthentication, UnauthenticatedRequest};
pub(crate) use self::pending_assertion::PendingAssertion;
pub use self::private_key_jwt::PrivateKeyJwt;
pub(crate) use self::profile::{check_algorithm, is_for_issuer};

use std::sync::{Arc, OnceLock};

use http::{HeaderValue, header};

use crate::env::Env;
use crate::error::{Error, Misuse, printable};
use crate::key::KeyResult;
use crate::metadata::{ClientMetadata, ServerMetadata, registered_default_method, sends_secret};
use crate::parties::Parties;
use crate::wire::{Draft, Parameters};

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
    ClientSecretPost(ClientSecret),
    /// `client_secret_jwt`: a short-lived assertion with an HMAC whose key is the client secret
    /// (RFC 7523 section 2.2). The secret itself is not sent.
    ClientSecretJwt(ClientSecretJwt),
    /// `private_key_jwt`: a short-lived assertion signed with the client's own key (RFC 7523
    /// section 2.2). The server never learns the private key.
    PrivateKeyJwt(PrivateKeyJwt),
    /// `tls_client_auth`: a TLS certificate, issued by an authority that the server trusts,
    /// identifies the client (RFC 8705 section 2.1). The transport holds the certificate.
    TlsClientAuth,
    /// `self_signed_tls_client_auth`: a TLS certificate that the client has registered (RFC 8705
    /// section 2.2). The transport holds the certificate.
    SelfSignedTlsClientAuth,
    /// `attest_jwt_client_auth`: an attestation of this instance of the client by another party,
    /// and a proof that the instance holds the attested key
    /// (draft-ietf-oauth-attestation-based-client-auth).
    ClientAttestation(ClientAttestation),
    /// A method that the application implements.
    Custom(Arc<dyn CustomAuthentication>),
}

impl ClientAuthentication {
    /// Returns the method for a client that sets none explicitly.
    ///
    /// The registered `token_endpoint_auth_method` decides. If none is registered and the client
    /// has a secret, it is `client_secret_post` if the server lists that, and otherwise
    /// `client_secret_basic`, the default of RFC 8414 section 2. Without a secret it is `none`. The
    /// server's list never replaces a registered method, because a forged list could weaken it.
    ///
    /// # Errors
    ///
    /// [`Misuse::MissingArgument`] if the registered method needs a secret, or a key that only
    /// [`with_authentication`](crate::configuration::Configuration::with_authentication)
    /// accepts; [`Misuse::InvalidArgument`] if the method is unknown, or the secret is empty or too
    /// short for `client_secret_jwt`.
    pub fn default_for(server: &ServerMetadata, client: &ClientMetadata) -> Result<Self, Error> {
        let method = match client.token_endpoint_auth_method.as_deref() {
            Some(registered) => registered,
            None if client.client_secret.is_none() => NONE,
            None if lists_post(server) => client_secret_post::NAME,
            None => client_secret_basic::NAME,
        };
        Self::named(method, server, client)
    }

    /// Returns the method of this name, with the registered secret.
    fn named(
        method: &str,
        server: &ServerMetadata,
        client: &ClientMetadata,
    ) -> Result<Self, Error> {
        if let Some(secret) = &client.client_secret {
            check_not_empty(secret)?;
        }
        let registered = ClientSecret::Registered;
        let method = match method {
            NONE => Self::None,
            client_secret_basic::NAME => {
                Self::ClientSecretBasic(ClientSecretBasic::new(registered))
            }
            client_secret_post::NAME => Self::ClientSecretPost(registered),
            client_secret_jwt::NAME => Self::ClientSecretJwt(ClientSecretJwt::new(registered)),
            "private_key_jwt" => {
                return Err(Misuse::MissingArgument {
                    argument: "authentication",
                    purpose: "private_key_jwt, whose key has to be named",
                }
                .into());
            }
            attestation::NAME => {
                return Err(Misuse::MissingArgument {
                    argument: "authentication",
                    purpose: "attest_jwt_client_auth, whose attestation has to be given",
                }
                .into());
            }
            "tls_client_auth" => Self::TlsClientAuth,
            "self_signed_tls_client_auth" => Self::SelfSignedTlsClientAuth,
            method => {
                return Err(Misuse::InvalidArgument {
                    argument: "token_endpoint_auth_method",
                    expected: "none, client_secret_basic, client_secret_post, client_secret_jwt, \
                               private_key_jwt, attest_jwt_client_auth, tls_client_auth or \
                               self_signed_tls_client_auth",
                    found: printable(method),
                }
                .into());
            }
        };
        method.check(server, client)?;
        Ok(method)
    }

    /// Refuses a method whose secret is missing or unusable.
    pub(crate) fn check(
        &self,
        server: &ServerMetadata,
        client: &ClientMetadata,
    ) -> Result<(), Error> {
        match self {
            Self::ClientSecretBasic(method) => method.check(client),
            Self::ClientSecretPost(secret) => {
                secret.resolve(client, client_secret_post::NAME).map(drop)
            }
            Self::ClientSecretJwt(method) => method.check(server, client),
            Self::None
            | Self::PrivateKeyJwt(_)
            | Self::TlsClientAuth
            | Self::SelfSignedTlsClientAuth
            | Self::ClientAttestation(_)
            | Self::Custom(_) => Ok(()),
        }
    }

    /// Returns the method of a client that registered itself; `chosen` is the method set
    /// explicitly, if any.
    ///
    /// The registered method decides, because a server refuses every other. If none is registered,
    /// it is `chosen`; without `chosen`, `client_secret_basic` (RFC 7591 section 2), or `none` for
    /// a client without a secret. A registered secret replaces a secret given by hand.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if the registered method sends the secret and the chosen one
    /// does not, or if the registered method is `none` and the chosen one is not; otherwise the
    /// errors of [`default_for`](Self::default_for).
    pub(crate) fn for_registered(
        chosen: Option<&Self>,
        server: &ServerMetadata,
        client: &ClientMetadata,
    ) -> Result<Self, Error> {
        let registered = client.token_endpoint_auth_method.as_deref();
        let registered = match (registered, chosen) {
            (Some(registered), _) => registered,
            (None, Some(chosen)) => chosen.as_str(),
            (None, None) => registered_default_method(client),
        };
        match chosen {
            Some(chosen) if chosen.as_str() == registered => chosen.with_registered(server, client),
            Some(chosen) if sends_secret(registered) && !sends_secret(chosen.as_str()) => {
                Err(Misuse::InvalidArgument {
                    argument: "authentication",
                    expected: "the registered method, which sends the secret",
                    found: chosen.as_str().to_owned(),
                }
                .into())
            }
            // With `none`, the key that the application supplied would never be used.
            Some(chosen) if registered == NONE => Err(Misuse::InvalidArgument {
                argument: "authentication",
                expected: "the registered method, which is `none`, or not set",
                found: printable(chosen.as_str()),
            }
            .into()),
            _ => Self::named(registered, server, client),
        }
    }

    /// Returns the method after a change of the registration: this method and its settings if it is
    /// the registered one or none is registered, with the secret that is now registered.
    pub(crate) fn for_changed_client(
        &self,
        server: &ServerMetadata,
        client: &ClientMetadata,
    ) -> Result<Self, Error> {
        match client.token_endpoint_auth_method.as_deref() {
            Some(registered) if registered == self.as_str() => self.with_registered(server, client),
            Some(registered) => Self::named(registered, server, client),
            // A client that never had a secret never had a method either.
            None if matches!(self, Self::None) => {
                Self::named(registered_default_method(client), server, client)
            }
            // A response that omits the method keeps the current one: the default may send a secret
            // that the current method never sends.
            None => self.with_registered(server, client),
        }
    }

    /// Returns this method with its settings and the registered secret, if there is one.
    fn with_registered(
        &self,
        server: &ServerMetadata,
        client: &ClientMetadata,
    ) -> Result<Self, Error> {
        let mut method = self.clone();
        if client.client_secret.is_some() {
            match &mut method {
                Self::ClientSecretBasic(method) => method.bind_to_registered(),
                Self::ClientSecretPost(secret) => *secret = ClientSecret::Registered,
                Self::ClientSecretJwt(method) => method.bind_to_registered(),
                Self::None
                | Self::PrivateKeyJwt(_)
                | Self::TlsClientAuth
                | Self::SelfSignedTlsClientAuth
                | Self::ClientAttestation(_)
                | Self::Custom(_) => {}
            }
        }
        method.check(server, client)?;
        Ok(method)
    }

    /// The registered name of the method.
    pub fn as_str(&self) -> &str {
        match self {
            Self::None => NONE,
            Self::ClientSecretBasic(_) => client_secret_basic::NAME,
            Self::ClientSecretPost(_) => client_secret_post::NAME,
            Self::ClientSecretJwt(_) => client_secret_jwt::NAME,
            Self::PrivateKeyJwt(_) => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::ClientAttestation(_) => attestation::NAME,
            Self::Custom(method) => method.name(),
        }
    }

    /// Whether the TLS certificate identifies the client.
    pub(crate) const fn is_mutual_tls(&self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }

    /// Adds the client's credentials to a request: at once, or through a [`PendingAssertion`] if a
    /// private key is needed first. `basic` keeps the credentials of `client_secret_basic` for the
    /// next request of the same parties.
    pub(crate) fn prepare(
        &self,
        parties: &Parties,
        basic: &OnceLock<HeaderValue>,
        env: &Env<'_>,
        draft: &mut Draft,
    ) -> Result<Option<PendingAssertion>, Error> {
        let client = &parties.client;
        match self {
            // With mutual TLS, `client_id` tells the server which client's certificate to compare.
            Self::None | Self::TlsClientAuth | Self::SelfSignedTlsClientAuth => {
                none::apply(&client.client_id, form_of(draft)?);
            }
            Self::ClientSecretBasic(method) => {
                let credentials = match basic.get() {
                    Some(credentials) => credentials.clone(),
                    None => {
                        let credentials = method.credentials(client)?;
                        basic.get_or_init(|| credentials).clone()
                    }
                };
                draft.headers.insert(header::AUTHORIZATION, credentials);
            }
            Self::ClientSecretPost(secret) => {
                client_secret_post::apply(secret, client, form_of(draft)?)?;
            }
            Self::ClientSecretJwt(method) => method.apply(parties, env, draft)?,
            Self::PrivateKeyJwt(method) => {
                form_of(draft)?;
                return method.prepare(parties, env, &draft.url).map(Some);
            }
            Self::ClientAttestation(method) => {
                return method.prepare(parties, env, form_of(draft)?).map(Some);
            }
            Self::Custom(method) => custom::apply(method, parties, env, draft)?,
        }
        Ok(None)
    }
}

impl PendingAssertion {
    /// Adds the signed assertion to the request.
    pub(crate) fn complete(self, result: KeyResult, draft: &mut Draft) -> Result<(), Error> {
        form_of(draft)?;
        self.add_to(result, draft)
    }
}

/// Returns the form that credentials are added to. A request without a form is refused: it would be
/// sent without authentication.
pub(crate) fn form_of(draft: &mut Draft) -> Result<&mut Parameters, Error> {
    draft.form_mut().ok_or_else(|| {
        Misuse::InvalidArgument {
            argument: "body",
            expected: "a form, since the client authentication goes into it",
            found: "no body".to_owned(),
        }
        .into()
    })
}

const NONE: &str = "none";

fn lists_post(server: &ServerMetadata) -> bool {
    server
        .token_endpoint_auth_methods_supported
        .as_ref()
        .is_some_and(|methods| methods.iter().any(|method| method == "client_secret_post"))
}

#[cfg(test)]
mod tests;
