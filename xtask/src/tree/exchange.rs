//! Puts a staged tree in the place of the old one, and completes or clears what a killed run left.
//! Assumes that the lock is held, so that nobody else moves anything. One exchange of two names
//! does it where the system can; elsewhere a tree named `.ready` promises that the next run
//! finishes. Must never remove the last whole tree.

use std::fs;
use std::io;
use std::path::Path;

use super::Failure;
use super::place::{Place, Sibling};
use super::stage::{Staged, sync_folder};

/// How the trees change places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// In one step where the system can, otherwise by renames.
    Atomic,
    /// By renames, which the next run completes if this one dies between them.
    Renames,
}

/// Puts `staged` in place. The answer is what hindered the removal of the old tree, if anything.
pub(super) fn publish(
    place: &Place,
    staged: Staged,
    exchange: Exchange,
) -> Result<Option<Failure>, Failure> {
    let tree = place.tree();
    if !exists(&tree)? {
        rename(staged.path(), &tree)?;
        staged.give_up();
        sync_parent(place)?;
        return Ok(None);
    }
    if exchange == Exchange::Atomic {
        match system::exchange(staged.path(), &tree) {
            Ok(()) => {
                // The name of the new tree is now that of the old one.
                sync_parent(place)?;
                let leftover = remove(staged.path()).err();
                staged.give_up();
                return Ok(leftover);
            }
            Err(cause) if system::is_unable(&cause) => {}
            Err(cause) => return Err(Failure::io("replace", &tree)(cause)),
        }
    }
    let ready = place.sibling(Sibling::Ready);
    rename(staged.path(), &ready)?;
    staged.give_up();
    sync_parent(place)?;
    complete(place, &ready)
}

/// Completes what a killed run promised, and clears what it left.
pub(super) fn recover(place: &Place) -> Result<(), Failure> {
    if let Some(ready) = place.siblings(Sibling::Ready)?.first() {
        let metadata = fs::symlink_metadata(ready).map_err(Failure::io("look at", ready))?;
        if !metadata.is_dir() {
            return Err(Failure::Obstacle {
                path: ready.clone(),
                what: "is not the folder that an interrupted run would leave; remove it",
            });
        }
        complete(place, ready)?;
    }
    let tree = place.tree();
    let mut old = place.siblings(Sibling::Old)?;
    if !exists(&tree)?
        && let Some(last) = old.pop()
    {
        rename(&last, &tree)?;
    }
    for path in old.iter().chain(&place.siblings(Sibling::New)?) {
        remove(path)?;
    }
    Ok(())
}

/// Moves a ready tree into its place. May be repeated from any point at which it died.
fn complete(place: &Place, ready: &Path) -> Result<Option<Failure>, Failure> {
    let tree = place.tree();
    let old = place.sibling(Sibling::Old);
    if exists(&tree)? {
        if exists(&old)? {
            remove(&old)?;
        }
        match fs::rename(&tree, &old) {
            Ok(()) => {}
            // A folder from a lower layer of an overlay cannot be renamed, only be removed.
            Err(cause) if cause.kind() == io::ErrorKind::CrossesDevices => remove(&tree)?,
            Err(cause) => {
                remove(ready)?;
                return Err(Failure::io("replace", &tree)(cause));
            }
        }
    }
    rename(ready, &tree)?;
    sync_parent(place)?;
    Ok(if exists(&old)? {
        remove(&old).err()
    } else {
        None
    })
}

fn exists(path: &Path) -> Result<bool, Failure> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(Failure::io("look at", path)(cause)),
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::rename(from, to).map_err(Failure::io("move a tree to", to))
}

/// Removes a folder with all it holds, or whatever else has that name; never what a link names.
fn remove(path: &Path) -> Result<(), Failure> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(cause) => Err(cause),
    };
    removed.map_err(Failure::io("remove", path))
}

fn sync_parent(place: &Place) -> Result<(), Failure> {
    sync_folder(place.parent()).map_err(Failure::io("write", place.parent()))
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod system {
    use rustix::fs::{CWD, RenameFlags};
    use rustix::io::Errno;
    use std::io;
    use std::path::Path;

    pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
        rustix::fs::renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?;
        Ok(())
    }

    /// Whether the system or the file system cannot exchange, so that renames have to do.
    pub(super) fn is_unable(cause: &io::Error) -> bool {
        let unable = [
            Errno::INVAL,
            Errno::NOSYS,
            Errno::NOTSUP,
            Errno::OPNOTSUPP,
            Errno::XDEV,
        ];
        Errno::from_io_error(cause).is_some_and(|errno| unable.contains(&errno))
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod system {
    use std::io;
    use std::path::Path;

    pub(super) fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn is_unable(cause: &io::Error) -> bool {
        cause.kind() == io::ErrorKind::Unsupported
    }
}
