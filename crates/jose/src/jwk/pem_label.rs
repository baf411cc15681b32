//! Advice for PEM documents whose label is not accepted.

/// The text that follows "cannot be used here" in the message.
pub(super) fn advice(label: &str) -> &'static str {
    match label {
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => {
            "; it is a private key: `SigningKey::from_pem`, `DecryptionKey::from_pem` and \
             `PrivateJwk::from_pem` read it, and `public_jwk` gives its public half"
        }
        "ENCRYPTED PRIVATE KEY" => {
            "; it is an encrypted private key: `PrivateJwk::from_encrypted_pem` reads it, and \
             `public_jwk` gives its public half"
        }
        "PUBLIC KEY" | "RSA PUBLIC KEY" => {
            "; it is a public key, which `Jwk::from_pem` and `VerifyingKey::from_pem` read; the \
             private key is in another document"
        }
        "CERTIFICATE" | "X509 CERTIFICATE" | "X.509 CERTIFICATE" => {
            "; it holds a public key, which `Jwk::from_pem` and `VerifyingKey::from_pem` read; the \
             private key is in another document"
        }
        "TRUSTED CERTIFICATE" => "; `openssl x509 -in FILE` writes the certificate in it",
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
            "; `openssl req -noout -pubkey -in FILE` writes the public key in it"
        }
        "PKCS7" | "CMS" => "; `openssl pkcs7 -print_certs -in FILE` writes the certificates in it",
        "OPENSSH PRIVATE KEY" => "; `ssh-keygen -p -m PKCS8 -f FILE` converts it",
        "EC PARAMETERS" => {
            "; it names a curve and holds no key, which is in a separate document (`openssl ecparam \
             -genkey` writes both)"
        }
        "DH PARAMETERS" | "DSA PARAMETERS" | "X509 CRL" => "; it holds no key",
        "DSA PRIVATE KEY" | "DSA PUBLIC KEY" => "; no algorithm of JOSE uses a DSA key",
        "PGP PRIVATE KEY BLOCK" | "PGP PUBLIC KEY BLOCK" => "; PGP keys are not supported",
        _ => "",
    }
}
