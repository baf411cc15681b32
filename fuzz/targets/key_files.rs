//! Key files in PEM and DER are read or rejected, and writing a key keeps it.

#![no_main]

use jose::{
    Error, Jwk, KeyRejected, PrivateJwk, PrivateKeyFormat, PublicKeyFormat, SigningKey,
    VerifyingKey,
};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for format in [
        PublicKeyFormat::Spki,
        PublicKeyFormat::Pkcs1,
        PublicKeyFormat::Certificate,
    ] {
        if let Ok(key) = Jwk::from_der(format, data) {
            let spki = key.to_der(PublicKeyFormat::Spki).expect("DER");
            let again =
                Jwk::from_der(PublicKeyFormat::Spki, &spki).expect("a key that was written");
            assert_eq!(key.thumbprint(), again.thumbprint());
        }
    }
    for format in [
        PrivateKeyFormat::Pkcs8,
        PrivateKeyFormat::Pkcs1,
        PrivateKeyFormat::Sec1,
    ] {
        if let Ok(key) = PrivateJwk::from_der(format, data) {
            let pkcs8 = key.to_der(PrivateKeyFormat::Pkcs8).expect("DER");
            let again = PrivateJwk::from_der(PrivateKeyFormat::Pkcs8, &pkcs8);
            let again = again.expect("a key that was written");
            assert_eq!(unbound(&key.to_json()), unbound(&again.to_json()));
        }
    }
    // An expanded key can sign, but has no form as a JWK.
    let expanded = Err(Error::KeyRejected(KeyRejected::ExpandedKey));
    if PrivateJwk::from_der(PrivateKeyFormat::Pkcs8, data).map(|_| ()) == expanded
        && let Ok(key) = SigningKey::from_pkcs8_der(data)
    {
        let algorithm = key.algorithm_default();
        let signature = key.sign(algorithm, b"message").expect("a signature");
        let public = VerifyingKey::from_jwk(&key.public_jwk().expect("a public key"));
        let verified = public
            .expect("a key")
            .verify(algorithm, b"message", &signature);
        assert_eq!(verified, Ok(()));
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Jwk::from_pem(text);
        let _ = PrivateJwk::from_pem(text);
    }
});

/// Returns the JSON of a key without a PS algorithm. PKCS#8 has the plain RSA identifier, which
/// names no algorithm.
fn unbound(json: &str) -> String {
    let bound = json.strip_prefix("{\"alg\":\"PS");
    let rest = bound.and_then(|rest| rest.split_once("\","));
    rest.map_or_else(|| json.to_owned(), |(_, rest)| format!("{{{rest}"))
}
