//! The error in a callback that is refused.

use jose::{base64url, json};

use super::Callback;
use crate::error::UnverifiedError;
use crate::wire::Parameters;

impl Callback {
    /// The error of the callback, in any channel, packed or plain. Its author is unknown.
    pub(crate) fn unverified_error(&self) -> Option<UnverifiedError> {
        [&self.form, &self.fragment, &self.query]
            .into_iter()
            .find_map(|parameters| in_the_open(parameters).or_else(|| packed(parameters)))
    }
}

fn in_the_open(parameters: &Parameters) -> Option<UnverifiedError> {
    let error = parameters.first("error").filter(|text| !text.is_empty())?;
    let description = parameters.first("error_description");
    Some(UnverifiedError::new(error, description))
}

/// Reads the error from a JWT without verifying it (JARM section 2.1).
fn packed(parameters: &Parameters) -> Option<UnverifiedError> {
    let jwt = parameters.first("response")?;
    let payload = base64url::decode(jwt.split('.').nth(1)?).ok()?;
    let claims = json::parse_object_with_repeats(&payload, json::Limits::CLAIMS).ok()?;
    let text = |name: &str| claims.get(name)?.as_str().filter(|text| !text.is_empty());
    Some(UnverifiedError::new(
        text("error")?,
        text("error_description"),
    ))
}
