//! An issuer whose access tokens are accepted.

use std::sync::Arc;

use jose::jws::{Header, Unverified};
use jose::jwt::Claims;
use jose::{SignatureAlgorithm, base64url, json};

use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Reason};
use crate::flow::verification::keyed::JwtKind;
use crate::metadata::ClientMetadata;
use crate::resource_server::ValidatedAccessToken;
use crate::resource_server::access_token_checks::validate_access_token;
use crate::secret::Secret;
use crate::time::UnixTime;

/// The form of the access tokens of an issuer that does not follow RFC 9068.
///
/// Such tokens are weaker: their `typ` does not tell them from other JWTs of the same issuer, such
/// as ID Tokens. Therefore a token with `nonce`, `at_hash` or `c_hash`, which ID Tokens have, is
/// refused. `iss`, `sub`, `exp`, the audience and the client are required as in RFC 9068; `iat` and
/// `jti` are not. Choose a resource identifier that is not the identifier of a client: otherwise an
/// ID Token for this client has the right audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DangerAccessTokenProfile {
    /// The required `typ`; `None` requires that it is absent.
    pub typ: Option<&'static str>,
    /// The claim that must contain the resource: a string or an array of strings, usually `aud`.
    pub audience_claim: &'static str,
    /// The claim that names the client, for example `azp` or `appid`.
    pub client_claim: &'static str,
    /// The claim with the scope: text with spaces or an array of strings, for example `scp`.
    pub scope_claim: &'static str,
}

/// What a token of one issuer is compared with.
#[derive(Debug, Clone)]
pub(super) struct AccessTokenExpectations {
    pub(super) configuration: Configuration,
    pub(super) resource: String,
    pub(super) algorithms: Vec<SignatureAlgorithm>,
    /// `None` is RFC 9068.
    pub(super) profile: Option<DangerAccessTokenProfile>,
}

impl JwtKind for Arc<AccessTokenExpectations> {
    type Output = ValidatedAccessToken;

    const ARTEFACT: Artefact = Artefact::AccessToken;

    fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// They never include `none` or HMAC (RFC 9068 section 2.1).
    fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        self.algorithms.clone()
    }

    fn encryption(_: &ClientMetadata) -> [Option<&str>; 2] {
        [None, None]
    }

    fn judge(
        &self,
        now: UnixTime,
        header: &Header,
        claims: &Claims<'_>,
        _jwt: &Secret,
    ) -> Result<ValidatedAccessToken, Reason> {
        validate_access_token(self, now, header, claims)
    }
}

/// Returns the issuer that a token names. Nothing is verified yet: the name only selects the keys
/// and the rules, and is compared once more when the signature is valid.
pub(super) fn named_issuer(token: &str) -> Result<String, Error> {
    let rejected = |reason| Error::from(Artefact::AccessToken.rejected(reason));
    let unreadable = || {
        let part = jose::Part::Payload;
        Reason::Jose(jose::Malformed::Base64Url { part }.into())
    };
    // Malformed tokens and those without a signature are refused here, before a key is fetched.
    Unverified::parse(token).map_err(|error| rejected(error.into()))?;
    let payload = token.split('.').nth(1).unwrap_or_default();
    let payload = base64url::decode(payload).map_err(|_| rejected(unreadable()))?;
    let object = json::parse_object_with_repeats(&payload, json::Limits::CLAIMS)
        .map_err(|error| rejected(Reason::Json(error)))?;
    let iss = object.get("iss").and_then(json::Value::as_str);
    let missing = || {
        rejected(Reason::Missing {
            member: "iss".into(),
        })
    };
    iss.map(str::to_owned).ok_or_else(missing)
}
