//! A login on a device, with the core under the runtime `smol`.
//!
//! The driver is the loop of `bare_loop.rs` with `.await` in front of two calls. Any other runtime
//! takes the same place. To stay short, this program speaks plain HTTP with a provider on this
//! machine that it starts itself. For anything else, use an HTTP library with TLS, and keep the
//! rules in the guide "Embedding the core".

#![allow(clippy::print_stdout, reason = "a program that talks to a person")]

mod support;

use std::error::Error;

use bytes::Bytes;
use http::Response;
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{DeviceAuthorizationEndpoint, DiscoveryAlgorithm, DiscoveryEndpoint};
use oauth_core::error::{KeyFault, NoAnswer, Unanswered};
use oauth_core::flow::{Discover, InitiateDeviceAuthorization, PollDeviceAuthorizationGrant};
use oauth_core::metadata::ClientMetadata;
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::outbound::{Outbound, ResponseBody};
use oauth_core::policy::Policy;
use smol::Timer;
use smol::future::or;
use smol::io::{AsyncReadExt as _, AsyncWriteExt as _};
use smol::net::TcpStream;
use test_provider::ClientRegistration;

use self::support::{
    LONGEST_HEAD, Surroundings, host, read_response, start_provider, write_request,
};

/// The whole driver. To cancel an operation, drop the future.
async fn drive<O: Operation>(
    surroundings: &Surroundings,
    mut operation: O,
) -> Result<O::Output, oauth_core::Error> {
    let mut event = Event::Begin;
    loop {
        event = match operation.step(&mut surroundings.env(), event)? {
            Action::Send(outbound) => send(&outbound).await,
            // This client is public and has no keys.
            Action::UseKey(job) => Event::KeyUnavailable(KeyFault {
                key: job.key().clone(),
                source: None,
            }),
            Action::Wait(duration) => {
                Timer::after(duration).await;
                Event::Elapsed
            }
            Action::Done(output) => return Ok(output),
        };
    }
}

async fn send(outbound: &Outbound) -> Event {
    // The deadline covers everything from the connection to the last byte.
    let deadline = outbound.deadline;
    let too_late = async {
        Timer::after(deadline).await;
        Err(NoAnswer::TimedOut { deadline })
    };
    match or(exchange(outbound), too_late).await {
        Ok(response) => Event::Received(response),
        Err(reason) => Event::Unanswered(Unanswered {
            endpoint: outbound.endpoint,
            reason,
            source: None,
        }),
    }
}

async fn exchange(outbound: &Outbound) -> Result<Response<Bytes>, NoAnswer> {
    let cap = match outbound.response {
        ResponseBody::Buffered { cap } => cap,
        // Only requests to protected resources have streamed responses.
        ResponseBody::Streamed => 0,
    };
    let host = host(&outbound.request);
    let stream = TcpStream::connect(&host).await;
    let mut stream = stream.map_err(|_| NoAnswer::NotConnected { host })?;
    let interrupted = |_| NoAnswer::Interrupted;
    let request = write_request(&outbound.request);
    stream.write_all(&request).await.map_err(interrupted)?;
    // One byte more than the limit is read at most.
    let longest = cap.saturating_add(LONGEST_HEAD);
    let limit = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
    let (mut text, mut response) = (Vec::new(), stream.take(limit));
    response.read_to_end(&mut text).await.map_err(interrupted)?;
    match text.len() > longest {
        true => Err(NoAnswer::BodyTooLarge { cap }),
        false => read_response(&text, cap),
    }
}

async fn log_in(issuer: &str) -> Result<(), Box<dyn Error>> {
    let surroundings = Surroundings::new();
    let mut policy = Policy::default();
    // The provider for tests has no TLS here.
    policy.danger_allow_insecure_requests();
    let discovery = DiscoveryEndpoint::new(issuer, DiscoveryAlgorithm::Oidc, policy.clone())?;
    let metadata = drive(&surroundings, Discover::new(discovery)).await?;
    let configuration = Configuration::new(metadata, ClientMetadata::new("my-app"), policy)?;

    let request = DeviceAuthorizationEndpoint::new(configuration.clone()).scope("openid");
    let device = drive(&surroundings, InitiateDeviceAuthorization::new(request)).await?;
    println!("{}", device.prompt());
    // The core says how long to wait between two polls, and when to give up.
    let poll = PollDeviceAuthorizationGrant::new(configuration, &device);
    let tokens = drive(&surroundings, poll).await?;
    let id_token = tokens.id_token().ok_or("no ID Token")?;
    println!("Hello {}", id_token.sub());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = start_provider(ClientRegistration::public("my-app"))?;
    smol::block_on(log_in(server.url()))
}
