use std::time::Duration;

use super::*;
use crate::error::Misuse;
use crate::resource_server::{DPoPNonces, MemoryReplayStore, ReplayStore, Unstored};
use crate::secret::Secret;
use crate::time::UnixTime;

const MINUTE: Duration = Duration::from_secs(60);

fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}

#[test]
fn a_name_is_kept_until_it_expires_and_a_full_store_refuses() {
    let store = MemoryReplayStore::new(2);
    assert_eq!(store.insert("a", at(0), at(10)), Ok(()));
    assert_eq!(store.insert("a", at(10), at(20)), Err(Unstored::Replayed));
    assert_eq!(store.insert("b", at(10), at(20)), Ok(()));
    assert_eq!(store.insert("c", at(10), at(20)), Err(Unstored::Full));
    assert_eq!(store.insert("b", at(10), at(20)), Err(Unstored::Replayed));
    assert_eq!(store.insert("c", at(11), at(20)), Ok(()));
    assert_eq!(store.insert("a", at(11), at(20)), Err(Unstored::Full));
    assert_eq!(store.insert("a", at(21), at(30)), Ok(()));
}

#[test]
fn a_nonce_is_of_its_key_and_survives_the_next_key() {
    let [old, new] = [1, 2].map(|byte| Secret::new(vec![byte; 32]));
    let before = DPoPNonces::new(std::slice::from_ref(&old), MINUTE).unwrap();
    let during = DPoPNonces::new(&[new.clone(), old], MINUTE).unwrap();
    let after = DPoPNonces::new(&[new], MINUTE).unwrap();
    let nonce = before.current(at(NOW)).unwrap();
    assert!(during.recognises(&nonce, at(NOW)));
    assert!(!after.recognises(&nonce, at(NOW)));
    assert_eq!(during.current(at(NOW)), after.current(at(NOW)));
    assert!(!before.recognises("", at(NOW)));
    for (keys, window) in [
        (&[][..], 60),
        (&[Secret::new(vec![1; 31])], 60),
        (&[Secret::new(vec![1; 32])], 0),
        (&[Secret::new(vec![1; 32])], 3601),
    ] {
        assert!(matches!(
            DPoPNonces::new(keys, Duration::from_secs(window)),
            Err(Error::Misuse(Misuse::InvalidArgument { .. }))
        ));
    }
}
