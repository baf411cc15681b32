//! Tokens that the provider pushes to a client (CIBA Core sections 10.3.1 and 12).

use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::json;

use super::id_token::Occasion;
use super::polling::{CIBA, Pending};
use super::state::State;
use super::{Call, Provider, Shared, token};
use crate::members::Members;
use crate::misbehaviour::Misbehaviour;

impl Provider {
    /// Returns the push that ends a backchannel authentication whose client sent a
    /// `client_notification_token`: the tokens, or the error `access_denied` if the user refuses. A
    /// server would send it to the client's notification endpoint (CIBA Core section 10.3.1); this
    /// provider sends nothing.
    pub fn push(&self, auth_req_id: &str, now: i64) -> Option<Request<Bytes>> {
        let Shared {
            clients,
            misbehaviours,
            dpop,
            pages,
            state,
            ..
        } = &mut *self.shared();
        let pending = state.pending.get(auth_req_id)?;
        if pending.grant_type != CIBA || pending.client_notification_token.is_none() {
            return None;
        }
        let pending = state.pending.remove(auth_req_id)?;
        let call = Call {
            provider: self,
            clients,
            misbehaviours,
            dpop,
            pages,
            request: &Request::new(Bytes::new()),
            now,
        };
        push(&call, state, auth_req_id, pending)
    }
}

fn push(
    call: &Call<'_>,
    state: &mut State,
    auth_req_id: &str,
    pending: Pending,
) -> Option<Request<Bytes>> {
    let Pending {
        grant,
        client_notification_token,
        ..
    } = pending;
    let client = call.clients.get(&grant.client_id)?;
    let mut document = match state.verdict.says_yes {
        false => Members::new([
            ("error", json!("access_denied")),
            ("error_description", json!("the person said no")),
        ]),
        true => {
            let refresh_token = token::issue_refresh_token(call, state, &grant);
            let occasion = Occasion::Push {
                auth_req_id,
                refresh_token: &refresh_token,
            };
            let mut document = token::issue(call, state, client, &grant, occasion);
            document.set("refresh_token", json!(refresh_token));
            document
        }
    };
    document.set("auth_req_id", json!(auth_req_id));
    if call.misbehaves(Misbehaviour::PushIdTokenMissing) {
        document.remove("id_token");
    }
    let mut token = client_notification_token?;
    if call.misbehaves(Misbehaviour::PushTokenMismatch) {
        token.push('1');
    }
    Request::post("https://app.example.com/push")
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, "application/json")
        .body(Bytes::from(document.to_string()))
        .ok()
}
