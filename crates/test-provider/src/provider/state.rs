//! The state of the provider: the values that it has issued and received.

use std::collections::{BTreeMap, BTreeSet};

use jose::{HashAlgorithm, base64url};
use serde_json::Value;

use super::polling::{Pending, Verdict};
use super::registration::Registered;
use crate::parameters::Parameters;

/// A user's grant to a client in one login. Codes and tokens refer to it.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    /// The number of the login. All tokens with the same number are revoked together.
    pub(super) number: u64,
    pub(super) client_id: String,
    pub(super) subject: String,
    pub(super) scope: String,
    pub(super) nonce: Option<String>,
    pub(super) auth_time: i64,
    pub(super) authorization_details: Option<Value>,
    /// The resource that the tokens are for (RFC 8707).
    pub(super) resource: Option<String>,
    /// The thumbprint of the DPoP key to which the tokens are bound. For a code, it is the
    /// `dpop_jkt` of the request.
    pub(super) jkt: Option<String>,
}

impl Grant {
    pub(super) fn has_scope(&self, value: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == value)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    pub(super) code_challenge: Option<String>,
    pub(super) expires_at: i64,
    pub(super) redeemed: bool,
}

#[derive(Clone, Debug)]
pub(super) struct AccessToken {
    pub(super) grant: Grant,
    /// The thumbprint of the client certificate to which the token is bound.
    pub(super) x5t_s256: Option<String>,
    pub(super) expires_at: i64,
}

#[derive(Clone, Debug)]
pub(super) struct RefreshToken {
    pub(super) grant: Grant,
    pub(super) replaced: bool,
}

/// A validated authorization request.
#[derive(Clone, Debug)]
pub(super) struct AuthorizationRequest {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) scope: String,
    pub(super) nonce: Option<String>,
    pub(super) code_challenge: Option<String>,
    pub(super) dpop_jkt: Option<String>,
    pub(super) login_hint: Option<String>,
    pub(super) response_type: ResponseType,
    /// The requested `response_mode`, or the default mode of the response type.
    pub(super) response_mode: String,
    pub(super) authorization_details: Option<Value>,
    pub(super) resource: Option<String>,
}

/// The `response_type` of an authorization request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseType {
    Code,
    CodeIdToken,
    IdToken,
}

impl ResponseType {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "code" => Self::Code,
            "code id_token" => Self::CodeIdToken,
            "id_token" => Self::IdToken,
            _ => return None,
        })
    }

    pub(super) fn modes(self) -> &'static [&'static str] {
        match self {
            Self::Code => &[
                "query",
                "fragment",
                "form_post",
                "jwt",
                "query.jwt",
                "fragment.jwt",
                "form_post.jwt",
            ],
            Self::CodeIdToken | Self::IdToken => &["fragment", "form_post"],
        }
    }
}

/// The last login at a client that receives logout tokens.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) sid: String,
    pub(super) subject: String,
}

/// A pushed authorization request.
#[derive(Clone, Debug)]
pub(super) struct Pushed {
    pub(super) client_id: String,
    pub(super) parameters: Parameters,
    pub(super) expires_at: i64,
}

/// The resource server that access tokens are for.
#[derive(Clone, Debug)]
pub(super) struct Api {
    pub(super) audience: String,
    /// Whether access tokens have no meaning outside of the provider.
    pub(super) is_opaque: bool,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// Pushed requests by their `request_uri`.
    pub(super) pushed: BTreeMap<String, Pushed>,
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) access_tokens: BTreeMap<String, AccessToken>,
    pub(super) refresh_tokens: BTreeMap<String, RefreshToken>,
    /// ID Tokens and their clients, for the `id_token_hint` of a logout.
    pub(super) id_tokens: BTreeMap<String, String>,
    /// The session of each client, by `client_id`.
    pub(super) sessions: BTreeMap<String, Session>,
    /// Authorization requests that wait for their user.
    pub(super) interactions: BTreeMap<String, AuthorizationRequest>,
    /// The `jti` of client assertions that were used, by client.
    pub(super) assertions: BTreeSet<(String, String)>,
    /// The `jti` of request objects that were used, by client.
    pub(super) request_objects: BTreeSet<(String, String)>,
    /// Clients that used dynamic registration.
    pub(super) registrations: BTreeMap<String, Registered>,
    /// The `jti` of DPoP proofs that were used.
    pub(super) proofs: BTreeSet<String>,
    /// The values of `code_verifier` from clients that must not use one twice.
    pub(super) code_verifiers: BTreeSet<String>,
    /// The challenge that the proofs of client attestations must have.
    pub(super) attestation_challenge: Option<String>,
    /// Whether the metadata are signed.
    pub(super) signs_metadata: bool,
    /// The number of the current DPoP nonces.
    pub(super) nonces: u64,
    /// Pending requests by their device code or authentication request identifier.
    pub(super) pending: BTreeMap<String, Pending>,
    /// The decision of the user on another device, and the number of polls before it.
    pub(super) verdict: Verdict,
    /// The resource server that access tokens are for, if the provider names one.
    pub(super) api: Option<Api>,
    /// The number of key rotations.
    pub(super) key_generation: u64,
    /// The number of sessions that have ended.
    pub(super) logouts: u64,
    grants: u64,
    values: u64,
}

impl State {
    /// Returns a new value, the base64url of a SHA-256 digest. It cannot be guessed without the
    /// seed.
    pub(super) fn unguessable(&mut self, seed: &str, purpose: &str) -> String {
        self.values += 1;
        let input = format!("{seed}\n{purpose}\n{}", self.values);
        base64url::encode(&HashAlgorithm::Sha256.digest(input.as_bytes()))
    }

    /// Returns the number of the next grant.
    pub(super) fn next_grant(&mut self) -> u64 {
        self.grants += 1;
        self.grants
    }

    /// Removes the tokens of a grant.
    pub(super) fn revoke(&mut self, grant: u64) {
        self.access_tokens
            .retain(|_, token| token.grant.number != grant);
        self.refresh_tokens
            .retain(|_, token| token.grant.number != grant);
    }

    pub(super) fn next_nonce(&mut self) {
        self.nonces += 1;
    }

    pub(super) fn rotate_keys(&mut self) {
        self.key_generation += 1;
    }
}
