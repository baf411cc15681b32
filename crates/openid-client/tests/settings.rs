//! Several settings of the builder together: a policy, a method, a registration.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

use std::time::Duration;

use openid_client::jose::{SignatureAlgorithm, SigningKey};
use openid_client::oauth_core::error::Misuse;
use openid_client::oauth_core::profile::Requirement;
use openid_client::{
    Client, ClientBuilder, ClientInformation, ClientMetadata, ClockSkew, Error, Policy, Profile,
    ServerMetadata, Tenants, oauth_core,
};

type Builder = ClientBuilder<ServerMetadata>;
type Setting = fn(Builder) -> Builder;
type Shown = fn(&Policy) -> bool;

fn server() -> ServerMetadata {
    let mut server = ServerMetadata::new("https://id.example.com");
    // The default method would be client_secret_post.
    server.token_endpoint_auth_methods_supported = Some(vec!["client_secret_post".to_owned()]);
    server
}

fn builder() -> Builder {
    Client::from_metadata(server(), "app")
}

fn policy_of(client: &Client) -> Policy {
    client.configuration().policy().clone()
}

/// What a setting does, and whether a policy shows it.
const SETTINGS: [(Setting, Shown); 8] = [
    (
        |builder| builder.timeout(Duration::from_secs(7)),
        |policy| policy.timeout() == Duration::from_secs(7),
    ),
    (
        |builder| builder.clock_skew(ClockSkew::Ahead(Duration::from_secs(5))),
        |policy| policy.clock_skew() == ClockSkew::Ahead(Duration::from_secs(5)),
    ),
    (
        |builder| builder.clock_tolerance(Duration::from_secs(7)),
        |policy| policy.clock_tolerance() == Duration::from_secs(7),
    ),
    (
        |builder| builder.tenants(Tenants::any()),
        |policy| policy.tenants().is_some(),
    ),
    (
        ClientBuilder::enable_detached_signature_response_checks,
        Policy::detached_signature_response_checks,
    ),
    (
        ClientBuilder::require_authorization_response_iss,
        Policy::requires_authorization_response_iss,
    ),
    (
        ClientBuilder::danger_allow_insecure_requests,
        Policy::insecure_requests,
    ),
    (
        ClientBuilder::danger_token_endpoint_as_assertion_audience,
        |policy| policy.danger.token_endpoint_as_assertion_audience,
    ),
];

#[test]
fn a_policy_undoes_no_setting_and_no_setting_a_policy() {
    let mut policy = Policy::default();
    policy.set_body_cap(1000);
    policy.danger.skip_azp_check = true;
    for (set, shows) in SETTINGS {
        assert!(!shows(&policy));
        for builder in [
            set(builder()).policy(policy.clone()),
            set(builder().policy(policy.clone())),
        ] {
            let combined = policy_of(&builder.build().unwrap());
            assert!(shows(&combined));
            assert_eq!(combined.body_cap(), 1000);
            assert!(combined.danger.skip_azp_check);
        }
        // And all of it without one.
        assert!(shows(&policy_of(&set(builder()).build().unwrap())));
    }
}

#[test]
fn two_values_for_the_same_thing_are_a_conflict() {
    let mut policy = Policy::default();
    policy.set_timeout(Duration::from_secs(60)).unwrap();
    policy
        .set_clock_skew(ClockSkew::Behind(Duration::from_secs(1)))
        .unwrap();
    policy.set_clock_tolerance(Duration::from_secs(2)).unwrap();
    policy.set_tenants(Tenants::any());
    let (conflicting, _) = SETTINGS.split_at(4);
    let names = ["timeout", "clock_skew", "clock_tolerance", "tenants"];
    for ((set, _), name) in conflicting.iter().zip(names) {
        for builder in [
            set(builder()).policy(policy.clone()),
            set(builder().policy(policy.clone())),
        ] {
            let Err(Error::Conflict { setting, other }) = builder.build() else {
                panic!("{name} was undone");
            };
            assert_eq!((setting, other), (name, "policy"));
        }
    }
    // The same value twice is none.
    let same = builder().policy(policy).timeout(Duration::from_secs(60));
    assert_eq!(policy_of(&same.build().unwrap()).timeout().as_secs(), 60);
}

/// In either order, and through the policy too.
#[test]
fn a_profile_refuses_assertions_for_the_token_endpoint() {
    let danger = ClientBuilder::danger_token_endpoint_as_assertion_audience;
    let mut policy = Policy::default();
    policy.danger.token_endpoint_as_assertion_audience = true;
    let profile = Profile::Fapi2SecurityProfile;
    for builder in [
        danger(builder()).profile(profile),
        danger(builder().profile(profile)),
        builder().profile(profile).policy(policy),
    ] {
        let error = builder.build().unwrap_err();
        let Error::Core(oauth_core::Error::Profile(violation)) = error else {
            panic!("{error:?}");
        };
        assert_eq!(violation.requirement, Requirement::NoDanger);
    }
}

#[test]
fn a_setting_that_cannot_be_used_is_still_refused() {
    for (builder, argument) in [
        (builder().timeout(Duration::ZERO), "timeout"),
        (
            builder().clock_tolerance(Duration::from_secs(601)),
            "clock_tolerance",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert!(matches!(
            misuse(&error),
            Misuse::InvalidArgument { argument: found, .. } if *found == argument
        ));
    }
}

#[test]
fn each_setter_of_a_secret_names_its_method() {
    let method = |builder: Builder| {
        let client = builder.build().unwrap();
        let authentication = client.configuration().authentication();
        authentication.as_str().to_owned()
    };
    let secret = "a-secret-of-at-least-32-characters";
    assert_eq!(
        method(builder().client_secret(secret)),
        "client_secret_post"
    );
    assert_eq!(
        method(builder().client_secret_basic(secret)),
        "client_secret_basic"
    );
    assert_eq!(
        method(builder().client_secret_post(secret)),
        "client_secret_post"
    );
}

/// A client that registered itself uses the method that it was given, or was asked for.
#[test]
fn what_is_registered_decides_the_method() {
    let key = || SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let method = |registered: Option<&str>, secret: bool, builder: fn(Builder) -> Builder| {
        let mut document = serde_json::json!({"client_id": "app"});
        if let Some(method) = registered {
            document["token_endpoint_auth_method"] = method.into();
        }
        if secret {
            document["client_secret"] = "a-secret-of-at-least-32-characters".into();
        }
        let document = document.to_string();
        let information = ClientInformation::from_json(document.as_bytes()).unwrap();
        let client = builder(self::builder())
            .client_information(information)
            .build()?;
        let authentication = client.configuration().authentication();
        Ok::<_, Error>(authentication.as_str().to_owned())
    };
    let nothing: Setting = |builder| builder;
    let basic: Setting = |builder| builder.client_secret_basic("old");
    let post: Setting = |builder| builder.client_secret_post("old");
    let jwt: Setting = |builder| builder.client_secret_jwt("old");
    for (registered, secret, chosen, expected) in [
        (
            Some("client_secret_basic"),
            true,
            nothing,
            "client_secret_basic",
        ),
        (
            Some("client_secret_basic"),
            true,
            post,
            "client_secret_basic",
        ),
        (
            Some("client_secret_post"),
            true,
            basic,
            "client_secret_post",
        ),
        (Some("client_secret_jwt"), true, basic, "client_secret_jwt"),
        // Its silence means what was asked for, and then the default of RFC 7591 section 2.
        (None, true, post, "client_secret_post"),
        (None, true, jwt, "client_secret_jwt"),
        (None, true, nothing, "client_secret_basic"),
        (None, false, nothing, "none"),
    ] {
        assert_eq!(method(registered, secret, chosen).unwrap(), expected);
    }
    for registered in ["client_secret_basic", "client_secret_post"] {
        let error = method(Some(registered), true, jwt).unwrap_err();
        assert_eq!(
            misuse(&error),
            &Misuse::InvalidArgument {
                argument: "authentication",
                expected: "the registered method, which sends the secret",
                found: "client_secret_jwt".to_owned(),
            }
        );
    }
    let error = method(Some("none"), true, basic).unwrap_err();
    assert_eq!(
        misuse(&error),
        &Misuse::InvalidArgument {
            argument: "authentication",
            expected: "the registered method, which is `none`, or not set",
            found: "client_secret_basic".to_owned(),
        }
    );
    let document = br#"{"client_id": "app", "client_secret": "s"}"#;
    let information = ClientInformation::from_json(document).unwrap();
    let client = builder()
        .private_key(key())
        .client_information(information)
        .build()
        .unwrap();
    let authentication = client.configuration().authentication();
    assert_eq!(authentication.as_str(), "private_key_jwt");
}

#[tokio::test]
async fn metadata_that_is_there_is_looked_for_nowhere() {
    let algorithm = oauth_core::endpoint::DiscoveryAlgorithm::default();
    let error = Client::register(server(), ClientMetadata::default())
        .algorithm(algorithm)
        .await
        .unwrap_err();
    let Error::Conflict { setting, other } = error else {
        panic!("{error}");
    };
    assert_eq!((setting, other), ("algorithm", "server metadata"));
}

fn misuse(error: &Error) -> &Misuse {
    match error {
        Error::Core(oauth_core::Error::Misuse(misuse)) => misuse,
        error => panic!("{error:?}"),
    }
}
