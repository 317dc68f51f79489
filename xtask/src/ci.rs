//! `ci`: the steps of continuous integration, in order, up to the first that fails.
//! Assumes a toolchain with rustfmt and clippy. Must not change a file of the project.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::arguments::Given;
use crate::terminal::{BOLD, GOOD, paint};
use crate::{Stop, generate, project, terminal, tidy};

/// One step: what it is called, and what it does.
struct Step {
    name: &'static str,
    work: Work,
}

enum Work {
    /// `cargo` with these words and, for `doc`, with warnings as errors.
    Cargo(&'static [&'static str]),
    /// Something of ours, on the project's folder.
    Own(fn(&Path) -> Result<(), Stop>),
}

const STEPS: &[Step] = &[
    Step {
        name: "formatting",
        work: Work::Cargo(&["fmt", "--all", "--", "--check"]),
    },
    Step {
        name: "lints",
        work: Work::Cargo(&[
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ]),
    },
    Step {
        name: "documentation",
        work: Work::Cargo(&[
            "doc",
            "--locked",
            "--workspace",
            "--no-deps",
            "--all-features",
        ]),
    },
    Step {
        name: "freshness",
        work: Work::Own(generate::check_project),
    },
    Step {
        name: "tidiness",
        work: Work::Own(tidy::check_project),
    },
    Step {
        name: "tests",
        work: Work::Cargo(&["test", "--locked", "--workspace"]),
    },
];

pub(crate) fn run(given: &Given) -> Result<(), Stop> {
    let root = project::root(given)?;
    let total = STEPS.len();
    for (index, step) in STEPS.iter().enumerate() {
        let number = format!("[{}/{total}]", index + 1);
        terminal::err(&format!("{} {}", paint(BOLD, &number), step.name));
        let start = Instant::now();
        match &step.work {
            Work::Cargo(words) => run_cargo(&root, words)?,
            Work::Own(work) => work(&root)?,
        }
        let seconds = start.elapsed().as_secs_f32();
        terminal::err(&format!(
            "{} {}: {} in {seconds:.1} s",
            paint(BOLD, &number),
            step.name,
            paint(GOOD, "fine")
        ));
    }
    Ok(())
}

fn run_cargo(root: &Path, words: &[&str]) -> Result<(), Stop> {
    // Cargo tells its children which cargo it is.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let line = format!("cargo {}", words.join(" "));
    let mut command = Command::new(cargo);
    command.args(words).current_dir(root);
    if words.first() == Some(&"doc") {
        command.env("RUSTDOCFLAGS", "-D warnings");
    }
    let status = command
        .status()
        .map_err(|cause| Stop::problem(format!("cannot run `{line}`: {cause}")))?;
    if status.success() {
        Ok(())
    } else {
        Err(Stop::problem(format!("`{line}` failed ({status})")))
    }
}
