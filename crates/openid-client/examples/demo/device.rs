//! A login on a device without a browser.

use std::sync::{Arc, Mutex, PoisonError};

use openid_client::{Client, DeviceAuthorizationResponse, Error, TokenSet};

use crate::app::App;
use crate::attacks::Attack;
use crate::choice::Choice;
use crate::journey::Journey;
use crate::pages;
use crate::recorder::Recorder;
use crate::sessions::Account;
use crate::steps::Kind;
use crate::web::{Page, redirect, remember};

/// A login on a device. The task that polls ends when this value is dropped.
pub(crate) struct Device {
    pub(crate) user_code: String,
    pub(crate) verification_uri: String,
    client: Client,
    recorder: Recorder,
    journey: Journey,
    outcome: Arc<Mutex<Option<Result<TokenSet, Error>>>>,
    polling: tokio::task::AbortHandle,
}

impl Drop for Device {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

impl App {
    /// Begins a login on a device.
    pub(crate) async fn begin_device(
        &self,
        browser: &str,
        choice: Choice,
        attack: Option<&'static Attack>,
    ) -> Result<Page, Error> {
        let recorder = self.recorder();
        let mut journey = Journey::new(choice, attack);
        let redirect_uri = format!("{}/callback", self.url);
        let client = self
            .registration
            .client(&redirect_uri, choice, recorder.clone());
        let begun = async {
            let client = client.await?;
            let response = authorize(&client).await?;
            Ok((client, response))
        };
        let (client, response) = match begun.await {
            Ok(begun) => begun,
            Err(error) => return Ok(self.refused(browser, journey, &recorder, &error)),
        };
        journey.sent(recorder.take(), self.client.server_metadata());
        let url = response.verification_uri_complete.as_ref();
        let url = url.unwrap_or(&response.verification_uri).to_string();
        let user_code = response.user_code.clone();
        let outcome = Arc::new(Mutex::new(None));
        let (device, result) = (client.clone(), Arc::clone(&outcome));
        let polling = tokio::spawn(async move {
            let polled = poll(&device, &response).await;
            *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(polled);
        });
        let device = Device {
            user_code,
            verification_uri: url,
            client,
            recorder,
            journey,
            outcome,
            polling: polling.abort_handle(),
        };
        self.sessions
            .with(browser, |session| session.device = Some(device));
        Ok(redirect("/device"))
    }

    /// Shows how far the login on the device has come.
    pub(crate) async fn device(&self, browser: &str) -> Result<Page, Error> {
        let is_over = |device: &Device| {
            let outcome = device
                .outcome
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            outcome.is_some()
        };
        let over = self.sessions.with(browser, |session| {
            session.device.take_if(|device| is_over(device))
        });
        let Some(device) = over else {
            return Ok(self.sessions.with(browser, |session| {
                pages::device::page(&self.host, session.device.as_ref())
            }));
        };
        let outcome = device
            .outcome
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let mut journey = device.journey.clone();
        journey.step(Kind::Polling, device.recorder.take());
        let tokens = match outcome {
            Some(Ok(tokens)) => tokens,
            Some(Err(error)) => {
                return Ok(self.refused(browser, journey, &device.recorder, &error));
            }
            None => return Ok(redirect("/device")),
        };
        let client = device.client.clone();
        let user = match client.fetch_user_info(&tokens).await {
            Ok(user) => user,
            Err(error) => return Ok(self.refused(browser, journey, &device.recorder, &error)),
        };
        journey.sent(device.recorder.take(), self.client.server_metadata());
        let account = Account {
            tokens,
            user,
            client,
            recorder: device.recorder.clone(),
            refreshed: 0,
            journey,
        };
        let fresh = self.client.random_state()?.expose().clone();
        self.sessions.log_in(browser, fresh.clone(), account);
        Ok(remember(redirect("/"), &self.url, &fresh))
    }
}

/// Asks for the two codes.
async fn authorize(client: &Client) -> Result<DeviceAuthorizationResponse, Error> {
    // snippet: device
    let request = client.initiate_device_authorization();
    let device = request.scope("openid profile email").await?;
    println!(
        "open {} and enter {}",
        device.verification_uri, device.user_code
    );
    // end
    Ok(device)
}

/// Waits until the person has answered.
async fn poll(client: &Client, device: &DeviceAuthorizationResponse) -> Result<TokenSet, Error> {
    // snippet: poll
    let tokens = client.poll_device_authorization_grant(device).await?;
    // end
    Ok(tokens)
}
