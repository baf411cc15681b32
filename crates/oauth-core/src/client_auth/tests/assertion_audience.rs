//! The audience of client assertions, and the destinations of those for the token endpoint.

use super::*;
use crate::client_auth::claims_of_client;
use crate::endpoint::RevocationEndpoint;
use crate::error::MetadataError;
use crate::metadata::MtlsEndpointAliases;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The methods that send an assertion, each with its key.
fn methods() -> [(ClientAuthentication, Option<SigningKey>); 2] {
    let (key, private) = private_key_jwt();
    let secret = ClientSecretJwt::new(SECRET);
    [
        (ClientAuthentication::PrivateKeyJwt(private), Some(key)),
        (ClientAuthentication::ClientSecretJwt(secret), None),
    ]
}

fn configuration_of(server: ServerMetadata, method: ClientAuthentication) -> Configuration {
    let mut policy = Policy::default();
    policy.danger.token_endpoint_as_assertion_audience = true;
    let setup = testing::setup().server(|it| *it = server).policy(policy);
    setup.authentication(method).build()
}

/// Returns `aud` of the assertion in a revocation request.
fn audience(
    configuration: Configuration,
    key: Option<&SigningKey>,
) -> Result<serde_json::Value, Error> {
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    let mut call = Call::new(RevocationEndpoint::new(configuration, "rt"));
    let mut action = call.step(&mut env, Event::Begin)?;
    if let Action::UseKey(job) = &action {
        let KeyJob::Sign {
            algorithm, input, ..
        } = job
        else {
            panic!("{job:?}");
        };
        let signature = key.unwrap().sign(*algorithm, input).unwrap();
        action = call.step(&mut env, Event::KeyUsed(KeyResult::Signature(signature)))?;
    }
    let Action::Send(outbound) = action else {
        panic!("{action:?}");
    };
    let form = Parameters::decode(str::from_utf8(outbound.request.body()).unwrap());
    let (_, claims) = testing::decoded(form.first("client_assertion").unwrap());
    Ok(claims["aud"].clone())
}

fn server(revocation_endpoint: &str) -> ServerMetadata {
    let mut server = testing::server();
    server.revocation_endpoint = Some(revocation_endpoint.to_owned());
    server
}

#[test]
fn an_assertion_is_for_the_issuer_or_under_the_switch_for_the_token_endpoint() {
    for (method, key) in methods() {
        let server = server("https://op.example/revoke");
        let dangerous = configuration_of(server, method);
        let strict = dangerous.with_policy(Policy::default());
        assert_eq!(
            audience(strict, key.as_ref()).unwrap(),
            "https://op.example"
        );
        assert_eq!(
            audience(dangerous, key.as_ref()).unwrap(),
            "https://op.example/token"
        );
    }
}

/// Another origin may belong to an attacker, who could use the assertion at the token endpoint.
#[test]
fn an_assertion_for_the_token_endpoint_goes_to_its_origin_alone() {
    for (endpoint, origin) in [
        ("https://evil.example/revoke", "https://evil.example"),
        ("https://op.example:8443/revoke", "https://op.example:8443"),
        (
            "https://op.example.evil.example/",
            "https://op.example.evil.example",
        ),
        ("https://www.op.example/revoke", "https://www.op.example"),
    ] {
        for (method, key) in methods() {
            let dangerous = configuration_of(server(endpoint), method);
            let strict = dangerous.with_policy(Policy::default());
            audience(strict, key.as_ref()).unwrap();
            let Err(Error::Misuse(misuse)) = audience(dangerous, key.as_ref()) else {
                panic!("sent to {endpoint}");
            };
            assert_eq!(
                misuse,
                Misuse::InvalidArgument {
                    argument: "danger.token_endpoint_as_assertion_audience",
                    expected: "off for an endpoint that is not at the origin of the token endpoint",
                    found: origin.to_owned(),
                }
            );
        }
    }
}

/// Returns the result for a server with this revocation endpoint and this alias of the token
/// endpoint, for a client that uses aliases or does not.
fn audience_with_alias(
    revocation_endpoint: &str,
    alias: Option<&str>,
    uses_aliases: Option<bool>,
    has_bound_tokens: bool,
) -> Vec<Result<String, String>> {
    let outcome = |(method, key): (ClientAuthentication, Option<SigningKey>)| {
        let mut server = server(revocation_endpoint);
        server.mtls_endpoint_aliases = Some(MtlsEndpointAliases {
            token_endpoint: alias.map(str::to_owned),
            ..MtlsEndpointAliases::default()
        });
        let mut client = ClientMetadata::new("app");
        client.use_mtls_endpoint_aliases = uses_aliases;
        client.tls_client_certificate_bound_access_tokens = Some(has_bound_tokens);
        let configuration = configuration_of(server, method)
            .with_client(client)
            .unwrap();
        match audience(configuration, key.as_ref()) {
            Ok(audience) => Ok(audience.as_str().unwrap().to_owned()),
            Err(Error::Misuse(Misuse::InvalidArgument {
                argument: "danger.token_endpoint_as_assertion_audience",
                found,
                ..
            })) => Err(found),
            Err(error) => panic!("{error}"),
        }
    };
    methods().map(outcome).to_vec()
}

#[test]
fn the_alias_of_the_token_endpoint_is_the_audience_at_its_own_origin() {
    let alias = "https://mtls.op.example/token";
    let refused = Err("https://mtls.op.example".to_owned());
    for (endpoint, alias, expected) in [
        (
            "https://mtls.op.example/revoke",
            Some(alias),
            Ok(alias.to_owned()),
        ),
        (
            "https://mtls.op.example/revoke",
            Some("https://elsewhere.op.example/token"),
            refused.clone(),
        ),
        (
            "https://mtls.op.example/revoke",
            Some("no URL"),
            refused.clone(),
        ),
        ("https://mtls.op.example/revoke", None, refused),
        (
            "https://op.example/revoke",
            Some(alias),
            Ok("https://op.example/token".to_owned()),
        ),
    ] {
        for (uses_aliases, has_bound_tokens) in [(Some(true), false), (None, true)] {
            let found = audience_with_alias(endpoint, alias, uses_aliases, has_bound_tokens);
            assert_eq!(found, vec![expected.clone(); 2], "{endpoint} {alias:?}");
        }
    }
}

/// An attacker's metadata contain another server's token endpoint and an alias of the attacker.
#[test]
fn an_alias_causes_no_assertion_for_another_token_endpoint() {
    let (endpoint, alias) = ("https://evil.example/revoke", "https://evil.example/x");
    for (uses_aliases, has_bound_tokens) in
        [(None, false), (Some(false), false), (Some(false), true)]
    {
        let found = audience_with_alias(endpoint, Some(alias), uses_aliases, has_bound_tokens);
        let refused = Err("https://evil.example".to_owned());
        assert_eq!(found, vec![refused; 2], "{uses_aliases:?}");
    }
    // A client that uses aliases names the attacker's own alias, which other servers refuse.
    let found = audience_with_alias(endpoint, Some(alias), Some(true), false);
    assert_eq!(found, vec![Ok(alias.to_owned()); 2]);
}

#[test]
fn a_server_without_a_token_endpoint_is_no_audience() {
    for (method, key) in methods() {
        let mut server = server("https://op.example/revoke");
        server.token_endpoint = None;
        let error = audience(configuration_of(server, method), key.as_ref());
        let Err(Error::Metadata(error)) = error else {
            panic!("{error:?}");
        };
        let member = "token_endpoint";
        assert_eq!(error, MetadataError::Missing { member });
    }
}

/// The audience of request objects is the issuer, with the switch too (RFC 9101 section 4).
#[test]
fn the_switch_is_for_assertions_alone() {
    let (_, private) = private_key_jwt();
    let method = ClientAuthentication::PrivateKeyJwt(private);
    let configuration = configuration_of(testing::server(), method);
    let cache = Cache::default();
    let claims = claims_of_client(configuration.parties(), &testing::env(NOW, 0, &cache)).unwrap();
    assert_eq!(claims["aud"], "https://op.example");
}
