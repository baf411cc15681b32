//! Members that access tokens and introspection responses have in common.

use serde_json::{Map, Value};

use crate::error::{Reason, printable};

/// Requires that the audience contains the resource.
pub(super) fn is_for(claim: &'static str, found: &[&str], resource: &str) -> Result<(), Reason> {
    if found.contains(&resource) {
        return Ok(());
    }
    // Five values are enough for the message.
    let found: Vec<_> = found.iter().copied().take(5).collect();
    Err(Reason::ClaimMismatch {
        claim,
        expected: Some(resource.to_owned()),
        found: Some(printable(&found.join(", "))),
    })
}

/// Splits a scope into its values (RFC 6749 section 3.3).
pub(super) fn scope_values(text: &str) -> Vec<String> {
    let values = text.split(' ').filter(|value| !value.is_empty());
    values.map(str::to_owned).collect()
}

/// Reads the authorization details: an array of objects, each with a `type` (RFC 9396 section 2).
pub(super) fn authorization_details(
    members: &Map<String, Value>,
) -> Result<Vec<Map<String, Value>>, Reason> {
    const DETAILS: &str = "authorization_details";
    let Some(value) = members.get(DETAILS) else {
        return Ok(Vec::new());
    };
    let detail = |value: &Value| {
        let detail = value.as_object()?;
        detail.get("type")?.as_str()?;
        Some(detail.clone())
    };
    let details: Option<Vec<_>> = value
        .as_array()
        .and_then(|values| values.iter().map(detail).collect());
    details.ok_or_else(|| Reason::IllTyped {
        member: DETAILS.into(),
        expected: "an array of objects with a type",
        found: kind(value).to_owned(),
    })
}

/// The kind of a JSON value, as in messages.
pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
