//! Key sets: the number of keys that verify signatures, and the keys that are skipped, with the
//! reason.

use jose::{JwkSet, KeyRejected};
use oauth_core::endpoint::{Endpoint, JwksEndpoint};
use oauth_core::metadata::ClientMetadata;
use oauth_core::time::UnixTime;

use crate::{KEYCLOAK, case, configuration, json, laboratory};

fn read(document: &'static str) -> JwkSet {
    let configuration = configuration(KEYCLOAK, ClientMetadata::new("app"), laboratory());
    let now = UnixTime::from_seconds(0);
    JwksEndpoint::new(configuration)
        .response(now, &json(document))
        .unwrap()
}

#[test]
fn every_key_that_signs_is_there() {
    for (document, kids) in [
        (
            case!("jwks-canaille-0.3.6.json"),
            &[
                "ptZTiZK5U1giv57BbLur95C4KiGlkpZmT1VGTQ9w3DQ",
                "yrlPVLP74nclbhCZZOBYbHcLbi48nerdq1Xb8lKbCPY",
            ][..],
        ),
        (
            case!("jwks-dex-2026-08-06.json"),
            &["94ae8ac59368859fc6683d7e2e31c9a945acf145"],
        ),
        (
            case!("jwks-django-oauth-toolkit-3.4.1.json"),
            &["lrT-5gi16f0xB5fPHPXbzLXlJHpsI5dyW3vWsteOVvw"],
        ),
        (
            case!("jwks-glewlwyd-2.7.5.json"),
            &[
                "glw-rs256",
                "glw-ps256",
                "glw-es256",
                "glw-es384",
                "glw-es512",
                "glw-eddsa",
            ],
        ),
        (
            case!("jwks-hydra-2.3.0.json"),
            &[
                "e3f4c36b-90ec-46d5-a95b-27fc423c63ba",
                "9a84118d-3598-4c81-bf6d-00a63f8ddf6a",
            ],
        ),
        (
            case!("jwks-keycloak-26.4.7.json"),
            &[
                "YfOBmoE3WWW_7pt1_yHQ828STclxKtLEeGZguEkzrBg",
                "UGZ6E8xvsAzf2UHF3ecbkzPVOPqux1zDLARPse_YOn8",
                "3p8aYOnoAhZwpYbTWZdodTau2iRiX62jEYfRE17Ke-U",
                "UEkf2prM2oajZxW9-v2RXW4w46d2EOcjiRPxhnKoNVc",
                "WMWsCnuv2EvETzutAfjlIOs1L-QLpQS7kZoHEmucY9w",
                "XaNB8YloiDShwuzeapPtQvBpQIRGiQizDpoA8vPuXLE",
            ],
        ),
        (case!("jwks-llng-2.16.1.json"), &["llng-1"]),
        (
            case!("jwks-spring-authorization-server-1.5.3.json"),
            &["rsa-1", "ec-1"],
        ),
    ] {
        let set = read(document);
        let found: Vec<_> = set
            .keys()
            .iter()
            .map(|key| key.jwk().kid().unwrap())
            .collect();
        assert_eq!(found, kids);
        let is_keycloak = kids.len() == 6 && kids[0].starts_with("YfO");
        assert_eq!(set.skipped().len(), usize::from(is_keycloak), "{kids:?}");
    }
}

/// Keycloak's encryption key does not verify signatures.
#[test]
fn a_key_for_encryption_is_skipped_for_its_use() {
    let set = read(case!("jwks-keycloak-26.4.7.json"));
    let [skipped] = set.skipped() else {
        panic!("{:?}", set.skipped());
    };
    assert_eq!(skipped.index(), 1);
    assert_eq!(
        skipped.kid(),
        Some("DcqoJao88kHpmB_Jr-cT--M5Tb77sLMlMLyVLhgk-Jg")
    );
    assert!(
        matches!(
            skipped.reason(),
            jose::Error::KeyRejected(KeyRejected::PublicKeyUse { .. })
        ),
        "{:?}",
        skipped.reason()
    );
    assert_eq!(
        skipped.reason().to_string(),
        "the JWK's `use` is `enc`, which does not permit this operation"
    );
}
