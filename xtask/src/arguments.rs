//! The command line: which command, which flags. Assumes the table of commands and nothing else;
//! reads no environment and opens nothing. Every mistake is answered with what was probably meant.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::commands::{COMMANDS, Command};
use crate::{Stop, help, suggest};

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Wish {
    /// A page of help, to be printed.
    Help(String),
    /// A command with what was given to it.
    Run(&'static Command, Given),
}

/// What was given to a command.
#[derive(Debug, Default)]
pub(crate) struct Given {
    flags: BTreeMap<&'static str, Option<OsString>>,
    argument: Option<String>,
}

impl Given {
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.contains_key(flag)
    }

    pub(crate) fn path(&self, flag: &str) -> Option<PathBuf> {
        self.flags.get(flag)?.as_ref().map(PathBuf::from)
    }

    pub(crate) fn argument(&self) -> Option<&str> {
        self.argument.as_deref()
    }

    #[cfg(test)]
    pub(crate) fn with_paths(paths: &[(&'static str, &std::path::Path)]) -> Given {
        let flag = |(name, path): &(&'static str, &std::path::Path)| {
            (*name, Some(path.as_os_str().to_owned()))
        };
        Given {
            flags: paths.iter().map(flag).collect(),
            argument: None,
        }
    }
}

/// Understands a command line, without the program's name.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Wish, Stop> {
    let mut words = words.into_iter();
    let Some(first) = words.next() else {
        return Err(Stop::usage(format!("no command\n\n{}", help::overview())));
    };
    let first = text(&first)?;
    match first {
        "-h" | "--help" => return Ok(Wish::Help(help::overview())),
        "help" => {
            return Ok(Wish::Help(match words.next() {
                Some(name) => help::page(find(text(&name)?)?),
                None => help::overview(),
            }));
        }
        _ => {}
    }
    let command = find(first)?;
    let mut given = Given::default();
    while let Some(word) = words.next() {
        let word = text(&word)?;
        if word == "-h" || word == "--help" {
            return Ok(Wish::Help(help::page(command)));
        }
        if word.starts_with('-') {
            take_flag(command, word, &mut words, &mut given)?;
        } else if command.argument.is_some() && given.argument.is_none() {
            given.argument = Some(word.to_owned());
        } else {
            return Err(Stop::usage(format!(
                "`{}` takes no argument `{word}`",
                command.name
            )));
        }
    }
    Ok(Wish::Run(command, given))
}

fn take_flag(
    command: &Command,
    word: &str,
    rest: &mut impl Iterator<Item = OsString>,
    given: &mut Given,
) -> Result<(), Stop> {
    let (name, attached) = match word.split_once('=') {
        Some((name, value)) => (name, Some(OsString::from(value))),
        None => (word, None),
    };
    let Some(flag) = command.flags.iter().find(|flag| flag.name == name) else {
        let known = command.flags.iter().map(|flag| flag.name);
        return Err(Stop::usage(format!(
            "`{}` has no flag `{name}`{}; `cargo xtask {} --help` lists them",
            command.name,
            suggest::did_you_mean(name, known),
            command.name
        )));
    };
    let value = match (flag.value, attached) {
        (Some(_), Some(value)) => Some(value),
        (Some(what), None) => Some(
            rest.next()
                .ok_or_else(|| Stop::usage(format!("`{name}` needs a value: `{name} {what}`")))?,
        ),
        (None, None) => None,
        (None, Some(_)) => return Err(Stop::usage(format!("`{name}` takes no value"))),
    };
    if value.as_ref().is_some_and(|value| value.is_empty()) {
        return Err(Stop::usage(format!("the value of `{name}` is empty")));
    }
    if given.flags.insert(flag.name, value).is_some() {
        return Err(Stop::usage(format!("`{name}` is given twice")));
    }
    Ok(())
}

fn find(name: &str) -> Result<&'static Command, Stop> {
    COMMANDS
        .iter()
        .find(|command| command.name == name)
        .ok_or_else(|| {
            let known = COMMANDS.iter().map(|command| command.name);
            Stop::usage(format!(
                "there is no command `{name}`{}; `cargo xtask --help` lists them",
                suggest::did_you_mean(name, known)
            ))
        })
}

/// Everything but the values of flags is text.
fn text(word: &OsStr) -> Result<&str, Stop> {
    word.to_str()
        .ok_or_else(|| Stop::usage(format!("{} is not text", word.display())))
}

#[cfg(test)]
mod tests {
    use super::{Given, Wish, parse};
    use crate::Exit;
    use std::ffi::OsString;
    use std::path::PathBuf;

    fn run(words: &[&str]) -> (&'static str, Given) {
        match parse(words.iter().map(OsString::from)) {
            Ok(Wish::Run(command, given)) => (command.name, given),
            other => panic!("{other:?}"),
        }
    }

    fn mistake(words: &[&str]) -> String {
        match parse(words.iter().map(OsString::from)) {
            Err(stop) => {
                assert_eq!(stop.exit, Exit::Usage);
                stop.message
            }
            Ok(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn flags_with_and_without_a_value() {
        let (name, given) = run(&["generate", "--check", "--root", "a", "--out=b=c"]);
        assert_eq!(name, "generate");
        assert!(given.has("--check") && !given.has("--force"));
        assert_eq!(given.path("--root"), Some(PathBuf::from("a")));
        assert_eq!(given.path("--out"), Some(PathBuf::from("b=c")));
        assert_eq!(given.path("--schema"), None);
        assert_eq!(run(&["explain", "E001"]).1.argument(), Some("E001"));
    }

    #[test]
    fn mistakes_are_named_and_the_near_word_offered() {
        assert!(mistake(&["generat"]).contains("did you mean `generate`"));
        assert!(mistake(&["generate", "--chek"]).contains("did you mean `--check`"));
        assert!(!mistake(&["zzzzzz"]).contains("did you mean"));
        assert!(mistake(&["generate", "--root"]).contains("`--root DIR`"));
        assert!(mistake(&["generate", "--root="]).contains("empty"));
        assert!(mistake(&["generate", "--check", "--check"]).contains("twice"));
        assert!(mistake(&["generate", "--check=yes"]).contains("no value"));
        assert!(mistake(&["generate", "x"]).contains("no argument `x`"));
        assert!(mistake(&["explain", "E001", "E002"]).contains("E002"));
        assert!(mistake(&["help", "nothing"]).contains("no command"));
        assert!(mistake(&[]).contains("no command"));
    }

    #[test]
    fn help_is_there_for_all_and_for_each() {
        let page = |words: &[&str]| match parse(words.iter().map(OsString::from)) {
            Ok(Wish::Help(page)) => page,
            other => panic!("{other:?}"),
        };
        for command in crate::commands::COMMANDS {
            let own = page(&[command.name, "--help"]);
            assert_eq!(own, page(&["help", command.name]));
            assert!(command.flags.iter().all(|flag| own.contains(flag.name)));
            assert!(page(&["--help"]).contains(command.summary));
        }
        assert_eq!(page(&["-h"]), page(&["help"]));
    }
}
