//! How long a list is whose API does not say: its pages are looked at, ever farther away until one is not full, and
//! then between the last two.
//!
//! It is a guess, and a walk does not depend on it: whatever fails here ends the guess alone.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::super::advance::Asked;
use super::super::contents::Facts;
use super::super::walk::MOST_PAGES;
use super::super::{Estimate, Position, ReadPage};
use super::ExportReport;
use crate::client;
use crate::decode;
use crate::error::Kind;
use crate::operation::PagingKind;
use crate::request::Request;

/// What a walk will cost whose first page was this one; what is asked for that is counted.
pub(super) async fn estimate(
    (request, read): (Arc<Request>, ReadPage<Box<RawValue>>),
    first: &Facts,
    report: &mut ExportReport,
) -> Estimate {
    let estimate = Estimate::of(&request, first);
    if estimate.items.is_some() || estimate.requests.is_some() {
        return estimate;
    }
    let kind = request.operation.page.map(|page| page.kind);
    let size = first.size.unwrap_or(first.count).min(first.count);
    let step = match kind {
        Some(PagingKind::Offset) => size,
        Some(PagingKind::Page) => 1,
        Some(PagingKind::Cursor | PagingKind::NextUrl { .. } | PagingKind::Keyset { .. })
        | None => 0,
    };
    if step == 0 || size == 0 {
        return estimate;
    }
    let probe = Probe {
        from: Asked::of(&request, None).position,
        request: Arc::clone(&request),
        read,
        step,
        size,
    };
    let Some((items, pages)) = probe.measure(report).await else {
        return estimate;
    };
    Estimate {
        items: Some(items),
        requests: Some(pages),
        least_time: request.core.least_time(request.operation, pages),
    }
}

/// Pages by their distance from the first one.
struct Probe {
    request: Arc<Request>,
    read: ReadPage<Box<RawValue>>,
    from: u64,
    step: u64,
    size: u64,
}

impl Probe {
    /// Items and pages, from the first page on.
    async fn measure(&self, report: &mut ExportReport) -> Option<(u64, u64)> {
        let (mut full, mut beyond) = (0, 1);
        loop {
            if beyond >= u64::from(MOST_PAGES) {
                return None;
            }
            match self.count(beyond, report).await? {
                0 => break,
                count if count < self.size => return Some(self.upto(beyond, count)),
                _ => (full, beyond) = (beyond, beyond * 2),
            }
        }
        while beyond - full > 1 {
            let middle = full.midpoint(beyond);
            match self.count(middle, report).await? {
                0 => beyond = middle,
                count if count < self.size => return Some(self.upto(middle, count)),
                _ => full = middle,
            }
        }
        Some(self.upto(full, self.size))
    }

    /// The walk asks for one page more when the last one is full: only that one tells the end.
    fn upto(&self, last: u64, count: u64) -> (u64, u64) {
        let items = last.saturating_mul(self.size).saturating_add(count);
        (items, last + 1 + u64::from(count >= self.size))
    }

    /// How many items a page has; none where the API says that it does not exist.
    async fn count(&self, distance: u64, report: &mut ExportReport) -> Option<u64> {
        let number = self.from.saturating_add(distance.saturating_mul(self.step));
        let mut request = Request::clone(&self.request);
        request.go_to(Position::Number(number));
        match client::start(Arc::new(request)).await {
            Ok(raw) => {
                report.requests += u64::from(raw.attempts);
                report.waited += raw.waited;
                let text = decode::text(&raw.body).ok()?;
                let facts = (self.read)(&self.request, &raw, text).ok()?.facts;
                // Some servers give their last page instead of one that does not exist.
                let is_other = self.step == 1 && facts.page.is_some_and(|page| page != number);
                Some(if is_other { 0 } else { facts.count })
            }
            Err(error) => {
                report.requests += u64::from(error.attempts());
                report.waited += error.waited();
                let is_beyond = matches!(error.status(), Some(400 | 404 | 416 | 422));
                (error.kind() == Kind::Api && is_beyond).then_some(0)
            }
        }
    }
}
