//! The authorization endpoint (OpenID Connect Core section 3.1.2, RFC 6749 section 4.1, RFC 9207).

use bytes::Bytes;
use http::Response;
use http::StatusCode;
use url::form_urlencoded;

use super::Call;
use super::login;
use super::state::AuthorizationRequest;
use super::state::Code;
use super::state::Grant;
use super::state::State;
use crate::client::ClientAuthentication;
use crate::misbehaviour::Misbehaviour;
use crate::parameters::Parameters;
use crate::response;

pub(super) fn answer(call: &Call<'_>, state: &mut State) -> Response<Bytes> {
    let Some(parameters) = Parameters::of_request(call.request) else {
        return refuse("The request is not a form.");
    };
    let request = match validate(call, &parameters) {
        Ok(request) => request,
        Err(Refused::Page(reason)) => return refuse(reason),
        Err(Refused::Redirect(request, error, description)) => {
            return fail(call, &request, error, description);
        }
    };
    if call.provider.interactive {
        if parameters.get("prompt") == Some("none") {
            return fail(call, &request, "login_required", "nobody has logged in");
        }
        return login::page(call, state, request);
    }
    let subject = request
        .login_hint
        .as_deref()
        .and_then(|hint| call.user(hint))
        .unwrap_or(&call.provider.users[0])
        .subject
        .clone();
    grant(call, state, &request, &subject)
}

/// Why an authorization request is refused.
enum Refused {
    /// The client or its redirect URI is in doubt: tell the person, redirect nowhere (RFC 6749 section 4.1.2.1).
    Page(&'static str),
    /// Tell the client: an error code and a description.
    Redirect(Box<AuthorizationRequest>, &'static str, &'static str),
}

fn validate(call: &Call<'_>, parameters: &Parameters) -> Result<AuthorizationRequest, Refused> {
    let client = parameters
        .get("client_id")
        .and_then(|client_id| call.clients.get(client_id))
        .ok_or(Refused::Page("The client is unknown."))?;
    let redirect_uri = parameters
        .get("redirect_uri")
        .filter(|uri| {
            client
                .redirect_uris
                .iter()
                .any(|registered| registered == uri)
        })
        .ok_or(Refused::Page("The redirect URI is not registered."))?;
    let owned = |name| parameters.get(name).map(str::to_owned);
    let request = AuthorizationRequest {
        client_id: client.client_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: owned("state"),
        scope: owned("scope").unwrap_or_default(),
        nonce: owned("nonce"),
        code_challenge: owned("code_challenge"),
        dpop_jkt: owned("dpop_jkt"),
        login_hint: owned("login_hint"),
    };
    let public = matches!(client.authentication, ClientAuthentication::None);
    let fault = if parameters.duplicate().is_some() {
        Some(("invalid_request", "a parameter occurs more than once"))
    } else if parameters.get("response_type") != Some("code") {
        Some(("unsupported_response_type", "response_type must be code"))
    } else if !matches!(parameters.get("response_mode"), None | Some("query")) {
        Some(("invalid_request", "response_mode must be query"))
    } else if request.code_challenge.is_some()
        && parameters.get("code_challenge_method") != Some("S256")
    {
        Some(("invalid_request", "code_challenge_method must be S256"))
    } else if request.code_challenge.is_none() && public {
        Some(("invalid_request", "a public client needs a code_challenge"))
    } else if parameters
        .get("max_age")
        .is_some_and(|max_age| max_age.parse::<u32>().is_err())
    {
        Some(("invalid_request", "max_age must be a number of seconds"))
    } else {
        None
    };
    match fault {
        Some((error, description)) => Err(Refused::Redirect(Box::new(request), error, description)),
        None => Ok(request),
    }
}

/// The user has logged in and agrees: redirects with a code.
pub(super) fn grant(
    call: &Call<'_>,
    state: &mut State,
    request: &AuthorizationRequest,
    subject: &str,
) -> Response<Bytes> {
    let number = state.next_grant();
    if number > 1 && call.misbehaves(Misbehaviour::KeySetRotatedBetweenLogins) {
        state.rotate_keys();
    }
    let value = state.unguessable(&call.provider.seed, "code");
    let code = Code {
        grant: Grant {
            number,
            client_id: request.client_id.clone(),
            subject: subject.to_owned(),
            scope: request.scope.clone(),
            nonce: request.nonce.clone(),
            auth_time: call.now,
            jkt: request.dpop_jkt.clone(),
        },
        redirect_uri: request.redirect_uri.clone(),
        code_challenge: request.code_challenge.clone(),
        expires_at: call.now + CODE_LIFETIME,
        redeemed: false,
    };
    state.codes.insert(value.clone(), code);
    redirect(call, request, vec![("code", value)])
}

/// Redirects with an error (RFC 6749 section 4.1.2.1).
pub(super) fn fail(
    call: &Call<'_>,
    request: &AuthorizationRequest,
    error: &str,
    description: &str,
) -> Response<Bytes> {
    redirect(
        call,
        request,
        vec![
            ("error", error.to_owned()),
            ("error_description", description.to_owned()),
        ],
    )
}

fn redirect(
    call: &Call<'_>,
    request: &AuthorizationRequest,
    mut parameters: Vec<(&'static str, String)>,
) -> Response<Bytes> {
    if let Some(state) = &request.state {
        parameters.push(("state", state.clone()));
    }
    parameters.push(("iss", call.issuer().to_owned()));
    for misbehaviour in call.misbehaviours {
        misbehave(&mut parameters, *misbehaviour);
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    let separator = if call.misbehaves(Misbehaviour::CallbackInFragment) {
        '#'
    } else if request.redirect_uri.contains('?') {
        '&'
    } else {
        '?'
    };
    response::redirect(&format!("{}{separator}{query}", request.redirect_uri))
}

fn misbehave(parameters: &mut Vec<(&'static str, String)>, misbehaviour: Misbehaviour) {
    use Misbehaviour as M;
    match misbehaviour {
        M::CallbackStateMismatch => append(parameters, "state"),
        M::CallbackStateMissing => remove(parameters, "state"),
        M::CallbackStateEmpty => set(parameters, "state", ""),
        M::CallbackDuplicateState => repeat(parameters, "state"),
        M::CallbackIssuerMismatch => append(parameters, "iss"),
        M::CallbackIssuerMissing => remove(parameters, "iss"),
        M::CallbackDuplicateIssuer => repeat(parameters, "iss"),
        M::CallbackAccessDenied => {
            remove(parameters, "code");
            parameters.push(("error", "access_denied".to_owned()));
            parameters.push(("error_description", "the user said no".to_owned()));
        }
        M::CallbackErrorWithCode => parameters.push(("error", "server_error".to_owned())),
        M::CallbackErrorStateMismatch => {
            remove(parameters, "code");
            parameters.push(("error", "access_denied".to_owned()));
            append(parameters, "state");
        }
        M::CallbackCodeMissing => remove(parameters, "code"),
        M::CallbackCodeEmpty => set(parameters, "code", ""),
        M::CallbackDuplicateCode => repeat(parameters, "code"),
        M::CallbackStrayAccessToken => parameters.push(("access_token", "stray".to_owned())),
        M::CallbackStrayIdToken => parameters.push(("id_token", "e30.e30.stray".to_owned())),
        M::CallbackStrayTokenType => parameters.push(("token_type", "Bearer".to_owned())),
        M::CallbackStrayExpiresIn => parameters.push(("expires_in", "3600".to_owned())),
        M::CallbackResponse => parameters.push(("response", "e30.e30.stray".to_owned())),
        M::CallbackUnknownParameter => parameters.push(("session_state", "unknown".to_owned())),
        _ => {}
    }
}

fn remove(parameters: &mut Vec<(&'static str, String)>, name: &str) {
    parameters.retain(|(known, _)| *known != name);
}

fn append(parameters: &mut [(&'static str, String)], name: &str) {
    for (_, value) in parameters.iter_mut().filter(|(known, _)| *known == name) {
        value.push('1');
    }
}

fn set(parameters: &mut [(&'static str, String)], name: &str, new: &str) {
    for (_, value) in parameters.iter_mut().filter(|(known, _)| *known == name) {
        *value = new.to_owned();
    }
}

fn repeat(parameters: &mut Vec<(&'static str, String)>, name: &str) {
    if let Some(parameter) = parameters.iter().find(|(known, _)| *known == name).cloned() {
        parameters.push(parameter);
    }
}

/// Tells the person, and redirects nowhere.
pub(super) fn refuse(reason: &str) -> Response<Bytes> {
    response::page(
        StatusCode::BAD_REQUEST,
        "This login cannot go on",
        &format!("<p>{reason}</p>"),
    )
}

/// How long a code is valid, in seconds.
const CODE_LIFETIME: i64 = 60;
