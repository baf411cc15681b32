//! The checks of an ID Token, each run through a whole verification.

mod claims;
mod leniency;
mod null;
mod occasion;
mod order;
mod tenants;
mod times;
mod token_type;

use serde_json::Value;

use crate::cache::Cache;
use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Reason};
use crate::flow::VerifyIdToken;
use crate::operation::{Action, Event, Operation};
use crate::policy::{Danger, Policy};
use crate::testing::{ML_DSA_KEY, NOW, SERVER_KEY, claims, configuration, env, key_set, response};

use crate::testing::sign;
use crate::validate::{IdToken, IdTokenExpectations, NonceExpectation, PreviousIdToken};

fn all_switches() -> Danger {
    Danger {
        skip_id_token_signature_check: true,
        skip_at_hash_check: true,
        skip_iat_check: true,
        skip_azp_check: true,
        skip_continuity_check: true,
        skip_auth_time_continuity_check: true,
        ..Danger::default()
    }
}

fn without(switch: impl FnOnce(&mut Danger)) -> Policy {
    let mut policy = Policy::default();
    switch(&mut policy.danger);
    policy
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut claims = claims();
    for (claim, value) in changes {
        claims[claim] = value.clone();
    }
    claims
}

fn audience(aud: &Value, azp: Option<&str>) -> Value {
    let mut claims = with(&[("aud", aud.clone())]);
    if let Some(azp) = azp {
        claims["azp"] = azp.into();
    }
    claims
}

fn previous(claims: &Value) -> PreviousIdToken {
    PreviousIdToken::from_claims(claims.as_object().unwrap().clone()).unwrap()
}

fn login() -> IdTokenExpectations {
    IdTokenExpectations::login(NonceExpectation::Equals("n-1".into()), None)
}

fn judge(claims: &Value) -> Result<IdToken, Error> {
    judge_by(Policy::default(), claims, login())
}

fn judge_by(
    policy: Policy,
    claims: &Value,
    expectations: IdTokenExpectations,
) -> Result<IdToken, Error> {
    verify(
        configuration().with_policy(policy),
        sign(claims),
        expectations,
    )
}

/// Runs a whole verification at a server that publishes its keys.
fn verify(
    configuration: Configuration,
    token: String,
    expectations: IdTokenExpectations,
) -> Result<IdToken, Error> {
    let cache = Cache::new();
    let mut operation = VerifyIdToken::new(configuration, token, expectations);
    let mut event = Event::Begin;
    loop {
        event = match operation.step(&mut env(NOW, 0, &cache), event)? {
            Action::Send(_) => Event::Received(response(200, key_set(&[&SERVER_KEY, &ML_DSA_KEY]))),
            Action::Done(id_token) => return Ok(id_token),
            action => panic!("{action:?}"),
        };
    }
}

fn rejection(error: Error) -> Reason {
    match error {
        Error::Rejected(rejection) => {
            assert_eq!(rejection.artefact, Artefact::IdToken);
            rejection.reason.clone()
        }
        error => panic!("{error}"),
    }
}
