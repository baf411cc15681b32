use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use jose::{KeyRejected, PrivateJwk, PrivateKeyFormat, pem};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::error::Error;

/// Root certificates that the application adds to the platform's.
#[derive(Debug, Default)]
pub(crate) struct RootCertificates(Vec<CertificateDer<'static>>);

impl RootCertificates {
    /// Adds every certificate in a PEM text.
    pub(crate) fn add_pem(&mut self, text: &[u8]) -> Result<(), Error> {
        for certificate in certificates("root_certificate_pem", text)? {
            let added = RootCertStore::empty().add(certificate.clone());
            added.map_err(|_| Error::Certificate {
                setting: "root_certificate_pem",
                expected: "an X.509 certificate",
                found: "something else".into(),
            })?;
            self.0.push(certificate);
        }
        Ok(())
    }

    /// These certificates and the platform's. Certificates of the platform that cannot be read are
    /// left out. A platform without certificates is no error: its servers are then not trusted.
    pub(super) fn into_store(self) -> Arc<RootCertStore> {
        let platform = platform();
        if self.0.is_empty() {
            return Arc::clone(platform);
        }
        let mut store = RootCertStore::clone(platform);
        store.add_parsable_certificates(self.0);
        Arc::new(store)
    }
}

/// The platform's root certificates, which are read once in a process and shared.
fn platform() -> &'static Arc<RootCertStore> {
    static PLATFORM: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    PLATFORM.get_or_init(|| {
        #[cfg_attr(
            not(feature = "native-roots"),
            expect(unused_mut, reason = "nothing is added without the feature")
        )]
        let mut store = RootCertStore::empty();
        #[cfg(feature = "native-roots")]
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(store)
    })
}

/// The client's certificate, those of its issuers, and its private key.
pub(crate) struct ClientCertificate {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl ClientCertificate {
    pub(crate) fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, Error> {
        let chain = certificates("client_certificate_pem", chain)?;
        let read = PrivateJwk::from_pem(&String::from_utf8_lossy(key));
        let read = read.map_err(|error| match error {
            jose::Error::KeyRejected(KeyRejected::Pem) => Error::Certificate {
                setting: "client_certificate_pem",
                expected: "a whole PEM document with the label `PRIVATE KEY`",
                found: labels(key),
            },
            error => Error::Key(error),
        })?;
        // Written in the one form that rustls reads for every kind of key.
        let der = read.to_der(PrivateKeyFormat::Pkcs8).map_err(Error::Key)?;
        Ok(Self {
            chain,
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.to_vec())),
        })
    }
}

/// The certificates in a PEM text, under each of their labels (RFC 7468 section 5.1).
fn certificates(setting: &'static str, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let documents = pem::documents(text).filter(|document| {
        matches!(
            document.label(),
            "CERTIFICATE" | "X509 CERTIFICATE" | "X.509 CERTIFICATE"
        )
    });
    let certificates = documents
        .map(|document| Ok(CertificateDer::from(document.der()?.to_vec())))
        .collect::<Result<Vec<_>, KeyRejected>>();
    let certificates = certificates.map_err(|_| Error::Certificate {
        setting,
        expected: "certificates in PEM form",
        found: "a section that is not PEM".into(),
    })?;
    match certificates.is_empty() {
        true => Err(Error::Certificate {
            setting,
            expected: "at least one PEM document with the label `CERTIFICATE`",
            found: labels(text),
        }),
        false => Ok(certificates),
    }
}

/// What a PEM text that lacks something holds: its labels, for messages.
fn labels(text: &[u8]) -> Cow<'static, str> {
    let labels: Vec<_> = pem::documents(text)
        .take(5)
        .map(|document| format!("`{}`", document.label()))
        .collect();
    match labels.is_empty() {
        true => "no PEM document".into(),
        false => format!("PEM documents with the labels {}", labels.join(", ")).into(),
    }
}
