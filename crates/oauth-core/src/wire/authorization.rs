use http::HeaderValue;

use crate::error::{Error, Misuse};
use crate::secret::Secret;

/// Returns an `Authorization` header that contains an access token (RFC 6750 section 2.1, RFC 9449
/// section 7.1). `argument` names the token in the error for one that a header cannot contain.
pub(crate) fn authorization(
    scheme: &str,
    argument: &'static str,
    token: &Secret,
) -> Result<HeaderValue, Error> {
    let token = token.expose();
    let sendable = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let value = sendable.then(|| HeaderValue::try_from([scheme, " ", token].concat()).ok());
    let mut value = value.flatten().ok_or_else(|| Misuse::InvalidArgument {
        argument,
        expected: "visible ASCII characters, at least one",
        found: "something else".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}
