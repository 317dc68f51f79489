//! What lies in the tree now: every file below it, by relative path.
//! Refuses symbolic links, devices and anything else that is neither file nor folder, so that
//! whoever works with the answer never leaves the tree. Must not follow a link or read content.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::place::Place;
use super::plan::Plan;
use super::{Failure, manifest};

/// The files and folders of the tree, relative to it, without the manifest.
#[derive(Debug, Default)]
pub(super) struct Existing {
    pub(super) files: BTreeSet<PathBuf>,
    pub(super) folders: BTreeSet<PathBuf>,
}

/// Walks the tree; a tree that does not exist yet is empty.
pub(super) fn read(place: &Place) -> Result<Existing, Failure> {
    let tree = place.tree();
    let mut existing = Existing::default();
    if !tree.try_exists().map_err(Failure::io("look at", &tree))? {
        return Ok(existing);
    }
    let mut waiting = vec![PathBuf::new()];
    while let Some(folder) = waiting.pop() {
        let path = tree.join(&folder);
        let failed = || Failure::io("list", &path);
        for entry in fs::read_dir(&path).map_err(failed())? {
            let entry = entry.map_err(failed())?;
            let kind = entry.file_type().map_err(failed())?;
            let inside = folder.join(entry.file_name());
            if kind.is_dir() {
                waiting.push(inside);
            } else if kind.is_file() {
                existing.files.insert(inside);
            } else {
                return Err(Failure::Obstacle {
                    path: entry.path(),
                    what: "is neither a file nor a folder; remove it from the generated tree",
                });
            }
        }
        existing.folders.insert(folder);
    }
    existing.files.remove(Path::new(manifest::NAME));
    Ok(existing)
}

/// Refuses to replace what its owner made read-only, although exchanging whole trees would not
/// mind.
pub(super) fn check_writable(tree: &Path, existing: &Existing, plan: &Plan) -> Result<(), Failure> {
    let folders = existing.folders.iter().map(|folder| tree.join(folder));
    let changed = plan.changed.iter().map(|change| &change.path);
    let edited = plan.edited.iter().map(|edit| &edit.path);
    let files = changed.chain(&plan.stale).chain(edited);
    for path in folders.chain(files.map(|file| tree.join(file))) {
        let metadata = fs::symlink_metadata(&path).map_err(Failure::io("look at", &path))?;
        if metadata.permissions().readonly() {
            let cause = io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only");
            return Err(Failure::io("replace", &path)(cause));
        }
    }
    Ok(())
}
