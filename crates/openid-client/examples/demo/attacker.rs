//! An attacker who logs in with another browser and gives the callback away.

use http::Method;
use openid_client::Url;

use crate::browser::{Browser, Outcome};

/// Begins a login at the application and answers the provider as Bob. Returns the callback, which
/// this browser does not open.
pub(crate) async fn callback(mut browser: Browser, app: &str) -> Outcome<Url> {
    let login = Url::parse(app)?.join("/login")?;
    let to_provider = browser.visit(Method::GET, &login, "").await?;
    let provider = to_provider.next.ok_or("the application did not redirect")?;
    let page = browser.visit(Method::GET, &provider, "").await?;
    if let Some(callback) = page.next {
        return Ok(callback);
    }
    let action = attribute(&page.text, r#"<form method="post" action=""#)?;
    let interaction = attribute(&page.text, r#"name="interaction" value=""#)?;
    let form = format!("interaction={interaction}&user=bob");
    let answer = browser
        .visit(Method::POST, &Url::parse(action)?, &form)
        .await?;
    Ok(answer.next.ok_or("the provider did not redirect")?)
}

fn attribute<'a>(page: &'a str, before: &str) -> Outcome<&'a str> {
    let (_, rest) = page
        .split_once(before)
        .ok_or("the login page has no form")?;
    Ok(rest.split('"').next().unwrap_or_default())
}
