//! One exchange with the server: the request is on its way, the head arrives, the body is read.
//!
//! A body is as long as the server likes: it is not read beyond the cap, no memory is taken on the word of
//! `Content-Length` alone, and one that trickles in is given up. Polled by hand, because a future within futures costs
//! each request its memory several times. What the answer means is not its matter.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use http::{Response, StatusCode};

use super::core::Core;
use super::outcome::{End, Head};
use crate::clock::{Clock, InFlight, Moment};
use crate::operation::{Operation, Verb};
use crate::transport::{Body, BoxFuture, Failure, TransportError};

/// The longest body of an error.
const ERROR_CAP: usize = 1024 * 1024;
/// The longest body that is read only to keep the connection.
const DISCARD_CAP: usize = 64 * 1024;
/// The most memory that is taken on the word of a `Content-Length`.
const ON_TRUST: u64 = 64 * 1024;

/// A body may begin as slowly as it likes for so long.
const GRACE: Duration = Duration::from_secs(20);
/// Then it is looked at this often.
const WINDOW: Duration = Duration::from_secs(30);
/// Fewer bytes than this in a window are a stall: 64 in each second.
const LEAST: usize = 30 * 64;
/// Who looks so much later than planned was not looking, and blames nobody.
const LATE: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Exchange<'r> {
    core: &'r Core,
    operation: &'static Operation,
    stage: Stage,
    pub(super) head: Option<Head>,
    pub(super) sent: Moment,
    /// The end of the attempt, whatever happens.
    until: Moment,
    timer: Option<(Moment, BoxFuture<'static, ()>)>,
    /// Tells the clock that something is on the wire.
    _in_flight: InFlight,
}

enum Stage {
    Sending(BoxFuture<'static, Result<Response<Body>, TransportError>>),
    Reading(Reading),
}

impl<'r> Exchange<'r> {
    /// Hands a request to the transport.
    pub(super) fn begin(
        core: &'r Core,
        operation: &'static Operation,
        request: http::Request<Bytes>,
        (sent, until): (Moment, Moment),
    ) -> Exchange<'r> {
        Exchange {
            core,
            operation,
            stage: Stage::Sending(core.transport().send(request)),
            head: None,
            sent,
            until,
            timer: None,
            _in_flight: core.clock().attempt(),
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            let end = match &mut self.stage {
                Stage::Sending(answer) => match answer.as_mut().poll(cx) {
                    Poll::Ready(Ok(answer)) => self.arrive(answer),
                    Poll::Ready(Err(error)) => Some(End::Failed(error)),
                    Poll::Pending => ready!(self.look_at_time(cx)),
                },
                Stage::Reading(reading) => match reading.poll(cx, &**self.core.clock()) {
                    Poll::Ready(end) => Some(reading.forgive(end)),
                    Poll::Pending => ready!(self.look_at_time(cx)),
                },
            };
            if let Some(end) = end {
                return Poll::Ready(end);
            }
        }
    }

    /// Keeps the head, though the body be lost. Gives the end, where there is nothing to read.
    fn arrive(&mut self, answer: Response<Body>) -> Option<End> {
        let (parts, body) = answer.into_parts();
        let at = self.core.clock().now();
        let (status, headers) = (parts.status, parts.headers);
        let reading = self.reading(status, &headers, body, at);
        self.head = Some(Head {
            status,
            headers,
            at,
        });
        match reading {
            Ok(reading) => {
                self.stage = Stage::Reading(reading);
                None
            }
            Err(end) => Some(end),
        }
    }

    fn reading(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: Body,
        now: Moment,
    ) -> Result<Reading, End> {
        // These have no body (RFC 9110 §6.4.1).
        if self.operation.verb == Verb::Head || matches!(status.as_u16(), 204 | 304) {
            return Err(End::Whole(Bytes::new()));
        }
        let cap = self.core.body_cap();
        let is_success = self.operation.is_success(status);
        let (cap, kept) = if !is_success {
            (cap.min(ERROR_CAP), Kept::IfWhole)
        } else if self.operation.reads_body {
            (cap, Kept::Always)
        } else {
            (DISCARD_CAP, Kept::Never)
        };
        // We offer none, and unpack nothing: what is packed may be a bomb.
        if headers
            .get_all(CONTENT_ENCODING)
            .iter()
            .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
        {
            return Err(match kept {
                Kept::Always => End::Coded,
                Kept::IfWhole | Kept::Never => End::Whole(Bytes::new()),
            });
        }
        let length = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > cap as u64) {
            return Err(match kept {
                Kept::Always => End::TooLarge,
                Kept::IfWhole | Kept::Never => End::Whole(Bytes::new()),
            });
        }
        Ok(Reading {
            body,
            kept,
            cap,
            length,
            first: Bytes::new(),
            all: BytesMut::new(),
            // Most attempts end before their body could be called slow.
            pace: (self.until > now + GRACE + WINDOW).then(|| Pace::new(now)),
        })
    }

    /// Whether the attempt has had its time; `None`: look again.
    fn look_at_time(&mut self, cx: &mut Context<'_>) -> Poll<Option<End>> {
        let check = match &self.stage {
            Stage::Reading(Reading {
                pace: Some(pace), ..
            }) => pace.check,
            Stage::Reading(_) | Stage::Sending(_) => self.until,
        };
        let wake = check.min(self.until);
        // The timer is made only when there is something to wait for.
        let clock = self.core.clock();
        let (_, timer) = match self.timer.take() {
            Some(timer) if timer.0 == wake => self.timer.insert(timer),
            _ => self.timer.insert((wake, clock.timer(wake))),
        };
        ready!(Pin::as_mut(timer).poll(cx));
        self.timer = None;
        if wake == self.until {
            return Poll::Ready(Some(End::TimedOut));
        }
        let late = clock.now() - wake;
        let Stage::Reading(reading) = &mut self.stage else {
            return Poll::Ready(None);
        };
        let read = reading.read();
        let is_stalled = reading
            .pace
            .as_mut()
            .is_some_and(|pace| pace.is_stalled(read, wake, late));
        Poll::Ready(is_stalled.then(|| {
            let text = "the body comes in at less than 64 bytes in a second";
            reading.forgive(End::Failed(TransportError::unknown(Failure::Stalled, text)))
        }))
    }
}

/// What of a body is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Always,
    /// An error says what it says, with or without its body.
    IfWhole,
    Never,
}

/// A body on its way. One that came in one piece is not copied.
struct Reading {
    body: Body,
    kept: Kept,
    cap: usize,
    length: Option<u64>,
    first: Bytes,
    all: BytesMut,
    pace: Option<Pace>,
}

impl Reading {
    fn read(&self) -> usize {
        self.first.len() + self.all.len()
    }

    fn poll(&mut self, cx: &mut Context<'_>, clock: &dyn Clock) -> Poll<End> {
        loop {
            let chunk = match self.body.poll_chunk(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(chunk))) => chunk,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(End::Failed(error)),
                Poll::Ready(None) => {
                    let first = std::mem::take(&mut self.first);
                    let all = std::mem::take(&mut self.all);
                    return Poll::Ready(End::Whole(if all.is_empty() {
                        first
                    } else {
                        all.freeze()
                    }));
                }
            };
            if self.read() + chunk.len() > self.cap {
                return Poll::Ready(End::TooLarge);
            }
            self.keep(chunk);
            let read = self.read();
            if let Some(pace) = &mut self.pace {
                pace.forget_grace(read, clock);
            }
        }
    }

    fn keep(&mut self, chunk: Bytes) {
        if self.first.is_empty() && self.all.is_empty() {
            self.first = chunk;
            return;
        }
        if self.all.is_empty() {
            let length = usize::try_from(self.length.unwrap_or(0).min(ON_TRUST)).unwrap_or(0);
            self.all.reserve(length);
            self.all.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.all.extend_from_slice(&chunk);
    }

    /// A body that is not wanted cannot fail.
    fn forgive(&self, end: End) -> End {
        match (self.kept, end) {
            (Kept::Always, end) | (Kept::IfWhole, end @ End::Whole(_)) => end,
            (Kept::IfWhole | Kept::Never, _) => End::Whole(Bytes::new()),
        }
    }
}

/// How fast a body comes in: bytes in one window after the other.
struct Pace {
    /// The end of the grace.
    grace: Moment,
    /// When to look.
    check: Moment,
    /// What had been read when the window began.
    before: usize,
}

impl Pace {
    fn new(now: Moment) -> Pace {
        Pace {
            grace: now + GRACE,
            check: now + GRACE + WINDOW,
            before: 0,
        }
    }

    /// What comes during the grace counts for no window.
    fn forget_grace(&mut self, read: usize, clock: &dyn Clock) {
        if clock.now() <= self.grace {
            self.before = read;
        }
    }

    /// Looks at a window that ends now and begins the next one.
    fn is_stalled(&mut self, read: usize, now: Moment, late: Duration) -> bool {
        let is_slow = read - self.before < LEAST;
        self.before = read;
        // A caller that did not poll meanwhile has not looked, and the server is not to blame for that.
        self.check = now + late + WINDOW;
        is_slow && late < LATE
    }
}
