//! Where something stands: file, line, column and the path through the document.
//!
//! A description may have 200 000 places on one line of 4 MiB, so a place shares its texts with
//! its neighbours and builds its document path only when it is shown.

use std::fmt;
use std::sync::Arc;

use super::SharedText;

/// A stretch of one line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as its source names it.
    pub path: SharedText,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// In characters, at least 1.
    pub width: u32,
    /// Such as `resources.users.methods.list`.
    pub yaml_path: YamlPath,
    /// The whole line, without its end.
    pub source_line: SharedText,
}

impl Place {
    /// The start of a file, for what concerns all of it or what could not be read at all.
    #[must_use]
    pub fn file(path: &str) -> Self {
        Self {
            path: path.into(),
            line: 1,
            column: 1,
            width: 1,
            yaml_path: YamlPath::root(),
            source_line: "".into(),
        }
    }

    /// A part of this place's text, if the text stands on the line as it is (plain or in simple
    /// quotes); the place itself otherwise. `offset` and `width` count characters of `text`.
    #[must_use]
    pub fn within(&self, text: &str, offset: usize, width: usize) -> Self {
        // Each part of a very long line would mean a walk over all of it.
        if self.source_line.len() > 10_000 {
            return self.clone();
        }
        let on_line = |skip: usize| {
            self.source_line
                .chars()
                .skip(self.column as usize - 1 + skip)
        };
        let skip = (0..2).find(|&skip| text.chars().eq(on_line(skip).take(text.chars().count())));
        match skip {
            Some(skip) if !text.is_empty() => Self {
                column: self.column + to_u32(skip + offset),
                width: to_u32(width).max(1),
                ..self.clone()
            },
            _ => self.clone(),
        }
    }
}

/// Counts of characters fit: a file has at most 4 MiB.
pub(crate) fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The path from the top of a document to a node.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct YamlPath(Option<Arc<Step>>);

#[derive(PartialEq, Eq)]
struct Step {
    parent: YamlPath,
    name: StepName,
}

#[derive(PartialEq, Eq)]
enum StepName {
    Key(Box<str>),
    Item(usize),
}

impl YamlPath {
    /// The top of a document.
    #[must_use]
    pub fn root() -> Self {
        Self(None)
    }

    /// The value under a key.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        self.step(StepName::Key(name.into()))
    }

    /// An item of a sequence, from 0.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        self.step(StepName::Item(index))
    }

    /// Whether this is the top of a document.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_none()
    }

    /// Whether this path is `at` or below it; the words that only give a path its structure may be
    /// left out of `at`.
    #[must_use]
    pub fn is_at(&self, at: &str) -> bool {
        const STRUCTURE: [&str; 5] = ["resources", "methods", "children", "types", "fields"];
        let whole = self.to_string();
        let short: Vec<&str> = whole
            .split('.')
            .filter(|part| !STRUCTURE.contains(part))
            .collect();
        let begins = |path: &str| {
            path.strip_prefix(at)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        begins(&whole) || begins(&short.join("."))
    }

    fn step(&self, name: StepName) -> Self {
        Self(Some(Arc::new(Step {
            parent: self.clone(),
            name,
        })))
    }
}

impl fmt::Display for YamlPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The depth of a document is limited long before this recursion could matter.
        let Some(step) = &self.0 else { return Ok(()) };
        write!(f, "{}", step.parent)?;
        match &step.name {
            StepName::Key(name) if step.parent.is_root() => f.write_str(name),
            StepName::Key(name) => write!(f, ".{name}"),
            StepName::Item(index) => write!(f, "[{index}]"),
        }
    }
}

impl fmt::Debug for YamlPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}
