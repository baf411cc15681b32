//! The provider refuses a proof that is wrong in one way, for that reason.

use std::sync::LazyLock;

use jose::SigningKey;
use jose::jws::{ProtectedHeader, SigningInput};
use serde_json::json;

use super::*;

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(SignatureAlgorithm::ES256).unwrap());

fn header() -> ProtectedHeader {
    ProtectedHeader::new(SignatureAlgorithm::ES256)
        .typ("dpop+jwt")
        .jwk(&KEY.public_jwk().unwrap())
}

fn claims(jti: &str) -> Value {
    json!({"jti": jti, "htm": "POST", "htu": format!("{ISSUER}/token"), "iat": NOW})
}

fn proof(header: &ProtectedHeader, claims: &Value) -> String {
    let input = SigningInput::new(header, claims.to_string().as_bytes());
    input.sign(&KEY).unwrap()
}

/// Redeems a code with these proofs, each in a header field.
fn redeem_with(provider: &Provider, proofs: &[&str]) -> Response<Bytes> {
    let code = code(provider, NOW);
    let body = form(&[
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ]);
    let mut request = Request::post(provider.url(Endpoint::Token))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    provider.handle(&request.body(Bytes::from(body)).unwrap(), NOW)
}

fn refusal(response: &Response<Bytes>) -> String {
    let document = json(response);
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(document["error"], "invalid_dpop_proof");
    text(&document, "error_description")
}

#[test]
fn a_good_proof_binds_the_tokens() {
    let provider = provider();
    let response = redeem_with(&provider, &[&proof(&header(), &claims("1"))]);
    assert_eq!(json(&response)["token_type"], "DPoP");
    let response = redeem_with(&provider, &[]);
    assert_eq!(json(&response)["token_type"], "Bearer");
}

#[test]
fn a_proof_that_is_wrong_in_one_way_is_refused_for_it() {
    let provider = provider();
    let with = |claim: &str, value: Value| {
        let mut claims = claims("wrong");
        claims[claim] = value;
        proof(&header(), &claims)
    };
    let good = proof(&header(), &claims("good"));
    let (signed, _) = good.rsplit_once('.').unwrap();
    let other = with("x", json!(1));
    let (_, other_signature) = other.rsplit_once('.').unwrap();
    let untyped = header().typ("JWT");
    let keyless = ProtectedHeader::new(SignatureAlgorithm::ES256).typ("dpop+jwt");
    for (wrong, why) in [
        (with("htm", json!("GET")), "htm is not the method"),
        (
            with("htu", json!(format!("{ISSUER}/token?x"))),
            "htu is not the URL",
        ),
        (with("iat", json!(NOW - 61)), "iat is not now"),
        (with("iat", json!(NOW + 61)), "iat is not now"),
        (with("iat", Value::Null), "iat is not now"),
        (
            with("ath", json!("x")),
            "ath is not that of the access token",
        ),
        (with("jti", json!("")), "jti is missing or was used before"),
        (
            proof(&untyped, &claims("u")),
            "typ or alg is not that of a proof",
        ),
        (proof(&keyless, &claims("k")), "jwk is not a public key"),
        (
            format!("{signed}.{other_signature}"),
            "the signature is not valid",
        ),
        ("x".to_owned(), "not a JWS"),
    ] {
        assert_eq!(refusal(&redeem_with(&provider, &[&wrong])), why);
    }
    let another = proof(&header(), &claims("another"));
    assert_eq!(
        refusal(&redeem_with(&provider, &[&good, &another])),
        "there is more than one proof"
    );
    assert_eq!(redeem_with(&provider, &[&good]).status(), StatusCode::OK);
    assert_eq!(
        refusal(&redeem_with(&provider, &[&good])),
        "jti is missing or was used before"
    );
}

#[test]
fn the_scheme_and_the_token_type_may_be_in_inverted_case() {
    use crate::{DPoPBehaviour, Misbehaviour};

    let provider = provider();
    provider.misbehave(Misbehaviour::TokenTypeInvertedCase);
    let response = redeem_with(&provider, &[&proof(&header(), &claims("1"))]);
    assert_eq!(json(&response)["token_type"], "dpOp");
    let token = text(&json(&response), "access_token");
    provider.treat_dpop(DPoPBehaviour::NonceRequired);
    let challenge = || {
        let url = provider.url(Endpoint::UserInfo);
        let jti = format!("userinfo {}", provider.served(Endpoint::UserInfo));
        let ath = base64url::encode(&HashAlgorithm::Sha256.digest(token.as_bytes()));
        let claims = json!({"jti": jti, "htm": "GET", "htu": url, "iat": NOW, "ath": ath});
        let request = Request::get(provider.url(Endpoint::UserInfo))
            .header(AUTHORIZATION, format!("DPoP {token}"))
            .header("dpop", proof(&header(), &claims))
            .body(Bytes::new());
        let response = provider.handle(&request.unwrap(), NOW);
        assert!(response.headers().contains_key("dpop-nonce"));
        response.headers()["www-authenticate"].clone()
    };
    assert!(
        challenge()
            .to_str()
            .unwrap()
            .starts_with("DPoP realm=\"test-provider\", error=\"use_dpop_nonce\"")
    );
    provider.treat_dpop(DPoPBehaviour::SchemeInvertedCase);
    assert!(
        challenge()
            .to_str()
            .unwrap()
            .starts_with("dpOp realm=\"test-provider\", error=\"use_dpop_nonce\"")
    );
}
