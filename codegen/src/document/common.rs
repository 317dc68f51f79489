//! What many parts of a description share: judgements, words about a thing, and alternatives
//! between a short and a long way to write the same.

use crate::diagnostics::Diagnostics;
use crate::parse::{Kind, Node, Scalar};

use super::Spanned;
use super::read::{Keys, Read, Table, document, plain_documents, read_table};
use super::schema::{Book, Described, KeySchemas, Schema};
use super::words::Trust;

document! {
    /// What everything that has a name may say about itself.
    struct About {
        /// What it is, for the documentation.
        doc: optional Spanned<String>,
        /// Another name in Rust.
        rust: optional Spanned<String>,
        /// `true`, or what to use instead.
        deprecated: optional Spanned<Deprecated>,
        /// How sure the description is.
        trust: optional Spanned<Trust>,
        /// Where this is known from.
        source: optional Spanned<String>,
    }

    /// A fact or an open question about the API.
    struct Note {
        /// The fact.
        text: required Spanned<String>,
        /// How sure it is.
        trust: optional Spanned<Trust>,
        /// Where this is known from.
        source: optional Spanned<String>,
    }

    /// A warning that the description allows.
    struct Allow {
        /// The warning's code.
        code: required Spanned<String>,
        /// The path in the document that it concerns, such as `users.list`.
        at: required Spanned<String>,
        /// Why it is right as it is.
        reason: required Spanned<String>,
    }
}

plain_documents! { Note Allow }

impl About {
    /// Of what is written in short.
    pub(crate) fn nothing() -> Self {
        let (doc, rust, deprecated, trust, source) = (None, None, None, None, None);
        Self {
            doc,
            rust,
            deprecated,
            trust,
            source,
        }
    }
}

/// A value of a policy together with how sure it is: `4`, or `{value: 4, trust: observed}`.
#[derive(Debug, Clone)]
pub(crate) struct Judged<T> {
    pub(crate) value: Spanned<T>,
    pub(crate) trust: Option<Spanned<Trust>>,
    pub(crate) source: Option<Spanned<String>>,
}

impl<T: Read> Described for Judged<T> {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([T::describe(book), book.table::<Long<T>>()])
    }
}

/// The long way to write it.
struct Long<T> {
    value: Spanned<T>,
    trust: Option<Spanned<Trust>>,
    source: Option<Spanned<String>>,
}

impl<T: Read> Table for Long<T> {
    fn list_keys(keys: &mut Vec<&'static str>) {
        keys.extend(["value", "trust", "source"]);
    }

    fn take(keys: &mut Keys<'_, '_>) -> Option<Self> {
        let value = keys.required("value");
        let (trust, source) = (keys.optional("trust"), keys.optional("source"));
        Some(Self {
            value: value?,
            trust,
            source,
        })
    }

    fn describe_keys(keys: &mut KeySchemas<'_>) {
        keys.required::<T>("value", "What would stand here otherwise.");
        keys.optional::<Trust>("trust", "How sure it is.");
        keys.optional::<String>("source", "Where this is known from.");
    }
}

impl<T: Read> Read for Judged<T> {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Mapping(_) = node.kind {
            let Long {
                value,
                trust,
                source,
            } = read_table(node, diagnostics)?;
            return Some(Self {
                value,
                trust,
                source,
            });
        }
        Some(Self {
            value: Read::read(node, diagnostics)?,
            trust: None,
            source: None,
        })
    }
}

/// Something that the word `none` takes away.
#[derive(Debug, Clone)]
pub(crate) enum OrNone<T> {
    None,
    Some(T),
}

impl<T: Described> Described for OrNone<T> {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([Schema::words(&["none"]), T::describe(book)])
    }
}

impl<T: Read> Read for OrNone<T> {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if is_word(node, "none") {
            return Some(Self::None);
        }
        T::read(node, diagnostics).map(Self::Some)
    }
}

/// One value or a list of them.
#[derive(Debug, Clone)]
pub(crate) struct OneOrMany<T> {
    pub(crate) list: Vec<T>,
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self { list: Vec::new() }
    }
}

impl<T: Described> Described for OneOrMany<T> {
    fn describe(book: &mut Book) -> Schema {
        let one = T::describe(book);
        Schema::any_of([one.clone(), Schema::list_of(one)])
    }
}

impl<T: Read> Read for OneOrMany<T> {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let list = match &node.kind {
            Kind::Sequence(_) => Read::read(node, diagnostics)?,
            Kind::Scalar(_) | Kind::Mapping(_) => vec![T::read(node, diagnostics)?],
        };
        Some(Self { list })
    }
}

/// That something should no longer be used, and perhaps what to use instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deprecated {
    /// The words after `deprecated:`, unless they are just `true`.
    pub(crate) note: Option<String>,
}

impl Described for Deprecated {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([Schema::only_true(), String::describe(book)])
    }
}

impl Read for Deprecated {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if is_word(node, "true") {
            return Some(Self { note: None });
        }
        String::read(node, diagnostics).map(|note| Self { note: Some(note) })
    }
}

/// Whether the node is this word, unquoted.
pub(crate) fn is_word(node: &Node, word: &str) -> bool {
    matches!(&node.kind, Kind::Scalar(Scalar { text, plain: true }) if text == word)
}
