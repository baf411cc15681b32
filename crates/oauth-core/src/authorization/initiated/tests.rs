use url::Url;

use super::LoginInitiation;
use crate::authorization::AuthorizationRequest;
use crate::cache::Cache;
use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Misuse, Reason};
use crate::operation::{Event, Operation};
use crate::policy::Policy;
use crate::testing::{NOW, configuration, done, env};

const INITIATE: &str = "https://app.example/login";

fn is_own(url: &Url) -> bool {
    url.origin().ascii_serialization() == "https://app.example"
}

fn accept_at(configuration: Configuration, query: &str) -> Result<(Url, Option<Url>), Error> {
    let request = AuthorizationRequest::new(configuration).redirect_uri("https://app.example/cb");
    let initiation = LoginInitiation::from_url(&format!("{INITIATE}?{query}"))?;
    let (request, target) = initiation.accept(request, is_own)?;
    let cache = Cache::new();
    let (url, _) = done(request.begin().step(&mut env(NOW, 0, &cache), Event::Begin));
    Ok((url, target))
}

fn accept(query: &str) -> Result<(Url, Option<Url>), Error> {
    accept_at(configuration(), query)
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Reason {
    match result {
        Err(Error::Rejected(rejection)) => {
            assert_eq!(rejection.artefact, Artefact::LoginInitiation);
            rejection.reason.clone()
        }
        other => panic!("{other:?}"),
    }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs.find_map(|(known, value)| (known == name).then(|| value.into_owned()))
}

#[test]
fn hints_go_on_and_the_target_is_returned() {
    let (url, target) = accept("iss=https%3A%2F%2Fop.example").unwrap();
    assert_eq!(parameter(&url, "login_hint"), None);
    assert_eq!(parameter(&url, "lti_message_hint"), None);
    assert_eq!(target, None);

    let (url, target) = accept(
        "iss=https%3A%2F%2Fop.example&client_id=app&login_hint=alice&lti_message_hint=m%201\
         &target_link_uri=https%3A%2F%2Fapp.example%2Fcourse%3Fid%3D1&unknown=1&unknown=2",
    )
    .unwrap();
    assert_eq!(parameter(&url, "login_hint").unwrap(), "alice");
    assert_eq!(parameter(&url, "lti_message_hint").unwrap(), "m 1");
    assert_eq!(parameter(&url, "target_link_uri"), None);
    assert_eq!(target.unwrap().as_str(), "https://app.example/course?id=1");
}

#[test]
fn a_form_is_read_too() {
    let form = "iss=https%3A%2F%2Fop.example&lti_deployment_id=d&login_hint=h&client_id=app";
    let initiation = LoginInitiation::from_form_post(form).unwrap();
    assert_eq!(initiation.iss(), "https://op.example");
    assert_eq!(initiation.client_id(), Some("app"));
    assert_eq!(initiation.login_hint(), Some("h"));
    assert_eq!(initiation.lti_deployment_id(), Some("d"));
    assert!(!format!("{initiation:?}").contains("op.example"));
}

#[test]
fn the_issuer_is_that_of_the_server() {
    for query in ["", "iss=", "issuer=https%3A%2F%2Fop.example"] {
        let member = "iss".into();
        assert_eq!(refused(accept(query)), Reason::Missing { member });
    }
    for found in ["https://op.example/", "https://evil.example", "op.example"] {
        let reason = Reason::ParameterMismatch {
            parameter: "iss",
            expected: Some("https://op.example".to_owned()),
            found: Some(found.to_owned()),
        };
        assert_eq!(refused(accept(&format!("iss={found}"))), reason);
    }
}

#[test]
fn the_client_is_this_one() {
    let reason = Reason::ParameterMismatch {
        parameter: "client_id",
        expected: Some("app".to_owned()),
        found: Some("other".to_owned()),
    };
    let result = accept("iss=https://op.example&client_id=other");
    assert_eq!(refused(result), reason);
}

#[test]
fn a_parameter_that_occurs_twice_is_refused() {
    for name in super::ONCE {
        let query = format!("iss=https://op.example&{name}=https://op.example&{name}=x");
        let member = name.into();
        assert_eq!(refused(accept(&query)), Reason::Duplicate { member });
    }
}

#[test]
fn the_target_is_a_page_of_the_application() {
    let own = "a page of the application";
    let unclear = "a URL without spaces, control characters and backslashes";
    let nameless = "a URL without user name and password";
    for (target, expected) in [
        ("https://evil.example/", own),
        ("https://app.example.evil.example/", own),
        ("https://app.example:8443/", own),
        ("https://evil.example/@app.example/", own),
        ("https://app.example%5C@evil.example/", unclear),
        ("https://evil.example%5C@app.example/", unclear),
        ("https://app.exam%0Aple/", unclear),
        ("%20https://app.example/", unclear),
        ("https://app.example@evil.example/", nameless),
        ("https://alice:x@app.example/", nameless),
        ("//evil.example/", "an absolute URL"),
        ("/course", "an absolute URL"),
        ("", "an absolute URL"),
        ("http://app.example/", "an https URL"),
        ("javascript:alert(1)", "an https URL"),
    ] {
        // The target is decoded once.
        let query = format!("iss=https://op.example&target_link_uri={target}");
        let reason = refused(accept(&query));
        assert!(
            matches!(&reason, Reason::Url { member, expected: found, .. }
                if member == "target_link_uri" && *found == expected),
            "{target}: {reason}"
        );
    }
    let mut policy = Policy::default();
    policy.danger_allow_insecure_requests();
    let query = "iss=https://op.example&target_link_uri=http://app.example/";
    let error = accept_at(configuration().with_policy(policy), query);
    // The origin still decides.
    let reason = refused(error);
    assert!(
        matches!(
            reason,
            Reason::Url {
                expected: "a page of the application",
                ..
            }
        ),
        "{reason}"
    );
}

#[test]
fn what_is_no_url_is_a_mistake_of_the_caller() {
    let Err(Error::Misuse(misuse)) = LoginInitiation::from_url("iss=x") else {
        panic!("accepted");
    };
    assert!(matches!(misuse, Misuse::InvalidArgument { .. }));
}
