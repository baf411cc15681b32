//! One client at one authorization server.

mod profile;

use std::sync::{Arc, OnceLock};

use jose::SignatureAlgorithm;
use url::Url;

use crate::client_auth::{ClientAuthentication, check_length};
use crate::dpop::DPoPKey;
use crate::error::{Error, MetadataError, Misuse, printable};
use crate::key::{DecryptionKeys, registered_encryption};
use crate::metadata::{
    ClientMetadata, IssuerTemplate, RegisteredAlgorithm, ServerMetadata, check_issuer,
    endpoint_url, signed,
};
use crate::names::EndpointName;
use crate::parties::Parties;
use crate::policy::Policy;

/// An immutable pairing of server metadata, client metadata, client authentication and policy.
///
/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Configuration(Arc<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    parties: Parties,
    authentication: ClientAuthentication,
    dpop_key: Option<DPoPKey>,
    decryption_keys: Option<DecryptionKeys>,
    endpoints: Endpoints,
}

/// The endpoints that were in use, parsed and checked, each at the place of its name. A changed
/// configuration begins with none: what is in use depends on all the rest.
#[derive(Debug, Default)]
struct Endpoints([OnceLock<Url>; EndpointName::COUNT]);

impl Clone for Endpoints {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Configuration {
    /// Pairs a client with a server; the metadata comes from discovery or is written by hand.
    ///
    /// Client authentication is the registered `token_endpoint_auth_method`, or the default that
    /// [`ClientAuthentication::default_for`] describes.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] when the client id is empty or a registered
    /// `…_signed_response_alg` or `…_signing_alg` is not one that may be used (`none` may be for
    /// UserInfo and request objects, which need no signature then, and for ID Tokens, which need one
    /// all the same) or is an HMAC for which the client secret is too short,
    /// [`Misuse::MissingArgument`] when the registered method or algorithm needs a secret or a key
    /// that was not given, or when the server speaks for every tenant of Entra ID and the policy does
    /// not say [which ones](Policy::set_tenants) may log in, and [`Error::Metadata`] when the issuer is not a URL that may be one.
    pub fn new(
        server: ServerMetadata,
        client: ClientMetadata,
        policy: Policy,
    ) -> Result<Self, Error> {
        let authentication = ClientAuthentication::default_for(&server, &client)?;
        Self::with_authentication(server, client, authentication, policy)
    }

    /// Like [`new`](Self::new), with the client authentication of the caller's choice.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_authentication(
        server: ServerMetadata,
        client: ClientMetadata,
        authentication: ClientAuthentication,
        policy: Policy,
    ) -> Result<Self, Error> {
        check_client(&client)?;
        check_issuer(&server.issuer, &policy)?;
        if IssuerTemplate::of(&server.issuer).is_some() && policy.tenants().is_none() {
            return Err(Misuse::MissingArgument {
                argument: "tenants",
                purpose: "a server that speaks for every tenant of Entra ID",
            }
            .into());
        }
        authentication.check(&server, &client)?;
        check_assertions(&client)?;
        Ok(Self(Arc::new(Parts {
            parties: Parties {
                server,
                client,
                policy,
                profile: None,
            },
            authentication,
            dpop_key: None,
            decryption_keys: None,
            endpoints: Endpoints::default(),
        })))
    }

    /// Pairs a client that registered itself with the server (RFC 7591 section 3.2.1): `client` is the
    /// metadata of its [`ClientInformation`](crate::endpoint::ClientInformation), `chosen` the method
    /// that it was to use.
    ///
    /// The registered method decides, with the settings and the key of `chosen` where that is the same.
    /// Where none is registered it is `chosen`, else `client_secret_basic`, or `none` without a secret.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`Misuse::InvalidArgument`] when the registered method sends the
    /// secret and the chosen one does not, or when it is `none` and the chosen one is not.
    pub fn of_registered(
        server: ServerMetadata,
        client: ClientMetadata,
        chosen: Option<&ClientAuthentication>,
        policy: Policy,
    ) -> Result<Self, Error> {
        let authentication = ClientAuthentication::for_registered(chosen, &server, &client)?;
        Self::with_authentication(server, client, authentication, policy)
    }

    /// The same server, policy and keys, for a client whose registration has changed. The method that
    /// it authenticates itself by stays in use with its key and its settings, when that is the one
    /// registered or the registration names none; a secret is replaced by the registered one.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_client(&self, client: ClientMetadata) -> Result<Self, Error> {
        check_client(&client)?;
        let authentication = self
            .authentication()
            .for_changed_client(self.server(), &client)?;
        check_assertions(&client)?;
        let mut parts = (*self.0).clone();
        parts.parties.client = client;
        parts.authentication = authentication;
        parts.apply_profile();
        Ok(Self(Arc::new(parts)))
    }

    /// The same client at the same server under another policy.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        let mut parts = (*self.0).clone();
        parts.parties.policy = policy;
        parts.apply_profile();
        Self(Arc::new(parts))
    }

    /// The same client, which asks for tokens that are bound to this key and proves that it has it
    /// (RFC 9449). Where each user has a key of their own, make such a configuration for each.
    #[must_use]
    pub fn with_dpop_key(&self, key: DPoPKey) -> Self {
        let mut parts = (*self.0).clone();
        parts.dpop_key = Some(key);
        Self(Arc::new(parts))
    }

    /// The same client, which can decrypt what the server encrypts for it: ID Tokens, UserInfo,
    /// introspection and authorization responses.
    #[must_use]
    pub fn with_decryption_keys(&self, keys: DecryptionKeys) -> Self {
        let mut parts = (*self.0).clone();
        parts.decryption_keys = Some(keys);
        Self(Arc::new(parts))
    }

    /// The server metadata.
    pub fn server(&self) -> &ServerMetadata {
        &self.0.parties.server
    }

    /// The client metadata.
    pub fn client(&self) -> &ClientMetadata {
        &self.0.parties.client
    }

    /// How the client authenticates itself.
    pub fn authentication(&self) -> &ClientAuthentication {
        &self.0.authentication
    }

    /// How strict and how patient the client is.
    pub fn policy(&self) -> &Policy {
        &self.0.parties.policy
    }

    /// The key that tokens are bound to.
    pub fn dpop_key(&self) -> Option<&DPoPKey> {
        self.0.dpop_key.as_ref()
    }

    /// The keys that decrypt what the server encrypts for this client.
    pub fn decryption_keys(&self) -> Option<&DecryptionKeys> {
        self.0.decryption_keys.as_ref()
    }

    /// Client, server and policy alone: what client authentication needs to know.
    pub(crate) fn parties(&self) -> &Parties {
        &self.0.parties
    }

    /// Whether the client has a TLS certificate to show at this server's endpoints: for `tls_client_auth`
    /// or `self_signed_tls_client_auth`, or for tokens that are bound to it (RFC 8705 sections 2 and
    /// 3), as its metadata says.
    pub fn has_client_certificate(&self) -> bool {
        self.parties()
            .has_certificate(self.authentication().is_mutual_tls())
    }

    /// The URL of an endpoint, ready to be contacted: its mutual TLS alias, where the client uses
    /// these and the server has one (RFC 8705 section 5), else its usual URL.
    ///
    /// A client uses them when it [has a certificate](Self::has_client_certificate), unless
    /// `use_mtls_endpoint_aliases` in its metadata is false.
    ///
    /// # Errors
    ///
    /// [`MetadataError::Missing`] when the metadata has none, [`MetadataError::Invalid`] when it is
    /// not a URL or carries a user name or password, [`MetadataError::NotHttps`] and
    /// [`MetadataError::Scheme`] when its scheme is not allowed; [`Error::Profile`] when client or
    /// server do not fit the client's [profile](Self::with_profile).
    pub fn endpoint(&self, endpoint: EndpointName) -> Result<Url, Error> {
        self.check_profile()?;
        let known = self.0.endpoints.0.get(endpoint as usize);
        if let Some(url) = known.and_then(OnceLock::get) {
            return Ok(url.clone());
        }
        let by_certificate = self.authentication().is_mutual_tls();
        let aliases = self.parties().aliases_in_use(by_certificate);
        let (member, text) = match aliases.and_then(|aliases| aliases.endpoint(endpoint)) {
            Some(alias) => alias,
            None => {
                let member = endpoint.metadata_member();
                let text = self.server().endpoint(endpoint);
                (member, text.ok_or(MetadataError::Missing { member })?)
            }
        };
        let url = endpoint_url(member, text, self.policy())?;
        if let Some(known) = known {
            // Another thread may have parsed the same URL in the meantime.
            let _ = known.set(url.clone());
        }
        Ok(url)
    }
}

/// A mistake in what the client registered is found here, and not at the first login.
fn check_client(client: &ClientMetadata) -> Result<(), Error> {
    if client.client_id.is_empty() {
        return Err(Misuse::InvalidArgument {
            argument: "client_id",
            expected: "the identifier that the provider has given the client",
            found: "an empty string".to_owned(),
        }
        .into());
    }
    registered_encryption(client)?;
    let ClientMetadata {
        id_token_signed_response_alg: id_token,
        userinfo_signed_response_alg: userinfo,
        authorization_signed_response_alg: authorization,
        introspection_signed_response_alg: introspection,
        backchannel_authentication_request_signing_alg: backchannel_authentication,
        ..
    } = client;
    // An ID Token has to be signed even where `none` is registered, and what UserInfo says is
    // believed for the sake of TLS. All others are nothing without a signature.
    for (argument, registered) in [
        ("id_token_signed_response_alg", signed(id_token.as_ref())),
        ("userinfo_signed_response_alg", signed(userinfo.as_ref())),
        ("authorization_signed_response_alg", authorization.as_ref()),
        ("introspection_signed_response_alg", introspection.as_ref()),
    ] {
        if let Some(registered) = registered {
            check_secret(client, signature(argument, registered)?)?;
        }
    }
    if let Some(registered) = backchannel_authentication {
        signature("backchannel_authentication_request_signing_alg", registered)?;
    }
    Ok(())
}

/// An assertion without a signature would be anybody's. Which signature it may be is for the
/// authentication method to say.
fn check_assertions(client: &ClientMetadata) -> Result<(), Misuse> {
    match &client.token_endpoint_auth_signing_alg {
        Some(unsigned @ RegisteredAlgorithm::Unsigned) => {
            signature("token_endpoint_auth_signing_alg", unsigned).map(drop)
        }
        _ => Ok(()),
    }
}

fn signature(
    argument: &'static str,
    registered: &RegisteredAlgorithm,
) -> Result<SignatureAlgorithm, Misuse> {
    registered
        .signature()
        .ok_or_else(|| Misuse::InvalidArgument {
            argument,
            expected: "a signature algorithm",
            found: printable(registered.as_str()),
        })
}

/// Refuses a secret that cannot be the key of an HMAC that the server makes.
fn check_secret(client: &ClientMetadata, algorithm: SignatureAlgorithm) -> Result<(), Error> {
    if !algorithm.is_symmetric() {
        return Ok(());
    }
    let secret = client.client_secret.as_ref();
    let secret = secret.ok_or(Misuse::MissingArgument {
        argument: "client_secret",
        purpose: "the registered HMAC algorithm",
    })?;
    check_length(secret, algorithm)
}

#[cfg(test)]
mod tests;
