//! A key set keeps or reports every entry, and selects a key only if exactly one fits.

#![no_main]

use jose::jws::Unverified;
use jose::{JwkSet, base64url};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let cut = data
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(data.len());
    let (document, rest) = data.split_at(cut);
    let Ok(set) = JwkSet::parse(document) else {
        return;
    };
    let value: serde_json::Value = serde_json::from_slice(document).expect("JSON");
    let entries = value["keys"].as_array().expect("an array").len();
    // Entries with the same key are one key.
    assert!(set.keys().len() + set.skipped().len() <= entries);
    assert_eq!(
        set.keys().is_empty() && set.skipped().is_empty(),
        entries == 0
    );

    let header = rest.get(1..).filter(|header| !header.is_empty());
    for header in [
        header,
        Some(br#"{"alg":"ES256"}"#),
        Some(br#"{"alg":"RS256","kid":"1"}"#),
    ] {
        let token = format!("{}.e30.", base64url::encode(header.unwrap_or_default()));
        if let Ok(unverified) = Unverified::parse(&token)
            && let Ok(key) = set.select(unverified.header())
        {
            assert_eq!(
                key.verifying_key().family(),
                unverified.header().alg().key_family()
            );
            let kid = unverified.header().kid();
            assert!(kid.is_none() || kid == key.jwk().kid());
        }
    }
});
