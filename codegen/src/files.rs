//! The generated files, as texts by path. Whoever holds them may write them; this crate does not.
//!
//! Paths are relative to `generated/`, `/`-separated and made of validated identifiers.

use std::collections::BTreeMap;
use std::collections::btree_map::Iter;

/// Texts by path, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

impl Files {
    /// Adds a file; a path is added once.
    pub(crate) fn add(&mut self, path: impl Into<String>, text: String) {
        let before = self.0.insert(path.into(), text);
        debug_assert!(before.is_none(), "each path is emitted once");
    }

    /// All files in the order of their paths.
    pub fn iter(&self) -> Iter<'_, String, String> {
        self.0.iter()
    }

    /// The text of one file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Files {
    type Item = (&'a String, &'a String);
    type IntoIter = Iter<'a, String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
