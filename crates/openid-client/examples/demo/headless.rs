//! The steps of a user through the demo, without a user.

use http::Method;
use openid_client::Url;

use crate::browser::{Browser, Outcome};

/// Logs in, refreshes the tokens and logs out.
pub(crate) async fn walk(mut browser: Browser, app: &str) -> Outcome<()> {
    let home = Url::parse(app)?;
    let claims = home.join("/claims")?;
    browser
        .read("start page", &home, "You are not logged in")
        .await?;
    let provider = browser
        .follow(
            "log in: off to the provider",
            Method::GET,
            &home.join("/login")?,
        )
        .await?;
    let callback = browser
        .follow(
            "the provider sends the browser back",
            Method::GET,
            &provider,
        )
        .await?;
    let landed = browser
        .follow(
            "callback, tokens and UserInfo checked",
            Method::GET,
            &callback,
        )
        .await?;
    browser
        .read("the page of the person", &landed, "Hello, ")
        .await?;
    println!(
        "\n{}\n",
        browser.read("claims", &claims, "\"refreshed\": 0").await?
    );

    let result = browser
        .follow("the same callback again", Method::GET, &callback)
        .await?;
    browser
        .read("it is refused", &result, "no login under way")
        .await?;

    browser
        .follow("refresh the tokens", Method::POST, &home.join("/refresh")?)
        .await?;
    browser
        .read("claims, refreshed", &claims, "\"refreshed\": 1")
        .await?;
    let bye = browser
        .follow(
            "log out: off to the provider",
            Method::POST,
            &home.join("/logout")?,
        )
        .await?;
    let back = browser
        .follow("the provider sends the browser back", Method::GET, &bye)
        .await?;
    browser
        .read("start page", &back, "You are not logged in")
        .await?;
    println!("\nlogged in and out again");
    Ok(())
}
