//! The same functions without content.

use http::StatusCode;
use oauth_core::error::Unanswered;
use oauth_core::outbound::Outbound;

use crate::error::Error;

pub(crate) const fn operation<F>(_: &'static str, _: &str, future: F) -> F {
    future
}

pub(crate) const fn in_current_span<F>(future: F) -> F {
    future
}

pub(crate) const fn renewal_failed(_: &Error) {}

#[derive(Debug, Default)]
pub(crate) struct Attempts(());

impl Attempts {
    #[expect(clippy::unused_self, reason = "the other one counts")]
    pub(crate) const fn next(&self) -> Attempt {
        Attempt
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt;

#[derive(Debug)]
pub(crate) struct Request;

#[expect(clippy::unused_self, reason = "the other one writes events")]
impl Request {
    pub(crate) const fn begin(_: &Outbound, _: Attempt) -> Self {
        Self
    }

    pub(crate) const fn answered(&self, _: StatusCode) {}

    pub(crate) const fn ended(&self, _: Option<usize>) {}

    pub(crate) const fn unanswered(&self, _: &Unanswered) {}
}
