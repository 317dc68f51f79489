//! The walk behind the streams: one request per page, from its own clone of the call.
//!
//! An error does not move the walk: polled again, it asks for the same page again. Only a walk that cannot advance is
//! over after its error.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::Page;
use super::advance::{Asked, Step, advance};
use super::contents::Contents;
use crate::client;
use crate::decode::{self, Misfit};
use crate::error::{Error, Kind, Result};
use crate::request::Request;
use crate::response::Raw;
use crate::transport::BoxFuture;

const MOST_PAGES: u32 = 10_000;
/// A server that says there is more and gives nothing is not asked for ever.
const MOST_EMPTY: u32 = 16;

pub(super) struct Walk<T> {
    request: Arc<Request>,
    read: fn(&Request, &str) -> Result<Contents<T>, Misfit>,
    running: Option<(Arc<Request>, BoxFuture<'static, Result<Raw>>)>,
    position: u64,
    received: Option<u64>,
    pages: u32,
    empty: u32,
    last: Bytes,
    keys: HashSet<u64>,
    done: bool,
}

/// A page with the errors of those items that do not fit, each with the number of good ones before it.
pub(super) struct Fetched<T> {
    page: Page<T>,
    bad: VecDeque<(usize, Error)>,
}

impl<T> Walk<T> {
    pub(super) fn new(
        request: Arc<Request>,
        read: fn(&Request, &str) -> Result<Contents<T>, Misfit>,
    ) -> Walk<T> {
        let position = request.position();
        let first = request.operation.page.map_or(0, |page| page.first);
        Walk {
            request,
            read,
            running: None,
            position,
            received: (position == first).then_some(0),
            pages: 0,
            empty: 0,
            last: Bytes::new(),
            keys: HashSet::new(),
            done: false,
        }
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Fetched<T>>>> {
        if self.done {
            return Poll::Ready(None);
        }
        if self.running.is_none() {
            if self.pages >= MOST_PAGES {
                return Poll::Ready(Some(Err(self.stalled("it has more than 10 000 pages"))));
            }
            let mut request = Arc::clone(&self.request);
            if self.position != request.position() {
                Arc::make_mut(&mut request).start(self.position);
            }
            self.running = Some((Arc::clone(&request), client::start(request)));
        }
        let Some((request, running)) = &mut self.running else {
            return Poll::Pending;
        };
        let raw = ready!(running.as_mut().poll(cx));
        let request = Arc::clone(request);
        self.running = None;
        let fetched = raw.and_then(|raw| self.take(&request, &raw));
        Poll::Ready(match fetched {
            Ok(None) => None,
            Ok(Some(fetched)) => Some(Ok(fetched)),
            Err(error) => Some(Err(error)),
        })
    }

    /// Reads a page, moves the walk, and gives the page if it is one that was not given before.
    fn take(&mut self, request: &Request, raw: &Raw) -> Result<Option<Fetched<T>>> {
        let misfit = |misfit: Misfit| client::misfit(request, raw, &misfit);
        let contents = decode::text(&raw.body)
            .and_then(|text| (self.read)(request, text))
            .map_err(misfit)?;
        let facts = contents.facts;
        let asked = Asked {
            position: self.position,
            size: request.asked_size(),
            before: self.received,
        };
        let step = match request.operation.page {
            Some(paging) => advance(paging, asked, &facts),
            None => Step::Last,
        };
        let list = raw.body.slice(contents.list.clone());
        // The last page comes twice when the list has shrunk by a page, and that is its end.
        if facts.count > 0 && list == self.last && step != Step::Behind {
            return Err(self.stalled("the same page came twice"));
        }
        match step {
            Step::Stalled(why) => return Err(self.stalled(&why)),
            Step::Behind => {
                self.done = true;
                return Ok(None);
            }
            Step::Last => self.done = true,
            Step::To(next) => self.position = next,
        }
        self.pages += 1;
        self.empty = if facts.count == 0 { self.empty + 1 } else { 0 };
        if self.empty >= MOST_EMPTY && !self.done {
            return Err(self.stalled("one empty page follows another"));
        }
        self.received = self
            .received
            .map(|received| received.saturating_add(facts.count));
        self.last = list;
        let position = asked.position;
        let bad = contents
            .bad
            .iter()
            .map(|(before, bad)| (*before, misfit(bad.clone())))
            .collect();
        let fresh = self.fresh(contents.items, &contents.keys, bad);
        Ok(Some(Fetched {
            page: Page {
                items: fresh.0,
                total: facts.total,
                position,
            },
            bad: fresh.1,
        }))
    }

    /// Drops items that were given before, where the description tells how to know them.
    fn fresh(
        &mut self,
        items: Vec<T>,
        keys: &[u64],
        mut bad: VecDeque<(usize, Error)>,
    ) -> (Vec<T>, VecDeque<(usize, Error)>) {
        if keys.is_empty() {
            return (items, bad);
        }
        let is_fresh: Vec<bool> = keys.iter().map(|key| self.keys.insert(*key)).collect();
        for (before, _) in &mut bad {
            *before = is_fresh[..*before]
                .iter()
                .filter(|is_fresh| **is_fresh)
                .count();
        }
        let fresh = items
            .into_iter()
            .zip(is_fresh)
            .filter_map(|(item, is_fresh)| is_fresh.then_some(item));
        (fresh.collect(), bad)
    }

    fn stalled(&mut self, why: &str) -> Error {
        self.done = true;
        Error::of(self.request.operation, Kind::PagingStalled, why)
    }
}

/// A stream of pages. Items that do not fit are left out of their page and follow it as errors.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T> {
    walk: Walk<T>,
    bad: VecDeque<(usize, Error)>,
}

/// Nothing in it is ever pinned.
impl<T> Unpin for Pages<T> {}

impl<T> Pages<T> {
    pub(super) fn new(walk: Walk<T>) -> Pages<T> {
        Pages {
            walk,
            bad: VecDeque::new(),
        }
    }

    /// The next page; `None` after the last one. After an error, it asks for the same page again.
    ///
    /// # Errors
    ///
    /// As any call; and when the walk does not advance.
    pub async fn try_next(&mut self) -> Result<Option<Page<T>>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx))
            .await
            .transpose()
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Page<T>>>> {
        if let Some((_, error)) = self.bad.pop_front() {
            return Poll::Ready(Some(Err(error)));
        }
        Poll::Ready(match ready!(self.walk.poll_page(cx)) {
            Some(Ok(fetched)) => {
                self.bad = fetched.bad;
                Some(Ok(fetched.page))
            }
            Some(Err(error)) => Some(Err(error)),
            None => None,
        })
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("position", &self.walk.position)
            .finish_non_exhaustive()
    }
}

/// A stream of items, page after page. An item that does not fit is an error in its place; the others follow.
#[must_use = "streams do nothing unless polled"]
pub struct Items<T> {
    walk: Walk<T>,
    items: std::vec::IntoIter<T>,
    given: usize,
    bad: VecDeque<(usize, Error)>,
}

/// Nothing in it is ever pinned.
impl<T> Unpin for Items<T> {}

impl<T> Items<T> {
    pub(super) fn new(walk: Walk<T>) -> Items<T> {
        Items {
            walk,
            items: Vec::new().into_iter(),
            given: 0,
            bad: VecDeque::new(),
        }
    }

    /// The next item; `None` after the last one. After an error, it goes on behind it, or asks for the page again.
    ///
    /// # Errors
    ///
    /// As any call; when one item does not fit; and when the walk does not advance.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx))
            .await
            .transpose()
    }

    /// The items in one vector, at most `most` of them; what is left is not asked for.
    ///
    /// # Errors
    ///
    /// As [`try_next`](Items::try_next); the items before the error are lost.
    pub async fn collect_at_most(mut self, most: usize) -> Result<Vec<T>> {
        let mut all = Vec::new();
        while all.len() < most {
            let Some(item) = self.try_next().await? else {
                break;
            };
            all.push(item);
        }
        Ok(all)
    }
}

impl<T> Stream for Items<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if self
                .bad
                .front()
                .is_some_and(|(before, _)| *before <= self.given)
            {
                return Poll::Ready(self.bad.pop_front().map(|(_, error)| Err(error)));
            }
            if let Some(item) = self.items.next() {
                self.given += 1;
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.walk.poll_page(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(fetched)) => {
                    (self.items, self.bad, self.given) =
                        (fetched.page.items.into_iter(), fetched.bad, 0);
                }
            }
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("position", &self.walk.position)
            .finish_non_exhaustive()
    }
}
