//! Reads the descriptions: every `.yaml` file below the schema folder, sorted by path.
//! A link is followed only to a place inside that folder, devices and pipes are not opened, and
//! whatever cannot be read stops the run. Must not look at what a file says.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use etiquette_codegen::Source;

use crate::Stop;
use crate::project::Project;

/// Far above the language's own limit, which is reported with a place; this one only keeps a
/// mistaken file out of memory.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Deeper than any description needs, and well below what a recursion bears.
const DEEPEST: usize = 16;

/// The generator knows the schema folder by this name, wherever it lies, so that neither its rules
/// nor its output depend on the place.
const LABEL: &str = "schema";

/// The waivers of the diff lie among the descriptions and are none.
const WAIVERS: &str = "waivers.yaml";

/// What was read, and what is worth knowing about the rest.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) sources: Vec<Source>,
    pub(crate) notes: Vec<String>,
}

/// Reads all descriptions of a project.
pub(crate) fn read(project: &Project) -> Result<Found, Stop> {
    let mut search = Search {
        schema: &project.schema,
        found: BTreeMap::new(),
        notes: Vec::new(),
    };
    search.visit(&project.schema, &mut vec![project.schema.clone()])?;

    let mut sources = Vec::new();
    for (path, real) in search.found {
        let inside = path
            .strip_prefix(&project.schema)
            .expect("the search only goes down");
        let Some(label) = label(&Path::new(LABEL).join(inside)) else {
            return Err(Stop::problem(format!(
                "the name of {} is not text",
                path.display()
            )));
        };
        let text = read_file(&real).map_err(|cause| cannot("read", &path, &cause))?;
        sources.push(Source { path: label, text });
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(Found {
        sources,
        notes: search.notes,
    })
}

struct Search<'a> {
    schema: &'a Path,
    /// Path as met to path as resolved.
    found: BTreeMap<PathBuf, PathBuf>,
    notes: Vec<String>,
}

impl Search<'_> {
    /// `around` holds the resolved folders from the schema folder down to this one.
    fn visit(&mut self, folder: &Path, around: &mut Vec<PathBuf>) -> Result<(), Stop> {
        if around.len() > DEEPEST {
            return Err(Stop::problem(format!(
                "{} lies more than {DEEPEST} folders deep",
                folder.display()
            )));
        }
        let list = |cause| cannot("list", folder, &cause);
        for entry in fs::read_dir(folder).map_err(list)? {
            let path = entry.map_err(list)?.path();
            let hidden = path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if hidden || path == self.schema.join(WAIVERS) {
                continue;
            }
            self.visit_entry(path, around)?;
        }
        Ok(())
    }

    fn visit_entry(&mut self, path: PathBuf, around: &mut Vec<PathBuf>) -> Result<(), Stop> {
        let real = fs::canonicalize(&path).map_err(|cause| cannot("open", &path, &cause))?;
        if !real.starts_with(self.schema) {
            return Err(Stop::problem(format!(
                "{} leads out of the schema folder to {}",
                path.display(),
                real.display()
            )));
        }
        let metadata = fs::metadata(&real).map_err(|cause| cannot("open", &path, &cause))?;
        if metadata.is_dir() {
            if around.contains(&real) {
                return Err(Stop::problem(format!(
                    "{} leads back to {}, which holds it",
                    path.display(),
                    real.display()
                )));
            }
            around.push(real);
            self.visit(&path, around)?;
            around.pop();
            return Ok(());
        }
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml") if metadata.is_file() => {
                self.found.insert(path, real);
            }
            Some("yaml") => {
                return Err(Stop::problem(format!(
                    "{} is not a plain file",
                    path.display()
                )));
            }
            Some("yml" | "YAML" | "YML" | "Yaml") => self.notes.push(format!(
                "{} is left out: the name of a description ends in `.yaml`",
                path.display()
            )),
            Some(_) | None => {}
        }
        Ok(())
    }
}

fn label(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST {
        let message = format!("it is larger than {} MiB", LARGEST / 1024 / 1024);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(text)
}

fn cannot(action: &str, path: &Path, cause: &io::Error) -> Stop {
    Stop::problem(format!("cannot {action} {}: {cause}", path.display()))
}

#[cfg(test)]
mod tests;
