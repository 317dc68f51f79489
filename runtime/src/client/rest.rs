//! The rest of an answer whose head was handed on: its body, with the permit that it holds.
//!
//! The call is over, so nothing is sent again here. It says of each end whether it is a good one, and lets go of permit
//! and connection with it. A caller who does not ask is waited for, and the server is not blamed for that.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use tracing::Span;

use super::Flight;
use super::outcome::{Head, Next, length_of};
use super::pace::Pace;
use super::watch;
use crate::clock::{BoxFuture, Clock, InFlight, Moment};
use crate::error::{Error, Kind, Result};
use crate::limit::Lease;
use crate::operation::{Effect, Operation};
use crate::response::Raw;
use crate::retry::Phase;
use crate::transport::{Body, Failure, TransportError};

/// See the module.
pub(crate) struct Rest {
    body: Body,
    length: Option<u64>,
    read: u64,
    pace: Pace,
    timer: Option<(Moment, BoxFuture<'static, ()>)>,
    deadline: Option<Moment>,
    clock: Arc<dyn Clock>,
    /// Somebody waits for the wire.
    in_flight: Option<InFlight>,
    about: About,
    span: Span,
    /// Ends when this is dropped.
    _lease: Lease,
}

/// What the errors of a body tell of its answer.
struct About {
    operation: &'static Operation,
    status: http::StatusCode,
    request_id: Option<Box<str>>,
    attempts: u32,
    waited: std::time::Duration,
    scrub: Arc<crate::error::Scrub>,
    /// The URL is a secret, and a transport may have named it.
    is_secret: bool,
}

impl Flight<'_> {
    /// Hands a body on.
    pub(super) fn open(&mut self, head: Head, body: Body, lease: Lease, now: Moment) -> Next {
        let core = &self.request.core;
        let rest = Rest {
            body,
            length: length_of(&head.headers),
            read: 0,
            pace: Pace::new(now),
            timer: None,
            deadline: self.deadline,
            clock: Arc::clone(core.clock()),
            in_flight: None,
            about: About {
                operation: self.operation,
                status: head.status,
                request_id: core.request_id(&head.headers),
                attempts: self.made,
                waited: self.waited,
                scrub: core.shared_scrub(),
                is_secret: self.request.fetch.is_some(),
            },
            span: self.span.clone(),
            _lease: lease,
        };
        self.settle_budget();
        Next::Done(Raw {
            rest: Some(Box::new(Mutex::new(rest))),
            ..self.raw(head, Bytes::new())
        })
    }
}

impl Rest {
    /// As the server says it.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// The next piece, or the end. Nothing comes behind an error.
    pub(crate) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let span = self.span.clone();
        let _entered = span.enter();
        let polled = self.body.poll_chunk(cx);
        let failed = match polled {
            Poll::Ready(next) => {
                self.in_flight = None;
                match self.take(next) {
                    Ok(next) => return Poll::Ready(next.map(Ok)),
                    Err(error) => error,
                }
            }
            Poll::Pending => match self.look_at_time(cx) {
                Poll::Ready(error) => error,
                Poll::Pending => return Poll::Pending,
            },
        };
        watch::record_error(&span, &failed);
        Poll::Ready(Some(Err(failed)))
    }

    /// Counts what has come. A body has as many bytes as its head says, whatever the transport thinks of it.
    fn take(&mut self, next: Option<Result<Bytes, TransportError>>) -> Result<Option<Bytes>> {
        let left = self.length.map(|length| length - self.read);
        match next {
            Some(Ok(chunk)) if left.is_some_and(|left| chunk.len() as u64 > left) => {
                Err(self.error(Kind::Truncated, "the body is longer than its head says"))
            }
            Some(Ok(chunk)) => {
                self.read += chunk.len() as u64;
                self.pace.forget_grace(self.read, self.clock.now());
                Ok(Some(chunk))
            }
            None if left.is_none_or(|left| left == 0) => Ok(None),
            None => Err(self.error(Kind::Truncated, "the body ended early")),
            Some(Err(error)) => {
                let kind = match error.kind() {
                    Failure::Stalled => Kind::Stalled,
                    Failure::Timeout => Kind::Timeout,
                    _ => Kind::Truncated,
                };
                Err(self.error(kind, error.text()))
            }
        }
    }

    /// Whether it is over, because the caller has no more time or the body does not move.
    fn look_at_time(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        if self.in_flight.is_none() {
            self.in_flight = Some(self.clock.attempt());
        }
        loop {
            let wake = self.deadline.unwrap_or(Moment::NEVER).min(self.pace.check);
            let (_, timer) = match self.timer.take() {
                Some(timer) if timer.0 == wake => self.timer.insert(timer),
                _ => self.timer.insert((wake, self.clock.timer(wake))),
            };
            std::task::ready!(Pin::as_mut(timer).poll(cx));
            self.timer = None;
            if self.deadline == Some(wake) {
                return Poll::Ready(self.error(Kind::Deadline, "the deadline is over"));
            }
            let now = self.clock.now();
            if self.pace.is_stalled(self.read, now) {
                let text = "the body comes in at less than 64 bytes in a second";
                return Poll::Ready(self.error(Kind::Stalled, text));
            }
        }
    }

    /// An error of this body.
    pub(crate) fn error(&self, kind: Kind, text: &str) -> Error {
        let about = &self.about;
        let is_foreign = about.is_secret && kind == Kind::Truncated;
        let text = if is_foreign {
            "the body broke off"
        } else {
            text
        };
        let mut error = Error::of(about.operation, kind, about.scrub.text(text));
        let inner = error.inner_mut();
        inner.status = Some(about.status);
        inner.request_id.clone_from(&about.request_id);
        inner.attempts = about.attempts;
        inner.waited = about.waited;
        inner.phase = Phase::Unknown;
        inner.happened = about.operation.effect != Effect::Read;
        error
    }
}

impl std::fmt::Debug for Rest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rest")
            .field("length", &self.length)
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}
