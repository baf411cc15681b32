use super::discovery;
use crate::endpoint::{DiscoveryAlgorithm, Endpoint as _};
use crate::error::Reason;
use crate::testing::response;
use crate::time::UnixTime;

#[test]
fn a_document_at_another_url_names_the_same_issuer() {
    let internal = "https://op.internal:8443/realm/.well-known/openid-configuration?k=1";
    let endpoint = discovery("https://op.example/t", DiscoveryAlgorithm::Oidc);
    let endpoint = endpoint.metadata_url(internal).unwrap();
    assert_eq!(endpoint.request().unwrap().url.as_str(), internal);
    assert!(!format!("{endpoint:?}").contains("k=1"));
    let read = |issuer| {
        let body = format!(r#"{{"issuer":"{issuer}"}}"#);
        endpoint.response(UnixTime::from_seconds(0), &response(200, body))
    };
    assert_eq!(
        read("https://op.example/t").unwrap().issuer,
        "https://op.example/t"
    );
    // That of the URL, and another one.
    for other in ["https://op.internal:8443/realm", "https://op.example"] {
        let error = read(other).unwrap_err();
        assert_eq!(
            error.rejection().unwrap().reason,
            Reason::AttributeMismatch {
                member: "issuer",
                expected: Some("https://op.example/t".to_owned()),
                found: Some(other.to_owned()),
            }
        );
    }
    let endpoint = discovery("https://op.example/t", DiscoveryAlgorithm::Oidc);
    let error = endpoint.metadata_url("http://op.internal").unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
}
