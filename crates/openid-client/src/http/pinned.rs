//! Server certificates that are trusted without a check of their issuer.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::error::is_authority_as_server;
use crate::error::Error;

/// Accepts a pinned certificate if the server's equals it byte for byte. The roots decide about all
/// others.
///
/// Everything except the issuer of a pinned certificate is checked: its dates, its name and, in the
/// handshake, that the server has its key. Certificates that it has issued are not trusted.
#[derive(Debug)]
pub(super) struct PinnedVerifier {
    /// `None` where there is no root at all.
    roots: Option<Arc<WebPkiServerVerifier>>,
    /// Each pin with a verifier that trusts it and verifies no other certificate.
    pinned: Vec<(CertificateDer<'static>, Arc<WebPkiServerVerifier>)>,
    provider: Arc<CryptoProvider>,
}

impl PinnedVerifier {
    /// # Errors
    ///
    /// [`Error::Certificate`] when a pinned certificate cannot be used.
    pub(super) fn new(
        roots: Arc<RootCertStore>,
        pinned: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let verifier = |store: Arc<RootCertStore>| {
            let builder = WebPkiServerVerifier::builder_with_provider(store, Arc::clone(provider));
            builder.build().map_err(|_| Error::Certificate {
                expected: "certificates that can be trusted",
                found: "others".into(),
            })
        };
        let alone = |certificate: CertificateDer<'static>| {
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates([certificate.clone()]);
            Ok((certificate, verifier(Arc::new(store))?))
        };
        let roots = match roots.is_empty() {
            true => None,
            false => Some(verifier(roots)?),
        };
        Ok(Self {
            roots,
            pinned: pinned
                .into_iter()
                .map(alone)
                .collect::<Result<_, Error>>()?,
            provider: Arc::clone(provider),
        })
    }
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let pinned = self.pinned.iter().find(|(pinned, _)| pinned == end_entity);
        let Some((_, alone)) = pinned else {
            let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
            let roots = self.roots.as_ref().ok_or(unknown)?;
            return roots.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            );
        };
        let verified = alone.verify_server_cert(end_entity, &[], server_name, ocsp_response, now);
        match verified {
            // Both come after the dates were found good, and before the name was looked at.
            Err(rustls::Error::InvalidCertificate(error))
                if error == CertificateError::UnknownIssuer || is_authority_as_server(&error) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use test_provider::server::LoopbackCertificate;

    use super::*;
    use crate::http::roots::certificates;

    fn provider() -> Arc<CryptoProvider> {
        Arc::new(rustls::crypto::ring::default_provider())
    }

    /// The leaf and its authority.
    fn chain(certificate: &LoopbackCertificate) -> [CertificateDer<'static>; 2] {
        let chain: Vec<_> = certificates(certificate.chain_pem().as_bytes())
            .map(Result::unwrap)
            .collect();
        chain.try_into().unwrap()
    }

    fn verify(
        verifier: &PinnedVerifier,
        certificate: &CertificateDer<'_>,
        name: &str,
        year: u32,
    ) -> Result<(), CertificateError> {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let now = Duration::from_secs(31_557_600).saturating_mul(year.saturating_sub(1970));
        let now = UnixTime::since_unix_epoch(now);
        match verifier.verify_server_cert(certificate, &[], &name, &[], now) {
            Ok(_) => Ok(()),
            Err(rustls::Error::InvalidCertificate(error)) => Err(error),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_pinned_certificate_is_good_for_its_name_and_its_time() {
        let [leaf, authority] = chain(&LoopbackCertificate::generate());
        let none = Arc::new(RootCertStore::empty());
        let verifier = PinnedVerifier::new(none.clone(), vec![leaf.clone()], &provider()).unwrap();
        assert_eq!(verify(&verifier, &leaf, "localhost", 2030), Ok(()));
        assert!(matches!(
            verify(&verifier, &leaf, "other.example", 2030),
            Err(CertificateError::NotValidForNameContext { .. })
        ));
        for (year, found) in [(1971, "not valid yet"), (9000, "expired")] {
            let error = verify(&verifier, &leaf, "localhost", year).unwrap_err();
            assert!(error.to_string().contains(found), "{error}");
        }
        // An authority's that is pinned is judged in the same way.
        let pinned = vec![authority.clone()];
        let verifier = PinnedVerifier::new(none, pinned, &provider()).unwrap();
        assert!(matches!(
            verify(&verifier, &authority, "localhost", 2030),
            Err(CertificateError::NotValidForNameContext { .. })
        ));
        let error = verify(&verifier, &authority, "localhost", 9000).unwrap_err();
        assert!(error.to_string().contains("expired"), "{error}");
    }

    /// A pin is for one certificate, not for those that it has issued.
    #[test]
    fn a_pin_trusts_nothing_else() {
        let [leaf, authority] = chain(&LoopbackCertificate::generate());
        let [other, _] = chain(&LoopbackCertificate::generate());
        let pinned = vec![authority.clone()];
        let none = Arc::new(RootCertStore::empty());
        let verifier = PinnedVerifier::new(none, pinned.clone(), &provider()).unwrap();
        let unknown = Err(CertificateError::UnknownIssuer);
        assert_eq!(verify(&verifier, &leaf, "localhost", 2030), unknown);
        assert_eq!(verify(&verifier, &other, "localhost", 2030), unknown);
        // The roots decide about other certificates.
        let mut roots = RootCertStore::empty();
        roots.add(authority).unwrap();
        let verifier = PinnedVerifier::new(Arc::new(roots), vec![other], &provider()).unwrap();
        assert_eq!(verify(&verifier, &leaf, "localhost", 2030), Ok(()));
        let [stranger, _] = chain(&LoopbackCertificate::generate());
        // Its authority has the same name, and another key.
        assert_eq!(
            verify(&verifier, &stranger, "localhost", 2030),
            Err(CertificateError::BadSignature)
        );
    }
}
