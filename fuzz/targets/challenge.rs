//! Every challenge of a valid `WWW-Authenticate` header has lower-case names.

#![no_main]

use oauth_core::challenge::Challenge;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for challenge in Challenge::parse(text).unwrap_or_default() {
        assert!(!challenge.scheme.is_empty());
        assert_eq!(challenge.scheme, challenge.scheme.to_ascii_lowercase());
        assert!(challenge.token68.is_none() || challenge.parameters.is_empty());
        for name in challenge.parameters.keys() {
            assert_eq!(*name, name.to_ascii_lowercase());
        }
    }
});
