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
    let before = STORED_TOKENS
        .replace(SESSION_STATE, "")
        .replace(":2,", ":1,");
    seeds.add("stored_tokens", before);
    seeds.add("discovery", SERVER);
    seeds.add("discovery", CLIENT);
    seeds.add("jwt_claims", CLAIMS);
    seeds.add("json", SERVER);
    for (operation, events) in OPERATIONS {
        for bits in [0, 1, 2, 3] {
            seeds.add("operation", [&[operation, bits], events].concat());
        }
    }
    for steps in FLIGHTS {
        seeds.add("flights", steps);
    }
    for request in LOGOUTS {
        seeds.add("logout", request);
    }
    for request in RESOURCE_REQUESTS {
        seeds.add("resource_server", request);
    }
    for way in PROTECTED_RESOURCES {
        seeds.add("protected_resource", way);
    }
    for question in WEBFINGER {
        seeds.add("webfinger", question);
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

/// A challenge and the metadata of a resource, after RFC 9728 sections 3.2 and 5.1 and the Model
/// Context Protocol.
const PROTECTED_RESOURCES: [&str; 3] = [
    "Bearer resource_metadata=\"https://mcp.example/.well-known/oauth-protected-resource/mcp\", scope=\"files:read\"\0{\"resource\":\"https://mcp.example/mcp\",\"authorization_servers\":[\"https://as1.example.com\",\"https://as2.example.net\"],\"bearer_methods_supported\":[\"header\",\"body\"],\"scopes_supported\":[\"profile\",\"email\",\"phone\"],\"resource_documentation\":\"https://resource.example.com/resource_documentation.html\"}",
    "\0{\"resource\":\"https://mcp.example/mcp\",\"authorization_servers\":[\"https://op.example/tenant\"]}",
    "Basic realm=\"x\", DPoP algs=\"ES256\", scope=\"a b\"\0{\"resource\":\"https://evil.example/mcp\"}",
];

/// Callbacks after RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207 section 2.1, OpenID Connect Core
/// 1.0 section 3.3.2.5 and JARM section 2.3.1, the stored form of a pending login, and login
/// initiations after OpenID Connect Core 1.0 section 4.
const CALLBACKS: [&str; 9] = [
    "code=SplxlOBeZQQYbYS6WxSbIA&state=xyz",
    "https://client.example.com/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz",
    "https://client.example/cb?error=access_denied&state=xyz&iss=https%3A%2F%2Fop.example",
    "code=x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58&state=ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI&iss=https%3A%2F%2Fop.example",
    "https://client.example.org/cb#code=SplxlOBeZQQYbYS6WxSbIA&id_token=eyJ0.eyJp.c3Mi&state=af0ifjsldkj",
    "https://client.example.com/cb?response=eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL29wLmV4YW1wbGUifQ.AAAA",
    r#"{"version":1,"issuer":"https://op.example","client_id":"app","redirect_uri":"https://app.example/cb","response_type":"code","response_mode":"query","state":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","nonce":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","code_verifier":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","max_age":600,"id_token_expected":true,"dpop_jkt":null,"created_at":1700000000,"lifetime":3600}"#,
    "/login?iss=https%3A%2F%2Fop.example&login_hint=alice&target_link_uri=https%3A%2F%2Fapp.example%2Fx",
    "iss=https%3A%2F%2Fop.example&client_id=app&lti_message_hint=1&lti_deployment_id=2&login_hint=a&target_link_uri=https://app.example/x",
];

/// The member of a stored form that version 1 does not have.
const SESSION_STATE: &str = r#","session_state":"super-secret.s""#;

/// The stored form of tokens after a refresh.
const STORED_TOKENS: &str = r#"{"version":2,"issuer":"https://op.example","client_id":"app","access_token":"super-secret-at","token_type":"DPoP","received_at":1700000000,"expires_at":1700003600,"scope":"openid","refresh_token":"super-secret-rt","id_token":{"jwt":"e30.e30.c3VwZXItc2VjcmV0","claims":{"iss":"https://op.example","sub":"alice","aud":["app"],"exp":1700000300,"iat":1700000000.5}},"login":{"iss":"https://op.example","sub":"alice","aud":"app","nonce":"n-1"},"dpop_jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I","issued_token_type":"urn:x","session_state":"super-secret.s"}"#;

/// A discovery document after OpenID Connect Discovery 1.0 section 4.2.
const SERVER: &str = r#"{"issuer":"https://op.example","authorization_endpoint":"https://op.example/authorize","token_endpoint":"https://op.example/token","token_endpoint_auth_methods_supported":["client_secret_basic","private_key_jwt"],"token_endpoint_auth_signing_alg_values_supported":["RS256","ES256"],"userinfo_endpoint":"https://op.example/userinfo","jwks_uri":"https://op.example/jwks","registration_endpoint":"https://op.example/register","scopes_supported":["openid","profile","email"],"response_types_supported":["code","code id_token","id_token"],"acr_values_supported":["urn:mace:incommon:iap:silver"],"subject_types_supported":["public","pairwise"],"id_token_signing_alg_values_supported":["RS256","ES256","HS256"],"id_token_encryption_alg_values_supported":["RSA-OAEP-256","A128KW"],"claims_parameter_supported":true,"ui_locales_supported":["en-US","fr-CA"],"authorization_response_iss_parameter_supported":true,"mtls_endpoint_aliases":{"token_endpoint":"https://mtls.op.example/token"}}"#;

/// A registration response after RFC 7591 section 3.2.1.
const CLIENT: &str = r#"{"client_id":"s6BhdRkqt3","client_secret":"cf136dc3c1fc93f31185e5885805d","client_id_issued_at":2893256800,"client_secret_expires_at":2893276800,"redirect_uris":["https://client.example.org/callback"],"grant_types":["authorization_code","refresh_token"],"client_name":"My Example Client","client_name#ja-Jpan-JP":"x","token_endpoint_auth_method":"client_secret_basic","logo_uri":"https://client.example.org/logo.png","jwks_uri":"https://client.example.org/my_public_keys.jwks","registration_access_token":"reg-23410913-abewfq.123483","registration_client_uri":"https://op.example/register/s6BhdRkqt3"}"#;

/// The claims of an ID Token after OpenID Connect Core 1.0 section 2.
const CLAIMS: &str = r#"{"iss":"https://op.example","sub":"24400320","aud":["s6BhdRkqt3","other"],"azp":"s6BhdRkqt3","nonce":"n-0S6_WzA2Mj","exp":1311281970,"nbf":1311280970.5,"iat":1311280970,"auth_time":1311280969,"acr":"urn:mace:incommon:iap:silver","amr":["pwd"],"jti":"1","cnf":{"jkt":"x"}}"#;

/// The number of the operation, and its events. Each event begins with a byte for its kind, its
/// status and its headers, and ends with the byte 255.
const OPERATIONS: [(u8, &[u8]); 11] = [
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
    // An encrypted ID Token, and the key that decrypts it.
    (
        1,
        b"\x07\0\0\xff\x0f\0\x01eyJhbGciOiJSUzI1NiJ9.e30.AAAA\xff\x07\0\0\xff\x0c\0\x01",
    ),
    (1, b"\x0f\0\x01eyJhbGciOiJSUzI1NiJ9.e30.AAAA\xff\x07\0\0\xff\x0c\0\x01"),
    // Request objects, signed, encrypted and pushed.
    (4, b"\x0c\0\x01\xff\x07\0\0\xff\x07\0\0"),
    (5, b"\x0c\0\x01\xff\x07\0\0\xff\x07\0\0\xff\x0c\0\x01"),
    (
        5,
        b"\x0c\0\x01\xff\x07\0\0\xff\x07\0\0\xff\x07\0\0\xff\x08\x04\x21{\"error\":\"use_dpop_nonce\"}",
    ),
];

/// Pairs of a step and its argument.
const FLIGHTS: [&[u8]; 7] = [
    // The keys come, and a second flight looks for a missing key.
    b"\0\0\x03\0\x01\0\x03\0\x01\0\x07\x03\x01\0\x03\0",
    // Two runtimes wait, and both attempts are reported.
    b"\0\0\0\x01\x06\xfa\0\x02\x06\xfa\x03\0\x03\0",
    // Operations are abandoned before and after the report.
    b"\0\0\x02\0\0\x01\x02\0\x03\0\0\0",
    // Failures in a row.
    b"\0\0\x04\x10\0\0\x06\x64\0\0\x04\0\x06\xc8\0\0\x04\x10\x06\xc8\0\0\x06\xff\0\0",
    // A closed connection, once and twice.
    b"\0\0\x04\x20\x03\0\x07\x0f\0\0\x04\x20\x04\x20",
    // A lost attempt.
    b"\0\0\0\0\x05\0\x03\0",
    // Old keys, and a request that is never answered.
    b"\0\0\x03\0\x07\x10\0\0\x07\x02\0\0\x07\xff\0\0\x03\0",
];

/// Requests and claims after OpenID Connect Back-Channel Logout 1.0 sections 2.4 and 2.5, and
/// Front-Channel Logout 1.0 section 2. The first byte before claims chooses the type of the token.
const LOGOUTS: [&[u8]; 5] = [
    b"logout_token=eyJhbGci.eyJpc3Mi.T3BlbklE",
    b"/logout?iss=https://op.example&sid=s",
    b"https://app.example/logout?iss=https%3A%2F%2Fop.example&sid=08a5019c-17e1-4977-8f42-65a12843ea02",
    br#"@{"iss":"https://op.example","sub":"alice","aud":"app","iat":1700000000,"exp":1700000120,"jti":"bWJq","sid":"s","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}"#,
    br#"A{"iss":"https://op.example","aud":["app"],"azp":"app","iat":1699999990,"nbf":1699999990,"exp":1700000120,"jti":"1","sub":"bob","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}"#,
];

/// Requests after RFC 6750 section 2.1 and RFC 9449 section 7.1, claims after RFC 9068 section
/// 2.2.1 and RFC 9449 section 4.2, and a response after RFC 7662 section 2.2. The first byte says
/// which.
const RESOURCE_REQUESTS: [&[u8]; 6] = [
    b"@/items?page=2\nBearer mF_9.B5f-4.1JqM",
    b"@/items\nDPoP eyJhbGci.eyJpc3Mi.T3BlbklE\neyJ0eXAi.eyJqdGki.T3BlbklE",
    br#"A{"iss":"https://op.example","sub":"alice","aud":"https://api.example","exp":1700000300,"client_id":"app","iat":1700000000,"jti":"t-2","scope":"openid read","acr":"1","auth_time":1699999000}"#,
    br#"A{"iss":"https://op.example","sub":"alice","aud":["https://api.example"],"exp":1700000300,"client_id":"app","iat":1700000000,"jti":"t-3","cnf":{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}"#,
    br#"B{"jti":"-BwC3ESc6acc2lTc","htm":"GET","htu":"https://api.example/items","iat":1700000000,"ath":"ATH"}"#,
    br#"C{"active":true,"client_id":"l238j323ds-23ij4","username":"jdoe","scope":"read write dolphin","sub":"Z5O3upPC88QrAjx00dis","aud":"https://protected.example.net/resource","iss":"https://server.example.com/","exp":1419356238,"iat":1419350238,"extension_field":"twenty-seven"}"#,
];

/// An identifier, a zero byte and a response, after OpenID Connect Discovery 1.0 section 2 and RFC
/// 7565 section 4.
const WEBFINGER: [&str; 6] = [
    "joe@example.com\0{\"subject\":\"acct:joe@example.com\",\"links\":[{\"rel\":\"http://openid.net/specs/connect/1.0/issuer\",\"href\":\"https://server.example.com\"}]}",
    "https://example.com/joe#x\0{\"links\":[{\"rel\":\"x\"},{\"rel\":\"http://openid.net/specs/connect/1.0/issuer\",\"href\":\"https://a.example/t?x\"}]}",
    "example.com:8080\0{\"links\":[]}",
    "acct:juliet%40capulet.example@shopping.example.com",
    "juliet@capulet.example@shopping.example.com",
    "http://[2001:db8::1]:443/a?b",
];
