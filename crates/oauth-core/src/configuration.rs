//! The configuration of one client at one authorization server.

mod profile;

use std::sync::{Arc, OnceLock};

use http::{HeaderValue, Uri};
use jose::{SignatureAlgorithm, VerifyingKey};
use url::Url;

use crate::client_auth::{ClientAuthentication, PendingAssertion, check_length};
use crate::dpop::DPoPKey;
use crate::env::Env;
use crate::error::{Error, MetadataError, Misuse, printable};
use crate::key::{DecryptionKeys, registered_encryption};
use crate::metadata::{
    ClientMetadata, IssuerTemplate, RegisteredAlgorithm, ServerMetadata, check_issuer,
    endpoint_url, signed,
};
use crate::names::EndpointName;
use crate::parties::Parties;
use crate::policy::Policy;
use crate::wire::{Draft, request_target};

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
    prepared: Prepared,
}

/// What the first request computed for all later ones. A changed configuration begins without it,
/// because it depends on everything else in it.
#[derive(Debug, Default)]
struct Prepared {
    /// The endpoints that were used, parsed and checked, each at the index of its name.
    endpoints: [OnceLock<(Url, Option<Uri>)>; EndpointName::COUNT],
    /// The `Authorization` header of `client_secret_basic`.
    basic_credentials: OnceLock<HeaderValue>,
    /// The client secret as the key of the server's HMAC.
    hmac_key: OnceLock<VerifyingKey>,
}

impl Clone for Prepared {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Configuration {
    /// Pairs a client with a server. The server metadata come from discovery or are written by
    /// hand.
    ///
    /// Client authentication is the registered `token_endpoint_auth_method`, or the default that
    /// [`ClientAuthentication::default_for`] describes.
    ///
    /// # Errors
    ///
    /// * [`Misuse::InvalidArgument`] if the client id is empty, or if a registered
    ///   `…_signed_response_alg` or `…_signing_alg` is not permitted or is an HMAC for which the
    ///   client secret is too short. `none` is permitted for UserInfo and request objects, which
    ///   then need no signature, and for ID Tokens, which need one nevertheless.
    /// * [`Misuse::MissingArgument`] if the registered method or algorithm needs a secret or a key
    ///   that was not given, or if the server serves every tenant of Entra ID and the policy does
    ///   not say [which ones](Policy::set_tenants) may log in.
    /// * [`Error::Metadata`] if the issuer is not a valid issuer URL.
    pub fn new(
        server: ServerMetadata,
        client: ClientMetadata,
        policy: Policy,
    ) -> Result<Self, Error> {
        let authentication = ClientAuthentication::default_for(&server, &client)?;
        Self::with_authentication(server, client, authentication, policy)
    }

    /// Like [`new`](Self::new), with an explicit client authentication method.
    ///
    /// # Errors
    ///
    /// The errors of [`new`](Self::new).
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
                purpose: "a server that serves every tenant of Entra ID",
            }
            .into());
        }
        authentication.check(&server, &client)?;
        check_assertions(&client)?;
        Ok(Self(Arc::new(Parts {
            parties: Parties {
                server: Arc::new(server),
                client: Arc::new(client),
                policy,
                profile: None,
            },
            authentication,
            dpop_key: None,
            decryption_keys: None,
            prepared: Prepared::default(),
        })))
    }

    /// Pairs a client that registered itself with the server (RFC 7591 section 3.2.1). `client` is
    /// the metadata of its [`ClientInformation`](crate::endpoint::ClientInformation), `chosen` the
    /// method that the client prefers.
    ///
    /// The registered method is used, with the settings and the key of `chosen` if it is the same
    /// method. If none is registered, `chosen` is used; without `chosen`, `client_secret_basic`, or
    /// `none` for a client without a secret.
    ///
    /// # Errors
    ///
    /// The errors of [`new`](Self::new), and [`Misuse::InvalidArgument`] if the registered method
    /// sends the secret and the chosen one does not, or if the registered method is `none` and the
    /// chosen one is not.
    pub fn of_registered(
        server: ServerMetadata,
        client: ClientMetadata,
        chosen: Option<&ClientAuthentication>,
        policy: Policy,
    ) -> Result<Self, Error> {
        let authentication = ClientAuthentication::for_registered(chosen, &server, &client)?;
        Self::with_authentication(server, client, authentication, policy)
    }

    /// Keeps server, policy and keys for a client whose registration has changed. The
    /// authentication method stays in use, with its key and settings, if it is the registered one
    /// or the registration names none. A registered secret replaces the old one.
    ///
    /// # Errors
    ///
    /// The errors of [`new`](Self::new).
    pub fn with_client(&self, client: ClientMetadata) -> Result<Self, Error> {
        check_client(&client)?;
        let authentication = self
            .authentication()
            .for_changed_client(self.server(), &client)?;
        check_assertions(&client)?;
        let mut parts = (*self.0).clone();
        parts.parties.client = Arc::new(client);
        parts.authentication = authentication;
        parts.apply_profile();
        Ok(Self(Arc::new(parts)))
    }

    /// Returns the same client and server with another policy.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        let mut parts = (*self.0).clone();
        parts.parties.policy = policy;
        parts.apply_profile();
        Self(Arc::new(parts))
    }

    /// Returns the same client with a DPoP key: it requests tokens that are bound to this key, and
    /// proves that it has the key (RFC 9449). If each user has a separate key, make such a
    /// configuration for each.
    #[must_use]
    pub fn with_dpop_key(&self, key: DPoPKey) -> Self {
        let mut parts = (*self.0).clone();
        parts.dpop_key = Some(key);
        Self(Arc::new(parts))
    }

    /// Returns the same client with keys that decrypt what the server encrypts for it: ID Tokens,
    /// UserInfo, introspection and authorization responses.
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

    /// The policy of the client.
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

    /// Client, server and policy alone, which is all that client authentication needs.
    pub(crate) fn parties(&self) -> &Parties {
        &self.0.parties
    }

    /// Adds the client's credentials to a request: at once, or through a [`PendingAssertion`] if a
    /// private key is needed first.
    pub(crate) fn authenticate(
        &self,
        env: &Env<'_>,
        draft: &mut Draft,
    ) -> Result<Option<PendingAssertion>, Error> {
        let known = &self.0.prepared.basic_credentials;
        self.authentication()
            .prepare(self.parties(), known, env, draft)
    }

    /// The client secret as the key of the server's HMAC; `None` without a secret.
    pub(crate) fn hmac_key(&self) -> Option<Result<&VerifyingKey, jose::Error>> {
        let known = &self.0.prepared.hmac_key;
        if let Some(key) = known.get() {
            return Some(Ok(key));
        }
        let secret = self.client().client_secret.as_ref()?.expose();
        let key = VerifyingKey::hmac(secret.as_bytes());
        Some(key.map(|key| known.get_or_init(|| key)))
    }

    /// Whether the client's metadata say that it uses a TLS certificate at this server's endpoints:
    /// for `tls_client_auth` or `self_signed_tls_client_auth`, or for tokens that are bound to it
    /// (RFC 8705 sections 2 and 3).
    pub fn has_client_certificate(&self) -> bool {
        self.parties()
            .has_certificate(self.authentication().is_mutual_tls())
    }

    /// Returns the URL of an endpoint, checked for use: its mutual TLS alias if the client uses
    /// aliases and the server has one (RFC 8705 section 5), otherwise its usual URL.
    ///
    /// A client uses aliases if it [has a certificate](Self::has_client_certificate), unless
    /// `use_mtls_endpoint_aliases` in its metadata is false.
    ///
    /// # Errors
    ///
    /// [`MetadataError::Missing`] if the metadata have none, [`MetadataError::Invalid`] if it is
    /// not a URL or contains a user name or password, [`MetadataError::NotHttps`] and
    /// [`MetadataError::Scheme`] if its scheme is not allowed; [`Error::Profile`] if client or
    /// server do not satisfy the client's [profile](Self::with_profile).
    pub fn endpoint(&self, endpoint: EndpointName) -> Result<Url, Error> {
        self.check_profile()?;
        let known = self.0.prepared.endpoints.get(endpoint as usize);
        if let Some((url, _)) = known.and_then(OnceLock::get) {
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
            let target = url.fragment().is_none().then(|| request_target(&url));
            let _ = known.set((url.clone(), target.flatten()));
        }
        Ok(url)
    }

    /// The URL of an endpoint in the form of a request, if it is still that URL.
    pub(crate) fn target(&self, endpoint: EndpointName, url: &Url) -> Option<Uri> {
        let known = self.0.prepared.endpoints.get(endpoint as usize)?;
        let (known, target) = known.get()?;
        target.clone().filter(|_| known == url)
    }
}

/// Checks the client metadata early, so that a mistake is reported before the first login.
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
    // An ID Token must be signed even if `none` is registered, and UserInfo is trusted because of
    // TLS. All other responses are worthless without a signature.
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

/// Refuses assertions without a signature, which any party could make. The authentication method
/// decides which signature algorithms are permitted.
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

/// Refuses a secret that is unsuitable as the key of the server's HMAC.
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
