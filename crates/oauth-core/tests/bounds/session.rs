//! The operations of a session, with the bounds of each kind of client.

use super::*;

/// A world, a client, and the tokens of a user who has logged in.
pub(crate) type Session = (World, Configuration, TokenSet);

pub(crate) fn assert_login_within(
    bounds: Bounds,
    (world, configuration): (World, Configuration),
    answers: &[Answer],
    unknown_key: bool,
) {
    let operation = login(&world, &configuration);
    if unknown_key {
        world.provider.misbehave(Misbehaviour::IdTokenKidUnknown);
    }
    assert_within(drive(&world, operation, answers), bounds);
}

pub(crate) fn assert_user_info_within(
    bounds: Bounds,
    (world, configuration, tokens): Session,
    answers: &[Answer],
) {
    let operation = user_info(&configuration, &tokens);
    assert_within(drive(&world, operation, answers), bounds);
}

pub(crate) fn assert_refresh_within(
    bounds: Bounds,
    (world, configuration, tokens): Session,
    answers: &[Answer],
) {
    let operation = refresh(&configuration, &tokens);
    assert_within(drive(&world, operation, answers), bounds);
}
