//! The grant `client_credentials` (RFC 6749 section 4.4).

use super::id_token::Occasion;
use super::state::{Grant, State};
use super::token::Refusal;
use super::{Call, token};
use crate::client::{ClientAuthentication, ClientRegistration};
use crate::members::Members;
use crate::parameters::Parameters;

pub(super) fn grant(
    call: &Call<'_>,
    state: &mut State,
    client: &ClientRegistration,
    parameters: &Parameters,
    jkt: Option<String>,
) -> Result<Members, Refusal> {
    if matches!(client.authentication, ClientAuthentication::None) {
        return Err(("unauthorized_client", "a public client proves nothing"));
    }
    let grant = Grant {
        number: state.next_grant(),
        client_id: client.client_id.clone(),
        subject: client.client_id.clone(),
        scope: parameters.get("scope").unwrap_or("api").to_owned(),
        nonce: None,
        auth_time: call.now,
        jkt,
        authorization_details: None,
        resource: None,
    };
    if grant.has_scope("openid") {
        return Err(("invalid_scope", "no user logs in"));
    }
    Ok(token::issue(call, state, client, &grant, Occasion::Login))
}
