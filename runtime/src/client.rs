//! The life of one request: check, wait for admission, sign, send, read, observe, classify; again, if that is decided.
//!
//! Here are the only loop and the only sleep. Everything that decides lies elsewhere and is given facts; everything that
//! is shared lies behind [`Core`]. Nothing here knows the type of a result.

mod attempt;
mod builder;
mod core;
pub(crate) mod origin;
mod outcome;

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use http::Uri;
use tracing::Instrument as _;

pub use self::core::Core;
pub use builder::{Builder, Setting};

use crate::clock::Moment;
use crate::decode::Misfit;
use crate::error::{Error, Kind, Result};
use crate::limit::{BucketKey, Entry, Lease, NotAdmitted, Ticket};
use crate::operation::{Credential, Effect, Operation, Retry};
use crate::request::Request;
use crate::response::Raw;
use crate::retry::{LONGEST_WAIT, Refusals, Spent};
use crate::transport::BoxFuture;

use outcome::Next;

/// Sends a request; nothing happens before the first poll.
pub(crate) fn start(request: Arc<Request>) -> BoxFuture<'static, Result<Raw>> {
    let operation = request.operation;
    let span = tracing::debug_span!(
        "request",
        "otel.name" = operation.name,
        "http.request.method" = operation.verb.as_str(),
        "url.template" = operation.path,
        "server.address" = request.core.origin().host(),
    );
    if span.is_disabled() {
        Box::pin(run(request))
    } else {
        Box::pin(run(request).instrument(span))
    }
}

async fn run(request: Arc<Request>) -> Result<Raw> {
    let mut flight = Flight::new(&request)?;
    loop {
        let lease = flight.admit().await?;
        match flight.attempt(lease).await {
            Next::Done(raw) => return Ok(raw),
            Next::Fail(error) => return Err(error),
            Next::Again => {}
        }
    }
}

/// The error of an answer that came whole and does not fit; a write has happened then.
pub(crate) fn misfit(request: &Request, raw: &Raw, misfit: &Misfit) -> Error {
    let mut error = Error::misfit(request.operation, misfit);
    let core = &request.core;
    let inner = error.inner_mut();
    inner.text = core.scrub().text(&inner.text);
    inner.happened = request.operation.effect != Effect::Read;
    inner.status = Some(raw.status);
    inner.attempts = raw.attempts;
    inner.waited = raw.waited;
    inner.request_id = core.request_id(&raw.headers);
    error
}

/// One request on its way.
struct Flight<'r> {
    request: &'r Request,
    operation: &'static Operation,
    uri: Uri,
    signers: &'static [&'static Credential],
    retry: Option<Retry>,
    deadline: Option<Moment>,
    max_wait: Duration,
    /// What is left of `max_wait` for the gate.
    gate_wait: Duration,
    not_before: Option<Moment>,
    refusals: Refusals,
    /// What the attempt that comes next has cost.
    spent: Option<Spent>,
    /// All attempts; those that count for the retry policy.
    made: u32,
    tries: u32,
    hops: u32,
    lost: bool,
    elapsed: Duration,
    waited: Duration,
    /// The error of the last attempt, for when there is no time for another.
    last: Option<Error>,
    ticket: Option<Ticket>,
}

impl<'r> Flight<'r> {
    /// Checks all that can be checked without I/O.
    fn new(request: &'r Request) -> Result<Flight<'r>> {
        let (core, operation) = (&request.core, request.operation);
        let uri = request.uri(core.query())?;
        let signers = core.credentials().choose(operation)?;
        let options = &request.options;
        let asked = options
            .max_wait
            .or(core.max_wait())
            .or(operation.api.refusal.map(|refusal| refusal.max_wait));
        let max_wait = asked.unwrap_or(LONGEST_WAIT);
        Ok(Flight {
            request,
            operation,
            uri,
            signers,
            retry: operation.retry.map(|retry| Retry {
                attempts: options.attempts.unwrap_or(retry.attempts),
                ..*retry
            }),
            deadline: options
                .deadline
                .map(|deadline| core.clock().now() + deadline),
            max_wait,
            gate_wait: max_wait,
            not_before: None,
            refusals: Refusals::default(),
            spent: None,
            made: 0,
            tries: 0,
            hops: 0,
            lost: false,
            elapsed: Duration::ZERO,
            waited: Duration::ZERO,
            last: None,
            ticket: None,
        })
    }

    /// Waits for the backoff, then for gate and quota: the only sleep.
    async fn admit(&mut self) -> Result<Lease> {
        let request = self.request;
        let clock = request.core.clock();
        let began = clock.now();
        let (not_before, deadline) = (self.not_before.take(), self.deadline);
        let mut ticket = self.take_ticket();
        let mut sleep: Option<(Moment, BoxFuture<'static, ()>)> = None;
        let admitted = {
            let mut admission = pin!(std::future::poll_fn(|cx| {
                loop {
                    let now = clock.now();
                    if deadline.is_some_and(|deadline| now >= deadline) {
                        return Poll::Ready(Err(Stop::Deadline));
                    }
                    let wake = if let Some(from) = not_before.filter(|from| *from > now) {
                        Some(from)
                    } else {
                        match ticket.poll_admit(cx, now) {
                            Poll::Ready(admitted) => {
                                return Poll::Ready(admitted.map_err(Stop::NotAdmitted));
                            }
                            Poll::Pending if ticket.earliest() > deadline && deadline.is_some() => {
                                return Poll::Ready(Err(Stop::Deadline));
                            }
                            Poll::Pending => ticket.next_wake(),
                        }
                    };
                    let Some(wake) = wake.into_iter().chain(deadline).min() else {
                        return Poll::Pending;
                    };
                    if sleep.as_ref().is_none_or(|(until, _)| *until != wake) {
                        sleep = Some((wake, clock.sleep(wake)));
                    }
                    if let Some((_, sleeping)) = &mut sleep {
                        ready!(sleeping.as_mut().poll(cx));
                    }
                    sleep = None;
                }
            }));
            let first = std::future::poll_fn(|cx| Poll::Ready(admission.as_mut().poll(cx))).await;
            match first {
                Poll::Ready(admitted) => admitted,
                Poll::Pending => admission.instrument(tracing::debug_span!("wait")).await,
            }
        };
        self.ticket = Some(ticket);
        self.waited += clock.now() - began;
        admitted.map_err(|stop| self.not_admitted(stop))
    }

    /// The call's place in line: the one that it had, so that an attempt after a refusal is as old as the call.
    fn take_ticket(&mut self) -> Ticket {
        if let Some(mut ticket) = self.ticket.take() {
            ticket.set_max_wait(self.gate_wait);
            return ticket;
        }
        let core = &self.request.core;
        let claims = core.claims(self.operation, self.signers);
        let entry = Entry {
            client: core.id(),
            claims,
            max_wait: self.gate_wait,
        };
        core.limits().enter(entry)
    }

    fn not_admitted(&mut self, stop: Stop) -> Error {
        let before = self.last.take();
        match (stop, before) {
            // There is no time for another attempt: the caller learns why the last one failed.
            (Stop::Deadline, Some(error)) => self.told(error),
            (Stop::Deadline, None) => self.told(self.error(
                Kind::Deadline,
                "the deadline is over before it could be sent",
            )),
            (Stop::NotAdmitted(NotAdmitted::QueueFull), _) => {
                self.told(self.error(Kind::QueueFull, "the queue for the API's quota is full"))
            }
            (Stop::NotAdmitted(NotAdmitted::Held { until }), before) => {
                let clock = self.request.core.clock();
                let at = clock.wall().checked_add(until - clock.now());
                let text = "the API asked to wait for longer than this call may";
                let mut error = before.unwrap_or_else(|| self.error(Kind::Refused, text));
                error.inner_mut().retry_at = at;
                self.told(error)
            }
        }
    }

    fn error(&self, kind: Kind, text: &str) -> Error {
        Error::of(self.operation, kind, text)
    }

    /// Writes into an error how it came about.
    fn told(&self, mut error: Error) -> Error {
        let inner = error.inner_mut();
        inner.attempts = self.made;
        inner.waited = self.waited;
        inner.happened |= self.lost && self.operation.effect != Effect::Read;
        error
    }

    fn keys(&self) -> Vec<BucketKey> {
        self.request
            .core
            .claims(self.operation, self.signers)
            .iter()
            .map(|claim| claim.key)
            .collect()
    }
}

/// Why a request was not admitted.
enum Stop {
    Deadline,
    NotAdmitted(NotAdmitted),
}

/// A future that gives up when another one ends first.
async fn within<F: Future>(
    work: F,
    timer: impl FnOnce() -> BoxFuture<'static, ()>,
) -> Option<F::Output> {
    let mut work = pin!(work);
    let mut make = Some(timer);
    let mut timer: Option<Pin<Box<dyn Future<Output = ()> + Send>>> = None;
    std::future::poll_fn(|cx| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(done));
        }
        // The timer is made only when there is something to wait for.
        if let Some(make) = make.take() {
            timer = Some(make());
        }
        match &mut timer {
            Some(timer) => timer.as_mut().poll(cx).map(|()| None),
            None => Poll::Pending,
        }
    })
    .await
}
