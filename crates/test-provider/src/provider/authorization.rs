//! The authorization endpoint (OpenID Connect Core section 3.1.2, RFC 6749 section 4.1, RFC 9207).

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::Value;

use super::id_token::Occasion;
use super::state::{AuthorizationRequest, Code, Grant, ResponseType, State};
use super::{Call, authorization_response, fapi, id_token, login, logout, request_object};
use crate::client::ClientAuthentication;
use crate::misbehaviour::Misbehaviour;
use crate::parameters::Parameters;
use crate::response;

pub(super) fn answer(call: &Call<'_>, state: &mut State) -> Response<Bytes> {
    let Some(parameters) = Parameters::of_request(call.request) else {
        return refuse("The request is not a form.");
    };
    let parameters = match request_object::resolve(call, state, parameters) {
        Ok(parameters) => parameters,
        Err(reason) => return refuse(reason),
    };
    let request = match validate(call, &parameters) {
        Ok(request) => request,
        Err(Refused::Page(reason)) => return refuse(reason),
        Err(Refused::Redirect(request, error, description)) => {
            return fail(call, state, &request, error, description);
        }
    };
    if call.provider.interactive {
        if parameters.get("prompt") == Some("none") {
            return fail(
                call,
                state,
                &request,
                "login_required",
                "no user has logged in",
            );
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

/// The reason why an authorization request is refused, and how.
pub(super) enum Refused {
    /// Shows a page to the user and does not redirect, because the client or its redirect URI is
    /// not valid (RFC 6749 section 4.1.2.1).
    Page(&'static str),
    /// Redirects to the client with an error code and a description.
    Redirect(Box<AuthorizationRequest>, &'static str, &'static str),
}

/// Validates an authorization request.
pub(super) fn validate(
    call: &Call<'_>,
    parameters: &Parameters,
) -> Result<AuthorizationRequest, Refused> {
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
    let response_type = parameters
        .get("response_type")
        .and_then(ResponseType::parse);
    let known_type = response_type.unwrap_or(ResponseType::Code);
    let default_mode = known_type.modes()[0];
    let response_mode = parameters.get("response_mode").unwrap_or(default_mode);
    let known_mode = known_type.modes().contains(&response_mode);
    let details = parameters.get("authorization_details").map(details);
    let request = AuthorizationRequest {
        response_type: known_type,
        response_mode: if known_mode {
            response_mode
        } else {
            default_mode
        }
        .to_owned(),
        authorization_details: details.clone().flatten(),
        client_id: client.client_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: owned("state"),
        scope: owned("scope").unwrap_or_default(),
        nonce: owned("nonce"),
        code_challenge: owned("code_challenge"),
        dpop_jkt: owned("dpop_jkt"),
        login_hint: owned("login_hint"),
        resource: owned("resource"),
    };
    let public = matches!(client.authentication, ClientAuthentication::None);
    let fault = if parameters.duplicate().is_some() {
        Some(("invalid_request", "a parameter occurs more than once"))
    } else if response_type.is_none() {
        Some(("unsupported_response_type", "response_type is unknown"))
    } else if known_type == ResponseType::CodeIdToken
        && client.id_token_signed_response_alg.hash().is_none()
    {
        // An ID Token that is issued with a code must contain the hash of the code (OpenID Connect
        // Core section 3.3.2.11).
        Some((
            "unsupported_response_type",
            "the c_hash of an ID Token signed with ML-DSA needs SHAKE256",
        ))
    } else if !known_mode {
        Some(("invalid_request", "response_mode does not fit"))
    } else if known_type != ResponseType::Code && request.nonce.is_none() {
        Some(("invalid_request", "nonce is missing"))
    } else if known_type != ResponseType::Code
        && !request.scope.split(' ').any(|value| value == "openid")
    {
        // OpenID Connect requires the scope `openid` (Core section 3.1.2.1).
        Some(("invalid_scope", "openid is missing"))
    } else if let Err(why) = fapi::check_request(client, parameters) {
        Some(("invalid_request", why))
    } else if details.is_some_and(|details| details.is_none()) {
        Some((
            "invalid_authorization_details",
            "authorization_details is not a list of known types",
        ))
    } else if request.code_challenge.is_some()
        && parameters.get("code_challenge_method") != Some("S256")
    {
        Some(("invalid_request", "code_challenge_method must be S256"))
    } else if request
        .code_challenge
        .as_deref()
        .is_some_and(|it| it.len() != CHALLENGE)
    {
        Some(("invalid_request", "code_challenge is no SHA-256 digest"))
    } else if request.code_challenge.is_none() && public && known_type != ResponseType::IdToken {
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

/// Redirects with the parameters of a successful response, after the user has logged in and agreed.
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
    let grant = Grant {
        number,
        client_id: request.client_id.clone(),
        subject: subject.to_owned(),
        scope: request.scope.clone(),
        nonce: request.nonce.clone(),
        auth_time: call.now,
        jkt: request.dpop_jkt.clone(),
        authorization_details: request.authorization_details.clone(),
        resource: request.resource.clone(),
    };
    let mut parameters = Vec::new();
    if request.response_type != ResponseType::IdToken {
        parameters.push(("code", issue_code(call, state, request, &grant)));
    }
    if request.response_type != ResponseType::Code
        && let Some(client) = call.clients.get(&request.client_id)
    {
        let occasion = Occasion::FrontChannel {
            code: parameters.first().map(|(_, code)| code.as_str()),
            state: request.state.as_deref(),
        };
        let id_token = id_token::issue(call, state, client, &grant, "", occasion);
        parameters.push(("id_token", id_token));
    }
    redirect(call, state, request, parameters)
}

fn issue_code(
    call: &Call<'_>,
    state: &mut State,
    request: &AuthorizationRequest,
    grant: &Grant,
) -> String {
    let value = state.unguessable(&call.provider.seed, "code");
    let code = Code {
        grant: grant.clone(),
        redirect_uri: request.redirect_uri.clone(),
        code_challenge: request.code_challenge.clone(),
        expires_at: call.now + CODE_LIFETIME,
        redeemed: false,
    };
    state.codes.insert(value.clone(), code);
    value
}

/// Parses `authorization_details`, a list of objects with a known type (RFC 9396 section 5). Every
/// type is known except `unknown`.
fn details(text: &str) -> Option<Value> {
    let details: Value = serde_json::from_str(text).ok()?;
    let is_known = |detail: &Value| detail["type"].as_str().is_some_and(|it| it != "unknown");
    let all_known = details.as_array()?.iter().all(is_known);
    all_known.then_some(details)
}

/// Redirects with an error (RFC 6749 section 4.1.2.1).
pub(super) fn fail(
    call: &Call<'_>,
    state: &State,
    request: &AuthorizationRequest,
    error: &str,
    description: &str,
) -> Response<Bytes> {
    redirect(
        call,
        state,
        request,
        vec![
            ("error", error.to_owned()),
            ("error_description", description.to_owned()),
        ],
    )
}

fn redirect(
    call: &Call<'_>,
    state: &State,
    request: &AuthorizationRequest,
    mut parameters: Vec<(&'static str, String)>,
) -> Response<Bytes> {
    if let Some(state) = &request.state {
        parameters.push(("state", state.clone()));
    }
    parameters.push(("iss", call.provider.token_issuer()));
    if let Some(session_state) = logout::session_state(call, state, request) {
        parameters.push(("session_state", session_state));
    }
    for misbehaviour in call.misbehaviours {
        misbehave(&mut parameters, *misbehaviour);
    }
    authorization_response::send(call, state, request, parameters)
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

/// Shows a page to the user, and does not redirect.
pub(super) fn refuse(reason: &str) -> Response<Bytes> {
    response::page(
        StatusCode::BAD_REQUEST,
        "This login cannot go on",
        &format!("<p>{reason}</p>"),
    )
}

/// The length of a SHA-256 digest in base64url, in characters (RFC 7636 section 4.2).
const CHALLENGE: usize = 43;

/// The lifetime of a code, in seconds.
const CODE_LIFETIME: i64 = 60;
