//! The help pages, rendered from the table of commands, so that they cannot be out of date.
//! Assumes nothing about the terminal; colours are left out where there is none. Must not print.

use std::fmt::Write;

use crate::commands::{COMMANDS, Command};
use crate::terminal::{BOLD, paint};

/// All commands.
pub(crate) fn overview() -> String {
    let mut page = format!(
        "{} cargo xtask <command>\n\n{}\n",
        paint(BOLD, "Usage:"),
        paint(BOLD, "Commands:")
    );
    let rows = COMMANDS
        .iter()
        .map(|command| (command.name.to_owned(), command.summary));
    write_rows(&mut page, rows);
    page.push_str("\nEach command has a page of its own: `cargo xtask <command> --help`.\n");
    page.push_str(
        "Exit codes: 0 all is well, 1 a description or a tree has a problem,\n\
         2 the command line is wrong, 70 a fault of Etiquette itself.\n",
    );
    page
}

/// One command.
pub(crate) fn page(command: &Command) -> String {
    let mut page = format!(
        "{}\n\n{} cargo xtask {}",
        sentence(command.summary),
        paint(BOLD, "Usage:"),
        command.name
    );
    for flag in command.flags {
        let value = flag
            .value
            .map(|value| format!(" {value}"))
            .unwrap_or_default();
        write!(page, " [{}{value}]", flag.name).expect("writing to a string never fails");
    }
    if let Some(argument) = &command.argument {
        write!(page, " [{}]", argument.name).expect("writing to a string never fails");
    }
    page.push_str("\n\n");
    let argument = command
        .argument
        .iter()
        .map(|argument| (argument.name.to_owned(), argument.meaning));
    let flags = command.flags.iter().map(|flag| match flag.value {
        Some(value) => (format!("{} {value}", flag.name), flag.meaning),
        None => (flag.name.to_owned(), flag.meaning),
    });
    let own = ("--help".to_owned(), "print this page");
    write_rows(&mut page, argument.chain(flags).chain([own]));
    if !command.notes.is_empty() {
        page.push('\n');
        page.push_str(command.notes);
        page.push('\n');
    }
    page
}

fn write_rows<'a>(page: &mut String, rows: impl Iterator<Item = (String, &'a str)>) {
    let rows: Vec<_> = rows.collect();
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, meaning) in rows {
        let gap = " ".repeat(width - name.len());
        writeln!(page, "  {}{gap}  {meaning}", paint(BOLD, &name))
            .expect("writing to a string never fails");
    }
}

fn sentence(summary: &str) -> String {
    let mut letters = summary.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}
