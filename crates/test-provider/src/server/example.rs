//! A server for the examples in somebody's documentation.

use std::error::Error;
use std::time::Duration;

use tokio::runtime;

use super::{Scheme, Server};
use crate::client::{ClientAuthentication, ClientRegistration};
use crate::provider::Provider;

/// Runs an example against an HTTPS server of its own, which knows two clients: `my-app`, which is public and comes back
/// to `https://app.example.com/cb` (after a logout to `https://app.example.com/bye`), and `my-service`, with the secret
/// `a-secret-of-at-least-32-characters` sent by `client_secret_post`. It may be polled every tenth of a second.
///
/// ```
/// test_provider::server::example(async |server| {
///     assert!(server.url().starts_with("https://127.0.0.1:"));
///     Ok(())
/// });
/// ```
///
/// # Panics
/// If the example fails, or there is no port.
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
