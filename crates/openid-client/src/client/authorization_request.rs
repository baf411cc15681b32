use oauth_core::authorization;
use oauth_core::authorization::AuthorizationDetail;
use oauth_core::authorization::PendingLogin;
use oauth_core::authorization::RequestObject;
use oauth_core::authorization::ResponseMode;
use oauth_core::authorization::ResponseType;
use oauth_core::wire::JsonObject;
use url::Url;

use crate::client::Client;
use crate::client::setters::setters;
use crate::error::Error;

/// A login about to begin: what to ask the authorization server for; see
/// [`Client::authorization_request`].
///
/// State, nonce and PKCE verifier are drawn anew for each login and kept in the [`PendingLogin`].
#[derive(Debug, Clone)]
#[must_use]
pub struct AuthorizationRequest {
    client: Client,
    request: authorization::AuthorizationRequest,
}

impl AuthorizationRequest {
    pub(super) fn new(client: Client) -> Self {
        let mut request = authorization::AuthorizationRequest::new(client.configuration.clone());
        if let Some(request_object) = &client.request_object {
            request = request.request_object(request_object.clone());
        }
        Self { client, request }
    }

    setters! {
        /// Where the browser comes back to: an absolute URL without fragment, as registered. It is
        /// sent byte for byte, now and with the code. By default the one that was set
        /// [for the client](crate::ClientBuilder::redirect_uri).
        redirect_uri(redirect_uri: impl Into<String>);

        /// What to ask for: scope values with single spaces between them; `openid` by default.
        /// Without `openid` among them, no ID Token is expected.
        scope(scope: impl Into<String>);

        /// The most seconds that may have passed since the person last proved who they are.
        /// `auth_time` of the ID Token is then required and checked.
        max_age(seconds: u64);

        /// What the server may show: `none`, `login`, `consent`, `select_account`, or several of
        /// them with spaces between.
        prompt(prompt: impl Into<String>);

        /// Who is likely to log in, such as an e-mail address.
        login_hint(login_hint: impl Into<String>);

        /// An earlier ID Token of the person who is to log in.
        id_token_hint(id_token: impl Into<String>);

        /// Wanted authentication context classes, the dearest first, with spaces between. A wish:
        /// the answer is the ID Token's `acr`, which the application has to look at.
        acr_values(acr_values: impl Into<String>);

        /// Languages for the server's pages, the dearest first, with spaces between.
        ui_locales(ui_locales: impl Into<String>);

        /// What comes back: a code by default. An ID Token alone is taken by
        /// [`Client::implicit_authentication`].
        response_type(response_type: ResponseType);

        /// How it comes back: by default in the query for a code, in the fragment with an ID Token.
        /// A response that comes back in another way is refused.
        response_mode(response_mode: ResponseMode);

        /// Single claims to be put into the ID Token or the UserInfo response: an object with the
        /// members `id_token` and `userinfo` (OpenID Connect Core 1.0 section 5.5).
        claims(claims: JsonObject);

        /// What the access token is to be good for, in detail (RFC 9396).
        authorization_details(details: impl IntoIterator<Item = AuthorizationDetail>);

        /// Adds a resource server that the access token is for: an absolute URI (RFC 8707).
        resource(resource: impl Into<String>);

        /// Packs the request into a request object (RFC 9101), signed with a key of the
        /// [`Keyring`](crate::Keyring). For all requests at once, see
        /// [`ClientBuilder::request_object_key`](crate::ClientBuilder::request_object_key).
        request_object(request_object: RequestObject);

        /// Sends the request to the server ahead of the browser (RFC 9126).
        pushed();

        /// Adds any other parameter; one name may be given several times. Names that have a setter
        /// of their own are refused when the login begins.
        parameter(name: impl Into<String>, value: impl Into<String>);

        /// How many seconds the login may take, from now to its callback; 3,600 by default.
        lifetime(seconds: u64);
    }

    /// Begins the login: the URL to send the browser to, and what to remember until it comes back.
    ///
    /// Store the [`PendingLogin`] under the browser's session and its
    /// [`state`](PendingLogin::state), and take it out again to finish the login: that makes it
    /// one-shot. It is `Serialize`; [`Client::seal_login`] makes a cookie of it.
    ///
    /// # Errors
    ///
    /// Those of [`authorization::BeginLogin`]: [`oauth_core::Error::Misuse`] when a setting cannot be
    /// sent or the server requires a signed or pushed request that was not asked for,
    /// [`oauth_core::Error::Metadata`] when the server metadata lacks a usable
    /// `authorization_endpoint`, [`oauth_core::Error::Entropy`] when randomness fails.
    pub async fn begin(self) -> Result<(Url, PendingLogin), Error> {
        self.client.run(self.request.begin()).await
    }
}
