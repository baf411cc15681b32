//! Where an application without a store keeps the tokens of a source.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth_core::source::StoredTokenSet;
use tokio::time::timeout;

use crate::client::token_source::TokenSourceBuilder;
use crate::http::BoxFuture;

/// What the application does with tokens that have changed.
#[derive(Clone)]
pub(super) struct OnChange(Arc<dyn Fn(StoredTokenSet) -> BoxFuture<'static, ()> + Send + Sync>);

impl TokenSourceBuilder {
    /// Hands all new tokens to this function before any caller gets them, so that the application
    /// can keep them without a [store](crate::store). This includes tokens of a refresh in the
    /// background, and a refresh token that came in a response that was refused.
    ///
    /// The function runs once at a time, in the order of the changes, and no refresh begins while
    /// it runs. If it panics, or takes longer than the [timeout](crate::ClientBuilder::timeout) of
    /// the client, it is dropped, and callers get the tokens. Report and repeat failures inside of
    /// it.
    ///
    /// For several instances use a store: this function does not keep two of them from using one
    /// refresh token.
    ///
    /// ```
    /// # test_provider::example!(|client, tokens, server| {
    /// # let path = std::env::temp_dir().join(format!("tokens-{}.json", std::process::id()));
    /// # let file = path.clone();
    /// # let builder = client.token_source(tokens).margin(std::time::Duration::from_secs(7200));
    /// let builder = builder.on_change(move |stored| {
    ///     let (text, file) = (serde_json::to_string(&stored), file.clone());
    ///     async move { text.map_or((), |text| drop(std::fs::write(file, text))) }
    /// });
    /// # let source = builder.build()?;
    /// # // The tokens are handed out once, although they are good for less than the margin.
    /// # source.token().await?;
    /// # source.token().await?;
    /// # assert!(std::fs::read_to_string(&path)?.contains("refresh_token"));
    /// # std::fs::remove_file(path)?;
    /// # });
    /// ```
    pub fn on_change<F>(
        mut self,
        keep: impl Fn(StoredTokenSet) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.on_change = Some(OnChange(Arc::new(move |stored| Box::pin(keep(stored)))));
        self
    }
}

impl OnChange {
    /// Runs in a separate task, so that a panic does not lose the tokens for the callers as well.
    pub(super) async fn run(&self, stored: StoredTokenSet, within: Duration) {
        let keep = Arc::clone(&self.0);
        let mut task = tokio::spawn(async move { keep(stored).await });
        if timeout(within, &mut task).await.is_err() {
            task.abort();
        }
    }
}

impl fmt::Debug for OnChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a function")
    }
}
