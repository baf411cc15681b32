//! `client_secret_jwt`: its claims, its algorithm, and the secrets that it refuses.

use jose::VerifyingKey;
use serde_json::json;

use super::*;
use crate::policy::Tenants;

/// 64 bytes: long enough for each HMAC.
const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn client(registered: Option<&str>) -> ClientMetadata {
    let mut client = ClientMetadata::new("app");
    client.token_endpoint_auth_signing_alg = registered.map(Into::into);
    client
}

fn listing(algorithms: &[&str]) -> ServerMetadata {
    let mut server = testing::server();
    server.token_endpoint_auth_signing_alg_values_supported =
        Some(algorithms.iter().map(ToString::to_string).collect());
    server
}

fn pair(
    server: ServerMetadata,
    client: ClientMetadata,
    method: ClientSecretJwt,
) -> Result<Configuration, Error> {
    let setup = testing::setup()
        .server(|it| *it = server)
        .client_metadata(client);
    let method = ClientAuthentication::ClientSecretJwt(method);
    setup.authentication(method).result()
}

/// Returns the first request of a refresh, with randomness that repeats this byte.
fn refresh(configuration: Configuration, entropy: u8) -> Result<Parameters, Error> {
    let cache = Cache::default();
    let entropy = FixedEntropy(entropy);
    let mut env = testing::env(NOW, 0, &cache);
    env.entropy = &entropy;
    let mut call = Call::new(RefreshTokenRequest {
        configuration,
        refresh_token: Secret::from("r"),
        parameters: Parameters::new(),
    });
    let outbound = match call.step(&mut env, Event::Begin)? {
        Action::Send(outbound) => outbound,
        action => panic!("{action:?}"),
    };
    assert_eq!(outbound.request.headers().get("authorization"), None);
    let body = std::str::from_utf8(outbound.request.body()).unwrap();
    Ok(Parameters::decode(body))
}

fn form(method: ClientSecretJwt, registered: Option<&str>) -> Result<Parameters, Error> {
    refresh(pair(testing::server(), client(registered), method)?, 1)
}

#[test]
fn an_assertion_is_signed_with_the_secret_by_each_hmac() {
    for algorithm in [
        SignatureAlgorithm::HS256,
        SignatureAlgorithm::HS384,
        SignatureAlgorithm::HS512,
    ] {
        let method = ClientSecretJwt::new(SECRET);
        let form = form(method, Some(algorithm.as_str())).unwrap();
        assert_eq!(form.first("client_id"), Some("app"));
        assert_eq!(form.first("client_secret"), None);
        assert_eq!(
            form.first("client_assertion_type"),
            Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        );
        let assertion = form.first("client_assertion").unwrap();
        let (header, _) = testing::decoded(assertion);
        assert_eq!(header, json!({"alg": algorithm.as_str()}));
        let key = VerifyingKey::hmac(SECRET.as_bytes()).unwrap();
        let unverified = Unverified::parse(assertion).unwrap();
        let verified = unverified.verify(&key, algorithm).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(verified.payload()).unwrap();
        assert_eq!(
            claims,
            json!({
                "iss": "app",
                "sub": "app",
                "aud": "https://op.example",
                "jti": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
                "iat": NOW,
                "nbf": NOW,
                "exp": NOW + 60,
            })
        );
    }
}

#[test]
fn the_registration_decides_the_algorithm_and_then_the_server() {
    let with_length = |length: usize| ClientSecretJwt::new(&SECRET[..length]);
    for (listed, registered, length, expected) in [
        (None, None, 32, "HS256"),
        (None, Some("HS512"), 64, "HS512"),
        (Some(&["HS384", "HS256"][..]), Some("HS256"), 64, "HS256"),
        (Some(&["RS256", "HS384", "HS256"]), None, 64, "HS384"),
        // The first algorithm that the secret is long enough for.
        (Some(&["HS512", "HS384", "HS256"]), None, 63, "HS384"),
        (Some(&["RS256", "none"]), None, 64, "HS256"),
    ] {
        let server = listed.map_or_else(testing::server, listing);
        let configuration = pair(server, client(registered), with_length(length)).unwrap();
        let form = refresh(configuration, 1).unwrap();
        let (header, _) = testing::decoded(form.first("client_assertion").unwrap());
        assert_eq!(header["alg"], expected, "{listed:?} {registered:?}");
    }
}

#[test]
fn a_secret_or_an_algorithm_that_makes_no_assertion_is_refused_at_once() {
    let short = "as long as the hash of its HMAC algorithm, at least";
    let hmac = "HS256, HS384 or HS512, for client_secret_jwt";
    let invalid = |argument, expected, found: &str| Misuse::InvalidArgument {
        argument,
        expected,
        found: found.to_owned(),
    };
    let pem = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD\n";
    for (secret, listed, registered, misuse) in [
        (
            &SECRET[..31],
            None,
            None,
            invalid("client_secret", short, "31 bytes for HS256"),
        ),
        (
            &SECRET[..47],
            None,
            Some("HS384"),
            invalid("client_secret", short, "47 bytes for HS384"),
        ),
        (
            &SECRET[..63],
            None,
            Some("HS512"),
            invalid("client_secret", short, "63 bytes for HS512"),
        ),
        (
            &SECRET[..40],
            Some(&["HS512"][..]),
            None,
            invalid("client_secret", short, "40 bytes for HS512"),
        ),
        (
            "",
            None,
            None,
            invalid(
                "client_secret",
                "the secret that the provider has given the client",
                "an empty string",
            ),
        ),
        (
            pem,
            None,
            None,
            invalid(
                "client_secret",
                "a secret that can be the key of an HMAC",
                "a PEM document cannot be a shared secret",
            ),
        ),
        (
            SECRET,
            None,
            Some("ES256"),
            invalid("token_endpoint_auth_signing_alg", hmac, "ES256"),
        ),
        (
            SECRET,
            None,
            Some("none"),
            invalid("token_endpoint_auth_signing_alg", hmac, "none"),
        ),
    ] {
        let server = listed.map_or_else(testing::server, listing);
        let paired = pair(server, client(registered), ClientSecretJwt::new(secret));
        let Err(Error::Misuse(found)) = paired else {
            panic!("{registered:?} accepted");
        };
        assert_eq!(found, misuse);
    }
    let unregistered = ClientSecretJwt::new(ClientSecret::Registered);
    let Err(Error::Misuse(found)) = pair(testing::server(), client(None), unregistered) else {
        panic!("accepted without a secret");
    };
    let missing = Misuse::MissingArgument {
        argument: "client_secret",
        purpose: "client_secret_jwt",
    };
    assert_eq!(found, missing);
}

#[test]
fn a_new_assertion_is_made_for_each_request() {
    let method = ClientSecretJwt::new(SECRET).with_typ("client-authentication+jwt");
    let configuration = pair(testing::server(), client(None), method).unwrap();
    let [first, second] = [1, 2].map(|entropy| refresh(configuration.clone(), entropy).unwrap());
    let jti = |form: &Parameters| {
        let (header, claims) = testing::decoded(form.first("client_assertion").unwrap());
        assert_eq!(header["typ"], "client-authentication+jwt");
        claims["jti"].clone()
    };
    assert_ne!(jti(&first), jti(&second));
}

#[test]
fn an_assertion_can_be_changed_but_not_its_kind_of_key() {
    let modify = |alg: &'static str| {
        let modify = ModifyAssertion::new(move |header, claims| {
            header.insert("alg".to_owned(), alg.into());
            header.insert("kid".to_owned(), "secret-1".into());
            claims.insert("aud".to_owned(), "https://op.example/token".into());
        });
        ClientSecretJwt::new(&SECRET[..48]).modify_assertion(modify)
    };
    let changed = form(modify("HS384"), None).unwrap();
    let (header, claims) = testing::decoded(changed.first("client_assertion").unwrap());
    assert_eq!(header, json!({"alg": "HS384", "kid": "secret-1"}));
    assert_eq!(claims["aud"], "https://op.example/token");
    assert_eq!(claims["iss"], "app");

    let kind = "a header whose alg is HS256, HS384 or HS512";
    let short = "as long as the hash of its HMAC algorithm, at least";
    for (alg, argument, expected, found) in [
        ("ES256", "modify_assertion", kind, "\"ES256\""),
        ("none", "modify_assertion", kind, "\"none\""),
        ("HS512", "client_secret", short, "48 bytes for HS512"),
    ] {
        let Err(Error::Misuse(misuse)) = form(modify(alg), None) else {
            panic!("{alg} accepted");
        };
        let found = found.to_owned();
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument,
                expected,
                found,
            }
        );
    }
}

#[test]
fn a_secret_that_was_registered_replaces_the_one_before() {
    let mut before = client(None);
    before.client_secret = Some(SECRET.into());
    let method = ClientSecretJwt::new(ClientSecret::Registered).with_typ("x+jwt");
    let configuration = pair(testing::server(), before, method).unwrap();
    let another = SECRET.replace('0', "9");
    let mut after = client(None);
    after.token_endpoint_auth_method = Some("client_secret_jwt".to_owned());
    after.client_secret = Some(another.as_str().into());
    let form = refresh(configuration.with_client(after).unwrap(), 1).unwrap();
    let unverified = Unverified::parse(form.first("client_assertion").unwrap()).unwrap();
    assert_eq!(unverified.header().typ(), Some("x+jwt"));
    let key = VerifyingKey::hmac(another.as_bytes()).unwrap();
    unverified.verify(&key, SignatureAlgorithm::HS256).unwrap();
}

/// An issuer that covers all tenants identifies no server (RFC 7523 section 3).
#[test]
fn where_the_issuer_is_a_template_an_assertion_is_for_the_token_endpoint() {
    let mut policy = Policy::default();
    policy.set_tenants(Tenants::any());
    let method = ClientAuthentication::ClientSecretJwt(ClientSecretJwt::new(SECRET));
    let setup = testing::setup().issuer("https://login.microsoftonline.com/{tenantid}/v2.0");
    let setup = setup.policy(policy).authentication(method);
    let form = refresh(setup.build(), 1).unwrap();
    let (_, claims) = testing::decoded(form.first("client_assertion").unwrap());
    assert_eq!(claims["aud"], "https://op.example/token");
}
