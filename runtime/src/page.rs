//! Lists: one page by `.await`, all pages or items as streams.
//!
//! The streams own all they need, ask for the next page only when they are polled for it or told to fetch one ahead, and
//! never end silently when something is odd: a walk that does not advance is an error.

mod advance;
mod ahead;
mod checkpoint;
mod contents;
mod estimate;
#[cfg(feature = "export")]
mod export;
mod follow;
pub(crate) mod link;
mod position;
mod streams;
mod walk;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::call::ready::take;
use crate::call::{Call, Decode, PendingReply};
use crate::client;
use crate::decode::{self, Misfit};
use crate::error::Result;
use crate::request::Request;
use crate::response::Raw;

pub use checkpoint::Checkpoint;
use contents::Contents;
pub use estimate::Estimate;
#[cfg(feature = "export")]
pub use export::{Export, ExportReport};
pub(crate) use position::Position;
pub use streams::{Items, Pages};
use walk::{Mark, Walk};

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items, in the server's order.
    pub items: Vec<T>,
    /// How many items there are in all pages together, as far as the API says; it may change from page to page.
    pub total: Option<u64>,
    /// Where this page begins, or its number; of pages without numbers, how many items came before it, or 0.
    pub position: u64,
    /// What the next page is asked for by, where lists are walked by a cursor or a key; `None` at their end.
    pub next_cursor: Option<String>,
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Page<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// Reads a page from an answer and its text.
type ReadPage<T> = fn(&Request, &Raw, &str) -> Result<Contents<T>, Misfit>;

/// A list that has not been asked for: `.await` gives one page, [`items`](ListCall::items) walks through all.
///
/// A walk gives each item of a list that does not change exactly once, in the server's order. While a list changes, the
/// kind of its pages decides: by offset and page number, an item that goes makes the walk miss another one, and one
/// that comes is followed by one that comes twice, unless the description says `unique_by`; by key, each item that was
/// there all the time comes exactly once. Cursors and URLs are the server's to explain.
#[must_use = "a call is sent when it is awaited"]
pub struct ListCall<T> {
    call: Call<Page<T>>,
    read: ReadPage<T>,
    /// Where a walk goes on, and how much of its first page was given.
    from: Option<(Mark, u64)>,
    prefetches: bool,
}

impl<T: DeserializeOwned> ListCall<T> {
    pub(crate) fn new(request: Request) -> ListCall<T> {
        ListCall {
            call: Call::new(request, Decode::Page(page::<T>)),
            read: contents::<T>,
            from: None,
            prefetches: false,
        }
    }
}

impl<T: Clone + 'static> ListCall<T> {
    /// A list whose items stand in the request already.
    pub(crate) fn answered(request: Request) -> ListCall<T> {
        let page = |request: &Request| {
            let items = take::<Vec<T>>(request)?;
            Ok(Page {
                total: Some(items.len() as u64),
                items,
                position: 0,
                next_cursor: None,
            })
        };
        ListCall {
            call: Call::new(request, Decode::Ready(page)),
            read: |request, _, _| {
                let items = take::<Vec<T>>(request).map_err(|_| Misfit::missing(&[]))?;
                Ok(Contents::whole_list(items))
            },
            from: None,
            prefetches: false,
        }
    }
}

fn contents<T: DeserializeOwned>(
    request: &Request,
    raw: &Raw,
    text: &str,
) -> Result<Contents<T>, Misfit> {
    contents::read(
        request.operation.page,
        &raw.headers,
        text,
        decode::read::<T>,
        decode::read::<Vec<T>>,
    )
}

fn page<T: DeserializeOwned>(request: &Request, raw: &Raw, text: &str) -> Result<Page<T>, Misfit> {
    contents::<T>(request, raw, text)?.whole(request)
}

impl<T> ListCall<T> {
    /// The same list, its items read as another type.
    #[doc(hidden)]
    pub fn select<U: DeserializeOwned>(self) -> ListCall<U> {
        ListCall {
            from: self.from,
            prefetches: self.prefetches,
            ..ListCall::new(Arc::unwrap_or_clone(self.call.into_request()))
        }
    }

    /// All items, page after page.
    pub fn items(self) -> Items<T> {
        let (walk, given) = self.walk();
        Items::new(walk, given)
    }

    /// All pages, one after the other.
    pub fn pages(self) -> Pages<T> {
        let (walk, given) = self.walk();
        Pages::new(walk, given)
    }

    fn walk(self) -> (Walk<T>, u64) {
        let (mark, given) = self.from.unzip();
        let walk = Walk::new(self.call.into_request(), self.read, mark, self.prefetches);
        (walk, given.unwrap_or(0))
    }

    /// Goes on where a walk stood, also one of another process. The other parameters have to be those of that walk; a
    /// checkpoint of another operation makes the call fail before it is sent. `.await` gives the page of the checkpoint.
    pub fn resume(mut self, checkpoint: &Checkpoint) -> ListCall<T> {
        let request = self.call.request_mut();
        match checkpoint.of(request.operation) {
            Ok((mut mark, given)) => {
                if let Some(position) = &mark.position {
                    match follow::retrace(request, position) {
                        Ok(position) => {
                            request.go_to(position.clone());
                            mark.position = Some(position);
                        }
                        Err(error) => request.fail(&error.to_string()),
                    }
                }
                self.from = Some((mark, given));
            }
            Err(why) => request.fail(&why),
        }
        self
    }

    /// Fetches the next page while one is being consumed. At most one is fetched ahead, since only a page tells where the
    /// next one begins; 0, the default, fetches when it is asked. Dropping the stream gives up what is on its way.
    pub fn with_prefetch(mut self, pages: usize) -> ListCall<T> {
        self.prefetches = pages > 0;
        self
    }

    /// What a walk from here will cost. It spends one request: for the first page, as a walk would ask for it.
    ///
    /// # Errors
    ///
    /// As any call.
    pub async fn estimate(self) -> Result<Estimate> {
        let request = self.call.into_request();
        let raw = client::start(Arc::clone(&request)).await?;
        decode::text(&raw.body)
            .and_then(|text| (self.read)(&request, &raw, text))
            .map(|contents| Estimate::of(&request, &contents.facts))
            .map_err(|misfit| client::misfit(&request, &raw, &misfit))
    }

    /// Gives one page together with status, headers, request id and attempts.
    pub fn send_raw(self) -> PendingReply<Page<T>> {
        self.call.send_raw()
    }

    /// Bounds one attempt, instead of the API's timeout.
    pub fn with_timeout(mut self, timeout: Duration) -> ListCall<T> {
        self.call = self.call.with_timeout(timeout);
        self
    }

    /// Makes at most so many attempts for each page.
    pub fn with_attempts(mut self, attempts: u32) -> ListCall<T> {
        self.call = self.call.with_attempts(attempts);
        self
    }

    /// Bounds the whole call; on a walk, each page's.
    pub fn with_deadline(mut self, deadline: Duration) -> ListCall<T> {
        self.call = self.call.with_deadline(deadline);
        self
    }

    /// Bounds the sum of waits after refusals; on a walk, each page's.
    pub fn with_max_wait(mut self, max_wait: Duration) -> ListCall<T> {
        self.call = self.call.with_max_wait(max_wait);
        self
    }

    /// Adds a header of the caller's own.
    pub fn with_header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> ListCall<T> {
        self.call = self.call.with_header(name, value);
        self
    }

    /// The request, as long as it has not been sent.
    #[doc(hidden)]
    pub fn request_mut(&mut self) -> &mut Request {
        self.call.request_mut()
    }
}

impl<T> Future for ListCall<T> {
    type Output = Result<Page<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Page<T>>> {
        Pin::new(&mut self.call).poll(cx)
    }
}

impl<T> Clone for ListCall<T> {
    fn clone(&self) -> ListCall<T> {
        ListCall {
            call: self.call.clone(),
            read: self.read,
            from: self.from.clone(),
            prefetches: self.prefetches,
        }
    }
}

impl<T> fmt::Debug for ListCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}
