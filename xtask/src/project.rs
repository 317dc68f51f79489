//! Where the project, its descriptions and its generated tree are.
//! Assumes a command line; resolves links in everything but the last part of the tree's path,
//! which must not be one. Must not create anything.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::Stop;
use crate::arguments::Given;

/// The folders of one run.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    pub(crate) schema: PathBuf,
    pub(crate) out: PathBuf,
}

impl Project {
    /// Refuses folders that lie in each other, because the tree is replaced whole.
    pub(crate) fn find(given: &Given) -> Result<Project, Stop> {
        let root = root(given)?;
        let schema = given.path("--schema");
        let schema = folder(&root.join(schema.as_deref().unwrap_or(Path::new("schema"))))?;
        let out = place_out(&root, given.path("--out").as_deref())?;
        for (inner, word) in [(&root, "the project"), (&schema, "the descriptions")] {
            if inner.starts_with(&out) {
                return Err(Stop::problem(format!(
                    "the generated tree {} would hold {word}; name a folder of its own",
                    out.display()
                )));
            }
        }
        if out.starts_with(&schema) {
            return Err(Stop::problem(format!(
                "the generated tree {} lies among the descriptions",
                out.display()
            )));
        }
        Ok(Project { root, schema, out })
    }

    /// A project whose folders have their usual names.
    pub(crate) fn at(root: &Path) -> Result<Project, Stop> {
        let root = folder(root)?;
        Ok(Project {
            schema: folder(&root.join("schema"))?,
            out: place_out(&root, None)?,
            root,
        })
    }

    /// A path as one would write it in the project.
    pub(crate) fn name<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

/// The folder named with `--root`, or the nearest one around us whose manifest is a workspace's.
pub(crate) fn root(given: &Given) -> Result<PathBuf, Stop> {
    if let Some(root) = given.path("--root") {
        return folder(&root);
    }
    let here = std::env::current_dir()
        .map_err(|cause| Stop::problem(format!("cannot tell the current folder: {cause}")))?;
    let is_workspace = |folder: &&Path| {
        fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|manifest| {
            manifest
                .lines()
                .any(|line| line.trim_start().starts_with("[workspace"))
        })
    };
    match here.ancestors().find(is_workspace) {
        Some(root) => folder(root),
        None => Err(Stop::problem(format!(
            "no workspace around {}; name the project with `--root DIR`",
            here.display()
        ))),
    }
}

/// Where the tree goes. A path that stays in the project as written must stay there in fact.
fn place_out(root: &Path, out: Option<&Path>) -> Result<PathBuf, Stop> {
    let wanted = out.unwrap_or(Path::new("generated"));
    let path = root.join(wanted);
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Stop::problem(format!(
            "{} is no place for a generated tree",
            path.display()
        )));
    };
    let parent = folder(parent)?;
    let stays = wanted
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if stays && !parent.starts_with(root) {
        return Err(Stop::problem(format!(
            "{} leads out of the project to {}",
            path.display(),
            parent.display()
        )));
    }
    Ok(parent.join(name))
}

fn folder(path: &Path) -> Result<PathBuf, Stop> {
    let cannot = |cause: &dyn std::fmt::Display| {
        Stop::problem(format!(
            "cannot open the folder {}: {cause}",
            path.display()
        ))
    };
    let canonical = fs::canonicalize(path).map_err(|cause| cannot(&cause))?;
    if canonical.is_dir() {
        Ok(canonical)
    } else {
        Err(cannot(&"it is not a folder"))
    }
}
