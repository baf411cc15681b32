//! A login whose code is bound to the key (RFC 9449 section 10).

use jose::{SignatureAlgorithm, SigningKey};
use url::Url;

use super::*;
use crate::authorization::{AuthorizationRequest, Callback, PendingLogin};
use crate::cache::Cache;
use crate::error::{Error, Misuse};
use crate::operation::Operation;
use crate::testing::{NOW, done};

fn begin(configuration: Configuration) -> (Url, PendingLogin) {
    let cache = Cache::new();
    let request = AuthorizationRequest::new(configuration).redirect_uri("https://app.example/cb");
    let mut operation = request.begin();
    done(operation.step(&mut testing::env(NOW, 0, &cache), Event::Begin))
}

fn dpop_jkt(url: &Url) -> Vec<String> {
    url.query_pairs()
        .filter(|(name, _)| name == "dpop_jkt")
        .map(|(_, value)| value.into_owned())
        .collect()
}

/// Stores the login and reads it back, as an application does.
fn stored(pending: &PendingLogin) -> PendingLogin {
    serde_json::from_str(&serde_json::to_string(pending).unwrap()).unwrap()
}

#[test]
fn the_thumbprint_is_sent_when_there_is_a_key() {
    let (url, _) = begin(configuration());
    assert_eq!(dpop_jkt(&url), [dpop_key().thumbprint()]);
    let (url, _) = begin(testing::configuration());
    assert!(dpop_jkt(&url).is_empty());

    let cache = Cache::new();
    let mut by_hand = AuthorizationRequest::new(testing::configuration())
        .redirect_uri("https://app.example/cb")
        .parameter("dpop_jkt", "x")
        .begin();
    let mut env = testing::env(NOW, 0, &cache);
    let error = by_hand.step(&mut env, Event::Begin).unwrap_err();
    assert!(
        matches!(
            &error,
            Error::Misuse(Misuse::InvalidArgument { argument: "parameter", found, .. })
                if found == "dpop_jkt"
        ),
        "{error}"
    );
}

#[test]
fn a_login_is_resumed_with_its_own_key() {
    let another = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let another = another.public_jwk().unwrap();
    let another = DPoPKey::new(reference(SignatureAlgorithm::ES256), &another).unwrap();
    let another = testing::configuration().with_dpop_key(another);
    let none = testing::configuration();
    let callback = Callback::from_query("code=c&state=s");
    for (begun, resumed, fits) in [
        (configuration(), configuration(), true),
        (none.clone(), none.clone(), true),
        (configuration(), another.clone(), false),
        (configuration(), none.clone(), false),
        (none, configuration(), false),
    ] {
        let (_, pending) = begin(begun);
        match stored(&pending).resume(&resumed, &callback) {
            Ok(_) => assert!(fits),
            Err(Error::Misuse(misuse)) => {
                assert!(!fits);
                let member = "DPoP key";
                assert_eq!(misuse, Misuse::AnotherConfiguration { member });
            }
            Err(error) => panic!("{error}"),
        }
    }
}
