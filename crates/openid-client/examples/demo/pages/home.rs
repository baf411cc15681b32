//! The start page, for a user who is not logged in.

use crate::app::App;
use crate::html;
use crate::html::{escape, external};
use crate::journey::Journey;
use crate::pages::{timeline, typed};
use crate::web::Page;

/// Returns the start page. `ended` is the logout that the provider has reported.
pub(crate) fn page(app: &App, ended: Option<&Journey>) -> Page {
    let server = app.client.server_metadata();
    let notice = match ended {
        None => r#"<p class="status" role="status">You are not logged in.</p>"#.to_owned(),
        Some(_) => r#"<p class="status" role="status">You are not logged in: the provider has ended your session, and told the application.</p>"#.to_owned(),
    };
    let happened = ended.map_or_else(String::new, |journey| {
        format!("<h2>What happened</h2>{}", timeline::timeline(journey))
    });
    let attacks = match app.provider {
        Some(_) => ATTACKS,
        None => "",
    };
    let endpoints = [
        ("Issuer", Some(&server.issuer)),
        ("Authorization", server.authorization_endpoint.as_ref()),
        ("Token", server.token_endpoint.as_ref()),
        ("UserInfo", server.userinfo_endpoint.as_ref()),
        ("Keys", server.jwks_uri.as_ref()),
        ("Logout", server.end_session_endpoint.as_ref()),
    ];
    let rows = endpoints.map(|(name, url)| {
        let url = url.map_or("none", |url| url.as_str());
        (escape(name), html::code(url))
    });
    let body = format!(
        r#"{notice}<p class="lead">Log in at the provider, and see each step: the request and the response, the check, and the lines of code that did it.</p>
{happened}<div class="cards"><section class="card first"><h2>Log in</h2>
<form method="get" action="/login"><fieldset><legend>Switch on</legend>{}</fieldset>
<button>Log in with OpenID Connect</button></form></section>
<section class="card"><h2>Log in on a device</h2><p>A television or a terminal has no browser. It shows a code, which a person enters at the provider ({}).</p>
<form method="post" action="/device"><button>Get a code</button></form></section>{attacks}</div>
<h2>The provider</h2><p>{}</p>{}"#,
        options(),
        external("https://www.rfc-editor.org/rfc/rfc8628", "RFC 8628"),
        where_it_is(app),
        html::table("What discovery found when the demo started", rows),
    );
    typed("text/html", html::page(TITLE, "/", &app.host, None, &body))
}

fn where_it_is(app: &App) -> String {
    let issuer = &app.client.server_metadata().issuer;
    match app.provider {
        None => format!("The provider is {}.", html::code(issuer)),
        Some(_) => format!(
            r#"It runs on this machine, too: <a href="{0}/">{0}</a>. There you can end your session in another tab."#,
            escape(issuer)
        ),
    }
}

fn options() -> String {
    OPTIONS
        .iter()
        .map(|(name, title, text)| {
            format!(
                r#"<label><input type="checkbox" name="{name}"><span><strong>{title}</strong> {text}</span></label>"#
            )
        })
        .collect()
}

const TITLE: &str = "OpenID Connect, step by step";

const OPTIONS: [(&str, &str, &str); 3] = [
    (
        "par",
        "PAR",
        "the application sends the request directly, and the browser takes a reference (RFC 9126)",
    ),
    (
        "jarm",
        "JARM",
        "the response through the browser is a signed JWT",
    ),
    (
        "dpop",
        "DPoP",
        "the tokens are bound to a key, so that a thief cannot use them (RFC 9449)",
    ),
];

const ATTACKS: &str = r#"<section class="card"><h2>Attack it</h2><p>Switch on one attack at a time: a forged signature, a mix-up, a callback of another browser.
See what is refused, where, by which rule, and with which code.</p><p><a class="button" href="/attacks">Open the attack panel</a></p></section>"#;
