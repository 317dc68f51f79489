//! The tables of pages: where positions stand, how a walk advances, what ends it.
//!
//! Plain data, as the rest of the tables; `page` reads it.

use super::{Place, SendAt};

/// How a list is walked.
#[derive(Debug)]
pub struct Paging {
    /// Its name in the description.
    pub name: &'static str,
    /// How it advances.
    pub kind: PagingKind,
    /// Where the position stands in a request; `None` where only the server makes positions.
    pub start: Option<SendAt>,
    /// Where the size stands.
    pub size: Option<SendAt>,
    /// Where the items stand; empty: the answer itself.
    pub items: &'static [&'static str],
    /// The first position of a page by number.
    pub first: u64,
    /// Where the number of all items stands.
    pub total: Option<Place>,
    /// Where the next position stands: a number, a cursor or a URL, as the kind says.
    pub next: Option<Place>,
    /// Where the page's own number stands.
    pub page: Option<Place>,
    /// Where the number of pages stands.
    pub pages: Option<Place>,
    /// Where the size that the server used stands.
    pub size_read: Option<Place>,
    /// What the server takes when no size is sent.
    pub default_size: Option<u64>,
    /// The least size.
    pub min_size: Option<u64>,
    /// The greatest size.
    pub max_size: Option<u64>,
    /// Items with the same value of this member are delivered once.
    pub unique_by: Option<&'static str>,
    /// Constant headers that pages are asked with, lower case.
    pub headers: &'static [(&'static str, &'static str)],
    /// What ends a walk.
    pub stop: &'static [Stop],
}

impl Paging {
    /// By offsets, saying nothing; tables name what differs.
    pub const NEW: Paging = Paging {
        name: "",
        kind: PagingKind::Offset,
        start: None,
        size: None,
        items: &[],
        first: 0,
        total: None,
        next: None,
        page: None,
        pages: None,
        size_read: None,
        default_size: None,
        min_size: None,
        max_size: None,
        unique_by: None,
        headers: &[],
        stop: &[],
    };
}

/// How a walk advances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagingKind {
    /// By items received.
    Offset,
    /// By page numbers.
    Page,
    /// By a text that each answer gives for the next request.
    Cursor,
    /// By a URL that each answer gives.
    NextUrl {
        /// A relative URL counts from the request's (RFC 3986 §5), or else stands behind the base URL.
        from_request: bool,
    },
    /// By the last item's value of this member, a wire name.
    Keyset {
        /// The member.
        by: &'static str,
    },
}

/// What ends a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Position plus items received have reached the total.
    TotalReached,
    /// The answer gives no next position.
    NoNext,
    /// Fewer items than the size.
    ShortPage,
    /// No item.
    EmptyPage,
    /// The page's number has reached the number of pages.
    LastPage,
}
