//! Calls: builders by value that are futures.
//!
//! A call does nothing before its first poll; then one boxed run in `client` does the work, and only the last step, the
//! decoding, knows the type.

mod bulk;
mod macros;
mod many;
mod poll;
pub(crate) mod ready;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::client;
use crate::decode::{self, Misfit, Pointer, Read};
use crate::error::{Error, Result};
use crate::request::Request;
use crate::response::{Raw, Reply};
use crate::transport::BoxFuture;

pub use bulk::{Applying, BulkWrite, Filtered, HasFilter, Plan, Planning, Unfiltered};
pub use poll::Polling;

/// Decodes by the status of an answer.
pub type ByStatus<T> = fn(http::StatusCode, &str) -> Result<T, NotThat>;

/// Why an answer does not fit what its status promised.
#[derive(Debug)]
pub struct NotThat(Misfit);

/// How an answer becomes a value.
pub(crate) enum Decode<T> {
    At(Pointer<'static>, Read<T>),
    ByStatus(ByStatus<T>),
    Page(fn(&Request, &Raw, &str) -> Result<T, Misfit>),
    /// It is no JSON.
    Plain(fn(&Raw) -> Result<T, Misfit>),
    /// It was here before it was asked for.
    Ready(fn(&Request) -> Result<T>),
}

impl<T> Clone for Decode<T> {
    fn clone(&self) -> Decode<T> {
        *self
    }
}

impl<T> Copy for Decode<T> {}

impl<T> Decode<T> {
    fn run(self, request: &Request, raw: &Raw) -> Result<T> {
        let text = || decode::text(&raw.body);
        let decoded = match self {
            Decode::At(at, read) => text().and_then(|text| decode::value_at(text, at, read)),
            Decode::ByStatus(read) => {
                text().and_then(|text| read(raw.status, text).map_err(|not| not.0))
            }
            Decode::Page(read) => text().and_then(|text| read(request, raw, text)),
            Decode::Plain(read) => read(raw),
            Decode::Ready(take) => return take(request),
        };
        decoded.map_err(|misfit| client::misfit(request, raw, &misfit))
    }
}

/// The decoder of calls that give nothing.
pub(crate) fn empty(_: http::StatusCode, _: &str) -> Result<(), NotThat> {
    Ok(())
}

/// Decodes what stands at a place of a text; for the tables of `outcomes!`.
pub fn whole<T: serde::de::DeserializeOwned>(
    text: &str,
    at: Pointer<'static>,
) -> Result<T, NotThat> {
    decode::value_at(text, at, decode::read::<T>).map_err(NotThat)
}

/// A status that a table of `outcomes!` does not name.
#[must_use]
pub fn unlisted(status: http::StatusCode) -> NotThat {
    NotThat(Misfit::whole(format!(
        "status {} has no meaning here",
        status.as_u16()
    )))
}

/// A call that has not been sent: `.await` sends it and gives the value.
///
/// It is sent when it is first polled. Dropping it gives it up; a write that was on its way may then have happened.
#[must_use = "a call is sent when it is awaited"]
pub struct Call<T> {
    request: Arc<Request>,
    decode: Decode<T>,
    /// Never locked: the mutex makes the call `Sync`.
    running: Mutex<Option<BoxFuture<'static, Result<Raw>>>>,
}

impl<T> Call<T> {
    pub(crate) fn new(mut request: Request, decode: Decode<T>) -> Call<T> {
        if let Decode::At(at, _) = decode {
            request.at = Some(at);
        }
        Call {
            request: Arc::new(request),
            decode,
            running: Mutex::new(None),
        }
    }

    /// Bounds one attempt, instead of the API's timeout. A long body that is being sent does not count, while it
    /// goes out at 64 bytes in a second.
    pub fn with_timeout(mut self, timeout: Duration) -> Call<T> {
        self.request_mut().options_mut().timeout = Some(timeout);
        self
    }

    /// Makes at most so many attempts; 1 is no second one.
    pub fn with_attempts(mut self, attempts: u32) -> Call<T> {
        self.request_mut().options_mut().attempts = Some(attempts.max(1));
        self
    }

    /// Bounds the whole call from its first poll, waits for quota included.
    pub fn with_deadline(mut self, deadline: Duration) -> Call<T> {
        self.request_mut().options_mut().deadline = Some(deadline);
        self
    }

    /// Bounds the sum of waits after refusals.
    pub fn with_max_wait(mut self, max_wait: Duration) -> Call<T> {
        self.request_mut().options_mut().max_wait = Some(max_wait);
        self
    }

    /// Adds a header of the caller's own. What cannot be sent makes the call fail before it is sent.
    pub fn with_header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Call<T> {
        self.request_mut().header(name.as_ref(), &value.as_ref());
        self
    }

    /// Sends this idempotency key instead of a fresh one: 1 to 255 printable ASCII characters. With the key of a call
    /// that failed, [`Error::idempotency_key`], and the same body, the API knows that it is the same request.
    ///
    /// A call that takes no key fails before it is sent.
    pub fn with_idempotency_key(mut self, key: impl Into<String>) -> Call<T> {
        self.request_mut().asked.key = Some(key.into().into());
        self
    }

    /// Writes only over this version, which [`Reply::version`] gave.
    ///
    /// A call that takes no version fails before it is sent.
    pub fn with_version(mut self, version: impl Into<String>) -> Call<T> {
        self.request_mut().asked.version = Some(version.into().into());
        self
    }

    /// Looks for what was to be made when it is in doubt whether it was made, or in conflict with something: the API's
    /// list is searched for what has the same unique members. When nothing is found, the error is the call's own.
    pub fn reconcile(self) -> Reconciling<T> {
        Reconciling {
            request: self.request,
            decode: self.decode,
            running: Mutex::new(None),
        }
    }

    /// Gives the value together with status, headers, request id and attempts.
    pub fn send_raw(self) -> PendingReply<T> {
        PendingReply(self)
    }

    /// The request, as long as it has not been sent.
    #[doc(hidden)]
    pub fn request_mut(&mut self) -> &mut Request {
        Arc::make_mut(&mut self.request)
    }

    #[cfg(feature = "export")]
    pub(crate) fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// The same call, read as another type.
    #[doc(hidden)]
    pub fn select<U: serde::de::DeserializeOwned>(self) -> Call<U> {
        let at = match self.decode {
            Decode::At(at, _) => at,
            Decode::ByStatus(_) | Decode::Page(_) | Decode::Plain(_) | Decode::Ready(_) => &[],
        };
        Arc::unwrap_or_clone(self.request).call_at(at)
    }

    pub(crate) fn into_request(self) -> Arc<Request> {
        self.request
    }

    fn poll_raw(&mut self, cx: &mut Context<'_>) -> Poll<Result<Raw>> {
        let running = self
            .running
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let future = running.get_or_insert_with(|| client::start(Arc::clone(&self.request)));
        let raw = ready!(future.as_mut().poll(cx));
        *running = None;
        Poll::Ready(raw)
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let raw = ready!(self.poll_raw(cx))?;
        Poll::Ready(self.decode.run(&self.request, &raw))
    }
}

/// A clone has not been sent, whatever became of the original.
impl<T> Clone for Call<T> {
    fn clone(&self) -> Call<T> {
        Call {
            request: Arc::clone(&self.request),
            decode: self.decode,
            running: Mutex::new(None),
        }
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.request).finish()
    }
}

/// The future of [`Call::send_raw`].
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct PendingReply<T>(Call<T>);

impl<T> Future for PendingReply<T> {
    type Output = Result<Reply<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Reply<T>>> {
        let raw = ready!(self.0.poll_raw(cx))?;
        let request = &self.0.request;
        let value = self.0.decode.run(request, &raw)?;
        Poll::Ready(Ok(raw.reply(value, request.operation)))
    }
}

/// What became of a create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconciled<T> {
    /// This call has made it, as the API says.
    Created(T),
    /// It is there, as its unique members say. It may have been made by this call, if its answer was lost, or before
    /// by somebody else; its other members may differ from what was sent.
    Existing(T),
}

impl<T> Reconciled<T> {
    /// What is there now.
    pub fn into_inner(self) -> T {
        match self {
            Reconciled::Created(value) | Reconciled::Existing(value) => value,
        }
    }
}

type Searching = BoxFuture<'static, Result<(Raw, bool)>>;

/// The future of [`Call::reconcile`].
#[must_use = "a call is sent when it is awaited"]
pub struct Reconciling<T> {
    request: Arc<Request>,
    decode: Decode<T>,
    /// Never locked, like a call's.
    running: Mutex<Option<Searching>>,
}

impl<T> Future for Reconciling<T> {
    type Output = Result<Reconciled<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Reconciled<T>>> {
        let this = &mut *self;
        let running = this
            .running
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let future = running.get_or_insert_with(|| client::reconcile(Arc::clone(&this.request)));
        let ended = ready!(future.as_mut().poll(cx));
        *running = None;
        let (raw, is_existing) = ended?;
        let value = this.decode.run(&this.request, &raw)?;
        Poll::Ready(Ok(if is_existing {
            Reconciled::Existing(value)
        } else {
            Reconciled::Created(value)
        }))
    }
}

impl<T> fmt::Debug for Reconciling<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reconciling").field(&self.request).finish()
    }
}

/// Whether an error is one of a table's cases; for `faults!`.
#[must_use]
pub fn is_fault(error: &Error, status: u16, code: Option<&str>) -> bool {
    error.status() == Some(status) && (code.is_none() || error.code() == code)
}
