//! `scenarios`: plays what the descriptions say clients do, in virtual time, and prints each.
//! Runs a program of the tests, because this one has to build while the generated crate does not. Must not judge what
//! comes out.

use std::ffi::OsString;
use std::process::Command;

use crate::arguments::Given;
use crate::{Exit, Stop, project};

/// Words before those of the caller.
const RUN: &[&str] = &[
    "run",
    "--quiet",
    "--package",
    "etiquette-tests",
    "--features",
    "scenarios",
    "--bin",
    "scenarios",
    "--",
];

pub(crate) fn run(given: &Given) -> Result<(), Stop> {
    let root = project::root(given)?;
    // Cargo tells its children which cargo it is.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(RUN).current_dir(root);
    for flag in ["--api", "--name"] {
        if let Some(value) = given.path(flag) {
            command.arg(flag).arg(value);
        }
    }
    let status = command
        .status()
        .map_err(|cause| Stop::problem(format!("cannot run cargo: {cause}")))?;
    match status.code() {
        Some(0) => Ok(()),
        // The program has said what is not known to it.
        Some(code) if code == Exit::Usage as i32 => Err(Stop::usage(String::new())),
        _ => Err(Stop::problem(
            "not all scenarios were played and came out well",
        )),
    }
}
