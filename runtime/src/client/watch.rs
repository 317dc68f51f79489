//! What others see of a request: spans for `tracing` and events for the application's hook.
//!
//! Names and attributes are OpenTelemetry's for HTTP clients. All values are bounded: the route's template, the host, a
//! status or a word of ours; never what a caller or a server has said. Nothing is decided here, and where nobody
//! looks, nothing is done.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use super::Flight;
use super::outcome::Next;
use crate::clock::{BoxFuture, Clock, Moment};
use crate::error::{Error, Kind, Result};
use crate::events::{About, Event, Outcome, Waiting};
use crate::request::Request;
use crate::response::Raw;
use crate::retry::Phase;
use crate::retry::breaker::Change;

pub(super) fn request_span(request: &Request) -> Span {
    let operation = request.operation;
    // Asked only where somebody looks.
    let server = || request.server();
    tracing::debug_span!(
        "request",
        "otel.name" = operation.name,
        "otel.kind" = "internal",
        "otel.status_code" = Empty,
        "http.request.method" = operation.verb.as_str(),
        "url.template" = operation.path,
        "server.address" = server().0,
        "server.port" = server().1,
        "http.response.status_code" = Empty,
        "error.type" = Empty,
    )
}

/// One for each attempt, as OpenTelemetry wants it: a client span is one message on the wire.
pub(super) fn attempt_span(request: &Request, made: u32) -> Span {
    let operation = request.operation;
    let verb = operation.verb.as_str();
    let server = || request.server();
    let span = tracing::debug_span!(
        "attempt",
        "otel.name" = %format_args!("{verb} {}", operation.path),
        "otel.kind" = "client",
        "otel.status_code" = Empty,
        "http.request.method" = verb,
        "url.template" = operation.path,
        "server.address" = server().0,
        "server.port" = server().1,
        "http.request.resend_count" = Empty,
        "http.response.status_code" = Empty,
        "error.type" = Empty,
    );
    if made > 0 {
        span.record("http.request.resend_count", made);
    }
    span
}

/// What went wrong, in OpenTelemetry's way: the status, or a word.
fn error_type(error: &Error) -> &str {
    match (error.status_code(), error.kind()) {
        (_, Kind::Timeout | Kind::Deadline) => "timeout",
        (_, Kind::Stalled) => "stalled",
        (_, Kind::Connect) => "connect",
        (_, Kind::Truncated) => "truncated",
        (_, Kind::TooLarge) => "too_large",
        (_, Kind::QueueFull) => "queue_full",
        (_, Kind::CircuitOpen) => "circuit_open",
        (Some(status), _) => status.as_str(),
        (None, Kind::Auth) => "auth",
        (None, Kind::Refused) => "refused",
        (None, _) => "_OTHER",
    }
}

pub(super) fn record_error(span: &Span, error: &Error) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", error_type(error));
}

/// A wait before an attempt. Dropping it gives nothing back, because it holds nothing.
pub(super) struct Wait {
    pub(super) began: Moment,
    /// When the clock was last looked at.
    pub(super) looked: Moment,
    pub(super) span: Span,
    /// What it is for at present, and since when.
    reason: Option<(Waiting, Moment)>,
    sleep: Option<(Moment, BoxFuture<'static, ()>)>,
}

impl Wait {
    pub(super) fn from(now: Moment) -> Wait {
        Wait {
            began: now,
            looked: now,
            span: Span::none(),
            reason: None,
            sleep: None,
        }
    }

    /// It waits for this from now on.
    pub(super) fn is_for(&mut self, flight: &Flight<'_>, reason: Waiting, now: Moment) {
        if self.reason.is_some_and(|(known, _)| known == reason) {
            return;
        }
        self.tell_end(flight, now);
        self.reason = Some((reason, now));
        self.span = tracing::debug_span!("wait", "etiquette.wait.reason" = reason.as_str());
        flight.tell(|about| Event::WaitStarted { about, reason });
    }

    pub(super) fn poll_sleep(
        &mut self,
        cx: &mut Context<'_>,
        clock: &dyn Clock,
        wake: Moment,
    ) -> Poll<()> {
        let _entered = self.span.enter();
        if self.sleep.as_ref().is_none_or(|(until, _)| *until != wake) {
            self.sleep = Some((wake, clock.sleep(wake)));
        }
        if let Some((_, sleep)) = &mut self.sleep {
            ready!(sleep.as_mut().poll(cx));
        }
        self.sleep = None;
        Poll::Ready(())
    }

    pub(super) fn ends(self, flight: &Flight<'_>, now: Moment) {
        self.tell_end(flight, now);
    }

    fn tell_end(&self, flight: &Flight<'_>, now: Moment) {
        if let Some((reason, since)) = self.reason {
            flight.tell(|about| Event::WaitEnded {
                about,
                reason,
                duration: now - since,
            });
        }
    }
}

impl Flight<'_> {
    pub(super) fn tell<'e>(&'e self, event: impl FnOnce(About<'e>) -> Event<'e>) {
        let core = &self.request.core;
        core.tell(|| event(About::new(self.operation, self.request.server(), self.made)));
    }

    pub(super) fn started(&mut self) {
        if self.request.core.is_watched() {
            self.began = self.request.core.clock().now();
            self.tell(|about| Event::RequestStarted { about });
        }
    }

    pub(super) fn ended(&mut self, result: &Result<Raw>) {
        self.is_over = true;
        match result {
            Ok(raw) => {
                self.span
                    .record("http.response.status_code", raw.status.as_u16());
            }
            Err(error) => record_error(&self.span, error),
        }
        self.tell_outcome(match result {
            Ok(raw) => Outcome::Done {
                status: raw.status.as_u16(),
            },
            Err(error) => Outcome::Failed { error },
        });
    }

    fn tell_outcome<'e>(&'e self, outcome: Outcome<'e>) {
        self.tell(|about| Event::RequestEnded {
            about,
            outcome,
            duration: self.request.core.clock().now() - self.began,
            waited: self.waited,
        });
    }

    pub(super) fn credential_ready(&self, ok: bool) {
        self.tell(|about| Event::CredentialReady { about, ok });
    }

    /// An attempt has ended with this answer, and what follows was decided.
    pub(super) fn attempt_ended(
        &self,
        span: &Span,
        status: Option<u16>,
        next: &Next,
        (now, duration): (Moment, Duration),
    ) {
        let error = self.failure(next);
        if let Some(status) = status {
            span.record("http.response.status_code", status);
        }
        if let Some(error) = error {
            record_error(span, error);
        }
        if !self.request.core.is_watched() {
            return;
        }
        self.tell(|about| Event::AttemptEnded {
            about,
            status,
            phase: error.map(Error::phase),
            error_type: error.map(error_type),
            duration,
        });
        if let Some(hold) = self.refused {
            self.tell(|about| Event::Refused { about, hold });
        }
        if let Some(at) = self.not_before {
            self.tell(|about| Event::Retried {
                about,
                delay: at - now,
            });
        }
    }

    pub(super) fn breaker_changed(&self, change: Change) {
        self.tell(|about| match change {
            Change::Opened { length } => Event::BreakerOpened { about, length },
            Change::Closed => Event::BreakerClosed { about },
        });
    }

    /// The error of the attempt that has just ended.
    fn failure<'e>(&'e self, next: &'e Next) -> Option<&'e Error> {
        match next {
            Next::Done(_) => None,
            Next::Fail(error) => Some(error),
            // One that was redirected or renews its credential has left the error of an earlier attempt there.
            Next::Again => self
                .last
                .as_ref()
                .filter(|error| error.attempts() == self.made),
        }
    }

    /// The attempt that ended like this speaks against the server: it was not sent, or nobody knows what became of it.
    pub(super) fn is_unhealthy(&self, next: &Next) -> bool {
        let error = self.failure(next);
        self.refused.is_none()
            && error.is_some_and(|error| matches!(error.phase(), Phase::NotSent | Phase::Unknown))
    }
}

/// A call that is dropped half way has ended too.
impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.tell_outcome(Outcome::Dropped);
        }
    }
}
