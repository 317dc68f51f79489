//! Writes over many rows: one without a filter cannot be sent, and one with a filter says how many rows it expects.
//!
//! The filters go to a guard, a read that counts, and from there to the write, so that both select the same rows.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::{Call, Decode};
use crate::client;
use crate::decode::Pointer;
use crate::error::Result;
use crate::request::Request;
use crate::response::Raw;
use crate::transport::BoxFuture;

/// A write over many rows that has no filter yet.
#[derive(Clone, Copy, Debug)]
pub enum Unfiltered {}

/// A write over many rows with a filter.
#[derive(Clone, Copy, Debug)]
pub enum Filtered {}

/// What has a filter.
#[diagnostic::on_unimplemented(
    message = "this write has no filter, so it would touch every row",
    label = "has no filter",
    note = "call one of its filters first, then `.plan()` or `.expect(rows)`"
)]
pub trait HasFilter {}

impl HasFilter for Filtered {}

/// A write over many rows and the count that guards it.
#[must_use = "a write over many rows is sent when its plan is applied"]
pub struct BulkWrite<T, F> {
    write: Call<T>,
    guard: Request,
    at: Pointer<'static>,
    /// Where the filter that was added last begins in the guard's query.
    last: Option<usize>,
    filtered: PhantomData<fn() -> F>,
}

impl<T> Call<T> {
    /// Guards a write over many rows by a call that counts them.
    #[doc(hidden)]
    pub fn bulk<N>(self, guard: Call<N>) -> BulkWrite<T, Unfiltered> {
        let mut guard = Arc::unwrap_or_clone(guard.into_request());
        let at = guard.at;
        if at.is_none() {
            guard.fail("the guard of a write over many rows counts nothing");
        }
        BulkWrite {
            write: self,
            guard,
            at: at.unwrap_or_default(),
            last: None,
            filtered: PhantomData,
        }
    }
}

impl<T, F> BulkWrite<T, F> {
    /// The same, with a filter that is about to be added.
    #[doc(hidden)]
    pub fn filtered(self) -> BulkWrite<T, Filtered> {
        BulkWrite {
            write: self.write,
            guard: self.guard,
            at: self.at,
            last: self.last,
            filtered: PhantomData,
        }
    }

    /// The request that takes the next filter.
    #[doc(hidden)]
    pub fn filter_mut(&mut self) -> &mut Request {
        self.settle();
        self.last = Some(self.guard.given_query().len());
        &mut self.guard
    }

    /// The write, for what is no filter.
    #[doc(hidden)]
    pub fn request_mut(&mut self) -> &mut Request {
        self.write.request_mut()
    }

    /// A filter without a value selects nothing to some servers and everything to others.
    fn settle(&mut self) {
        let Some(last) = self.last.take() else { return };
        let added = self.guard.given_query()[last..].trim_start_matches('&');
        let is_empty = |pair: &str| pair.is_empty() || pair.ends_with('=');
        if added.split('&').any(is_empty) {
            let text = "a filter has no value, and without it the write would touch other rows";
            self.guard.fail(text);
        }
    }

    /// Counts the rows, for a look at the number before anything is written.
    pub fn plan(mut self) -> Planning<T> {
        self.settle();
        let mut write = Arc::unwrap_or_clone(self.write.request);
        write.add_query_of(&self.guard);
        Planning {
            parts: Parts {
                write: Arc::new(write),
                decode: self.write.decode,
                guard: Arc::new(self.guard),
                at: self.at,
            },
            running: Mutex::new(None),
        }
    }

    /// Counts the rows and writes if there are exactly so many.
    pub fn expect(self, rows: u64) -> Applying<T> {
        Applying::new(self.plan().parts, rows)
    }

    /// Bounds one attempt, instead of the API's timeout.
    pub fn with_timeout(self, timeout: Duration) -> BulkWrite<T, F> {
        self.with(|request| request.options_mut().timeout = Some(timeout))
    }

    /// Makes at most so many attempts for the count and for the write; 1 is no second one.
    pub fn with_attempts(self, attempts: u32) -> BulkWrite<T, F> {
        self.with(|request| request.options_mut().attempts = Some(attempts.max(1)))
    }

    /// Bounds count and write together.
    pub fn with_deadline(self, deadline: Duration) -> BulkWrite<T, F> {
        self.with(|request| request.options_mut().deadline = Some(deadline))
    }

    /// Bounds the sum of waits after refusals, of the count and of the write.
    pub fn with_max_wait(self, max_wait: Duration) -> BulkWrite<T, F> {
        self.with(|request| request.options_mut().max_wait = Some(max_wait))
    }

    /// Adds a header to count and write. What cannot be sent makes the call fail before it is sent.
    pub fn with_header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> BulkWrite<T, F> {
        self.with(|request| request.header(name.as_ref(), &value.as_ref()))
    }

    fn with(mut self, set: impl Fn(&mut Request)) -> BulkWrite<T, F> {
        set(&mut self.guard);
        set(self.write.request_mut());
        self
    }
}

/// A clone has not been sent.
impl<T, F> Clone for BulkWrite<T, F> {
    fn clone(&self) -> BulkWrite<T, F> {
        BulkWrite {
            write: self.write.clone(),
            guard: self.guard.clone(),
            at: self.at,
            last: self.last,
            filtered: PhantomData,
        }
    }
}

impl<T, F> fmt::Debug for BulkWrite<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BulkWrite").field(&self.write).finish()
    }
}

/// A write with all that it needs but the number of rows.
struct Parts<T> {
    write: Arc<Request>,
    decode: Decode<T>,
    guard: Arc<Request>,
    at: Pointer<'static>,
}

/// The future of a `plan()`. It sends the count, and no write.
#[must_use = "a call is sent when it is awaited"]
pub struct Planning<T> {
    parts: Parts<T>,
    /// Never locked, like a call's.
    running: Mutex<Option<BoxFuture<'static, Result<u64>>>>,
}

impl<T> Future for Planning<T> {
    type Output = Result<Plan<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Plan<T>>> {
        let Planning { parts, running } = &mut *self;
        let running = running.get_mut().unwrap_or_else(PoisonError::into_inner);
        let count = || client::count(Arc::clone(&parts.guard), parts.at);
        let counted = ready!(running.get_or_insert_with(count).as_mut().poll(cx));
        *running = None;
        Poll::Ready(counted.map(|count| Plan {
            count,
            parts: Parts {
                write: Arc::clone(&parts.write),
                decode: parts.decode,
                guard: Arc::clone(&parts.guard),
                at: parts.at,
            },
        }))
    }
}

impl<T> fmt::Debug for Planning<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Planning").field(&self.parts.write).finish()
    }
}

/// How many rows a write would touch. Dropping it writes nothing.
#[must_use = "a plan is carried out when it is applied"]
#[non_exhaustive]
pub struct Plan<T> {
    /// So many rows were counted.
    pub count: u64,
    parts: Parts<T>,
}

impl<T> Plan<T> {
    /// Counts again, and writes if there are still as many rows.
    pub fn apply(self) -> Applying<T> {
        Applying::new(self.parts, self.count)
    }
}

impl<T> fmt::Debug for Plan<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("count", &self.count)
            .field("write", &self.parts.write)
            .finish()
    }
}

/// The future of a write over many rows. It counts first, and fails with
/// [`Kind::CountChanged`](crate::Kind::CountChanged), nothing written, when there are not as many rows as expected.
#[must_use = "a call is sent when it is awaited"]
pub struct Applying<T> {
    parts: Parts<T>,
    expected: u64,
    /// Never locked, like a call's.
    running: Mutex<Option<BoxFuture<'static, Result<Raw>>>>,
}

impl<T> Applying<T> {
    fn new(parts: Parts<T>, expected: u64) -> Applying<T> {
        Applying {
            parts,
            expected,
            running: Mutex::new(None),
        }
    }
}

impl<T> Future for Applying<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let Applying {
            parts,
            expected,
            running,
        } = &mut *self;
        let running = running.get_mut().unwrap_or_else(PoisonError::into_inner);
        let future = running.get_or_insert_with(|| {
            let (write, guard) = (Arc::clone(&parts.write), Arc::clone(&parts.guard));
            client::write_expecting(write, guard, parts.at, *expected)
        });
        let raw = ready!(future.as_mut().poll(cx));
        *running = None;
        Poll::Ready(parts.decode.run(&parts.write, &raw?))
    }
}

impl<T> fmt::Debug for Applying<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Applying")
            .field("expected", &self.expected)
            .field("write", &self.parts.write)
            .finish()
    }
}
