//! Refresh, and the two kinds of logout.

use openid_client::{Bytes, Client, Error, Response, TokenSet, Url, logged_out, logout_failed};
use test_provider::Misbehaviour;

use crate::app::App;
use crate::attacks::Attack;
use crate::exchange::{Exchange, Message};
use crate::journey::{Journey, Refusal};
use crate::sessions::Account;
use crate::steps::Kind;
use crate::web::{Page, redirect};

impl App {
    pub(crate) async fn refresh(&self, browser: &str) -> Result<Page, Error> {
        let Some(mut account) = self.sessions.account(browser) else {
            return Ok(redirect("/"));
        };
        account.tokens = refresh(&account.client, &account.tokens).await?;
        account.refreshed = account.refreshed.saturating_add(1);
        let exchanges = account.recorder.take();
        let shown = |step: &crate::journey::Step| step.kind != Kind::Refresh;
        account.journey.steps.retain(shown);
        account.journey.step(Kind::Refresh, exchanges);
        self.sessions.update(browser, account);
        Ok(redirect("/"))
    }

    /// Logs out here and then at the provider. The application's own session ends first, because
    /// the browser may not return.
    pub(crate) fn logout(&self, browser: &str) -> Result<Page, Error> {
        let account = self.sessions.log_out(browser);
        let elsewhere = &self.client.server_metadata().end_session_endpoint;
        let (Some(account), true) = (account, elsewhere.is_some()) else {
            return Ok(redirect("/"));
        };
        Ok(redirect(self.end_session(&account)?.as_str()))
    }

    fn end_session(&self, account: &Account) -> Result<Url, Error> {
        let mut logout = account.client.end_session();
        if let Some(id_token) = account.tokens.id_token() {
            logout = logout.id_token_hint(id_token.jwt());
        }
        if self.provider.is_some() {
            logout = logout.post_logout_redirect_uri(format!("{}/", self.url));
        }
        Ok(logout.url()?)
    }

    /// The provider reports that a session has ended.
    pub(crate) async fn back_channel_logout(
        &self,
        head: &http::request::Parts,
        body: &[u8],
    ) -> Response<Bytes> {
        let mut journey = Journey::new(crate::choice::Choice::default(), None);
        let mut recorded = Exchange {
            path: head.uri.path().to_owned(),
            request: Message::request(head, body),
            response: Err("no response yet".to_owned()),
            took: None,
        };
        let client = &self.client;
        // snippet: logout_token
        let verified = client.verify_logout_token(body).await;
        let response = match &verified {
            Ok(_) => logged_out(),
            Err(error) => logout_failed(error.code()),
        };
        // end
        let (head, body) = response.into_parts();
        recorded.response = Ok(Message::response(&head, &body, true));
        journey.step(Kind::LogoutToken, vec![recorded]);
        match verified {
            Ok(token) => self.sessions.end(&token, &journey),
            Err(error) => journey.refuse(Refusal::of(&error)),
        }
        self.keep_logout(journey);
        Response::from_parts(head, body)
    }

    /// Lets somebody send a forged logout token, and keeps what became of it.
    pub(crate) async fn attack_logout(&self, browser: &str, misbehaviour: Misbehaviour) {
        let Some(provider) = &self.provider else {
            return;
        };
        provider.provider().misbehave(misbehaviour);
        // The application's answer is in the record.
        let _ = provider.end_session().await;
        provider.provider().behave();
        if let Some(mut journey) = self.take_logout() {
            journey.attack = Attack::find("forged-logout");
            self.sessions
                .with(browser, |session| session.refused = Some(journey));
        }
    }
}

/// Gets new tokens.
async fn refresh(client: &Client, tokens: &TokenSet) -> Result<TokenSet, Error> {
    // snippet: refresh
    let tokens = client.refresh_token_grant(tokens).await?;
    // end
    Ok(tokens)
}
