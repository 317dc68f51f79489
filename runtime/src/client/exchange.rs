//! One exchange with the server: the request is on its way, the head arrives, the body is read.
//!
//! A body is as long as the server likes: it is not read beyond the cap, no memory is taken on the word of
//! `Content-Length` alone, and one that trickles in is given up. A long body that is sent may take as long as it needs,
//! while it moves. Polled by hand, because a future within futures costs each request its memory several times. What
//! the answer means is not its matter.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, HeaderMap};
use http::{Response, StatusCode};

use super::core::Core;
use super::outcome::{End, Head, length_of};
use super::pace::Pace;
use crate::clock::{Clock, InFlight, Moment};
use crate::operation::{Operation, Verb};
use crate::request::{Request, Wants};
use crate::transport::{Body, BoxFuture, Failure, Payload, TransportError};
use crate::upload::Meter;

/// The longest body of an error.
const ERROR_CAP: usize = 1024 * 1024;
/// The longest body that is read only to keep the connection.
const DISCARD_CAP: usize = 64 * 1024;
/// The most memory that is taken on the word of a `Content-Length`.
const ON_TRUST: u64 = 64 * 1024;

/// See the module.
pub(super) struct Exchange<'r> {
    core: &'r Core,
    operation: &'static Operation,
    wants: Wants,
    stage: Stage,
    pub(super) head: Option<Head>,
    pub(super) sent: Moment,
    /// The end of the attempt, whatever happens.
    until: Moment,
    timer: Option<(Moment, BoxFuture<'static, ()>)>,
    /// A long body that is being sent.
    upload: Option<Box<Uploading>>,
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
        from: &'r Request,
        (request, meter): (http::Request<Payload>, Option<Arc<Meter>>),
        times: Times,
    ) -> Exchange<'r> {
        let core = &from.core;
        Exchange {
            core,
            operation: from.operation,
            wants: from.wants,
            stage: Stage::Sending(core.transport().send_for(from.operation, request)),
            head: None,
            sent: times.sent,
            until: times.until(),
            timer: None,
            upload: meter.map(|meter| {
                Box::new(Uploading {
                    meter,
                    pace: Pace::new(times.sent),
                    timeout: times.timeout,
                    deadline: times.deadline,
                })
            }),
            _in_flight: core.clock().attempt(),
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            let end = match &mut self.stage {
                Stage::Sending(answer) => match answer.as_mut().poll(cx) {
                    Poll::Ready(Ok(answer)) => self.arrive(answer),
                    Poll::Ready(Err(error)) => Some(End::Failed(self.because(error))),
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
        // Whoever answers has read what was sent, or does not want it.
        if let Some(upload) = self.upload.take() {
            self.until = (at + upload.timeout).min(upload.deadline);
        }
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
        } else if self.wants == Wants::Open {
            (usize::MAX, Kept::Always)
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
        if is_success && self.wants == Wants::Open {
            return Err(End::Open(Box::new(body)));
        }
        let length = length_of(headers);
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
            pace: Some(Pace::new(now)).filter(|pace| self.until > pace.check),
        })
    }

    /// Whether the attempt has had its time; `None`: look again.
    fn look_at_time(&mut self, cx: &mut Context<'_>) -> Poll<Option<End>> {
        self.look_at_upload();
        let check = match (&self.stage, &self.upload) {
            (
                Stage::Reading(Reading {
                    pace: Some(pace), ..
                }),
                _,
            ) => pace.check,
            (Stage::Sending(_), Some(upload)) => upload.pace.check,
            (Stage::Reading(_) | Stage::Sending(_), _) => self.until,
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
        let now = clock.now();
        let stalled = |text| End::Failed(TransportError::unknown(Failure::Stalled, text));
        Poll::Ready(match (&mut self.stage, &mut self.upload) {
            (Stage::Sending(_), Some(upload)) => {
                let is_stalled = upload.pace.is_stalled(upload.meter.taken(), now);
                let text = "the body goes out at less than 64 bytes in a second";
                (is_stalled && !upload.meter.is_starved()).then(|| stalled(text))
            }
            (Stage::Reading(reading), _) => {
                let read = reading.read() as u64;
                let mut pace = reading.pace.as_mut();
                let is_stalled = pace.as_mut().is_some_and(|pace| pace.is_stalled(read, now));
                let text = "the body comes in at less than 64 bytes in a second";
                is_stalled.then(|| reading.forgive(stalled(text)))
            }
            (Stage::Sending(_), None) => None,
        })
    }

    /// As long as a body is going out, only its pace counts and the caller's own deadline. The time for the answer
    /// begins with the end of it.
    fn look_at_upload(&mut self) {
        let Some(upload) = &mut self.upload else {
            return;
        };
        let now = self.core.clock().now();
        let taken = upload.meter.taken();
        if upload.meter.is_done() {
            self.until = (now + upload.timeout).min(upload.deadline);
            self.upload = None;
        } else if taken > 0 || upload.meter.is_starved() {
            self.until = upload.deadline;
            upload.pace.forget_grace(taken, now);
        }
    }

    /// Where what was to be sent could not be read, that is the reason, whatever the transport makes of it.
    fn because(&self, error: TransportError) -> TransportError {
        let fault = self.upload.as_ref().and_then(|upload| upload.meter.fault());
        fault.map_or(error, |text| {
            TransportError::unknown(Failure::Unreadable, text)
        })
    }
}

/// A body on its way out.
struct Uploading {
    meter: Arc<Meter>,
    pace: Pace,
    /// How long the attempt may take besides its body, and when the caller's time is over.
    timeout: Duration,
    deadline: Moment,
}

/// When an attempt was sent, how long it may take, and when the caller's time is over.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) sent: Moment,
    pub(super) timeout: Duration,
    pub(super) deadline: Moment,
}

impl Times {
    fn until(self) -> Moment {
        (self.sent + self.timeout).min(self.deadline)
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
                pace.forget_grace(read as u64, clock.now());
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
