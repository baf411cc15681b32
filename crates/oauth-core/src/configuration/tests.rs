use bytes::Bytes;
use http::HeaderMap;
use jose::SignatureAlgorithm;

use super::Configuration;
use crate::cache::Cache;
use crate::client_auth::{
    ClientAuthentication, ClientSecret, ClientSecretBasic, ClientSecretJwt, PrivateKeyJwt,
};
use crate::endpoint::RefreshTokenRequest;
use crate::error::{Error, MetadataError, Misuse};
use crate::flow::{Call, ClientCredentialsGrant};
use crate::key::KeyReference;
use crate::metadata::{ClientMetadata, MtlsEndpointAliases, ServerMetadata};
use crate::names::{EndpointName, KeyName};
use crate::operation::{Action, Event, Operation};
use crate::testing::script::Script;
use crate::testing::{NOW, env, setup};
use crate::wire::Parameters;

#[test]
fn a_setting_that_cannot_work_is_refused_at_once() {
    let new = |client| setup().client_metadata(client).result().unwrap_err();
    assert_eq!(
        argument(new(ClientMetadata::new(""))),
        ("client_id", "an empty string".to_owned())
    );
    for name in ["None", "rs256", "RSA-OAEP", ""] {
        let mut client = ClientMetadata::new("app");
        client.id_token_signed_response_alg = Some(name.into());
        assert_eq!(
            argument(new(client)),
            ("id_token_signed_response_alg", name.to_owned())
        );
    }
    let mut client = ClientMetadata::new("app");
    client.id_token_signed_response_alg = Some("HS256".into());
    assert!(matches!(
        new(client.clone()),
        Error::Misuse(Misuse::MissingArgument {
            argument: "client_secret",
            ..
        })
    ));
    client.client_secret = Some("0123456789abcdef0123456789abcde".into());
    assert_eq!(
        argument(new(client.clone())),
        ("client_secret", "31 bytes for HS256".to_owned())
    );
    client.client_secret = Some("0123456789abcdef0123456789abcdef".into());
    setup().client_metadata(client).build();

    for issuer in ["https://op.example?secret", "https://op.example/#secret"] {
        let error = setup().issuer(issuer).result();
        let Err(Error::Metadata(error)) = error else {
            panic!("{issuer}: {error:?}");
        };
        assert_eq!(
            error,
            MetadataError::Invalid {
                member: "issuer",
                expected: "a URL without query and fragment",
                found: "one with them".to_owned(),
            }
        );
    }
}

/// The URL parser would remove these characters, and the result would be another issuer.
#[test]
fn an_issuer_has_no_spaces_and_control_characters() {
    for issuer in [
        "https://op.example\n",
        " https://op.example",
        "https://op.exam\tple",
        "https://op.example/a b",
        "https://op.example/\u{1b}[2J",
        "https://op.example/\u{a0}",
    ] {
        let error = setup().issuer(issuer).result();
        let Err(Error::Metadata(MetadataError::Invalid {
            member, expected, ..
        })) = error
        else {
            panic!("{issuer:?}: {error:?}");
        };
        assert_eq!(member, "issuer");
        assert_eq!(expected, "a URL without spaces and control characters");
    }
}

#[test]
fn an_endpoint_is_checked_when_it_is_used() {
    for (url, expected) in [
        (
            None,
            MetadataError::Missing {
                member: "token_endpoint",
            },
        ),
        (
            Some("/token"),
            MetadataError::Invalid {
                member: "token_endpoint",
                expected: "an absolute URL",
                found: "/token".to_owned(),
            },
        ),
        (
            Some("https://me:secret@[op.example?secret"),
            MetadataError::Invalid {
                member: "token_endpoint",
                expected: "an absolute URL",
                found: "[op.example".to_owned(),
            },
        ),
        (
            Some("https://op.example/\r\ntoken?secret"),
            MetadataError::Invalid {
                member: "token_endpoint",
                expected: "a URL without spaces and control characters",
                found: "https://op.example/\\r\\ntoken".to_owned(),
            },
        ),
        (
            Some("https://op.example/token "),
            MetadataError::Invalid {
                member: "token_endpoint",
                expected: "a URL without spaces and control characters",
                found: "https://op.example/token ".to_owned(),
            },
        ),
        (
            Some("http://op.example/token?secret"),
            MetadataError::NotHttps {
                member: "token_endpoint",
                found: "http://op.example".to_owned(),
            },
        ),
        (
            Some("file:///etc/passwd"),
            MetadataError::Scheme {
                member: "token_endpoint",
                found: "file".to_owned(),
            },
        ),
        (
            Some("https://me:secret@op.example/token"),
            MetadataError::Invalid {
                member: "token_endpoint",
                expected: "a URL without user name and password",
                found: "one with them".to_owned(),
            },
        ),
    ] {
        let setup = setup().server(|it| it.token_endpoint = url.map(str::to_owned));
        let configuration = setup.build();
        let Err(Error::Metadata(error)) = configuration.endpoint(EndpointName::Token) else {
            panic!();
        };
        assert_eq!(error, expected);
    }
}

#[test]
fn mutual_tls_aliases_are_used_by_clients_that_ask_for_them() {
    let aliases = || MtlsEndpointAliases {
        token_endpoint: Some("https://mtls.op.example/token".to_owned()),
        ..MtlsEndpointAliases::default()
    };
    for (asked, token) in [
        (None, "https://op.example/token"),
        (Some(false), "https://op.example/token"),
        (Some(true), "https://mtls.op.example/token"),
    ] {
        let configuration = setup()
            .server(|it| it.mtls_endpoint_aliases = Some(aliases()))
            .client(|it| it.use_mtls_endpoint_aliases = asked)
            .build();
        let url = |endpoint| configuration.endpoint(endpoint).unwrap().to_string();
        assert_eq!(url(EndpointName::Token), token);
        assert_eq!(url(EndpointName::UserInfo), "https://op.example/userinfo");
        assert_eq!(url(EndpointName::Jwks), "https://op.example/jwks");
    }
}

fn argument(error: Error) -> (&'static str, String) {
    match error {
        Error::Misuse(Misuse::InvalidArgument {
            argument, found, ..
        }) => (argument, found),
        error => panic!("{error}"),
    }
}

/// A client whose method does not send the secret keeps that method if a response omits it.
#[test]
fn a_registration_that_names_no_method_unsets_none() {
    let secret = "a-secret-of-at-least-32-characters";
    let mut client = ClientMetadata::new("app");
    let public = setup().build();
    client.client_secret = Some(secret.into());
    let method = ClientSecretJwt::new(ClientSecret::Registered);
    let method = ClientAuthentication::ClientSecretJwt(method);
    let before = setup().client_metadata(client.clone());
    let before = before.authentication(method).build();
    let method_of = |before: &Configuration| {
        let after = before.with_client(client.clone()).unwrap();
        after.authentication().as_str().to_owned()
    };
    assert_eq!(method_of(&before), "client_secret_jwt");
    // A client that never had a secret never had a method either.
    assert_eq!(method_of(&public), "client_secret_basic");
}

/// Returns what the client sends to authenticate itself.
fn authenticated(configuration: &Configuration) -> (HeaderMap, Bytes) {
    let mut script = Script::new(Call::new(RefreshTokenRequest {
        configuration: configuration.clone(),
        refresh_token: "rt".into(),
        parameters: Parameters::new(),
    }));
    let (parts, body) = script.sends(Event::Begin).request.into_parts();
    (parts.headers, body)
}

/// This includes a secret that was given by hand. Without a new secret the old one stays.
#[test]
fn a_changed_registration_replaces_the_secret() {
    let old = || ClientSecret::from("an-old-secret-of-at-least-32-characters");
    let new = "a-new-secret-of-at-least-32-characters";
    let methods: [fn(ClientSecret) -> ClientAuthentication; 3] = [
        ClientAuthentication::ClientSecretPost,
        |secret| ClientAuthentication::ClientSecretBasic(ClientSecretBasic::new(secret)),
        |secret| ClientAuthentication::ClientSecretJwt(ClientSecretJwt::new(secret)),
    ];
    for method in methods {
        let with = |secret| setup().authentication(method(secret)).build();
        let before = with(old());
        let mut client = ClientMetadata::new("app");
        let unchanged = before.with_client(client.clone()).unwrap();
        assert_eq!(authenticated(&unchanged), authenticated(&before));

        client.client_secret = Some("".into());
        assert_eq!(
            argument(before.with_client(client.clone()).unwrap_err()),
            ("client_secret", "an empty string".to_owned())
        );

        client.client_secret = Some(new.into());
        let after = before.with_client(client).unwrap();
        assert_eq!(authenticated(&after), authenticated(&with(new.into())));
        assert_ne!(authenticated(&after), authenticated(&before));
    }
}

#[test]
fn a_changed_registration_keeps_the_key_where_it_still_counts() {
    let key = KeyReference {
        name: KeyName::new("k"),
        algorithm: SignatureAlgorithm::ES256,
        kid: None,
    };
    let authentication = ClientAuthentication::PrivateKeyJwt(PrivateKeyJwt::new(key).unwrap());
    let before = setup().authentication(authentication).build();
    let mut client = ClientMetadata::new("app");
    client.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
    let after = before.with_client(client.clone()).unwrap();
    assert!(matches!(
        after.authentication(),
        ClientAuthentication::PrivateKeyJwt(_)
    ));
    client.token_endpoint_auth_method = Some("client_secret_post".to_owned());
    client.client_secret = Some("hush".into());
    let after = after.with_client(client.clone()).unwrap();
    assert!(matches!(
        after.authentication(),
        ClientAuthentication::ClientSecretPost(_)
    ));
    assert_eq!(after.client(), &client);

    client.userinfo_signed_response_alg = Some("ES256K".into());
    assert!(matches!(
        after.with_client(client).unwrap_err(),
        Error::Misuse(Misuse::InvalidArgument {
            argument: "userinfo_signed_response_alg",
            ..
        })
    ));
}

/// A registered `none` is accepted where trust does not rest on the signature, and where a
/// signature is required nevertheless.
#[test]
fn none_is_refused_where_a_signature_is_all_there_is() {
    let with = |member: &str| {
        let document = format!(r#"{{"client_id":"app","{member}":"none"}}"#);
        let client = ClientMetadata::from_json(document.as_bytes()).unwrap();
        setup().client_metadata(client).result()
    };
    for member in [
        "id_token_signed_response_alg",
        "userinfo_signed_response_alg",
        "request_object_signing_alg",
    ] {
        with(member).unwrap();
    }
    for member in [
        "authorization_signed_response_alg",
        "introspection_signed_response_alg",
        "backchannel_authentication_request_signing_alg",
        "token_endpoint_auth_signing_alg",
    ] {
        let Err(Error::Misuse(misuse)) = with(member) else {
            panic!("{member} may be none");
        };
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument: member,
                expected: "a signature algorithm",
                found: "none".to_owned(),
            }
        );
    }
}

/// The first request keeps the credentials and the request target for later ones. A configuration
/// with another secret or another endpoint computes its own.
#[test]
fn what_a_request_keeps_belongs_to_its_configuration() {
    let sent = |configuration: &Configuration| {
        let cache = Cache::default();
        let mut call = ClientCredentialsGrant::new(configuration.clone());
        let action = call.step(&mut env(NOW, 0, &cache), Event::Begin);
        let Ok(Action::Send(outbound)) = action else {
            panic!("{action:?}");
        };
        let credentials = outbound.request.headers()["authorization"].clone();
        (credentials, outbound.request.uri().to_string())
    };
    let configured = setup().client(|it| it.client_secret = Some("one".into()));
    let one = configured.clone().build();
    let (credentials, target) = sent(&one);
    assert_eq!(credentials, "Basic YXBwOm9uZQ==");
    assert_eq!(sent(&one), (credentials, target.clone()));

    let mut client = one.client().clone();
    client.client_secret = Some("two".into());
    let two = one.with_client(client).unwrap();
    assert_eq!(sent(&two).0, "Basic YXBwOnR3bw==");

    // The fragment is not sent, by the first request and by those after it.
    let moved = |it: &mut ServerMetadata| {
        it.token_endpoint = Some("https://op.example/moved#fragment".to_owned());
    };
    let moved = configured.server(moved).build();
    for _ in 0..2 {
        assert_eq!(sent(&moved).1, "https://op.example/moved");
    }
    assert_ne!(target, "https://op.example/moved");
}
