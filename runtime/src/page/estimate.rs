//! What a walk will cost, as far as its first page tells.
//! It decides nothing: a walk does not look at its own estimate.

use std::time::Duration;

use super::advance::{Asked, Step, advance};
use super::contents::Facts;
use crate::operation::PagingKind;
use crate::request::Request;

/// What a walk will cost. What nobody can know is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// Items from where the walk begins to the end of the list: the API's own number, or that of the only page.
    pub items: Option<u64>,
    /// Requests for all of them, in pages as large as the first one.
    pub requests: Option<u64>,
    /// The least time that the API's quotas leave for so many requests, when all of them are free at the beginning.
    pub least_time: Option<Duration>,
}

impl Estimate {
    /// The estimate of a walk whose first page was this one.
    pub(super) fn of(request: &Request, facts: &Facts) -> Estimate {
        let Some(paging) = request.operation.page else {
            return Estimate {
                items: Some(facts.count),
                requests: Some(1),
                least_time: request.core.least_time(request.operation, 1),
            };
        };
        let asked = Asked::of(request, request.position().is_none().then_some(0));
        let is_last = matches!(advance(paging, asked, facts), Step::Last | Step::Behind);
        // A full page tells the size that the server uses; a short one does not.
        let size = facts
            .size
            .or(asked.size)
            .or(paging.default_size)
            .or((!is_last).then_some(facts.count));
        let size = size.filter(|size| *size > 0);
        // What lies before the position is no part of the walk; behind a cursor, nobody knows how much that is.
        let before = match paging.kind {
            PagingKind::Offset => Some(asked.position.saturating_sub(paging.first)),
            PagingKind::Page => size.map(|size| {
                asked
                    .position
                    .saturating_sub(paging.first)
                    .saturating_mul(size)
            }),
            PagingKind::Cursor | PagingKind::NextUrl { .. } | PagingKind::Keyset { .. } => {
                asked.before
            }
        };
        let (items, requests) = if is_last {
            (Some(facts.count), Some(1))
        } else {
            let items = facts
                .total
                .zip(before)
                .map(|(total, before)| total.saturating_sub(before).max(facts.count));
            let by_size = items
                .zip(size)
                .map(|(items, size)| items.div_ceil(size).max(1));
            let by_pages = facts
                .pages
                .map(|pages| (pages + paging.first).saturating_sub(asked.position).max(1));
            (
                items,
                by_pages
                    .filter(|_| paging.kind == PagingKind::Page)
                    .or(by_size),
            )
        };
        Estimate {
            items,
            requests,
            least_time: requests
                .and_then(|requests| request.core.least_time(request.operation, requests)),
        }
    }
}
