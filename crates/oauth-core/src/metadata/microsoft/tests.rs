//! The issuers that Microsoft's servers, and only they, may publish.

use super::IssuerTemplate;
use crate::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint, Endpoint};
use crate::error::{Error, Reason};
use crate::policy::{Policy, TenantId};
use crate::testing::{NOW, response};
use crate::time::UnixTime;

const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const OTHER: &str = "82229342-1101-4ab6-817b-70c0747630f3";

/// The tables write `T` for one tenant, `U` for another and `{t}` for the template.
fn spelled(text: &str) -> String {
    text.replace("/T/", &format!("/{TENANT}/"))
        .replace("/U/", &format!("/{OTHER}/"))
        .replace("{t}", "{tenantid}")
}

/// Whether a document from `asked` that publishes the issuer `published` is accepted, with http
/// allowed.
fn believed(asked: &str, published: &str, algorithm: DiscoveryAlgorithm) -> bool {
    let (asked, published) = (spelled(asked), spelled(published));
    let mut policy = Policy::default();
    policy.danger_allow_insecure_requests();
    let discovery = DiscoveryEndpoint::new(&asked, algorithm, policy).unwrap();
    let document = response(200, format!(r#"{{"issuer":"{published}"}}"#));
    match discovery.response(UnixTime::from_seconds(NOW), &document) {
        Ok(metadata) => {
            assert_eq!(metadata.issuer, published);
            true
        }
        Err(Error::Rejected(rejection)) => {
            assert_eq!(
                rejection.reason,
                Reason::AttributeMismatch {
                    member: "issuer",
                    expected: Some(asked),
                    found: Some(published),
                }
            );
            false
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn issuers_of_entra_id_are_believed_from_its_hosts() {
    let login = "https://login.microsoftonline.com";
    for (asked, published) in [
        ("/common/v2.0", "/{t}/v2.0"),
        ("/organizations/v2.0", "/{t}/v2.0"),
        ("/organizations/v2.0/", "/{t}/v2.0"),
        ("/consumers/v2.0", "/T/v2.0"),
        ("/contoso.onmicrosoft.com/v2.0", "/T/v2.0"),
        ("/T/v2.0", "/T/v2.0"),
    ] {
        for host in [
            login,
            "https://login.microsoftonline.us",
            "https://login.partner.microsoftonline.cn",
        ] {
            let (asked, published) = (format!("{host}{asked}"), format!("{host}{published}"));
            let published_here = believed(&asked, &published, DiscoveryAlgorithm::Oidc);
            assert!(published_here, "{asked} {published}");
        }
    }
    for (asked, published) in [
        ("/common/", "https://sts.windows.net/{t}/"),
        ("/common", "https://sts.windows.net/{t}/"),
        ("/contoso.com/", "https://sts.windows.net/T/"),
        ("/T/", "https://sts.windows.net/T/"),
    ] {
        let asked = format!("{login}{asked}");
        let published_here = believed(&asked, published, DiscoveryAlgorithm::Oidc);
        assert!(published_here, "{asked} {published}");
    }
    assert!(believed(
        "https://login.partner.microsoftonline.cn/common",
        "https://sts.chinacloudapi.cn/{t}/",
        DiscoveryAlgorithm::Oidc,
    ));
}

#[test]
fn only_microsoft_gets_the_exception() {
    let common = "https://login.microsoftonline.com/common/v2.0";
    let template = "https://login.microsoftonline.com/{t}/v2.0";
    for (asked, published) in [
        // Hosts that resemble Microsoft's.
        (
            "https://login.microsoftonline.com.evil.example/common/v2.0",
            template,
        ),
        (
            "https://evil.example/login.microsoftonline.com/common/v2.0",
            template,
        ),
        ("https://xlogin.microsoftonline.com/common/v2.0", template),
        ("https://microsoftonline.com/common/v2.0", template),
        ("https://login-microsoftonline.com/common/v2.0", template),
        (
            "https://login.microsoftonline.com:444/common/v2.0",
            template,
        ),
        ("https://login.microsoftonline.com./common/v2.0", template),
        ("http://login.microsoftonline.com/common/v2.0", template),
        // Issuers that a document of Microsoft's servers must not publish.
        (
            common,
            "https://login.microsoftonline.com.evil.example/{t}/v2.0",
        ),
        (
            common,
            "https://login.microsoftonline.com@evil.example/{t}/v2.0",
        ),
        (common, "https://evil.example/{t}/v2.0"),
        (common, "http://login.microsoftonline.com/{t}/v2.0"),
        (common, "https://login.microsoftonline.com:444/{t}/v2.0"),
        (common, "https://login.microsoftonline.com//{t}/v2.0"),
        (common, "https://login.microsoftonline.com/{t}/v2.0/"),
        (common, "https://login.microsoftonline.com/{t}/v2.0?x"),
        (common, "https://login.microsoftonline.com/{t}"),
        (common, "https://login.microsoftonline.com/{t}/"),
        (common, "https://login.microsoftonline.com/{t}/x/v2.0"),
        (common, "https://login.microsoftonline.com/{t}/{t}/v2.0"),
        (common, "https://login.microsoftonline.com/../{t}/v2.0"),
        (common, "https://LOGIN.microsoftonline.com/{t}/v2.0"),
        (common, "https://login.microsoftonline.us/{t}/v2.0"),
        (common, "https://sts.windows.net/{t}/"),
        (common, "not a URL"),
        // The template under the name of one tenant, and one tenant under `common`.
        (common, "https://login.microsoftonline.com/T/v2.0"),
        (
            "https://login.microsoftonline.com/contoso.com/v2.0",
            template,
        ),
        ("https://login.microsoftonline.com/consumers/v2.0", template),
        ("https://login.microsoftonline.com/T/v2.0", template),
        (
            "https://login.microsoftonline.com/T/v2.0",
            "https://login.microsoftonline.com/U/v2.0",
        ),
        (
            "https://login.microsoftonline.com/T/",
            "https://sts.windows.net/U/",
        ),
        ("https://login.microsoftonline.com/common/", template),
        (
            "https://login.microsoftonline.com/",
            "https://sts.windows.net/{t}/",
        ),
        (
            "https://login.microsoftonline.com/contoso.com/v2.0",
            "https://login.microsoftonline.com/fabrikam.com/v2.0",
        ),
        (
            "https://login.microsoftonline.com/contoso.com/v2.0",
            "https://login.microsoftonline.com/T/../v2.0",
        ),
        (
            "https://login.microsoftonline.com/a/b/v2.0",
            "https://login.microsoftonline.com/T/v2.0",
        ),
    ] {
        let published_here = believed(asked, published, DiscoveryAlgorithm::Oidc);
        assert!(!published_here, "{asked} {published}");
    }
    assert!(!believed(common, template, DiscoveryAlgorithm::Oauth2));
}

#[test]
fn issuers_of_b2c_are_believed_from_the_host_of_their_tenant() {
    let flow = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_sign_in/v2.0";
    let tfp = "https://contoso.b2clogin.com/tfp/contoso.onmicrosoft.com/b2c_1_sign_in/v2.0";
    let plain = "https://contoso.b2clogin.com/T/v2.0/";
    let with_flow = "https://contoso.b2clogin.com/tfp/T/b2c_1_sign_in/v2.0/";
    for asked in [flow, tfp] {
        for published in [plain, with_flow] {
            let published_here = believed(asked, published, DiscoveryAlgorithm::Oidc);
            assert!(published_here, "{asked} {published}");
        }
    }
    for (asked, published) in [
        (flow, "https://fabrikam.b2clogin.com/T/v2.0/"),
        (flow, "https://contoso.b2clogin.com/T/v2.0"),
        (flow, "https://contoso.b2clogin.com/{t}/v2.0/"),
        (flow, "https://contoso.b2clogin.com/contoso/v2.0/"),
        (flow, "https://contoso.b2clogin.com/x/T/v2.0/"),
        (flow, "https://contoso.b2clogin.com/tfp/T/b2c_1_other/v2.0/"),
        (
            flow,
            "https://contoso.b2clogin.com/tfp/T/x/b2c_1_sign_in/v2.0/",
        ),
        (flow, "https://contoso.b2clogin.com/tfp/T/v2.0/"),
        (
            flow,
            "https://contoso.b2clogin.com/tfp/contoso.onmicrosoft.com/b2c_1_sign_in/v2.0/",
        ),
        (flow, "https://login.microsoftonline.com/T/v2.0/"),
        (
            "https://b2clogin.com/c/f/v2.0",
            "https://b2clogin.com/T/v2.0/",
        ),
        (
            "https://.b2clogin.com/c/f/v2.0",
            "https://.b2clogin.com/T/v2.0/",
        ),
        (
            "https://a.b.b2clogin.com/c/f/v2.0",
            "https://a.b.b2clogin.com/T/v2.0/",
        ),
        (
            "https://xb2clogin.com/c/f/v2.0",
            "https://xb2clogin.com/T/v2.0/",
        ),
        (
            "https://contoso.b2clogin.com.evil.example/c/f/v2.0",
            "https://contoso.b2clogin.com.evil.example/T/v2.0/",
        ),
        ("http://contoso.b2clogin.com/c/f/v2.0", plain),
        ("https://contoso.b2clogin.com:444/c/f/v2.0", plain),
    ] {
        let published_here = believed(asked, published, DiscoveryAlgorithm::Oidc);
        assert!(!published_here, "{asked} {published}");
    }
}

#[test]
fn a_template_gives_the_issuer_of_one_tenant_and_knows_it_again() {
    let tenant = TenantId::parse(TENANT).unwrap();
    for text in [
        "https://login.microsoftonline.com/{t}/v2.0",
        "https://login.microsoftonline.us/{t}/v2.0",
        "https://login.partner.microsoftonline.cn/{t}/v2.0",
        "https://sts.windows.net/{t}/",
        "https://sts.chinacloudapi.cn/{t}/",
    ] {
        let text = spelled(text);
        let template = IssuerTemplate::of(&text).unwrap();
        let issuer = template.issuer(&tenant);
        assert_eq!(issuer, text.replace("{tenantid}", TENANT));
        assert_eq!(template.tenant(&issuer), Some(tenant.clone()));
        assert!(template.is(&text) && !template.is(&issuer));
        assert_eq!(template.tenant(&text), None);
        assert_eq!(template.tenant(&issuer.to_uppercase()), None);
        assert_eq!(template.tenant(&format!("{issuer}/")), None);
        assert_eq!(template.tenant(&format!(" {issuer}")), None);
    }
    for text in [
        "https://login.microsoftonline.com/T/v2.0",
        "https://login.microsoftonline.com/{t}/",
        "https://sts.windows.net/{t}/v2.0",
        "https://sts.windows.net/{t}",
        "https://op.example/{t}/v2.0",
        "http://login.microsoftonline.com/{t}/v2.0",
        "https://login.microsoftonline.com/{t}/v2.0{t}",
        "{t}",
    ] {
        assert!(IssuerTemplate::of(&spelled(text)).is_none(), "{text}");
    }
}
