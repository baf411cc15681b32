//! Real connections, when a caller gives up.

use std::time::Duration;

use openid_client::Client;
use test_provider::server::{Scheme, Server};
use test_provider::{ClientAuthentication, ClientRegistration, Endpoint, Provider};
use tokio::time::sleep;

use crate::support::drop_after;

const SECRET: &str = "a secret of more than 32 characters";

/// A request is given up at each of its waits. The next one is answered, none is sent twice, and
/// connections are used again.
#[tokio::test]
async fn a_dropped_exchange_leaves_connections_that_work() {
    let server = Server::start(Scheme::Https, |issuer| {
        let provider = Provider::new(issuer);
        let method = ClientAuthentication::ClientSecretBasic(SECRET.to_owned());
        provider.register(ClientRegistration::new("app", method));
        provider
    });
    let server = server.await.unwrap();
    let served = || server.provider().served(Endpoint::Introspection);
    for begins_connected in [false, true] {
        let mut waits = 0;
        loop {
            let client = Client::discover(server.url(), "app")
                .client_secret_basic(SECRET)
                .root_certificate_pem(server.ca_certificate_pem())
                .connections_per_host(1);
            let mut client = client.await.unwrap();
            if !begins_connected {
                // Another transport, which has no connection yet.
                client = Client::from_metadata(client.server_metadata().clone(), "app")
                    .client_secret_basic(SECRET)
                    .root_certificate_pem(server.ca_certificate_pem())
                    .connections_per_host(1)
                    .build()
                    .unwrap();
            }
            let before = served();
            let attempt = client.token_introspection("token");
            let is_complete = drop_after(waits, attempt.into_future()).await;
            sleep(Duration::from_millis(20)).await;
            let dropped = served() - before;
            assert!(dropped <= 1, "{begins_connected} at {waits}: {dropped}");
            // With room for a single connection, the next request waits for what is left behind.
            let again = client.token_introspection("token").into_future();
            let again = tokio::time::timeout(Duration::from_secs(5), again).await;
            again.expect("an answer").unwrap();
            assert_eq!(
                served(),
                before + dropped + 1,
                "{begins_connected} at {waits}"
            );
            let opened = server.connections();
            client.token_introspection("token").await.unwrap();
            assert_eq!(server.connections(), opened, "a connection is used again");
            if is_complete {
                break;
            }
            waits += 1;
        }
        assert!(waits > 0, "{begins_connected}: {waits}");
    }
}
