//! The login page of an interactive provider, and its form.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::authorization::refuse;
use super::state::{AuthorizationRequest, State};
use super::{Call, Endpoint, Provider, authorization};
use crate::parameters::Parameters;
use crate::response;
use crate::response::escape;

impl Provider {
    /// Returns an HTML page in the style of the provider's login page, for a server that adds pages
    /// to it. `title` and `body` are HTML, so text from outside must be escaped.
    pub fn page(title: &str, body: &str) -> Response<Bytes> {
        response::page(StatusCode::OK, title, body)
    }
}

/// Stores the authorization request and shows the login page. The form has the field `interaction`,
/// and either `user` with a user's subject or `deny`.
pub(super) fn page(
    call: &Call<'_>,
    state: &mut State,
    request: AuthorizationRequest,
) -> Response<Bytes> {
    let interaction = state.unguessable(&call.provider.seed, "interaction");
    let buttons: String = call
        .provider
        .users
        .iter()
        .map(|user| {
            format!(
                "<button name=\"user\" value=\"{}\">Continue as {}<br><small>{}</small></button>\n",
                escape(&user.subject),
                escape(&user.name),
                escape(&user.email)
            )
        })
        .collect();
    let body = format!(
        "<p>The application <strong>{}</strong> asks who you are.<br>\n\
         <small>Scope: {}</small></p>\n\
         <form method=\"post\" action=\"{}\">\n<input type=\"hidden\" name=\"interaction\" value=\"{interaction}\">\n\
         {buttons}<button class=\"quiet\" name=\"deny\" value=\"deny\">No, thank you</button>\n</form>\n\
         <p><small>This provider is for tests. It asks for no password.</small></p>",
        escape(&request.client_id),
        escape(&request.scope),
        escape(&call.provider.url(Endpoint::Login)),
    );
    state.interactions.insert(interaction, request);
    response::page(StatusCode::OK, "Log in", &body)
}

/// Ends the interaction. It can end only once.
pub(super) fn answer(call: &Call<'_>, state: &mut State) -> Response<Bytes> {
    let Some(parameters) = Parameters::of_body(call.request) else {
        return refuse("The request is not a form.");
    };
    let user = parameters
        .get("user")
        .and_then(|subject| call.user(subject));
    if user.is_none() && parameters.get("deny").is_none() {
        return refuse("There is no such user.");
    }
    let request = parameters
        .get("interaction")
        .and_then(|interaction| state.interactions.remove(interaction));
    match (request, user) {
        (None, _) => refuse("This login is over, or never began."),
        (Some(request), Some(user)) => authorization::grant(call, state, &request, &user.subject),
        (Some(request), None) => {
            authorization::fail(call, state, &request, "access_denied", "the user said no")
        }
    }
}
