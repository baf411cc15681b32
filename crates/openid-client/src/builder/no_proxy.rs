//! Without the feature `proxy`, no setting asks for one.

use std::sync::Arc;

use crate::error::Error;
use crate::http::Proxy;

#[derive(Debug, Clone, Default)]
pub(super) struct ProxySettings(());

#[expect(clippy::unused_self, reason = "the others have content")]
impl ProxySettings {
    pub(super) const fn is_set(&self) -> bool {
        false
    }

    #[expect(clippy::unnecessary_wraps, reason = "the others may fail")]
    pub(super) const fn proxy(&self, _: bool) -> Result<Option<Arc<Proxy>>, Error> {
        Ok(None)
    }
}
