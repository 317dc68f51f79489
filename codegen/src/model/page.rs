//! Page policies: what asks for a page, where an answer tells of it, and everything that ends a walk.
//!
//! Names here are already Rust constants (`BY_PAGE`), so that emitters only print them.

use super::{Doc, Name, Number, Origin, Place, SendAt};

/// A page policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Paging {
    /// Described name and constant, `BY_OFFSET`.
    pub name: Name,
    /// How it advances.
    pub kind: PagingKind,
    /// Where the position stands; `None` where only the server makes positions.
    pub start: Option<SendAt>,
    /// Where the size stands, if it is sent.
    pub size: Option<SendAt>,
    /// Where the items stand; empty: the envelope's list.
    pub items: String,
    /// The first position of a page by number.
    pub first: u64,
    /// Where the number of all items stands.
    pub total: Option<Place>,
    /// The next position: a number, a cursor or a URL.
    pub next: Option<Place>,
    /// The page's number.
    pub page: Option<Place>,
    /// How many pages there are.
    pub pages: Option<Place>,
    /// The size that the server used.
    pub size_read: Option<Place>,
    /// What the server takes when no size is sent.
    pub default_size: Option<Number>,
    /// The least size.
    pub min_size: Option<Number>,
    /// The greatest size.
    pub max_size: Option<Number>,
    /// Repeated items are dropped by this field, a wire name.
    pub unique_by: Option<String>,
    /// Constant headers, lower-case name and value.
    pub headers: Vec<(String, String)>,
    /// What ends a walk; complete.
    pub stop: Vec<Stop>,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}

/// How a walk advances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PagingKind {
    /// By items received.
    Offset,
    /// By page numbers.
    Page,
    /// By a text that each answer gives.
    Cursor,
    /// By a URL that each answer gives.
    NextUrl {
        /// A relative one counts from the request's, otherwise it stands behind the base URL.
        from_request: bool,
    },
    /// By a member of the last item.
    Keyset {
        /// Its wire name.
        by: String,
    },
}

impl PagingKind {
    /// The word of the language.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            PagingKind::Offset => "offset",
            PagingKind::Page => "page",
            PagingKind::Cursor => "cursor",
            PagingKind::NextUrl { .. } => "next_url",
            PagingKind::Keyset { .. } => "keyset",
        }
    }
}

/// What ends a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words of the language")]
pub enum Stop {
    TotalReached,
    NoNext,
    ShortPage,
    EmptyPage,
    LastPage,
}
