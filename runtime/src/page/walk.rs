//! The walk behind the streams: one request per page, from its own clone of the call.
//!
//! An error does not move the walk: polled again, it asks for the same page again. Only a walk that cannot advance is
//! over after its error, and it is never over without one before its end.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::advance::{Asked, Step, advance};
use super::ahead::fetch_ahead;
use super::contents::{Contents, Facts, hash};
use super::follow::follow;
use super::position::Position;
use super::{Page, ReadPage};
use crate::client;
use crate::decode;
use crate::error::{Error, Kind, Result};
use crate::operation::{Operation, Paging, PagingKind};
use crate::request::Request;
use crate::response::Raw;
use crate::transport::BoxFuture;

pub(super) const MOST_PAGES: u32 = 10_000;
/// A server that says there is more and gives nothing is not asked for ever.
const MOST_EMPTY: u32 = 16;
/// How many cursors, URLs and pages a walk remembers, so that it does not go round in circles: 64 pages of each.
const REMEMBERED: usize = 128;

/// How far a walk has come: what a checkpoint keeps of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The page that comes next; none: where the list begins.
    pub(super) position: Option<Position>,
    /// All items before it, if the walk began where the list begins.
    pub(super) received: Option<u64>,
    pub(super) pages: u32,
    /// Pages without anything new, one after the other.
    pub(super) empty: u32,
    /// There is no next page.
    pub(super) is_over: bool,
}

impl Mark {
    fn first(request: &Request) -> Mark {
        let position = request.position().cloned();
        let is_first = match (&position, request.operation.page) {
            (None, _) => true,
            (Some(Position::Number(at)), Some(page)) => *at == page.first,
            (Some(_), _) => false,
        };
        Mark {
            position,
            received: is_first.then_some(0),
            pages: 0,
            empty: 0,
            is_over: false,
        }
    }
}

pub(super) struct Walk<T> {
    request: Arc<Request>,
    read: ReadPage<T>,
    running: Option<(Arc<Request>, BoxFuture<'static, Result<Raw>>)>,
    pub(super) mark: Mark,
    prefetches: bool,
    /// What was seen last: pages, and the places to which they led.
    known: VecDeque<u64>,
    /// What tells items apart, of all that were given.
    pub(super) keys: HashSet<u64>,
    done: bool,
    /// The page that was given last leads nowhere; the error that says so comes next.
    pub(super) stuck: bool,
    failed: Option<Error>,
}

/// A page on its way to the caller.
pub(super) struct Fetched<T> {
    pub(super) page: Page<T>,
    /// One for each item, where items are told apart.
    pub(super) keys: Vec<u64>,
    /// The errors of items that do not fit, each with the number of good ones before it.
    pub(super) bad: VecDeque<(usize, Error)>,
    /// Where the walk stood before it.
    pub(super) before: Mark,
    /// What the page says beside its items, and what it has cost.
    #[cfg(feature = "export")]
    pub(super) facts: Facts,
    #[cfg(feature = "export")]
    pub(super) attempts: u32,
    #[cfg(feature = "export")]
    pub(super) waited: std::time::Duration,
}

impl<T> Walk<T> {
    /// A walk from a mark, or from where the call begins.
    pub(super) fn new(
        request: Arc<Request>,
        read: ReadPage<T>,
        mark: Option<Mark>,
        prefetches: bool,
    ) -> Walk<T> {
        let mark = mark.unwrap_or_else(|| Mark::first(&request));
        Walk {
            request,
            read,
            running: None,
            done: mark.is_over,
            mark,
            prefetches,
            known: VecDeque::new(),
            keys: HashSet::new(),
            stuck: false,
            failed: None,
        }
    }

    /// The call, and how its pages are read.
    #[cfg(feature = "export")]
    pub(super) fn call(&self) -> (Arc<Request>, ReadPage<T>) {
        (Arc::clone(&self.request), self.read)
    }

    /// From where it goes on, behind all that it has given.
    #[cfg(feature = "export")]
    pub(super) fn checkpoint(&self) -> super::Checkpoint {
        super::Checkpoint::new(self.request.operation, self.mark.clone(), 0)
    }

    pub(super) fn operation(&self) -> &'static Operation {
        self.request.operation
    }

    pub(super) fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Fetched<T>>>> {
        if self.done {
            return Poll::Ready(self.failed.take().map(Err));
        }
        if self.running.is_none() {
            if self.mark.pages >= MOST_PAGES {
                return Poll::Ready(Some(Err(self.stalled("it has more than 10 000 pages"))));
            }
            let request = self.next_request();
            self.running = Some((Arc::clone(&request), client::start(request)));
        }
        let Some((request, running)) = &mut self.running else {
            return Poll::Pending;
        };
        let raw = ready!(running.as_mut().poll(cx));
        let request = Arc::clone(request);
        self.running = None;
        let fetched = raw.and_then(|raw| self.take(&request, &raw));
        if self.prefetches && fetched.is_ok() && !self.done && self.mark.pages < MOST_PAGES {
            let request = self.next_request();
            self.running = Some((Arc::clone(&request), fetch_ahead(request)));
        }
        Poll::Ready(fetched.transpose())
    }

    fn next_request(&self) -> Arc<Request> {
        let mut request = Arc::clone(&self.request);
        if let Some(position) = &self.mark.position
            && request.position() != Some(position)
        {
            Arc::make_mut(&mut request).go_to(position.clone());
        }
        request
    }

    /// Reads a page, moves the walk, and gives the page if it is one that was not given before.
    fn take(&mut self, request: &Request, raw: &Raw) -> Result<Option<Fetched<T>>> {
        let misfit = |misfit| client::misfit(request, raw, &misfit);
        let contents = decode::text(&raw.body)
            .and_then(|text| (self.read)(request, raw, text))
            .map_err(misfit)?;
        let before = self.mark.clone();
        let asked = Asked::of(request, before.received);
        let step = step(request.operation.page, asked, &contents.facts);
        let list = raw.body.slice(contents.list.clone());
        // The last page comes twice when the list has shrunk by a page, and that is its end.
        if contents.facts.count > 0 && step != Step::Behind && self.knows(&list) {
            return Err(self.stalled("the same page came twice"));
        }
        self.go(request, &step, &contents)?;
        if step == Step::Behind {
            return Ok(None);
        }
        Ok(Some(Fetched {
            bad: contents
                .bad
                .iter()
                .map(|(at, bad)| (*at, misfit(bad.clone())))
                .collect(),
            keys: contents.keys,
            page: Page {
                items: contents.items,
                total: contents.facts.total,
                position: asked.place(request.operation.page),
                next_cursor: next_cursor(request.operation.page, &step),
            },
            before,
            #[cfg(feature = "export")]
            facts: contents.facts,
            #[cfg(feature = "export")]
            attempts: raw.attempts,
            #[cfg(feature = "export")]
            waited: raw.waited,
        }))
    }

    /// Moves the walk behind a page. One that leads nowhere is given all the same, and its error comes next.
    fn go(&mut self, request: &Request, step: &Step, contents: &Contents<T>) -> Result<()> {
        let count = contents.facts.count;
        let is_old = |key| self.keys.contains(key);
        let is_empty = count == 0
            || !contents.keys.is_empty()
                && contents.bad.is_empty()
                && contents.keys.iter().all(is_old);
        // What a checkpoint says may be any number.
        let empty = if is_empty {
            self.mark.empty.saturating_add(1)
        } else {
            0
        };
        let next = match step {
            Step::Stalled(why) => return Err(self.stalled(why)),
            Step::To(_) if empty >= MOST_EMPTY => {
                return Err(self.stalled("one page without anything new follows another"));
            }
            Step::Behind | Step::Last => Ok(None),
            Step::To(next) => self.onward(request, next.clone()).map(Some),
            Step::Stuck(why) => Err(self.stalled(why)),
        };
        match next {
            Ok(next) => {
                self.done = next.is_none();
                self.mark = Mark {
                    is_over: next.is_none(),
                    position: next,
                    received: self.mark.received.map(|all| all.saturating_add(count)),
                    pages: self.mark.pages.saturating_add(1),
                    empty,
                };
            }
            Err(error) => {
                (self.done, self.stuck) = (true, true);
                self.failed = Some(error);
            }
        }
        Ok(())
    }

    /// Where a page leads, if the walk was not led there before.
    fn onward(&mut self, request: &Request, next: Position) -> Result<Position> {
        let kind = request.operation.page.map(|page| page.kind);
        let next = match (kind, &next) {
            (Some(PagingKind::NextUrl { .. }), Position::Text(place)) => follow(request, place)?,
            _ => next,
        };
        // Offsets and page numbers only grow.
        let is_known = !matches!(kind, Some(PagingKind::Offset | PagingKind::Page))
            && (self.mark.position.as_ref() == Some(&next) || self.knows(&next));
        if is_known {
            return Err(self.stalled("it leads back to a page that was there already"));
        }
        Ok(next)
    }

    /// Whether this was seen lately; it is remembered from now on.
    fn knows(&mut self, thing: &impl std::hash::Hash) -> bool {
        let hash = hash(thing);
        if self.known.contains(&hash) {
            return true;
        }
        if self.known.len() >= REMEMBERED {
            self.known.pop_front();
        }
        self.known.push_back(hash);
        false
    }

    fn stalled(&mut self, why: &str) -> Error {
        self.done = true;
        Error::of(self.request.operation, Kind::PagingStalled, why)
    }
}

/// What follows upon a page; without a policy, nothing.
fn step(paging: Option<&Paging>, asked: Asked, facts: &Facts) -> Step {
    paging.map_or(Step::Last, |paging| advance(paging, asked, facts))
}

/// Where the next page begins, for those who ask for it on their own.
fn next_cursor(paging: Option<&Paging>, step: &Step) -> Option<String> {
    match (paging?.kind, step) {
        (PagingKind::Cursor | PagingKind::Keyset { .. }, Step::To(next)) => Some(next.to_string()),
        _ => None,
    }
}

impl<T> Contents<T> {
    /// The page, if all of its items fit.
    pub(super) fn whole(self, request: &Request) -> Result<Page<T>, decode::Misfit> {
        let asked = Asked::of(request, request.position().is_none().then_some(0));
        let step = step(request.operation.page, asked, &self.facts);
        match self.bad.into_iter().next() {
            Some((_, misfit)) => Err(misfit),
            None => Ok(Page {
                items: self.items,
                total: self.facts.total,
                position: asked.place(request.operation.page),
                next_cursor: next_cursor(request.operation.page, &step),
            }),
        }
    }
}
