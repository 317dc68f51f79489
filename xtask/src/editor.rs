//! `schema/etiquette.schema.json`: what editors know of the language, beside the descriptions that
//! name it in their first line. Assumes that nobody edits it by hand: it holds nothing but what the
//! generator says. Must not decide what stands in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::Stop;
use crate::project::Project;

/// Its name among the descriptions.
pub(crate) const NAME: &str = "etiquette.schema.json";

/// Writes it if it is not as it should be; the answer is its path then.
pub(crate) fn write(project: &Project) -> Result<Option<PathBuf>, Stop> {
    let path = project.schema.join(NAME);
    if is_fresh(&path)? {
        return Ok(None);
    }
    // A reader never sees half of it, and a link is replaced instead of followed.
    let new = project
        .schema
        .join(format!(".{NAME}.{}", std::process::id()));
    fs::write(&new, etiquette_codegen::editor_schema())
        .and_then(|()| fs::rename(&new, &path))
        .map_err(|cause| Stop::problem(format!("cannot write {}: {cause}", path.display())))?;
    Ok(Some(path))
}

/// Fails if it is not as it should be.
pub(crate) fn check(project: &Project) -> Result<(), Stop> {
    let path = project.schema.join(NAME);
    if is_fresh(&path)? {
        return Ok(());
    }
    Err(Stop::problem(format!(
        "{} is not what the generator reads\n\n`cargo xtask generate` writes it anew",
        project.name(&path)
    )))
}

fn is_fresh(path: &Path) -> Result<bool, Stop> {
    let plain = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.is_file(),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(cause) => return Err(cannot_read(path, &cause)),
    };
    let there = fs::read(path).map_err(|cause| cannot_read(path, &cause))?;
    Ok(plain && there == etiquette_codegen::editor_schema().as_bytes())
}

fn cannot_read(path: &Path, cause: &io::Error) -> Stop {
    Stop::problem(format!("cannot read {}: {cause}", path.display()))
}
