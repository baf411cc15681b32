//! ID Tokens of an endpoint that serves every tenant of Entra ID.

use jose::VerifyingKey;
use jose::jws::Unverified;
use serde_json::json;

use super::*;
use crate::endpoint::{ExpectedSubject, validate_introspection, validate_user_info};
use crate::error::Misuse;
use crate::policy::Tenants;
use crate::testing::{setup, sign_with};
use crate::time::UnixTime;
use crate::validate::{check_parameter, validate_authorization_response};

const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const OTHER: &str = "82229342-1101-4ab6-817b-70c0747630f3";
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

fn issuer(tenant: &str) -> String {
    TEMPLATE.replace("{tenantid}", tenant)
}

fn pair(tenants: Option<Tenants>) -> Result<Configuration, Error> {
    let mut policy = Policy::default();
    if let Some(tenants) = tenants {
        policy.set_tenants(tenants);
    }
    setup().issuer(TEMPLATE).policy(policy).result()
}

/// A client of the server with this issuer.
fn at(issuer: &str) -> Configuration {
    setup().issuer(issuer).build()
}

fn listed() -> Configuration {
    pair(Some(Tenants::listed([TENANT]).unwrap())).unwrap()
}

fn of(tenant: &str) -> Value {
    with(&[("iss", json!(issuer(tenant))), ("tid", json!(tenant))])
}

fn verify(configuration: Configuration, claims: &Value) -> Result<IdToken, Reason> {
    verify_with_keys(configuration, claims, key_set(&[&SERVER_KEY]))
}

fn verify_with_keys(
    configuration: Configuration,
    claims: &Value,
    keys: String,
) -> Result<IdToken, Reason> {
    let nonce = NonceExpectation::Equals("n-1".into());
    let expectations = IdTokenExpectations::login(nonce, None);
    let mut operation = VerifyIdToken::new(configuration, sign(claims), expectations);
    let cache = Cache::new();
    let mut env = env(NOW, 0, &cache);
    let fetch = operation.step(&mut env, Event::Begin).unwrap();
    assert!(matches!(fetch, Action::Send(_)));
    match operation.step(&mut env, Event::Received(response(200, keys))) {
        Ok(Action::Done(id_token)) => Ok(id_token),
        Err(Error::Rejected(rejection)) => {
            assert_eq!(rejection.artefact, Artefact::IdToken);
            Err(rejection.reason.clone())
        }
        other => panic!("{other:?}"),
    }
}

fn another_issuer(expected: &str, found: &str) -> Reason {
    Reason::ClaimMismatch {
        claim: "iss",
        expected: Some(expected.to_owned()),
        found: Some(found.to_owned()),
    }
}

fn tenant_refused(tenant: &str) -> Reason {
    Reason::TenantRefused {
        tenant: tenant.to_owned(),
    }
}

#[test]
fn whose_people_may_log_in_has_to_be_said() {
    let Err(Error::Misuse(misuse)) = pair(None) else {
        panic!("accepted");
    };
    assert_eq!(
        misuse,
        Misuse::MissingArgument {
            argument: "tenants",
            purpose: "a server that serves every tenant of Entra ID",
        }
    );
    assert_eq!(
        tenant_refused(TENANT).to_string(),
        format!("tenant {TENANT} may not log in here; `tenants` lists those that may")
    );
    // A policy without tenants accepts none.
    let forgotten = listed().with_policy(Policy::default());
    assert_eq!(
        verify(forgotten, &of(TENANT)).unwrap_err(),
        tenant_refused(TENANT)
    );
}

#[test]
fn a_tenant_is_accepted_or_refused() {
    let id_token = verify(listed(), &of(TENANT)).unwrap();
    assert_eq!(id_token.iss(), issuer(TENANT));
    let refused = verify(listed(), &of(OTHER)).unwrap_err();
    assert_eq!(refused, tenant_refused(OTHER));

    let checked = || pair(Some(Tenants::checked(|tenant| tenant.as_str() == OTHER))).unwrap();
    verify(checked(), &of(OTHER)).unwrap();
    let refused = verify(checked(), &of(TENANT)).unwrap_err();
    assert_eq!(refused, tenant_refused(TENANT));

    let any = pair(Some(Tenants::any())).unwrap();
    verify(any, &of(OTHER)).unwrap();
}

#[test]
fn a_malformed_tenant_is_refused_under_every_policy() {
    let ill_typed = |found: &str| Reason::IllTyped {
        member: "tid".into(),
        expected: "a UUID in lower case",
        found: found.to_owned(),
    };
    let upper = TENANT.to_uppercase();
    let traversal = format!("{TENANT}/../{OTHER}");
    for (tid, iss, reason) in [
        (
            Value::Null,
            issuer(TENANT),
            Reason::Missing {
                member: "tid".into(),
            },
        ),
        (
            json!(7),
            issuer(TENANT),
            Reason::IllTyped {
                member: "tid".into(),
                expected: "a string",
                found: "number".to_owned(),
            },
        ),
        (json!(""), issuer(""), ill_typed("")),
        // The text that JavaScript makes of a missing value.
        (
            json!("undefined"),
            issuer("undefined"),
            ill_typed("undefined"),
        ),
        (
            json!("{tenantid}"),
            TEMPLATE.to_owned(),
            ill_typed("{tenantid}"),
        ),
        (json!("common"), issuer("common"), ill_typed("common")),
        (json!(upper), issuer(&upper), ill_typed(&upper)),
        (json!(traversal), issuer(&traversal), ill_typed(&traversal)),
        (
            json!(TENANT),
            issuer(OTHER),
            another_issuer(&issuer(TENANT), &issuer(OTHER)),
        ),
        (
            json!(TENANT),
            TEMPLATE.to_owned(),
            another_issuer(&issuer(TENANT), TEMPLATE),
        ),
        (
            json!(TENANT),
            format!("{}/", issuer(TENANT)),
            another_issuer(&issuer(TENANT), &format!("{}/", issuer(TENANT))),
        ),
        (
            json!(TENANT),
            format!("https://sts.windows.net/{TENANT}/"),
            another_issuer(
                &issuer(TENANT),
                &format!("https://sts.windows.net/{TENANT}/"),
            ),
        ),
        (
            json!(TENANT),
            format!("https://login.microsoftonline.com.evil.example/{TENANT}/v2.0"),
            another_issuer(
                &issuer(TENANT),
                &format!("https://login.microsoftonline.com.evil.example/{TENANT}/v2.0"),
            ),
        ),
    ] {
        let mut claims = with(&[("iss", json!(iss)), ("tid", tid.clone())]);
        if tid.is_null() {
            claims.as_object_mut().unwrap().remove("tid");
        }
        let any = pair(Some(Tenants::any())).unwrap();
        assert_eq!(verify(any, &claims).unwrap_err(), reason, "{tid} {iss}");
    }
}

/// A null tenant is missing; the issuer alone does not decide.
#[test]
fn a_tenant_that_is_null_is_missing() {
    let claims = with(&[("iss", json!(issuer(TENANT))), ("tid", Value::Null)]);
    let any = pair(Some(Tenants::any())).unwrap();
    let member = "tid".into();
    assert_eq!(
        verify(any, &claims).unwrap_err(),
        Reason::Missing { member }
    );
}

/// A key of one service does not sign for another: Entra ID's key set says for which issuer a key
/// is.
#[test]
fn a_key_that_is_for_another_issuer_verifies_nothing() {
    let keys = |issuer: Value| {
        let mut key = SERVER_KEY.public_jwk().unwrap().to_json();
        key.insert("issuer".to_owned(), issuer);
        json!({ "keys": [key] }).to_string()
    };
    let consumers = issuer("9188040d-6c67-4c5b-b112-36a304b66dad");
    // At an endpoint for all tenants, and at that of one tenant.
    for configuration in [listed(), at(&issuer(TENANT))] {
        let verify = |key: Value| verify_with_keys(configuration.clone(), &of(TENANT), keys(key));
        for good in [json!(TEMPLATE), json!(issuer(TENANT))] {
            verify(good).unwrap();
        }
        for bad in [
            json!(consumers),
            json!(issuer(OTHER)),
            json!("https://sts.windows.net/{tenantid}/"),
            json!(null),
            json!([TEMPLATE]),
        ] {
            let expected = another_issuer(&bad.to_string(), &issuer(TENANT));
            assert_eq!(verify(bad).unwrap_err(), expected);
        }
    }
    let first_version = format!("https://sts.windows.net/{TENANT}/");
    let claims_of_it = with(&[("iss", json!(first_version))]);
    let verify = |key: &str| {
        let configuration = at(&first_version);
        verify_with_keys(configuration, &claims_of_it, keys(json!(key)))
    };
    verify("https://sts.windows.net/{tenantid}/").unwrap();
    verify(&first_version).unwrap();
    let other = format!("https://sts.windows.net/{OTHER}/");
    assert_eq!(
        verify(&other).unwrap_err(),
        another_issuer(&json!(other).to_string(), &first_version)
    );
    // At a server with an ordinary issuer, the mark has no meaning.
    let keys = keys(json!("https://another.example"));
    verify_with_keys(configuration(), &claims(), keys).unwrap();
}

/// Other responses may omit `tid`; if present, it is checked.
#[test]
fn the_tenants_apply_to_other_responses_too() {
    let parameter = |iss: &str| check_parameter(&listed(), iss);
    parameter(&issuer(TENANT)).unwrap();
    assert_eq!(
        parameter(&issuer(OTHER)).unwrap_err(),
        tenant_refused(OTHER)
    );
    for iss in [TEMPLATE, "https://login.microsoftonline.com/common/v2.0"] {
        assert_eq!(
            parameter(iss).unwrap_err(),
            Reason::ParameterMismatch {
                parameter: "iss",
                expected: Some(TEMPLATE.to_owned()),
                found: Some(iss.to_owned()),
            }
        );
    }

    for (iss, tid, expected) in [
        (issuer(TENANT), None, Ok(())),
        (issuer(TENANT), Some(TENANT), Ok(())),
        (issuer(OTHER), None, Err(tenant_refused(OTHER))),
        (
            issuer(TENANT),
            Some(OTHER),
            Err(another_issuer(&issuer(OTHER), &issuer(TENANT))),
        ),
        (
            TEMPLATE.to_owned(),
            None,
            Err(another_issuer(TEMPLATE, TEMPLATE)),
        ),
    ] {
        let mut claims = json!({
            "iss": iss,
            "aud": "app",
            "sub": "alice",
            "exp": NOW + 60,
            "iat": NOW,
            "token_introspection": {"active": true},
        });
        if let Some(tid) = tid {
            claims["tid"] = json!(tid);
        }
        let header = jose::jws::ProtectedHeader::new(jose::SignatureAlgorithm::ES256);
        let key = VerifyingKey::from_jwk(&SERVER_KEY.public_jwk().unwrap()).unwrap();
        let jwt = |typ: &str| sign_with(&SERVER_KEY, &header.clone().typ(typ), &claims);
        let verified = |jwt: &str| {
            let unverified = Unverified::parse(jwt).unwrap();
            unverified
                .verify(&key, jose::SignatureAlgorithm::ES256)
                .unwrap()
        };
        let now = UnixTime::from_seconds(NOW);
        let configuration = listed();

        let token = verified(&jwt("JWT"));
        let judged = validate_authorization_response(
            &configuration,
            now,
            token.header(),
            &token.claims().unwrap(),
        );
        assert_eq!(judged.map(drop), expected);
        let subject = ExpectedSubject::Equals("alice".to_owned());
        let judged = validate_user_info(
            &configuration,
            &subject,
            now,
            token.header(),
            &token.claims().unwrap(),
        );
        assert_eq!(judged.map(drop), expected);
        let token = verified(&jwt("token-introspection+jwt"));
        let judged = validate_introspection(
            &configuration,
            now,
            token.header(),
            &token.claims().unwrap(),
        );
        assert_eq!(judged.map(drop), expected);
    }
}
