//! A provider for a test, in one line.

use std::io;
use std::pin::Pin;

use super::{Scheme, Server, system_clock};
use crate::client::ClientRegistration;
use crate::provider::Provider;
use crate::user::User;

/// A provider on a free loopback port, which starts when it is awaited. Without settings it speaks
/// HTTPS, and knows the users `alice` and `bob` and no client.
///
/// ```
/// use test_provider::{ClientRegistration, Misbehaviour, TestProvider, User};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let server = TestProvider::start().await?;
/// // An application that trusts `server.ca_certificate_pem()` can log people in at `server.url()`.
/// assert!(server.url().starts_with("https://127.0.0.1:"));
///
/// let carol = User::new("carol", "Carol", "carol@example.com").claim("groups", ["staff"]);
/// let app = ClientRegistration::public("my-app").redirect_uri("https://app.example.com/cb");
/// let server = TestProvider::start().user(carol).client(app).over_http().await?;
/// server.provider().misbehave(Misbehaviour::TokenServerError);
/// # Ok(())
/// # }
/// ```
#[must_use = "the provider starts when it is awaited"]
pub struct TestProvider {
    scheme: Scheme,
    clock: Box<dyn Fn() -> i64 + Send + Sync>,
    users: Vec<User>,
    clients: Vec<ClientRegistration>,
}

impl TestProvider {
    /// Begins with the settings above.
    pub fn start() -> Self {
        Self {
            scheme: Scheme::Https,
            clock: Box::new(system_clock),
            users: Vec::new(),
            clients: Vec::new(),
        }
    }

    /// Adds a user. The first one replaces `alice` and `bob`, and is logged in by default.
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Adds a client.
    pub fn client(mut self, client: ClientRegistration) -> Self {
        self.clients.push(client);
        self
    }

    /// Takes the time from this function, in seconds since 1970 (UTC), and not from the system.
    pub fn clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Speaks HTTP. The client must allow that.
    pub fn over_http(self) -> Self {
        self.scheme(Scheme::Http)
    }

    /// Speaks HTTP, or HTTPS with one of the certificates that clients must refuse.
    pub fn scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }
}

impl IntoFuture for TestProvider {
    /// An error if no port can be bound.
    type Output = io::Result<Server>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    /// # Panics
    /// If there is no Tokio runtime with I/O and time.
    fn into_future(self) -> Self::IntoFuture {
        let Self {
            scheme,
            clock,
            users,
            clients,
        } = self;
        Box::pin(async move {
            let build = |issuer| match users.is_empty() {
                true => Provider::new(issuer),
                false => Provider::new(issuer).users(users),
            };
            let server = Server::start_with_clock(scheme, clock, build).await?;
            for client in clients {
                server.provider().register(client);
            }
            Ok(server)
        })
    }
}
