//! Every method of client authentication, accepted and refused.

use jose::SigningKey;
use jose::jws::{ProtectedHeader, SigningInput};
use serde_json::json;

use super::*;
use crate::ClientAuthentication;

const SECRET: &str = "s3cret: +%&=é";

fn provider_with(authentication: ClientAuthentication) -> Provider {
    let provider = Provider::new(ISSUER);
    provider
        .register(ClientRegistration::new(CLIENT_ID, authentication).redirect_uri(REDIRECT_URI));
    provider
}

/// Redeems a code with client authentication by a header or by more parameters.
fn redeem_with(
    provider: &Provider,
    authorization: Option<String>,
    more: &[(&str, &str)],
) -> Response<Bytes> {
    let code = code(provider, NOW);
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT_URI),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    pairs.extend(more);
    let mut request = Request::post(provider.url(Endpoint::Token))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    provider.handle(&request.body(Bytes::from(form(&pairs))).unwrap(), NOW)
}

/// Returns the reason for which the client was refused.
fn refusal(response: &Response<Bytes>) -> String {
    assert_eq!(error(response), (401, "invalid_client".to_owned()));
    text(&json(response), "error_description")
}

fn basic(client_id: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = format!("{}:{}", encode(client_id), encode(secret));
    let url_safe = base64url::encode(credentials.as_bytes());
    let padding = "=".repeat((4 - url_safe.len() % 4) % 4);
    format!(
        "Basic {}{padding}",
        url_safe.replace('-', "+").replace('_', "/")
    )
}

#[test]
fn client_secret_basic() {
    let provider = provider_with(ClientAuthentication::ClientSecretBasic(SECRET.to_owned()));
    assert_eq!(
        redeem_with(&provider, Some(basic(CLIENT_ID, SECRET)), &[]).status(),
        200
    );
    let wrong = redeem_with(&provider, Some(basic(CLIENT_ID, "wrong")), &[]);
    assert_eq!(refusal(&wrong), "the client secret is wrong");
    let post = redeem_with(
        &provider,
        None,
        &[("client_id", CLIENT_ID), ("client_secret", SECRET)],
    );
    assert_eq!(
        refusal(&post),
        "the client must authenticate with client_secret_basic"
    );
    let both = redeem_with(
        &provider,
        Some(basic(CLIENT_ID, SECRET)),
        &[("client_secret", SECRET)],
    );
    assert_eq!(
        refusal(&both),
        "the request authenticates in more than one way"
    );
    let bearer = redeem_with(&provider, Some("Bearer x".to_owned()), &[]);
    assert_eq!(refusal(&bearer), "the credentials are not Basic");
    let other = redeem_with(
        &provider,
        Some(basic(CLIENT_ID, SECRET)),
        &[("client_id", "other-app")],
    );
    assert_eq!(
        refusal(&other),
        "client_id contradicts the Authorization header"
    );
}

#[test]
fn client_secret_post() {
    let provider = provider_with(ClientAuthentication::ClientSecretPost(SECRET.to_owned()));
    let good = redeem_with(
        &provider,
        None,
        &[("client_id", CLIENT_ID), ("client_secret", SECRET)],
    );
    assert_eq!(good.status(), 200);
    let wrong = redeem_with(
        &provider,
        None,
        &[("client_id", CLIENT_ID), ("client_secret", "wrong")],
    );
    assert_eq!(refusal(&wrong), "the client secret is wrong");
    let without = redeem_with(&provider, None, &[("client_id", CLIENT_ID)]);
    assert_eq!(
        refusal(&without),
        "the client must authenticate with client_secret_post"
    );
}

#[test]
fn a_client_secret_that_the_client_signs() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let keys = json!({"keys": [key.public_jwk().unwrap().to_json()]}).to_string();
    let provider = provider_with(ClientAuthentication::SignedClientSecret(keys));
    let send = |key: &SigningKey, claims: &Value| {
        let header = ProtectedHeader::new(SignatureAlgorithm::ES256);
        let secret = SigningInput::new(&header, claims.to_string().as_bytes());
        let secret = secret.sign(key).unwrap();
        let more = [("client_id", CLIENT_ID), ("client_secret", &*secret)];
        redeem_with(&provider, None, &more)
    };
    let claims = json!({"iss": "TEAM", "sub": CLIENT_ID, "aud": ISSUER, "exp": NOW + 15_777_000});
    assert_eq!(send(&key, &claims).status(), 200);
    for (name, value) in [
        ("iss", json!("")),
        ("iss", Value::Null),
        ("sub", json!("other-app")),
        ("aud", json!("https://other.example")),
        ("exp", json!(NOW)),
        ("exp", json!(NOW + 15_777_001)),
        ("exp", Value::Null),
    ] {
        let mut changed = claims.clone();
        let members = changed.as_object_mut().unwrap();
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.to_owned(), value),
        };
        let refused = refusal(&send(&key, &changed));
        assert_eq!(refused, format!("the client secret has a wrong {name}"));
    }
    let stranger = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    assert_eq!(
        refusal(&send(&stranger, &claims)),
        "the client secret is refused: the signature is not valid"
    );
}

#[test]
fn none() {
    let provider = provider_with(ClientAuthentication::None);
    assert_eq!(
        redeem_with(&provider, None, &[("client_id", CLIENT_ID)]).status(),
        200
    );
    assert_eq!(
        refusal(&redeem_with(&provider, None, &[("client_id", "nobody")])),
        "the client is unknown"
    );
    assert_eq!(
        refusal(&redeem_with(&provider, None, &[])),
        "client_id is missing"
    );
}

#[test]
fn private_key_jwt() {
    let key = SigningKey::generate(SignatureAlgorithm::ES256)
        .unwrap()
        .with_kid("client-key");
    let keys = json!({"keys": [key.public_jwk().unwrap().to_json()]}).to_string();
    let provider = provider_with(ClientAuthentication::PrivateKeyJwt(keys));
    let sign = |key: &SigningKey, typ: &str, claims: &Value| {
        let header = ProtectedHeader::new(SignatureAlgorithm::ES256)
            .kid("client-key")
            .typ(typ);
        SigningInput::new(&header, claims.to_string().as_bytes())
            .sign(key)
            .unwrap()
    };
    let send = |assertion: &str| {
        let more = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion),
        ];
        redeem_with(&provider, None, &more)
    };
    let claims = |jti: &str| json!({"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": ISSUER, "exp": NOW + 60, "iat": NOW, "nbf": NOW, "jti": jti});
    let good = sign(&key, "JWT", &claims("1"));
    assert_eq!(send(&good).status(), 200);
    assert_eq!(
        refusal(&send(&good)),
        "the client assertion was used before"
    );
    assert_eq!(
        send(&sign(&key, "client-authentication+jwt", &claims("2"))).status(),
        200
    );

    let wrong = [
        ("iss", json!("other-app")),
        ("aud", json!(format!("{ISSUER}/token"))),
        ("aud", json!([ISSUER])),
        ("exp", json!(NOW)),
        ("exp", json!(NOW + 3601)),
        ("exp", Value::Null),
        ("iat", json!(NOW + 11)),
        ("nbf", json!(NOW + 11)),
    ];
    for (name, value) in wrong {
        let mut changed = claims("3");
        if value.is_null() {
            changed.as_object_mut().unwrap().remove(name);
        } else {
            changed[name] = value;
        }
        let response = send(&sign(&key, "JWT", &changed));
        assert_eq!(
            refusal(&response),
            format!("the client assertion has a wrong {name}")
        );
    }
    let mut without = claims("3");
    without.as_object_mut().unwrap().remove("jti");
    assert_eq!(
        refusal(&send(&sign(&key, "JWT", &without))),
        "the client assertion has no jti"
    );
    let proof = send(&sign(&key, "dpop+jwt", &claims("3")));
    assert_eq!(
        refusal(&proof),
        "the client assertion has the typ of another token"
    );
    let stranger = SigningKey::generate(SignatureAlgorithm::ES256).unwrap();
    let forged = send(&sign(&stranger, "JWT", &claims("3")));
    assert_eq!(
        refusal(&forged),
        "the client assertion is refused: the signature is not valid"
    );
    let untyped = redeem_with(&provider, None, &[("client_assertion", &good)]);
    assert_eq!(refusal(&untyped), "client_assertion_type is unknown");
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[test]
fn client_secret_jwt() {
    let secret = "0123456789abcdef0123456789abcdef";
    let provider = provider_with(ClientAuthentication::ClientSecretJwt(secret.to_owned()));
    let claims = |jti: &str| json!({"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": ISSUER, "exp": NOW + 60, "jti": jti});
    let send = |key: &SigningKey, algorithm: SignatureAlgorithm, jti: &str| {
        let header = ProtectedHeader::new(algorithm);
        let assertion = SigningInput::new(&header, claims(jti).to_string().as_bytes())
            .sign(key)
            .unwrap();
        let more = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        redeem_with(&provider, None, &more)
    };
    let key = SigningKey::hmac(secret.as_bytes()).unwrap();
    assert_eq!(send(&key, SignatureAlgorithm::HS256, "1").status(), 200);
    assert_eq!(
        refusal(&send(&key, SignatureAlgorithm::HS256, "1")),
        "the client assertion was used before"
    );
    let stranger = SigningKey::hmac(&[7; 32]).unwrap();
    assert_eq!(
        refusal(&send(&stranger, SignatureAlgorithm::HS256, "2")),
        "the client assertion is refused: the signature is not valid"
    );
    let post = redeem_with(
        &provider,
        None,
        &[("client_id", CLIENT_ID), ("client_secret", secret)],
    );
    assert_eq!(
        refusal(&post),
        "the client must authenticate with client_secret_jwt"
    );
}
