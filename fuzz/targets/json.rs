//! The strict reader accepts only what serde_json accepts, and reads the same value.

#![no_main]

use jose::json;
use jose::json::Limits;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let lenient: Result<serde_json::Value, _> = serde_json::from_slice(data);
    match (json::parse(data, Limits::new(1 << 16, 32)), lenient) {
        (Ok(strict), lenient) => {
            assert_eq!(
                strict.to_owned_value(),
                lenient.expect("JSON that is valid")
            );
        }
        (Err(json::Error::Syntax { .. }), lenient) => assert!(lenient.is_err()),
        _ => {}
    }
});
