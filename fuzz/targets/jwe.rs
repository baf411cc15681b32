//! Decryption rejects a token that was not encrypted for the key, and a token with a changed byte.

#![no_main]

use std::sync::LazyLock;

use jose::base64url;
use jose::jwe::{
    Accepted, ContentEncryption, DecryptionKey, Encrypted, EncryptionKey, KeyManagement,
    ProtectedHeader, encrypt,
};

const ACCEPTED: Accepted<'_> = Accepted {
    alg: KeyManagement::ALL,
    enc: ContentEncryption::ALL,
};

/// Keys that encrypted none of the vectors.
static KEYS: LazyLock<Vec<DecryptionKey>> = LazyLock::new(|| {
    let mut keys: Vec<_> = [16, 24, 32, 48, 64]
        .map(|length| DecryptionKey::symmetric(&vec![0x5a; length]).expect("a key"))
        .into();
    keys.extend(
        [jose::KeyFamily::P256, jose::KeyFamily::X25519]
            .into_iter()
            .filter_map(|family| DecryptionKey::generate(family).ok()),
    );
    keys
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(token) = std::str::from_utf8(data) {
        open_with_all(token);
    }
    let [selection, flip, rest @ ..] = data else {
        return;
    };

    // An arbitrary header, before parts of the right lengths.
    let header = base64url::encode(rest);
    let part = |length: usize| base64url::encode(&vec![*flip; length]);
    open_with_all(&format!(
        "{header}.{}.{}.{}.{}",
        part(40),
        part(12),
        part(32),
        part(16)
    ));
    open_with_all(&format!("{header}..{}.{}.{}", part(16), part(32), part(16)));

    // A valid token, and then the same token with one byte changed.
    let (alg, length) = [
        (KeyManagement::Direct, 32),
        (KeyManagement::A256KW, 32),
        (KeyManagement::A128GCMKW, 16),
    ][usize::from(*selection) % 3];
    let enc = if alg == KeyManagement::Direct {
        ContentEncryption::A256GCM
    } else {
        ContentEncryption::ALL[usize::from(*selection) % ContentEncryption::ALL.len()]
    };
    let secret = vec![9; length];
    let (Ok(sealing), Ok(opening)) = (
        EncryptionKey::symmetric(&secret),
        DecryptionKey::symmetric(&secret),
    ) else {
        return;
    };
    let token = encrypt(&ProtectedHeader::new(alg, enc), &sealing, rest).expect("sealed");
    let opened = Encrypted::parse(&token, ACCEPTED).and_then(|token| token.decrypt(&opening));
    assert_eq!(opened.as_deref(), Ok(rest));

    let mut changed = token.into_bytes();
    let place = usize::from(*flip) * 7919 % changed.len();
    changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
    if let Ok(changed) = std::str::from_utf8(&changed)
        && let Ok(changed) = Encrypted::parse(changed, ACCEPTED)
    {
        assert!(changed.decrypt(&opening).is_err());
    }
});

fn open_with_all(token: &str) {
    for key in KEYS.iter() {
        if let Ok(encrypted) = Encrypted::parse(token, ACCEPTED) {
            assert!(encrypted.decrypt(key).is_err());
        }
    }
}
