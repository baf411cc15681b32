//! The screen of a device.

use crate::device::Device;
use crate::html;
use crate::html::{code, external};
use crate::pages::typed;
use crate::web::Page;

/// Returns the screen of the device, which has asked for a code or has not.
pub(crate) fn page(host: &str, device: Option<&Device>) -> Page {
    let (body, again) = match device {
        None => (NOTHING.to_owned(), None),
        Some(device) => (waiting(device), Some(REFRESH)),
    };
    typed(
        "text/html",
        html::page("A device without a browser", "/device", host, again, &body),
    )
}

fn waiting(device: &Device) -> String {
    format!(
        r#"<p class="status" role="status">The device waits for your answer. This page looks again every {REFRESH} seconds.</p>
<div class="screen"><p>On your phone or computer, open {}</p><p>and compare the code</p><p class="user-code">{}</p></div>
<p><a class="button" href="/device">Look again now</a></p>"#,
        external(&device.verification_uri, &device.verification_uri),
        code(&escape_spaces(&device.user_code)),
    )
}

/// The code may hold a space, which a screen must not break at.
fn escape_spaces(code: &str) -> String {
    code.replace(' ', "\u{a0}")
}

const NOTHING: &str = r#"<p class="lead">The device asks the provider for two codes. It shows one, and asks with the other one until somebody has answered.</p>
<form method="post" action="/device"><fieldset><legend>Switch on</legend><label><input type="checkbox" name="dpop"><span><strong>DPoP</strong> the tokens are bound to a key of the device</span></label></fieldset>
<button>Get a code</button></form>"#;

const REFRESH: u8 = 3;
