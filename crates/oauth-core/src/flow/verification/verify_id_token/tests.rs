mod keys;
mod rotation;
mod signature;

use std::time::Duration;

use jose::{KeySelectionError, SigningKey};

use crate::cache::Cache;
use crate::configuration::Configuration;
use crate::error::{Artefact, Error, NoAnswer, Reason, Unanswered};
use crate::flow::VerifyIdToken;
use crate::names::EndpointName;
use crate::operation::{Action, Event, Operation};
use crate::outbound::Flight;
use crate::testing::{NOW, SERVER_KEY, claims, configuration, env, key_set, response, sign};
use crate::validate::{IdToken, IdTokenExpectations, NonceExpectation};

fn verification(token: String) -> VerifyIdToken {
    verification_by(configuration(), token)
}

fn verification_by(configuration: Configuration, token: String) -> VerifyIdToken {
    let nonce = NonceExpectation::Equals("n-1".into());
    VerifyIdToken::new(
        configuration,
        token,
        IdTokenExpectations::login(nonce, None),
    )
}

/// A cache into which the server's key was fetched at 0 seconds.
fn cache_with_server_key() -> Cache {
    let cache = Cache::new();
    let mut first = verification(sign(&claims()));
    sends(first.step(&mut env(NOW, 0, &cache), Event::Begin));
    done(first.step(&mut env(NOW, 0, &cache), keys(&[&SERVER_KEY])));
    cache
}

fn keys(keys: &[&SigningKey]) -> Event {
    received(&key_set(keys))
}

fn received(body: &str) -> Event {
    Event::Received(response(200, body))
}

fn unanswered() -> Event {
    Event::Unanswered(Unanswered {
        endpoint: EndpointName::Jwks,
        reason: NoAnswer::TimedOut {
            deadline: Duration::from_secs(30),
        },
        source: None,
    })
}

fn sends(result: Result<Action<IdToken>, Error>) -> Option<Flight> {
    match result.unwrap() {
        Action::Send(outbound) => {
            assert_eq!(outbound.endpoint, EndpointName::Jwks);
            assert_eq!(outbound.request.uri(), "https://op.example/jwks");
            outbound.flight
        }
        action => panic!("{action:?}"),
    }
}

fn done(result: Result<Action<IdToken>, Error>) -> IdToken {
    match result.unwrap() {
        Action::Done(id_token) => id_token,
        action => panic!("{action:?}"),
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

fn assert_no_key(error: Error) {
    assert_eq!(error.code(), Some("OAUTH_KEY_SELECTION_FAILED"));
    assert!(matches!(
        rejection(error),
        Reason::KeySelection(KeySelectionError::None { .. })
    ));
}
