//! The future of a poll: the value of something, when it is done.
//!
//! What is asked, how often and until when is the matter of `client`; only the decoding is known here.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use serde::de::DeserializeOwned;

use super::ready::take;
use super::{Call, Decode};
use crate::client;
use crate::decode;
use crate::error::Result;
use crate::request::Request;
use crate::response::Raw;
use crate::transport::BoxFuture;

type Asking = BoxFuture<'static, Result<(Arc<Request>, Raw)>>;

/// The future of a call's `poll()`: the value, when it is done.
///
/// It fails with [`Kind::JobFailed`](crate::Kind::JobFailed) when the API says that it will never be done, and with [`Kind::StillRunning`](crate::Kind::StillRunning) when
/// it is not done in the time that is described; both keep the last answer, for [`Error::body_as`](crate::Error::body_as). Any other error is
/// that of the call which met it. Dropping it ends the asking, not what is being done.
#[must_use = "a call is sent when it is awaited"]
pub struct Polling<T> {
    request: Arc<Request>,
    decode: Decode<T>,
    /// Never locked, like a call's.
    running: Mutex<Option<Asking>>,
}

impl<T> Call<T> {
    /// Asks until it is done, as the operation's table says; for `polled!`.
    #[doc(hidden)]
    pub fn poll_for<U: DeserializeOwned + Clone + 'static>(mut self) -> Polling<U> {
        let poll = self.request.operation.poll;
        if self.request.ready.is_some() {
            return Polling {
                request: self.request,
                decode: Decode::Ready(take::<U>),
                running: Mutex::new(None),
            };
        }
        if poll.is_none() {
            self.request_mut().fail("nothing says how it is polled");
        }
        let from = poll.map_or(&[][..], |poll| poll.from);
        Polling {
            request: self.request,
            decode: Decode::At(from, decode::read::<U>),
            running: Mutex::new(None),
        }
    }
}

impl<T> Future for Polling<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let this = &mut *self;
        let running = this.running.get_mut();
        let running = running.unwrap_or_else(PoisonError::into_inner);
        let future = running.get_or_insert_with(|| client::poll(Arc::clone(&this.request)));
        let ended = ready!(future.as_mut().poll(cx));
        *running = None;
        let (asked, raw) = ended?;
        Poll::Ready(this.decode.run(&asked, &raw))
    }
}

impl<T> fmt::Debug for Polling<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Polling").field(&self.request).finish()
    }
}
