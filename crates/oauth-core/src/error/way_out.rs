//! The switch that accepts what was refused, for the message.

use crate::error::{Artefact, Reason};

/// What follows the reason of a refusal, where one setting of [`Danger`](crate::policy::Danger) accepts
/// what was refused. Whoever reads the message decides whether their provider deserves it.
pub(super) fn way_out(artefact: Artefact, reason: &Reason) -> &'static str {
    match (artefact, reason) {
        (
            Artefact::IdToken,
            Reason::ClaimMismatch {
                claim: "auth_time", ..
            },
        ) => "; `danger.skip_auth_time_continuity_check` accepts it",
        _ => "",
    }
}
