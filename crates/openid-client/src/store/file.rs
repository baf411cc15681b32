//! A store in one file, for the processes of one machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use oauth_core::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::lock::lock;
use crate::store::{Entry, Lease, Revision, StoreError, StoreFuture, TokenStore};

/// A store in one file, which the processes of one machine may share: each operation holds a lock
/// on a second file in the same folder, whose name ends in `.lock`.
///
/// Only the user of the process can read and write the files (mode 0600 on Unix). Use a folder that
/// others cannot write, because who can write it can replace the files. A change replaces the file
/// in one step, so that a process that is killed leaves the old content or the new one. A network
/// file system that does not lock files is not suitable.
///
/// Each operation reads the whole file, and each change writes it. The path must not be a symbolic
/// link: a change would replace the link, and processes that use different names of one file would
/// not see each other's lock.
///
/// # When the system's clock is set
///
/// The times in the file are those of the system's clock. In addition, each process measures the
/// rest of every lease that it has seen on a clock that cannot be set:
///
/// - A lease that was seen before the clock was set ends on time.
/// - A lease that is seen first after the clock was set back lasts for its whole lifetime again, at
///   most.
/// - A lease that is seen first after the clock was set forward, beyond its end, counts as over,
///   although its holder may still be alive: two processes may then refresh at the same time.
///   Values that were to end by then are gone, too.
#[derive(Debug, Clone)]
pub struct FileStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    /// The end of each lease that this process has seen, by its number.
    seen: Mutex<BTreeMap<u64, Instant>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u64,
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
    /// Milliseconds.
    lifetime: u64,
}

impl FileStore {
    /// Creates a store in this file. The folder must exist, and the file need not.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            path: path.into(),
            seen: Mutex::default(),
        }))
    }

    /// Carries out one operation in a thread for blocking calls, under the lock. An operation whose
    /// future is dropped before it has the lock does nothing; otherwise it comes before all that
    /// begin later.
    fn with<'a, T: Send + 'static>(
        &'a self,
        operation: &'static str,
        act: impl FnOnce(&mut Content, u64) -> Change<T> + Send + 'static,
    ) -> StoreFuture<'a, T> {
        let inner = Arc::clone(&self.0);
        Box::pin(async move {
            let waiting = Arc::new(());
            let waits = Arc::downgrade(&waiting);
            let is_wanted = move || waits.strong_count() > 0;
            let done = tokio::task::spawn_blocking(move || inner.locked(is_wanted, act)).await;
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

impl Inner {
    fn locked<T>(
        &self,
        is_wanted: impl Fn() -> bool,
        act: impl FnOnce(&mut Content, u64) -> Change<T>,
    ) -> Result<T, io::Error> {
        let path = &*self.path;
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        refuse_link(path)?;
        refuse_link(Path::new(&name))?;
        // The lock ends when this file is closed, even if the process is killed.
        let file = private().create(true).truncate(false).open(name)?;
        wait_for_lock(&file, is_wanted)?;
        let mut content = read(path)?;
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = milliseconds(since.unwrap_or_default());
        content.entries.retain(|_, entry| entry.until > now);
        self.keep_live_leases(&mut content.leases, now);
        match act(&mut content, now) {
            Change::None(done) => Ok(done),
            Change::Written(done) => {
                self.keep_live_leases(&mut content.leases, now);
                write(path, &content)?;
                Ok(done)
            }
        }
    }

    /// Removes the leases that are over. The first look at a lease decides when it ends.
    fn keep_live_leases(&self, leases: &mut BTreeMap<String, FileLease>, now: u64) {
        let mut seen = lock(&self.seen);
        let instant = Instant::now();
        leases.retain(|_, lease| {
            let end = seen.entry(lease.number).or_insert_with(|| {
                let left = lease.until.saturating_sub(now).min(lease.lifetime);
                let left = Duration::from_millis(left).min(A_YEAR);
                instant.checked_add(left).unwrap_or(instant)
            });
            *end > instant
        });
        let live: BTreeSet<_> = leases.values().map(|lease| lease.number).collect();
        seen.retain(|number, _| live.contains(number));
    }
}

/// Waits for the lock for as long as the caller waits: a process that has stopped may hold it, and
/// each operation that waits occupies a thread.
fn wait_for_lock(file: &File, is_wanted: impl Fn() -> bool) -> Result<(), io::Error> {
    loop {
        match file.try_lock() {
            Ok(()) if is_wanted() => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if is_wanted() => std::thread::sleep(LOOK_AGAIN),
            _ => return Err(io::Error::other("the caller has given up")),
        }
    }
}

fn refuse_link(path: &Path) -> Result<(), io::Error> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the path is a symbolic link; use the file that it leads to",
        )),
        _ => Ok(()),
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
    let refused = |error: serde_json::Error| {
        let place = format!("no token store, at line {}", error.line());
        io::Error::new(io::ErrorKind::InvalidData, place)
    };
    // Another version may have other members, so the version is read first.
    let Version { version } = serde_json::from_slice(text.expose()).map_err(refused)?;
    if version != VERSION {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("unknown version of a token store: expected {VERSION}, found {version}"),
        ));
    }
    serde_json::from_slice(text.expose()).map_err(refused)
}

#[derive(Deserialize)]
struct Version {
    version: u64,
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
            let lifetime = milliseconds(lifetime);
            let lease = FileLease {
                number,
                until: now.saturating_add(lifetime),
                lifetime,
            };
            content.leases.insert(name, lease);
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

const VERSION: u64 = 1;

/// More than this, the clock may not be able to tell.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

const LOOK_AGAIN: Duration = Duration::from_millis(2);
