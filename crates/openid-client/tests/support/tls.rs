//! TLS for servers that say exactly what a test tells them to.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use test_provider::server::LoopbackCertificate;
use tokio_rustls::TlsAcceptor;

/// Accepts connections with this certificate and this application protocol.
pub fn acceptor(certificate: &LoopbackCertificate, protocol: &[u8]) -> TlsAcceptor {
    let chain = CertificateDer::pem_slice_iter(certificate.chain_pem().as_bytes())
        .map(Result::unwrap)
        .collect();
    let key = PrivateKeyDer::from_pem_slice(certificate.key_pem().as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth();
    let mut tls = tls.with_single_cert(chain, key).unwrap();
    tls.alpn_protocols = vec![protocol.to_vec()];
    TlsAcceptor::from(Arc::new(tls))
}
