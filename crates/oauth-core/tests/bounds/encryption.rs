//! The bounds with encrypted responses. Each of them needs one more key use.

use jose::KeyFamily;
use jose::jwe::{DecryptionKey, EncryptionKey};
use oauth_core::key::{DecryptionKeyReference, DecryptionKeys};

use super::*;

const AUTHORIZATION_CODE_GRANT: Bounds = at_most(5, 2);
const FETCH_USER_INFO: Bounds = at_most(4, 1);
const REFRESH_TOKEN_GRANT: Bounds = at_most(5, 2);

/// Returns a client whose ID Tokens and UserInfo responses are encrypted.
fn world() -> (World, Configuration) {
    let (alg, enc) = (KeyManagement::EcdhEs, ContentEncryption::A256GCM);
    let key = DecryptionKey::generate(KeyFamily::P256).unwrap();
    let public = key.public_jwk().unwrap();
    let encryption = || EncryptionKey::from_jwk(&public).unwrap();
    let (mut world, configuration) = world_of(|client| {
        client
            .id_token_encryption(encryption(), alg, enc)
            .userinfo_encryption(encryption(), alg, enc)
    });
    let name = KeyName::new("decryption");
    let reference = DecryptionKeyReference::new(name, KeyFamily::P256, vec![alg]);
    world.add_decryption_key("decryption", key);
    let keys = DecryptionKeys::new(vec![reference.unwrap()]).unwrap();
    (world, configuration.with_decryption_keys(keys))
}

fn after_a_login() -> Session {
    let (world, configuration) = world();
    let tokens = world.log_in(&configuration).unwrap();
    world.pass(300);
    (world, configuration, tokens)
}

#[test]
fn the_worst_case_of_each_operation() {
    let (world, configuration, tokens) = after_a_login();
    let operation = user_info(&configuration, &tokens);
    assert_eq!(worst(&world, operation, &CLOSED), FETCH_USER_INFO);

    let (world, configuration, tokens) = after_a_login();
    world.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
    let operation = login(&world, &configuration);
    assert_eq!(worst(&world, operation, &[]), AUTHORIZATION_CODE_GRANT);
    world.pass(300);
    let operation = refresh(&configuration, &tokens);
    assert_eq!(worst(&world, operation, &[]), REFRESH_TOKEN_GRANT);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn fetch_user_info(answers in answers()) {
        assert_user_info_within(FETCH_USER_INFO, after_a_login(), &answers);
    }

    #[test]
    fn code_grant(answers in answers(), unknown_key: bool) {
        assert_login_within(AUTHORIZATION_CODE_GRANT, world(), &answers, unknown_key);
    }

    #[test]
    fn refresh_token_grant(answers in answers()) {
        assert_refresh_within(REFRESH_TOKEN_GRANT, after_a_login(), &answers);
    }
}
