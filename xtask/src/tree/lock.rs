//! One writer at a time: an advisory lock on `.generated.pid`, which names its owner.
//! The system frees the lock when its process ends, however it ends; the file may stay behind and
//! means nothing then. Must not wait: a second run fails at once.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::PathBuf;

use super::Failure;
use super::place::Place;

/// Held while the tree is written; freed when dropped.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes the lock, or says who holds it.
    pub(super) fn take(place: &Place) -> Result<Lock, Failure> {
        let path = place.lock();
        let failed = |action| Failure::io(action, &path);
        loop {
            let mut file = match system::open(&path) {
                Ok(file) => file,
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(busy(place));
                }
                Err(cause) => return Err(failed("create the lock file")(cause)),
            };
            if !system::try_lock(&file).map_err(failed("lock"))? {
                return Err(busy(place));
            }
            // The owner before us removes its file while it holds the lock. Whoever opened that
            // file just before now holds a lock that nobody else can see, and tries again.
            if !system::is_at(&file, &path).map_err(failed("look at"))? {
                continue;
            }
            file.set_len(0).map_err(failed("write"))?;
            writeln!(file, "{}", std::process::id()).map_err(failed("write"))?;
            return Ok(Lock { path, _file: file });
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The file is only a place for the lock; one that stays behind does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

/// For readers: refuses while a writer is at work, and leaves no trace.
pub(super) fn refuse_if_held(place: &Place) -> Result<(), Failure> {
    let path = place.lock();
    match system::is_held(&path) {
        Ok(false) => Ok(()),
        Ok(true) => Err(busy(place)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(Failure::io("look at", &path)(cause)),
    }
}

fn busy(place: &Place) -> Failure {
    let mut text = String::new();
    // Whatever hinders the reading, the message then goes without the number.
    let read = File::open(place.lock()).and_then(|file| file.take(32).read_to_string(&mut text));
    Failure::Busy {
        out: place.tree(),
        owner: read.ok().and_then(|_| text.trim().parse().ok()),
    }
}

#[cfg(unix)]
mod system {
    use super::{File, OpenOptions, fs, io};
    use rustix::fs::{FlockOperation, OFlags};
    use rustix::io::Errno;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
    use std::path::Path;

    fn no_follow() -> i32 {
        i32::try_from(OFlags::NOFOLLOW.bits()).expect("the flag is one low bit")
    }

    pub(super) fn open(path: &Path) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .custom_flags(no_follow())
            .open(path)
    }

    pub(super) fn try_lock(file: &File) -> io::Result<bool> {
        flock(file, FlockOperation::NonBlockingLockExclusive)
    }

    pub(super) fn is_held(path: &Path) -> io::Result<bool> {
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(no_follow())
            .open(path)?;
        Ok(!flock(&file, FlockOperation::NonBlockingLockShared)?)
    }

    pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
        let held = file.metadata()?;
        match fs::symlink_metadata(path) {
            Ok(there) => Ok(held.dev() == there.dev() && held.ino() == there.ino()),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(cause) => Err(cause),
        }
    }

    fn flock(file: &File, operation: FlockOperation) -> io::Result<bool> {
        match rustix::fs::flock(file, operation) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }
}

/// Without advisory locks, the file itself is the lock: it is made anew and removed at the end.
/// A run that was killed leaves it, and the message then names a process that is gone.
#[cfg(not(unix))]
mod system {
    use super::{File, OpenOptions, io};
    use std::path::Path;

    pub(super) fn open(path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(path)
    }

    pub(super) fn try_lock(_file: &File) -> io::Result<bool> {
        Ok(true)
    }

    pub(super) fn is_held(path: &Path) -> io::Result<bool> {
        path.try_exists()
    }

    pub(super) fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
        Ok(true)
    }
}
