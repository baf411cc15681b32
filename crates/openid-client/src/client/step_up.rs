//! The authorization request that a resource asks for.

use oauth_core::error::StepUp;

use crate::client::AuthorizationRequest;

impl AuthorizationRequest {
    /// Asks for what a resource found insufficient (RFC 9470 section 4, RFC 6750 section 3.1): sets
    /// `acr_values`, `max_age` and `scope` if the refusal names them. It asks only for the
    /// scope that the refusal names; to keep a scope that was granted before, set
    /// [`scope`](Self::scope) after this call.
    ///
    /// ```
    /// # test_provider::example!(|client, server| {
    /// # let acr_values = vec!["urn:example:gold".to_owned()];
    /// # let (max_age, scope) = (Some(std::time::Duration::from_secs(60)), None);
    /// # let step_up = openid_client::StepUp::InsufficientUserAuthentication { acr_values, max_age, scope };
    /// // `step_up` is `Error::step_up` of the refusal by a protected resource.
    /// let request = client.authorization_request().step_up(&step_up);
    /// let (url, pending) = request.await?;
    /// # assert!(url.as_str().contains("max_age=60"));
    /// # });
    /// ```
    pub fn step_up(mut self, step_up: &StepUp) -> Self {
        if let Some(scope) = step_up.scope() {
            self = self.scope(scope);
        }
        if let StepUp::InsufficientUserAuthentication {
            acr_values,
            max_age,
            ..
        } = step_up
        {
            if !acr_values.is_empty() {
                self = self.acr_values(acr_values.join(" "));
            }
            if let Some(max_age) = max_age {
                self = self.max_age(*max_age);
            }
        }
        self
    }
}
