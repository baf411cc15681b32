use std::fmt;
use std::sync::Arc;

use jose::{KeyRejected, PrivateJwk, PrivateKeyFormat};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::roots::{CERTIFICATES, certificates, labels};
use crate::error::Error;

/// A certificate of the client and its private key, for mutual TLS (RFC 8705).
///
/// Cheap to clone. `Debug` shows no key.
#[derive(Clone)]
pub struct ClientCertificate {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
}

impl ClientCertificate {
    /// Reads the certificates in `chain`, that of the client first, and the private key of the
    /// first one. Both are PEM texts, and may be the same text; [`jose::pem`] describes their
    /// format. The key may be in PKCS#8, PKCS#1 or SEC1.
    ///
    /// # Errors
    ///
    /// [`Error::ClientCertificate`] when there is no certificate or no key in PEM form;
    /// [`Error::Key`] for a key that cannot be read, for example because it is encrypted. Whether
    /// certificate and key belong together is checked when the transport is made.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, Error> {
        let chain = chain_of(chain)?;
        let read = PrivateJwk::from_pem(&String::from_utf8_lossy(key));
        Self::new(chain, key, read)
    }

    /// Reads the same with a private key that a passphrase protects (`ENCRYPTED PRIVATE KEY`); see
    /// [`PrivateJwk::from_encrypted_pem`].
    ///
    /// # Errors
    ///
    /// The errors of [`from_pem`](Self::from_pem); [`Error::Key`] for a wrong passphrase, and
    /// without the feature `encrypted-keys`.
    pub fn from_encrypted_pem(
        chain: &[u8],
        key: &[u8],
        passphrase: impl AsRef<[u8]>,
    ) -> Result<Self, Error> {
        let chain = chain_of(chain)?;
        let read = PrivateJwk::from_encrypted_pem(&String::from_utf8_lossy(key), passphrase);
        Self::new(chain, key, read)
    }

    /// The key is written in another form, because rustls does not read every form.
    fn new(
        chain: Vec<CertificateDer<'static>>,
        pem: &[u8],
        key: Result<PrivateJwk, jose::Error>,
    ) -> Result<Self, Error> {
        let key = key.map_err(|error| match error {
            jose::Error::KeyRejected(KeyRejected::Pem) => Error::ClientCertificate {
                expected: "a whole PEM document with the label `PRIVATE KEY`",
                found: labels(pem),
            },
            error => Error::Key(error),
        })?;
        let der = key.to_der(PrivateKeyFormat::Pkcs8).map_err(Error::Key)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.to_vec()));
        Ok(Self {
            chain,
            key: Arc::new(key),
        })
    }

    pub(super) fn into_parts(self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (self.chain, self.key.clone_key())
    }
}

fn chain_of(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let chain: Result<Vec<_>, _> = certificates(pem).collect();
    chain
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or_else(|| Error::ClientCertificate {
            expected: CERTIFICATES,
            found: labels(pem),
        })
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({} certificates)", self.chain.len())
    }
}
