//! Client authentication at the token endpoint (RFC 6749 section 2.3, OpenID Connect Core section
//! 9).

mod signed_secret;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Response, StatusCode};
use jose::jwt::{Claims, NumericDate};
use jose::{JwkSet, VerifyingKey, base64url, jws};
use url::form_urlencoded;

use super::state::State;
use super::{Call, attestation, fapi};
use crate::client::{ClientAuthentication, ClientRegistration};
use crate::parameters::Parameters;
use crate::response;

/// Refusal of the client authentication, with the reason.
pub(super) struct Refused {
    reason: String,
    /// The challenge that the proof of an attestation must have.
    challenge: Option<String>,
}

impl Refused {
    /// Creates the response: `invalid_client` with a challenge (RFC 6749 section 5.2), or
    /// `use_attestation_challenge` with the challenge for a proof.
    pub(super) fn response(&self) -> Response<Bytes> {
        if let Some(challenge) = &self.challenge {
            let error = "use_attestation_challenge";
            let mut response = response::error(StatusCode::BAD_REQUEST, error, &self.reason);
            let challenge = HeaderValue::from_str(challenge).expect("ASCII");
            let headers = response.headers_mut();
            headers.insert("oauth-client-attestation-challenge", challenge);
            return response;
        }
        response::challenge(
            StatusCode::UNAUTHORIZED,
            "Basic realm=\"test-provider\"",
            "invalid_client",
            &self.reason,
        )
    }
}

/// Returns the client that sent the request. It must authenticate with the method that it has
/// registered.
pub(super) fn authenticate<'a>(
    call: &Call<'a>,
    state: &mut State,
    parameters: &Parameters,
) -> Result<&'a ClientRegistration, Refused> {
    let presented = Presented::of(call, parameters)?;
    let client = call
        .clients
        .get(presented.client_id())
        .ok_or_else(|| refuse("the client is unknown"))?;
    fapi::check_method(client).map_err(refuse)?;
    fapi::check_registered_keys(client).map_err(refuse)?;
    match (&client.authentication, &presented) {
        (ClientAuthentication::None, Presented::None { .. }) => Ok(client),
        (ClientAuthentication::ClientSecretBasic(expected), Presented::Basic { secret, .. })
        | (ClientAuthentication::ClientSecretPost(expected), Presented::Post { secret, .. }) => {
            if secret == expected {
                Ok(client)
            } else {
                Err(refuse("the client secret is wrong"))
            }
        }
        (ClientAuthentication::SignedClientSecret(keys), Presented::Post { secret, .. }) => {
            let verified = signed_secret::verify(call, client, keys, secret);
            verified.map(|()| client).map_err(refuse)
        }
        (ClientAuthentication::PrivateKeyJwt(keys), Presented::Assertion { assertion, .. }) => {
            let keys = JwkSet::parse(keys.as_bytes()).expect("checked at registration");
            let unverified = jws::Unverified::parse(assertion).map_err(failed)?;
            let key = keys.select(unverified.header()).map_err(failed)?;
            verify_assertion(call, state, client, unverified, key.verifying_key())?;
            Ok(client)
        }
        (ClientAuthentication::ClientSecretJwt(secret), Presented::Assertion { assertion, .. }) => {
            let unverified = jws::Unverified::parse(assertion).map_err(failed)?;
            let key = VerifyingKey::hmac(secret.as_bytes()).expect("checked at registration");
            verify_assertion(call, state, client, unverified, &key)?;
            Ok(client)
        }
        (
            ClientAuthentication::TlsClientAuth(registered)
            | ClientAuthentication::SelfSignedTlsClientAuth(registered),
            Presented::None { .. },
        ) => match call.certificate() {
            Some(shown) if shown == registered => Ok(client),
            Some(_) => Err(refuse("the client certificate is not the registered one")),
            None => Err(refuse("the client shows no certificate")),
        },
        (
            ClientAuthentication::ClientAttestation(attester),
            Presented::Attestation { presented, .. },
        ) => {
            let verified = presented.verify(call, state, client, attester);
            verified.map_err(refuse)?;
            match presented.answers(state) {
                true => Ok(client),
                false => Err(Refused {
                    reason: "the proof has another challenge".to_owned(),
                    challenge: state.attestation_challenge.clone(),
                }),
            }
        }
        (registered, _) => Err(refuse(format!(
            "the client must authenticate with {}",
            registered.as_str()
        ))),
    }
}

/// The credentials in the request.
enum Presented {
    None {
        client_id: String,
    },
    Basic {
        client_id: String,
        secret: String,
    },
    Post {
        client_id: String,
        secret: String,
    },
    Assertion {
        client_id: String,
        assertion: String,
    },
    Attestation {
        client_id: String,
        presented: attestation::Presented,
    },
}

impl Presented {
    fn of(call: &Call<'_>, parameters: &Parameters) -> Result<Self, Refused> {
        // URLs are logged and passed on (RFC 6749 section 2.3.1).
        let secrets = ["client_secret", "client_assertion"];
        let query = Parameters::of_query(call.request);
        if query.names().any(|name| secrets.contains(&name)) {
            return Err(refuse("credentials of the client are in the query"));
        }
        let header = call.request.headers().get(AUTHORIZATION);
        let secret = parameters.get("client_secret");
        let assertion = parameters.get("client_assertion");
        let attestation = attestation::Presented::of(call).map_err(refuse)?;
        // A request must use only one method (RFC 6749 section 2.3).
        if usize::from(header.is_some())
            + usize::from(secret.is_some())
            + usize::from(assertion.is_some())
            + usize::from(attestation.is_some())
            > 1
        {
            return Err(refuse("the request authenticates in more than one way"));
        }
        let client_id = parameters.get("client_id").map(str::to_owned);
        if let Some(header) = header {
            let credentials = header.to_str().ok().and_then(basic);
            let (basic_id, secret) =
                credentials.ok_or_else(|| refuse("the credentials are not Basic"))?;
            if client_id.is_some_and(|client_id| client_id != basic_id) {
                return Err(refuse("client_id contradicts the Authorization header"));
            }
            return Ok(Self::Basic {
                client_id: basic_id,
                secret,
            });
        }
        if let Some(assertion) = assertion {
            if parameters.get("client_assertion_type") != Some(ASSERTION_TYPE) {
                return Err(refuse("client_assertion_type is unknown"));
            }
            // `client_id` is optional with an assertion (RFC 7521 section 4.2). The signature is
            // verified later.
            let client_id = client_id.or_else(|| unverified_subject(assertion));
            let client_id = client_id.ok_or_else(|| refuse("the assertion names no client"))?;
            return Ok(Self::Assertion {
                client_id,
                assertion: assertion.to_owned(),
            });
        }
        let client_id = client_id.ok_or_else(|| refuse("client_id is missing"))?;
        if let Some(presented) = attestation {
            return Ok(Self::Attestation {
                client_id,
                presented,
            });
        }
        Ok(match secret {
            Some(secret) => Self::Post {
                client_id,
                secret: secret.to_owned(),
            },
            None => Self::None { client_id },
        })
    }

    fn client_id(&self) -> &str {
        match self {
            Self::None { client_id }
            | Self::Basic { client_id, .. }
            | Self::Post { client_id, .. }
            | Self::Assertion { client_id, .. }
            | Self::Attestation { client_id, .. } => client_id,
        }
    }
}

/// Reads the identifier and the secret, which are both form-encoded (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    // Base64url differs from base64 in two characters and in the missing padding.
    let credentials = credentials
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_");
    let credentials = String::from_utf8(base64url::decode(&credentials).ok()?).ok()?;
    let (client_id, secret) = credentials.split_once(':')?;
    Some((form_decode(client_id), form_decode(secret)))
}

fn form_decode(text: &str) -> String {
    // The text is the only value of this form, because encoded text contains no `&` or `=`.
    form_urlencoded::parse(format!("v={text}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Returns the subject of an assertion before verification, in order to find the keys that verify
/// it.
fn unverified_subject(assertion: &str) -> Option<String> {
    let payload = base64url::decode(assertion.split('.').nth(1)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    claims.get("sub")?.as_str().map(str::to_owned)
}

fn failed(reason: jose::Error) -> Refused {
    refuse(format!("the client assertion is refused: {reason}"))
}

fn verify_assertion(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    unverified: jws::Unverified<'_>,
    key: &VerifyingKey,
) -> Result<(), Refused> {
    let algorithm = unverified.header().alg();
    fapi::check_algorithm(client, algorithm).map_err(refuse)?;
    let verified = unverified.verify(key, algorithm).map_err(failed)?;
    if verified.header().typ().is_some_and(|typ| {
        !ASSERTION_TYPES
            .iter()
            .any(|known| typ.eq_ignore_ascii_case(known))
    }) {
        return Err(refuse("the client assertion has the typ of another token"));
    }
    let claims = verified.claims().map_err(failed)?;
    if let Some(claim) = wrong_claim(call, client, &claims) {
        return Err(refuse(format!("the client assertion has a wrong {claim}")));
    }
    let jti = claims
        .jti()
        .ok_or_else(|| refuse("the client assertion has no jti"))?;
    if !state
        .assertions
        .insert((client.client_id.clone(), jti.to_owned()))
    {
        return Err(refuse("the client assertion was used before"));
    }
    Ok(())
}

/// Returns the name of a claim that is wrong (OpenID Connect Core section 9). The audience must be
/// the issuer as a single string. A server in a list of audiences could replay the assertion at the
/// others.
fn wrong_claim(
    call: &Call<'_>,
    client: &ClientRegistration,
    claims: &Claims<'_>,
) -> Option<&'static str> {
    let now = call.now;
    let is_client = |claim: Option<&str>| claim == Some(client.client_id.as_str());
    let is_past = |date: NumericDate| date.seconds() <= now + TOLERANCE;
    if !is_client(claims.iss()) {
        Some("iss")
    } else if !is_client(claims.sub()) {
        Some("sub")
    } else if claims.get("aud").and_then(|audience| audience.as_str()) != Some(call.issuer()) {
        Some("aud")
    } else if !claims
        .exp()
        .is_some_and(|exp| exp.seconds() > now && exp.seconds() <= now + LONGEST_ASSERTION)
    {
        Some("exp")
    } else if !claims.iat().is_none_or(is_past) {
        Some("iat")
    } else if !claims.nbf().is_none_or(is_past) {
        Some("nbf")
    } else {
        None
    }
}

fn refuse(reason: impl Into<String>) -> Refused {
    Refused {
        reason: reason.into(),
        challenge: None,
    }
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The permitted values of an assertion's `typ`, which may also be absent.
const ASSERTION_TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

/// The maximum time until an assertion expires, in seconds.
const LONGEST_ASSERTION: i64 = 3_600;

/// The tolerance for a client's clock that is ahead, in seconds.
const TOLERANCE: i64 = 10;
