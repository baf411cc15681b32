use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use jose::{KeyRejected, pem};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::error::Error;

/// Root certificates that the application adds to the platform's, and server certificates that it
/// trusts themselves.
#[derive(Debug, Clone, Default)]
pub struct RootCertificates {
    roots: Vec<CertificateDer<'static>>,
    pinned: Vec<CertificateDer<'static>>,
    /// Whether the platform's verifier decides.
    is_by_platform: bool,
}

impl RootCertificates {
    /// Adds every certificate in a PEM text, which must contain at least one; [`jose::pem`] says
    /// how such a text may be laid out.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`] when there is none, or one that cannot be read. Those before it stay.
    pub fn add_pem(&mut self, pem: &[u8]) -> Result<(), Error> {
        read_pem(pem, |der| self.add_der(der))
    }

    /// Trusts every certificate in a PEM text, which must contain at least one, as the certificate
    /// of a server, byte for byte and without a check of its issuer: for example a self-signed
    /// certificate in a laboratory, which may be marked as a certificate authority's. Its name and
    /// its dates are still checked. Certificates that it has issued are not trusted.
    ///
    /// # Errors
    ///
    /// The errors of [`add_pem`](Self::add_pem).
    pub fn pin_pem(&mut self, pem: &[u8]) -> Result<(), Error> {
        read_pem(pem, |der| {
            self.pinned.push(readable(der)?);
            Ok(())
        })
    }

    /// Adds one certificate in DER form.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`] when it cannot be read.
    pub fn add_der(&mut self, der: &[u8]) -> Result<(), Error> {
        self.roots.push(readable(der)?);
        Ok(())
    }

    /// Lets the verifier of the platform decide about the certificates of servers; see
    /// [`ClientBuilder::platform_verifier`](crate::ClientBuilder::platform_verifier).
    #[cfg(feature = "platform-verifier")]
    pub const fn use_platform_verifier(&mut self) {
        self.is_by_platform = true;
    }

    /// Whether the platform's verifier decides.
    pub(crate) const fn is_by_platform(&self) -> bool {
        self.is_by_platform
    }

    /// The platform's verifier, which trusts these roots as well.
    #[cfg(feature = "platform-verifier")]
    pub(super) fn into_platform_verifier(
        self,
        provider: Arc<rustls::crypto::CryptoProvider>,
    ) -> Result<rustls_platform_verifier::Verifier, Error> {
        rustls_platform_verifier::Verifier::new_with_extra_roots(self.roots, provider)
            .map_err(Error::Tls)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.roots.is_empty() && self.pinned.is_empty()
    }

    /// Whether a certificate is trusted as a server's own.
    pub(crate) const fn has_pinned(&self) -> bool {
        !self.pinned.is_empty()
    }

    /// The certificates that are trusted as servers' own.
    pub(super) fn pinned(&self) -> &[CertificateDer<'static>] {
        &self.pinned
    }

    /// These certificates, the platform's (feature `native-roots`) and those of Mozilla's list
    /// (feature `webpki-roots`). Certificates of the platform that cannot be read are left out. A
    /// platform without certificates is no error: its servers are then not trusted.
    pub(super) fn into_store(self) -> Arc<RootCertStore> {
        let platform = platform();
        if self.roots.is_empty() {
            return Arc::clone(platform);
        }
        let mut store = RootCertStore::clone(platform);
        store.add_parsable_certificates(self.roots);
        Arc::new(store)
    }
}

/// The root certificates that the features name, which are read once in a process and shared.
/// Reading them blocks.
fn platform() -> &'static Arc<RootCertStore> {
    static PLATFORM: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    PLATFORM.get_or_init(|| {
        #[cfg_attr(
            not(any(feature = "native-roots", feature = "webpki-roots")),
            expect(unused_mut, reason = "nothing is added without the features")
        )]
        let mut store = RootCertStore::empty();
        #[cfg(feature = "native-roots")]
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        #[cfg(feature = "webpki-roots")]
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        Arc::new(store)
    })
}

/// Reads the platform's root certificates, if that was not done before, on a thread for blocking
/// work.
pub(crate) async fn load_platform_roots() {
    // Where it fails, they are read when they are needed.
    let _ = tokio::task::spawn_blocking(platform).await;
}

/// Hands on every certificate in a PEM text, in DER form.
fn read_pem(pem: &[u8], mut add: impl FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
    let mut is_empty = true;
    for certificate in certificates(pem) {
        let certificate = certificate.map_err(|_| Error::Certificate {
            expected: "certificates in PEM form",
            found: "a section that is not PEM".into(),
        })?;
        add(certificate.as_ref())?;
        is_empty = false;
    }
    match is_empty {
        true => Err(Error::Certificate {
            expected: CERTIFICATES,
            found: labels(pem),
        }),
        false => Ok(()),
    }
}

/// The certificate, if it can be trusted at all.
fn readable(der: &[u8]) -> Result<CertificateDer<'static>, Error> {
    let certificate = CertificateDer::from(der.to_vec());
    RootCertStore::empty()
        .add(certificate.clone())
        .map_err(|_| Error::Certificate {
            expected: "an X.509 certificate in DER form",
            found: "something else".into(),
        })?;
    Ok(certificate)
}

/// What a PEM text that lacks something holds: its labels, for messages.
pub(super) fn labels(text: &[u8]) -> Cow<'static, str> {
    let labels: Vec<_> = pem::documents(text)
        .take(LABELS_SHOWN)
        .map(|document| format!("`{}`", document.label()))
        .collect();
    match labels.is_empty() {
        true => "no PEM document".into(),
        false => format!("PEM documents with the labels {}", labels.join(", ")).into(),
    }
}

/// The most labels in a message.
const LABELS_SHOWN: usize = 5;

/// What a text must hold that is to have certificates.
pub(super) const CERTIFICATES: &str = "at least one PEM document with the label `CERTIFICATE`";

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

#[cfg(all(test, feature = "webpki-roots"))]
mod tests {
    use super::RootCertificates;

    #[test]
    fn bundled_roots_are_trusted() {
        let store = RootCertificates::default().into_store();
        let bundled = webpki_roots::TLS_SERVER_ROOTS;
        assert!(!bundled.is_empty());
        assert!(bundled.iter().all(|root| store.roots.contains(root)));
    }
}
