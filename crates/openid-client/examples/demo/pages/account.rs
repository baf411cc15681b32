//! The page of a user who is logged in.

use openid_client::UnixTime;
use openid_client::serde_json::{Map, Value, json};

use crate::app::App;
use crate::html;
use crate::html::{code, escape};
use crate::pages::{timeline, typed};
use crate::sessions::Account;
use crate::web::Page;
use crate::{mask, when};

/// Returns the page of a user who is logged in.
pub(crate) fn page(app: &App, account: &Account) -> Page {
    let now = app.client.now();
    let name = account.user.name().unwrap_or(account.user.sub());
    let used = account.journey.choice.names();
    let used = match used.is_empty() {
        true => String::new(),
        false => format!(" with {}", escape(&used.join(", "))),
    };
    let refresh = match account.tokens.refresh_token() {
        Some(_) => html::button("/refresh", "Refresh the tokens"),
        None => String::new(),
    };
    let elsewhere = match app.provider {
        Some(_) => format!(
            r#"<a class="button quiet" href="{}/">Go to the provider, and end the session there</a>"#,
            escape(&app.client.server_metadata().issuer)
        ),
        None => String::new(),
    };
    let body = format!(
        r#"<p class="status good" role="status">You are logged in{used}.</p>
<div class="actions">{refresh}{}{elsewhere}</div>
<div class="columns"><div>{}{}</div><div>{}</div></div>
<h2>How it happened</h2>{}"#,
        html::button("/logout", "Log out, here and at the provider"),
        tokens(account, now),
        html::table("UserInfo", rows(account.user.claims(), now)),
        account
            .tokens
            .id_token()
            .map_or_else(String::new, |id_token| {
                html::table("Claims of the ID Token", rows(id_token.claims(), now))
            }),
        timeline::timeline(&account.journey),
    );
    let title = format!("Hello, {name}");
    typed("text/html", html::page(&title, "/", &app.host, None, &body))
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

fn tokens(account: &Account, now: UnixTime) -> String {
    let tokens = &account.tokens;
    let expires = tokens.expires_in(now).map_or_else(
        || "the provider does not say".to_owned(),
        |left| {
            let left = i64::try_from(left.as_secs()).unwrap_or(i64::MAX);
            html::time(now.seconds().saturating_add(left), now.seconds())
        },
    );
    let bound = match tokens.dpop_thumbprint() {
        Some(thumbprint) => format!("to the key with the thumbprint {}", code(thumbprint)),
        None => "no: whoever has the token can use it".to_owned(),
    };
    let rows = [
        ("type", code(tokens.token_type().as_str())),
        ("bound", bound),
        ("expires", expires),
        ("scope", code(tokens.scope().unwrap_or("as asked for"))),
        ("refreshed", format!("{} times", account.refreshed)),
    ];
    html::table(
        "Access token",
        rows.map(|(name, value)| (name.to_owned(), value)),
    )
}

fn rows(claims: &Map<String, Value>, now: UnixTime) -> impl Iterator<Item = (String, String)> {
    claims.iter().map(move |(name, value)| {
        let is_time = when::CLAIMS.contains(&name.as_str());
        let text = match (value, value.as_i64()) {
            (_, Some(seconds)) if is_time => html::time(seconds, now.seconds()),
            // The person's own claims are no secrets, but this one is a value of the protocol.
            (Value::String(text), _) if name == "nonce" => code(&mask::value(name, text)),
            (Value::String(text), _) => code(text),
            (other, _) => code(&other.to_string()),
        };
        (escape(name), text)
    })
}
