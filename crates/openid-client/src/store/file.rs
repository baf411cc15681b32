//! A store in one file, for the processes of one machine.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oauth_core::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::store::{Entry, Lease, Revision, StoreError, StoreFuture, TokenStore};

/// A store in one file, which the processes of one machine may share: each operation holds a lock
/// on a second file in the same folder, whose name ends in `.lock`.
///
/// Only the user of the process can read and write the files (mode 0600 on Unix). A change replaces
/// the file in one step, so that a process that is killed leaves the old content or the new one. A
/// network file system that does not lock files is not suitable.
///
/// Times are those of the system's clock.
#[derive(Debug, Clone)]
pub struct FileStore(Arc<Path>);

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u8,
    numbers: u64,
    entries: BTreeMap<String, FileEntry>,
    leases: BTreeMap<String, FileLease>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    value: String,
    revision: u64,
    /// Milliseconds since 1970.
    until: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLease {
    number: u64,
    until: u64,
}

impl FileStore {
    /// Creates a store in this file. The folder must exist, and the file need not.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into().into())
    }

    /// Carries out one operation in a thread for blocking calls, under the lock. An operation whose
    /// future is dropped before it has the lock does nothing; otherwise it comes before all that
    /// begin later.
    fn with<'a, T: Send + 'static>(
        &'a self,
        operation: &'static str,
        act: impl FnOnce(&mut Content, u64) -> Change<T> + Send + 'static,
    ) -> StoreFuture<'a, T> {
        let path = Arc::clone(&self.0);
        Box::pin(async move {
            let waiting = Arc::new(());
            let waits = Arc::downgrade(&waiting);
            let is_wanted = move || waits.strong_count() > 0;
            let done = tokio::task::spawn_blocking(move || locked(&path, is_wanted, act)).await;
            drop(waiting);
            let failed = |error: io::Error| StoreError::new(operation, error);
            done.unwrap_or_else(|error| Err(io::Error::other(error)))
                .map_err(failed)
        })
    }
}

/// The result of an operation, and whether the file must be written.
enum Change<T> {
    None(T),
    Written(T),
}

fn locked<T>(
    path: &Path,
    is_wanted: impl FnOnce() -> bool,
    act: impl FnOnce(&mut Content, u64) -> Change<T>,
) -> Result<T, io::Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    // The lock ends when this file is closed, even if the process is killed.
    let lock = private().create(true).truncate(false).open(name)?;
    lock.lock()?;
    if !is_wanted() {
        return Err(io::Error::other("the caller has given up"));
    }
    let mut content = read(path)?;
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = milliseconds(since.unwrap_or_default());
    content.entries.retain(|_, entry| entry.until > now);
    content.leases.retain(|_, lease| lease.until > now);
    match act(&mut content, now) {
        Change::None(done) => Ok(done),
        Change::Written(done) => {
            write(path, &content)?;
            Ok(done)
        }
    }
}

fn read(path: &Path) -> Result<Content, io::Error> {
    let text = match fs::read(path) {
        Ok(text) => Secret::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Content {
                version: VERSION,
                numbers: 0,
                entries: BTreeMap::new(),
                leases: BTreeMap::new(),
            });
        }
        Err(error) => return Err(error),
    };
    // The error gives only the position, because the message of serde may quote a value.
    let content: Content = serde_json::from_slice(text.expose()).map_err(|error| {
        let place = format!("no token store, at line {}", error.line());
        io::Error::new(io::ErrorKind::InvalidData, place)
    })?;
    match content.version {
        VERSION => Ok(content),
        other => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("unknown version of a token store: expected {VERSION}, found {other}"),
        )),
    }
}

/// Writes a new file and renames it to the name of the store. The lock keeps other processes from
/// the name of the new file.
fn write(path: &Path, content: &Content) -> Result<(), io::Error> {
    let text = Secret::new(serde_json::to_vec(content)?);
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let name = PathBuf::from(name);
    // A file that a killed process left behind may have another mode.
    match fs::remove_file(&name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private().create_new(true).open(&name)?;
    file.write_all(text.expose())?;
    file.sync_all()?;
    fs::rename(&name, path)?;
    sync_folder(path)
}

/// The options of a file that only its owner may read and write.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Makes the new name of the file survive a loss of power.
fn sync_folder(path: &Path) -> Result<(), io::Error> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

impl Content {
    fn number(&mut self) -> u64 {
        self.numbers = self.numbers.saturating_add(1);
        self.numbers
    }
}

impl TokenStore for FileStore {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Entry>> {
        let name = name.to_owned();
        self.with("load", move |content, _| {
            Change::None(content.entries.remove(&name).map(|entry| Entry {
                value: Secret::new(entry.value),
                revision: Revision::new(entry.revision),
            }))
        })
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        value: Secret,
        after: Option<Revision>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Option<Revision>> {
        let name = name.to_owned();
        self.with("save", move |content, now| {
            let found = content.entries.get(&name).map(|entry| entry.revision);
            if after.is_some() && after.map(Revision::number) != found {
                return Change::None(None);
            }
            let revision = content.number();
            let entry = FileEntry {
                value: value.expose().clone(),
                revision,
                until: now.saturating_add(milliseconds(lifetime)),
            };
            content.entries.insert(name, entry);
            Change::Written(Some(Revision::new(revision)))
        })
    }

    fn take<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Secret>> {
        let name = name.to_owned();
        self.with("take", move |content, _| {
            match content.entries.remove(&name) {
                Some(entry) => Change::Written(Some(Secret::new(entry.value))),
                None => Change::None(None),
            }
        })
    }

    fn lease<'a>(&'a self, name: &'a str, lifetime: Duration) -> StoreFuture<'a, Option<Lease>> {
        let name = name.to_owned();
        self.with("lease", move |content, now| {
            if content.leases.contains_key(&name) {
                return Change::None(None);
            }
            let number = content.number();
            let until = now.saturating_add(milliseconds(lifetime));
            content.leases.insert(name, FileLease { number, until });
            Change::Written(Some(Lease::new(number)))
        })
    }

    fn release<'a>(&'a self, name: &'a str, lease: Lease) -> StoreFuture<'a, ()> {
        let name = name.to_owned();
        self.with("release", move |content, _| {
            match content.leases.get(&name) {
                Some(held) if held.number == lease.number() => {
                    content.leases.remove(&name);
                    Change::Written(())
                }
                _ => Change::None(()),
            }
        })
    }
}

impl std::fmt::Debug for FileEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileEntry")
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

const VERSION: u8 = 1;
