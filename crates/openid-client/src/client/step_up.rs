//! The authorization request that a resource asks for.

use oauth_core::error::StepUp;

use crate::client::AuthorizationRequest;

impl AuthorizationRequest {
    /// Asks for what a resource found insufficient (RFC 9470 section 4, RFC 6750 section 3.1): sets
    /// `acr_values`, `max_age` and `scope` as far as the refusal names them. A scope that was granted
    /// before and is not among those named has to be asked for again, with
    /// [`scope`](Self::scope) after this call.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root);
    /// # let client = client.redirect_uri("https://app.example.com/cb").await?;
    /// # let acr_values = vec!["urn:example:gold".to_owned()];
    /// # let (max_age, scope) = (Some(60), None);
    /// # let step_up = openid_client::StepUp::InsufficientUserAuthentication { acr_values, max_age, scope };
    /// // `step_up` is what `Error::step_up` says of the refusal of a protected resource.
    /// let request = client.authorization_request().step_up(&step_up);
    /// let (url, pending) = request.begin().await?;
    /// # assert!(url.as_str().contains("max_age=60"));
    /// # Ok(()) });
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
            if let Some(seconds) = max_age {
                self = self.max_age(*seconds);
            }
        }
        self
    }
}
