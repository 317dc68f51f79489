//! The hands of Etiquette: the only part that reads descriptions, writes the generated tree, runs
//! other programs, prints and exits. What is generated is decided in `etiquette-codegen`.
//! Builds and runs while the generated crate does not compile. Must hold no generation logic.

mod arguments;
mod bench_compile;
mod bench_generate;
mod bless;
mod ci;
mod commands;
mod editor;
mod explain;
mod generate;
mod help;
mod project;
mod scenarios;
pub mod snapshots;
mod sources;
mod stamp;
mod suggest;
pub mod synthetic;
mod terminal;
mod tidy;
pub mod tree;
mod workers;

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::process::ExitCode;

use arguments::Wish;

/// How the process ends. Stands for an exit code that scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A description or a tree has a problem.
    Problem = 1,
    /// The command line cannot be understood.
    Usage = 2,
    /// A fault of ours. The number is `EX_SOFTWARE` of BSD's `sysexits.h`.
    Internal = 70,
}

/// Why a command ends without success.
#[derive(Debug)]
pub(crate) struct Stop {
    exit: Exit,
    /// Printed as an error; empty where everything has been said.
    message: String,
}

impl Stop {
    pub(crate) fn problem(message: impl Into<String>) -> Stop {
        Stop {
            exit: Exit::Problem,
            message: message.into(),
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Stop {
        Stop {
            exit: Exit::Usage,
            message: message.into(),
        }
    }

    pub(crate) fn internal(message: impl Into<String>) -> Stop {
        Stop {
            exit: Exit::Internal,
            message: message.into(),
        }
    }
}

/// Does what the command line asks for and says how that went.
#[must_use]
pub fn main() -> ExitCode {
    let command = || match arguments::parse(std::env::args_os().skip(1))? {
        Wish::Help(page) => {
            terminal::out(&page);
            Ok(())
        }
        Wish::Run(command, given) => (command.run)(&given),
    };
    // The panic itself has been printed by then, with its place.
    let outcome = panic::catch_unwind(AssertUnwindSafe(command))
        .unwrap_or_else(|_| Err(Stop::internal("this is a fault of Etiquette itself")));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            terminal::error(stop.exit, &stop.message);
            ExitCode::from(stop.exit as u8)
        }
    }
}

/// What `cargo xtask generate --check` does in the project at `root`, for a test that holds the
/// generated tree fresh.
///
/// # Errors
///
/// What differs, and the cure, as plain text; what the generator says of the descriptions goes to
/// the standard error stream.
pub fn check(root: &Path) -> Result<(), String> {
    generate::check_project(root)
        .map_err(|stop| anstream::adapter::strip_str(&stop.message).to_string())
}
