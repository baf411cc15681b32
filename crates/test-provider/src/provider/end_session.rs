//! The end-session endpoint (OpenID Connect RP-Initiated Logout section 2).

use bytes::Bytes;
use http::{Response, StatusCode};
use url::form_urlencoded;

use super::state::State;
use super::{Call, logout};
use crate::misbehaviour::Misbehaviour;
use crate::parameters::Parameters;
use crate::response;

/// Checks the request and redirects back to the client. Without a redirect URI, shows a page whose
/// frames log the clients out.
pub(super) fn answer(call: &Call<'_>, state: &mut State) -> Response<Bytes> {
    let Some(parameters) = Parameters::of_request(call.request) else {
        return refuse("The request is not a form.");
    };
    if parameters.duplicate().is_some() {
        return refuse("A parameter occurs more than once.");
    }
    let hinted = match parameters.get("id_token_hint") {
        None => None,
        Some(hint) => match state.id_tokens.get(hint) {
            Some(client_id) => Some(client_id.as_str()),
            None => return refuse("The ID Token was not issued here."),
        },
    };
    let client_id = match (hinted, parameters.get("client_id")) {
        (Some(hinted), Some(named)) if hinted != named => {
            return refuse("The ID Token belongs to another client.");
        }
        (hinted, named) => hinted.or(named),
    };
    let client_id = client_id.map(str::to_owned);
    let Some(uri) = parameters.get("post_logout_redirect_uri") else {
        state.logouts += 1;
        let frames = logout::front_channel(call, state);
        let body = format!("<p>You are logged out.</p>{frames}");
        return response::page(StatusCode::OK, "Logged out", &body);
    };
    let registered = client_id
        .and_then(|client_id| call.clients.get(&client_id))
        .is_some_and(|client| {
            client
                .post_logout_redirect_uris
                .iter()
                .any(|known| known == uri)
        });
    if !registered {
        return refuse("The URI to return to is not registered.");
    }
    state.logouts += 1;
    let state = match parameters.get("state") {
        Some(state) if call.misbehaves(Misbehaviour::LogoutStateMismatch) => {
            Some(format!("{state}1"))
        }
        Some(_) if call.misbehaves(Misbehaviour::LogoutStateMissing) => None,
        state => state.map(str::to_owned),
    };
    match state {
        None => response::redirect(uri),
        Some(state) => {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("state", &state)
                .finish();
            let separator = if uri.contains('?') { '&' } else { '?' };
            response::redirect(&format!("{uri}{separator}{query}"))
        }
    }
}

fn refuse(reason: &str) -> Response<Bytes> {
    response::page(
        StatusCode::BAD_REQUEST,
        "This logout cannot go on",
        &format!("<p>{reason}</p>"),
    )
}
