//! The metadata document (OpenID Connect Discovery section 3, RFC 8414 section 2).

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::state::{ResponseType, State};
use super::{Call, Endpoint, certificate, polling, signed_metadata, token_exchange};
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;
use crate::response;

pub(super) fn answer(call: &Call<'_>, state: &State) -> Response<Bytes> {
    let mut document = document(call);
    if state.signs_metadata {
        signed_metadata::add(call, &mut document);
    }
    for misbehaviour in call.misbehaviours {
        misbehave(&mut document, *misbehaviour, call);
    }
    response::json(StatusCode::OK, &document)
}

fn document(call: &Call<'_>) -> Members {
    let url = |endpoint| Value::from(call.provider.url(endpoint));
    let algorithms: Vec<String> = call
        .id_token_algorithms()
        .iter()
        .map(|algorithm| algorithm.as_str().to_owned())
        .collect();
    Members::new([
        ("issuer", json!(call.provider.published_issuer())),
        ("authorization_endpoint", url(Endpoint::Authorization)),
        ("token_endpoint", url(Endpoint::Token)),
        ("userinfo_endpoint", url(Endpoint::UserInfo)),
        ("end_session_endpoint", url(Endpoint::EndSession)),
        (
            "device_authorization_endpoint",
            url(Endpoint::DeviceAuthorization),
        ),
        (
            "backchannel_authentication_endpoint",
            url(Endpoint::BackchannelAuthentication),
        ),
        (
            "backchannel_token_delivery_modes_supported",
            json!(["poll", "ping", "push"]),
        ),
        (
            "backchannel_authentication_request_signing_alg_values_supported",
            json!(["PS256", "ES256", "Ed25519"]),
        ),
        ("introspection_endpoint", url(Endpoint::Introspection)),
        (
            "introspection_signing_alg_values_supported",
            json!(algorithms),
        ),
        ("revocation_endpoint", url(Endpoint::Revocation)),
        ("mtls_endpoint_aliases", certificate::aliases(call)),
        ("tls_client_certificate_bound_access_tokens", json!(true)),
        ("registration_endpoint", url(Endpoint::Registration)),
        ("jwks_uri", url(Endpoint::KeySet)),
        (
            "scopes_supported",
            json!(["openid", "profile", "email", "offline_access"]),
        ),
        (
            "pushed_authorization_request_endpoint",
            url(Endpoint::PushedAuthorization),
        ),
        (
            "response_types_supported",
            json!(["code", "code id_token", "id_token"]),
        ),
        (
            "response_modes_supported",
            json!(ResponseType::Code.modes()),
        ),
        ("request_parameter_supported", json!(true)),
        ("request_uri_parameter_supported", json!(true)),
        (
            "require_request_uri_registration",
            json!(call.clients.values().any(|it| it.request_uris.is_some())),
        ),
        (
            "authorization_signing_alg_values_supported",
            json!(algorithms),
        ),
        (
            "grant_types_supported",
            json!([
                "authorization_code",
                "refresh_token",
                "client_credentials",
                token_exchange::GRANT_TYPE,
                polling::DEVICE_CODE,
                polling::CIBA
            ]),
        ),
        ("subject_types_supported", json!(["public"])),
        ("id_token_signing_alg_values_supported", json!(algorithms)),
        (
            "token_endpoint_auth_methods_supported",
            json!([
                "none",
                "client_secret_basic",
                "client_secret_post",
                "client_secret_jwt",
                "private_key_jwt",
                "attest_jwt_client_auth",
                "tls_client_auth",
                "self_signed_tls_client_auth"
            ]),
        ),
        (
            "token_endpoint_auth_signing_alg_values_supported",
            json!([
                "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
                "Ed25519", "EdDSA", "HS256", "HS384", "HS512"
            ]),
        ),
        ("client_id_metadata_document_supported", json!(true)),
        ("code_challenge_methods_supported", json!(["S256"])),
        (
            "dpop_signing_alg_values_supported",
            json!([
                "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
                "Ed25519", "EdDSA"
            ]),
        ),
        (
            "authorization_response_iss_parameter_supported",
            json!(true),
        ),
        (
            "claims_supported",
            json!([
                "iss",
                "sub",
                "aud",
                "exp",
                "iat",
                "auth_time",
                "nonce",
                "at_hash",
                "name",
                "preferred_username",
                "email",
                "email_verified"
            ]),
        ),
    ])
}

fn misbehave(document: &mut Members, misbehaviour: Misbehaviour, call: &Call<'_>) {
    let token = call.provider.url(Endpoint::Token);
    let (scheme, rest) = token.split_once("://").expect("the issuer is a URL");
    match misbehaviour {
        Misbehaviour::DiscoveryIssuerMismatch => {
            document.set("issuer", json!(format!("{}INVALID", call.issuer())))
        }
        Misbehaviour::DiscoveryIssuerMissing => document.remove("issuer"),
        Misbehaviour::DiscoveryIssuerNotAString => document.set("issuer", json!(1)),
        Misbehaviour::DiscoveryDuplicateIssuer => {
            document.push_front("issuer", json!(format!("{}INVALID", call.issuer())));
        }
        Misbehaviour::DiscoveryAuthorizationEndpointMissing => {
            document.remove("authorization_endpoint")
        }
        Misbehaviour::DiscoveryTokenEndpointMissing => document.remove("token_endpoint"),
        Misbehaviour::DiscoveryKeySetUriMissing => document.remove("jwks_uri"),
        Misbehaviour::DiscoveryEndpointHttp => {
            document.set("token_endpoint", json!(format!("http://{rest}")))
        }
        Misbehaviour::DiscoveryEndpointUserinfo => {
            document.set(
                "token_endpoint",
                json!(format!("{scheme}://user:password@{rest}")),
            );
        }
        Misbehaviour::DiscoveryEndpointNotAUrl => document.set("token_endpoint", json!("/token")),
        Misbehaviour::DiscoveryKeySetUriElsewhere => {
            let issuer = call.issuer().trim_end_matches('/');
            document.set("jwks_uri", json!(format!("{issuer}{KEY_SET_ELSEWHERE}")));
        }
        Misbehaviour::DiscoveryUnknownMembers => {
            document.push("x_unknown", json!({"nested": [1, null, "é"]}));
            document.push("mtls_unknown", Value::Null);
        }
        _ => {}
    }
}

/// The path of the key set with [`Misbehaviour::DiscoveryKeySetUriElsewhere`].
pub(super) const KEY_SET_ELSEWHERE: &str = "/keys/0b2c1f7e";
