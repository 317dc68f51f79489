//! Mappings whose keys are names, and what may be a name.
//!
//! A name is `[A-Za-z_][A-Za-z0-9_]*`, with a `?` behind it where something may be absent. What an
//! API calls it is written `wire:`, so that no name ever needs more letters than Rust has.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::parse::{Kind, Node, Scalar};

use super::Spanned;
use super::read::{Read, wrong_kind};
use super::scalars::{FromScalar, scalars};
use super::schema::{Book, Described, NAME, Schema};

/// The entries of a mapping with keys of the author's choice, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entries<K, T> {
    pub(crate) list: Vec<(Spanned<K>, T)>,
}

/// Entries under plain names.
pub(crate) type Named<T> = Entries<String, T>;

impl<K, T> Default for Entries<K, T> {
    fn default() -> Self {
        Self { list: Vec::new() }
    }
}

impl<K, T> std::ops::Deref for Entries<K, T> {
    type Target = [(Spanned<K>, T)];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl<'a, K, T> IntoIterator for &'a Entries<K, T> {
    type Item = &'a (Spanned<K>, T);
    type IntoIter = std::slice::Iter<'a, (Spanned<K>, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

impl<T> Named<T> {
    /// The entry of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.list
            .iter()
            .find(|(key, _)| key.value == name)
            .map(|(_, entry)| entry)
    }
}

/// Something that a key of a mapping can be.
pub(crate) trait Key: Sized {
    /// What editors are told of it.
    fn describe_key() -> Schema;

    fn from_key(key: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>>;
}

impl<K: Key, T: Described> Described for Entries<K, T> {
    fn describe(book: &mut Book) -> Schema {
        Schema::map_of(K::describe_key(), T::describe(book))
    }
}

impl<K: Key, T: Read> Read for Entries<K, T> {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Kind::Mapping(entries) = &node.kind else {
            return wrong_kind(node, "a mapping", diagnostics);
        };
        let mut list = Vec::with_capacity(entries.len());
        for (key, node) in entries {
            let value = T::read(node, diagnostics);
            match K::from_key(&key.value, &key.place) {
                Ok(name) => list.extend(value.map(|value| {
                    (
                        Spanned {
                            value: name,
                            place: key.place.clone(),
                        },
                        value,
                    )
                })),
                Err(diagnostic) => diagnostics.push(*diagnostic),
            }
        }
        Some(Self { list })
    }
}

/// A plain name.
impl Key for String {
    fn describe_key() -> Schema {
        Schema::pattern(NAME)
    }

    fn from_key(key: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        let key = Self::from_scalar(key, place)?;
        if is_name(&key) {
            return Ok(key);
        }
        let found = Diagnostic::new("E026", place, format!("`{key}` is no name"));
        let help = if key.strip_suffix('?').is_some_and(is_name) {
            "leave out the `?`: nothing can be optional here"
        } else {
            "write letters, digits and `_`, beginning with no digit; another wire name goes into `wire`"
        };
        Err(Box::new(found.help(help)))
    }
}

/// A name that may have a `?` behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OptionalName {
    /// Without the `?`.
    pub(crate) name: String,
    /// Whether there was a `?`.
    pub(crate) optional: bool,
}

impl Key for OptionalName {
    fn describe_key() -> Schema {
        Schema::pattern(&format!("{NAME}\\??"))
    }

    fn from_key(key: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        match key.text.strip_suffix('?') {
            Some(name) if is_name(name) => Ok(Self {
                name: name.to_owned(),
                optional: true,
            }),
            _ => Ok(Self {
                name: String::from_key(key, place)?,
                optional: false,
            }),
        }
    }
}

/// A key that belongs to the API and may be any text, such as the name of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WireKey(pub(crate) String);

impl Key for WireKey {
    fn describe_key() -> Schema {
        Schema::text()
    }

    fn from_key(key: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        String::from_scalar(key, place).map(Self)
    }
}

/// An HTTP status.
impl Key for u16 {
    fn describe_key() -> Schema {
        Schema::pattern("[1-5][0-9][0-9]")
    }

    fn from_key(key: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        Self::from_scalar(key, place)
    }
}

/// A plain name where it is a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name(pub(crate) String);

impl FromScalar for Name {
    const EXPECTED: &'static str = "a name";

    fn describe_scalar() -> Schema {
        String::describe_key()
    }

    fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        String::from_key(scalar, place).map(Self)
    }
}

scalars! { Name }

/// Whether the text is a name of the language.
pub(crate) fn is_name(text: &str) -> bool {
    let mut letters = text.bytes();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
