//! Parsers of callbacks and pending logins accept or reject any input without a panic. A login that
//! another party initiates is for the own server and opens a page of the application.

#![no_main]

use oauth_core::authorization::{
    AuthorizationRequest, Callback, LoginInitiation, PendingLogin, SealingKey,
};
use oauth_core::configuration::Configuration;
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::policy::Policy;
use oauth_core::time::UnixTime;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(pending) = serde_json::from_slice::<PendingLogin>(data) {
        let written = serde_json::to_string(&pending).expect("JSON");
        let again: PendingLogin = serde_json::from_str(&written).expect("a login that was written");
        assert_eq!(pending.state(), again.state());
        // A login that was sealed for one name is opened under that name alone.
        let key = SealingKey::new([7; 32]);
        let sealed = pending.seal_for(&key, "name").expect("a sealed login");
        let (keys, now) = ([key], pending.created_at());
        let opened = PendingLogin::open_for(&keys, "name", &sealed, now).expect("a sealed login");
        assert_eq!(opened.state(), pending.state());
        assert!(PendingLogin::open_for(&keys, "other", &sealed, now).is_err());
        assert!(PendingLogin::open(&keys[0], &sealed, now).is_err());
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let _ = Callback::from_query(text).state();
    let _ = Callback::from_url(text).map(|callback| callback.state().map(str::len));
    let key = SealingKey::new([7; 32]);
    let now = UnixTime::from_seconds(0);
    assert!(PendingLogin::open(&key, text, now).is_err());
    assert!(PendingLogin::open_for(&[key], "name", text, now).is_err());
    for initiation in [
        LoginInitiation::from_url(text),
        LoginInitiation::from_form_post(text),
    ] {
        initiation
            .map(|initiation| accept(&initiation))
            .unwrap_or_default();
    }
});

fn accept(initiation: &LoginInitiation) {
    let server = ServerMetadata::new("https://op.example");
    let client = ClientMetadata::new("app");
    let configuration = Configuration::new(server, client, Policy::default());
    let request = AuthorizationRequest::new(configuration.expect("a configuration"));
    let is_own = |url: &url::Url| url.host_str() == Some("app.example");
    if let Ok((_, target)) = initiation.accept(request, is_own) {
        assert_eq!(initiation.iss(), "https://op.example");
        assert!(
            initiation
                .client_id()
                .is_none_or(|client_id| client_id == "app")
        );
        if let Some(target) = target {
            assert_eq!(
                (target.scheme(), target.host_str()),
                ("https", Some("app.example"))
            );
            assert!(target.username().is_empty() && target.password().is_none());
        }
    }
}
