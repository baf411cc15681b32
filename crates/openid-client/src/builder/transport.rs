//! The transport of requests.

use std::sync::Arc;

use http::HeaderValue;
use oauth_core::error::Misuse;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SignatureScheme};

use super::ClientBuilder;
use crate::error::Error;
use crate::http::{
    ClientCertificate, DestinationPolicy, HttpClient, HyperClient, Observation, Observer,
    Replaceable, ReplaceableCertificate,
};

impl<Source> ClientBuilder<Source> {
    /// Trusts the root certificates in a PEM text, in addition to those of the platform.
    ///
    /// A root is what issued the server's certificate. A self-signed certificate that is no
    /// authority's may be both, and is trusted here; one that is marked as a certificate
    /// authority's (`CA:TRUE`, as `openssl req -x509` makes them) cannot be the server's own
    /// ([`TlsFault::AuthorityAsServer`](oauth_core::error::TlsFault::AuthorityAsServer)): let it
    /// issue one for the server, or make one without that mark (`-addext
    /// basicConstraints=critical,CA:FALSE`), or [pin](Self::pinned_certificate_pem) it.
    pub fn root_certificate_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        let added = self.roots.add_pem(pem.as_ref());
        self.check(added)
    }

    /// Trusts this server certificate, in a PEM text, without a check of its issuer: for example
    /// the self-signed certificate of a server in a laboratory, which may be marked as a
    /// certificate authority's. A server that shows exactly this certificate and has its key
    /// passes. Name and dates are checked. Certificates that it has issued are not trusted.
    ///
    /// The pin is trusted in addition to the roots and excludes no other certificate: a certificate
    /// for the same name that chains to a trusted root passes as before. When the server gets
    /// another certificate that chains to no trusted root, change the pin.
    pub fn pinned_certificate_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        let added = self.roots.pin_pem(pem.as_ref());
        self.check(added)
    }

    /// Trusts a root certificate in DER form, in addition to those of the platform.
    pub fn root_certificate_der(mut self, der: impl AsRef<[u8]>) -> Self {
        let added = self.roots.add_der(der.as_ref());
        self.check(added)
    }

    /// Lets the verifier of the platform decide about the certificates of servers, with the roots
    /// that are set here in addition. On Windows, macOS, iOS and Android, it also knows what an
    /// administrator has distrusted, and may ask about revocation; it may block a thread while it
    /// does. On other platforms, it verifies with the platform's root certificates, as without this
    /// setting. It needs the feature `platform-verifier`.
    ///
    /// A [pinned](Self::pinned_certificate_pem) certificate cannot be set together with it.
    #[cfg(feature = "platform-verifier")]
    pub fn platform_verifier(mut self) -> Self {
        self.roots.use_platform_verifier();
        self
    }

    /// Decides which servers requests may go to, for clients whose servers are named by others; see
    /// [`DestinationPolicy`] and [`PublicAddresses`](crate::http::PublicAddresses). By default,
    /// requests may go to any server. The policy applies to every request of the client, including
    /// those for discovery and key sets.
    pub fn destination_policy(mut self, policy: impl DestinationPolicy + 'static) -> Self {
        self.destinations = Some(Arc::new(policy));
        self
    }

    /// Sends every request through another transport. It decides itself what to trust: root
    /// certificates, a client certificate and a destination policy cannot be set together with it.
    ///
    /// It may hold the client's certificate. Under a [`profile`](Self::profile) that has to be
    /// said: a transport that shows one is set with
    /// [`http_client_with_certificate`](Self::http_client_with_certificate), which may be the same.
    pub fn http_client(mut self, transport: impl HttpClient + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Shows this certificate at the endpoints of the authorization server and at protected
    /// resources, for client authentication by `tls_client_auth` or `self_signed_tls_client_auth`
    /// and for tokens that are bound to it (RFC 8705): `chain` and `key` as for
    /// [`ClientCertificate::from_pem`].
    ///
    /// The use of the certificate is set by [`client_metadata`](Self::client_metadata) or
    /// [`authentication`](Self::authentication); a certificate without a use is refused. One of
    /// these must hold:
    ///
    /// - the client authenticates itself by `tls_client_auth` or `self_signed_tls_client_auth`;
    /// - `tls_client_certificate_bound_access_tokens` in its metadata is true, as a
    ///   [`profile`](Self::profile) without DPoP key has it;
    /// - `use_mtls_endpoint_aliases` in its metadata is true, for servers that want a certificate
    ///   for the connection alone.
    ///
    /// Discovery and key sets are fetched without the certificate, over separate connections.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # use test_provider::{ClientAuthentication as Method, ClientRegistration};
    /// # let own = test_provider::server::SelfSignedCertificate::generate();
    /// # let method = Method::SelfSignedTlsClientAuth(own.der().to_vec());
    /// # server.provider().register(ClientRegistration::new("my-service", method));
    /// # let (certificate, key) = (own.pem(), own.key_pem());
    /// use openid_client::ClientAuthentication;
    ///
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .authentication(ClientAuthentication::SelfSignedTlsClientAuth)
    ///     .client_certificate_pem(certificate, key)
    ///     .await?;
    /// # client.client_credentials_grant().scope("read").await?;
    /// # });
    /// ```
    pub fn client_certificate_pem(
        mut self,
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Self {
        let read = ClientCertificate::from_pem(chain.as_ref(), key.as_ref());
        let set = read.map(|certificate| self.certificate = Some(certificate));
        self.check(set)
    }

    /// Shows this certificate in the same way as
    /// [`client_certificate_pem`](Self::client_certificate_pem). It can be replaced while the
    /// client runs; see [`ReplaceableCertificate`]. Keep a clone.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # use test_provider::{ClientAuthentication as Method, ClientRegistration};
    /// # use openid_client::{ClientAuthentication, http::ClientCertificate};
    /// # let own = test_provider::server::SelfSignedCertificate::generate();
    /// # let method = Method::SelfSignedTlsClientAuth(own.der().to_vec());
    /// # server.provider().register(ClientRegistration::new("my-service", method));
    /// # let read = ClientCertificate::from_pem(own.pem().as_bytes(), own.key_pem().as_bytes());
    /// use openid_client::http::ReplaceableCertificate;
    ///
    /// let certificate = ReplaceableCertificate::new(read?)?;
    /// let client = Client::discover(issuer, "my-service")
    /// #   .root_certificate_pem(root)
    ///     .authentication(ClientAuthentication::SelfSignedTlsClientAuth)
    ///     .replaceable_client_certificate(certificate.clone())
    ///     .await?;
    /// # client.client_credentials_grant().scope("read").await?;
    /// # });
    /// ```
    pub fn replaceable_client_certificate(mut self, certificate: ReplaceableCertificate) -> Self {
        self.replaceable = Some(certificate);
        self
    }

    /// The same with a private key that a passphrase protects; see
    /// [`ClientCertificate::from_encrypted_pem`]. It needs the feature `encrypted-keys`.
    ///
    /// A key to sign with is read by
    /// [`SigningKey::from_encrypted_pem`](jose::SigningKey::from_encrypted_pem).
    pub fn encrypted_client_certificate_pem(
        mut self,
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
        passphrase: impl AsRef<[u8]>,
    ) -> Self {
        let (chain, key) = (chain.as_ref(), key.as_ref());
        let read = ClientCertificate::from_encrypted_pem(chain, key, passphrase);
        let set = read.map(|certificate| self.certificate = Some(certificate));
        self.check(set)
    }

    /// Sends the requests that show the client's certificate through this transport, which holds
    /// it; the others through [`http_client`](Self::http_client), or through the usual transport
    /// where none is set. As with [`client_certificate_pem`](Self::client_certificate_pem),
    /// something has to show it.
    ///
    /// Where both are made from the same `rustls` settings,
    /// [`tls_config_with_certificate`](Self::tls_config_with_certificate) is shorter.
    pub fn http_client_with_certificate(mut self, transport: impl HttpClient + 'static) -> Self {
        self.certified = Some(Arc::new(transport));
        self
    }

    /// Makes both transports from these TLS settings, which hold trust and the client's
    /// certificate: one that shows the certificate, for the requests of which
    /// [`client_certificate_pem`](Self::client_certificate_pem) speaks, and one with the same
    /// settings and without it. For a private trust store, or for a certificate whose key is kept
    /// elsewhere (`rustls::client::ResolvesClientCert`).
    ///
    /// ```
    /// # use openid_client::ClientAuthentication;
    /// # test_provider::example!(at |issuer, root, server| {
    /// # use openid_client::rustls;
    /// # use openid_client::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    /// # use openid_client::rustls::pki_types::pem::PemObject;
    /// # use test_provider::{ClientAuthentication as Method, ClientRegistration};
    /// # let own = test_provider::server::SelfSignedCertificate::generate();
    /// # let method = Method::SelfSignedTlsClientAuth(own.der().to_vec());
    /// # server.provider().register(ClientRegistration::new("my-service", method));
    /// # let mut roots = rustls::RootCertStore::empty();
    /// # roots.add(CertificateDer::from_pem_slice(root.as_bytes())?)?;
    /// # let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    /// # let tls = rustls::ClientConfig::builder_with_provider(provider);
    /// # let tls = tls.with_safe_default_protocol_versions()?.with_root_certificates(roots);
    /// # let chain = vec![CertificateDer::from_pem_slice(own.pem().as_bytes())?];
    /// # let tls = tls.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(own.key_pem().as_bytes())?)?;
    /// let client = Client::discover(issuer, "my-service")
    ///     .authentication(ClientAuthentication::SelfSignedTlsClientAuth)
    ///     .tls_config_with_certificate(tls)
    ///     .await?;
    /// # client.client_credentials_grant().scope("read").await?;
    /// # });
    /// ```
    pub fn tls_config_with_certificate(mut self, tls: ClientConfig) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Calls `observe` when a request leaves, and when the head of its response arrives or fails to
    /// arrive: for a log, or to measure. What it sees contains no secret; see
    /// [`Observation`](crate::http::Observation).
    ///
    /// It is called in the middle of the exchange, so it must not block. When it panics, the
    /// request continues. It cannot change anything.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// // #0 GET https://id.example.com/.well-known/openid-configuration (discovery): 200 after 35 ms
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    ///     .observer(|observation| println!("{observation}"))
    ///     .await?;
    /// # drop(client);
    /// # });
    /// ```
    pub fn observer(mut self, observe: impl Fn(&Observation) + Send + Sync + 'static) -> Self {
        self.observer = Observer::new(observe);
        self
    }

    /// The `User-Agent` of every request; `openid-client/` and the version by default.
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        let set = HeaderValue::from_str(user_agent)
            .map(|value| self.user_agent = value)
            .map_err(|_| Misuse::InvalidArgument {
                argument: "user_agent",
                expected: "visible ASCII characters and spaces",
                found: user_agent.escape_debug().to_string(),
            });
        self.check(set.map_err(oauth_core::Error::from))
    }

    /// The transport for most requests, and the one that shows the client's certificate.
    pub(super) fn transports(&self) -> Result<Transports, Error> {
        let conflict = |setting, other| Err(Error::Conflict { setting, other });
        let finish = self.finish()?;
        if self.roots.is_by_platform() && self.roots.has_pinned() {
            return conflict("pinned_certificate", "platform_verifier");
        }
        let finished = |transport| -> Arc<dyn HttpClient> { Arc::new(finish(transport)) };
        if let Some(tls) = &self.tls {
            let set = [
                ("root_certificate", !self.roots.is_empty()),
                ("platform_verifier", self.roots.is_by_platform()),
                ("client_certificate", self.certificate.is_some()),
                ("replaceable_client_certificate", self.replaceable.is_some()),
                ("http_client", self.transport.is_some()),
                ("http_client_with_certificate", self.certified.is_some()),
            ];
            if let Some((setting, _)) = set.into_iter().find(|(_, is_set)| *is_set) {
                return conflict(setting, "tls_config_with_certificate");
            }
            let certified = finished(HyperClient::with_tls_config(tls.clone()));
            let mut plain = tls.clone();
            plain.client_auth_cert_resolver = Arc::new(NoCertificate);
            return Ok((
                finished(HyperClient::with_tls_config(plain)),
                Some(certified),
            ));
        }
        let plain: Arc<dyn HttpClient> = match &self.transport {
            None => finished(HyperClient::new(self.roots.clone())?),
            Some(_) if !self.roots.is_empty() => {
                return conflict("root_certificate", "http_client");
            }
            Some(_) if self.roots.is_by_platform() => {
                return conflict("platform_verifier", "http_client");
            }
            Some(_) if self.certificate.is_some() => {
                return conflict("client_certificate", "http_client");
            }
            Some(_) if self.replaceable.is_some() => {
                return conflict("replaceable_client_certificate", "http_client");
            }
            Some(transport) => {
                self.check_own_transport("http_client")?;
                Arc::clone(transport)
            }
        };
        let roots = || self.roots.clone();
        let certified: Option<Arc<dyn HttpClient>> =
            match (&self.certificate, &self.replaceable, &self.certified) {
                (Some(_), _, Some(_)) => {
                    return conflict("client_certificate", "http_client_with_certificate");
                }
                (None, Some(_), Some(_)) => {
                    let other = "http_client_with_certificate";
                    return conflict("replaceable_client_certificate", other);
                }
                (Some(_), Some(_), None) => {
                    return conflict("client_certificate", "replaceable_client_certificate");
                }
                (Some(certificate), None, None) => {
                    let certificate = certificate.clone();
                    let transport = HyperClient::with_client_certificate(roots(), certificate)?;
                    Some(finished(transport))
                }
                (None, Some(replaceable), None) => {
                    let finish = Box::new(finish.clone());
                    Some(Arc::new(Replaceable::new(
                        replaceable.clone(),
                        roots(),
                        finish,
                    )))
                }
                (None, None, Some(certified)) => {
                    self.check_own_transport("http_client_with_certificate")?;
                    Some(Arc::clone(certified))
                }
                (None, None, None) => None,
            };
        Ok((plain, certified))
    }
}

/// Shows no certificate.
#[derive(Debug)]
struct NoCertificate;

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

type Transports = (Arc<dyn HttpClient>, Option<Arc<dyn HttpClient>>);
