//! Tests from the request to the resumed login; the checks of the callback are tested in its
//! module.

mod build_url;
mod encrypted;
mod native;
mod outside;
mod pending;
mod pushed_again;
mod request;
mod stored;
mod url;

use std::sync::atomic::AtomicU8;
use std::time::Duration;

use ::url::Url;

use super::*;
use crate::cache::Cache;
use crate::error::Error;
use crate::flow::BuildAuthorizationUrl;
use crate::operation::{Action, Event, Operation};
use crate::request_object::RequestObject;
use crate::testing;
use crate::testing::{Counting, NOW};

/// base64url of 32 times 1, 2 and 3.
const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const NONCE: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
const VERIFIER: &str = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM";

fn request() -> AuthorizationRequest {
    AuthorizationRequest::new(testing::configuration()).redirect_uri("https://app.example/cb?a=b c")
}

fn begin(request: AuthorizationRequest) -> Result<(Url, PendingLogin), Error> {
    let cache = Cache::default();
    let entropy = Counting(AtomicU8::new(1));
    let mut env = testing::env(NOW, 0, &cache);
    env.entropy = &entropy;
    match request.begin().step(&mut env, Event::Begin)? {
        Action::Done(output) => Ok(output),
        action => panic!("{action:?}"),
    }
}

fn pending() -> PendingLogin {
    begin(request().max_age(Duration::from_secs(600)))
        .unwrap()
        .1
}
