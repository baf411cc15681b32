//! A client under a security profile.

use oauth_core::configuration::Configuration;
use oauth_core::metadata::ClientMetadata;
use oauth_core::profile::Profile;

use super::{ClientBuilder, Settings};
use crate::error::Error;
use crate::host::Shared;

impl<Source> ClientBuilder<Source> {
    /// Puts the client under a security profile of the FAPI working group. What the profile decides
    /// is set, and what it requires is checked, of the keys, of the server and of every request.
    /// See [`Profile`] and [`oauth_core::profile`](crate::oauth_core::profile).
    ///
    /// The profile sets pushed requests, the response mode, `iss`, algorithms and, for a client
    /// certificate without a DPoP key, certificate-bound tokens. The application sets the keys:
    /// [`private_key`](Self::private_key) or a [certificate](Self::client_certificate_pem),
    /// [`dpop_key`](Self::dpop_key), and [`request_object_key`](Self::request_object_key) when the
    /// profile requires signed requests. A [registration](crate::Client::register) then asks for
    /// `dpop_bound_access_tokens`, unless the metadata say something about it. Set a transport of
    /// the application that shows a certificate with
    /// [`http_client_with_certificate`](Self::http_client_with_certificate).
    ///
    /// A client that does not satisfy the profile fails with
    /// [`CoreError::Profile`](crate::CoreError::Profile), which says what is missing, on which
    /// side, and which section requires it. A later request that does not satisfy the profile fails
    /// with the same error before it is sent. A profile refuses plain http, and everything with
    /// `danger` in its name.
    ///
    /// ```
    /// # test_provider::example!(at |issuer, root, server| {
    /// # use openid_client::jose::{SignatureAlgorithm, SigningKey};
    /// # let (key, dpop_key) = (SigningKey::generate(SignatureAlgorithm::ES256)?, SigningKey::generate(SignatureAlgorithm::ES256)?);
    /// # let method = test_provider::ClientAuthentication::private_key_jwt(&key);
    /// # let app = test_provider::ClientRegistration::new("my-app", method);
    /// # let app = app.id_token_signed_response_alg(SignatureAlgorithm::PS256);
    /// # server.provider().register(app.redirect_uri("https://app.example.com/cb"));
    /// use openid_client::Profile;
    ///
    /// let client = Client::discover(issuer, "my-app")
    /// #   .root_certificate_pem(root)
    /// #   .redirect_uri("https://app.example.com/cb")
    ///     .private_key(key)
    ///     .dpop_key(dpop_key)
    ///     .profile(Profile::Fapi2SecurityProfile)
    ///     .await?;
    /// # let (url, pending) = client.authorization_request().await?;
    /// # assert!(url.as_str().contains("request_uri=") && !url.as_str().contains("scope="));
    /// # let tokens = client.authorization_code_grant(pending, server.log_in(url)).await?;
    /// # assert!(tokens.dpop_thumbprint().is_some());
    /// # });
    /// ```
    pub fn profile(mut self, profile: Profile) -> Self {
        self.settings.profile = Some(profile);
        self
    }
}

impl Settings {
    /// Under a profile, a client with a certificate and without a DPoP key binds its tokens to the
    /// certificate.
    pub(super) fn bind_to_certificate(&self, client: &mut ClientMetadata, shared: &Shared) {
        let bound = &mut client.tls_client_certificate_bound_access_tokens;
        if self.profile.is_some()
            && self.dpop_key.is_none()
            && shared.certified.is_some()
            && bound.is_none()
        {
            *bound = Some(true);
        }
    }

    /// Under a profile, a registration asks for tokens that are bound to the DPoP key, so that the
    /// server issues no others (RFC 9449 section 5.2).
    pub(super) fn bind_to_dpop_key(&self, client: &mut ClientMetadata) {
        let is_said = client.dpop_bound_access_tokens.is_some()
            || client.extra.contains_key("dpop_bound_access_tokens");
        if self.profile.is_some() && self.dpop_key.is_some() && !is_said {
            client.dpop_bound_access_tokens = Some(true);
        }
    }

    pub(super) fn apply_profile(
        &self,
        configuration: Configuration,
        shared: &Shared,
    ) -> Result<Configuration, Error> {
        let Some(profile) = self.profile else {
            return Ok(configuration);
        };
        let configuration = configuration.with_profile(profile)?;
        // The profile may need a certificate that nothing else needs.
        shared.check_client_certificate(&configuration)?;
        Ok(configuration)
    }
}
