//! Examples from the specifications, for `https://op.example`, where `jose` has no vectors.

use crate::Seeds;

pub(crate) fn add(seeds: &mut Seeds) {
    for challenge in CHALLENGES {
        seeds.add("challenge", challenge);
    }
    for callback in CALLBACKS {
        seeds.add("callback", callback);
    }
    seeds.add("stored_tokens", STORED_TOKENS);
    seeds.add("discovery", SERVER);
    seeds.add("discovery", CLIENT);
    seeds.add("jwt_claims", CLAIMS);
    seeds.add("json", SERVER);
    for (operation, events) in OPERATIONS {
        for authentication in [0, 1] {
            seeds.add("operation", [&[operation, authentication], events].concat());
        }
    }
}

/// The examples of RFC 9110 section 11.6.1, RFC 6750 section 3, RFC 9449 sections 7.1 and 9, and
/// RFC 9728 section 5.1.
const CHALLENGES: [&str; 6] = [
    r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#,
    r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
    r#"DPoP error="invalid_token", error_description="Invalid DPoP key binding", algs="ES256""#,
    r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#,
    r#"Bearer resource_metadata="https://resource.example.com/.well-known/oauth-protected-resource""#,
    "Negotiate a87421000492aa874209af8bc028==, Basic realm=x",
];

/// Callbacks after RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207 section 2.1, OpenID Connect Core
/// 1.0 section 3.3.2.5 and JARM section 2.3.1, and the stored form of a pending login.
const CALLBACKS: [&str; 7] = [
    "code=SplxlOBeZQQYbYS6WxSbIA&state=xyz",
    "https://client.example.com/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz",
    "https://client.example/cb?error=access_denied&state=xyz&iss=https%3A%2F%2Fop.example",
    "code=x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58&state=ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI&iss=https%3A%2F%2Fop.example",
    "https://client.example.org/cb#code=SplxlOBeZQQYbYS6WxSbIA&id_token=eyJ0.eyJp.c3Mi&state=af0ifjsldkj",
    "https://client.example.com/cb?response=eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL29wLmV4YW1wbGUifQ.AAAA",
    r#"{"version":1,"issuer":"https://op.example","client_id":"app","redirect_uri":"https://app.example/cb","response_type":"code","response_mode":"query","state":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","nonce":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","code_verifier":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","max_age":600,"id_token_expected":true,"dpop_jkt":null,"created_at":1700000000,"lifetime":3600}"#,
];

/// The stored form of tokens after a refresh.
const STORED_TOKENS: &str = r#"{"version":1,"issuer":"https://op.example","client_id":"app","access_token":"super-secret-at","token_type":"DPoP","received_at":1700000000,"expires_at":1700003600,"scope":"openid","refresh_token":"super-secret-rt","id_token":{"jwt":"e30.e30.c3VwZXItc2VjcmV0","claims":{"iss":"https://op.example","sub":"alice","aud":["app"],"exp":1700000300,"iat":1700000000.5}},"login":{"iss":"https://op.example","sub":"alice","aud":"app","nonce":"n-1"},"dpop_jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I","issued_token_type":"urn:x"}"#;

/// A discovery document after OpenID Connect Discovery 1.0 section 4.2.
const SERVER: &str = r#"{"issuer":"https://op.example","authorization_endpoint":"https://op.example/authorize","token_endpoint":"https://op.example/token","token_endpoint_auth_methods_supported":["client_secret_basic","private_key_jwt"],"token_endpoint_auth_signing_alg_values_supported":["RS256","ES256"],"userinfo_endpoint":"https://op.example/userinfo","jwks_uri":"https://op.example/jwks","registration_endpoint":"https://op.example/register","scopes_supported":["openid","profile","email"],"response_types_supported":["code","code id_token","id_token"],"acr_values_supported":["urn:mace:incommon:iap:silver"],"subject_types_supported":["public","pairwise"],"id_token_signing_alg_values_supported":["RS256","ES256","HS256"],"id_token_encryption_alg_values_supported":["RSA-OAEP-256","A128KW"],"claims_parameter_supported":true,"ui_locales_supported":["en-US","fr-CA"],"authorization_response_iss_parameter_supported":true,"mtls_endpoint_aliases":{"token_endpoint":"https://mtls.op.example/token"}}"#;

/// A registration response after RFC 7591 section 3.2.1.
const CLIENT: &str = r#"{"client_id":"s6BhdRkqt3","client_secret":"cf136dc3c1fc93f31185e5885805d","client_id_issued_at":2893256800,"client_secret_expires_at":2893276800,"redirect_uris":["https://client.example.org/callback"],"grant_types":["authorization_code","refresh_token"],"client_name":"My Example Client","client_name#ja-Jpan-JP":"x","token_endpoint_auth_method":"client_secret_basic","logo_uri":"https://client.example.org/logo.png","jwks_uri":"https://client.example.org/my_public_keys.jwks","registration_access_token":"reg-23410913-abewfq.123483","registration_client_uri":"https://op.example/register/s6BhdRkqt3"}"#;

/// The claims of an ID Token after OpenID Connect Core 1.0 section 2.
const CLAIMS: &str = r#"{"iss":"https://op.example","sub":"24400320","aud":["s6BhdRkqt3","other"],"azp":"s6BhdRkqt3","nonce":"n-0S6_WzA2Mj","exp":1311281970,"nbf":1311280970.5,"iat":1311280970,"auth_time":1311280969,"acr":"urn:mace:incommon:iap:silver","amr":["pwd"],"jti":"1","cnf":{"jkt":"x"}}"#;

/// The number of the operation, and its events. Each event begins with a byte for its kind, its
/// status and its headers, and ends with the byte 255.
const OPERATIONS: [(u8, &[u8]); 6] = [
    (
        0,
        b"\x08\0\x01{\"issuer\":\"https://op.example\",\"jwks_uri\":\"https://op.example/jwks\"}",
    ),
    (1, b"\x0c\0\x01eyJ.eyJ.A\xff\x08\0\x01{\"keys\":[]}"),
    (1, b"\x08\x04\x21{\"error\":\"invalid_grant\"}"),
    (
        2,
        b"\x04\0\0\xff\x08\0\x01{\"access_token\":\"a\",\"token_type\":\"bearer\"}",
    ),
    (2, b"\x08\x05\x30{\"error\":\"use_dpop_nonce\"}\xff\0\0\0"),
    (3, b"\x08\0\x01{\"sub\":\"alice\"}"),
];
