//! A discovery document is accepted only for its own issuer, and writing it keeps its content.

#![no_main]

use bytes::Bytes;
use http::Response;
use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint, Endpoint as _};
use oauth_core::metadata::{ClientMetadata, ServerMetadata};
use oauth_core::policy::Policy;
use oauth_core::time::UnixTime;
use url::Url;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let algorithm = DiscoveryAlgorithm::default();
    let discovery = DiscoveryEndpoint::new("https://op.example", algorithm, Policy::default());
    let discovery = discovery.expect("an issuer");
    let response = Response::new(Bytes::copy_from_slice(data));
    if let Ok(server) = discovery.response(UnixTime::from_seconds(0), &response) {
        // The issuer may be any spelling of the same URL.
        let issuer = Url::parse(&server.issuer).expect("the issuer");
        assert_eq!(issuer.as_str(), "https://op.example/");
        let written = serde_json::to_vec(&server.to_json()).expect("JSON");
        assert_eq!(
            ServerMetadata::from_json(&written).expect("a document that was written"),
            server
        );
    }
    if let Ok(client) = ClientMetadata::from_json(data) {
        let written = serde_json::to_vec(&client.to_json()).expect("JSON");
        assert!(ClientMetadata::from_json(&written).is_ok());
    }
});
