//! Names that are given with `rust:`, and names that two things would share.
//! Assumes that derived names come from `names` and are valid. Must not repair a collision by
//! itself: a name that changes with its neighbours would break those who use it.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::Spanned;
use crate::names::{self, Position};

/// The name in Rust: the given one if it may be used, otherwise the derived one.
pub(super) fn given_or(
    given: Option<&Spanned<String>>,
    position: Position,
    derived: String,
    diagnostics: &mut Diagnostics,
) -> String {
    let Some(given) = given else { return derived };
    match names::check_override(given, position) {
        Ok(()) => given.value.clone(),
        Err(help) => {
            let message = format!(
                "`{}` cannot be the Rust name of {}",
                given.value,
                describe(position)
            );
            diagnostics.push(Diagnostic::new("E045", &given.place, message).help(help));
            derived
        }
    }
}

/// An API is a module of its name, which nobody looks for under another one.
pub(super) fn check_module(api: &Spanned<String>, diagnostics: &mut Diagnostics) {
    if names::is_keyword(api) {
        let message = format!(
            "`{}` is a keyword of Rust and no name of a module",
            api.value
        );
        let help = "give the API and its file another name, such as `<vendor>_<api>`";
        diagnostics.push(Diagnostic::new("E044", &api.place, message).help(help));
    }
}

fn describe(position: Position) -> &'static str {
    match position {
        Position::Type => "a type or variant",
        Position::Value => "a member, function or module",
    }
}

/// Names of one place where each may stand once, with who has taken them.
#[derive(Debug, Default)]
pub(super) struct Taken(BTreeMap<String, (Place, String)>);

impl Taken {
    pub(super) fn has(&self, rust: &str) -> bool {
        self.0.contains_key(rust)
    }

    /// Takes a Rust name for `what`, or complains that it is taken. Whether it was free.
    pub(super) fn take(
        &mut self,
        rust: &str,
        place: &Place,
        what: &str,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let help = "give one of them another Rust name with `rust: …`";
        self.take_or(rust, place, what, help, diagnostics)
    }

    /// The same for things that have no `rust:`.
    pub(super) fn take_or(
        &mut self,
        rust: &str,
        place: &Place,
        what: &str,
        help: &str,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let Some((first, first_what)) = self.0.get(rust) else {
            self.0
                .insert(rust.to_owned(), (place.clone(), what.to_owned()));
            return true;
        };
        let message = format!("{what} and {first_what} are both `{rust}` in Rust");
        diagnostics.push(
            Diagnostic::new("E043", place, message)
                .help(help)
                .also(first, "the other one"),
        );
        false
    }
}

/// The same on the wire: `what` says what the names are, such as `fields of `User`.
#[derive(Debug, Default)]
pub(super) struct Sent(BTreeMap<String, Place>);

impl Sent {
    /// Takes a name on the wire, or complains that it is taken. Whether it was free.
    pub(super) fn take(
        &mut self,
        wire: &str,
        place: &Place,
        what: &str,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let Some(first) = self.0.get(wire) else {
            self.0.insert(wire.to_owned(), place.clone());
            return true;
        };
        let message = format!("two {what} are `{}` on the wire", wire.escape_debug());
        let help = "remove one of them, or give it its own name with `wire: …`";
        diagnostics.push(
            Diagnostic::new("E046", place, message)
                .help(help)
                .also(first, "the other one"),
        );
        false
    }
}

/// What is wrong with a reference, as a diagnostic with the nearest known name.
pub(super) fn unknown<'a>(
    code: &'static str,
    what: &str,
    name: &Spanned<String>,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let help = match known.as_slice() {
        [] => format!("describe {what} of this name first; there is none yet"),
        // More names would not be read.
        few if few.len() <= 12 => {
            let list: Vec<String> = few.iter().map(|name| format!("`{name}`")).collect();
            format!("write one of {}", list.join(", "))
        }
        _ => format!("write the name of {what} that is described"),
    };
    let found = Diagnostic::new(
        code,
        &name.place,
        format!("there is no {} `{}`", bare(what), name.value),
    );
    found.help(help).suggest(&name.value, known)
}

/// `a bucket` without its article.
fn bare(what: &str) -> &str {
    what.strip_prefix("a ")
        .or_else(|| what.strip_prefix("an "))
        .unwrap_or(what)
}
