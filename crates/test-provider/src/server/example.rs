//! A server for examples in documentation.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;

use super::{Scheme, Server};
use crate::client::{ClientAuthentication, ClientRegistration};
use crate::protected_resource::ProtectedResource;
use crate::provider::Provider;

/// Runs an example with a new HTTPS server, where two clients are registered:
///
/// - `my-app` is public. Its redirect URI is `https://app.example.com/cb`, and after a logout
///   `https://app.example.com/bye`. Its back-channel logout URI is `https://app.example.com/logout`,
///   and its front-channel logout URI `https://app.example.com/out`.
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
    let outcome = runtime.expect("the runtime starts").block_on(async {
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
            .post_logout_redirect_uri("https://app.example.com/bye")
            .backchannel_logout_uri("https://app.example.com/logout")
            .frontchannel_logout_uri("https://app.example.com/out"),
    );
    let secret = "a-secret-of-at-least-32-characters".to_owned();
    let authentication = ClientAuthentication::ClientSecretPost(secret);
    provider.register(ClientRegistration::new("my-service", authentication));
    provider
}

/// Runs an example with the server of [`example`], and with one for the resource `/mcp` at another
/// origin. The resource supports the scope `read`, and its path `/mcp/write` needs the scope
/// `write`.
///
/// # Panics
/// If the example fails, or no port can be bound.
pub fn resource_example(
    run: impl AsyncFnOnce(Arc<Server>, Arc<Server>) -> Result<(), Box<dyn Error>>,
) {
    example(async |server| {
        let issuer = server.url().to_owned();
        let resource = |url: String| {
            ProtectedResource::new(url + "/mcp")
                .authorization_server(issuer)
                .scope_supported("read")
                .requires("/mcp/write", "write")
        };
        let resource = Server::start_resource(Scheme::Https, &server, resource).await?;
        run(Arc::new(server), Arc::new(resource)).await
    });
}

/// Runs an example as [`server::example`](crate::server::example) does, with a client of the crate
/// `openid-client` set up, for the documentation of that crate:
///
/// - `|client, server|` is a client of `my-app`;
/// - `|client, tokens, server|` is one at which Alice has logged in with the scope `openid email`;
/// - `service |client, server|` is a client of `my-service`;
/// - `registered |client, server|` is a client that has registered itself;
/// - `at |issuer, root, server|` is what sets up a client: the issuer and its root certificate. The
///   name `Client` is imported;
/// - `at resource |url, document, trust, server, resource|` is what sets up a client of a protected
///   resource: its URL, the metadata document of the client, and what makes a builder trust the
///   two servers on this machine. The name `Client` is imported.
#[macro_export]
macro_rules! example {
    (|$client:ident, $server:ident| $body:block) => {
        $crate::server::example(async |$server| {
            let $client = ::openid_client::Client::discover($server.url(), "my-app")
                .root_certificate_pem($server.ca_certificate_pem())
                .redirect_uri("https://app.example.com/cb")
                .await?;
            $body
            drop(($client, $server));
            Ok(())
        });
    };
    (|$client:ident, $tokens:ident, $server:ident| $body:block) => {
        $crate::example!(|$client, $server| {
            let request = $client.authorization_request().scope("openid email");
            let (url, pending) = request.await?;
            let callback = $server.log_in(url);
            let $tokens = $client.authorization_code_grant(pending, callback).await?;
            $body
        });
    };
    (service |$client:ident, $server:ident| $body:block) => {
        $crate::server::example(async |$server| {
            let $client = ::openid_client::Client::discover($server.url(), "my-service")
                .root_certificate_pem($server.ca_certificate_pem())
                .client_secret("a-secret-of-at-least-32-characters")
                .await?;
            $body
            drop(($client, $server));
            Ok(())
        });
    };
    (registered |$client:ident, $server:ident| $body:block) => {
        $crate::server::example(async |$server| {
            let metadata = ::openid_client::ClientMetadata::default();
            let $client = ::openid_client::Client::register($server.url(), metadata)
                .root_certificate_pem($server.ca_certificate_pem())
                .redirect_uri("https://app.example.com/cb")
                .await?;
            $body
            drop(($client, $server));
            Ok(())
        });
    };
    (at resource
        |$url:ident, $document:ident, $trust:ident, $server:ident, $resource:ident|
        $body:block
    ) => {
        $crate::server::resource_example(async |$server, $resource| {
            #[allow(unused_imports)]
            use ::openid_client::Client;
            struct ThisMachine;
            impl ::openid_client::DestinationPolicy for ThisMachine {
                fn allows_url(&self, _: &::openid_client::Uri) -> bool {
                    true
                }
                fn allows_address(&self, _: &str, address: ::std::net::IpAddr) -> bool {
                    address.is_loopback()
                }
            }
            let mut metadata =
                ::openid_client::ClientMetadata::new("https://app.example.com/client.json");
            metadata.redirect_uris = Some(vec!["http://127.0.0.1:8321/cb".to_owned()]);
            metadata.token_endpoint_auth_method = Some("none".to_owned());
            let $document = ::openid_client::ClientIdMetadataDocument::new(&metadata)?;
            $server
                .provider()
                .host($document.client_id(), $document.response());
            let $url = $resource.resource().url().to_owned();
            let $trust = |builder: ::openid_client::ClientBuilder<::openid_client::ResourceUrl>| {
                builder
                    .root_certificate_pem($server.ca_certificate_pem())
                    .root_certificate_pem($resource.ca_certificate_pem())
                    .destination_policy(ThisMachine)
            };
            $body
            let _ = ($url, $document, $trust);
            Ok(())
        });
    };
    (at |$issuer:ident, $root:ident, $server:ident| $body:block) => {
        $crate::server::example(async |$server| {
            #[allow(unused_imports)]
            use ::openid_client::Client;
            let ($issuer, $root) = ($server.url(), $server.ca_certificate_pem());
            $body
            let _ = ($issuer, $root);
            Ok(())
        });
    };
}
