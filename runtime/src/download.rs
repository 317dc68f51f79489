//! Downloads: answers whose body is handed on piece by piece, however long it is.
//!
//! Up to the head, a download is a call like any other. Then nothing is sent again: a body that ends early, stalls or
//! breaks is an error and never a short file. It holds its permit and its connection until its end, or until it is
//! dropped.

#[cfg(feature = "files")]
mod save;

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::header::HeaderMap;

use crate::client::{self, Rest};
use crate::error::{Error, Kind, Result};
use crate::follow::Follow;
use crate::operation::Operation;
use crate::request::Request;
use crate::response::Raw;
use crate::transport::BoxFuture;

/// A call that has not been sent: `.await` sends it and gives the download as soon as the head of the answer is here.
#[must_use = "a call is sent when it is awaited"]
pub struct Downloading {
    request: Arc<Request>,
    /// Where the answer says what is to be fetched; `None`: it is the answer itself.
    follow: Option<&'static Follow>,
    /// Never locked: the mutex makes the call `Sync`.
    running: Mutex<Option<BoxFuture<'static, Result<Download>>>>,
}

/// Gives a call its options.
macro_rules! options {
    ($T:ident $(<$V:ident>)?) => {
        impl$(<$V>)? $T$(<$V>)? {
            /// Bounds one attempt until the head of the answer, instead of the API's timeout. A body that is sent or
            /// received may take longer, as long as it moves at 64 bytes in a second.
            pub fn with_timeout(mut self, timeout: Duration) -> Self {
                self.request_mut().options_mut().timeout = Some(timeout);
                self
            }

            /// Makes at most so many attempts; 1 is no second one.
            pub fn with_attempts(mut self, attempts: u32) -> Self {
                self.request_mut().options_mut().attempts = Some(attempts.max(1));
                self
            }

            /// Bounds the whole call from its first poll, waits for quota and the body of a download included.
            pub fn with_deadline(mut self, deadline: Duration) -> Self {
                self.request_mut().options_mut().deadline = Some(deadline);
                self
            }

            /// Bounds the sum of waits after refusals.
            pub fn with_max_wait(mut self, max_wait: Duration) -> Self {
                self.request_mut().options_mut().max_wait = Some(max_wait);
                self
            }

            /// Adds a header of the caller's own to the call, not to what is fetched from elsewhere. What cannot be
            /// sent makes the call fail before it is sent.
            pub fn with_header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
                self.request_mut().header(name.as_ref(), &value.as_ref());
                self
            }
        }
    };
}
pub(crate) use options;

options! { Downloading }

impl Downloading {
    pub(crate) fn new(request: Arc<Request>, follow: Option<&'static Follow>) -> Downloading {
        Downloading {
            request,
            follow,
            running: Mutex::new(None),
        }
    }

    /// The request, as long as it has not been sent.
    #[doc(hidden)]
    pub fn request_mut(&mut self) -> &mut Request {
        Arc::make_mut(&mut self.request)
    }
}

impl Future for Downloading {
    type Output = Result<Download>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Download>> {
        let this = &mut *self;
        let running = this
            .running
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let future = running.get_or_insert_with(|| {
            let request = Arc::clone(&this.request);
            match this.follow {
                None => Box::pin(open(request)),
                Some(follow) => Box::pin(follow.fetch(request)),
            }
        });
        let download = ready!(future.as_mut().poll(cx));
        *running = None;
        Poll::Ready(download)
    }
}

async fn open(request: Arc<Request>) -> Result<Download> {
    let raw = client::start(Arc::clone(&request)).await?;
    Ok(Download::new(&request, raw))
}

/// A clone has not been sent, whatever became of the original.
impl Clone for Downloading {
    fn clone(&self) -> Downloading {
        Downloading::new(Arc::clone(&self.request), self.follow)
    }
}

impl fmt::Debug for Downloading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Downloading").field(&self.request).finish()
    }
}

/// An answer whose body is on its way: a stream of its pieces.
///
/// For events and quotas the call is over with the head of its answer.
///
/// It holds one of the API's permits until its end, so who calls the API while reading may wait for themselves where
/// the API allows one request at a time. A body that is not asked for does not come; one that is asked for and comes
/// at less than 64 bytes in a second is given up.
#[must_use = "the body of a download comes when it is asked for"]
pub struct Download {
    operation: &'static Operation,
    status: u16,
    headers: HeaderMap,
    length: Option<u64>,
    request_id: Option<String>,
    attempts: u32,
    waited: Duration,
    /// `None` once it has ended.
    body: Option<Box<Mutex<Rest>>>,
    /// A body that is here already.
    whole: Bytes,
}

impl Download {
    pub(crate) fn new(request: &Request, raw: Raw) -> Download {
        let id = request.core.request_id(&raw.headers);
        Download {
            operation: request.operation,
            status: raw.status.as_u16(),
            length: raw
                .rest
                .as_ref()
                .map_or(Some(raw.body.len() as u64), |body| locked(body).length()),
            request_id: id.map(String::from),
            headers: raw.headers,
            attempts: raw.attempts,
            waited: raw.waited,
            body: raw.rest,
            whole: raw.body,
        }
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers of the answer.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// How many bytes the whole body has, if the server says so.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The API's own name for the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// How many attempts were made.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How long the call waited for quota, refusals and backoffs together.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }

    fn error(&self, kind: Kind, text: &str) -> Error {
        match &self.body {
            Some(body) => locked(body).error(kind, text),
            None => Error::of(self.operation, kind, text),
        }
    }

    /// The next piece; `None` when all of them were given.
    ///
    /// # Errors
    ///
    /// When the body breaks off, stalls, or the deadline is over. Nothing more comes then.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx))
            .await
            .transpose()
    }

    /// The whole body, if it has no more bytes than this.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Download::chunk), and [`Kind::TooLarge`] for a longer one.
    pub async fn bytes(mut self, cap: usize) -> Result<Bytes> {
        let too_large =
            |this: &Download| this.error(Kind::TooLarge, "it is longer than was allowed");
        if self.length.is_some_and(|length| length > cap as u64) {
            return Err(too_large(&self));
        }
        let (mut first, mut all) = (Bytes::new(), BytesMut::new());
        while let Some(chunk) = self.chunk().await? {
            if first.len() + all.len() + chunk.len() > cap {
                return Err(too_large(&self));
            }
            if first.is_empty() && all.is_empty() {
                first = chunk;
                continue;
            }
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&chunk);
        }
        Ok(if all.is_empty() { first } else { all.freeze() })
    }
}

fn locked(body: &Mutex<Rest>) -> MutexGuard<'_, Rest> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stream for Download {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let Some(body) = &mut self.body else {
            let whole = std::mem::take(&mut self.whole);
            return Poll::Ready((!whole.is_empty()).then_some(Ok(whole)));
        };
        let rest = body.get_mut().unwrap_or_else(PoisonError::into_inner);
        let next = ready!(rest.poll_chunk(cx));
        if !matches!(next, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(next)
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("status", &self.status)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
