//! The bounds of the verification of pushes.

use oauth_core::endpoint::{Hint, Push};
use oauth_core::flow::{InitiateBackchannelAuthentication, VerifyPush};
use oauth_core::operation::Operation;
use proptest::prelude::*;

use crate::drive::{Bounds, answers, assert_within, at_most, drive, worst};
use crate::session::Session;
use crate::{after_a_login_of, world};

const VERIFY_PUSH: Bounds = at_most(2, 0);

/// Returns a session whose keys are old, and the verification of a push.
fn pushed() -> (Session, impl Operation) {
    let session = after_a_login_of(world());
    let (world, configuration, _) = &session;
    let hint = Hint::LoginHint("bob".to_owned());
    let request = InitiateBackchannelAuthentication::new(configuration.clone(), hint);
    let begun = world.run(request.push()).unwrap();
    let sent = world
        .provider
        .push(begun.auth_req_id.expose(), world.now.get());
    let sent = sent.unwrap();
    let push = Push::parse(sent.headers(), sent.body()).unwrap();
    let verification = VerifyPush::new(configuration.clone(), &begun, push);
    (session, verification)
}

#[test]
fn the_worst_case() {
    let ((world, ..), verification) = pushed();
    assert_eq!(worst(&world, verification, &[]), VERIFY_PUSH);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn verify_push(answers in answers()) {
        let ((world, ..), verification) = pushed();
        assert_within(drive(&world, verification, &answers), VERIFY_PUSH);
    }
}
