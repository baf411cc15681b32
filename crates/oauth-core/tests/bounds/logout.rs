//! The bounds of the verification of logout tokens.

use oauth_core::flow::VerifyLogoutToken;
use oauth_core::operation::Operation;
use proptest::prelude::*;

use crate::drive::{Bounds, answers, assert_within, at_most, drive, worst};
use crate::session::Session;
use crate::world::CLIENT_ID;
use crate::{after_a_login_of, world_of};

const VERIFY_LOGOUT_TOKEN: Bounds = at_most(2, 0);

/// Returns a session that has ended and whose keys are old, and the verification of its logout
/// token.
fn after_a_logout() -> (Session, impl Operation) {
    let told = |client: test_provider::ClientRegistration| {
        client.backchannel_logout_uri("https://app.example.com/logout")
    };
    let session = after_a_login_of(world_of(told));
    let (world, configuration, _) = &session;
    let request = world.provider.logout_request(CLIENT_ID, world.now.get());
    let token = oauth_core::logout::logout_token(request.unwrap().body()).unwrap();
    let verification = VerifyLogoutToken::new(configuration.clone(), token);
    (session, verification)
}

#[test]
fn the_worst_case() {
    let ((world, ..), verification) = after_a_logout();
    assert_eq!(worst(&world, verification, &[]), VERIFY_LOGOUT_TOKEN);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn verify_logout_token(answers in answers()) {
        let ((world, ..), verification) = after_a_logout();
        assert_within(drive(&world, verification, &answers), VERIFY_LOGOUT_TOKEN);
    }
}
