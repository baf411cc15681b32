//! ID Tokens and UserInfo responses that are encrypted for the client, with every key management
//! algorithm.

use openid_client::Client;
use openid_client::jose::KeyFamily;
use openid_client::jose::jwe::{ContentEncryption, DecryptionKey, KeyManagement};
use openid_client::oauth_core::error::{Artefact, Reason, Rejection};
use serde_json::{Value, json};

use crate::login::{finish, tokens};
use crate::provider;
use crate::provider::{again, key_set, new_client};
use crate::refusal::rejection;

/// Tests of a client that has registered a public key of this family and these algorithms.
macro_rules! encrypted_to_a_public_key {
    ($($test:ident: $family:ident, $alg:ident, $enc:ident;)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                let (alg, enc) = (KeyManagement::$alg, ContentEncryption::$enc);
                let key = DecryptionKey::generate(KeyFamily::$family).unwrap().with_kid("ours");
                let mut metadata = metadata(alg, enc);
                metadata["jwks"] = key_set([key.public_jwk()]);
                let client = new_client(metadata).decryption_key(key).await.unwrap();
                session(&client).await;
            }
        )+
    };
}

/// Tests of a client whose secret is the key (OpenID Connect Core 1.0 section 10.2).
macro_rules! encrypted_to_the_client_secret {
    ($($test:ident: $alg:ident, $enc:ident;)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                let (alg, enc) = (KeyManagement::$alg, ContentEncryption::$enc);
                let registered = new_client(metadata(alg, enc)).await.unwrap();
                let secret = registered.client_metadata().client_secret.as_ref().unwrap();
                let key = DecryptionKey::from_client_secret(secret.expose(), alg, enc).unwrap();
                let client = again(&registered).decryption_key(key).await.unwrap();
                session(&client).await;
            }
        )+
    };
}

encrypted_to_a_public_key! {
    rsa_oaep: Rsa, RsaOaep, A128CbcHs256;
    rsa_oaep_256: Rsa, RsaOaep256, A192CbcHs384;
    rsa_oaep_384: Rsa, RsaOaep384, A256CbcHs512;
    rsa_oaep_512: Rsa, RsaOaep512, A128GCM;
    ecdh_es_with_p_256: P256, EcdhEs, A128GCM;
    ecdh_es_with_p_384: P384, EcdhEs, A192GCM;
    ecdh_es_with_p_521: P521, EcdhEs, A256GCM;
    ecdh_es_with_x25519: X25519, EcdhEs, A256CbcHs512;
    ecdh_es_a128kw: P256, EcdhEsA128KW, A192GCM;
    ecdh_es_a192kw: P521, EcdhEsA192KW, A256GCM;
    ecdh_es_a256kw: X25519, EcdhEsA256KW, A128CbcHs256;
}

encrypted_to_the_client_secret! {
    dir_with_gcm: Direct, A256GCM;
    dir_with_cbc: Direct, A256CbcHs512;
    a128kw: A128KW, A128CbcHs256;
    a192kw: A192KW, A192CbcHs384;
    a256kw: A256KW, A256CbcHs512;
    a128gcmkw: A128GCMKW, A128GCM;
    a192gcmkw: A192GCMKW, A192GCM;
    a256gcmkw: A256GCMKW, A256GCM;
}

#[tokio::test]
async fn an_id_token_that_is_not_encrypted_is_refused_where_encryption_is_registered() {
    let registered = new_client(json!({})).await.unwrap();
    let mut metadata = registered.client_metadata().clone();
    metadata.id_token_encrypted_response_alg = Some("RSA-OAEP-256".to_owned());
    let client = provider::client(&metadata.client_id).client_metadata(metadata);
    let client = client.decryption_key(DecryptionKey::generate(KeyFamily::Rsa).unwrap());
    let client = client.await.unwrap();
    let error = finish(&client, client.authorization_request(), "alice").await;
    assert_eq!(
        rejection(&error.unwrap_err(), "OAUTH_INVALID_RESPONSE"),
        Rejection::new(
            Artefact::IdToken,
            Reason::NotEncrypted {
                expected: "RSA-OAEP-256".to_owned()
            }
        )
    );
}

fn metadata(alg: KeyManagement, enc: ContentEncryption) -> Value {
    json!({
        "id_token_encrypted_response_alg": alg.as_str(),
        "id_token_encrypted_response_enc": enc.as_str(),
        "userinfo_signed_response_alg": "ES256",
        "userinfo_encrypted_response_alg": alg.as_str(),
        "userinfo_encrypted_response_enc": enc.as_str(),
    })
}

/// Logs in and fetches UserInfo. The client refuses responses that are not encrypted as registered.
async fn session(client: &Client) {
    let tokens = tokens(client).await;
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    let user = client.fetch_user_info(&tokens).await.unwrap();
    assert_eq!(user.sub(), "alice");
}
