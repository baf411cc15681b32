use super::*;

/// RFC 8252 section 7: a private scheme, a claimed https URI, and loopback with the port at hand.
#[test]
fn the_redirect_uri_of_a_native_application_is_sent_and_remembered() {
    for redirect_uri in [
        "com.example.app:/cb",
        "https://app.example/claimed",
        "http://127.0.0.1:4711/cb",
        "http://[::1]:4711/cb",
    ] {
        let (url, pending) = begin(request().redirect_uri(redirect_uri)).unwrap();
        let sent: Vec<_> = url
            .query_pairs()
            .filter(|(name, _)| name == "redirect_uri")
            .map(|(_, value)| value.into_owned())
            .collect();
        assert_eq!(sent, [redirect_uri]);
        let (remembered, _) = pending.into_checks(crate::time::UnixTime::from_seconds(NOW));
        assert_eq!(remembered, redirect_uri);
    }
}
