//! What the provider has issued and must recognise.

use std::collections::{BTreeMap, BTreeSet};

use jose::{HashAlgorithm, base64url};
use serde_json::Value;

use super::polling::{Pending, Verdict};
use super::registration::Registered;
use crate::parameters::Parameters;

/// What a user has granted to a client in one login. Codes and tokens refer to it.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    /// Unique for each login: what was issued for it is revoked together.
    pub(super) number: u64,
    pub(super) client_id: String,
    pub(super) subject: String,
    pub(super) scope: String,
    pub(super) nonce: Option<String>,
    pub(super) auth_time: i64,
    pub(super) authorization_details: Option<Value>,
    /// The thumbprint of the DPoP key that the tokens are bound to; for a code, the `dpop_jkt` of its request.
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
    /// The thumbprint of the client certificate that it is bound to.
    pub(super) x5t_s256: Option<String>,
    pub(super) expires_at: i64,
}

#[derive(Clone, Debug)]
pub(super) struct RefreshToken {
    pub(super) grant: Grant,
    pub(super) replaced: bool,
}

/// A validated authorization request, which waits for the user or is answered at once.
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
    /// The `response_mode`, or what is usual for the response type.
    pub(super) response_mode: String,
    pub(super) authorization_details: Option<Value>,
}

/// What an authorization request asks for.
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

/// A request that was pushed, until it is referred to.
#[derive(Clone, Debug)]
pub(super) struct Pushed {
    pub(super) client_id: String,
    pub(super) parameters: Parameters,
    pub(super) expires_at: i64,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// Pushed requests by their `request_uri`.
    pub(super) pushed: BTreeMap<String, Pushed>,
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) access_tokens: BTreeMap<String, AccessToken>,
    pub(super) refresh_tokens: BTreeMap<String, RefreshToken>,
    /// Each ID Token with its client: a logout request may hint at it.
    pub(super) id_tokens: BTreeMap<String, String>,
    /// Authorization requests which wait for their user.
    pub(super) interactions: BTreeMap<String, AuthorizationRequest>,
    /// `jti` of the client assertions seen, by client.
    pub(super) assertions: BTreeSet<(String, String)>,
    /// `jti` of the request objects seen, by client.
    pub(super) request_objects: BTreeSet<(String, String)>,
    /// Clients that have registered by themselves.
    pub(super) registrations: BTreeMap<String, Registered>,
    /// `jti` of the DPoP proofs seen.
    pub(super) proofs: BTreeSet<String>,
    /// Each `code_verifier` of a client that must never use one twice.
    pub(super) code_verifiers: BTreeSet<String>,
    /// Which DPoP nonces are the right ones.
    pub(super) nonces: u64,
    /// Device codes and authentication request identifiers.
    pub(super) pending: BTreeMap<String, Pending>,
    /// What a person on another device says, and when.
    pub(super) verdict: Verdict,
    /// How often the keys have been replaced.
    pub(super) key_generation: u64,
    grants: u64,
    values: u64,
}

impl State {
    /// The next value nobody can guess without the seed: base64url of a SHA-256 digest.
    pub(super) fn unguessable(&mut self, seed: &str, purpose: &str) -> String {
        self.values += 1;
        let input = format!("{seed}\n{purpose}\n{}", self.values);
        base64url::encode(&HashAlgorithm::Sha256.digest(input.as_bytes()))
    }

    /// The next grant's number.
    pub(super) fn next_grant(&mut self) -> u64 {
        self.grants += 1;
        self.grants
    }

    /// Forgets the tokens of a grant.
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
