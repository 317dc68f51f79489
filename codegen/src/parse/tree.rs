//! The spanned tree that the walk builds and the document readers read.
//!
//! Scalars hold the text as it stands in the source, never a guess about its type. The depth of a
//! tree is limited, so that recursion over it is safe.

use crate::diagnostics::Place;
use crate::document::Spanned;

/// A value in a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// A scalar's text; for a mapping or sequence the key that it stands under, if there is one,
    /// because that is what a reader of a diagnostic looks for.
    pub(crate) place: Place,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    /// In the order of the file, each key once.
    Mapping(Vec<(Spanned<Scalar>, Node)>),
}

/// A scalar as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// Whether it stands without quotes, so that YAML may read it as something else than text.
    pub(crate) plain: bool,
}

impl Node {
    /// What it is, for a message.
    pub(crate) fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(_) => "a scalar",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }

    /// The value under a key of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Mapping(entries) => entries
                .iter()
                .find(|(name, _)| name.value.text == key)
                .map(|(_, node)| node),
            Kind::Scalar(_) | Kind::Sequence(_) => None,
        }
    }
}
