//! Signatures that could pass for good ones.

use jose::jws::Unverified;
use jose::{Error, SignatureAlgorithm, base64url};

use crate::{published, published_key, refused_by_openssl};

/// CVE-2022-21449, and signatures that are not `r` and `s` side by side.
#[test]
fn ecdsa_signatures_of_the_wrong_shape() {
    let entry = published("ES256");
    let token = entry["compact"].as_str().unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = base64url::decode(signature).unwrap();
    let (r, s) = signature.split_at(32);
    let key = published_key("ES256");
    // The order of P-256 (FIPS 186-4 D.1.2.3): equal to zero as a scalar.
    let n = base64url::decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE").unwrap();
    for wrong in [
        [&[0; 32], s].concat(),
        [r, &[0; 32]].concat(),
        [0; 64].to_vec(),
        [&n, s].concat(),
        [r, &n].concat(),
        [&[0xff; 32], s].concat(),
        [&[0], r, &[0], s].concat(),
        r.to_vec(),
    ] {
        assert_eq!(
            key.verify(SignatureAlgorithm::ES256, input.as_bytes(), &wrong),
            Err(Error::Signature)
        );
    }
    let der = refused_by_openssl("der_ecdsa");
    let der = Unverified::parse(der.as_str().unwrap()).unwrap();
    assert_eq!(
        der.verify(&key, SignatureAlgorithm::ES256).unwrap_err(),
        Error::Signature
    );
}

#[test]
fn a_pss_salt_of_another_length() {
    let token = refused_by_openssl("pss_salt_20");
    let unverified = Unverified::parse(token.as_str().unwrap()).unwrap();
    assert_eq!(
        unverified
            .verify(&published_key("PS256"), SignatureAlgorithm::PS256)
            .unwrap_err(),
        Error::Signature
    );
}

#[test]
fn one_rsa_scheme_does_not_pass_for_another() {
    let entry = published("RS256");
    let (input, signature) = entry["compact"].as_str().unwrap().rsplit_once('.').unwrap();
    let signature = base64url::decode(signature).unwrap();
    let key = published_key("RS256");
    assert_eq!(
        key.verify(SignatureAlgorithm::RS256, input.as_bytes(), &signature),
        Ok(())
    );
    for alg in ["RS384", "RS512", "PS256", "PS384", "PS512"] {
        assert_eq!(
            key.verify(alg.parse().unwrap(), input.as_bytes(), &signature),
            Err(Error::Signature),
            "{alg}"
        );
    }
}
