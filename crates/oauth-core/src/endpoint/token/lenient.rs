//! Malformed token responses that a switch of [`Danger`](crate::policy::Danger) accepts.

use std::borrow::Cow;

use bytes::Bytes;
use http::Response;
use jose::json;
use serde_json::Value;

use crate::configuration::Configuration;
use crate::error::{Artefact, Error, Reason, printable};
use crate::wire::{JsonObject, Members, Parameters, media_type_is};

/// Returns the response as JSON, converted from a form if forms are accepted. JSON with the wrong
/// media type stays as it is.
pub(super) fn as_json<'a>(
    configuration: &Configuration,
    response: &'a Response<Bytes>,
) -> Result<Cow<'a, Response<Bytes>>, Error> {
    let danger = &configuration.policy().danger;
    let headers = response.headers();
    let is_form = || FORMS.iter().any(|form| media_type_is(headers, form));
    if !danger.accept_form_encoded_tokens || !is_form() {
        return Ok(Cow::Borrowed(response));
    }
    let text = String::from_utf8_lossy(response.body());
    let is_json = text
        .trim_start_matches(BYTE_ORDER_MARK)
        .trim_start()
        .starts_with(['{', '[']);
    if is_json {
        return Ok(Cow::Borrowed(response));
    }
    let mut members = JsonObject::new();
    for (name, value) in Parameters::decode(text.trim()).iter() {
        // A parameter without a value is treated as absent (RFC 6749 section 3.2).
        if value.is_empty() {
            continue;
        }
        if members.insert(name.to_owned(), value.into()).is_some() {
            let member = printable(name).into();
            return Err(rejected(Reason::Duplicate { member }));
        }
    }
    // An ID Token decides who logs in; it is accepted only in the form of OpenID Connect.
    if members.contains_key("id_token") {
        return Err(unexpected_id_token("accept_form_encoded_tokens"));
    }
    let mut converted = response.clone();
    *converted.body_mut() = Value::Object(members).to_string().into();
    Ok(Cow::Owned(converted))
}

/// The object that contains the tokens: the response, or the member that the switch names.
pub(super) fn holder<'a, 'b>(
    configuration: &Configuration,
    response: &'b json::Object<'a>,
) -> Result<&'b json::Object<'a>, Error> {
    let Some(member) = &configuration.policy().danger.token_response_within else {
        return refuse_nested(response);
    };
    match response.get(member) {
        Some(json::Value::Object(within)) => {
            for object in [response, within] {
                if present(object, "id_token").is_some() {
                    return Err(unexpected_id_token("token_response_within"));
                }
            }
            Ok(within)
        }
        _ => Ok(response),
    }
}

/// The type of the token. `user` and `bot` are one provider's names for Bearer tokens; they are
/// accepted with the switch that names a member.
pub(super) fn token_type<'a>(
    configuration: &Configuration,
    members: &Members<'a>,
) -> Result<&'a str, Error> {
    const BEARER: &str = "Bearer";
    let danger = &configuration.policy().danger;
    match members.optional_text("token_type")? {
        Some("user" | "bot") if danger.token_response_within.is_some() => Ok(BEARER),
        Some(found) => Ok(found),
        None if danger.accept_missing_token_type => Ok(BEARER),
        None => Err(members.missing("token_type")),
    }
}

/// The scope, which may be empty (RFC 6749 section 3.3).
pub(super) fn scope(
    configuration: &Configuration,
    members: &Members<'_>,
) -> Result<Option<String>, Error> {
    const MEMBER: &str = "scope";
    let accepts_array = configuration.policy().danger.accept_scope_array;
    match members.optional(MEMBER) {
        None => Ok(None),
        Some(json::Value::String(scope)) => Ok(Some(scope.to_string())),
        Some(json::Value::Array(elements)) if accepts_array => {
            let each = elements.iter().map(|element| match element {
                // A value that contains a space would become two values.
                json::Value::String(value) if !value.is_empty() && !value.contains(' ') => {
                    Ok(value.as_ref())
                }
                other => Err(members.ill_typed(MEMBER, "an array of scope values", other.kind())),
            });
            let values: Vec<_> = each.collect::<Result<_, _>>()?;
            Ok(Some(values.join(" ")))
        }
        Some(other) => Err(members.ill_typed(MEMBER, "a string", other.kind())),
    }
}

/// Refuses a response whose token is in another place, and names that place.
fn refuse_nested<'a, 'b>(response: &'b json::Object<'a>) -> Result<&'b json::Object<'a>, Error> {
    if present(response, "access_token").is_some() {
        return Ok(response);
    }
    let nested = response.iter().find(|(_, value)| {
        let within = value.as_object();
        within.is_some_and(|within| present(within, "access_token").is_some())
    });
    match nested {
        Some((member, _)) => Err(rejected(Reason::Nested {
            member: "access_token",
            within: printable(member),
        })),
        None => Ok(response),
    }
}

fn present<'b, 'a>(object: &'b json::Object<'a>, member: &str) -> Option<&'b json::Value<'a>> {
    object
        .get(member)
        .filter(|value| !matches!(value, json::Value::Null))
}

/// Error for an ID Token in a response that a switch made acceptable; the switches are for OAuth
/// only.
fn unexpected_id_token(switch: &'static str) -> Error {
    rejected(Reason::UnexpectedWithSwitch {
        member: "id_token",
        switch,
    })
}

fn rejected(reason: Reason) -> Error {
    Artefact::TokenResponse.rejected(reason).into()
}

/// The media types that servers use for a form.
const FORMS: [&str; 2] = ["application/x-www-form-urlencoded", "text/plain"];

const BYTE_ORDER_MARK: char = '\u{feff}';

#[cfg(test)]
mod tests;
