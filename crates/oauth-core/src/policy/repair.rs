//! Changes to responses that cannot be accepted as the server sends them.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;

use crate::names::EndpointName;

/// A change to a server's response that is made before any check; see
/// [`Danger::repair_response`](crate::policy::Danger::repair_response).
///
/// ```
/// use oauth_core::names::EndpointName;
/// use oauth_core::policy::{Policy, RepairResponse};
/// use serde_json::{Map, Value};
///
/// // This server leaves out that its access tokens are for bearers.
/// let repair = RepairResponse::new(|endpoint, response| {
///     response.map(|body| match serde_json::from_slice::<Map<String, Value>>(&body) {
///         Ok(mut members) if endpoint == EndpointName::Token && members.contains_key("access_token") => {
///             members.insert("token_type".to_owned(), "Bearer".into());
///             Value::Object(members).to_string().into()
///         }
///         _ => body,
///     })
/// });
/// let mut policy = Policy::default();
/// policy.danger.repair_response = Some(repair);
/// ```
#[derive(Clone)]
pub struct RepairResponse(Arc<Repair>);

type Repair = dyn Fn(EndpointName, Response<Bytes>) -> Response<Bytes> + Send + Sync;

impl RepairResponse {
    /// Calls `repair` with each response and the endpoint that sent it, and checks the response
    /// that it returns. `repair` sees the status, the headers and the whole body, tokens and other
    /// secrets included.
    pub fn new(
        repair: impl Fn(EndpointName, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(repair))
    }

    pub(crate) fn apply(
        &self,
        endpoint: EndpointName,
        response: Response<Bytes>,
    ) -> Response<Bytes> {
        let Self(repair) = self;
        repair(endpoint, response)
    }
}

/// Two values are equal if they share the same function.
impl PartialEq for RepairResponse {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for RepairResponse {}

impl fmt::Debug for RepairResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RepairResponse")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_functions_are_the_same_only_when_they_are_one() {
        let one = RepairResponse::new(|_, response| response);
        assert_eq!(one, one.clone());
        assert_ne!(one, RepairResponse::new(|_, response| response));
    }
}
