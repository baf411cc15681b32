use super::{DiscoveryAlgorithm, DiscoveryEndpoint};
use crate::policy::Policy;

/// Before the metadata are there, only the URL that was asked for says whose tokens they concern.
#[test]
fn the_issuers_of_tokens_that_a_server_may_issue() {
    use DiscoveryAlgorithm::{Oauth2, Oidc};
    const ID: &str = "aaaaaaaa-0000-4000-8000-000000000001";
    let entra = |name: &str| format!("https://login.microsoftonline.com/{name}/v2.0");
    let b2c = |path: &str| format!("https://shop.b2clogin.com/{path}/v2.0");
    for (asked, algorithm, iss, expected) in [
        (
            "https://op.example".to_owned(),
            Oidc,
            "https://op.example".to_owned(),
            true,
        ),
        (
            "https://OP.example:443".to_owned(),
            Oidc,
            "https://op.example/".to_owned(),
            true,
        ),
        (
            "https://op.example/a".to_owned(),
            Oidc,
            "https://op.example/b".to_owned(),
            false,
        ),
        (
            "https://op.example".to_owned(),
            Oidc,
            "https://op.example/a".to_owned(),
            false,
        ),
        (
            "https://op.example".to_owned(),
            Oidc,
            "https://op.example.evil".to_owned(),
            false,
        ),
        ("https://op.example".to_owned(), Oidc, String::new(), false),
        (entra("common"), Oidc, entra(ID), true),
        (entra("organizations"), Oidc, entra(ID), true),
        (entra("contoso.example"), Oidc, entra(ID), true),
        (entra(ID), Oidc, entra(ID), true),
        (
            entra("bbbbbbbb-0000-4000-8000-000000000002"),
            Oidc,
            entra(ID),
            false,
        ),
        (entra("common"), Oidc, entra("contoso.example"), false),
        (
            entra("common"),
            Oidc,
            format!("https://evil.example/{ID}/v2.0"),
            false,
        ),
        // Only this algorithm permits another issuer.
        (entra("common"), Oauth2, entra(ID), false),
        (
            b2c("shop.example/flow"),
            Oidc,
            format!("{}/", b2c(ID)),
            true,
        ),
        (b2c("shop.example/flow"), Oidc, entra(ID), false),
    ] {
        let endpoint = DiscoveryEndpoint::new(&asked, algorithm, Policy::default()).unwrap();
        assert_eq!(endpoint.may_issue(&iss), expected, "{asked} {iss}");
    }
    let any = DiscoveryEndpoint::danger_document("https://op.example/any", Policy::default());
    assert!(any.unwrap().may_issue("https://other.example"));
}
