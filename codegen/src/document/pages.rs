//! Page policies as written: what is sent to get a page, what an answer says about it, and what ends a
//! walk. Each value is well formed by itself once it was read. Must not ask which keys belong to which
//! kind, nor fill in what holds by default: lowering does.

use super::Spanned;
use super::common::Judged;
use super::names::{Entries, WireKey};
use super::places::{RequestPlace, ResponsePlace};
use super::read::{document, plain_documents};
use super::words::{PageKind, RelativeTo, Stop};

document! {
    /// How an API pages.
    struct Page {
        /// The family.
        kind: required Spanned<PageKind>,
        /// Which parameters say where a page begins and how long it is.
        send: optional PageSend,
        /// What the answer says about the page.
        read: optional PageRead,
        /// Where the items stand, if not where the envelope says.
        from: optional Spanned<ResponsePlace>,
        /// The number of the first page or item.
        first: optional Judged<u64>,
        /// The field of an item behind which the next page begins.
        by: optional Spanned<String>,
        /// How many items a page has.
        size: optional PageSize,
        /// Headers that pages are asked with.
        headers: many Entries<WireKey, Spanned<String>>,
        /// From where a relative next link counts.
        relative_to: optional Spanned<RelativeTo>,
        /// The field by which repeated items are recognised.
        unique_by: optional Spanned<String>,
        /// What ends the walk.
        stop: optional Vec<Spanned<Stop>>,
        /// What is worth knowing.
        doc: optional Spanned<String>,
    }

    /// Which parameters say where a page begins and how long it is.
    struct PageSend {
        /// The number of items to skip.
        offset: optional Spanned<RequestPlace>,
        /// The number of the page.
        page: optional Spanned<RequestPlace>,
        /// The text that the page before gave.
        cursor: optional Spanned<RequestPlace>,
        /// The value of the last item before the page.
        after: optional Spanned<RequestPlace>,
        /// The number of items.
        size: optional Spanned<RequestPlace>,
    }

    /// What the answer says about the page.
    struct PageRead {
        /// The next offset, cursor or link.
        next: optional Spanned<ResponsePlace>,
        /// The number of this page.
        page: optional Spanned<ResponsePlace>,
        /// The number of pages.
        pages: optional Spanned<ResponsePlace>,
        /// The number of items altogether.
        total: optional Spanned<ResponsePlace>,
        /// The number of items that a page has.
        size: optional Spanned<ResponsePlace>,
    }

    /// How many items a page has.
    struct PageSize {
        /// When nothing is sent.
        default: optional Judged<u64>,
        /// At least.
        min: optional Judged<u64>,
        /// At most.
        max: optional Judged<u64>,
    }
}

plain_documents! { Page PageSend PageRead PageSize }
