//! Lists: one page by `.await`, all pages or items as streams.
//!
//! The streams own all they need, ask for the next page only when they are polled for it, and never end silently when
//! something is odd: a walk that does not advance is an error.

mod advance;
mod contents;
mod walk;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::call::{Call, Decode, PendingReply};
use crate::decode::{self, Misfit};
use crate::error::Result;
use crate::request::Request;

use contents::Contents;
use walk::Walk;
pub use walk::{Items, Pages};

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items, in the server's order.
    pub items: Vec<T>,
    /// How many items there are in all pages together, as far as the API says; it may change from page to page.
    pub total: Option<u64>,
    /// Where this page begins, or its number.
    pub position: u64,
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

/// A list that has not been asked for: `.await` gives one page, [`items`](ListCall::items) walks through all.
#[must_use = "a call is sent when it is awaited"]
pub struct ListCall<T> {
    call: Call<Page<T>>,
    read: fn(&Request, &str) -> Result<Contents<T>, Misfit>,
}

impl<T: DeserializeOwned> ListCall<T> {
    pub(crate) fn new(request: Request) -> ListCall<T> {
        ListCall {
            call: Call::new(request, Decode::Page(page::<T>)),
            read: contents::<T>,
        }
    }
}

fn contents<T: DeserializeOwned>(request: &Request, text: &str) -> Result<Contents<T>, Misfit> {
    contents::read(
        request.operation.page,
        text,
        decode::read::<T>,
        decode::read::<Vec<T>>,
    )
}

fn page<T: DeserializeOwned>(request: &Request, text: &str) -> Result<Page<T>, Misfit> {
    contents::<T>(request, text)?.whole(request.position())
}

impl<T> ListCall<T> {
    /// All items, page after page.
    pub fn items(self) -> Items<T> {
        Items::new(Walk::new(self.call.into_request(), self.read))
    }

    /// All pages, one after the other.
    pub fn pages(self) -> Pages<T> {
        Pages::new(Walk::new(self.call.into_request(), self.read))
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
        }
    }
}

impl<T> fmt::Debug for ListCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}
