use std::time::Duration;

use super::*;
use crate::entropy::{Entropy, EntropyFault};
use crate::error::{MetadataError, Misuse};
use crate::pkce::CodeVerifier;
use crate::secret::Secret;

/// OpenID Connect Core 1.0 section 3.1.2.1 and RFC 7636 section 4.3.
#[test]
fn a_request_carries_state_nonce_and_pkce() {
    let (url, pending) = begin(request()).unwrap();
    let challenge = CodeVerifier::new(VERIFIER).unwrap().code_challenge();
    assert_eq!(
        url.as_str(),
        format!(
            "https://op.example/authorize?client_id=app&response_type=code\
             &redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fa%3Db+c&scope=openid\
             &state={STATE}&nonce={NONCE}&code_challenge={challenge}&code_challenge_method=S256"
        )
    );
    assert!(!url.as_str().contains(VERIFIER));
    assert_eq!(pending.state(), STATE);
    assert_eq!(pending.issuer(), "https://op.example");
    assert_eq!(pending.created_at().seconds(), NOW);

    let (redirect_uri, checks) = pending.into_checks(crate::time::UnixTime::from_seconds(NOW));
    assert_eq!(redirect_uri, "https://app.example/cb?a=b c");
    assert_eq!(
        checks.expected_state,
        ExpectedState::Equals(Secret::from(STATE))
    );
    assert_eq!(checks.expected_nonce, Some(Secret::from(NONCE)));
    assert_eq!(
        checks.pkce_code_verifier,
        Some(CodeVerifier::new(VERIFIER).unwrap())
    );
    assert_eq!(checks.max_age, None);
    assert!(checks.requires_id_token());
}

#[test]
fn every_setting_is_sent() {
    let request = request()
        .scope("openid email")
        .max_age(Duration::from_secs(0))
        .prompt("login consent")
        .login_hint("a@b")
        .id_token_hint("h")
        .acr_values("1 2")
        .ui_locales("de en")
        .parameter("resource", "https://a.example")
        .parameter("resource", "https://b.example");
    let (url, _) = begin(request).unwrap();
    let (_, settings) = url.as_str().split_once("S256").unwrap();
    assert_eq!(
        settings,
        "&max_age=0&prompt=login+consent&login_hint=a%40b&id_token_hint=h&acr_values=1+2\
         &ui_locales=de+en&resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example"
    );
    assert!(url.as_str().contains("&scope=openid+email&"));
}

#[test]
fn without_openid_there_is_no_nonce_and_no_id_token() {
    for (scope, sent) in [("", None), ("openidx profile", Some("openidx profile"))] {
        let (url, pending) = begin(request().scope(scope)).unwrap();
        let value = |name: &str| {
            url.query_pairs()
                .find_map(|(found, value)| (found == name).then(|| value.into_owned()))
        };
        assert_eq!(value("scope").as_deref(), sent);
        assert_eq!(value("nonce"), None);
        assert!(value("code_challenge").is_some());
        let (_, checks) = pending.into_checks(crate::time::UnixTime::from_seconds(NOW));
        assert_eq!(checks.expected_nonce, None);
        assert!(!checks.requires_id_token());
    }
}

#[test]
fn settings_that_cannot_be_sent_are_refused() {
    let invalid = |argument, expected, found: &str| Misuse::InvalidArgument {
        argument,
        expected,
        found: found.to_owned(),
    };
    let url = "an absolute URL without fragment";
    let scope = "values of printable ASCII with single spaces between them";
    for (request, expected) in [
        (
            AuthorizationRequest::new(testing::configuration()),
            Misuse::MissingArgument {
                argument: "redirect_uri",
                purpose: "an authorization request",
            },
        ),
        (
            request().redirect_uri("/cb"),
            invalid("redirect_uri", url, "/cb"),
        ),
        (
            request().redirect_uri("https://app.example/cb#"),
            invalid("redirect_uri", url, "https://app.example/cb#"),
        ),
        (
            request().resource("a.example"),
            invalid("resource", "an absolute URI without fragment", "a.example"),
        ),
        (
            request().resource("https://a.example#"),
            invalid(
                "resource",
                "an absolute URI without fragment",
                "https://a.example#",
            ),
        ),
        (
            request().scope("openid  email"),
            invalid("scope", scope, "openid  email"),
        ),
        (
            request().scope("openid\temail"),
            invalid("scope", scope, "openid\\temail"),
        ),
        (request().scope("a\"b"), invalid("scope", scope, "a\"b")),
        (
            request().scope("email").max_age(Duration::from_secs(1)),
            invalid("scope", "one with `openid`, since max_age is set", "email"),
        ),
    ] {
        let Err(Error::Misuse(misuse)) = begin(request) else {
            panic!("accepted instead of {expected}");
        };
        assert_eq!(misuse, expected);
    }
}

/// Written out again, so that a name missing from the list in the code fails here.
#[test]
fn a_parameter_with_a_special_rule_is_no_further_parameter() {
    for name in [
        "client_id",
        "response_type",
        "response_mode",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "max_age",
        "dpop_jkt",
        "prompt",
        "login_hint",
        "id_token_hint",
        "acr_values",
        "ui_locales",
        "claims",
        "authorization_details",
        "request",
        "request_uri",
        "client_secret",
        "code_verifier",
    ] {
        let Err(Error::Misuse(misuse)) = begin(request().parameter(name, "x")) else {
            panic!("{name} was accepted");
        };
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument: "parameter",
                expected: "one that this library does not set itself",
                found: name.to_owned(),
            }
        );
    }
    assert!(begin(request().parameter("hd", "example.com")).is_ok());
}

/// RFC 6749 section 3.1: the endpoint's query is kept, and no parameter occurs twice.
#[test]
fn the_endpoints_own_query_is_kept_and_never_repeated() {
    let at = |endpoint: &str| {
        let endpoint = Some(endpoint.to_owned());
        let setup = testing::setup().server(|it| it.authorization_endpoint = endpoint);
        let request = AuthorizationRequest::new(setup.build());
        begin(request.redirect_uri("https://app.example/cb")).map(|(url, _)| url)
    };
    let url = at("https://op.example/a?p=B2C%5f1&x#f").unwrap();
    assert!(
        url.as_str()
            .starts_with("https://op.example/a?p=B2C%5f1&x&client_id=app&"),
        "{url}"
    );
    assert_eq!(url.fragment(), None);

    for name in [
        "scope",
        "state",
        "client_id",
        "request",
        "request_uri",
        "response_mode",
        "redirect_uri",
    ] {
        let error = at(&format!("https://op.example/a?p=1&{name}=z")).unwrap_err();
        assert_eq!(error.code(), Some("OAUTH_INVALID_SERVER_METADATA"));
        let Error::Metadata(error) = error else {
            panic!("{error}")
        };
        assert_eq!(
            error,
            MetadataError::Invalid {
                member: "authorization_endpoint",
                expected: "a URL whose query holds no parameter of the request",
                found: name.to_owned(),
            }
        );
    }
}

fn registered(redirect_uris: &[&str]) -> AuthorizationRequest {
    let redirect_uris = redirect_uris.iter().map(|uri| (*uri).to_owned()).collect();
    let setup = testing::setup().client(|it| it.redirect_uris = Some(redirect_uris));
    AuthorizationRequest::new(setup.build())
}

#[test]
fn the_one_redirect_uri_that_is_registered_need_not_be_repeated() {
    let sent = |request| {
        let (url, pending) = begin(request).unwrap();
        let (kept, _) = pending.into_checks(crate::time::UnixTime::from_seconds(NOW));
        let sent = url.query_pairs().find(|(name, _)| name == "redirect_uri");
        assert_eq!(sent.unwrap().1, kept);
        kept
    };
    let one = registered(&["https://app.example/one"]);
    assert_eq!(sent(one.clone()), "https://app.example/one");
    let other = one.redirect_uri("https://app.example/two");
    assert_eq!(sent(other), "https://app.example/two");

    for several in [&[][..], &["https://app.example/a", "https://app.example/b"]] {
        let Err(Error::Misuse(misuse)) = begin(registered(several)) else {
            panic!("sent to an endpoint that was not chosen");
        };
        assert_eq!(
            misuse,
            Misuse::MissingArgument {
                argument: "redirect_uri",
                purpose: "an authorization request",
            }
        );
    }
}

#[test]
fn a_browser_is_sent_nowhere_insecure() {
    let endpoint = Some("http://op.example/authorize".to_owned());
    let setup = testing::setup().server(|it| it.authorization_endpoint = endpoint);
    let request = AuthorizationRequest::new(setup.build()).redirect_uri("https://app.example/cb");
    let error = begin(request).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_HTTP_REQUEST_FORBIDDEN"));
}

#[test]
fn failing_entropy_ends_the_login() {
    struct Failing;
    impl Entropy for Failing {
        fn fill(&self, _: &mut [u8]) -> Result<(), EntropyFault> {
            Err(EntropyFault)
        }
    }
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    env.entropy = &Failing;
    let error = request().begin().step(&mut env, Event::Begin).unwrap_err();
    assert_eq!(error.code(), Some("OAUTH_ENTROPY_UNAVAILABLE"));
}

#[test]
fn a_login_is_begun_once() {
    let cache = Cache::default();
    let mut env = testing::env(NOW, 0, &cache);
    let mut begun = request().begin();
    assert!(matches!(
        begun.step(&mut env, Event::Begin),
        Ok(Action::Done(_))
    ));
    let again = begun.step(&mut env, Event::Begin);
    assert!(matches!(again, Err(Error::Misuse(Misuse::Finished))));

    let mut early = request().begin();
    let Err(Error::Misuse(misuse)) = early.step(&mut env, Event::Elapsed) else {
        panic!("accepted");
    };
    assert_eq!(
        misuse,
        Misuse::UnexpectedEvent {
            expected: "Begin",
            found: "Elapsed",
        }
    );
    let aborted = request().begin().step(&mut env, Event::Aborted);
    assert!(matches!(aborted, Err(Error::Aborted)));
}

/// Requests for the other response types and modes (OpenID Connect Core 1.0 sections 3.2.2.1 and
/// 3.3.2.1).
#[test]
fn other_response_types_and_modes_are_asked_for() {
    let parts = |request: AuthorizationRequest| {
        let (url, _) = begin(request).unwrap();
        let value = |name: &str| {
            url.query_pairs()
                .find_map(|(found, value)| (found == name).then(|| value.into_owned()))
        };
        (
            value("response_type").unwrap(),
            value("response_mode"),
            value("code_challenge").is_some(),
            value("nonce").is_some(),
        )
    };
    let of = |response_type: &str, mode: Option<&str>, challenge| {
        let mode = mode.map(str::to_owned);
        (response_type.to_owned(), mode, challenge, true)
    };
    for (response_type, mode, expected) in [
        (ResponseType::Code, None, of("code", None, true)),
        (
            ResponseType::Code,
            Some(ResponseMode::Jwt),
            of("code", Some("jwt"), true),
        ),
        (
            ResponseType::CodeIdToken,
            Some(ResponseMode::FormPost),
            of("code id_token", Some("form_post"), true),
        ),
        (
            ResponseType::IdToken,
            Some(ResponseMode::Fragment),
            of("id_token", Some("fragment"), false),
        ),
    ] {
        let mut request = request().response_type(response_type);
        if let Some(mode) = mode {
            request = request.response_mode(mode);
        }
        assert_eq!(parts(request), expected);
    }
}

#[test]
fn modes_and_types_that_exclude_each_other_are_refused() {
    let packed = "one without a JWT around it, since an ID Token comes back";
    for (response_type, mode, expected) in [
        (ResponseType::CodeIdToken, ResponseMode::Jwt, packed),
        (ResponseType::CodeIdToken, ResponseMode::FormPostJwt, packed),
        (ResponseType::IdToken, ResponseMode::QueryJwt, packed),
        (
            ResponseType::CodeIdToken,
            ResponseMode::Query,
            "fragment or form_post, since an ID Token comes back",
        ),
    ] {
        let request = request().response_type(response_type).response_mode(mode);
        let Err(Error::Misuse(misuse)) = begin(request) else {
            panic!("accepted {}", mode.as_str());
        };
        assert_eq!(
            misuse,
            Misuse::InvalidArgument {
                argument: "response_mode",
                expected,
                found: mode.as_str().to_owned(),
            }
        );
    }
    let request = request()
        .response_type(ResponseType::IdToken)
        .scope("email");
    let Err(Error::Misuse(Misuse::InvalidArgument { argument, .. })) = begin(request) else {
        panic!("accepted");
    };
    assert_eq!(argument, "scope");
}
