//! A login on a device without a browser, such as a television (RFC 8628):
//! `device [--issuer URL --client-id ID]`.
//!
//! The device shows a code. The person enters it in the browser of a phone and logs in there, while
//! the device asks the provider again and again whether that has happened.

#![allow(clippy::print_stdout)]

mod support;

use openid_client::{Client, Report, TokenSet};
use test_provider::ClientRegistration;

use self::support::{CLIENT_ID, Options, Provider};

async fn log_in(client: &Client) -> Result<TokenSet, Report> {
    // With `offline_access` there is a refresh token, so that the device stays logged in.
    let request = client.initiate_device_authorization();
    let device = request.scope("openid offline_access").await?;
    // The page to open and the code to enter there. A device with a screen shows
    // `verification_uri_complete` as a QR code, and the code as well: the person compares it.
    println!("{}", device.prompt());
    // This asks as often as the provider permits, waits longer when the provider or the network is
    // in trouble, and ends with an error when the person refuses or the code expires. Drop the
    // future to give up earlier.
    Ok(client.poll_device_authorization_grant(&device).await?)
}

#[tokio::main]
async fn main() -> Result<(), Report> {
    let options = Options::read(&["--issuer", "--client-id"])?;
    // A device can be taken apart, so it has no secret: the client is public.
    let provider = Provider::start(&options, ClientRegistration::public(CLIENT_ID)).await?;
    let client = provider.discover().await?;
    let tokens = log_in(&client).await?;
    let user = client.fetch_user_info(&tokens).await?;
    println!("Hello {}", user.sub());
    Ok(())
}
