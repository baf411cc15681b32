//! Which method a client uses that chooses none by hand.

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

fn name_of(method: &ClientAuthentication) -> &'static str {
    match method {
        ClientAuthentication::None => "none",
        ClientAuthentication::ClientSecretBasic(_) => "client_secret_basic",
        ClientAuthentication::ClientSecretPost(_) => "client_secret_post",
        ClientAuthentication::PrivateKeyJwt(_) => "private_key_jwt",
        ClientAuthentication::TlsClientAuth => "tls_client_auth",
        ClientAuthentication::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
    }
}

#[test]
fn the_default_method() {
    let post_and_basic = listing(&["client_secret_basic", "client_secret_post"]);
    let basic = listing(&["client_secret_basic"]);
    let others = listing(&["private_key_jwt"]);
    let silent = testing::server();
    for (server, secret, registered, expected) in [
        (&silent, None, None, "none"),
        (&basic, None, None, "none"),
        (&silent, Some("s"), None, "client_secret_basic"),
        (&basic, Some("s"), None, "client_secret_basic"),
        (&others, Some("s"), None, "client_secret_basic"),
        (&post_and_basic, Some("s"), None, "client_secret_post"),
        // The registration decides, whatever the server lists.
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
            name_of(&method.unwrap()),
            expected,
            "{secret:?} {registered:?}"
        );
    }
}

#[test]
fn a_registered_method_is_never_replaced() {
    let server = listing(&["none", "client_secret_basic"]);
    let missing = |argument, purpose| Misuse::MissingArgument { argument, purpose };
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
            Misuse::InvalidArgument {
                argument: "token_endpoint_auth_method",
                expected: "none, client_secret_basic, client_secret_post, private_key_jwt, \
                           tls_client_auth or self_signed_tls_client_auth",
                found: "attest_jwt_client_auth".to_owned(),
            },
        ),
        (
            Some(""),
            "client_secret_basic",
            Misuse::InvalidArgument {
                argument: "client_secret",
                expected: "not empty",
                found: "nothing".to_owned(),
            },
        ),
    ] {
        let result = ClientAuthentication::default_for(&server, &client(secret, Some(registered)));
        let Err(Error::Misuse(found)) = result else {
            panic!("{registered} replaced");
        };
        assert_eq!(found, misuse);
    }
}
