//! What has to change in the tree: produced files against files on disk against the manifest.
//! Assumes that the produced paths are checked and that the scan met no link. Reads content,
//! writes nothing, decides nothing about `--force`.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::scan::Existing;
use super::{Failure, Manifest, manifest};

/// How the tree differs from what is produced.
#[derive(Debug, Default)]
pub struct Plan {
    /// Produced, and not there.
    pub new: Vec<String>,
    /// There as the last run wrote them, and produced differently now.
    pub changed: Vec<Change>,
    /// There as the last run wrote them, and no longer produced.
    pub stale: Vec<String>,
    /// Not as the last run wrote them.
    pub edited: Vec<Edit>,
    /// How many files are as produced.
    pub unchanged: usize,
    /// Whether the manifest says something else than it should.
    pub manifest: bool,
    /// What the new tree takes over from the old one: fresh files and foreign ones.
    pub(super) kept: Vec<PathBuf>,
}

/// A file that is produced differently now.
#[derive(Debug)]
pub struct Change {
    /// Relative to the tree.
    pub path: String,
    /// Where the two texts part.
    pub difference: Difference,
}

/// A file that is not as the last run wrote it.
#[derive(Debug)]
pub struct Edit {
    /// Relative to the tree.
    pub path: String,
    /// In which way.
    pub mismatch: Mismatch,
    /// Where the texts part, if the file is still produced.
    pub difference: Option<Difference>,
}

/// In which way a file is not as the last run wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Written by a run, then edited.
    Edited,
    /// Written by a run, then edited, and no longer produced.
    EditedAndStale,
    /// In the place of a produced file, and not in the manifest.
    Unrecorded,
}

/// The first line in which two texts part.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// One-based.
    pub line: usize,
    /// In the tree; `None` where it ends before.
    pub there: Option<String>,
    /// As produced; `None` where it ends before.
    pub produced: Option<String>,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.new.is_empty()
            && self.changed.is_empty()
            && self.stale.is_empty()
            && self.edited.is_empty()
            && !self.manifest
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mismatch::Edited => "not as the last run wrote it",
            Mismatch::EditedAndStale => {
                "no longer produced, but not as the last run wrote it either"
            }
            Mismatch::Unrecorded => "in the way of a produced file, and written by no run",
        })
    }
}

/// Compares.
pub(super) fn make(
    tree: &Path,
    existing: &Existing,
    recorded: &Manifest,
    files: &BTreeMap<String, String>,
) -> Result<Plan, Failure> {
    let mut plan = Plan::default();
    for (path, produced) in files {
        if !existing.files.contains(Path::new(path)) {
            plan.new.push(path.clone());
            continue;
        }
        let there = read(&tree.join(path))?;
        if there == produced.as_bytes() {
            plan.unchanged += 1;
            plan.kept.push(path.into());
            continue;
        }
        let path = path.clone();
        let difference = first_difference(&there, produced.as_bytes());
        if recorded.vouches(&path, &there) {
            plan.changed.push(Change { path, difference });
        } else {
            let mismatch = if recorded.contains(&path) {
                Mismatch::Edited
            } else {
                Mismatch::Unrecorded
            };
            plan.edited.push(Edit {
                path,
                mismatch,
                difference: Some(difference),
            });
        }
    }
    for path in recorded.paths().filter(|path| !files.contains_key(*path)) {
        if !existing.files.contains(Path::new(path)) {
            continue;
        }
        if recorded.vouches(path, &read(&tree.join(path))?) {
            plan.stale.push(path.to_owned());
        } else {
            plan.edited.push(Edit {
                path: path.to_owned(),
                mismatch: Mismatch::EditedAndStale,
                difference: None,
            });
        }
    }
    keep_foreign(&mut plan, tree, existing, recorded, files)?;
    plan.manifest = match fs::read(tree.join(manifest::NAME)) {
        Ok(text) => text != manifest::render(files).as_bytes(),
        Err(_) => true,
    };
    Ok(plan)
}

/// Takes over what no run wrote, unless it stands where a produced file or folder must be.
fn keep_foreign(
    plan: &mut Plan,
    tree: &Path,
    existing: &Existing,
    recorded: &Manifest,
    files: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let known = |path: &Path| {
        path.to_str()
            .map(|path| path.replace(std::path::MAIN_SEPARATOR, "/"))
            .is_some_and(|path| files.contains_key(&path) || recorded.contains(&path))
    };
    for path in existing.files.iter().filter(|path| !known(path)) {
        let collides = files
            .keys()
            .map(String::as_str)
            .chain([manifest::NAME])
            .map(Path::new)
            .any(|produced| path.starts_with(produced) || produced.starts_with(path));
        if collides {
            return Err(Failure::Obstacle {
                path: tree.join(path),
                what: "was written by no run and stands where the generated tree needs \
                       another file or folder; move it away",
            });
        }
        plan.kept.push(path.clone());
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(Failure::io("read", path))
}

fn first_difference(there: &[u8], produced: &[u8]) -> Difference {
    let mut there = there.split_inclusive(|byte| *byte == b'\n');
    let mut produced = produced.split_inclusive(|byte| *byte == b'\n');
    let mut line = 1;
    loop {
        let pair = (there.next(), produced.next());
        if pair.0 != pair.1 || pair.0.is_none() {
            let text = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
            return Difference {
                line,
                there: pair.0.map(text),
                produced: pair.1.map(text),
            };
        }
        line += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{Difference, first_difference};

    #[test]
    fn finds_the_first_line_that_differs() {
        let differ = |there: &str, produced: &str| {
            let Difference {
                line,
                there,
                produced,
            } = first_difference(there.as_bytes(), produced.as_bytes());
            (line, there, produced)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(differ("a\nb\n", "a\nc\n"), (2, some("b\n"), some("c\n")));
        assert_eq!(differ("a\n", "a\nc\n"), (2, None, some("c\n")));
        assert_eq!(differ("a\nb\n", "a\n"), (2, some("b\n"), None));
        assert_eq!(differ("a", "a\n"), (1, some("a"), some("a\n")));
        assert_eq!(differ("", "x"), (1, None, some("x")));
    }
}
