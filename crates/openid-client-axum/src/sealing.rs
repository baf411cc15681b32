//! What the browser stores is sealed.

use openid_client::oauth_core::Error as CoreError;
use openid_client::{Error, Misuse, SealingKey, Secret};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The keys for what leaves the application. The first one seals; all of them open.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// The name of the layer, for which the values are sealed.
    pub(crate) layer: String,
    pub(crate) current: SealingKey,
    pub(crate) earlier: Vec<SealingKey>,
}

impl Keys {
    /// Seals a value for a purpose.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotSealed`].
    pub(crate) fn seal(&self, purpose: &str, value: &impl Serialize) -> Result<String, Error> {
        let content = serde_json::to_vec(value).map_err(|_| CoreError::from(Misuse::NotSealed))?;
        let content = Secret::new(content);
        Ok(self
            .current
            .seal(&self.purpose(purpose), content.expose())?)
    }

    /// Opens a value of this purpose; `None` for every other text.
    pub(crate) fn open<T: DeserializeOwned>(&self, purpose: &str, sealed: &str) -> Option<T> {
        let purpose = self.purpose(purpose);
        let mut keys = std::iter::once(&self.current).chain(&self.earlier);
        let content = keys.find_map(|key| key.open(&purpose, sealed).ok())?;
        serde_json::from_slice(content.expose()).ok()
    }

    fn purpose(&self, purpose: &str) -> String {
        format!("{purpose}:{}", self.layer)
    }
}
