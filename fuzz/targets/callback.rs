//! Parsers of callbacks and pending logins accept or reject any input without a panic.

#![no_main]

use oauth_core::authorization::{Callback, PendingLogin, SealingKey};
use oauth_core::time::UnixTime;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(pending) = serde_json::from_slice::<PendingLogin>(data) {
        let written = serde_json::to_string(&pending).expect("JSON");
        let again: PendingLogin = serde_json::from_str(&written).expect("a login that was written");
        assert_eq!(pending.state(), again.state());
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let _ = Callback::from_query(text).state();
    let _ = Callback::from_url(text).map(|callback| callback.state().map(str::len));
    let key = SealingKey::new([7; 32]);
    assert!(PendingLogin::open(&key, text, UnixTime::from_seconds(0)).is_err());
});
