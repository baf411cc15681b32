use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jose::json;
use serde_json::{Map, Value};

use crate::error::{Artefact, Error, Reason, printable};
use crate::wire;

/// The members of a JSON response, read one by one; an error names the member at fault.
///
/// A member that is `null` counts as absent: servers write omitted members this way, and no
/// response gives `null` a meaning. It never satisfies a required member.
pub(crate) struct Members<'a> {
    artefact: Artefact,
    object: &'a json::Object<'a>,
}

impl<'a> Members<'a> {
    /// Reads the members of `object`, which are those of `artefact`.
    pub(crate) const fn new(artefact: Artefact, object: &'a json::Object<'a>) -> Self {
        Self { artefact, object }
    }

    /// Reads a member of any type.
    pub(crate) fn optional(&self, name: &str) -> Option<&'a json::Value<'a>> {
        self.object
            .get(name)
            .filter(|value| !matches!(value, json::Value::Null))
    }

    /// Reads a required string, which must not be empty.
    pub(crate) fn text(&self, name: &'static str) -> Result<&'a str, Error> {
        self.optional_text(name)?.ok_or_else(|| self.missing(name))
    }

    /// Reads an optional string, which must not be empty.
    pub(crate) fn optional_text(&self, name: &'static str) -> Result<Option<&'a str>, Error> {
        const EXPECTED: &str = "a non-empty string";
        match self.optional(name) {
            None => Ok(None),
            Some(json::Value::String(text)) if text.is_empty() => {
                Err(self.ill_typed(name, EXPECTED, "an empty string"))
            }
            Some(json::Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.ill_typed(name, EXPECTED, other.kind())),
        }
    }

    /// Reads a required lifetime in whole seconds: a number from 0 to `most`, or the same as text,
    /// which some servers send. Fractions are truncated.
    pub(crate) fn lifetime(&self, name: &'static str, most: Duration) -> Result<u64, Error> {
        let expected = "a number of seconds from 0 and not absurdly long";
        let lifetime = self.duration(name, expected)?;
        let lifetime = lifetime.ok_or_else(|| self.missing(name))?;
        if lifetime > most {
            let found = lifetime.as_secs().to_string();
            return Err(self.ill_typed(name, expected, &found));
        }
        Ok(lifetime.as_secs())
    }

    /// Reads a duration above 0 and up to `most`, in seconds that may have a fraction.
    pub(crate) fn interval(
        &self,
        name: &'static str,
        most: Duration,
    ) -> Result<Option<Duration>, Error> {
        let expected = "a number of seconds above 0 and not absurdly long";
        let Some(interval) = self.duration(name, expected)? else {
            return Ok(None);
        };
        if interval.is_zero() || interval > most {
            let found = interval.as_secs_f64().to_string();
            return Err(self.ill_typed(name, expected, &found));
        }
        Ok(Some(interval))
    }

    /// Returns the members that are not in `known`.
    pub(crate) fn extra(&self, known: &[&str]) -> Map<String, Value> {
        let mut extra = Map::new();
        for (name, value) in self.object.iter() {
            if !known.contains(&name) {
                extra.insert(name.to_owned(), value.to_owned_value());
            }
        }
        extra
    }

    /// Returns the error for a missing member.
    pub(crate) fn missing(&self, name: &'static str) -> Error {
        let member = name.into();
        self.artefact.rejected(Reason::Missing { member }).into()
    }

    /// Returns the error for a member of the wrong type or form.
    pub(crate) fn ill_typed(
        &self,
        name: &'static str,
        expected: &'static str,
        found: &str,
    ) -> Error {
        let reason = Reason::IllTyped {
            member: name.into(),
            expected,
            found: found.to_owned(),
        };
        self.artefact.rejected(reason).into()
    }

    fn duration(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<Duration>, Error> {
        self.seconds(name, expected, |seconds| {
            Duration::try_from_secs_f64(seconds).ok()
        })
    }

    /// Reads a number of seconds that `read` accepts, or the same as text, which some servers send.
    pub(crate) fn seconds<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        read: impl FnOnce(f64) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let is_decimal = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
        };
        let Some(value) = self.optional(name) else {
            return Ok(None);
        };
        let seconds = match value {
            json::Value::Number(number) => number.as_f64(),
            json::Value::String(text) if is_decimal(text) => text.parse().ok(),
            _ => None,
        };
        seconds.and_then(read).map(Some).ok_or_else(|| {
            let found = match value {
                json::Value::Number(number) => number.to_string(),
                json::Value::String(text) => format!("the string {}", printable(text)),
                other => other.kind().to_owned(),
            };
            self.ill_typed(name, expected, &found)
        })
    }
}

/// Returns the JSON object of a successful response with status 200, or the server's refusal.
///
/// If `member`, which a success must contain, is absent, an OAuth error in the body is a refusal:
/// some servers refuse with status 200.
/// refuse with status 200.
pub(crate) fn successful_object<'a>(
    artefact: Artefact,
    response: &'a Response<Bytes>,
    member: &str,
) -> Result<json::Object<'a>, Error> {
    if response.status() != http::StatusCode::OK {
        return Err(wire::refusal(artefact, 200, response));
    }
    granting_object(artefact, response, member)
}

/// Returns the JSON object of a response whose status is that of a success; otherwise like
/// [`successful_object`].
pub(crate) fn granting_object<'a>(
    artefact: Artefact,
    response: &'a Response<Bytes>,
    member: &str,
) -> Result<json::Object<'a>, Error> {
    let object = wire::json_object(artefact, response)?;
    if Members::new(artefact, &object).optional(member).is_none()
        && let Some(error) = wire::response_body_error(response)
    {
        return Err(error.into());
    }
    Ok(object)
}
