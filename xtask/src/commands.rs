//! The table of commands: name, one line about it, flags, and the function that does it.
//! Parsing and help pages follow from this table alone. Must not do anything itself.

use crate::Stop;
use crate::arguments::Given;
use crate::{bench_compile, bench_generate, bless, ci, explain, generate, scenarios, tidy};

/// One command of `cargo xtask`.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// One line, as in a list of commands.
    pub(crate) summary: &'static str,
    /// The argument that is not a flag, if the command takes one.
    pub(crate) argument: Option<Argument>,
    pub(crate) flags: &'static [Flag],
    /// Paragraphs below the flags of its help page.
    pub(crate) notes: &'static str,
    pub(crate) run: fn(&Given) -> Result<(), Stop>,
}

/// An argument that is not a flag; it may be left out.
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
}

/// An option such as `--check` or `--root DIR`.
#[derive(Debug)]
pub(crate) struct Flag {
    pub(crate) name: &'static str,
    /// What stands behind it; `None` where nothing does.
    pub(crate) value: Option<&'static str>,
    pub(crate) meaning: &'static str,
}

const ROOT: Flag = Flag {
    name: "--root",
    value: Some("DIR"),
    meaning: "the project; without it, the nearest workspace around the current folder",
};

/// Every command, in the order in which one meets them.
pub(crate) const COMMANDS: &[Command] = &[
    Command {
        name: "generate",
        summary: "write the generated crate from the descriptions",
        argument: None,
        flags: &[
            Flag {
                name: "--check",
                value: None,
                meaning: "write nothing; say how the tree differs and fail if it does",
            },
            Flag {
                name: "--force",
                value: None,
                meaning: "overwrite files that were edited by hand",
            },
            ROOT,
            Flag {
                name: "--schema",
                value: Some("DIR"),
                meaning: "the descriptions, `schema` in the project without it",
            },
            Flag {
                name: "--out",
                value: Some("DIR"),
                meaning: "the generated tree, `generated` in the project without it",
            },
        ],
        notes: "\
The whole tree is replaced in one step, and only if something in it changes. Files in it that
no run wrote are kept; files that a run wrote and that were edited since stop the run.",
        run: generate::run,
    },
    Command {
        name: "bless",
        summary: "write the snapshots of the tests anew",
        argument: None,
        flags: &[ROOT],
        notes: "\
What `tests/cases` and `tests/errors` hold beside their descriptions becomes what comes out now.
Nothing is compiled for it, so that it works while generated code does not compile.",
        run: bless::run,
    },
    Command {
        name: "explain",
        summary: "say what a diagnostic's code means",
        argument: Some(Argument {
            name: "CODE",
            meaning: "such as E020; without it, all codes are listed",
        }),
        flags: &[],
        notes: "",
        run: explain::run,
    },
    Command {
        name: "scenarios",
        summary: "play what the descriptions say clients do, in virtual time",
        argument: None,
        flags: &[
            Flag {
                name: "--api",
                value: Some("NAME"),
                meaning: "only those of one API",
            },
            Flag {
                name: "--name",
                value: Some("TEXT"),
                meaning: "only those whose name has this in it",
            },
            ROOT,
        ],
        notes: "\
Those that are described, and those that follow from the policies. Each difference is printed with
the number of its request; nothing waits and nothing is sent.",
        run: scenarios::run,
    },
    Command {
        name: "tidy",
        summary: "check the rules that no compiler checks",
        argument: None,
        flags: &[ROOT],
        notes: "\
Crate and module arrows, file lengths, the runtime's size, headers, the generated tree's
manifest and dependencies, and words that must not be in the repository.",
        run: tidy::run,
    },
    Command {
        name: "bench-compile",
        summary: "measure what the generated crate costs to read and to compile",
        argument: None,
        flags: &[ROOT],
        notes: "\
For each API the lines and the milliseconds of `cargo check` for each operation, the latter as
the difference to the crate without any API; medians, dependencies built, not incremental.",
        run: bench_compile::run,
    },
    Command {
        name: "bench-generate",
        summary: "measure how long the generator takes",
        argument: None,
        flags: &[
            Flag {
                name: "--large",
                value: None,
                meaning: "also a thousand files with 10^5 operations, which takes minutes",
            },
            ROOT,
        ],
        notes: "\
Whole processes of this build, which has to be an optimised one: the project's own descriptions
anew and unchanged, synthetic ones of a size and of twice that; medians of several runs.",
        run: bench_generate::run,
    },
    Command {
        name: "ci",
        summary: "run what continuous integration runs, up to the first failure",
        argument: None,
        flags: &[ROOT],
        notes: "Formatting, lints, documentation, freshness, tidiness, tests: in this order.",
        run: ci::run,
    },
];
