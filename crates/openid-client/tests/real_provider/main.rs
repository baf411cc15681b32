//! Every flow at oidc-provider, an OpenID Provider of another project.
//!
//! `cargo xtask test --only real-provider` starts the provider and runs these tests.
//! `xtask/real-provider` contains its features, its users and its clients. There is one file for
//! each step of the protocol. A flow is a test with the name of the behaviour.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod authorization_response;
mod backchannel_authentication;
mod callback;
mod claims;
mod client_assertion;
mod client_authentication;
mod client_credentials;
mod clock;
mod cookies;
mod device_authorization;
mod discovery;
mod dpop;
mod encryption;
mod fapi;
mod generic_grant;
mod id_token;
mod introspection;
mod jarm;
mod keys;
mod login;
mod logout;
mod mutual_tls;
mod notification_endpoint;
mod provider;
mod pushed_authorization_request;
mod recorder;
mod refresh;
mod refusal;
mod registration;
mod request_object;
mod resource_indicators;
mod revocation;
mod rich_authorization_request;
mod session_frame;
mod token_endpoint;
mod transport;
mod user_agent;
mod user_info;
