//! The files of an export, as the few steps that it takes with them.
//!
//! Each step is one that a crash can come before, behind or into; what they mean together is `ledger`'s. A file that
//! holds items may hold what is nobody else's business, so that all of them are their owner's alone.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::PathBuf;

/// One of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The items.
    Items,
    /// What is known of them.
    State,
    /// The state that comes next.
    NewState,
}

/// Where the files are.
pub(super) trait Disk: Send + Sized + 'static {
    /// Keeps others from writing, as long as this lives; `false`: somebody does.
    fn lock(&mut self) -> io::Result<bool>;
    /// The whole file, if there is one.
    fn read(&self, part: Part) -> io::Result<Option<Box<dyn Read + '_>>>;
    /// Makes a file so long, which is not longer than it is; one that is not there is made.
    fn cut(&mut self, part: Part, length: u64) -> io::Result<()>;
    /// Writes behind the end of a file, which was cut before.
    fn append(&mut self, part: Part, bytes: &[u8]) -> io::Result<()>;
    /// What was written is there also when the machine stops.
    fn sync(&mut self, part: Part) -> io::Result<()>;
    /// Puts the new state in the old one's place.
    fn replace_state(&mut self) -> io::Result<()>;
    /// Moves it to another thread.
    fn take(&mut self) -> Self;
}

/// Files in a folder.
#[derive(Debug, Default)]
pub(super) struct Folder {
    path: PathBuf,
    items: Option<File>,
    new: Option<File>,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Folder {
        Folder {
            path,
            ..Folder::default()
        }
    }

    fn path(&self, part: Part) -> PathBuf {
        let mut name = OsString::from(&self.path);
        name.push(match part {
            Part::Items => "",
            Part::State => ".state",
            Part::NewState => ".state.new",
        });
        name.into()
    }

    fn file(&mut self, part: Part) -> io::Result<&mut File> {
        let path = self.path(part);
        let open = match part {
            Part::Items => &mut self.items,
            Part::State | Part::NewState => &mut self.new,
        };
        match open {
            Some(file) => Ok(file),
            None => Ok(open.insert(private().append(true).create(true).open(path)?)),
        }
    }
}

impl Disk for Folder {
    fn lock(&mut self) -> io::Result<bool> {
        lock(self.file(Part::Items)?)
    }

    fn read(&self, part: Part) -> io::Result<Option<Box<dyn Read + '_>>> {
        match File::open(self.path(part)) {
            Ok(file) => Ok(Some(Box::new(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn cut(&mut self, part: Part, length: u64) -> io::Result<()> {
        self.file(part)?.set_len(length)
    }

    fn append(&mut self, part: Part, bytes: &[u8]) -> io::Result<()> {
        self.file(part)?.write_all(bytes)
    }

    fn sync(&mut self, part: Part) -> io::Result<()> {
        self.file(part)?.sync_all()
    }

    fn replace_state(&mut self) -> io::Result<()> {
        self.new = None;
        fs::rename(self.path(Part::NewState), self.path(Part::State))?;
        // A rename is durable with its folder; where a folder cannot be opened or synced, it is so by itself.
        let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty());
        if let Ok(folder) = File::open(folder.unwrap_or(".".as_ref())) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    fn take(&mut self) -> Folder {
        std::mem::take(self)
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
fn lock(file: &File) -> io::Result<bool> {
    use rustix::fs::{FlockOperation, flock};
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Elsewhere, it is the caller's to write a file once at a time.
#[cfg(not(unix))]
fn lock(_: &File) -> io::Result<bool> {
    Ok(true)
}
