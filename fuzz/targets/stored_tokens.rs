//! Stored tokens, plain and sealed, are restored only for their own issuer and client. What is
//! under the right key is read or refused, and every change to a sealed value is found out.

#![no_main]

use jose::jwe::{
    ContentEncryption, ContentEncryptionKey, KeyManagement, ProtectedHeader, encrypt_direct,
};
use oauth_core::authorization::SealingKey;
use oauth_core::configuration::Configuration;
use oauth_core::flow::TokenSet;
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::policy::Policy;
use oauth_core::source::{SharedBackOff, StoredTokenSet};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let configuration = configuration();
    let key = SealingKey::new([7; 32]);
    let keys = [key.clone()];
    if let Ok(stored) = serde_json::from_slice::<StoredTokenSet>(data) {
        let written = serde_json::to_string(&stored).expect("JSON");
        let again: StoredTokenSet =
            serde_json::from_str(&written).expect("tokens that were written");
        assert_eq!(serde_json::to_string(&again).expect("JSON"), written);
        let is_shown = format!("{again:?}").contains("super-secret");
        assert!(!is_shown || is_public(&written));
        let sealed = stored.seal(&key, "name").expect("a sealed value");
        // Sealed tokens open for this issuer and client only.
        let own = stored.issuer() == configuration.server().issuer
            && stored.client_id() == configuration.client().client_id;
        let opened = StoredTokenSet::open(&keys, &configuration, "name", &sealed);
        assert_eq!(opened.is_ok(), own);
        assert!(StoredTokenSet::open(&keys, &configuration, "other", &sealed).is_err());
        let restored = stored.restore(&configuration);
        assert!(own || restored.is_err());
        if let Some(text) = restored.ok().as_ref().and_then(TokenSet::session_state) {
            // It goes into a page, and into a message in which a space separates it.
            assert!((1..=4096).contains(&text.len()));
            assert!(!text.contains(|c: char| c.is_control() || c.is_whitespace()));
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(StoredTokenSet::open(&keys, &configuration, "name", text).is_err());
        assert!(SharedBackOff::open(&keys, &configuration, "name", text).is_err());
    }
    let stored: StoredTokenSet = serde_json::from_str(TOKENS).expect("tokens");
    let sealed = stored.seal(&key, "name").expect("a sealed value");
    let open = |text: &str| StoredTokenSet::open(&keys, &configuration, "name", text);
    // Anything under the key and for this name is read as the plain form is.
    let content = open(&with_content(&sealed, data));
    let plain = serde_json::from_slice::<StoredTokenSet>(data);
    assert_eq!(content.is_ok(), plain.is_ok());
    if let Some(changed) = changed(&sealed, data) {
        assert!(open(&changed).is_err());
    }
});

/// Whether the text is also in a member that is not secret, for example in the scope.
fn is_public(written: &str) -> bool {
    let mut public: serde_json::Value = serde_json::from_str(written).expect("JSON");
    let members = public.as_object_mut().expect("an object");
    members.remove("access_token");
    members.remove("refresh_token");
    if let Some(id_token) = members.get_mut("id_token") {
        id_token.as_object_mut().expect("an object").remove("jwt");
    }
    public.to_string().contains("super-secret")
}

/// The sealed value with this content in place of its own.
fn with_content(sealed: &str, content: &[u8]) -> String {
    let header = sealed.split('.').next().expect("a header");
    let header = jose::base64url::decode(header).expect("base64url");
    let header: serde_json::Value = serde_json::from_slice(&header).expect("JSON");
    let enc = ContentEncryption::A256GCM;
    let same = ProtectedHeader::new(KeyManagement::Direct, enc).typ("token-set");
    let same = same.member("binding", header["binding"].clone());
    let key = ContentEncryptionKey::new(enc, &[7; 32]).expect("a key");
    encrypt_direct(&same.expect("a header"), &key, content).expect("a sealed value")
}

/// The sealed value with one character replaced, at the place that the input names; `None` where
/// the input names no other character.
fn changed(sealed: &str, data: &[u8]) -> Option<String> {
    let [high, low, character, ..] = *data else {
        return None;
    };
    let place = usize::from(u16::from_be_bytes([high, low])) % sealed.len();
    let mut bytes = sealed.as_bytes().to_vec();
    if !character.is_ascii() || bytes[place] == character {
        return None;
    }
    bytes[place] = character;
    String::from_utf8(bytes).ok()
}

const TOKENS: &str = r#"{"version":1,"issuer":"https://op.example","client_id":"app","access_token":"a","token_type":"Bearer","received_at":1700000000,"expires_at":null,"scope":null,"refresh_token":"r","id_token":null,"login":null,"dpop_jkt":null,"issued_token_type":null}"#;

fn configuration() -> Configuration {
    let server = ServerMetadata::new("https://op.example");
    Configuration::new(server, ClientMetadata::new("app"), Policy::default()).expect("a client")
}
