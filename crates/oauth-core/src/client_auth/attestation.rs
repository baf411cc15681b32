//! `attest_jwt_client_auth`: an attestation of the client instance, and a proof that it holds the
//! attested key (draft-ietf-oauth-attestation-based-client-auth).

mod challenge;

use http::HeaderValue;
use jose::jws::Unverified;
use jose::{base64url, json};
use serde_json::Map;

pub(crate) use self::challenge::{demands_another_challenge, remember_challenge};
use crate::client_auth::PendingAssertion;
use crate::client_auth::none;
use crate::entropy::random_token;
use crate::env::Env;
use crate::error::{Error, Misuse, printable};
use crate::key::{KeyReference, PendingSignature, check_asymmetric};
use crate::parties::Parties;
use crate::secret::Secret;
use crate::wire::Parameters;

pub(super) const NAME: &str = "attest_jwt_client_auth";

/// A client attestation, and the key that it attests.
///
/// The attester issues the attestation, a JWT of the type `oauth-client-attestation+jwt`, for this
/// instance of the client. When it expires, make another
/// [`Configuration`](crate::configuration::Configuration) with a new one. Each request carries it
/// in one header, and in a second one a proof that is signed with the key.
///
/// The proof contains the last challenge that the server has supplied. A request that the server
/// refuses for its challenge is made once more with the one in the refusal (section 6).
#[derive(Debug, Clone)]
pub struct ClientAttestation {
    attestation: Secret,
    key: KeyReference,
}

impl ClientAttestation {
    /// Creates a method that sends `attestation`, and proofs that are signed with `key`: the key in
    /// `cnf` of the attestation.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if the key's algorithm is symmetric, or if the attestation is
    /// not a JWT with this type, `sub`, `exp` and a public key in `cnf` (section 4 of the draft).
    pub fn new(attestation: impl Into<Secret>, key: KeyReference) -> Result<Self, Error> {
        check_asymmetric(&key)?;
        let attestation = attestation.into();
        Attested::read(attestation.expose())?;
        Ok(Self { attestation, key })
    }

    /// Prepares the proof for its signature; `jti` and `iat` are new each time (section 5.1).
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] if the attestation has expired or is for another client.
    pub(super) fn prepare(
        &self,
        parties: &Parties,
        env: &Env<'_>,
        form: &mut Parameters,
    ) -> Result<PendingAssertion, Error> {
        let attested = Attested::read(self.attestation.expose())?;
        let client_id = parties.client.client_id.as_str();
        let now = parties.policy.skewed(env.now);
        if attested.sub != client_id {
            return Err(invalid("one for this client", &attested.sub));
        }
        if attested.exp <= now.seconds() {
            return Err(invalid("one that has not expired", "an expired one"));
        }
        none::apply(client_id, form);
        let mut claims = Map::new();
        // Section 5.1: the issuer at every endpoint of an authorization server.
        claims.insert("aud".to_owned(), parties.audience().into());
        claims.insert("jti".to_owned(), random_token(env.entropy)?.into());
        claims.insert("iat".to_owned(), now.seconds().into());
        let issuer = &parties.server.issuer;
        let challenge = env.cache.attestation_challenge(issuer);
        if let Some(challenge) = challenge {
            claims.insert("challenge".to_owned(), challenge.into());
        }
        let typ = ("typ", "oauth-client-attestation-pop+jwt".into());
        let signature = PendingSignature::new(&self.key, [typ], claims, None)?;
        let header = HeaderValue::try_from(self.attestation.expose().as_str());
        let mut header = header.map_err(|_| invalid("a JWT", "something else"))?;
        header.set_sensitive(true);
        Ok(PendingAssertion::in_headers(signature, header))
    }
}

/// The claims of an attestation that the client itself needs. The server verifies the rest.
struct Attested {
    sub: String,
    exp: i64,
}

impl Attested {
    fn read(attestation: &str) -> Result<Self, Error> {
        let read = || {
            let token = Unverified::parse(attestation).ok()?;
            let typ = token.header().typ()?;
            let typ = typ.strip_prefix("application/").unwrap_or(typ);
            let payload = base64url::decode(attestation.split('.').nth(1)?).ok()?;
            let claims = json::parse_object(&payload, json::Limits::CLAIMS).ok()?;
            let claims = claims.to_owned_map();
            let jwk = claims.get("cnf")?.get("jwk")?.as_object()?;
            let is_public = !["d", "k", "priv"].iter().any(|it| jwk.contains_key(*it));
            let is_attestation = typ.eq_ignore_ascii_case("oauth-client-attestation+jwt");
            let sub = claims.get("sub")?.as_str()?.to_owned();
            let exp = claims.get("exp")?.as_f64()?;
            // Fractions of a second are permitted (RFC 7519 section 2), and do not matter here.
            #[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
            let exp = exp as i64;
            (is_public && is_attestation).then_some(Self { sub, exp })
        };
        read().ok_or_else(|| {
            let expected =
                "a JWT of the type oauth-client-attestation+jwt with sub, exp and cnf.jwk";
            invalid(expected, "something else")
        })
    }
}

fn invalid(expected: &'static str, found: &str) -> Error {
    Misuse::InvalidArgument {
        argument: "attestation",
        expected,
        found: printable(found),
    }
    .into()
}

#[cfg(test)]
mod tests;
