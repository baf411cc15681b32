//! A server for examples in documentation.

use std::error::Error;
use std::time::Duration;

use tokio::runtime;

use super::{Scheme, Server};
use crate::client::{ClientAuthentication, ClientRegistration};
use crate::provider::Provider;

/// Runs an example with a new HTTPS server, where two clients are registered:
///
/// - `my-app` is public. Its redirect URI is `https://app.example.com/cb`, and after a logout
///   `https://app.example.com/bye`.
/// - `my-service` has the secret `a-secret-of-at-least-32-characters` and uses
///   `client_secret_post`.
///
/// The polling interval is a tenth of a second.
///
/// ```
/// test_provider::server::example(async |server| {
///     assert!(server.url().starts_with("https://127.0.0.1:"));
///     Ok(())
/// });
/// ```
///
/// # Panics
/// If the example fails, or no port can be bound.
pub fn example(run: impl AsyncFnOnce(Server) -> Result<(), Box<dyn Error>>) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime.expect("a runtime").block_on(async {
        let server = Server::start(Scheme::Https, provider).await?;
        run(server).await
    });
    outcome.expect("the example works");
}

fn provider(issuer: String) -> Provider {
    let provider = Provider::new(issuer).poll_interval(Duration::from_millis(100));
    provider.register(
        ClientRegistration::public("my-app")
            .redirect_uri("https://app.example.com/cb")
            .post_logout_redirect_uri("https://app.example.com/bye"),
    );
    let secret = "a-secret-of-at-least-32-characters".to_owned();
    let authentication = ClientAuthentication::ClientSecretPost(secret);
    provider.register(ClientRegistration::new("my-service", authentication));
    provider
}
