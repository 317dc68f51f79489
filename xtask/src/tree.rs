//! The generated tree on disk: compared with what the generator produces now, and replaced whole.
//! Assumes that everything below the output folder is machine-written or foreign, as its manifest
//! says. Knows nothing of descriptions, never follows a symbolic link and never touches a file
//! outside the output folder and its dot-named siblings.

mod exchange;
mod failure;
mod lock;
mod manifest;
mod path;
mod place;
mod plan;
mod scan;
mod stage;

use std::collections::BTreeMap;
use std::path::Path;

pub use self::exchange::Exchange;
pub use self::failure::Failure;
pub use self::manifest::NAME as MANIFEST;
pub use self::plan::{Change, Difference, Edit, Mismatch, Plan};

pub(crate) use self::manifest::{Manifest, hex};

/// Whether files that were edited by hand may be overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// A hand-edited file stops the run.
    No,
    /// Hand-edited files are overwritten, and removed where nothing produces them any more.
    Yes,
}

/// What a run found and did.
#[derive(Debug)]
pub struct Report {
    /// What differed; empty lists when nothing was written.
    pub plan: Plan,
    /// The replaced tree could not be removed; the next run tries again.
    pub leftover: Option<Failure>,
}

/// Makes the tree at `out` hold `files`, its foreign files and nothing else, in one step.
///
/// Writes nothing when the tree is fresh. A process that dies on the way leaves the old or the
/// new tree whole; what it leaves beside the tree is removed by the next run.
///
/// # Errors
///
/// Every [`Failure`]; the old tree is then untouched.
pub fn replace(
    out: &Path,
    files: &BTreeMap<String, String>,
    force: Force,
) -> Result<Report, Failure> {
    replace_by(out, files, force, Exchange::Atomic)
}

/// As [`replace`], with the way in which the trees change places.
///
/// # Errors
///
/// As [`replace`].
pub fn replace_by(
    out: &Path,
    files: &BTreeMap<String, String>,
    force: Force,
    exchange: Exchange,
) -> Result<Report, Failure> {
    path::check_all(files)?;
    let place = place::Place::of(out)?;
    let _lock = lock::Lock::take(&place)?;
    exchange::recover(&place)?;

    let existing = scan::read(&place)?;
    let recorded = match force {
        Force::No => Manifest::read(&place.tree())?,
        Force::Yes => Manifest::read_forgiving(&place.tree())?,
    };
    let plan = plan::make(&place.tree(), &existing, &recorded, files)?;
    if force == Force::No && !plan.edited.is_empty() {
        return Err(Failure::Edited(plan.edited));
    }
    if plan.is_fresh() {
        return Ok(Report {
            plan,
            leftover: None,
        });
    }
    scan::check_writable(&place.tree(), &existing, &plan)?;

    let staged = stage::build(&place, &existing, &plan, files)?;
    let leftover = exchange::publish(&place, staged, exchange)?;
    Ok(Report { plan, leftover })
}

/// What the last run wrote, if all of it is there as it was written.
#[derive(Debug)]
pub(crate) struct Recorded {
    /// How many files there are.
    pub(crate) files: usize,
    /// The text of the manifest.
    pub(crate) manifest: Vec<u8>,
}

/// Holds the tree at `out` against its own manifest. Writes nothing, not even a lock file.
pub(crate) fn as_recorded(out: &Path) -> Result<Option<Recorded>, Failure> {
    let place = place::Place::of(out)?;
    lock::refuse_if_held(&place)?;
    place.refuse_unfinished()?;
    let existing = scan::read(&place)?;
    let recorded = Manifest::read(&place.tree())?;
    let mut files = 0;
    for path in recorded.paths() {
        if !existing.files.contains(Path::new(path)) {
            return Ok(None);
        }
        let file = place.tree().join(path);
        let there = std::fs::read(&file).map_err(Failure::io("read", &file))?;
        if !recorded.vouches(path, &there) {
            return Ok(None);
        }
        files += 1;
    }
    let manifest = place.tree().join(MANIFEST);
    let manifest = std::fs::read(&manifest).map_err(Failure::io("read", &manifest))?;
    Ok(Some(Recorded { files, manifest }))
}

/// Says how the tree at `out` differs from `files`. Writes nothing, not even a lock file.
///
/// # Errors
///
/// Every [`Failure`] of reading, and [`Failure::Busy`] while another process writes the tree.
pub fn compare(out: &Path, files: &BTreeMap<String, String>) -> Result<Plan, Failure> {
    path::check_all(files)?;
    let place = place::Place::of(out)?;
    lock::refuse_if_held(&place)?;
    place.refuse_unfinished()?;
    let existing = scan::read(&place)?;
    let recorded = Manifest::read(&place.tree())?;
    plan::make(&place.tree(), &existing, &recorded, files)
}
