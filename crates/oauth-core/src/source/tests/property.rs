//! Sources of each kind under arbitrary sequences of steps of callers, servers and clocks.
//!
//! A source does not know which callers have given up. `openid-client/tests/token_source_property`
//! makes callers give up, and watches what the server receives.

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{World, refused, text, tokens_at, unanswered};
use crate::error::{Artefact, Error, Reason, TimestampRule};
use crate::secret::Secret;
use crate::source::{
    Answer, Answered, Attempt, AttemptId, Invalidation, Renewal, SourceSettings, SourcedTokens,
};

#[derive(Debug, Clone)]
enum Step {
    Ask,
    /// The attempt under way ends like this.
    Answer(Outcome),
    /// Both clocks go on.
    Pass(u64),
    /// The wall clock is set.
    Jump(i64),
    /// A resource server refuses the token that was handed out last.
    Refuse,
}

#[derive(Debug, Clone)]
enum Outcome {
    Tokens {
        expires_in: Option<u64>,
        rotated: bool,
    },
    /// A refusal by the client, over a time in the ID Token.
    Refused {
        rotated: bool,
    },
    Mismatch {
        rotated: bool,
    },
    Unavailable(u64),
    Unanswered,
    Lost,
    InvalidGrant,
    /// Another instance has failed, and this is the pause.
    PausedElsewhere(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let expires_in = prop_oneof![
        Just(None),
        (0_u64..40).prop_map(Some),
        (40_u64..2000).prop_map(Some)
    ];
    let tokens = (expires_in, any::<bool>()).prop_map(|(expires_in, rotated)| Outcome::Tokens {
        expires_in,
        rotated,
    });
    let outcome = prop_oneof![
        8 => tokens,
        3 => any::<bool>().prop_map(|rotated| Outcome::Refused { rotated }),
        1 => any::<bool>().prop_map(|rotated| Outcome::Mismatch { rotated }),
        2 => (0_u64..100).prop_map(Outcome::Unavailable),
        4 => Just(Outcome::Unanswered),
        2 => Just(Outcome::Lost),
        1 => Just(Outcome::InvalidGrant),
        1 => (1_u64..100).prop_map(Outcome::PausedElsewhere),
    ];
    prop_oneof![
        8 => Just(Step::Ask),
        6 => outcome.prop_map(Step::Answer),
        6 => prop_oneof![0_u64..5, 0_u64..2000].prop_map(Step::Pass),
        1 => (-5000_i64..5000).prop_map(Step::Jump),
        2 => Just(Step::Refuse),
    ]
}

/// What an observer who knows the true time sees; the monotonic clock shows it.
struct Observer {
    world: World,
    renewal: Renewal,
    under_way: Option<Attempt>,
    waiting: Vec<AttemptId>,
    issued: u32,
    /// When each access token expires, by its number.
    expiries: Vec<Option<Duration>>,
    /// Refresh tokens that a later one has replaced.
    replaced: BTreeSet<String>,
    /// Access tokens that are not to be seen again.
    refused: BTreeSet<String>,
    last: Option<String>,
    failures: u32,
    not_before: Duration,
    ended: bool,
}

impl Observer {
    fn new(renewal: Renewal) -> Self {
        let mut settings = SourceSettings::default();
        settings.set_lifetime(Duration::from_secs(200)).unwrap();
        let world = World::holding(renewal, &mut settings, super::tokens("0", 600));
        let expiry = world.elapsed + Duration::from_secs(600);
        Self {
            world,
            renewal,
            under_way: None,
            waiting: Vec::new(),
            issued: 1,
            expiries: vec![Some(expiry)],
            replaced: BTreeSet::new(),
            refused: BTreeSet::new(),
            last: None,
            failures: 0,
            not_before: Duration::ZERO,
            ended: false,
        }
    }

    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Ask => self.ask(),
            Step::Answer(outcome) => match self.under_way.take() {
                Some(attempt) => self.answer(attempt, outcome),
                None => Ok(()),
            },
            Step::Pass(seconds) => {
                self.world.pass(seconds);
                Ok(())
            }
            Step::Jump(seconds) => {
                self.world.wall += seconds;
                Ok(())
            }
            Step::Refuse => {
                if let Some(last) = self.last.clone()
                    && self.world.invalidate(&last) == Invalidation::Replacing
                {
                    self.refused.insert(last);
                }
                Ok(())
            }
        }
    }

    fn ask(&mut self) -> Result<(), TestCaseError> {
        let asked = self.world.ask();
        if let Some(attempt) = asked.attempt {
            prop_assert!(self.under_way.is_none(), "two attempts under way");
            prop_assert!(!self.ended, "an attempt after the end");
            prop_assert!(
                self.world.elapsed >= self.not_before,
                "a second attempt in one step of the back-off"
            );
            let refreshed = attempt.refreshed.as_ref();
            let refresh_token = refreshed.and_then(|refreshed| refreshed.refresh_token());
            prop_assert_eq!(
                refresh_token.is_some(),
                self.renewal == Renewal::RefreshToken
            );
            if let Some(refresh_token) = refresh_token.map(text) {
                prop_assert!(
                    !self.replaced.contains(&refresh_token),
                    "{} was replaced",
                    refresh_token
                );
            }
            self.under_way = Some(attempt);
        }
        match asked.answer {
            Answer::Tokens(tokens) => self.handed_out(&tokens)?,
            Answer::Wait(id) => {
                let under_way = self.under_way.as_ref().map(Attempt::id);
                prop_assert_eq!(under_way, Some(id), "a wait for nothing");
                self.waiting.push(id);
            }
            Answer::Failed(error) => prop_assert_eq!(error.is_login_needed(), self.ended),
        }
        Ok(())
    }

    fn handed_out(&mut self, tokens: &SourcedTokens) -> Result<(), TestCaseError> {
        prop_assert!(!self.ended, "tokens after the end");
        let token = text(tokens.access_token());
        let number: usize = token.trim_start_matches("at-").parse().unwrap();
        if let Some(expiry) = self.expiries[number] {
            prop_assert!(self.world.elapsed < expiry, "{} has expired", token);
            let margin = self.world.elapsed + Duration::from_secs(30);
            prop_assert!(
                margin <= expiry || tokens.warning().is_some(),
                "under the margin without a warning"
            );
        }
        prop_assert!(!self.refused.contains(&token), "{} was refused", token);
        self.last = Some(token);
        Ok(())
    }

    fn answer(&mut self, attempt: Attempt, outcome: Outcome) -> Result<(), TestCaseError> {
        let sent = self.world.refresh_token().unwrap_or_default();
        if let Outcome::PausedElsewhere(seconds) = outcome {
            return self.paused_elsewhere(attempt, seconds);
        }
        let mut asked_for = 0;
        let name = self.issued.to_string();
        let successor = |rotated: bool| rotated.then(|| Secret::new(format!("rt-{name}")));
        let refused_over = |reason: Reason, rotated| {
            Error::from(Artefact::IdToken.rejected(reason))
                .with_refresh_token(successor(rotated))
                .of_refresh()
        };
        let (mut ended, mut rotated_to) = (false, false);
        let result = match outcome {
            Outcome::Tokens {
                expires_in,
                rotated,
            } => {
                rotated_to = rotated;
                let tokens = tokens_at(self.world.now(), &name, expires_in);
                Ok(match rotated {
                    true => tokens,
                    false => tokens.with_refresh_token(Secret::from(sent.as_str())),
                })
            }
            Outcome::Refused { rotated } => {
                rotated_to = rotated;
                let reason = Reason::Timestamp {
                    claim: "iat",
                    found: 2,
                    rule: TimestampRule::InTheFuture,
                    now: 1,
                    tolerance: Duration::from_secs(0),
                };
                Err(refused_over(reason, rotated))
            }
            Outcome::Mismatch { rotated } => {
                ended = self.renewal.is_of_a_login();
                let (claim, expected, found) = ("sub", None, None);
                let reason = Reason::ClaimMismatch {
                    claim,
                    expected,
                    found,
                };
                Err(refused_over(reason, rotated))
            }
            Outcome::Unavailable(seconds) => {
                asked_for = seconds;
                let after = seconds.to_string();
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Err(refused(status, "temporarily_unavailable", Some(&after)))
            }
            Outcome::Unanswered => Err(unanswered()),
            Outcome::Lost => Err(Error::Aborted),
            Outcome::PausedElsewhere(_) => unreachable!("handled above"),
            Outcome::InvalidGrant => {
                ended = self.renewal != Renewal::Credentials;
                Err(refused(StatusCode::BAD_REQUEST, "invalid_grant", None))
            }
        };
        self.issued += 1;
        let lifetime = result.as_ref().ok().and_then(|tokens| tokens.lifetime());
        let lifetime = lifetime.or(result.is_ok().then_some(200)).unwrap_or(0);
        let expiry = self.world.elapsed + Duration::from_secs(lifetime);
        self.expiries.push(Some(expiry));
        let id = attempt.id();
        let good = result.is_ok() && lifetime > 0;
        let answered = self.world.answer(attempt, result);
        if rotated_to {
            self.replaced.insert(sent);
            // It is stored before any caller gets the answer.
            let changed = super::changed(&answered);
            prop_assert_eq!(changed, Some(format!("rt-{name}")));
        }
        self.ended = ended;
        self.failures = if good { 0 } else { self.failures + 1 };
        if !good {
            let pause = 2_u64.saturating_pow(self.failures - 1).min(300);
            let pause = pause.max(asked_for);
            self.not_before = self.world.elapsed + Duration::from_secs(pause);
        }
        self.landed(id, answered, ended)
    }

    fn paused_elsewhere(&mut self, attempt: Attempt, seconds: u64) -> Result<(), TestCaseError> {
        let id = attempt.id();
        let answered = self.world.paused(attempt, None, seconds);
        prop_assert!(answered.changed.is_none(), "nothing has changed");
        // The source may look into the store before the end of a long pause.
        let seconds = seconds.min(10);
        self.not_before = self.world.elapsed + Duration::from_secs(seconds);
        self.landed(id, answered, false)
    }

    fn landed(
        &mut self,
        id: AttemptId,
        answered: Answered,
        ended: bool,
    ) -> Result<(), TestCaseError> {
        match answered.answer {
            Ok(tokens) => self.handed_out(&tokens)?,
            Err(error) => prop_assert_eq!(error.is_login_needed(), ended),
        }
        self.waiting.retain(|waiting| *waiting != id);
        prop_assert!(self.waiting.is_empty(), "a caller waits for ever");
        Ok(())
    }
}

const RENEWALS: [Renewal; 4] = [
    Renewal::RefreshToken,
    Renewal::Stored,
    Renewal::Assertion,
    Renewal::Credentials,
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn one_request_at_a_time_and_no_expired_token(
        renewal in select(&RENEWALS[..]),
        steps in vec(step(), 1..120),
    ) {
        let mut observer = Observer::new(renewal);
        for step in steps {
            observer.take(step)?;
        }
        // The source still has some use.
        prop_assert!(observer.ended || observer.world.source.tokens().is_some());
    }
}
