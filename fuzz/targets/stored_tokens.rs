//! Stored tokens, plain and sealed, are restored only for their own issuer and client.

#![no_main]

use oauth_core::authorization::SealingKey;
use oauth_core::configuration::Configuration;
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::policy::Policy;
use oauth_core::source::StoredTokenSet;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let configuration = configuration();
    let key = SealingKey::new([7; 32]);
    let keys = [key.clone()];
    if let Ok(stored) = serde_json::from_slice::<StoredTokenSet>(data) {
        let written = serde_json::to_string(&stored).expect("JSON");
        let again: StoredTokenSet =
            serde_json::from_str(&written).expect("tokens that were written");
        assert_eq!(serde_json::to_string(&again).expect("JSON"), written);
        assert!(!format!("{again:?}").contains("super-secret"));
        let sealed = stored.seal(&key, "name").expect("a sealed value");
        // Sealed tokens open for this issuer and client only.
        let own = stored.issuer() == configuration.server().issuer
            && stored.client_id() == configuration.client().client_id;
        let opened = StoredTokenSet::open(&keys, &configuration, "name", &sealed);
        assert_eq!(opened.is_ok(), own);
        assert!(StoredTokenSet::open(&keys, &configuration, "other", &sealed).is_err());
        assert!(own || stored.restore(&configuration).is_err());
    }
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(StoredTokenSet::open(&keys, &configuration, "name", text).is_err());
    }
});

fn configuration() -> Configuration {
    let server = ServerMetadata::new("https://op.example");
    Configuration::new(server, ClientMetadata::new("app"), Policy::default()).expect("a client")
}
