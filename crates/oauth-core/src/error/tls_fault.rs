use std::fmt;

/// Why there is no trusted TLS connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsFault {
    /// The server's certificate has expired, or the client's clock is ahead.
    Expired,
    /// The server's certificate is not valid yet, or the client's clock is behind.
    NotYetValid,
    /// The server's certificate is for other names than the one in the URL.
    OtherName,
    /// No trusted authority issued the server's certificate, or the server leaves out the
    /// certificates between its own and a trusted one. An authority of the same name whose key is
    /// another one counts as unknown.
    UnknownIssuer,
    /// The server shows the certificate of a certificate authority as its own. Such a certificate
    /// can be trusted as a root, and issue one for the server; it cannot be the server's.
    AuthorityAsServer,
    /// The server's certificate is not meant for servers.
    OtherPurpose,
    /// The server's certificate has been revoked.
    Revoked,
    /// The server's certificate cannot be used for another reason.
    UnusableCertificate,
    /// The server does not accept the client's certificate, or wants one and was shown none.
    ClientCertificate,
    /// The handshake failed in another way; what answers may not speak TLS.
    Handshake,
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => {
                "the server's certificate has expired, or the clock of this machine is ahead"
            }
            Self::NotYetValid => {
                "the server's certificate is not valid yet, or the clock of this machine is behind"
            }
            Self::OtherName => {
                "the server's certificate is for other names than the host in the URL"
            }
            Self::UnknownIssuer => {
                "the server's certificate has an unknown issuer: no trusted root leads to it; \
                 `root_certificate_pem` adds a root"
            }
            Self::AuthorityAsServer => {
                "the server shows a certificate authority's certificate as its own"
            }
            Self::OtherPurpose => "the server's certificate is not meant for servers",
            Self::Revoked => "the server's certificate has been revoked",
            Self::UnusableCertificate => "the server's certificate cannot be used",
            Self::ClientCertificate => {
                "the server refused the client's certificate, or requires one and was shown none; \
                 `client_certificate_pem` sets it"
            }
            Self::Handshake => "the TLS handshake failed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::TlsFault;

    #[test]
    fn a_fault_that_a_setting_cures_names_it() {
        for (fault, end) in [
            (TlsFault::Expired, "or the clock of this machine is ahead"),
            (
                TlsFault::NotYetValid,
                "or the clock of this machine is behind",
            ),
            (
                TlsFault::UnknownIssuer,
                "no trusted root leads to it; `root_certificate_pem` adds a root",
            ),
            (
                TlsFault::ClientCertificate,
                "was shown none; `client_certificate_pem` sets it",
            ),
        ] {
            let text = fault.to_string();
            assert!(text.ends_with(end), "{text}");
        }
    }
}
