//! The settings of a source.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use oauth_core::source::{self, SourceSettings};

use crate::client::Client;
use crate::client::token_source::on_change::OnChange;
use crate::client::token_source::{Shared, SourceGrant, State, TokenSource};
use crate::error::Error;

/// The settings of a token source; see [`Client::token_source`].
#[derive(Debug)]
#[must_use = "nothing is made until `build` is called"]
pub struct TokenSourceBuilder {
    client: Client,
    grant: SourceGrant,
    settings: SourceSettings,
    pub(super) on_change: Option<OnChange>,
    refused: Option<oauth_core::Error>,
}

impl TokenSourceBuilder {
    pub(super) fn new(client: Client, grant: SourceGrant) -> Self {
        Self {
            client,
            grant,
            settings: SourceSettings::default(),
            on_change: None,
            refused: None,
        }
    }

    /// How long each token that callers get is valid at least; 30 seconds by default. It covers the
    /// time that a request takes, and the difference between the clocks of client and server.
    pub fn margin(mut self, margin: Duration) -> Self {
        self.settings.set_margin(margin);
        self
    }

    /// How long before the margin a new token is requested in the background, while callers still
    /// get the old one. By default a fifth of the lifetime, and at most 5 minutes. Up to half of
    /// this time is added at random, and the sum is at most half of the lifetime. With zero,
    /// nothing is refreshed ahead.
    pub fn refresh_ahead(mut self, refresh_ahead: Duration) -> Self {
        self.settings.set_refresh_ahead(refresh_ahead);
        self
    }

    /// How long a token without `expires_in` is used, as the server's documentation says (RFC 6749
    /// section 5.1). By default 5 minutes, or without end when nothing can replace the token.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        if let Err(error) = self.settings.set_lifetime(lifetime) {
            self.refused.get_or_insert(error);
        }
        self
    }

    /// Makes the source. Nothing is sent until a caller asks for a token.
    ///
    /// # Errors
    ///
    /// [`Misuse::InvalidArgument`](crate::Misuse::InvalidArgument) for a
    /// [`lifetime`](Self::lifetime) of zero.
    pub fn build(self) -> Result<TokenSource, Error> {
        let Self {
            client,
            mut grant,
            settings,
            on_change,
            refused,
        } = self;
        if let Some(refused) = refused {
            return Err(refused.into());
        }
        let renewal = grant.renewal();
        let source = match grant.begin() {
            Some(tokens) => {
                let host = client.host();
                source::TokenSource::with_tokens(renewal, settings.clone(), tokens, &host.env())
            }
            None => source::TokenSource::new(renewal, settings.clone()),
        };
        Ok(TokenSource(Arc::new(Shared {
            client,
            grant,
            settings,
            on_change,
            state: Mutex::new(State {
                source,
                landing: None,
            }),
        })))
    }
}
