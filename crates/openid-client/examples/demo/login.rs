//! A login in a browser.

use openid_client::{Callback, Client, Error, PendingLogin, ResponseMode, TokenSet, Url};

use crate::app::App;
use crate::attacks::{Attack, Play};
use crate::choice::Choice;
use crate::exchange::{Exchange, Message};
use crate::journey::{Journey, Refusal};
use crate::recorder::Recorder;
use crate::sessions::{Account, Begun};
use crate::steps::Kind;
use crate::web::{Page, redirect, remember};

/// What a callback needs: a login of this browser, or none.
struct Arrived<'a> {
    browser: &'a str,
    url: &'a Url,
}

impl App {
    /// Begins a login and sends the browser to the provider.
    pub(crate) async fn login(
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
        let client = match client.await {
            Ok(client) => client,
            Err(error) => return Ok(self.refused(browser, journey, &recorder, &error)),
        };
        journey.sent(recorder.take(), self.client.server_metadata());
        let (url, pending) = match request(&client, choice).await {
            Ok(begun) => begun,
            Err(error) => return Ok(self.refused(browser, journey, &recorder, &error)),
        };
        journey.sent(recorder.take(), self.client.server_metadata());
        let visit = Exchange::visit(&url, Message::default());
        journey.step(Kind::Redirect, vec![visit]);
        self.sessions.begin(
            browser,
            Begun {
                pending,
                client,
                recorder,
                journey,
            },
        );
        Ok(redirect(url.as_str()))
    }

    /// Finishes the login with the URL to which the provider sent the browser.
    pub(crate) async fn callback(&self, browser: &str, query: &str) -> Result<Page, Error> {
        let url = format!("{}/callback?{query}", self.url);
        let Ok(url) = Url::parse(&url) else {
            return Ok(self.unknown_login(browser, None));
        };
        let arrived = Arrived { browser, url: &url };
        match self.pending(&arrived) {
            Some(begun) => self.finish(&arrived, begun).await,
            None => Ok(self.unknown_login(browser, Some(&url))),
        }
    }

    /// Takes the login that this callback answers. `state` finds it, also inside a JWT (JARM).
    fn pending(&self, arrived: &Arrived<'_>) -> Option<Begun> {
        let callback = Callback::from_url(arrived.url.as_str()).ok()?;
        self.sessions.take(arrived.browser, callback.state()?)
    }

    async fn finish(&self, arrived: &Arrived<'_>, begun: Begun) -> Result<Page, Error> {
        let Begun {
            pending,
            client,
            recorder,
            mut journey,
        } = begun;
        let browser = arrived.browser;
        let visit = Exchange::visit(arrived.url, Message::default());
        journey.step(Kind::Callback, vec![visit]);
        let tokens = match redeem(&client, pending, arrived.url).await {
            Ok(tokens) => tokens,
            Err(error) => return Ok(self.refused(browser, journey, &recorder, &error)),
        };
        journey.sent(recorder.take(), self.client.server_metadata());
        // snippet: userinfo
        let user = client.fetch_user_info(&tokens).await;
        // end
        let user = match user {
            Ok(user) => user,
            Err(error) => return Ok(self.refused(browser, journey, &recorder, &error)),
        };
        journey.sent(recorder.take(), self.client.server_metadata());
        let attack = journey.attack.map(|attack| attack.play);
        let account = Account {
            tokens,
            user,
            client,
            recorder,
            refreshed: 0,
            journey: journey.clone(),
        };
        let fresh = self.client.random_state()?.expose().clone();
        self.sessions.log_in(browser, fresh.clone(), account);
        let page = match attack {
            None => redirect("/"),
            Some(Play::Replay) => {
                self.sessions
                    .with(&fresh, |session| session.attacked = Some(journey));
                redirect(arrived.url.as_str())
            }
            Some(Play::Logout(misbehaviour)) => {
                self.attack_logout(&fresh, misbehaviour).await;
                redirect("/result")
            }
            Some(_) => {
                // The attack was accepted. The page says so.
                self.sessions
                    .with(&fresh, |session| session.refused = Some(journey));
                redirect("/result")
            }
        };
        Ok(remember(page, &self.url, &fresh))
    }

    /// Keeps the record of a refused login, and sends the browser to the page that shows it.
    pub(crate) fn refused(
        &self,
        browser: &str,
        mut journey: Journey,
        recorder: &Recorder,
        error: &Error,
    ) -> Page {
        journey.sent(recorder.take(), self.client.server_metadata());
        journey.refuse(Refusal::of(error));
        self.keep_refused(browser, journey)
    }

    fn unknown_login(&self, browser: &str, url: Option<&Url>) -> Page {
        let running = self
            .sessions
            .with(browser, |session| session.attacked.take());
        let mut journey = running.unwrap_or_else(|| Journey::new(Choice::default(), None));
        let kind = match journey.attack.map(|attack| attack.play) {
            Some(Play::Replay) => Kind::Replay,
            Some(_) => Kind::ForeignCallback,
            None => Kind::Callback,
        };
        let visit = url.map(|url| Exchange::visit(url, Message::default()));
        journey.step(kind, visit.into_iter().collect());
        journey.refuse(Refusal::unknown_login());
        self.keep_refused(browser, journey)
    }

    pub(crate) fn keep_refused(&self, browser: &str, journey: Journey) -> Page {
        self.behave();
        self.sessions
            .with(browser, |session| session.refused = Some(journey));
        redirect("/result")
    }
}

/// Makes the URL to which the browser goes.
async fn request(client: &Client, choice: Choice) -> Result<(Url, PendingLogin), Error> {
    // snippet: authorization_request
    let request = client.authorization_request();
    let mut request = request.scope("openid profile email");
    if choice.par {
        request = request.pushed();
    }
    if choice.jarm {
        request = request.response_mode(ResponseMode::Jwt);
    }
    let (url, pending) = request.await?;
    // end
    Ok((url, pending))
}

/// Makes every check of the callback, and then redeems its code.
async fn redeem(client: &Client, pending: PendingLogin, callback: &Url) -> Result<TokenSet, Error> {
    let callback = callback.as_str();
    // snippet: callback
    let tokens = client.authorization_code_grant(pending, callback).await?;
    // end
    Ok(tokens)
}
