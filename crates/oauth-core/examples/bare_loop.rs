//! A login with the core alone: no runtime, no async code, no HTTP library.
//!
//! The core says what to do next, and a loop does it. To stay short, this program speaks plain HTTP
//! with a provider on this machine that it starts itself. For anything else, use an HTTP library
//! with TLS, and keep the rules in the guide "Embedding the core".

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a driver does what the core does not"
)]

mod support;

use std::error::Error;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Instant;

use bytes::Bytes;
use http::Response;
use oauth_core::authorization::{AuthorizationRequest, Callback};
use oauth_core::configuration::Configuration;
use oauth_core::endpoint::{DiscoveryAlgorithm, DiscoveryEndpoint};
use oauth_core::error::{KeyFault, NoAnswer, Unanswered};
use oauth_core::flow::Discover;
use oauth_core::metadata::ClientMetadata;
use oauth_core::operation::{Action, Event, Operation};
use oauth_core::outbound::{Outbound, ResponseBody};
use oauth_core::policy::Policy;
use test_provider::ClientRegistration;

use self::support::{
    LONGEST_HEAD, Surroundings, host, read_response, start_provider, write_request,
};

const REDIRECT_URI: &str = "http://127.0.0.1:8321/callback";

/// The whole driver: does what the operation asks for, and tells it what happened.
fn drive<O: Operation>(
    surroundings: &Surroundings,
    mut operation: O,
) -> Result<O::Output, oauth_core::Error> {
    let mut event = Event::Begin;
    loop {
        event = match operation.step(&mut surroundings.env(), event)? {
            Action::Send(outbound) => match exchange(&outbound) {
                Ok(response) => Event::Received(response),
                Err(reason) => Event::Unanswered(Unanswered {
                    endpoint: outbound.endpoint,
                    reason,
                    source: None,
                }),
            },
            // This client is public and has no keys.
            Action::UseKey(job) => Event::KeyUnavailable(KeyFault {
                key: job.key().clone(),
                source: None,
            }),
            Action::Wait(duration) => {
                sleep(duration);
                Event::Elapsed
            }
            Action::Done(output) => return Ok(output),
        };
    }
}

/// Sends one request. Deadline and size are limited while the response arrives.
fn exchange(outbound: &Outbound) -> Result<Response<Bytes>, NoAnswer> {
    let deadline = outbound.deadline;
    let cap = match outbound.response {
        ResponseBody::Buffered { cap } => cap,
        // Only requests to protected resources have streamed responses.
        ResponseBody::Streamed => 0,
    };
    let (host, started) = (host(&outbound.request), Instant::now());
    let stream = TcpStream::connect(&host);
    let mut stream = stream.map_err(|_| NoAnswer::NotConnected { host })?;
    let interrupted = |_| NoAnswer::Interrupted;
    stream
        .write_all(&write_request(&outbound.request))
        .map_err(interrupted)?;
    let (mut text, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let left = deadline.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Err(NoAnswer::TimedOut { deadline });
        }
        stream.set_read_timeout(Some(left)).map_err(interrupted)?;
        match stream.read(&mut chunk) {
            Ok(0) => return read_response(&text, cap),
            Ok(length) => text.extend_from_slice(chunk.get(..length).unwrap_or_default()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(interrupted(error)),
        }
        if text.len() > cap.saturating_add(LONGEST_HEAD) {
            return Err(NoAnswer::BodyTooLarge { cap });
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let app = ClientRegistration::public("my-app").redirect_uri(REDIRECT_URI);
    let server = start_provider(app)?;

    // Once, when the program starts.
    let surroundings = Surroundings::new();
    let mut policy = Policy::default();
    // The provider for tests has no TLS here.
    policy.danger_allow_insecure_requests();
    let discovery = DiscoveryEndpoint::new(server.url(), DiscoveryAlgorithm::Oidc, policy.clone())?;
    let metadata = drive(&surroundings, Discover::new(discovery))?;
    let configuration = Configuration::new(metadata, ClientMetadata::new("my-app"), policy)?;

    // For each login.
    let request = AuthorizationRequest::new(configuration.clone()).redirect_uri(REDIRECT_URI);
    let (url, pending) = drive(&surroundings, request.begin())?;
    let callback = server.log_in(url);
    let callback = Callback::from_url(&callback)?;
    let tokens = drive(&surroundings, pending.resume(&configuration, &callback)?)?;
    let id_token = tokens.id_token().ok_or("no ID Token")?;
    println!("Hello {}", id_token.sub());
    Ok(())
}
