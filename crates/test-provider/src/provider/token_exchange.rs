//! Token exchange (RFC 8693 section 2).

use serde_json::json;

use super::id_token::Occasion;
use super::state::State;
use super::token::Refusal;
use super::{Call, token};
use crate::client::ClientRegistration;
use crate::members::Members;
use crate::parameters::Parameters;

/// Exchanges a valid access token for a new one, or for a placeholder of a SAML assertion.
pub(super) fn grant(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    parameters: &Parameters,
    jkt: Option<String>,
) -> Result<Members, Refusal> {
    if parameters.get("subject_token_type") != Some(ACCESS_TOKEN) {
        return Err(("invalid_request", "subject_token_type is not supported"));
    }
    let subject = parameters
        .get("subject_token")
        .and_then(|token| state.access_tokens.get(token))
        .filter(|token| call.now < token.expires_at)
        .ok_or(("invalid_request", "subject_token is unknown or has expired"))?;
    let mut grant = subject.grant.clone();
    grant.client_id = client.client_id.clone();
    grant.jkt = jkt;
    if let Some(scope) = parameters.get("scope") {
        if !scope.split(' ').all(|value| grant.has_scope(value)) {
            return Err(("invalid_scope", "the scope was not granted"));
        }
        grant.scope = scope.to_owned();
    }
    let issued = parameters
        .get("requested_token_type")
        .unwrap_or(ACCESS_TOKEN);
    let mut document = match issued {
        ACCESS_TOKEN => token::issue(call, state, client, &grant, Occasion::Login),
        SAML2 => Members::new([
            ("access_token", json!("PHNhbWw6QXNzZXJ0aW9uLz4")),
            ("token_type", json!("N_A")),
        ]),
        _ => {
            return Err(("invalid_request", "requested_token_type is not supported"));
        }
    };
    document.set("issued_token_type", json!(issued));
    Ok(document)
}

pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const SAML2: &str = "urn:ietf:params:oauth:token-type:saml2";
