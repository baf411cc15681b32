//! An issuer whose access tokens are accepted.

use jose::SignatureAlgorithm;

use crate::configuration::Configuration;

/// The form of the access tokens of an issuer that does not follow RFC 9068.
///
/// Such tokens are weaker: their `typ` does not tell them from other JWTs of the same issuer, such
/// as ID Tokens. Therefore a token with `nonce`, `at_hash`, `c_hash` or `s_hash`, which ID Tokens
/// have, or with `events`, which logout tokens have, is refused. `iss`, `sub`, `exp`, the audience
/// and the client are required as in RFC 9068; `iat` and `jti` are not. Choose a resource
/// identifier that is not the identifier of a client: otherwise an ID Token for this client has the
/// right audience.
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
