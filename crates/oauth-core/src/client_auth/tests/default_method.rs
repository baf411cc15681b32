//! The method of a client that sets none explicitly.

use super::*;

fn listing(methods: &[&str]) -> ServerMetadata {
    let mut server = testing::server();
    server.token_endpoint_auth_methods_supported =
        Some(methods.iter().map(ToString::to_string).collect());
    server
}

fn client(secret: Option<&str>, method: Option<&str>) -> ClientMetadata {
    let mut client = ClientMetadata::new("app");
    client.client_secret = secret.map(Secret::from);
    client.token_endpoint_auth_method = method.map(str::to_owned);
    client
}

#[test]
fn the_default_method() {
    let post_and_basic = listing(&["client_secret_basic", "client_secret_post"]);
    let basic = listing(&["client_secret_basic"]);
    let others = listing(&["private_key_jwt"]);
    let silent = testing::server();
    let long = "a secret of 32 bytes and some more";
    for (server, secret, registered, expected) in [
        (&silent, None, None, "none"),
        (&basic, None, None, "none"),
        (&silent, Some("s"), None, "client_secret_basic"),
        (&basic, Some("s"), None, "client_secret_basic"),
        (&others, Some("s"), None, "client_secret_basic"),
        (&post_and_basic, Some("s"), None, "client_secret_post"),
        // The registration decides, even against what the server lists.
        (
            &basic,
            Some("s"),
            Some("client_secret_post"),
            "client_secret_post",
        ),
        (
            &post_and_basic,
            Some("s"),
            Some("client_secret_basic"),
            "client_secret_basic",
        ),
        (&post_and_basic, Some("s"), Some("none"), "none"),
        (
            &basic,
            Some(long),
            Some("client_secret_jwt"),
            "client_secret_jwt",
        ),
        (
            &basic,
            Some("s"),
            Some("tls_client_auth"),
            "tls_client_auth",
        ),
        (
            &silent,
            None,
            Some("self_signed_tls_client_auth"),
            "self_signed_tls_client_auth",
        ),
    ] {
        let method = ClientAuthentication::default_for(server, &client(secret, registered));
        assert_eq!(
            method.unwrap().as_str(),
            expected,
            "{secret:?} {registered:?}"
        );
    }
}

#[test]
fn a_registered_method_is_never_replaced() {
    let server = listing(&["none", "client_secret_basic"]);
    let missing = |argument, purpose| Misuse::MissingArgument { argument, purpose };
    let empty = || Misuse::InvalidArgument {
        argument: "client_secret",
        expected: "the secret that the provider has given the client",
        found: "an empty string".to_owned(),
    };
    for (secret, registered, misuse) in [
        (
            None,
            "client_secret_basic",
            missing("client_secret", "client_secret_basic"),
        ),
        (
            None,
            "client_secret_post",
            missing("client_secret", "client_secret_post"),
        ),
        (
            None,
            "client_secret_jwt",
            missing("client_secret", "client_secret_jwt"),
        ),
        (
            Some("s"),
            "client_secret_jwt",
            Misuse::InvalidArgument {
                argument: "client_secret",
                expected: "as long as the hash of its HMAC algorithm, at least",
                found: "1 bytes for HS256".to_owned(),
            },
        ),
        (
            Some("s"),
            "private_key_jwt",
            missing(
                "authentication",
                "private_key_jwt, whose key has to be named",
            ),
        ),
        (
            Some("s"),
            "attest_jwt_client_auth",
            missing(
                "authentication",
                "attest_jwt_client_auth, whose attestation has to be given",
            ),
        ),
        (
            Some("s"),
            "spiffe_jwt",
            Misuse::InvalidArgument {
                argument: "token_endpoint_auth_method",
                expected: "none, client_secret_basic, client_secret_post, client_secret_jwt, \
                           private_key_jwt, attest_jwt_client_auth, tls_client_auth or \
                           self_signed_tls_client_auth",
                found: "spiffe_jwt".to_owned(),
            },
        ),
        (Some(""), "client_secret_basic", empty()),
        (Some(""), "none", empty()),
    ] {
        let result = ClientAuthentication::default_for(&server, &client(secret, Some(registered)));
        let Err(Error::Misuse(found)) = result else {
            panic!("{registered} replaced");
        };
        assert_eq!(found, misuse);
    }
}

/// A chosen method is not replaced by `none` either: its key would never be used.
#[test]
fn a_chosen_method_is_not_given_up_for_none() {
    let (_, key) = private_key_jwt();
    let registered = ClientSecret::Registered;
    let (server, none) = (testing::server(), client(Some("s"), Some("none")));
    for chosen in [
        ClientAuthentication::PrivateKeyJwt(key),
        ClientAuthentication::TlsClientAuth,
        ClientAuthentication::ClientSecretBasic(ClientSecretBasic::new(registered.clone())),
        ClientAuthentication::ClientSecretPost(registered),
    ] {
        let result = ClientAuthentication::for_registered(Some(&chosen), &server, &none);
        let Err(Error::Misuse(misuse)) = result else {
            panic!("{} given up", chosen.as_str());
        };
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument: "authentication",
                expected: "the registered method, which is `none`, or not set",
                found: chosen.as_str().to_owned(),
            }
        );
    }
    for chosen in [None, Some(&ClientAuthentication::None)] {
        let method = ClientAuthentication::for_registered(chosen, &server, &none);
        assert_eq!(method.unwrap().as_str(), "none");
    }
}
