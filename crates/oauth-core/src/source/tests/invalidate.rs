use super::{World, text, tokens, unanswered};
use crate::source::Invalidation;

#[test]
fn a_refused_token_is_replaced_once() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(30);
    // Two requests were refused with the same token.
    assert_eq!(world.invalidate("at-a"), Invalidation::Replacing);
    assert_eq!(world.invalidate("at-a"), Invalidation::Replacing);
    let attempt = world.begins();
    assert_eq!(world.waits(), attempt.id());
    let next = world.tokens("b", 1000);
    let _ = world.answer(attempt, Ok(next));
    // The refusal of a third comes late: the token is another one by now.
    assert_eq!(world.invalidate("at-a"), Invalidation::Superseded);
    assert_eq!(world.gets(), "at-b");
}

#[test]
fn a_token_that_was_issued_a_moment_ago_is_not_replaced() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(29);
    assert_eq!(world.invalidate("at-a"), Invalidation::TooYoung);
    assert_eq!(world.gets(), "at-a");
    world.pass(1);
    assert_eq!(world.invalidate("at-a"), Invalidation::Replacing);
    // A server that issues the same token again is not asked in a loop.
    let attempt = world.begins();
    let same = world.tokens("a", 1000);
    let _ = world.answer(attempt, Ok(same));
    assert_eq!(world.invalidate("at-a"), Invalidation::TooYoung);
}

#[test]
fn a_refused_token_is_not_handed_out_when_it_cannot_be_replaced() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(30);
    world.invalidate("at-a");
    let attempt = world.begins();
    let answered = world.answer(attempt, Err(unanswered()));
    answered.answer.unwrap_err();
    world.fails();
    world.pass(1);
    let attempt = world.begins();
    let next = world.tokens("b", 1000);
    let tokens = world.answer(attempt, Ok(next)).answer.unwrap();
    assert_eq!(text(tokens.access_token()), "at-b");
}

#[test]
fn a_token_of_which_the_source_knows_nothing_changes_nothing() {
    let mut world = World::logged_in(tokens("a", 1000));
    world.pass(30);
    assert_eq!(world.invalidate("at-x"), Invalidation::Superseded);
    assert_eq!(world.gets(), "at-a");
}
