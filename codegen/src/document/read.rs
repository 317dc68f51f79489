//! How a document struct is read from a tree: one table per struct, from which the fields, the
//! reader and the list of known keys come.
//!
//! Readers push everything they find and go on; a value that cannot be read is left out, so the
//! result may only be trusted when no error was added.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::parse::{Kind, Node, Scalar};

use super::Spanned;
use super::schema::{Book, Described, KeySchemas, Schema};

/// Something that a node can be read as.
pub(crate) trait Read: Sized + Described {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self>;
}

/// A struct of keys.
pub(crate) trait Table: Sized {
    /// Adds the keys that it knows.
    fn list_keys(keys: &mut Vec<&'static str>);
    /// Takes its keys' values.
    fn take(keys: &mut Keys<'_, '_>) -> Option<Self>;
    /// Tells editors about its keys.
    fn describe_keys(keys: &mut KeySchemas<'_>);
    /// Tells editors about the mapping of them; a struct of its own is a definition.
    fn describe_table(book: &mut Book) -> Schema {
        book.keys_of::<Self>("")
    }
}

/// The entries of a mapping while a struct is read from them.
pub(crate) struct Keys<'n, 'd> {
    entries: &'n [(Spanned<Scalar>, Node)],
    place: &'n Place,
    diagnostics: &'d mut Diagnostics,
}

impl Keys<'_, '_> {
    /// The value under a key; nothing if there is none or if it cannot be read.
    pub(crate) fn optional<T: Read>(&mut self, key: &str) -> Option<T> {
        let (_, node) = self
            .entries
            .iter()
            .find(|(name, _)| name.value.text == key)?;
        T::read(node, self.diagnostics)
    }

    /// The value under a key that has to be there.
    pub(crate) fn required<T: Read>(&mut self, key: &str) -> Option<T> {
        if !self.has(key) {
            let message = format!("missing key `{key}`");
            self.diagnostics
                .push(Diagnostic::new("E021", self.place, message).help(format!("add `{key}`")));
        }
        self.optional(key)
    }

    fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.value.text == key)
    }
}

/// Reads a struct: complains about keys that it does not know, then takes the others.
pub(crate) fn read_table<T: Table>(node: &Node, diagnostics: &mut Diagnostics) -> Option<T> {
    let Kind::Mapping(entries) = &node.kind else {
        return wrong_kind(node, "a mapping", diagnostics);
    };
    let mut known = Vec::new();
    T::list_keys(&mut known);
    for (key, _) in entries {
        if !known.contains(&key.value.text.as_str()) && !diagnostics.is_full() {
            diagnostics.push(unknown_key(key, &known));
        }
    }
    T::take(&mut Keys {
        entries,
        place: &node.place,
        diagnostics,
    })
}

pub(crate) fn unknown_key(key: &Spanned<Scalar>, known: &[&'static str]) -> Diagnostic {
    let found = Diagnostic::new(
        "E020",
        &key.place,
        format!("unknown key `{}`", key.value.text),
    );
    let list: Vec<String> = known.iter().map(|key| format!("`{key}`")).collect();
    found
        .help(format!("write one of {}", list.join(", ")))
        .suggest(&key.value.text, known.iter().copied())
}

pub(crate) fn wrong_kind<T>(
    node: &Node,
    expected: &str,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let message = format!("expected {expected}, found {}", node.describe());
    diagnostics
        .push(Diagnostic::new("E022", &node.place, message).help(format!("write {expected}")));
    None
}

impl<T: Described> Described for Spanned<T> {
    fn describe(book: &mut Book) -> Schema {
        T::describe(book)
    }
}

impl<T: Read> Read for Spanned<T> {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        Some(Self {
            value: T::read(node, diagnostics)?,
            place: node.place.clone(),
        })
    }
}

impl<T: Described> Described for Box<T> {
    fn describe(book: &mut Book) -> Schema {
        T::describe(book)
    }
}

impl<T: Read> Read for Box<T> {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        T::read(node, diagnostics).map(Self::new)
    }
}

impl<T: Described> Described for Vec<T> {
    fn describe(book: &mut Book) -> Schema {
        Schema::list_of(T::describe(book))
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            Kind::Sequence(items) => Some(
                items
                    .iter()
                    .filter_map(|item| T::read(item, diagnostics))
                    .collect(),
            ),
            Kind::Scalar(_) | Kind::Mapping(_) => wrong_kind(node, "a list", diagnostics),
        }
    }
}

/// The key without the `r#` that Rust wants in front of some.
pub(crate) const fn bare_key(key: &'static str) -> &'static str {
    match key.as_bytes() {
        [b'r', b'#', ..] => key.split_at(2).1,
        _ => key,
    }
}

/// Declares structs of keys. A key is `required` (`T`), `optional` (`Option<T>`) or `many` (`T`,
/// empty when the key is absent); `flat` takes a struct's keys as if they stood here. Behind a type,
/// `as TypeExpression` tells editors about the grammar of a text that is read later.
macro_rules! document {
    ($(
        $(#[doc = $words:literal])*
        struct $name:ident {
            $( $(#[doc = $key_words:literal])* $key:ident: $mode:ident $type:ty $(as $grammar:ty)?, )*
        }
    )*) => { $(
        $(#[doc = $words])*
        #[derive(Debug, Clone)]
        pub(crate) struct $name {
            $( $(#[doc = $key_words])* pub(crate) $key: document!(@type $mode $type), )*
        }

        impl $crate::document::read::Table for $name {
            fn list_keys(keys: &mut Vec<&'static str>) {
                $( document!(@key keys $mode $key $type); )*
            }

            fn take(keys: &mut $crate::document::read::Keys<'_, '_>) -> Option<Self> {
                // All keys are read before a missing one ends the struct, so that all is found.
                $( let $key = document!(@take keys $mode $key $type); )*
                Some(Self { $( $key: document!(@value $mode $key), )* })
            }

            fn describe_keys(keys: &mut $crate::document::schema::KeySchemas<'_>) {
                $( document!(
                    @describe keys $mode $key concat!($($key_words),*) ; $type $(as $grammar)?
                ); )*
            }

            fn describe_table(
                book: &mut $crate::document::schema::Book,
            ) -> $crate::document::schema::Schema {
                book.define::<Self>(stringify!($name), |book| {
                    book.keys_of::<Self>(concat!($($words),*))
                })
            }
        }
    )* };
    (@describe $keys:ident flat $key:ident $words:expr ; $type:ty) => {
        <$type as $crate::document::read::Table>::describe_keys($keys)
    };
    (@describe $keys:ident $mode:ident $key:ident $words:expr ; $type:ty) => {
        $keys.$mode::<$type>(
            const { $crate::document::read::bare_key(stringify!($key)) }, $words,
        )
    };
    (@describe $keys:ident $mode:ident $key:ident $words:expr ; $type:ty as $grammar:ty) => {
        document!(@describe $keys $mode $key $words ; $grammar)
    };
    (@type required $type:ty) => { $type };
    (@type optional $type:ty) => { Option<$type> };
    (@type many $type:ty) => { $type };
    (@type flat $type:ty) => { $type };
    (@key $keys:ident flat $key:ident $type:ty) => {
        <$type as $crate::document::read::Table>::list_keys($keys)
    };
    (@key $keys:ident $mode:ident $key:ident $type:ty) => {
        $keys.push(const { $crate::document::read::bare_key(stringify!($key)) })
    };
    (@take $keys:ident flat $key:ident $type:ty) => {
        <$type as $crate::document::read::Table>::take($keys)
    };
    (@take $keys:ident required $key:ident $type:ty) => {
        $keys.required::<$type>(const { $crate::document::read::bare_key(stringify!($key)) })
    };
    (@take $keys:ident $mode:ident $key:ident $type:ty) => {
        $keys.optional::<$type>(const { $crate::document::read::bare_key(stringify!($key)) })
    };
    (@value required $key:ident) => { $key? };
    (@value flat $key:ident) => { $key? };
    (@value optional $key:ident) => { $key };
    (@value many $key:ident) => { $key.unwrap_or_default() };
}

/// Declares structs of keys that are only ever written as a mapping of those keys.
macro_rules! plain_documents {
    ($($name:ident)*) => { $(
        impl $crate::document::schema::Described for $name {
            fn describe(
                book: &mut $crate::document::schema::Book,
            ) -> $crate::document::schema::Schema {
                <Self as $crate::document::read::Table>::describe_table(book)
            }
        }

        impl $crate::document::read::Read for $name {
            fn read(
                node: &$crate::parse::Node,
                diagnostics: &mut $crate::diagnostics::Diagnostics,
            ) -> Option<Self> {
                $crate::document::read::read_table(node, diagnostics)
            }
        }
    )* };
}

pub(super) use {document, plain_documents};
