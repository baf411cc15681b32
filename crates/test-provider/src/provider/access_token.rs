//! The form of access tokens: opaque, or a JWT (RFC 9068).

use serde_json::{Value, json};

use super::state::{AccessToken, Api, State};
use super::{Call, Provider, id_token};
use crate::client::ClientRegistration;
use crate::members::Members;

impl Provider {
    /// Issues access tokens as JWTs for the resource server with this identifier (RFC 9068). By
    /// default, access tokens are opaque and are for no certain resource server.
    pub fn issue_jwt_access_tokens(&self, audience: impl Into<String>) {
        self.set_api(audience.into(), false);
    }

    /// Issues opaque access tokens for the resource server with this identifier. Introspection
    /// responses contain it in `aud`.
    pub fn issue_opaque_access_tokens(&self, audience: impl Into<String>) {
        self.set_api(audience.into(), true);
    }

    fn set_api(&self, audience: String, is_opaque: bool) {
        self.shared().state.api = Some(Api {
            audience,
            is_opaque,
        });
    }
}

/// Creates the text of an access token.
pub(super) fn make(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    token: &AccessToken,
) -> String {
    let unguessable = state.unguessable(&call.provider.seed, "access_token");
    let Some(Api { audience, .. }) = state.api.as_ref().filter(|api| !api.is_opaque) else {
        return unguessable;
    };
    // RFC 9068 section 2.2.
    let mut claims = Members::new([
        ("iss", json!(call.provider.token_issuer())),
        ("sub", json!(token.grant.subject)),
        ("aud", json!(audience)),
        ("client_id", json!(token.grant.client_id)),
        ("exp", json!(token.expires_at)),
        ("iat", json!(call.now)),
        ("jti", json!(unguessable)),
        ("auth_time", json!(token.grant.auth_time)),
        ("scope", json!(token.grant.scope)),
    ]);
    if let Some(details) = &token.grant.authorization_details {
        claims.set("authorization_details", details.clone());
    }
    if let Some(cnf) = confirmation(token.grant.jkt.as_deref(), token.x5t_s256.as_deref()) {
        claims.set("cnf", cnf);
    }
    let algorithm = client.id_token_signed_response_alg;
    id_token::sign(
        call,
        client,
        algorithm,
        state.key_generation,
        Some("at+jwt"),
        claims,
    )
}

/// Returns `cnf` of a bound token (RFC 9449 section 6.1, RFC 8705 section 3.1).
pub(super) fn confirmation(jkt: Option<&str>, x5t_s256: Option<&str>) -> Option<Value> {
    let members = [("jkt", jkt), ("x5t#S256", x5t_s256)];
    let members = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
    let cnf: serde_json::Map<_, _> = members.collect();
    (!cnf.is_empty()).then_some(Value::Object(cnf))
}
