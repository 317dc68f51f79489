//! `explain`: the page of one diagnostic code, or the list of all.
//! Assumes that the generator knows every code it prints. Must not add to what the pages say.

use std::fmt::Write;

use crate::arguments::Given;
use crate::terminal::{BOLD, clean, paint};
use crate::{Stop, suggest, terminal};

pub(crate) fn run(given: &Given) -> Result<(), Stop> {
    let Some(wanted) = given.argument() else {
        let mut list = String::new();
        for (code, title) in codes() {
            writeln!(list, "{}  {title}", paint(BOLD, code))
                .expect("writing to a string never fails");
        }
        list.push_str("\n`cargo xtask explain CODE` prints the page of one.\n");
        terminal::out(&list);
        return Ok(());
    };
    match etiquette_codegen::explain(&wanted.to_ascii_uppercase()) {
        Some(page) => {
            terminal::out(page);
            Ok(())
        }
        None => Err(Stop::usage(format!(
            "there is no code `{}`{}; `cargo xtask explain` lists them",
            clean(wanted),
            suggest::did_you_mean(wanted, codes().map(|(code, _)| code))
        ))),
    }
}

fn codes() -> impl Iterator<Item = (&'static str, &'static str)> {
    let codes = etiquette_codegen::codes().iter();
    codes.map(|entry| (entry.code, entry.title))
}
