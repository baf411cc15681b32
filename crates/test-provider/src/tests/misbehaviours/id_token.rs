//! Misbehaviours in the ID Token.

use jose::VerifyingKey;
use serde_json::json;

use super::*;
use crate::keys;

/// The parts of an ID Token, decoded without any check.
pub(super) struct Token {
    pub(super) text: String,
    pub(super) header: Value,
    pub(super) claims: Value,
    header_text: String,
    pub(super) claims_text: String,
    signature: Vec<u8>,
}

impl Token {
    /// Returns the first ID Token.
    pub(super) fn of(journey: &Journey) -> Self {
        Self::parse(&text(&journey.json(Endpoint::Token), "id_token"))
    }

    pub(super) fn parse(text: &str) -> Self {
        let mut segments = text.split('.');
        let mut decode = || segments.next().map(decode_leniently).unwrap_or_default();
        let (header, claims, signature) = (decode(), decode(), decode());
        let json = |text: &[u8]| serde_json::from_slice(text).unwrap_or_default();
        Self {
            text: text.to_owned(),
            header: json(&header),
            claims: json(&claims),
            header_text: String::from_utf8(header).unwrap(),
            claims_text: String::from_utf8_lossy(&claims).into_owned(),
            signature,
        }
    }

    /// Returns the bytes that the signature covers.
    fn input(&self) -> &[u8] {
        self.text.rsplit_once('.').unwrap().0.as_bytes()
    }

    pub(super) fn is_signed_by(&self, algorithm: SignatureAlgorithm, generation: u64) -> bool {
        let jwk = keys::signing_key(algorithm, generation)
            .public_jwk()
            .unwrap();
        VerifyingKey::from_jwk(&jwk)
            .unwrap()
            .verify(algorithm, self.input(), &self.signature)
            .is_ok()
    }

    pub(super) fn is_hmac_with(&self, secret: &[u8]) -> bool {
        let verified = VerifyingKey::hmac(secret).unwrap().verify(
            SignatureAlgorithm::HS256,
            self.input(),
            &self.signature,
        );
        self.header["alg"] == "HS256" && verified.is_ok()
    }
}

/// Decodes as a careless client does, which ignores padding and stray bits.
fn decode_leniently(segment: &str) -> Vec<u8> {
    let segment = segment.trim_end_matches('=');
    base64url::decode(segment).unwrap_or_else(|_| {
        let mut clean = segment.to_owned();
        let last = clean.pop().unwrap();
        clean.push(char::from_u32(u32::from(last) - 1).unwrap());
        base64url::decode(&clean).unwrap()
    })
}

pub(super) fn shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    let name = format!("{misbehaviour:?}");
    if name.starts_with("Refresh") {
        return refresh_shows(misbehaviour, good, bad);
    }
    // Misbehaviours of an ID Token that goes through the browser are tested with the callback.
    if !name.starts_with("IdToken") || misbehaviour.endpoint() == Endpoint::Authorization {
        return None;
    }
    let (token, right) = (Token::of(bad), Token::of(good));
    Some(
        claim_shows(misbehaviour, &token, &right, bad)
            .unwrap_or_else(|| form_shows(misbehaviour, &token, &right)),
    )
}

fn claim_shows(
    misbehaviour: Misbehaviour,
    token: &Token,
    right: &Token,
    bad: &Journey,
) -> Option<bool> {
    use Misbehaviour as M;
    let now = NOW + 1;
    let only = |claims: &[&str]| {
        let strip = |token: &Token| {
            let mut rest = token.claims.as_object().unwrap().clone();
            rest.retain(|name, _| !claims.contains(&name.as_str()));
            rest
        };
        strip(token) == strip(right) && token.is_signed_by(SignatureAlgorithm::RS256, 0)
    };
    let is = |claim: &str, value: Value| token.claims.get(claim) == Some(&value) && only(&[claim]);
    let missing = |claim: &str| token.claims.get(claim).is_none() && only(&[claim]);
    let twice = |first: &str| token.claims_text.starts_with(first) && token.claims == right.claims;
    let both = |audience: Value, party: &str| {
        token.claims["aud"] == audience && token.claims["azp"] == party && only(&["aud", "azp"])
    };
    Some(match misbehaviour {
        M::IdTokenNonceMismatch => is("nonce", json!(format!("{NONCE}1"))),
        M::IdTokenNonceMissing => missing("nonce"),
        M::IdTokenNonceNotAString => is("nonce", json!(1)),
        M::IdTokenNonceUnasked => {
            let second = bad.all(Endpoint::Token).nth(2).unwrap();
            let second = Token::parse(&text(&json(second), "id_token"));
            only(&[])
                && second.claims["nonce"] == "unasked"
                && second.is_signed_by(SignatureAlgorithm::RS256, 0)
        }
        M::IdTokenNonceNull => is("nonce", Value::Null),
        M::IdTokenExpiryNull => is("exp", Value::Null),
        M::IdTokenOptionalClaimsNull => {
            let names = ["azp", "nbf", "acr", "at_hash"];
            let is_null = |name: &&str| token.claims.get(*name) == Some(&Value::Null);
            names.iter().all(is_null) && only(&names)
        }
        M::IdTokenIssuerMissing => missing("iss"),
        M::IdTokenIssuerMismatch => is("iss", json!(format!("{ISSUER}1"))),
        M::IdTokenIssuerTrailingSlash => is("iss", json!(format!("{ISSUER}/"))),
        M::IdTokenIssuerNotAString => is("iss", json!(1)),
        M::IdTokenSubjectMissing => missing("sub"),
        M::IdTokenSubjectEmpty => is("sub", json!("")),
        M::IdTokenSubjectNotAString => is("sub", json!(1)),
        M::IdTokenDuplicateSubject => twice(r#"{"sub":"somebody-else","#),
        M::IdTokenClaimsTwice => {
            let text = &token.claims_text;
            text.matches(r#""sub":"alice""#).count() == 2
                && text.ends_with(r#","address":{"country":"NL","country":"NL"}}"#)
                && only(&["address"])
        }
        M::IdTokenDuplicateCountry => {
            let text = &token.claims_text;
            text.ends_with(r#","address":{"country":"NL","country":"BE"}}"#) && only(&["address"])
        }
        M::IdTokenAudienceMissing => missing("aud"),
        M::IdTokenAudienceMismatch => is("aud", json!(format!("{CLIENT_ID}1"))),
        M::IdTokenAudienceArray => is("aud", json!([CLIENT_ID])),
        M::IdTokenAudienceEmpty => is("aud", json!([])),
        M::IdTokenAudienceMemberNotAString => is("aud", json!([CLIENT_ID, 1])),
        M::IdTokenFurtherAudience => is("aud", json!([CLIENT_ID, "a-stranger"])),
        M::IdTokenFurtherAudienceAuthorizedParty => {
            both(json!([CLIENT_ID, "a-stranger"]), CLIENT_ID)
        }
        M::IdTokenFurtherAudienceAuthorizedPartyMismatch => {
            both(json!([CLIENT_ID, "a-stranger"]), "a-stranger")
        }
        M::IdTokenAuthorizedPartyMismatch => is("azp", json!("a-stranger")),
        M::IdTokenAuthorizedParty => is("azp", json!(CLIENT_ID)),
        M::IdTokenAuthorizedPartyNotAString => is("azp", json!(1)),
        M::IdTokenExpiryMissing => missing("exp"),
        M::IdTokenExpired => is("exp", json!(now - 360)),
        M::IdTokenExpiredRecently => is("exp", json!(now - 45)),
        M::IdTokenExpiryAsString => is("exp", json!((now + 3600).to_string())),
        M::IdTokenExpiryFractional => is("exp", json!((now + 3600) as f64 + 0.5)),
        M::IdTokenDuplicateExpiry => twice(&format!(r#"{{"exp":{},"#, now - 360)),
        M::IdTokenNotBeforeInFuture => is("nbf", json!(now + 3600)),
        M::IdTokenIssuedAtMissing => missing("iat"),
        M::IdTokenIssuedInFuture => is("iat", json!(now + 3600)),
        M::IdTokenIssuedWeekAgo => is("iat", json!(now - 604_800)),
        M::IdTokenIssuedAtAsString => is("iat", json!(now.to_string())),
        M::IdTokenAuthTimeMissing => missing("auth_time"),
        M::IdTokenAuthTimeTooOld => is("auth_time", json!(now - 86_400)),
        M::IdTokenAuthTimeInFuture => is("auth_time", json!(now + 3600)),
        M::IdTokenAuthTimeAsString => is("auth_time", json!(now.to_string())),
        M::IdTokenAuthTimeNegative => is("auth_time", json!(-1)),
        M::IdTokenAccessTokenHashMismatch => is("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        M::IdTokenAccessTokenHashMissing => missing("at_hash"),
        M::IdTokenAccessTokenHashNotAString => is("at_hash", json!(1)),
        M::IdTokenEvents => is(
            "events",
            json!({"http://schemas.openid.net/event/backchannel-logout": {}}),
        ),
        _ => return None,
    })
}

fn form_shows(misbehaviour: Misbehaviour, token: &Token, right: &Token) -> bool {
    use Misbehaviour as M;
    let rs256 = SignatureAlgorithm::RS256;
    let same_claims = token.claims == right.claims;
    let well_signed = same_claims && token.is_signed_by(rs256, 0);
    let header = |member: &str, value: Value| token.header.get(member) == Some(&value);
    let without = |member: &str| token.header.get(member).is_none();
    let same_input = || token.input() == right.input();
    let modulus = || {
        keys::signing_key(rs256, 0)
            .public_jwk()
            .unwrap()
            .n()
            .unwrap()
            .to_vec()
    };
    match misbehaviour {
        M::IdTokenKidAbsent => well_signed && without("kid"),
        M::IdTokenKidUnknown => well_signed && header("kid", json!("unknown")),
        M::IdTokenTypeAccessToken => well_signed && header("typ", json!("at+jwt")),
        M::IdTokenTypeLogoutToken => well_signed && header("typ", json!("logout+jwt")),
        M::IdTokenTypeProof => well_signed && header("typ", json!("dpop+jwt")),
        M::IdTokenTypeLowerCase => well_signed && header("typ", json!("jwt")),
        M::IdTokenTypeMediaType => well_signed && header("typ", json!("application/jwt")),
        M::IdTokenTypeOwn => well_signed && header("typ", json!("ID")),
        M::IdTokenTypeMissing => well_signed && without("typ"),
        M::IdTokenAlgorithmNone => {
            same_claims && header("alg", json!("none")) && token.signature.is_empty()
        }
        M::IdTokenAlgorithmNoneMixedCase => {
            same_claims && header("alg", json!("nOnE")) && token.signature.is_empty()
        }
        M::IdTokenAlgorithmUnknown => well_signed && header("alg", json!("RS257")),
        M::IdTokenAlternateAlgorithm => {
            header("alg", json!("ES256"))
                && header("kid", json!("ES256-1"))
                && token.is_signed_by(SignatureAlgorithm::ES256, 0)
        }
        // HMAC replaces a secret longer than a block by its digest (RFC 2104 section 2).
        M::IdTokenHmacWithPublicKeyPem => {
            let pem = include_str!("../../keys/rsa-2048-first.public.pem");
            token.is_hmac_with(&HashAlgorithm::Sha256.digest(pem.as_bytes()))
        }
        M::IdTokenHmacWithModulus => token.is_hmac_with(&HashAlgorithm::Sha256.digest(&modulus())),
        M::IdTokenSignatureBroken => {
            let differing = token
                .signature
                .iter()
                .zip(&right.signature)
                .filter(|(one, other)| one != other)
                .count();
            same_input() && differing == 1 && !token.is_signed_by(rs256, 0)
        }
        M::IdTokenSignatureMissing => same_input() && token.signature.is_empty(),
        M::IdTokenSignatureZero => same_input() && token.signature == [0; 256],
        M::IdTokenSignedByStranger => {
            same_input() && token.is_signed_by(rs256, 1) && !token.is_signed_by(rs256, 0)
        }
        M::IdTokenEmbeddedKey => {
            let stranger = keys::signing_key(rs256, 1).public_jwk().unwrap().to_json();
            token.header["jwk"]["n"] == stranger["n"]
                && header("kid", json!("RS256-1"))
                && token.is_signed_by(rs256, 1)
        }
        M::IdTokenKeySetUrl => {
            header("jku", json!("https://stranger.example/jwks"))
                && header("kid", json!("RS256-1"))
                && token.is_signed_by(rs256, 1)
        }
        M::IdTokenCritical => {
            well_signed && header("crit", json!(["x-unknown"])) && header("x-unknown", json!(true))
        }
        M::IdTokenCriticalEmpty => well_signed && header("crit", json!([])),
        M::IdTokenCriticalUnencoded => {
            well_signed && header("crit", json!(["b64"])) && header("b64", json!(false))
        }
        M::IdTokenDuplicateAlgorithm => {
            well_signed
                && token
                    .header_text
                    .starts_with(r#"{"alg":"none","alg":"RS256","#)
        }
        M::IdTokenTrailingBits => {
            let payload = token.text.split('.').nth(1).unwrap();
            well_signed && base64url::decode(payload).is_err() && !payload.contains('=')
        }
        M::IdTokenPadding => well_signed && token.text.split('.').nth(1).unwrap().ends_with("=="),
        M::IdTokenNotAnObject => {
            token.claims == json!([right.claims]) && token.is_signed_by(rs256, 0)
        }
        M::IdTokenEncrypted => {
            token.text.split('.').count() == 5 && header("enc", json!("A256GCM"))
        }
        M::IdTokenEncryptedRsa15 => {
            token.text.split('.').count() == 5 && header("alg", json!("RSA1_5"))
        }
        M::IdTokenTwoSegments => right.text.starts_with(&format!("{}.", token.text)),
        other => panic!("{other:?} has no check"),
    }
}

fn refresh_shows(misbehaviour: Misbehaviour, good: &Journey, bad: &Journey) -> Option<bool> {
    use Misbehaviour as M;
    let refreshed = |journey: &Journey| json(journey.all(Endpoint::Token).nth(1).unwrap());
    if misbehaviour == M::RefreshIdTokenMissing {
        return Some(
            !refreshed(bad).contains_key("id_token")
                && refreshed(bad).contains_key("refresh_token"),
        );
    }
    if misbehaviour == M::RefreshWithoutRotation {
        return Some(
            !refreshed(bad).contains_key("refresh_token")
                && refreshed(bad).contains_key("id_token"),
        );
    }
    // The first ID Token is right.
    assert_eq!(Token::of(bad).text, Token::of(good).text);
    let claims = |journey: &Journey| {
        let token = Token::parse(&text(&refreshed(journey), "id_token"));
        assert!(token.is_signed_by(SignatureAlgorithm::RS256, 0));
        token.claims
    };
    let (changed, right) = (claims(bad), claims(good));
    let is = |changes: Value| {
        let mut expected = right.clone();
        expected
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        changed == expected
    };
    Some(match misbehaviour {
        M::RefreshIssuerMismatch => is(json!({"iss": format!("{ISSUER}1")})),
        M::RefreshSubjectMismatch => is(json!({"sub": "alice1"})),
        M::RefreshAudienceMismatch => is(json!({"aud": "a-stranger"})),
        M::RefreshFurtherAudience => {
            is(json!({"aud": [CLIENT_ID, "a-stranger"], "azp": CLIENT_ID}))
        }
        M::RefreshAuthorizedPartyAdded => is(json!({"azp": CLIENT_ID})),
        M::RefreshAuthorizedPartyMismatch => is(json!({"azp": "a-stranger"})),
        M::RefreshAuthTimeMismatch => is(json!({"auth_time": NOW + 1})),
        M::RefreshNonceMismatch => is(json!({"nonce": format!("{NONCE}1")})),
        M::RefreshNonceKept => is(json!({"nonce": NONCE})),
        other => panic!("{other:?} has no check"),
    })
}
