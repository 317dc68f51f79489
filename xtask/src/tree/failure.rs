//! Why a tree was not replaced or could not be compared: one enum, each case with the path and
//! the cause, printed by the commands as it stands. Assumes nothing; holds no policy on exit codes
//! beyond telling a fault of the generator from a fault of the surroundings.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::plan::Edit;

/// Why nothing was written.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The operating system refused.
    Io {
        /// What was tried, as in “cannot … PATH”.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The generator produced a path that must not be written. A fault of ours.
    Produced {
        /// The path as produced.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something in the way is not what it should be: a symbolic link, a device, a folder.
    Obstacle {
        /// Where.
        path: PathBuf,
        /// What it is, as in “PATH …”.
        what: &'static str,
    },
    /// Another process is writing the tree.
    Busy {
        /// The output folder.
        out: PathBuf,
        /// The process, where its lock file could be read.
        owner: Option<u32>,
    },
    /// Files were edited by hand.
    Edited(Vec<Edit>),
    /// The manifest is not as a run writes it.
    Manifest {
        /// The manifest file.
        path: PathBuf,
        /// One-based line.
        line: usize,
    },
    /// An earlier run was stopped between two renames, and only a writing run may finish it.
    Unfinished {
        /// What it left.
        path: PathBuf,
    },
}

impl Failure {
    /// Whether the generator is at fault, not the tree or the machine.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        matches!(self, Failure::Produced { .. })
    }

    /// For `map_err`: what was tried, and where.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Failure {
        let path = path.to_path_buf();
        move |cause| Failure::Io {
            action,
            path,
            cause,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Io {
                action,
                path,
                cause,
            } => write!(f, "cannot {action} {}: {cause}", path.display()),
            Failure::Produced { path, reason } => {
                write!(
                    f,
                    "the generator produced the path {path:?}, which {reason}"
                )
            }
            Failure::Obstacle { path, what } => write!(f, "{} {what}", path.display()),
            Failure::Busy { out, owner } => {
                let out = out.display();
                match owner {
                    Some(pid) => write!(f, "process {pid} is writing {out}")?,
                    None => write!(f, "another process is writing {out}")?,
                }
                f.write_str("; run this again when it has ended")
            }
            Failure::Edited(edits) => {
                writeln!(f, "files in the generated tree were edited by hand:")?;
                for edit in edits {
                    writeln!(f, "  {}: {}", edit.path, edit.mismatch)?;
                }
                f.write_str(
                    "change the description instead, or overwrite them with \
                     `cargo xtask generate --force`",
                )
            }
            Failure::Manifest { path, line } => write!(
                f,
                "{}:{line}: this is not a line of the manifest; \
                 `cargo xtask generate --force` writes it anew",
                path.display()
            ),
            Failure::Unfinished { path } => write!(
                f,
                "an interrupted run left {}; `cargo xtask generate` completes it",
                path.display()
            ),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Failure::Io { cause, .. } => Some(cause),
            Failure::Produced { .. }
            | Failure::Obstacle { .. }
            | Failure::Busy { .. }
            | Failure::Edited(_)
            | Failure::Manifest { .. }
            | Failure::Unfinished { .. } => None,
        }
    }
}
