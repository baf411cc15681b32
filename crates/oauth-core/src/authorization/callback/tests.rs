use proptest::prelude::*;

use super::*;
use crate::metadata::ClientMetadata;
use crate::policy::Policy;
use crate::testing;

/// The code in a callback that has passed `configuration` and the state `s`.
fn code_under(configuration: &Configuration, callback: &str) -> Result<String, Error> {
    Callback::from_url(callback)?
        .code(configuration, &ExpectedState::Equals(Secret::from("s")))
        .map(|code| code.expose().clone())
}

fn code(query: &str) -> Result<String, Error> {
    code_under(
        &testing::configuration(),
        &format!("https://app.example/cb?{query}"),
    )
}

#[track_caller]
fn assert_refused(result: Result<String, Error>, code: &str, reason: Reason) {
    let error = result.expect_err("accepted");
    assert_eq!(error.code(), Some(code), "{error}");
    let rejection = error.rejection().expect("a rejection");
    assert_eq!(rejection.artefact, Artefact::AuthorizationResponse);
    assert_eq!(rejection.reason, reason);
}

fn announcing_iss() -> Configuration {
    let mut server = testing::server();
    server.authorization_response_iss_parameter_supported = Some(true);
    Configuration::new(server, ClientMetadata::new("app"), Policy::default()).unwrap()
}

const INVALID: &str = "OAUTH_INVALID_RESPONSE";

#[test]
fn a_good_callback_gives_the_code() {
    assert_eq!(code("code=c%20c&state=s").unwrap(), "c c");
    assert_eq!(
        code("state=s&iss=https%3A%2F%2Fop.example&code=c&scope=a&scope=b&x=y").unwrap(),
        "c"
    );
    let configuration = testing::configuration();
    assert_eq!(
        code_under(&configuration, "/cb?code=c&state=s").unwrap(),
        "c"
    );
    assert_eq!(
        code_under(&configuration, "com.example.app:/cb?code=c&state=s#_=_").unwrap(),
        "c"
    );
    let callback = Callback::from_query("code=c&state=s");
    assert_eq!(callback.state(), Some("s"));
    assert!(
        callback
            .code(&configuration, &ExpectedState::Equals(Secret::from("s")))
            .is_ok()
    );
}

#[test]
fn the_state_is_held_against_the_one_sent() {
    let missing = || Reason::Missing {
        member: "state".into(),
    };
    let mismatch = || Reason::ParameterMismatch {
        parameter: "state",
        expected: None,
        found: None,
    };
    assert_refused(code("code=c"), INVALID, missing());
    for state in ["", "S", "ss", "s%20"] {
        assert_refused(code(&format!("code=c&state={state}")), INVALID, mismatch());
    }
    let configuration = testing::configuration();
    let emptied = Callback::from_query("code=c&state=")
        .code(&configuration, &ExpectedState::Equals(Secret::from("")))
        .map(|code| code.expose().clone());
    assert_refused(emptied, INVALID, mismatch());
}

#[test]
fn a_state_that_was_not_sent_must_be_absent() {
    let configuration = testing::configuration();
    let read = |query: &str, expected: ExpectedState| {
        Callback::from_query(query)
            .code(&configuration, &expected)
            .map(|code| code.expose().clone())
    };
    for query in ["code=c&state=", "code=c&state=s"] {
        assert_refused(
            read(query, ExpectedState::Absent),
            INVALID,
            Reason::Unexpected {
                member: "state".into(),
            },
        );
        assert_eq!(read(query, ExpectedState::DangerUnchecked).unwrap(), "c");
    }
    assert_eq!(read("code=c", ExpectedState::Absent).unwrap(), "c");
}

/// RFC 9207 section 2.4.
#[test]
fn the_issuer_is_held_against_the_server_asked() {
    for found in ["https://evil.example", "https://op.example/", ""] {
        assert_refused(
            code(&format!("code=c&state=s&iss={found}")),
            INVALID,
            Reason::ParameterMismatch {
                parameter: "iss",
                expected: Some("https://op.example".to_owned()),
                found: Some(found.to_owned()),
            },
        );
    }
    assert_refused(
        code_under(&announcing_iss(), "/cb?code=c&state=s"),
        INVALID,
        Reason::Missing {
            member: "iss".into(),
        },
    );
    assert!(
        code_under(
            &announcing_iss(),
            "/cb?code=c&state=s&iss=https://op.example"
        )
        .is_ok()
    );
}

#[test]
fn a_parameter_of_the_protocol_occurs_once() {
    for name in [
        "iss",
        "state",
        "error",
        "code",
        "id_token",
        "token",
        "access_token",
        "token_type",
        "expires_in",
    ] {
        assert_refused(
            code(&format!("{name}=s&{name}=s")),
            INVALID,
            Reason::Duplicate {
                member: name.into(),
            },
        );
    }
}

#[test]
fn tokens_in_a_response_for_a_code_are_refused() {
    let mut policy = Policy::default();
    policy.danger.accept_stray_parameters = true;
    let lenient = testing::configuration().with_policy(policy);
    for member in [
        "id_token",
        "token",
        "access_token",
        "token_type",
        "expires_in",
    ] {
        assert_refused(
            code(&format!("code=c&state=s&{member}=")),
            "OAUTH_UNSUPPORTED_OPERATION",
            Reason::ImplicitParameter { member },
        );
        let callback = format!("/cb?code=c&state=s&{member}=x");
        assert_eq!(code_under(&lenient, &callback).unwrap(), "c");
    }
}

#[test]
fn another_channel_is_refused() {
    let configuration = testing::configuration();
    for (callback, found) in [
        ("/cb?code=c&state=s&response=", "jwt"),
        ("/cb?response=a.b.c", "jwt"),
        ("/cb#code=c&state=s", "fragment"),
        ("/cb?code=c&state=s#access_token=x", "fragment"),
    ] {
        assert_refused(
            code_under(&configuration, callback),
            INVALID,
            Reason::ResponseMode {
                expected: "query",
                found,
            },
        );
    }
}

#[test]
fn a_code_must_be_there() {
    for query in ["state=s", "state=s&code="] {
        assert_refused(
            code(query),
            INVALID,
            Reason::Missing {
                member: "code".into(),
            },
        );
    }
}

#[test]
fn the_servers_error_is_reported_after_state_and_issuer() {
    let error = code("error=access_denied&error_description=no%0Away&state=s&code=c").unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_AUTHORIZATION_RESPONSE_ERROR"));
    let Error::AuthorizationResponse(answered) = &error else {
        panic!("{error}");
    };
    assert_eq!(answered.error, "access_denied");
    assert_eq!(answered.error_description.as_deref(), Some("no\nway"));
    assert_eq!(
        error.to_string(),
        "the authorization server answered: access_denied (no\\nway)"
    );

    assert_refused(
        code("error=access_denied&state=forged"),
        INVALID,
        Reason::ParameterMismatch {
            parameter: "state",
            expected: None,
            found: None,
        },
    );
    assert_refused(
        code_under(&announcing_iss(), "/cb?error=access_denied&state=s"),
        INVALID,
        Reason::Missing {
            member: "iss".into(),
        },
    );
    assert_refused(
        code("error=&state=s&code=c"),
        INVALID,
        Reason::IllTyped {
            member: "error".into(),
            expected: "an error code",
            found: "nothing".to_owned(),
        },
    );
}

#[test]
fn what_is_no_url_is_a_misuse() {
    let Err(Error::Misuse(misuse)) = Callback::from_url("https://") else {
        panic!("accepted");
    };
    assert_eq!(
        misuse,
        Misuse::InvalidArgument {
            argument: "callback",
            expected: "a URL",
            found: "empty host".to_owned(),
        }
    );
}

#[test]
fn a_callback_is_printed_without_its_values() {
    let callback = Callback::from_query("code=hunter2&state=s");
    assert!(!format!("{callback:?}").contains("hunter2"));
}

proptest! {
    /// No callback panics, and none is accepted without the state.
    #[test]
    fn any_text_is_read(text in "\\PC{0,200}", query in "(([a-z_]{1,8}|code|state|iss)=[a-z%0-9]{0,5}&?){0,6}") {
        let configuration = testing::configuration();
        let state = ExpectedState::Equals(Secret::from("only this one"));
        if let Ok(callback) = Callback::from_url(&text) {
            prop_assert!(callback.code(&configuration, &state).is_err());
        }
        prop_assert!(Callback::from_query(&query).code(&configuration, &state).is_err());
    }
}
