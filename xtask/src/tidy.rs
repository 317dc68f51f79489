//! `tidy`: the rules of this repository that no compiler and no linter checks.
//! Reads the files that git knows of or would add, and cargo's own view of the crates; each rule
//! is a file below. Every finding has a place, what is wrong and why. Must not change anything.

mod code;
mod crates;
mod modules;
mod output;
mod size;
mod words;

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::arguments::Given;
use crate::terminal::{BAD, BOLD, GOOD, clean, paint};
use crate::{Stop, project, terminal};

/// One breach of one rule.
#[derive(Debug)]
struct Finding {
    /// Relative to the project, `/`-separated.
    path: String,
    line: Option<usize>,
    /// What is wrong, and why it is not wanted.
    message: String,
}

/// A text in the repository.
#[derive(Debug)]
struct Text {
    /// Relative to the project, `/`-separated.
    path: String,
    content: String,
}

/// Folders below `tests/` whose files are inputs of tests, not parts of the project.
const FIXTURES: [&str; 6] = [
    "tests/cases/",
    "tests/compile/",
    "tests/diff/",
    "tests/errors/",
    "tests/trybuild/",
    "tests/ui/",
];

impl Text {
    fn is_generated(&self) -> bool {
        self.path.starts_with("generated/")
    }

    fn is_fixture(&self) -> bool {
        FIXTURES.iter().any(|folder| self.path.starts_with(folder))
    }

    /// Rust that somebody wrote and somebody else has to read.
    fn is_hand_written_rust(&self) -> bool {
        self.path.ends_with(".rs") && !self.is_generated() && !self.is_fixture()
    }

    fn finding(&self, line: usize, message: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line: Some(line),
            message: message.into(),
        }
    }

    /// About the file as a whole.
    fn finding_on_all(&self, message: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line: None,
            message: message.into(),
        }
    }
}

pub(crate) fn run(given: &Given) -> Result<(), Stop> {
    check_project(&project::root(given)?)
}

/// Every rule, on a whole project.
pub(crate) fn check_project(root: &Path) -> Result<(), Stop> {
    let texts = read_texts(root)?;
    let mut findings = Vec::new();
    findings.extend(crates::check(root));
    findings.extend(modules::check(&texts));
    findings.extend(size::check(&texts));
    findings.extend(output::check(root, &texts));
    findings.extend(words::check(&texts));
    if findings.is_empty() {
        let line = format!("{} files are tidy", texts.len());
        terminal::out(&paint(GOOD, &line));
        return Ok(());
    }
    findings.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    let mut report = String::new();
    for Finding {
        path,
        line,
        message,
    } in &findings
    {
        let place = match line {
            Some(line) => format!("{path}:{line}"),
            None => path.clone(),
        };
        report.push_str(&paint(BOLD, &clean(&place)));
        report.push_str(": ");
        report.push_str(&paint(BAD, &clean(message)));
        report.push('\n');
    }
    terminal::err(&report);
    let count = findings.len();
    let plural = if count == 1 { "" } else { "s" };
    Err(Stop::problem(format!("{count} untidy place{plural}")))
}

/// The texts that are committed or would be. What is not UTF-8 is no text.
fn read_texts(root: &Path) -> Result<Vec<Text>, Stop> {
    let listing = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .map_err(|cause| Stop::problem(format!("cannot run `git ls-files`: {cause}")))?;
    if !listing.status.success() {
        return Err(Stop::problem(format!(
            "`git ls-files` failed in {}: {}",
            root.display(),
            clean(String::from_utf8_lossy(&listing.stderr).trim())
        )));
    }
    let names = String::from_utf8_lossy(&listing.stdout).into_owned();
    let mut names: Vec<&str> = names.split('\0').filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    let mut texts = Vec::new();
    for name in names {
        let path = root.join(name);
        // A file may be gone and still be in git's index; a link is not followed.
        if !fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            continue;
        }
        match fs::read_to_string(&path) {
            Ok(content) => texts.push(Text {
                path: name.to_owned(),
                content,
            }),
            Err(cause) if cause.kind() == io::ErrorKind::InvalidData => {}
            Err(cause) => {
                return Err(Stop::problem(format!(
                    "cannot read {}: {cause}",
                    path.display()
                )));
            }
        }
    }
    Ok(texts)
}
