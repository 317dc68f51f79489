//! Builds the complete new tree beside the old one: produced files are written, fresh and foreign
//! ones are taken over with their modification times, all of it is flushed to the disk.
//! Assumes that the lock is held. Must not touch the old tree; removes what it built if it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::place::{Place, Sibling};
use super::plan::Plan;
use super::scan::Existing;
use super::{Failure, manifest};

/// A tree that is not in its place yet; dropped, it is removed.
#[derive(Debug)]
pub(super) struct Staged {
    path: PathBuf,
    /// Relative folders below `path` that exist.
    folders: BTreeSet<PathBuf>,
    given_up: bool,
}

impl Staged {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The tree has moved, and is no longer ours to remove.
    pub(super) fn give_up(mut self) {
        self.given_up = true;
    }

    fn add_folders(&mut self, file: &Path) -> Result<(), Failure> {
        let Some(folder) = file.parent() else {
            return Ok(());
        };
        if self.folders.contains(folder) {
            return Ok(());
        }
        self.add_folders(folder)?;
        let path = self.path.join(folder);
        fs::create_dir(&path).map_err(Failure::io("create", &path))?;
        self.folders.insert(folder.to_path_buf());
        Ok(())
    }

    fn write(&mut self, file: &Path, text: &str) -> Result<(), Failure> {
        self.add_folders(file)?;
        let path = self.path.join(file);
        create_file(&path, text.as_bytes()).map_err(Failure::io("write", &path))
    }

    fn take_over(&mut self, tree: &Path, file: &Path) -> Result<(), Failure> {
        self.add_folders(file)?;
        let (from, to) = (tree.join(file), self.path.join(file));
        // A second name for the same file keeps every attribute and costs no space. Where the
        // file system has none, or does not allow it for files of others, a copy does.
        match fs::hard_link(&from, &to) {
            Ok(()) => Ok(()),
            Err(_) => copy_file(&from, &to).map_err(Failure::io("copy to", &to)),
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.given_up {
            // What cannot be removed now is removed by the next run.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Builds the new tree.
pub(super) fn build(
    place: &Place,
    existing: &Existing,
    plan: &Plan,
    files: &BTreeMap<String, String>,
) -> Result<Staged, Failure> {
    let tree = place.tree();
    let path = place.sibling(Sibling::New);
    fs::create_dir(&path).map_err(Failure::io("create", &path))?;
    let mut staged = Staged {
        path,
        folders: [PathBuf::new()].into(),
        given_up: false,
    };
    let kept: BTreeSet<&Path> = plan.kept.iter().map(PathBuf::as_path).collect();
    for file in &kept {
        staged.take_over(&tree, file)?;
    }
    for (file, text) in files {
        if !kept.contains(Path::new(file)) {
            staged.write(Path::new(file), text)?;
        }
    }
    staged.write(Path::new(manifest::NAME), &manifest::render(files))?;

    // Deepest first, so that a folder is complete when it is flushed.
    for folder in staged.folders.iter().rev() {
        let path = staged.path.join(folder);
        let failed = || Failure::io("write", &path);
        if existing.folders.contains(folder) {
            let old = fs::metadata(tree.join(folder)).map_err(failed())?;
            fs::set_permissions(&path, old.permissions()).map_err(failed())?;
        }
        sync_folder(&path).map_err(failed())?;
    }
    Ok(staged)
}

/// Flushes a folder's entries to the disk.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        // Some file systems cannot flush a folder and say so in this way.
        Err(cause) if cause.kind() == io::ErrorKind::InvalidInput => Ok(()),
        outcome => outcome,
    }
}

/// Only a Unix opens a folder in order to flush it.
#[cfg(not(unix))]
pub(super) fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn create_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let metadata = source.metadata()?;
    let mut target = OpenOptions::new().write(true).create_new(true).open(to)?;
    io::copy(&mut source, &mut target)?;
    target.set_modified(metadata.modified()?)?;
    target.set_permissions(metadata.permissions())?;
    target.sync_all()
}

#[cfg(test)]
mod tests {
    use super::copy_file;
    use std::fs;

    #[test]
    fn a_copy_keeps_content_and_modification_time() {
        let folder = std::env::temp_dir().join(format!("etiquette-copy-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (from, to) = (folder.join("from"), folder.join("to"));
        fs::write(&from, "content").unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        fs::File::options()
            .write(true)
            .open(&from)
            .unwrap()
            .set_modified(old)
            .unwrap();
        copy_file(&from, &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"content");
        assert_eq!(fs::metadata(&to).unwrap().modified().unwrap(), old);
        assert!(copy_file(&from, &to).is_err(), "never over another file");
        fs::remove_dir_all(&folder).unwrap();
    }
}
