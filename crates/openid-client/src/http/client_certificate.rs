use std::fmt;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

use crate::error::Error;

/// A certificate of the client's own, and its private key, for mutual TLS (RFC 8705).
///
/// Cheap to clone. `Debug` shows no key.
#[derive(Clone)]
pub struct ClientCertificate {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
}

impl ClientCertificate {
    /// The certificates in `chain`, the client's own first, and the private key of that one: both as
    /// PEM texts. The key may be in PKCS#8, PKCS#1 or SEC1.
    ///
    /// # Errors
    ///
    /// [`Error::ClientCertificate`] when there is no certificate or no key, or one that cannot be
    /// read. Whether they belong together is found out when the transport is made.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, Error> {
        let chain = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or(Error::ClientCertificate {
                expected: "at least one certificate in PEM form",
            })?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| Error::ClientCertificate {
            expected: "a private key in PEM form",
        })?;
        let key = Arc::new(key);
        Ok(Self { chain, key })
    }

    pub(super) fn into_parts(self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (self.chain, self.key.clone_key())
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({} certificates)", self.chain.len())
    }
}
