//! The `typ` of each kind of token.

use jose::SignatureAlgorithm::ES256;
use jose::VerifyingKey;
use jose::jws::{ProtectedHeader, Unverified};
use serde_json::{Value, json};

use super::{login, rejection, verify, without};
use crate::endpoint::{ExpectedSubject, validate_introspection, validate_user_info};
use crate::error::{Error, Reason};
use crate::policy::Policy;
use crate::testing::{NOW, SERVER_KEY, claims, configuration, sign_with};
use crate::time::UnixTime;
use crate::validate::{IdToken, validate_authorization_response};

fn header(typ: Option<&str>) -> ProtectedHeader {
    let header = ProtectedHeader::new(ES256).kid("k1");
    match typ {
        Some(typ) => header.typ(typ),
        None => header,
    }
}

fn id_token(policy: Policy, typ: Option<&str>) -> Result<IdToken, Error> {
    let token = sign_with(&SERVER_KEY, &header(typ), &claims());
    verify(configuration().with_policy(policy), token, login())
}

/// Returns the `typ` in a file of the inputs, with the key of this test.
fn typ_of(file: &str) -> String {
    let header: Value = serde_json::from_str(file).unwrap();
    assert_eq!(
        (&header["alg"], &header["kid"]),
        (&json!("ES256"), &json!("k1"))
    );
    header["typ"].as_str().unwrap().to_owned()
}

fn refused(expected: &'static str, found: &str) -> Reason {
    Reason::TokenType {
        expected,
        found: found.to_owned(),
    }
}

#[test]
fn the_media_type_of_a_jwt_is_jwt() {
    let typ = typ_of(include_str!(
        "../../../tests/cases/idtoken-header-typ-application-jwt.json"
    ));
    assert_eq!(typ, "application/jwt");
    for typ in [&typ, "APPLICATION/JWT", "Application/jwt"] {
        id_token(Policy::default(), Some(typ)).unwrap();
    }
    for typ in ["application/x/jwt", "text/jwt", "application/", "/jwt"] {
        let error = id_token(Policy::default(), Some(typ)).unwrap_err();
        assert_eq!(rejection(error), refused("JWT", typ));
    }
}

#[test]
fn a_further_type_of_id_tokens_is_accepted_where_it_is_listed() {
    let typ = typ_of(include_str!(
        "../../../tests/cases/idtoken-header-typ-other.json"
    ));
    let error = id_token(Policy::default(), Some(&typ)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ID Token refused: expected JWT as `typ`, found at+jwt; \
         `danger.accepted_id_token_types` can list it"
    );
    assert_eq!(rejection(error), refused("JWT", "at+jwt"));
    let listed = |types: &[&str]| {
        let types = types.iter().map(ToString::to_string).collect();
        without(|danger| danger.accepted_id_token_types = types)
    };
    for types in [&["ID", "at+jwt"][..], &["application/AT+jwt"]] {
        id_token(listed(types), Some(&typ)).unwrap();
        // The usual types are still accepted, and an unlisted type is not.
        id_token(listed(types), Some("JWT")).unwrap();
        id_token(listed(types), None).unwrap();
        for other in ["logout+jwt", "at+jw", "application/x/at+jwt", ""] {
            let error = id_token(listed(types), Some(other)).unwrap_err();
            assert_eq!(rejection(error), refused("JWT", other));
        }
    }
    // A logout token is also recognised by its events.
    let mut logout = claims();
    logout["events"] = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let token = sign_with(&SERVER_KEY, &header(Some("logout+jwt")), &logout);
    let listed = configuration().with_policy(listed(&["logout+jwt"]));
    let error = verify(listed, token, login()).unwrap_err();
    let member = "events".into();
    assert_eq!(rejection(error), Reason::Unexpected { member });
}

/// The results of the other kinds of token for a type.
fn judge(kind: &str, typ: Option<&str>) -> Result<(), Reason> {
    let mut claims = claims();
    claims["token_introspection"] = json!({"active": true});
    let token = sign_with(&SERVER_KEY, &header(typ), &claims);
    let token = Unverified::parse(&token).unwrap();
    let token = token.verify(
        &VerifyingKey::from_jwk(&SERVER_KEY.public_jwk().unwrap()).unwrap(),
        ES256,
    );
    let token = token.unwrap();
    let (header, claims) = (token.header(), token.claims().unwrap());
    // The switch for ID Tokens does not affect them.
    let further = ["at+jwt", "JWT", "logout+jwt"].map(str::to_owned);
    let policy = without(|danger| danger.accepted_id_token_types = further.into());
    let configuration = configuration().with_policy(policy);
    let now = UnixTime::from_seconds(NOW);
    match kind {
        "response" => {
            validate_authorization_response(&configuration, now, header, &claims).map(drop)
        }
        "introspection" => validate_introspection(&configuration, now, header, &claims).map(drop),
        _ => {
            let subject = ExpectedSubject::Equals("alice".to_owned());
            validate_user_info(&configuration, &subject, now, header, &claims).map(drop)
        }
    }
}

#[test]
fn an_authorization_response_has_no_type_or_that_of_any_jwt() {
    for typ in [None, Some("JWT"), Some("jwt"), Some("application/jwt")] {
        judge("response", typ).unwrap();
    }
    for typ in [
        "at+jwt",
        "oauth-authz-req+jwt",
        "anything",
        "application/x/jwt",
    ] {
        assert_eq!(judge("response", Some(typ)), Err(refused("JWT", typ)));
    }
}

#[test]
fn user_info_has_no_type_or_its_own() {
    for typ in [
        None,
        Some("JWT"),
        Some("application/JWT"),
        Some("userinfo+jwt"),
        Some("UserInfo"),
        Some("at+jwt2"),
        Some("text/at+jwt"),
        Some(""),
    ] {
        judge("userinfo", typ).unwrap();
    }
    for typ in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/At+Jwt",
        "logout+jwt",
        "dpop+jwt",
        "token-introspection+jwt",
        "secevent+jwt",
        "oauth-authz-req+jwt",
        "client-authentication+jwt",
        "entity-statement+jwt",
        "kb+jwt",
    ] {
        assert_eq!(judge("userinfo", Some(typ)), Err(refused("JWT", typ)));
    }
}

/// RFC 9701 section 5 defines the type.
#[test]
fn an_introspection_response_has_its_own_type() {
    const TYPE: &str = "token-introspection+jwt";
    for typ in [
        TYPE,
        "Token-Introspection+JWT",
        "application/token-introspection+jwt",
    ] {
        judge("introspection", Some(typ)).unwrap();
    }
    for typ in [
        "JWT",
        "application/jwt",
        "at+jwt",
        "application/x/token-introspection+jwt",
        "",
    ] {
        assert_eq!(judge("introspection", Some(typ)), Err(refused(TYPE, typ)));
    }
    assert_eq!(judge("introspection", None), Err(refused(TYPE, "nothing")));
}
