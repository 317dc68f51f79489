//! What callers walk with: a stream of pages and a stream of items.
//!
//! They own all they need and ask for a page only when they are polled for it, or for one page more with a prefetch.
//! Dropping them ends the walk, with whatever is on its way.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::Page;
use super::checkpoint::Checkpoint;
use super::walk::{Fetched, Mark, Walk};
use crate::error::{Error, Result};

/// A stream of pages. Items that do not fit are left out of their page and follow it as errors.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T> {
    walk: Walk<T>,
    bad: VecDeque<(usize, Error)>,
    /// The first page was given before the checkpoint.
    skips: bool,
    /// Where the walk stood before the page that was given last, if its items tell others apart.
    told: Option<Mark>,
}

/// Nothing in it is ever pinned.
impl<T> Unpin for Pages<T> {}

impl<T> Pages<T> {
    pub(super) fn new(walk: Walk<T>, given: u64) -> Pages<T> {
        Pages {
            walk,
            bad: VecDeque::new(),
            skips: given == ALL,
            told: None,
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

    /// From where the walk goes on behind the page that was given last: [`ListCall::resume`](super::ListCall::resume).
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        checkpoint(&self.walk, self.told.as_ref().map(|before| (before, ALL)))
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Page<T>>>> {
        let this = &mut *self;
        loop {
            if let Some((_, error)) = this.bad.pop_front() {
                return Poll::Ready(Some(Err(error)));
            }
            let Some(fetched) = ready!(this.walk.poll_page(cx)).transpose()? else {
                return Poll::Ready(None);
            };
            let mut page = fetched.page;
            this.told = None;
            if !fetched.keys.is_empty() {
                this.told = Some(fetched.before);
                let mut keys = fetched.keys.iter();
                page.items
                    .retain(|_| keys.next().is_some_and(|key| this.walk.keys.insert(*key)));
            }
            if !std::mem::take(&mut this.skips) {
                this.bad = fetched.bad;
                return Poll::Ready(Some(Ok(page)));
            }
        }
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("pages", &self.walk.mark.pages)
            .finish_non_exhaustive()
    }
}

/// All entries of a page.
const ALL: u64 = u64::MAX;

/// Behind all that the walk has given. Two pages are asked for again and not given: one that leads nowhere, so that it
/// fails again, and one whose items tell those of the next page apart.
fn checkpoint<T>(walk: &Walk<T>, told: Option<(&Mark, u64)>) -> Checkpoint {
    let (mark, given) = match told {
        _ if walk.stuck => (&walk.mark, ALL),
        Some(told) if !walk.mark.is_over => told,
        _ => (&walk.mark, 0),
    };
    Checkpoint::new(walk.operation(), mark.clone(), given)
}

/// A stream of items, page after page. An item that does not fit is an error in its place; the others follow.
#[must_use = "streams do nothing unless polled"]
pub struct Items<T> {
    walk: Walk<T>,
    page: Entries<T>,
    /// So many entries of this page, and those behind it, were given before the checkpoint.
    skip: u64,
}

/// Nothing in it is ever pinned.
impl<T> Unpin for Items<T> {}

impl<T> Items<T> {
    pub(super) fn new(walk: Walk<T>, given: u64) -> Items<T> {
        Items {
            page: Entries::none(walk.mark.clone()),
            walk,
            skip: given,
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

    /// From where the walk goes on behind the item that was given last: [`ListCall::resume`](super::ListCall::resume).
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        if !self.page.is_empty() || self.skip > self.page.given {
            let given = self.page.given.max(self.skip);
            return Checkpoint::new(self.walk.operation(), self.page.before.clone(), given);
        }
        let told = self
            .page
            .is_told
            .then_some((&self.page.before, self.page.given));
        checkpoint(&self.walk, told)
    }
}

impl<T> Stream for Items<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        let this = &mut *self;
        loop {
            while let Some((entry, key)) = this.page.next() {
                let is_new = key.is_none_or(|key| this.walk.keys.insert(key));
                if this.page.given > this.skip && is_new {
                    return Poll::Ready(Some(entry));
                }
            }
            let Some(fetched) = ready!(this.walk.poll_page(cx)).transpose()? else {
                return Poll::Ready(None);
            };
            if this.page.before != fetched.before {
                // What was given before the checkpoint may be spread over other pages now.
                this.skip = match this.skip {
                    ALL => 0,
                    skip => skip.saturating_sub(this.page.given),
                };
            }
            this.page = Entries::of(fetched);
        }
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.walk.mark.pages)
            .finish_non_exhaustive()
    }
}

/// What is left of a page, in its order.
struct Entries<T> {
    items: std::vec::IntoIter<T>,
    keys: std::vec::IntoIter<u64>,
    is_told: bool,
    bad: VecDeque<(usize, Error)>,
    /// Good ones, and all, that were taken out.
    good: usize,
    given: u64,
    before: Mark,
}

impl<T> Entries<T> {
    fn none(before: Mark) -> Entries<T> {
        Entries {
            items: Vec::new().into_iter(),
            keys: Vec::new().into_iter(),
            is_told: false,
            bad: VecDeque::new(),
            good: 0,
            given: 0,
            before,
        }
    }

    fn of(fetched: Fetched<T>) -> Entries<T> {
        Entries {
            items: fetched.page.items.into_iter(),
            is_told: !fetched.keys.is_empty(),
            keys: fetched.keys.into_iter(),
            bad: fetched.bad,
            ..Entries::none(fetched.before)
        }
    }

    fn is_empty(&self) -> bool {
        self.items.len() == 0 && self.bad.is_empty()
    }

    /// The next entry, with what tells it apart.
    fn next(&mut self) -> Option<(Result<T>, Option<u64>)> {
        let is_bad = self.bad.front().is_some_and(|(at, _)| *at <= self.good);
        let entry = if is_bad {
            (Err(self.bad.pop_front()?.1), None)
        } else {
            let item = self.items.next()?;
            self.good += 1;
            (Ok(item), self.keys.next())
        };
        self.given += 1;
        Some(entry)
    }
}
