//! Signed metadata of servers (RFC 8414 section 2.1) and of protected resources (RFC 9728 section
//! 2.2).

use std::sync::Arc;

use jose::jws::Unverified;
use jose::jwt::{Claims, NumericDate};
use jose::{JwkSet, SignatureAlgorithm, json};
use serde_json::Value;

use crate::error::{Artefact, Error, Misuse, Reason, printable};
use crate::metadata::{ProtectedResourceMetadata, ServerMetadata};
use crate::policy::Policy;
use crate::time::UnixTime;
use crate::validate::claim::required;
use crate::validate::times::Clock;
use crate::validate::token_type;

/// The party that signs the metadata of servers or protected resources, and the keys by which the
/// application knows it.
///
/// The keys come from the application: keys behind the `jwks_uri` of the same metadata would prove
/// nothing.
#[derive(Debug, Clone)]
pub struct MetadataSigner {
    issuer: String,
    keys: Arc<JwkSet>,
    algorithms: Vec<SignatureAlgorithm>,
}

impl MetadataSigner {
    /// Trusts metadata whose `iss` is `issuer`, signed with one of the keys in `jwks`, a JWK Set as
    /// JSON, and with one of these algorithms.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`] for keys that are not a JWK Set, for an algorithm that is
    /// symmetric, and without an algorithm.
    pub fn new(
        issuer: impl Into<String>,
        jwks: &[u8],
        algorithms: impl IntoIterator<Item = SignatureAlgorithm>,
    ) -> Result<Self, Error> {
        let invalid = |argument, expected, found| Misuse::InvalidArgument {
            argument,
            expected,
            found,
        };
        let keys =
            JwkSet::parse(jwks).map_err(|error| invalid("jwks", "a JWK Set", error.to_string()))?;
        let algorithms: Vec<_> = algorithms.into_iter().collect();
        let symmetric = algorithms.iter().find(|algorithm| algorithm.is_symmetric());
        if symmetric.is_some() || algorithms.is_empty() {
            let found = symmetric.map_or_else(|| "none".to_owned(), ToString::to_string);
            return Err(invalid("algorithms", "algorithms with a public key", found).into());
        }
        Ok(Self {
            issuer: issuer.into(),
            keys: Arc::new(keys),
            algorithms,
        })
    }

    /// Verifies the `signed_metadata` of `server`, and returns the metadata in which its values
    /// replace the plain ones (section 2.1). Plain members that the JWT lacks stay.
    ///
    /// `server` comes from discovery, which has checked its `issuer`. `iss` of the JWT must be this
    /// signer, and `issuer` in it that of `server`. It may be absent only if the signer is the
    /// server: otherwise the metadata of another server could be put here.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] for the signed metadata: without `signed_metadata`, with the claim at
    /// fault, for a signature that no key verifies, and for a `signed_metadata` within.
    pub fn verify(
        &self,
        server: &ServerMetadata,
        policy: &Policy,
        now: UnixTime,
    ) -> Result<ServerMetadata, Error> {
        let (metadata, _) = self.verify_until(server, policy, now)?;
        Ok(metadata)
    }

    /// The same with the `exp` of the JWT, if it has one, by the clock of the application: without
    /// the skew of the policy.
    pub(crate) fn verify_until(
        &self,
        server: &ServerMetadata,
        policy: &Policy,
        now: UnixTime,
    ) -> Result<(ServerMetadata, Option<UnixTime>), Error> {
        let signed = Signed {
            jwt: server.signed_metadata.as_deref(),
            subject: "issuer",
            expected: &server.issuer,
        };
        let (merged, exp) = self.merged(&signed, server.to_json(), policy, now)?;
        let skew = policy.skewed(now).seconds().saturating_sub(now.seconds());
        let expires_at = exp.map(|exp| UnixTime::from_seconds(exp.seconds().saturating_sub(skew)));
        Ok((ServerMetadata::from_json(merged.as_bytes())?, expires_at))
    }

    /// Verifies the `signed_metadata` of `resource`, like [`verify`](Self::verify) those of a
    /// server: `iss` of the JWT must be this signer, and `resource` in it that of the plain
    /// metadata (RFC 9728 sections 2.2 and 3.3).
    ///
    /// # Errors
    ///
    /// As those of [`verify`](Self::verify).
    pub fn verify_resource(
        &self,
        resource: &ProtectedResourceMetadata,
        policy: &Policy,
        now: UnixTime,
    ) -> Result<ProtectedResourceMetadata, Error> {
        let signed = Signed {
            jwt: resource.signed_metadata.as_deref(),
            subject: "resource",
            expected: &resource.resource,
        };
        let (merged, _) = self.merged(&signed, resource.to_json(), policy, now)?;
        let rejected = |reason| Artefact::SignedMetadata.rejected(reason);
        let object = json::parse_object(merged.as_bytes(), json::Limits::DOCUMENT)
            .map_err(|error| rejected(Reason::Json(error)))?;
        Ok(ProtectedResourceMetadata::read(&object).map_err(rejected)?)
    }

    /// Returns the plain metadata as JSON, in which the signed values replace the plain ones, and
    /// the `exp` of the JWT.
    fn merged(
        &self,
        signed: &Signed<'_>,
        mut plain: serde_json::Map<String, Value>,
        policy: &Policy,
        now: UnixTime,
    ) -> Result<(String, Option<NumericDate>), Error> {
        let claims = self.claims(signed, policy, now);
        let (claims, exp) = claims.map_err(|reason| Artefact::SignedMetadata.rejected(reason))?;
        plain.remove("signed_metadata");
        plain.extend(claims);
        Ok((Value::Object(plain).to_string(), exp))
    }

    /// Returns the values of the JWT that describe the subject, and its `exp`.
    fn claims(
        &self,
        signed: &Signed<'_>,
        policy: &Policy,
        now: UnixTime,
    ) -> Result<(serde_json::Map<String, Value>, Option<NumericDate>), Reason> {
        let jwt = required("signed_metadata", signed.jwt)?;
        let token = Unverified::parse(jwt).map_err(Reason::from)?;
        let algorithm = token.header().alg();
        if !self.algorithms.contains(&algorithm) {
            return Err(Reason::Algorithm {
                expected: self.algorithms.iter().map(ToString::to_string).collect(),
                found: algorithm.to_string(),
            });
        }
        let key = self.keys.select(token.header()).map_err(Reason::from)?;
        let verified = token.verify(key.verifying_key(), algorithm);
        let verified = verified.map_err(Reason::from)?;
        token_type::of_no_other_kind(verified.header())?;
        // The strict reader: plain metadata with a member twice is refused too.
        let object = json::parse_object(verified.payload(), json::Limits::CLAIMS);
        let claims = Claims::from_object(object.map_err(Reason::Json)?)?;
        let iss = required("iss", claims.iss())?;
        let mismatch = |claim, expected: &str, found: &str| Reason::ClaimMismatch {
            claim,
            expected: Some(expected.to_owned()),
            found: Some(printable(found)),
        };
        if iss != self.issuer {
            return Err(mismatch("iss", &self.issuer, iss));
        }
        let about = claims.get_string(signed.subject).map_err(Reason::from)?;
        match about {
            Some(found) if found != signed.expected => {
                return Err(mismatch(signed.subject, signed.expected, found));
            }
            None if iss != signed.expected => {
                return Err(Reason::Missing {
                    member: signed.subject.into(),
                });
            }
            _ => {}
        }
        // RFC 7519 sections 4.1.4 to 4.1.6.
        let clock = Clock::new(policy, now);
        if let Some(exp) = claims.exp() {
            clock.not_expired(exp)?;
        }
        if let Some(nbf) = claims.nbf() {
            clock.already_valid(nbf)?;
        }
        if let Some(iat) = claims.iat() {
            clock.happened("iat", iat)?;
        }
        let mut members = claims.to_owned_map();
        // Section 2.1: it should not appear, and such metadata should be rejected.
        if members.contains_key("signed_metadata") {
            return Err(Reason::Unexpected {
                member: "signed_metadata".into(),
            });
        }
        for name in ABOUT_THE_JWT {
            members.remove(name);
        }
        Ok((members, claims.exp()))
    }
}

/// A `signed_metadata` that is to be verified.
struct Signed<'m> {
    jwt: Option<&'m str>,
    /// The member that names whom the metadata are about.
    subject: &'static str,
    /// Its value in the plain metadata.
    expected: &'m str,
}

/// Claims about the JWT itself, which are no metadata.
const ABOUT_THE_JWT: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

#[cfg(test)]
mod tests;
