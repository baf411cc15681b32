//! Changes to the responses of servers that send what cannot be accepted.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;

use crate::names::EndpointName;

/// A change to what a server has answered, before anything in it is looked at; see
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
    /// `repair` is given each response and the endpoint that it came from, and gives back the one to
    /// judge: status, headers and the whole body. It sees tokens and whatever else is secret.
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

/// The same function, not merely one that does the same.
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
