//! A glob import of the crate hides nothing that macros of other crates write, such as `core::mem`.

#![allow(clippy::wildcard_imports, reason = "the test is about one")]

use openid_client::*;

/// A macro that names the standard library without a leading `::`, as many do.
macro_rules! size_of_secret {
    () => {
        core::mem::size_of::<Secret>()
    };
}

#[test]
fn a_glob_import_leaves_core_alone() {
    assert!(size_of_secret!() > 0);
    let error: CoreError = oauth_core::Error::Aborted;
    assert_eq!(Error::from(error).code(), oauth_core::Error::Aborted.code());
}
