//! Client authentication at the token endpoint (RFC 6749 section 2.3, OpenID Connect Core section 9).

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Response, StatusCode};
use jose::jwt::{Claims, NumericDate};
use jose::{JwkSet, VerifyingKey, base64url, jws};
use url::form_urlencoded;

use super::state::State;
use super::{Call, fapi};
use crate::client::{ClientAuthentication, ClientRegistration};
use crate::parameters::Parameters;
use crate::response;

/// The client was not who it says it is; the text says why.
pub(super) struct Refused(String);

impl Refused {
    /// `invalid_client`, with a challenge (RFC 6749 section 5.2).
    pub(super) fn response(&self) -> Response<Bytes> {
        response::challenge(
            StatusCode::UNAUTHORIZED,
            "Basic realm=\"test-provider\"",
            "invalid_client",
            &self.0,
        )
    }
}

/// The client that sent the request, if it proved so in the one way it has registered.
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
            Some(_) => Err(refuse("the client certificate is another")),
            None => Err(refuse("the client shows no certificate")),
        },
        (registered, _) => Err(refuse(format!(
            "the client must authenticate with {}",
            registered.as_str()
        ))),
    }
}

/// What the request presents.
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
}

impl Presented {
    fn of(call: &Call<'_>, parameters: &Parameters) -> Result<Self, Refused> {
        // A URL is logged and passed on (RFC 6749 section 2.3.1).
        let secrets = ["client_secret", "client_assertion"];
        let query = Parameters::of_query(call.request);
        if query.names().any(|name| secrets.contains(&name)) {
            return Err(refuse("credentials of the client are in the query"));
        }
        let header = call.request.headers().get(AUTHORIZATION);
        let secret = parameters.get("client_secret");
        let assertion = parameters.get("client_assertion");
        // One way at a time (RFC 6749 section 2.3).
        if usize::from(header.is_some())
            + usize::from(secret.is_some())
            + usize::from(assertion.is_some())
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
            // client_id is optional beside an assertion (RFC 7521 section 4.2); who signed is verified afterwards.
            let client_id = client_id.or_else(|| unverified_subject(assertion));
            let client_id = client_id.ok_or_else(|| refuse("the assertion names no client"))?;
            return Ok(Self::Assertion {
                client_id,
                assertion: assertion.to_owned(),
            });
        }
        let client_id = client_id.ok_or_else(|| refuse("client_id is missing"))?;
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
            | Self::Assertion { client_id, .. } => client_id,
        }
    }
}

/// The identifier and the secret, each encoded as a form value (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    // The same alphabet but for two characters, and padded.
    let credentials = credentials
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_");
    let credentials = String::from_utf8(base64url::decode(&credentials).ok()?).ok()?;
    let (client_id, secret) = credentials.split_once(':')?;
    Some((form_decode(client_id), form_decode(secret)))
}

fn form_decode(text: &str) -> String {
    // As the one value of a form. `&` and `=` cannot occur in encoded text.
    form_urlencoded::parse(format!("v={text}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Whose assertion it claims to be, in order to find the keys with which to verify it.
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

/// OpenID Connect Core section 9. The audience is the issuer, as one string: an assertion for several servers could be
/// replayed by any of them.
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
    Refused(reason.into())
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What an assertion's `typ` may be; it may also be absent.
const ASSERTION_TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

/// How far ahead an assertion may expire, in seconds.
const LONGEST_ASSERTION: i64 = 3_600;

/// How far the client's clock may be ahead, in seconds.
const TOLERANCE: i64 = 10;
