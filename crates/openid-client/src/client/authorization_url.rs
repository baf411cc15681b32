//! Logins whose state, nonce and PKCE verifier the application keeps by hand.

use oauth_core::authorization;
use oauth_core::authorization::authorization_url;
use oauth_core::pkce::CodeVerifier;
use oauth_core::secret::Secret;
use oauth_core::wire::Parameters;
use url::Url;

use crate::client::Client;
use crate::error::Error;

impl Client {
    /// The URL to send the browser to, for callers that keep their own
    /// [`state`](Self::random_state), [`nonce`](Self::random_nonce) and
    /// [`code_verifier`](Self::random_pkce_code_verifier). `client_id` and `response_type=code` are
    /// added where they are missing, and nothing else is:
    /// [`authorization_request`](Self::authorization_request) leaves nothing to forget.
    ///
    /// ```
    /// # use openid_client::Client;
    /// # test_provider::server::example(async |server| {
    /// # let root = server.ca_certificate_pem();
    /// # let client = Client::discover(server.url(), "my-app").root_certificate_pem(root).await?;
    /// # let redirect_uri = "https://app.example.com/cb";
    /// use openid_client::Parameters;
    ///
    /// let verifier = client.random_pkce_code_verifier()?;
    /// let mut parameters = Parameters::from([("redirect_uri", redirect_uri)]);
    /// parameters.set("code_challenge", verifier.code_challenge());
    /// parameters.set("code_challenge_method", "S256");
    /// let url = client.authorization_url(parameters)?;
    /// # assert!(server.log_in(url).starts_with("https://app.example.com/cb?code="));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// [`oauth_core::Error::Metadata`] when the server metadata lacks a usable
    /// `authorization_endpoint`, or when that URL's own query holds a parameter of the request;
    /// [`oauth_core::Error::Unsupported`] for a `request` or `request_uri` that the server does not
    /// take; [`oauth_core::Error::Profile`] for a client under a [profile](crate::Profile), whose
    /// requests [`authorization_request`](Self::authorization_request) pushes or signs.
    pub fn authorization_url(&self, parameters: Parameters) -> Result<Url, Error> {
        Ok(authorization_url(&self.configuration, parameters)?)
    }

    /// A new `state` (RFC 6749 section 10.12): 32 random bytes in base64url.
    ///
    /// # Errors
    ///
    /// [`oauth_core::Error::Entropy`] when randomness fails.
    pub fn random_state(&self) -> Result<Secret, Error> {
        let state = authorization::random_state(&*self.shared.entropy);
        Ok(state.map_err(oauth_core::Error::from)?)
    }

    /// A new `nonce` (OpenID Connect Core 1.0 section 15.5.2): 32 random bytes in base64url.
    ///
    /// # Errors
    ///
    /// [`oauth_core::Error::Entropy`] when randomness fails.
    pub fn random_nonce(&self) -> Result<Secret, Error> {
        let nonce = authorization::random_nonce(&*self.shared.entropy);
        Ok(nonce.map_err(oauth_core::Error::from)?)
    }

    /// A new PKCE verifier (RFC 7636 section 4.1), which makes its own challenge.
    ///
    /// # Errors
    ///
    /// [`oauth_core::Error::Entropy`] when randomness fails.
    pub fn random_pkce_code_verifier(&self) -> Result<CodeVerifier, Error> {
        let verifier = CodeVerifier::random(&*self.shared.entropy);
        Ok(verifier.map_err(oauth_core::Error::from)?)
    }
}
