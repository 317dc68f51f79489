//! Row I25: secrets that were pasted into a description.
//!
//! Descriptions are committed and published with the crate. A finding shows where the secret stands
//! and never the secret: diagnostics end up in the logs of a build.

mod look;
mod texts;

use std::sync::Arc;

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::{Api, Origin};

use super::place;
use look::find;
use texts::Text;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for Text { origin, what, text } in texts::of(api) {
        if let Some((secret, kind)) = find(&text) {
            let message = format!("{what} holds what looks like {kind}");
            let help = "remove it and have it replaced, since it may be in the history already; \
                        write `env` with the name of the variable that holds it";
            diagnostics.push(Diagnostic::new("E099", &masked(origin, secret), message).help(help));
        }
    }
}

/// The place of a secret, with it and its neighbours blotted out of the line that is shown.
fn masked(origin: &Origin, secret: &str) -> Place {
    let at = place::of_word(origin, secret);
    let mut line = at.source_line.replace(secret, &dots(secret));
    // Dots are no part of a secret, so each round leaves one less.
    while let Some((other, _)) = find(&line) {
        line = line.replace(other, &dots(other));
    }
    Place {
        source_line: Arc::from(line),
        ..at
    }
}

fn dots(secret: &str) -> String {
    "*".repeat(secret.chars().count())
}

#[cfg(test)]
mod tests;
