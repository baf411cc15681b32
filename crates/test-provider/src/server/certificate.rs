//! Generated certificates for loopback servers.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::client_verifier::AnyCertificate;

/// A new certificate authority, and its server certificate for `localhost` and `127.0.0.1` (ECDSA
/// on P-256). Every authority is different, so a client that trusts one trusts no other.
#[derive(Clone)]
pub struct LoopbackCertificate {
    authority: Arc<Authority>,
    leaf: Leaf,
}

struct Authority {
    pem: String,
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

#[derive(Clone)]
struct Leaf {
    pem: String,
    der: CertificateDer<'static>,
    key_pem: String,
    key_der: Vec<u8>,
}

impl LoopbackCertificate {
    /// Generates an authority and a server certificate.
    pub fn generate() -> Self {
        Self::from_authority("test-provider authority")
    }

    /// Generates a server certificate from an authority that clients do not trust.
    pub(super) fn untrusted() -> Self {
        Self::from_authority("a stranger's authority")
    }

    fn from_authority(name: &str) -> Self {
        let authority = Arc::new(Authority::generate(name));
        let leaf = authority.issue(server(LOOPBACK));
        Self { authority, leaf }
    }

    /// Returns the authority's certificate, which clients must trust, in PEM.
    pub fn ca_pem(&self) -> &str {
        &self.authority.pem
    }

    /// Returns the authority's certificate in DER.
    pub fn ca_der(&self) -> &[u8] {
        &self.authority.der
    }

    /// Returns the server's certificate, then the authority's, in PEM.
    pub fn chain_pem(&self) -> String {
        format!("{}{}", self.leaf.pem, self.authority.pem)
    }

    /// Returns the server's private key, PKCS#8 in PEM.
    pub fn key_pem(&self) -> &str {
        &self.leaf.key_pem
    }

    /// Returns a certificate from the same authority that was valid until 2020.
    pub(super) fn expired(&self) -> Self {
        let mut params = server(LOOPBACK);
        params.not_after = date_time_ymd(2020, 1, 1);
        let leaf = self.authority.issue(params);
        Self {
            authority: Arc::clone(&self.authority),
            leaf,
        }
    }

    /// Returns a certificate from the same authority for `other.example` only.
    pub(super) fn other_host(&self) -> Self {
        let leaf = self.authority.issue(server(&["other.example"]));
        Self {
            authority: Arc::clone(&self.authority),
            leaf,
        }
    }

    /// Returns a certificate from the same authority that is valid from 2090 on.
    pub(super) fn not_yet_valid(&self) -> Self {
        let mut params = server(LOOPBACK);
        params.not_before = date_time_ymd(2090, 1, 1);
        params.not_after = date_time_ymd(2091, 1, 1);
        self.with(params)
    }

    /// Returns a certificate from the same authority that is not for servers.
    pub(super) fn other_purpose(&self) -> Self {
        let mut params = params("test-provider", LOOPBACK);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.with(params)
    }

    fn with(&self, params: CertificateParams) -> Self {
        Self {
            authority: Arc::clone(&self.authority),
            leaf: self.authority.issue(params),
        }
    }

    /// Generates a self-signed certificate that does not belong to an authority.
    pub(super) fn self_signed() -> Self {
        Self::of_itself(server(LOOPBACK))
    }

    /// Generates a self-signed certificate of an authority.
    pub(super) fn self_signed_authority() -> Self {
        let mut params = server(LOOPBACK);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self::of_itself(params)
    }

    fn of_itself(params: CertificateParams) -> Self {
        let key = KeyPair::generate().expect("the system has randomness");
        let certificate = params.self_signed(&key).expect("the parameters are fixed");
        let leaf = Leaf {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            key_pem: key.serialize_pem(),
            key_der: key.serialize_der(),
        };
        let authority = Authority {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            issuer: Issuer::new(params, key),
        };
        Self {
            authority: Arc::new(authority),
            leaf,
        }
    }

    /// Issues a certificate from the same authority for a client with this name.
    pub fn issue_client_certificate(&self, name: &str) -> ClientCertificate {
        let mut params = params(name, &[]);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        ClientCertificate(self.authority.issue(params))
    }

    /// Returns the settings of a TLS server with this certificate.
    pub(super) fn server_config(&self) -> ServerConfig {
        let chain = vec![self.leaf.der.clone(), self.authority.der.clone()];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.leaf.key_der.clone()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring speaks every version")
            .with_client_cert_verifier(Arc::new(AnyCertificate))
            .with_single_cert(chain, key)
            .expect("key and certificate belong together")
    }
}

/// A client certificate from an authority, and its private key (ECDSA on P-256).
#[derive(Clone)]
pub struct ClientCertificate(Leaf);

impl ClientCertificate {
    /// Returns the certificate in PEM.
    pub fn pem(&self) -> &str {
        &self.0.pem
    }

    /// Returns the private key, PKCS#8 in PEM.
    pub fn key_pem(&self) -> &str {
        &self.0.key_pem
    }
}

/// A self-signed client certificate, and its private key (ECDSA on P-256).
#[derive(Clone)]
pub struct SelfSignedCertificate(Leaf);

impl SelfSignedCertificate {
    /// Generates a key and a certificate.
    pub fn generate() -> Self {
        let key = KeyPair::generate().expect("the system has randomness");
        let certificate = params("a client", &[])
            .self_signed(&key)
            .expect("the parameters are fixed");
        Self(Leaf {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            key_pem: key.serialize_pem(),
            key_der: key.serialize_der(),
        })
    }

    /// Returns the certificate in PEM.
    pub fn pem(&self) -> &str {
        &self.0.pem
    }

    /// Returns the certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Returns the private key, PKCS#8 in PEM.
    pub fn key_pem(&self) -> &str {
        &self.0.key_pem
    }
}

impl Authority {
    fn generate(name: &str) -> Self {
        let mut params = params(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        let key = KeyPair::generate().expect("the system has randomness");
        let certificate = params.self_signed(&key).expect("the parameters are fixed");
        Self {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            issuer: Issuer::new(params, key),
        }
    }

    fn issue(&self, mut params: CertificateParams) -> Leaf {
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().expect("the system has randomness");
        let certificate = params
            .signed_by(&key, &self.issuer)
            .expect("the parameters are fixed");
        Leaf {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            key_pem: key.serialize_pem(),
            key_der: key.serialize_der(),
        }
    }
}

fn server(names: &[&str]) -> CertificateParams {
    let mut params = params("test-provider", names);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn params(name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("the names are fixed");
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// The names of a server on this machine.
const LOOPBACK: &[&str] = &["localhost", "127.0.0.1"];
