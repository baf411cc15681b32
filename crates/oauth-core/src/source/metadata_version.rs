//! One version of the metadata of a server.

use std::ops::Deref;

use crate::metadata::ServerMetadata;
use crate::time::UnixTime;

/// One version of the metadata of a server, as a [`MetadataSource`](super::MetadataSource) fetched
/// it. It dereferences to the metadata.
#[derive(Debug, Clone, PartialEq)]
pub struct MetadataVersion {
    server: ServerMetadata,
    /// `exp` of signed metadata, by the clock of the application.
    expires_at: Option<UnixTime>,
}

impl MetadataVersion {
    pub(super) const fn new(server: ServerMetadata, expires_at: Option<UnixTime>) -> Self {
        Self { server, expires_at }
    }

    /// Whether the signature no longer says that the metadata are right.
    pub(super) fn has_expired(&self, now: UnixTime) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// Whether the metadata may be used: always, unless they were signed with an `exp` that passed
    /// an hour ago. `now` is that of [`Env`](crate::env::Env).
    pub fn may_be_used(&self, now: UnixTime) -> bool {
        let last = self.expires_at.map(|it| it.saturating_add(GRACE));
        last.is_none_or(|last| now < last)
    }
}

impl Deref for MetadataVersion {
    type Target = ServerMetadata;

    fn deref(&self) -> &ServerMetadata {
        &self.server
    }
}

/// How long signed metadata that have expired stay in use while they cannot be renewed, in seconds:
/// as long as keys.
const GRACE: i64 = 3600;
