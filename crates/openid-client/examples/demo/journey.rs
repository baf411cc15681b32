//! What happened in one login, step by step.

use std::error::Error as _;

use openid_client::{Error, NoAnswer, ServerMetadata};

use crate::attacks::Attack;
use crate::choice::Choice;
use crate::exchange::Exchange;
use crate::steps::Kind;

/// The record of one login.
#[derive(Clone, Debug)]
pub(crate) struct Journey {
    pub(crate) choice: Choice,
    pub(crate) attack: Option<&'static Attack>,
    pub(crate) steps: Vec<Step>,
    pub(crate) refusal: Option<Refusal>,
}

/// One step and its exchanges.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) kind: Kind,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) is_refused: bool,
}

/// Why a step was refused.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// What was refused.
    pub(crate) what: String,
    /// The stable code; `None` if the application refused before it called the library.
    pub(crate) code: Option<&'static str>,
    pub(crate) message: String,
    pub(crate) causes: Vec<String>,
}

impl Journey {
    pub(crate) fn new(choice: Choice, attack: Option<&'static Attack>) -> Self {
        Self {
            choice,
            attack,
            steps: Vec::new(),
            refusal: None,
        }
    }

    /// Adds a step.
    pub(crate) fn step(&mut self, kind: Kind, exchanges: Vec<Exchange>) {
        self.steps.push(Step {
            kind,
            exchanges,
            is_refused: false,
        });
    }

    /// Adds a step for each exchange of the client with this server.
    pub(crate) fn sent(&mut self, exchanges: Vec<Exchange>, server: &ServerMetadata) {
        for exchange in exchanges {
            let kind = Kind::of_path(&exchange.path, server);
            match self.steps.last_mut() {
                // For example several polls, or a request that is repeated with a DPoP nonce.
                Some(last) if last.kind == kind => last.exchanges.push(exchange),
                _ => self.step(kind, vec![exchange]),
            }
        }
    }

    /// Marks the step that was refused: the last one, or that of the callback.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        let is_callback = refusal.what == "authorization response";
        let mut steps = self.steps.iter_mut().rev();
        let step = steps.find(|step| !is_callback || step.kind == Kind::Callback);
        if let Some(step) = step {
            step.is_refused = true;
        }
        self.refusal = Some(refusal);
    }
}

impl Refusal {
    pub(crate) fn of(error: &Error) -> Self {
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        Self {
            what: what(error),
            code: error.code(),
            message: error.to_string(),
            causes,
        }
    }

    /// The application knows no login for this callback.
    pub(crate) fn unknown_login() -> Self {
        Self {
            what: "callback, by the session store of the application".to_owned(),
            code: None,
            message: "this browser has no login under way with this `state`: a callback works \
                      once, in the browser that began the login"
                .to_owned(),
            causes: Vec::new(),
        }
    }
}

fn what(error: &Error) -> String {
    if let Some(rejection) = error.rejection() {
        return rejection.artefact.to_string();
    }
    match error.core() {
        Some(openid_client::CoreError::Unanswered(unanswered)) => match unanswered.reason {
            NoAnswer::BodyTooLarge { .. } => {
                format!("{} response, by its size", unanswered.endpoint)
            }
            _ => format!(
                "{} request, which got no usable response",
                unanswered.endpoint
            ),
        },
        Some(openid_client::CoreError::AuthorizationResponse(_)) => {
            "login, by the provider or the person".to_owned()
        }
        Some(openid_client::CoreError::ResponseBody(_)) => "request, by the provider".to_owned(),
        _ => "login".to_owned(),
    }
}
