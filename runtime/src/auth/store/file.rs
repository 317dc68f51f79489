//! A token store in a file: the one place where this crate writes a secret.
//!
//! The file is created for its owner alone (mode 0600) and replaced whole, by a rename. A lock file beside it, which
//! stays, is locked through the system, so that a lock ends with its process. Who else may write the folder is the
//! caller's business.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{StoreError, StoreLock, StoredToken, TokenStore};
use crate::clock::BoxFuture;
use crate::error::Result;

/// No token of ours is longer.
const LONGEST: u64 = 64 * 1024;

/// Keeps a token in a file, for all processes of a machine that are given the same path.
///
/// The token stands there in clear, readable for its owner alone; on Windows, for whomever the folder allows. The lock
/// does not reach over a network's file systems. The folder has to exist.
#[derive(Clone, Debug)]
pub struct FileTokenStore {
    path: Arc<Path>,
}

impl FileTokenStore {
    /// A store in this file, which need not exist. Next to it are `<path>.lock` and, while it is written, `<path>.new`.
    pub fn new(path: impl Into<PathBuf>) -> FileTokenStore {
        FileTokenStore {
            path: path.into().into(),
        }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = OsString::from(&*self.path);
        name.push(suffix);
        name.into()
    }

    fn read(&self) -> Result<Option<StoredToken>, StoreError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut text = String::new();
        file.take(LONGEST + 1).read_to_string(&mut text)?;
        Ok(Some(StoredToken::from_json(&text)?))
    }

    fn write(&self, token: &StoredToken) -> Result<(), StoreError> {
        let new = self.beside(".new");
        // One that is there was left by a process that died; the lock says that nobody is writing it.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let mut file = private().write(true).create_new(true).open(&new)?;
        file.write_all(token.to_json().expose_secret().as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        sync_folder(&self.path);
        Ok(())
    }
}

impl TokenStore for FileTokenStore {
    fn try_lock(&self) -> BoxFuture<'static, Result<Option<StoreLock>, StoreError>> {
        let path = self.beside(".lock");
        Box::pin(aside(move || Ok(lock(&path)?.map(StoreLock::new))))
    }

    fn load(&self) -> BoxFuture<'static, Result<Option<StoredToken>, StoreError>> {
        let store = self.clone();
        Box::pin(aside(move || store.read()))
    }

    fn save(&self, token: StoredToken) -> BoxFuture<'static, Result<(), StoreError>> {
        let store = self.clone();
        Box::pin(aside(move || store.write(&token)))
    }
}

/// Works on tokio's threads for such work; without tokio, right here.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await?,
        Err(_) => work(),
    }
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(unix)]
fn lock(path: &Path) -> io::Result<Option<File>> {
    use rustix::fs::{FlockOperation, flock};
    let file = private()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Who opens the file shares it with nobody until it is closed.
#[cfg(windows)]
fn lock(path: &Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt as _;
    const SHARING_VIOLATION: i32 = 32;
    match private()
        .write(true)
        .create(true)
        .truncate(false)
        .share_mode(0)
        .open(path)
    {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(not(any(unix, windows)))]
fn lock(_: &Path) -> io::Result<Option<File>> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "there are no file locks on this system",
    ))
}

/// Makes the rename durable, where folders can be synced. A failure leaves a file that is whole either way.
fn sync_folder(path: &Path) {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
