//! `Debug`, errors and logs show no secret.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

use std::sync::Mutex;

use log::{LevelFilter, Log, Metadata, Record};
use openid_client_blocking::{Method, Report};
use test_provider::Endpoint;
use test_provider::server::Fault;

use self::support::{SECRET, Site};

/// Keeps every record of every target.
struct Captured(Mutex<Vec<String>>);

static CAPTURED: Captured = Captured(Mutex::new(Vec::new()));

impl Log for Captured {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut lines = self.0.lock().unwrap();
        lines.push(format!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

#[test]
fn no_secret_is_shown() {
    log::set_logger(&CAPTURED).unwrap();
    log::set_max_level(LevelFilter::Trace);
    let site = Site::start();
    let builder = site.builder();
    let shown_builder = format!("{builder:?}");
    let client = builder.send().unwrap();
    let request = client.authorization_request().scope("openid email");
    let shown_request = format!("{request:?}");
    let (url, pending) = request.send().unwrap();
    let state = pending.state().to_owned();
    let callback = site.server.log_in(url);
    let code = openid_client_blocking::Url::parse(&callback).unwrap();
    let code = code.query_pairs().find(|(name, _)| name == "code");
    let code = code.unwrap().1.into_owned();
    let again = pending.clone();
    let grant = client.authorization_code_grant(pending, &callback);
    let shown_grant = format!("{grant:?}");
    let tokens = grant.send().unwrap();
    client.fetch_user_info(&tokens).send().unwrap();
    client.refresh_token_grant(&tokens).send().unwrap();
    let resource = site.server.provider().url(Endpoint::Resource);
    let resource = format!("{resource}?key={SECRET}");
    let request = client.fetch_protected_resource(&tokens, Method::POST, &resource);
    let request = request.body(SECRET);
    let shown_resource = format!("{request:?}");
    request.send().unwrap();
    let spent = client.authorization_code_grant(again, &callback).send();
    let spent = spent.unwrap_err();
    site.server.fail(Fault::ClosesMidBody);
    let request = client.fetch_protected_resource(&tokens, Method::GET, &resource);
    let broken = request.send().unwrap_err();

    // Nothing listens there.
    let proxied = site
        .builder()
        .proxy(format!("http://user:{SECRET}@127.0.0.1:1"));
    let shown_proxied = format!("{proxied:?}");
    let unreached = proxied.send().unwrap_err();

    let logged = CAPTURED.0.lock().unwrap().join("\n");
    assert!(logged.contains("ureq"), "{logged}");
    let shown = [
        logged,
        shown_builder,
        shown_proxied,
        format!("{unreached:#} {unreached:?}"),
        shown_request,
        shown_grant,
        shown_resource,
        format!("{client:?} {:?}", client.configuration()),
        format!("{tokens:?}"),
        format!("{spent} {spent:#} {spent:?} {broken} {broken:#} {broken:?}"),
        format!("{0} {0:?}", Report::from(spent)),
    ];
    let secrets = [
        SECRET,
        &state,
        &code,
        tokens.access_token().expose(),
        tokens.refresh_token().unwrap().expose(),
        tokens.id_token().unwrap().jwt().expose(),
    ];
    for text in &shown {
        for secret in secrets {
            // A dump of bytes breaks a secret into rows.
            let row = secret.get(..12).unwrap_or(secret);
            assert!(!text.contains(row), "{secret} in {text}");
        }
    }
}
