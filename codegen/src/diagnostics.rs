//! What is wrong with a description, where, and what to write instead.
//!
//! Everything that is found is collected and reported at once, in the order of the files. A place
//! carries its own source line, so that rendering needs no file. Nothing here decides whether
//! something is an error; the passes do.

pub(crate) mod codes;
mod place;
mod render;
mod suggest;

use std::sync::Arc;

pub use codes::{codes, explain};
pub use place::Place;
pub(crate) use place::{YamlPath, to_u32};
pub(crate) use suggest::did_you_mean;

/// How many diagnostics are kept; a hostile file could otherwise yield millions.
const MOST: usize = 1_000;

/// Whether something must be changed or only looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// The description is used as it is.
    Warning,
}

/// One finding about a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code, such as `E020`.
    pub code: &'static str,
    /// Follows from the code's first letter.
    pub severity: Severity,
    /// Where it was found.
    pub place: Place,
    /// One line in lower case, without a full stop, names in backticks.
    pub message: String,
    /// An instruction: what to write.
    pub help: Option<String>,
    /// Further places with a word about each, such as the first of two definitions.
    pub also: Vec<(Place, String)>,
}

impl Diagnostic {
    /// A finding without help or further places; a code that starts with `W` is a warning.
    #[must_use]
    pub fn new(code: &'static str, place: &Place, message: impl Into<String>) -> Self {
        debug_assert!(
            codes::find(code).is_some(),
            "code {code} is not in the table"
        );
        let severity = if code.starts_with('W') {
            Severity::Warning
        } else {
            Severity::Error
        };
        Self {
            code,
            severity,
            place: place.clone(),
            message: message.into(),
            help: None,
            also: Vec::new(),
        }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds `did you mean …` if one of the candidates is close to what was given.
    #[must_use]
    pub fn suggest<'a>(self, given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match did_you_mean(given, candidates) {
            Some(close) => {
                let help = format!("did you mean `{close}`?");
                self.help(help)
            }
            None => self,
        }
    }

    /// Adds a further place and a word about it.
    #[must_use]
    pub fn also(mut self, place: &Place, word: impl Into<String>) -> Self {
        self.also.push((place.clone(), word.into()));
        self
    }
}

/// All findings about the sources of one run.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// Those beyond `MOST`, which are counted only.
    dropped: usize,
    errors: usize,
}

impl Diagnostics {
    /// No findings yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding; a repetition of one that is there is left out when they are read.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.severity == Severity::Error {
            self.errors += 1;
        }
        if self.list.len() < MOST {
            self.list.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    /// Takes over the findings of another pass.
    pub fn append(&mut self, other: Self) {
        self.dropped += other.dropped;
        let kept_errors = other
            .list
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .count();
        self.errors += other.errors - kept_errors;
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// Keeps only the findings that the condition accepts.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        let errors = |list: &[Diagnostic]| {
            list.iter()
                .filter(|found| found.severity == Severity::Error)
                .count()
        };
        let before = errors(&self.list);
        self.list.retain(keep);
        self.errors -= before - errors(&self.list);
    }

    /// Drops the warnings that a description allows, each by code and a path at or above it, in
    /// which the words `resources`, `methods`, `children`, `types` and `fields` may be left out.
    /// An error cannot be allowed.
    pub fn settle(&mut self, allowed: &[&(String, String, String)]) {
        self.retain(|found| {
            let is_allowed = |(code, at, _): &&(String, String, String)| {
                found.code == code && found.place.yaml_path.is_at(at)
            };
            found.severity == Severity::Error || !allowed.iter().any(is_allowed)
        });
    }

    /// Whether anything was found that forbids generating.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many errors were found so far, for a pass that wants to know whether it added any.
    #[must_use]
    pub fn error_count(&self) -> usize {
        self.errors
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether further findings would only be counted.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.list.len() >= MOST
    }

    /// How many findings there were beyond those that are kept.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// The findings by file, line, column and code, each once.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        fn order(found: &Diagnostic) -> (&str, u32, u32, &str, &str) {
            let Place {
                path, line, column, ..
            } = &found.place;
            (path, *line, *column, found.code, &found.message)
        }
        let mut sorted: Vec<&Diagnostic> = self.list.iter().collect();
        sorted.sort_by(|a, b| order(a).cmp(&order(b)));
        sorted.dedup_by(|a, b| order(a) == order(b));
        sorted
    }

    /// All findings as text for a terminal, in the manner of rustc.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        render::render(self, color)
    }
}

/// A shared text, as places use it for their path and their source line.
type SharedText = Arc<str>;

#[cfg(test)]
mod tests;
