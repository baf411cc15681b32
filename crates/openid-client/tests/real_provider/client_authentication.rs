//! Client authentication at the token endpoint.
//!
//! The provider accepts a secret by either method, whichever is registered, so the tests assert
//! what the client has sent.

use openid_client::{
    ClientBuilder, Credentials, CustomAuthentication, Error, IssuerOnly, Parameters,
    UnauthenticatedRequest,
};

use crate::login::{finish, tokens};
use crate::provider;
use crate::provider::{CLIENT_SECRET, registered_with};
use crate::recorder::Recorder;
use crate::refusal::{refused_client, response_body_error};

pub(crate) const WRONG_SECRET: &str = "the secret of another client, which is long enough";

#[tokio::test]
async fn none() {
    let (authorization, form) = sent("client-none", |client| client).await;
    assert_eq!(authorization, None);
    assert_eq!(credentials(&form), [("client_id", "client-none")]);
}

#[tokio::test]
async fn client_secret_basic() {
    let (authorization, form) = sent("client-basic", |client| {
        client
            .client_metadata(registered_with("client_secret_basic"))
            .client_secret(CLIENT_SECRET)
    })
    .await;
    assert!(authorization.unwrap().starts_with("Basic "));
    assert_eq!(credentials(&form), []);
}

#[tokio::test]
async fn client_secret_post() {
    let (authorization, form) = sent("client-post", |client| {
        client
            .client_metadata(registered_with("client_secret_post"))
            .client_secret(CLIENT_SECRET)
    })
    .await;
    assert_eq!(authorization, None);
    assert_eq!(
        credentials(&form),
        [
            ("client_id", "client-post"),
            ("client_secret", CLIENT_SECRET)
        ]
    );
}

#[tokio::test]
async fn a_secret_without_a_method_is_posted() {
    let (authorization, form) =
        sent("client-post", |client| client.client_secret(CLIENT_SECRET)).await;
    assert_eq!(authorization, None);
    assert_eq!(form.first("client_secret"), Some(CLIENT_SECRET));
}

/// `client_secret_post` as a custom method.
struct ByHand;

impl CustomAuthentication for ByHand {
    fn name(&self) -> &str {
        "client_secret_post"
    }

    fn credentials(
        &self,
        _: &UnauthenticatedRequest<'_>,
    ) -> Result<Credentials, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Credentials::new()
            .parameter("client_id", "client-post")
            .parameter("client_secret", CLIENT_SECRET))
    }
}

#[tokio::test]
async fn a_method_of_the_applications_own() {
    let (authorization, form) =
        sent("client-post", |client| client.custom_authentication(ByHand)).await;
    assert_eq!(authorization, None);
    assert_eq!(
        credentials(&form),
        [
            ("client_id", "client-post"),
            ("client_secret", CLIENT_SECRET)
        ]
    );
}

#[tokio::test]
async fn a_wrong_secret_by_basic_is_an_invalid_client_with_a_challenge() {
    let client = provider::client("client-basic")
        .client_metadata(registered_with("client_secret_basic"))
        .client_secret(WRONG_SECRET);
    let error = refusal(client).await;
    assert_eq!(
        refused_client(&error),
        (401, "basic", "client_secret_basic")
    );
}

#[tokio::test]
async fn a_wrong_secret_by_post_is_an_invalid_client() {
    let error = refusal(provider::client("client-post").client_secret(WRONG_SECRET)).await;
    assert_eq!(response_body_error(&error), (401, "invalid_client"));
}

#[tokio::test]
async fn a_missing_secret_is_an_invalid_client() {
    let error = refusal(provider::client("client-basic")).await;
    assert_eq!(response_body_error(&error), (401, "invalid_client"));
}

/// Logs in, and returns the `Authorization` header and the form of the token request.
async fn sent(
    client_id: &str,
    set_up: impl FnOnce(ClientBuilder<IssuerOnly>) -> ClientBuilder<IssuerOnly>,
) -> (Option<String>, Parameters) {
    let (client, recorder) = Recorder::client(client_id);
    let client = set_up(client).await.unwrap();
    let tokens = tokens(&client).await;
    assert_eq!(tokens.id_token().unwrap().sub(), "alice");
    assert_eq!(tokens.id_token().unwrap().aud(), [client_id]);
    recorder.token_request()
}

/// Returns the parameters of client authentication.
fn credentials(form: &Parameters) -> Vec<(&str, &str)> {
    form.iter()
        .filter(|(name, _)| name.starts_with("client_"))
        .collect()
}

pub(crate) async fn refusal(client: ClientBuilder<IssuerOnly>) -> Error {
    let client = client.await.unwrap();
    let request = client.authorization_request();
    finish(&client, request, "alice").await.unwrap_err()
}
