//! The pages that a user sees.

use std::error::Error as _;

use http::{HeaderValue, Response, StatusCode, header};
use openid_client::{Error, ServerMetadata, UnixTime};
use serde_json::{Map, Value, json};

use crate::html;
use crate::html::code;
use crate::sessions::Account;
use crate::web::Page;

/// Returns the start page, for a user who is not logged in.
pub(crate) fn welcome(provider: &ServerMetadata) -> Page {
    let endpoints = [
        ("authorization", &provider.authorization_endpoint),
        ("token", &provider.token_endpoint),
        ("UserInfo", &provider.userinfo_endpoint),
        ("key set", &provider.jwks_uri),
        ("end session", &provider.end_session_endpoint),
    ];
    let rows = endpoints.map(|(name, url)| (name, url.as_deref().unwrap_or("none")));
    let steps = html::steps([
        (
            "Discovery",
            format!(
                "done when the demo started: {} says where its endpoints are, and that it is itself.",
                code(&provider.issuer)
            ),
        ),
        (
            "Redirect",
            "next: the browser takes a request there, with a <code>state</code>, a \
             <code>nonce</code> and a PKCE challenge made for this login alone."
                .to_owned(),
        ),
    ]);
    let login = r#"<a class="button" href="/login">Log in</a>"#;
    page(
        "You are not logged in",
        &format!("{steps}{}{login}", html::table(rows)),
    )
}

/// Returns the page of a user who is logged in.
pub(crate) fn account(account: &Account, now: UnixTime) -> Page {
    let name = account.user.name().unwrap_or(account.user.sub());
    let mut body = html::steps([
        ("Callback", "<code>state</code> and <code>iss</code> were the ones expected, and nothing was there twice.".to_owned()),
        ("Tokens", "the code was redeemed with the PKCE verifier, which never left this process before.".to_owned()),
        ("ID Token", "its signature is the provider's, it was made for this client and this login, and it is in time.".to_owned()),
        ("UserInfo", "it is about the person in the ID Token.".to_owned()),
    ]);
    body.push_str("<h2>Tokens</h2>");
    let expiry = account.tokens.expires_in(now);
    let expiry = expiry.map_or("not said".to_owned(), |lifetime| {
        format!("in {} s", lifetime.as_secs())
    });
    body.push_str(&html::table([
        ("type", account.tokens.token_type().as_str()),
        ("expires", &expiry),
        ("scope", account.tokens.scope().unwrap_or("as asked for")),
        ("refreshed", &format!("{} times", account.refreshed)),
    ]));
    if let Some(id_token) = account.tokens.id_token() {
        body.push_str("<h2>ID Token</h2>");
        body.push_str(&html::table(rows(id_token.claims())));
    }
    body.push_str("<h2>UserInfo</h2>");
    body.push_str(&html::table(rows(account.user.claims())));
    if account.tokens.refresh_token().is_some() {
        body.push_str(&html::button("/refresh", "Refresh the tokens"));
    }
    body.push_str(&html::button(
        "/logout",
        "Log out, here and at the provider",
    ));
    page(&format!("Hello, {name}"), &body)
}

/// Returns the claims and the state of the tokens as JSON.
pub(crate) fn claims(account: &Account, now: UnixTime) -> Page {
    let claims = json!({
        "id_token": account.tokens.id_token().map(|id_token| id_token.claims()),
        "userinfo": account.user.claims(),
        "expires_in": account.tokens.expires_in(now).map(|it| it.as_secs()),
        "refreshed": account.refreshed,
    });
    typed("application/json", format!("{claims:#}"))
}

/// Returns the page for an error.
pub(crate) fn failed(error: &Error) -> Page {
    let mut body = format!(
        r#"<p class="error">{}</p>"#,
        html::escape(&error.to_string())
    );
    if let Some(found) = error.code() {
        body.push_str(&format!("<p>Code {}.</p>", code(found)));
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        body.push_str(&format!(
            "<p>Because: {}</p>",
            html::escape(&error.to_string())
        ));
        cause = error.source();
    }
    body.push_str(r#"<a class="button" href="/">Start again</a>"#);
    with_status(StatusCode::BAD_GATEWAY, page("That did not work", &body))
}

/// Returns the page for a callback whose login is unknown or already finished.
pub(crate) fn unknown_login() -> Page {
    let text = "This browser has no login under way with this <code>state</code>. A callback works \
                once, in the browser that began the login.";
    let body = format!(r#"<p class="error">{text}</p><a class="button" href="/">Start again</a>"#);
    with_status(StatusCode::BAD_REQUEST, page("No such login", &body))
}

fn rows(claims: &Map<String, Value>) -> impl Iterator<Item = (&String, String)> {
    claims.iter().map(|(name, value)| {
        let text = value.as_str().map(str::to_owned);
        (name, text.unwrap_or_else(|| value.to_string()))
    })
}

fn page(title: &str, body: &str) -> Page {
    typed("text/html; charset=utf-8", html::page(title, body))
}

fn typed(kind: &'static str, text: String) -> Page {
    let mut page = Response::new(text);
    let kind = HeaderValue::from_static(kind);
    page.headers_mut().insert(header::CONTENT_TYPE, kind);
    page
}

fn with_status(status: StatusCode, mut page: Page) -> Page {
    *page.status_mut() = status;
    page
}
