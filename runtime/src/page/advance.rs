//! Where a walk goes after a page: on, to its end, or nowhere.
//!
//! Pure: it is given what was asked and what came. Progress is by what was received; what the server says about totals
//! is a hint that ends a walk only when it agrees with what was received.

use super::contents::{Facts, Next, number_of};
use super::position::Position;
use crate::operation::{Paging, PagingKind, Stop};
use crate::request::Request;

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// The number of the position; 0 where positions have none.
    pub(super) position: u64,
    pub(super) size: Option<u64>,
    /// Items received before this page, if the walk began at the first page.
    pub(super) before: Option<u64>,
}

impl Asked {
    pub(super) fn of(request: &Request, before: Option<u64>) -> Asked {
        let first = request.operation.page.map_or(0, |page| page.first);
        Asked {
            position: match request.position() {
                Some(Position::Number(position)) => *position,
                Some(_) => 0,
                None => first,
            },
            size: request.asked_size(),
            before,
        }
    }

    /// The number of the page's position, or else of its first item.
    pub(super) fn place(&self, paging: Option<&Paging>) -> u64 {
        match paging.map(|paging| paging.kind) {
            Some(PagingKind::Offset | PagingKind::Page) => self.position,
            _ => self.before.unwrap_or(0),
        }
    }
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The page is the last one.
    Last,
    /// The page lies behind the end: it is another one than was asked for.
    Behind,
    /// The next page begins here.
    To(Position),
    /// The page is good, and nothing leads on from it.
    Stuck(String),
    /// The page is not the one that was asked for.
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
    let number = match &seen.next {
        Next::At(Position::Number(next)) => Some(*next).filter(|next| *next <= 1 << 53),
        Next::At(Position::Text(text)) => number_of(text),
        Next::At(Position::Decimal(_) | Position::Url(_)) | Next::Some | Next::Nothing => None,
    };
    let next = match (paging.kind, number, &seen.next) {
        (PagingKind::Offset | PagingKind::Page, Some(next), _) => next,
        // The same request would be answered in the same way.
        (PagingKind::Offset | PagingKind::Keyset { .. }, _, _) if seen.count == 0 => {
            return Step::Last;
        }
        (PagingKind::Offset, ..) => asked.position.saturating_add(seen.count),
        (PagingKind::Page, ..) => asked.position.saturating_add(1),
        (PagingKind::Cursor, _, Next::At(next))
        | (PagingKind::NextUrl { .. }, _, Next::At(next @ Position::Text(_))) => {
            return Step::To(next.clone());
        }
        (PagingKind::Cursor | PagingKind::NextUrl { .. }, ..) => {
            return Step::Stuck("nothing that is a next page stands where it should".to_owned());
        }
        (PagingKind::Keyset { by }, ..) => {
            let missing = || Step::Stuck(format!("the last item has no `{by}` to go on from"));
            return seen.last.clone().map_or_else(missing, Step::To);
        }
    };
    if next > asked.position {
        Step::To(Position::Number(next))
    } else {
        Step::Stuck(format!(
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

    fn to(number: u64) -> Step {
        Step::To(Position::Number(number))
    }

    fn after(paging: &Paging, position: u64, seen: &Facts) -> Step {
        advance(
            paging,
            Asked {
                position,
                size: None,
                before: Some(0),
            },
            seen,
        )
    }

    fn offset(position: u64, count: u64, total: Option<u64>) -> Step {
        after(
            &OFFSET,
            position,
            &Facts {
                count,
                total,
                ..Facts::default()
            },
        )
    }

    /// Row H4: progress is by what was received, and a total is a hint.
    #[test]
    fn offsets_advance_by_what_was_received() {
        assert_eq!(offset(0, 10, Some(25)), to(10));
        assert_eq!(offset(20, 5, Some(25)), Step::Last);
        assert_eq!(offset(0, 37, Some(50)), to(37), "more than asked for");
        assert_eq!(
            offset(10, 10, Some(3)),
            to(20),
            "a total below what was received"
        );
        assert_eq!(offset(0, 10, None), to(10));
        assert_eq!(
            offset(30, 0, Some(1000)),
            Step::Last,
            "a total beyond the end"
        );
        assert!(matches!(offset(u64::MAX, 10, Some(25)), Step::Stuck(_)));
    }

    /// Row H3: page counts are read again with each page and are not believed blindly.
    #[test]
    fn page_counts_are_checked() {
        let page = |position, page, pages, count| {
            after(
                &PAGE,
                position,
                &Facts {
                    count,
                    page,
                    pages,
                    ..Facts::default()
                },
            )
        };
        assert_eq!(page(1, Some(1), Some(3), 10), to(2));
        assert_eq!(page(3, Some(3), Some(3), 10), Step::Last);
        assert_eq!(page(3, Some(3), Some(9), 10), to(4), "grown");
        assert_eq!(page(3, Some(3), Some(2), 10), Step::Last, "shrunk");
        assert_eq!(
            page(5, Some(3), Some(3), 10),
            Step::Behind,
            "shrunk, and the last page again"
        );
        assert_eq!(page(1, Some(1), Some(0), 0), Step::Last);
        assert_eq!(
            page(1, Some(1), Some(0), 10),
            to(2),
            "no pages, and yet items"
        );
        assert_eq!(page(1, Some(1), None, 10), to(2), "negative or absurd");
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
        assert_eq!(after(&with(&[Stop::ShortPage]), 0, &seen), Step::Last);
        assert_eq!(
            after(
                &with(&[Stop::ShortPage]),
                0,
                &Facts {
                    total: Some(9),
                    ..seen.clone()
                }
            ),
            to(3)
        );
        assert_eq!(
            after(
                &with(&[Stop::ShortPage]),
                0,
                &Facts {
                    size: Some(3),
                    ..seen.clone()
                }
            ),
            to(3)
        );
        assert_eq!(after(&with(&[Stop::NoNext]), 0, &seen), Step::Last);
        assert_eq!(
            after(
                &with(&[Stop::NoNext]),
                0,
                &Facts {
                    next: Next::Some,
                    ..seen.clone()
                }
            ),
            to(3)
        );
        assert_eq!(
            after(
                &with(&[Stop::NoNext]),
                0,
                &Facts {
                    next: Next::At(Position::Number(7)),
                    ..seen.clone()
                }
            ),
            to(7)
        );
        assert!(matches!(
            after(
                &with(&[Stop::NoNext]),
                9,
                &Facts {
                    next: Next::At(Position::Number(9)),
                    ..seen.clone()
                }
            ),
            Step::Stuck(_)
        ));
        assert_eq!(
            after(
                &with(&[Stop::EmptyPage]),
                0,
                &Facts {
                    count: 0,
                    ..seen.clone()
                }
            ),
            Step::Last
        );
        assert!(matches!(
            after(
                &OFFSET,
                0,
                &Facts {
                    size: Some(0),
                    ..seen.clone()
                }
            ),
            Step::Stalled(_)
        ));
    }
}
