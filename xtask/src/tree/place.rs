//! Where the tree lies, and the names that a run uses beside it: `.generated.pid`, the lock;
//! `.generated.new-<pid>`, a tree being built; `.generated.ready-<pid>`, a tree that only waits to
//! be moved; `.generated.old-<pid>`, a tree moved away. Must not write.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Failure;

/// The output folder, split into its parent and its name.
#[derive(Debug)]
pub(super) struct Place {
    parent: PathBuf,
    name: String,
}

/// What a sibling of the tree is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sibling {
    /// Being built; worthless when its process is gone.
    New,
    /// Complete, and to become the tree.
    Ready,
    /// The tree of before.
    Old,
}

impl Sibling {
    fn word(self) -> &'static str {
        match self {
            Sibling::New => "new",
            Sibling::Ready => "ready",
            Sibling::Old => "old",
        }
    }
}

impl Place {
    /// Refuses an output folder that is a symbolic link or a file.
    pub(super) fn of(out: &Path) -> Result<Place, Failure> {
        let obstacle = |what| Failure::Obstacle {
            path: out.to_path_buf(),
            what,
        };
        let name = out
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or_else(|| obstacle("has no name that can be written as text"))?
            .to_owned();
        let parent = match out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            Some(_) | None => PathBuf::from("."),
        };
        match fs::symlink_metadata(out) {
            Ok(metadata) if metadata.is_symlink() => {
                return Err(obstacle(
                    "is a symbolic link; the tree must be a folder of its own",
                ));
            }
            Ok(metadata) if !metadata.is_dir() => {
                return Err(obstacle("is not a folder"));
            }
            Ok(_) => {}
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(Failure::io("look at", out)(cause)),
        }
        Ok(Place { parent, name })
    }

    pub(super) fn parent(&self) -> &Path {
        &self.parent
    }

    pub(super) fn tree(&self) -> PathBuf {
        self.parent.join(&self.name)
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.parent.join(format!(".{}.pid", self.name))
    }

    /// This process's own sibling of that kind.
    pub(super) fn sibling(&self, kind: Sibling) -> PathBuf {
        let name = format!(".{}.{}-{}", self.name, kind.word(), std::process::id());
        self.parent.join(name)
    }

    /// Every sibling of that kind, whichever process made it, in a stable order.
    pub(super) fn siblings(&self, kind: Sibling) -> Result<Vec<PathBuf>, Failure> {
        let prefix = format!(".{}.{}-", self.name, kind.word());
        let failed = || Failure::io("list", &self.parent);
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.parent).map_err(failed())? {
            let name = entry.map_err(failed())?.file_name();
            let of_ours = name
                .to_str()
                .and_then(|name| name.strip_prefix(&prefix))
                .is_some_and(|pid| {
                    !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit())
                });
            if of_ours {
                found.push(self.parent.join(name));
            }
        }
        found.sort();
        Ok(found)
    }

    /// For readers: an interrupted run has to be completed by a writing one first.
    pub(super) fn refuse_unfinished(&self) -> Result<(), Failure> {
        match self.siblings(Sibling::Ready)?.into_iter().next() {
            Some(path) => Err(Failure::Unfinished { path }),
            None => Ok(()),
        }
    }
}
