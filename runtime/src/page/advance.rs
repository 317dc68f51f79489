//! Where a walk goes after a page: on, to its end, or nowhere.
//!
//! Pure: it is given what was asked and what came. Progress is by what was received; what the server says about totals
//! is a hint that ends a walk only when it agrees with what was received.

use super::contents::{Facts, Next};
use crate::operation::{Paging, PagingKind, Stop};

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) position: u64,
    pub(super) size: Option<u64>,
    /// Items received before this page, if the walk began at the first page.
    pub(super) before: Option<u64>,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The page is the last one.
    Last,
    /// The page lies behind the end: it is another one than was asked for.
    Behind,
    /// The next page begins here.
    To(u64),
    Stalled(String),
}

pub(super) fn advance(paging: &Paging, asked: Asked, seen: &Facts) -> Step {
    if seen.size == Some(0) {
        return Step::Stalled("the API answers with pages of size 0".to_owned());
    }
    if paging.kind == PagingKind::Page
        && let Some(page) = seen.page.filter(|page| *page != asked.position)
    {
        // The list has shrunk meanwhile, and the server gives its last page instead.
        if seen
            .pages
            .is_some_and(|pages| pages < asked.position && pages == page)
        {
            return Step::Behind;
        }
        return Step::Stalled(format!(
            "page {} was asked for and page {page} came",
            asked.position
        ));
    }
    if paging
        .stop
        .iter()
        .any(|stop| is_over(*stop, paging, asked, seen))
    {
        return Step::Last;
    }
    let next = match (seen.next, paging.kind) {
        (Next::At(next), _) => next,
        // The same request would be answered in the same way.
        (_, PagingKind::Offset) if seen.count == 0 => return Step::Last,
        (_, PagingKind::Offset) => asked.position.saturating_add(seen.count),
        (_, PagingKind::Page) => asked.position.saturating_add(1),
        (_, PagingKind::Cursor | PagingKind::NextUrl { .. } | PagingKind::Keyset { .. }) => {
            return Step::Stalled("it has no positions by number".to_owned());
        }
    };
    if next > asked.position {
        Step::To(next)
    } else {
        Step::Stalled(format!(
            "after position {} the API leads to {next}",
            asked.position
        ))
    }
}

fn is_over(stop: Stop, paging: &Paging, asked: Asked, seen: &Facts) -> bool {
    match stop {
        Stop::EmptyPage => seen.count == 0,
        Stop::NoNext => paging.next.is_some() && seen.next == Next::Nothing,
        Stop::TotalReached => seen.total.is_some() && received(paging, asked, seen) == seen.total,
        Stop::ShortPage => {
            let size = seen.size.or(asked.size).or(paging.default_size);
            let is_more = seen
                .total
                .zip(received(paging, asked, seen))
                .is_some_and(|(total, received)| received < total);
            size.is_some_and(|size| seen.count < size) && !is_more
        }
        Stop::LastPage => {
            let page = seen.page.unwrap_or(asked.position);
            // No pages, and yet items: that number is not believed.
            seen.pages
                .is_some_and(|pages| page >= pages && !(pages == 0 && seen.count > 0))
        }
    }
}

/// All items up to the end of this page.
fn received(paging: &Paging, asked: Asked, seen: &Facts) -> Option<u64> {
    let before = match paging.kind {
        PagingKind::Offset => Some(asked.position.saturating_sub(paging.first)),
        PagingKind::Page
        | PagingKind::Cursor
        | PagingKind::NextUrl { .. }
        | PagingKind::Keyset { .. } => asked.before,
    };
    before.map(|before| before.saturating_add(seen.count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{Place, SendAt};

    const OFFSET: Paging = Paging {
        name: "offset",
        kind: PagingKind::Offset,
        start: Some(SendAt::Query("offset")),
        size: Some(SendAt::Query("limit")),
        items: &["data"],
        first: 0,
        total: Some(Place::Body(&["total"])),
        next: None,
        page: None,
        pages: None,
        size_read: None,
        default_size: Some(10),
        min_size: None,
        max_size: None,
        unique_by: None,
        stop: &[Stop::TotalReached],
        ..Paging::NEW
    };
    const PAGE: Paging = Paging {
        kind: PagingKind::Page,
        first: 1,
        page: Some(Place::Body(&["page"])),
        pages: Some(Place::Body(&["pages"])),
        stop: &[Stop::LastPage],
        ..OFFSET
    };

    fn after(paging: &Paging, position: u64, seen: Facts) -> Step {
        advance(
            paging,
            Asked {
                position,
                size: None,
                before: Some(0),
            },
            &seen,
        )
    }

    fn offset(position: u64, count: u64, total: Option<u64>) -> Step {
        after(
            &OFFSET,
            position,
            Facts {
                count,
                total,
                ..Facts::default()
            },
        )
    }

    /// Row H4: progress is by what was received, and a total is a hint.
    #[test]
    fn offsets_advance_by_what_was_received() {
        assert_eq!(offset(0, 10, Some(25)), Step::To(10));
        assert_eq!(offset(20, 5, Some(25)), Step::Last);
        assert_eq!(offset(0, 37, Some(50)), Step::To(37), "more than asked for");
        assert_eq!(
            offset(10, 10, Some(3)),
            Step::To(20),
            "a total below what was received"
        );
        assert_eq!(offset(0, 10, None), Step::To(10));
        assert_eq!(
            offset(30, 0, Some(1000)),
            Step::Last,
            "a total beyond the end"
        );
        assert!(matches!(offset(u64::MAX, 10, Some(25)), Step::Stalled(_)));
    }

    /// Row H3: page counts are read again with each page and are not believed blindly.
    #[test]
    fn page_counts_are_checked() {
        let page = |position, page, pages, count| {
            after(
                &PAGE,
                position,
                Facts {
                    count,
                    page,
                    pages,
                    ..Facts::default()
                },
            )
        };
        assert_eq!(page(1, Some(1), Some(3), 10), Step::To(2));
        assert_eq!(page(3, Some(3), Some(3), 10), Step::Last);
        assert_eq!(page(3, Some(3), Some(9), 10), Step::To(4), "grown");
        assert_eq!(page(3, Some(3), Some(2), 10), Step::Last, "shrunk");
        assert_eq!(
            page(5, Some(3), Some(3), 10),
            Step::Behind,
            "shrunk, and the last page again"
        );
        assert_eq!(page(1, Some(1), Some(0), 0), Step::Last);
        assert_eq!(
            page(1, Some(1), Some(0), 10),
            Step::To(2),
            "no pages, and yet items"
        );
        assert_eq!(
            page(1, Some(1), None, 10),
            Step::To(2),
            "negative or absurd"
        );
        assert!(
            matches!(page(2, Some(1), Some(5), 10), Step::Stalled(_)),
            "the page parameter is ignored"
        );
    }

    #[test]
    fn each_stop_rule_ends_a_walk() {
        let with = |stop| Paging {
            stop,
            next: Some(Place::Body(&["next"])),
            ..OFFSET
        };
        let seen = Facts {
            count: 3,
            ..Facts::default()
        };
        assert_eq!(after(&with(&[Stop::ShortPage]), 0, seen), Step::Last);
        assert_eq!(
            after(
                &with(&[Stop::ShortPage]),
                0,
                Facts {
                    total: Some(9),
                    ..seen
                }
            ),
            Step::To(3)
        );
        assert_eq!(
            after(
                &with(&[Stop::ShortPage]),
                0,
                Facts {
                    size: Some(3),
                    ..seen
                }
            ),
            Step::To(3)
        );
        assert_eq!(after(&with(&[Stop::NoNext]), 0, seen), Step::Last);
        assert_eq!(
            after(
                &with(&[Stop::NoNext]),
                0,
                Facts {
                    next: Next::Some,
                    ..seen
                }
            ),
            Step::To(3)
        );
        assert_eq!(
            after(
                &with(&[Stop::NoNext]),
                0,
                Facts {
                    next: Next::At(7),
                    ..seen
                }
            ),
            Step::To(7)
        );
        assert!(matches!(
            after(
                &with(&[Stop::NoNext]),
                9,
                Facts {
                    next: Next::At(9),
                    ..seen
                }
            ),
            Step::Stalled(_)
        ));
        assert_eq!(
            after(&with(&[Stop::EmptyPage]), 0, Facts { count: 0, ..seen }),
            Step::Last
        );
        assert!(matches!(
            after(
                &OFFSET,
                0,
                Facts {
                    size: Some(0),
                    ..seen
                }
            ),
            Step::Stalled(_)
        ));
    }
}
