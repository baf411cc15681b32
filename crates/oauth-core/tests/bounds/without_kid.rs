//! The bounds with keys that have no `kid`. A signature that is not valid may belong to a newer
//! key, so it causes a fetch like an unknown `kid`. No operation sends more requests for it than it
//! states.

use super::*;

/// Returns a session with keys that have no `kid`, either fresh or old.
fn session(old_keys: bool) -> Session {
    let (world, configuration) = world();
    world.provider.misbehave(Misbehaviour::KeySetKidAbsent);
    let tokens = world.log_in(&configuration).unwrap();
    if old_keys {
        world.pass(300);
    }
    (world, configuration, tokens)
}

fn wrong_signatures(old_keys: bool) -> Session {
    let session = session(old_keys);
    session.0.provider.rotate_keys();
    let broken = Misbehaviour::IdTokenSignatureBroken;
    session.0.provider.misbehave(broken);
    session
}

#[test]
fn the_bounds_are_reached() {
    let (world, configuration, _) = wrong_signatures(true);
    let login = login(&world, &configuration);
    assert_eq!(worst(&world, login, &[]), AUTHORIZATION_CODE_GRANT);

    let (world, configuration, tokens) = wrong_signatures(true);
    let refresh = refresh(&configuration, &tokens);
    assert_eq!(worst(&world, refresh, &[]), REFRESH_TOKEN_GRANT);

    let (world, configuration, _) = session(true);
    let hybrid = hybrid_login(&world, &configuration);
    let broken = Misbehaviour::IdTokenSignatureBroken;
    world.provider.misbehave(broken);
    assert_eq!(worst(&world, hybrid, &[]), HYBRID_CODE_GRANT);

    let (world, configuration, tokens) = wrong_signatures(false);
    // The token is signed with the old key, which is in the cache.
    let old = || verification(&configuration, &tokens);
    assert_eq!(worst(&world, old(), &[]), at_most(0, 0));
    let user_info = user_info(&configuration, &tokens);
    assert_eq!(worst(&world, user_info, &CLOSED), FETCH_USER_INFO);
    // The old key is no longer in the cache. The fetch for UserInfo does not count for an ID Token
    // that the application brings, and its own fetch counts for a minute.
    assert_eq!(worst(&world, old(), &[]), VERIFY_ID_TOKEN);
    assert_eq!(worst(&world, old(), &[]), at_most(0, 0));
    world.pass(60);
    assert_eq!(worst(&world, old(), &[]), VERIFY_ID_TOKEN);
    assert_eq!(worst(&world, old(), &[]), at_most(0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn code_grant(answers in answers(), old_keys: bool) {
        let (world, configuration, _) = wrong_signatures(old_keys);
        let operation = login(&world, &configuration);
        assert_within(drive(&world, operation, &answers), AUTHORIZATION_CODE_GRANT);
    }

    #[test]
    fn hybrid_code_grant(answers in answers(), old_keys: bool) {
        let (world, configuration, _) = wrong_signatures(old_keys);
        let operation = hybrid_login(&world, &configuration);
        assert_within(drive(&world, operation, &answers), HYBRID_CODE_GRANT);
    }

    #[test]
    fn implicit_authentication(answers in answers(), old_keys: bool) {
        let (world, configuration, _) = wrong_signatures(old_keys);
        let operation = implicit_login(&world, &configuration);
        assert_within(drive(&world, operation, &answers), IMPLICIT_AUTHENTICATION);
    }

    #[test]
    fn verify_id_token(answers in answers(), old_keys: bool) {
        let (world, configuration, tokens) = wrong_signatures(old_keys);
        let operation = verification(&configuration, &tokens);
        assert_within(drive(&world, operation, &answers), VERIFY_ID_TOKEN);
    }

    #[test]
    fn fetch_user_info(answers in answers(), old_keys: bool) {
        assert_user_info_within(FETCH_USER_INFO, wrong_signatures(old_keys), &answers);
    }

    #[test]
    fn refresh_token_grant(answers in answers(), old_keys: bool) {
        assert_refresh_within(REFRESH_TOKEN_GRANT, wrong_signatures(old_keys), &answers);
    }
}
