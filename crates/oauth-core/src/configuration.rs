//! One client at one authorization server.

use std::sync::Arc;

use jose::SignatureAlgorithm;
use url::Url;

use crate::client_auth::ClientAuthentication;
use crate::decryption::DecryptionKeys;
use crate::dpop::DPoPKey;
use crate::error::Error;
use crate::error::MetadataError;
use crate::error::Misuse;
use crate::error::printable;
use crate::metadata::ClientMetadata;
use crate::metadata::ServerMetadata;
use crate::metadata::check_issuer;
use crate::metadata::endpoint_url;
use crate::outbound::EndpointName;
use crate::policy::Policy;
use crate::secret::Secret;

/// An immutable pairing of server metadata, client metadata, client authentication and policy.
///
/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Configuration(Arc<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    server: ServerMetadata,
    client: ClientMetadata,
    authentication: ClientAuthentication,
    policy: Policy,
    dpop_key: Option<DPoPKey>,
    decryption_keys: Option<DecryptionKeys>,
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
    /// `…_signed_response_alg` is not a signature algorithm (`none` is not one) or is an HMAC for
    /// which the client secret is too short,
    /// [`Misuse::MissingArgument`] when the registered method or algorithm needs a secret or a key
    /// that was not given, and [`Error::Metadata`] when the issuer is not a URL that may be one.
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
        Ok(Self(Arc::new(Parts {
            server,
            client,
            authentication,
            policy,
            dpop_key: None,
            decryption_keys: None,
        })))
    }

    /// The same server, policy and keys, for a client whose registration has changed. A key that it
    /// authenticates itself with stays in use, when `private_key_jwt` is what is registered.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_client(&self, client: ClientMetadata) -> Result<Self, Error> {
        let authentication = match (
            self.authentication(),
            client.token_endpoint_auth_method.as_deref(),
        ) {
            (key @ ClientAuthentication::PrivateKeyJwt(_), Some("private_key_jwt")) => key.clone(),
            _ => ClientAuthentication::default_for(self.server(), &client)?,
        };
        check_client(&client)?;
        let mut parts = (*self.0).clone();
        parts.client = client;
        parts.authentication = authentication;
        Ok(Self(Arc::new(parts)))
    }

    /// The same client at the same server under another policy.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        let mut parts = (*self.0).clone();
        parts.policy = policy;
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
        &self.0.server
    }

    /// The client metadata.
    pub fn client(&self) -> &ClientMetadata {
        &self.0.client
    }

    /// How the client authenticates itself.
    pub fn authentication(&self) -> &ClientAuthentication {
        &self.0.authentication
    }

    /// How strict and how patient the client is.
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// The key that tokens are bound to.
    pub fn dpop_key(&self) -> Option<&DPoPKey> {
        self.0.dpop_key.as_ref()
    }

    /// The keys that decrypt what the server encrypts for this client.
    pub fn decryption_keys(&self) -> Option<&DecryptionKeys> {
        self.0.decryption_keys.as_ref()
    }

    /// Whether the client has a TLS certificate to show at this server's endpoints: for `tls_client_auth`
    /// or `self_signed_tls_client_auth`, or for tokens that are bound to it (RFC 8705 sections 2 and
    /// 3), as its metadata says.
    pub fn has_client_certificate(&self) -> bool {
        let client = self.client();
        self.authentication().is_mutual_tls()
            || client.tls_client_certificate_bound_access_tokens == Some(true)
            || client.use_mtls_endpoint_aliases == Some(true)
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
    /// [`MetadataError::Scheme`] when its scheme is not allowed.
    pub fn endpoint(&self, endpoint: EndpointName) -> Result<Url, Error> {
        let asked = self.client().use_mtls_endpoint_aliases;
        let aliases = match asked.unwrap_or_else(|| self.has_client_certificate()) {
            true => self.server().mtls_endpoint_aliases.as_ref(),
            false => None,
        };
        let (member, text) = match aliases.and_then(|aliases| aliases.endpoint(endpoint)) {
            Some(alias) => alias,
            None => {
                let member = endpoint.metadata_member();
                let text = self.server().endpoint(endpoint);
                (member, text.ok_or(MetadataError::Missing { member })?)
            }
        };
        Ok(endpoint_url(member, text, self.policy())?)
    }
}

/// A mistake in what the client registered is found here, and not at the first login.
fn check_client(client: &ClientMetadata) -> Result<(), Error> {
    if client.client_id.is_empty() {
        return Err(Misuse::InvalidArgument {
            argument: "client_id",
            expected: "not empty",
            found: "nothing".to_owned(),
        }
        .into());
    }
    for (argument, registered) in [
        (
            "id_token_signed_response_alg",
            &client.id_token_signed_response_alg,
        ),
        (
            "userinfo_signed_response_alg",
            &client.userinfo_signed_response_alg,
        ),
        (
            "authorization_signed_response_alg",
            &client.authorization_signed_response_alg,
        ),
        (
            "introspection_signed_response_alg",
            &client.introspection_signed_response_alg,
        ),
    ] {
        let Some(name) = registered else { continue };
        let Ok(algorithm) = name.parse::<SignatureAlgorithm>() else {
            return Err(Misuse::InvalidArgument {
                argument,
                expected: "a signature algorithm",
                found: printable(name),
            }
            .into());
        };
        if algorithm.is_symmetric() {
            check_secret(client.client_secret.as_ref(), algorithm)?;
        }
    }
    Ok(())
}

/// HMAC needs a key at least as long as its hash (RFC 7518 section 3.2).
fn check_secret(secret: Option<&Secret>, algorithm: SignatureAlgorithm) -> Result<(), Error> {
    let secret = secret.ok_or(Misuse::MissingArgument {
        argument: "client_secret",
        purpose: "the registered HMAC algorithm",
    })?;
    let length = secret.expose().len();
    if length < algorithm.hash().output_length() {
        return Err(Misuse::InvalidArgument {
            argument: "client_secret",
            expected: "as long as the hash of the registered HMAC algorithm, at least",
            found: format!("{length} bytes for {algorithm}"),
        }
        .into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jose::SignatureAlgorithm;

    use super::Configuration;
    use crate::client_auth::ClientAuthentication;
    use crate::client_auth::PrivateKeyJwt;
    use crate::error::Error;
    use crate::error::MetadataError;
    use crate::error::Misuse;
    use crate::key::KeyName;
    use crate::key::KeyReference;
    use crate::metadata::ClientMetadata;
    use crate::metadata::MtlsEndpointAliases;
    use crate::metadata::ServerMetadata;
    use crate::outbound::EndpointName;
    use crate::policy::Policy;
    use crate::testing::server;

    #[test]
    fn a_setting_that_cannot_work_is_refused_at_once() {
        let new = |client| Configuration::new(server(), client, Policy::default()).unwrap_err();
        assert_eq!(
            argument(new(ClientMetadata::new(""))),
            ("client_id", "nothing".to_owned())
        );
        for name in ["none", "None", "rs256", "RSA-OAEP", ""] {
            let mut client = ClientMetadata::new("app");
            client.id_token_signed_response_alg = Some(name.to_owned());
            assert_eq!(
                argument(new(client)),
                ("id_token_signed_response_alg", name.to_owned())
            );
        }
        let mut client = ClientMetadata::new("app");
        client.id_token_signed_response_alg = Some("HS256".to_owned());
        assert!(matches!(
            new(client.clone()),
            Error::Misuse(Misuse::MissingArgument {
                argument: "client_secret",
                ..
            })
        ));
        client.client_secret = Some("0123456789abcdef0123456789abcde".into());
        assert_eq!(
            argument(new(client.clone())),
            ("client_secret", "31 bytes for HS256".to_owned())
        );
        client.client_secret = Some("0123456789abcdef0123456789abcdef".into());
        Configuration::new(server(), client, Policy::default()).unwrap();

        let issuer = ServerMetadata::new("https://op.example?x");
        let error = Configuration::new(issuer, ClientMetadata::new("app"), Policy::default());
        assert!(matches!(
            error,
            Err(Error::Metadata(MetadataError::Invalid {
                member: "issuer",
                ..
            }))
        ));
    }

    #[test]
    fn an_endpoint_is_checked_when_it_is_used() {
        for (url, expected) in [
            (
                None,
                MetadataError::Missing {
                    member: "token_endpoint",
                },
            ),
            (
                Some("/token"),
                MetadataError::Invalid {
                    member: "token_endpoint",
                    expected: "an absolute URL",
                    found: "/token".to_owned(),
                },
            ),
            (
                Some("http://op.example/token?secret"),
                MetadataError::NotHttps {
                    member: "token_endpoint",
                    found: "http://op.example".to_owned(),
                },
            ),
            (
                Some("file:///etc/passwd"),
                MetadataError::Scheme {
                    member: "token_endpoint",
                    found: "file".to_owned(),
                },
            ),
            (
                Some("https://me:secret@op.example/token"),
                MetadataError::Invalid {
                    member: "token_endpoint",
                    expected: "a URL without user name and password",
                    found: "one with them".to_owned(),
                },
            ),
        ] {
            let mut server = server();
            server.token_endpoint = url.map(str::to_owned);
            let configuration =
                Configuration::new(server, ClientMetadata::new("app"), Policy::default()).unwrap();
            let Err(Error::Metadata(error)) = configuration.endpoint(EndpointName::Token) else {
                panic!();
            };
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn mutual_tls_aliases_are_used_by_clients_that_ask_for_them() {
        let mut server = server();
        server.mtls_endpoint_aliases = Some(MtlsEndpointAliases {
            token_endpoint: Some("https://mtls.op.example/token".to_owned()),
            ..MtlsEndpointAliases::default()
        });
        for (asked, token) in [
            (None, "https://op.example/token"),
            (Some(false), "https://op.example/token"),
            (Some(true), "https://mtls.op.example/token"),
        ] {
            let mut client = ClientMetadata::new("app");
            client.use_mtls_endpoint_aliases = asked;
            let configuration =
                Configuration::new(server.clone(), client, Policy::default()).unwrap();
            let url = |endpoint| configuration.endpoint(endpoint).unwrap().to_string();
            assert_eq!(url(EndpointName::Token), token);
            assert_eq!(url(EndpointName::UserInfo), "https://op.example/userinfo");
            assert_eq!(url(EndpointName::Jwks), "https://op.example/jwks");
        }
    }

    fn argument(error: Error) -> (&'static str, String) {
        match error {
            Error::Misuse(Misuse::InvalidArgument {
                argument, found, ..
            }) => (argument, found),
            error => panic!("{error}"),
        }
    }

    #[test]
    fn a_changed_registration_keeps_the_key_where_it_still_counts() {
        let key = KeyReference {
            name: KeyName::new("k"),
            algorithm: SignatureAlgorithm::ES256,
            key_id: None,
        };
        let authentication = ClientAuthentication::PrivateKeyJwt(PrivateKeyJwt::new(key).unwrap());
        let before = Configuration::with_authentication(
            server(),
            ClientMetadata::new("app"),
            authentication,
            Policy::default(),
        )
        .unwrap();
        let mut client = ClientMetadata::new("app");
        client.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
        let after = before.with_client(client.clone()).unwrap();
        assert!(matches!(
            after.authentication(),
            ClientAuthentication::PrivateKeyJwt(_)
        ));
        client.token_endpoint_auth_method = Some("client_secret_post".to_owned());
        client.client_secret = Some("hush".into());
        let after = after.with_client(client.clone()).unwrap();
        assert!(matches!(
            after.authentication(),
            ClientAuthentication::ClientSecretPost(_)
        ));
        assert_eq!(after.client(), &client);

        client.userinfo_signed_response_alg = Some("none".to_owned());
        assert!(matches!(
            after.with_client(client).unwrap_err(),
            Error::Misuse(Misuse::InvalidArgument {
                argument: "userinfo_signed_response_alg",
                ..
            })
        ));
    }
}
