use jose::KeyRejected;
use jose::pem;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::error::Error;

/// Root certificates that the application adds to the platform's.
#[derive(Debug, Clone, Default)]
pub struct RootCertificates(Vec<CertificateDer<'static>>);

impl RootCertificates {
    /// Adds every certificate in a PEM text, of which there must be one at least; [`jose::pem`] says how
    /// such a text may be laid out.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`] when there is none, or one that cannot be read. Those before it stay.
    pub fn add_pem(&mut self, pem: &[u8]) -> Result<(), Error> {
        let before = self.0.len();
        for certificate in certificates(pem) {
            let certificate = certificate.map_err(|_| Error::Certificate {
                expected: "certificates in PEM form",
                found: "a section that is not PEM",
            })?;
            self.add_der(certificate.as_ref())?;
        }
        if self.0.len() == before {
            return Err(Error::Certificate {
                expected: "at least one certificate in PEM form",
                found: "none",
            });
        }
        Ok(())
    }

    /// Adds one certificate in DER form.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`] when it cannot be read.
    pub fn add_der(&mut self, der: &[u8]) -> Result<(), Error> {
        let certificate = CertificateDer::from(der.to_vec());
        RootCertStore::empty()
            .add(certificate.clone())
            .map_err(|_| Error::Certificate {
                expected: "an X.509 certificate in DER form",
                found: "something else",
            })?;
        self.0.push(certificate);
        Ok(())
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These certificates beside the platform's. Certificates of the platform that cannot be read
    /// are left out, and a platform that has none is no error: its servers are then not trusted.
    pub(super) fn into_store(self) -> RootCertStore {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(self.0);
        #[cfg(feature = "native-roots")]
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        store
    }
}

/// The certificates in a PEM text, under each of their labels (RFC 7468 section 5.1).
pub(super) fn certificates(
    text: &[u8],
) -> impl Iterator<Item = Result<CertificateDer<'static>, KeyRejected>> {
    let is_certificate = |document: &pem::Document<'_>| {
        matches!(
            document.label(),
            "CERTIFICATE" | "X509 CERTIFICATE" | "X.509 CERTIFICATE"
        )
    };
    pem::documents(text)
        .filter(is_certificate)
        .map(|document| Ok(CertificateDer::from(document.der()?.to_vec())))
}
