//! Mutual TLS (RFC 8705): which requests may present the certificate, and where they go.

use crate::cache::Cache;
use crate::client_auth::ClientAuthentication;
use crate::configuration::Configuration;
use crate::endpoint::{ExpectedSubject, JwksEndpoint, RefreshTokenRequest, UserInfoEndpoint};
use crate::flow::Call;
use crate::metadata::{ClientMetadata, MtlsEndpointAliases};
use crate::operation::{Event, Operation};
use crate::outbound::Outbound;
use crate::testing;
use crate::testing::{NOW, sent};
use crate::wire::Parameters;

fn configuration(
    authentication: ClientAuthentication,
    set: impl FnOnce(&mut ClientMetadata),
) -> Configuration {
    let aliases = MtlsEndpointAliases {
        token_endpoint: Some("https://mtls.op.example/token".to_owned()),
        ..MtlsEndpointAliases::default()
    };
    let setup = testing::setup().authentication(authentication);
    let setup = setup.server(|it| it.mtls_endpoint_aliases = Some(aliases));
    setup.client(set).build()
}

fn begin<O: Operation<Output: std::fmt::Debug>>(mut operation: O) -> Outbound {
    let cache = Cache::new();
    sent(operation.step(&mut testing::env(NOW, 0, &cache), Event::Begin))
}

fn refresh(configuration: &Configuration) -> Outbound {
    begin(Call::new(RefreshTokenRequest {
        configuration: configuration.clone(),
        refresh_token: "rt".into(),
        parameters: Parameters::new(),
    }))
}

#[test]
fn the_certificate_names_the_client_and_the_body_says_which() {
    for method in [
        ClientAuthentication::TlsClientAuth,
        ClientAuthentication::SelfSignedTlsClientAuth,
    ] {
        let outbound = refresh(&configuration(method, |_| {}));
        assert!(outbound.client_certificate);
        assert_eq!(outbound.request.uri(), "https://mtls.op.example/token");
        assert!(!outbound.request.headers().contains_key("authorization"));
        let form = str::from_utf8(outbound.request.body()).unwrap();
        assert_eq!(
            form,
            "grant_type=refresh_token&refresh_token=rt&client_id=app"
        );
    }
}

#[test]
fn who_shows_a_certificate_and_who_uses_the_aliases() {
    let tls = || ClientAuthentication::TlsClientAuth;
    let public = || ClientAuthentication::None;
    let bound = |client: &mut ClientMetadata| {
        client.tls_client_certificate_bound_access_tokens = Some(true);
    };
    let aliases =
        |wanted| move |client: &mut ClientMetadata| client.use_mtls_endpoint_aliases = Some(wanted);
    for (configuration, certificate, alias) in [
        (configuration(public(), |_| {}), false, false),
        (configuration(public(), bound), true, true),
        (configuration(public(), aliases(true)), true, true),
        (configuration(public(), aliases(false)), false, false),
        (configuration(tls(), aliases(true)), true, true),
        (configuration(tls(), aliases(false)), true, false),
    ] {
        let outbound = refresh(&configuration);
        assert_eq!(outbound.client_certificate, certificate);
        let host = match alias {
            true => "mtls.op.example",
            false => "op.example",
        };
        assert_eq!(outbound.request.uri().host(), Some(host));

        // A bound access token needs the certificate.
        let user_info = begin(Call::new(UserInfoEndpoint::new(
            configuration.clone(),
            "at",
            ExpectedSubject::DangerUnchecked,
        )));
        assert_eq!(user_info.client_certificate, certificate);

        // Public documents need no certificate.
        let keys = begin(Call::new(JwksEndpoint::new(configuration.clone())));
        assert!(!keys.client_certificate);
        assert_eq!(keys.request.uri(), "https://op.example/jwks");
    }
}
