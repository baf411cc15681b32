use proptest::prelude::*;

use super::*;
use crate::authorization::{ExpectedState, ResponseType};
use crate::configuration::Configuration;
use crate::error::Artefact;
use crate::policy::Policy;
use crate::testing;

/// Returns the code of a callback that passes `configuration` and the state `s`.
fn code_under(configuration: &Configuration, callback: &str) -> Result<String, Error> {
    let callback = Callback::from_url(callback)?;
    read(configuration, &callback, &ExpectedState::Equals("s".into()))
}

/// Returns the code of the response to a request for a code.
fn read(
    configuration: &Configuration,
    callback: &Callback,
    state: &ExpectedState,
) -> Result<String, Error> {
    let Received::Plain(parameters) = callback.clone().received(ResponseMode::Query)? else {
        panic!("packed");
    };
    let answer = parameters.check(configuration, ResponseType::Code, state)?;
    assert!(answer.id_token.is_none());
    Ok(answer.code.unwrap().expose().clone())
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
    let setup = testing::setup();
    let setup = setup.server(|it| it.authorization_response_iss_parameter_supported = Some(true));
    setup.build()
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
    let state = ExpectedState::Equals("s".into());
    assert_eq!(read(&configuration, &callback, &state).unwrap(), "c");
}

#[test]
fn the_state_must_equal_the_one_sent() {
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
    let emptied = Callback::from_query("code=c&state=");
    let state = ExpectedState::Equals("".into());
    assert_refused(read(&configuration, &emptied, &state), INVALID, mismatch());
}

#[test]
fn a_state_that_was_not_sent_must_be_absent() {
    let configuration = testing::configuration();
    let read = |query: &str, expected: ExpectedState| {
        read(&configuration, &Callback::from_query(query), &expected)
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

/// RFC 9207 section 2.4 requires a plain comparison of `iss` with the issuer.
#[test]
fn the_issuer_must_equal_that_of_the_server() {
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

/// Written out again, so that a name missing from the list in the code fails here.
const NAMES: [&str; 10] = [
    "iss",
    "state",
    "response",
    "error",
    "code",
    "id_token",
    "token",
    "access_token",
    "token_type",
    "expires_in",
];

#[test]
fn a_parameter_of_the_protocol_occurs_once() {
    for name in NAMES.into_iter().filter(|name| *name != "response") {
        assert_refused(
            code(&format!("{name}=s&{name}=s")),
            INVALID,
            Reason::Duplicate {
                member: name.into(),
            },
        );
    }
}

/// One parameter of the protocol is enough for a refusal: in any channel but the one requested, and
/// in plain form where the response should be packed.
#[test]
fn each_parameter_of_the_protocol_is_missed_from_its_channel() {
    for name in NAMES {
        let parameter = format!("{name}=x");
        for (mode, callback, found) in [
            (
                ResponseMode::Query,
                Callback::from_url(&format!("/cb?code=c&state=s#{parameter}")).unwrap(),
                "fragment",
            ),
            (
                ResponseMode::Fragment,
                Callback::from_url(&format!("/cb?{parameter}#code=c&state=s")).unwrap(),
                "query",
            ),
            (
                ResponseMode::Query,
                Callback::from_form_post(&parameter),
                "form_post",
            ),
        ] {
            let result = callback.clone().received(mode).map(|_| String::new());
            let expected = mode.as_str();
            assert_refused(result, INVALID, Reason::ResponseMode { expected, found });
        }
        if name == "response" {
            continue;
        }
        let unpacked = Callback::from_query(&parameter).received(ResponseMode::Jwt);
        let reason = Reason::ResponseMode {
            expected: "jwt",
            found: "query",
        };
        assert_refused(unpacked.map(|_| String::new()), INVALID, reason);
        let query = format!("response=a.b.c&{parameter}");
        let in_query = Callback::from_query(&query).received(ResponseMode::Jwt);
        let member = name.into();
        let reason = Reason::Unexpected { member };
        assert_refused(in_query.map(|_| String::new()), INVALID, reason);
    }
}

/// A person opens the page of the callback, or a robot does.
#[test]
fn a_visit_without_a_response_is_called_one() {
    for (mode, channel, more) in [
        (ResponseMode::Query, "query", ""),
        (ResponseMode::Jwt, "query", ""),
        (ResponseMode::FormPost, "form_post", ""),
        (
            ResponseMode::Fragment,
            "fragment",
            ", or the fragment was not sent to the server, which a script of the page has to do",
        ),
    ] {
        for url in ["https://app.example/cb", "/cb?utm_source=mail#top"] {
            let visit = Callback::from_url(url).unwrap();
            let result = visit.clone().received(mode).map(|_| String::new());
            let text = format!(
                "authorization response refused: expected a response in the {channel}, found no \
                 parameter of one: the page was opened without a login{more}"
            );
            assert_eq!(result.as_ref().unwrap_err().to_string(), text);
            let reason = Reason::NoResponse { expected: channel };
            assert_refused(result, INVALID, reason);
        }
    }
    // One parameter makes it a response.
    let response = Callback::from_url("/cb?state=s").unwrap();
    let result = response.clone().received(ResponseMode::Jwt);
    let another = Reason::ResponseMode {
        expected: "jwt",
        found: "query",
    };
    assert_refused(result.map(|_| String::new()), INVALID, another);
    assert!(response.clone().received(ResponseMode::Query).is_ok());
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
fn each_mode_has_its_channel_and_its_form() {
    use ResponseMode::*;
    const PLAIN: &str = "code=c&state=s";
    const PACKED: &str = "response=a.b.c";
    for mode in [
        Query,
        Fragment,
        FormPost,
        Jwt,
        QueryJwt,
        FragmentJwt,
        FormPostJwt,
    ] {
        for (channel, form) in [
            ("query", PLAIN),
            ("fragment", PLAIN),
            ("form_post", PLAIN),
            ("query", PACKED),
            ("fragment", PACKED),
            ("form_post", PACKED),
        ] {
            let callback = match channel {
                "query" => Callback::from_query(form),
                "fragment" => Callback::from_url(&format!("/cb?keep=1#{form}")).unwrap(),
                _ => Callback::from_form_post(form),
            };
            let result = callback.clone().received(mode);
            if channel == mode.channel() && mode.is_jwt() == (form == PACKED) {
                assert_eq!(matches!(result.unwrap(), Received::Jwt(_)), mode.is_jwt());
                continue;
            }
            let found = match channel == mode.channel() && form == PACKED {
                true => "jwt",
                false => channel,
            };
            assert_refused(
                result.map(|_| String::new()),
                INVALID,
                Reason::ResponseMode {
                    expected: mode.as_str(),
                    found,
                },
            );
        }
    }
}

/// JARM section 2.1 puts all parameters into the JWT.
#[test]
fn a_packed_response_stands_alone() {
    let missing = || Reason::Missing {
        member: "response".into(),
    };
    for (query, reason) in [
        ("", Reason::NoResponse { expected: "query" }),
        ("x=y", Reason::NoResponse { expected: "query" }),
        ("response=", missing()),
        (
            "response=a.b.c&response=a.b.c",
            Reason::Duplicate {
                member: "response".into(),
            },
        ),
    ] {
        let result = Callback::from_query(query).received(ResponseMode::QueryJwt);
        assert_refused(result.map(|_| String::new()), INVALID, reason);
    }
    let callback = Callback::from_query("response=a.b.c&session_state=x");
    assert!(callback.clone().received(ResponseMode::Jwt).is_ok());
}

#[test]
fn the_state_is_found_wherever_it_is() {
    let jwt = testing::sign(&serde_json::json!({"state": "s", "code": "c"}));
    for callback in [
        Callback::from_query("state=s"),
        Callback::from_url("/cb?x=y#state=s").unwrap(),
        Callback::from_form_post("state=s"),
        Callback::from_query(&format!("response={jwt}")),
        Callback::from_form_post(&format!("response={jwt}")),
    ] {
        assert_eq!(callback.state(), Some("s"));
        assert!(!format!("{callback:?}").contains("\"s\""));
    }
    for packed in ["a.b.c", "a.e30.c", "a", "a.b.c.d.e", "a.eyJzdGF0ZSI6MX0.c"] {
        let callback = Callback::from_query(&format!("response={packed}"));
        assert_eq!(callback.state(), None);
    }
}

#[test]
fn each_response_type_hands_out_what_was_asked_for() {
    let configuration = testing::configuration();
    let check = |response_type, form: &str| {
        let callback = Callback::from_form_post(form);
        let Ok(Received::Plain(parameters)) = callback.clone().received(ResponseMode::FormPost)
        else {
            panic!();
        };
        let state = ExpectedState::Equals("s".into());
        let answer = parameters.check(&configuration, response_type, &state)?;
        let text = |value: Option<Secret>| value.map(|it| it.expose().clone());
        Ok((text(answer.code), text(answer.id_token)))
    };
    let code = || Some("c".to_owned());
    let id_token = || Some("i".to_owned());
    let both = "code=c&id_token=i&state=s";
    let got = check(ResponseType::CodeIdToken, both).unwrap();
    assert_eq!(got, (code(), id_token()));
    let got = check(ResponseType::IdToken, "id_token=i&state=s").unwrap();
    assert_eq!(got, (None, id_token()));

    let stray = |member| Reason::ImplicitParameter { member };
    let missing = |member: &'static str| Reason::Missing {
        member: member.into(),
    };
    let unsupported = "OAUTH_UNSUPPORTED_OPERATION";
    use ResponseType::*;
    for (response_type, form, code, reason) in [
        (Code, both, unsupported, stray("id_token")),
        (IdToken, both, unsupported, stray("code")),
        (CodeIdToken, "code=c&state=s", INVALID, missing("id_token")),
        (CodeIdToken, "id_token=i&state=s", INVALID, missing("code")),
        (
            CodeIdToken,
            "code=c&id_token=&state=s",
            INVALID,
            missing("id_token"),
        ),
        (IdToken, "state=s", INVALID, missing("id_token")),
        (
            CodeIdToken,
            "code=c&id_token=i&state=s&access_token=a",
            unsupported,
            stray("access_token"),
        ),
        (
            IdToken,
            "id_token=i&state=s&token_type=x&access_token=a",
            unsupported,
            stray("access_token"),
        ),
    ] {
        let result: Result<_, Error> = check(response_type, form);
        assert_refused(result.map(|_| String::new()), code, reason);
    }
}

#[test]
fn the_issuer_can_be_required() {
    let mut policy = Policy::default();
    policy.require_authorization_response_iss();
    let configuration = testing::configuration().with_policy(policy);
    assert_refused(
        code_under(&configuration, "/cb?code=c&state=s"),
        INVALID,
        Reason::Missing {
            member: "iss".into(),
        },
    );
    let with = "/cb?code=c&state=s&iss=https://op.example";
    assert_eq!(code_under(&configuration, with).unwrap(), "c");
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
    for (text, found) in [
        ("https://", "none (empty host)"),
        (
            "https://app.example:port/cb?code=c",
            "none (invalid port number)",
        ),
        ("", "text without a path or a query"),
        ("code=c&state=s", "text without a path or a query"),
    ] {
        let Err(Error::Misuse(misuse)) = Callback::from_url(text) else {
            panic!("accepted");
        };
        assert_eq!(
            misuse.to_string(),
            format!(
                "`callback` must be the URL that the browser was sent to, or its path and query \
                 (`Callback::from_query` takes a query alone, and `Callback::from_form_post` the body of \
                 a form post), found {found}"
            )
        );
    }
    for text in [
        "/cb?state=s",
        "cb?state=s",
        "?state=s",
        "#state=s",
        // As copied out of a text.
        " https://app.example/cb?code=c&state=s\r\n",
        "https://app.example/cb?code=c&st\r\n\tate=s#",
    ] {
        assert_eq!(Callback::from_url(text).unwrap().state(), Some("s"));
    }
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
            prop_assert!(read(&configuration, &callback, &state).is_err());
        }
        prop_assert!(read(&configuration, &Callback::from_query(&query), &state).is_err());
    }
}

#[test]
fn a_parameter_that_the_server_adds_is_given_once() {
    let user = r#"{"name":{"firstName":"Alice"}}"#;
    let body = Parameters::from([("code", "c"), ("state", "s"), ("user", user)]);
    let callback = Callback::from_form_post(&body.encode());
    assert_eq!(callback.parameter("user").unwrap(), Some(user));
    assert_eq!(callback.parameter("other").unwrap(), None);
}

#[test]
fn a_parameter_that_occurs_twice_in_any_channels_is_refused() {
    let callbacks = [
        Callback::from_form_post("user=a&user=a"),
        Callback::from_url("https://app.example/cb?user=a#user=b").unwrap(),
    ];
    for callback in callbacks {
        let error = callback.parameter("user").unwrap_err();
        let member = "user".into();
        assert_eq!(
            error.rejection().unwrap().reason,
            Reason::Duplicate { member }
        );
    }
}

#[test]
fn a_parameter_has_a_greatest_length() {
    let longest = "x".repeat(LONGEST_PARAMETER);
    let callback = Callback::from_query(&format!("user={longest}"));
    assert_eq!(callback.parameter("user").unwrap(), Some(&*longest));
    let callback = Callback::from_query(&format!("user={longest}x"));
    let error = callback.parameter("user").unwrap_err();
    let reason = Reason::IllTyped {
        member: "user".into(),
        expected: "at most 16 KiB of text",
        found: "16385 bytes".to_owned(),
    };
    assert_eq!(error.rejection().unwrap().reason, reason);
}

#[test]
fn a_parameter_of_the_protocol_is_not_given() {
    let callback = Callback::from_query("code=c&state=s&iss=i");
    for name in PARAMETERS_ONCE {
        let error = callback.parameter(name).unwrap_err();
        let Error::Misuse(Misuse::InvalidArgument {
            argument, found, ..
        }) = error
        else {
            panic!("{error}");
        };
        assert_eq!((argument, found.as_str()), ("name", name));
    }
}
