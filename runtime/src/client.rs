//! The life of one request: check, authenticate, wait for admission, sign, send, read, observe, classify; again, if
//! that is decided.
//!
//! Here is the only loop. Everything that decides lies elsewhere and is given facts; everything that is shared lies
//! behind [`Core`]. Nothing here knows the type of a result.

mod admit;
mod attempt;
mod builder;
mod bulk;
mod conditional;
mod core;
mod exchange;
mod extra;
mod hidden;
#[cfg(feature = "oauth2")]
mod log_in;
pub(crate) mod origin;
mod outcome;
mod pace;
mod poll;
mod reconcile;
mod rest;
mod watch;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http::header::CONTENT_TYPE;
use tracing::{Instrument as _, Span};

pub use self::core::Core;
pub use builder::{Builder, Setting};
pub(crate) use bulk::{count, write_expecting};
pub(crate) use extra::Asked;
pub(crate) use poll::poll;
pub(crate) use reconcile::reconcile;
pub(crate) use rest::Rest;

use crate::auth::Stamp;
use crate::clock::Moment;
use crate::decode::Misfit;
use crate::decode::media::{self, Media};
use crate::error::{Error, Kind, Result};
use crate::events::Waiting;
use crate::limit::{Demand, Ticket};
use crate::operation::{Credential, Effect, Operation, Retry};
use crate::request::{Request, Wants};
use crate::response::Raw;
use crate::retry::{LONGEST_WAIT, Phase, Refusals, Spent};
use crate::transport::BoxFuture;

use conditional::Recalled;
use extra::Extra;
use outcome::Next;
use watch::Wait;

/// Sends a request; nothing happens before the first poll.
pub(crate) fn start(request: Arc<Request>) -> BoxFuture<'static, Result<Raw>> {
    if let Some(ready) = &request.ready {
        return Box::pin(std::future::ready(ready.raw()));
    }
    let span = watch::request_span(&request);
    if span.is_disabled() {
        Box::pin(run(request, span))
    } else {
        Box::pin(run(request, span.clone()).instrument(span))
    }
}

async fn run(request: Arc<Request>, span: Span) -> Result<Raw> {
    let mut flight = Flight::new(&request, span)?;
    let mut result = flight.fly().await;
    if let Err(error) = result {
        result = match error.kind() {
            Kind::AlreadyProcessed => reconcile::look_up(&request, flight.deadline, error).await,
            _ => Err(error),
        };
    }
    flight.ended(&result);
    result
}

/// The error of an answer that came whole and does not fit; a write has happened then.
pub(crate) fn misfit(request: &Request, raw: &Raw, misfit: &Misfit) -> Error {
    let mut error = Error::misfit(request.operation, misfit);
    let core = &request.core;
    let inner = error.inner_mut();
    let text = core.scrub().text(&inner.text);
    inner.text = String::from_utf8_lossy(&hidden::hide(request, text.into())).into_owned();
    let kind = raw
        .headers
        .get(CONTENT_TYPE)
        .map(|kind| media::parse(kind.as_bytes()));
    if let Some(Media::Other(essence)) = kind
        && request.wants == Wants::Json
    {
        inner
            .text
            .push_str(&format!(" (it is `{essence}`, not JSON)"));
    }
    inner.happened = request.operation.effect != Effect::Read;
    inner.status = Some(raw.status);
    inner.key.clone_from(&raw.key);
    inner.attempts = raw.attempts;
    inner.waited = raw.waited;
    inner.request_id = core.request_id(&raw.headers);
    error
}

/// The error of an answer that came whole, fits, and says what nobody hoped for.
fn ended(request: &Request, raw: &Raw, kind: Kind, text: &str) -> Error {
    let core = &request.core;
    let mut error = Error::of(request.operation, kind, core.scrub().text(text));
    let inner = error.inner_mut();
    inner.phase = Phase::Final;
    inner.status = Some(raw.status);
    inner.body = hidden::hide(request, core.scrub().bytes(raw.body.clone()));
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
    extra: Extra,
    signers: &'static [&'static Credential],
    demand: Arc<Demand>,
    /// What the last attempt was signed with.
    stamp: Option<Stamp>,
    /// A credential was renewed because of an answer to this request.
    refreshed: bool,
    deadline: Option<Moment>,
    max_wait: Duration,
    /// What is left of `max_wait` for the gate.
    gate_wait: Duration,
    not_before: Option<Moment>,
    refusals: Refusals,
    /// The last attempt was refused, which shuts a gate for so long.
    refused: Option<Duration>,
    /// What the attempt that comes next has cost.
    spent: Option<Spent>,
    /// All attempts; those that count for the retry policy.
    made: u32,
    tries: u32,
    hops: u32,
    lost: bool,
    /// What was to be sent could not be read.
    is_unreadable: bool,
    elapsed: Duration,
    waited: Duration,
    /// When the server may have seen the idempotency key first.
    key_since: Option<Moment>,
    /// The last 500 to it.
    saved: Option<Bytes>,
    recalled: Option<Recalled>,
    /// The error of the last attempt, for when there is no time for another.
    last: Option<Error>,
    ticket: Option<Ticket>,
    span: Span,
    /// For those who are told; nobody else needs it.
    began: Moment,
    is_over: bool,
}

impl<'r> Flight<'r> {
    /// Checks all that can be checked without I/O.
    fn new(request: &'r Request, span: Span) -> Result<Flight<'r>> {
        let (core, operation) = (&request.core, request.operation);
        let extra = Extra::new(request, core)?;
        let uri = request.uri(core.query())?;
        let signers = core.credentials().choose(operation)?;
        let options = &request.options;
        let asked = options
            .max_wait
            .or(core.max_wait())
            .or(operation.api.refusal.map(|refusal| refusal.max_wait));
        let max_wait = asked.unwrap_or(LONGEST_WAIT);
        let mut flight = Flight {
            request,
            operation,
            uri,
            extra,
            signers,
            demand: core.demand(operation, signers),
            stamp: None,
            refreshed: false,
            deadline: options
                .deadline
                .map(|deadline| core.clock().now() + deadline),
            max_wait,
            gate_wait: max_wait,
            not_before: None,
            refusals: Refusals::default(),
            refused: None,
            spent: None,
            made: 0,
            tries: 0,
            hops: 0,
            lost: false,
            is_unreadable: false,
            elapsed: Duration::ZERO,
            waited: Duration::ZERO,
            key_since: None,
            saved: None,
            recalled: None,
            last: None,
            ticket: None,
            span,
            began: Moment::START,
            is_over: false,
        };
        flight.started();
        Ok(flight)
    }

    /// One attempt after the other. What an attempt or a wait holds lies in it alone, so that a caller who drops the
    /// call gives it back.
    async fn fly(&mut self) -> Result<Raw> {
        loop {
            let mut now = self.request.core.clock().now();
            self.ask_breaker(now)?;
            if let Some(ready) = self.credential(now) {
                Box::pin(self.authenticate(ready)).await?;
                now = self.request.core.clock().now();
            }
            // It ends before the attempt begins, so that both have the same memory.
            let (lease, now) = {
                let mut wait = self.begin_wait(now);
                let admitted = poll_fn(|cx| self.poll_admit(cx, &mut wait)).await;
                let looked = wait.looked;
                (self.end_wait(wait, admitted)?, looked)
            };
            let pass = self.enter_breaker(now)?;
            let mut attempt = match self.begin(lease, pass, now) {
                Ok(attempt) => attempt,
                Err(Some(error)) => return Err(error),
                Err(None) => continue,
            };
            let end = poll_fn(|cx| attempt.poll(cx)).await;
            match self.land(attempt, end) {
                Next::Done(raw) => return Ok(raw),
                Next::Fail(error) => return Err(error),
                Next::Again => {}
            }
        }
    }

    fn credential(&self, now: Moment) -> Option<BoxFuture<'static, Result<()>>> {
        let core = &self.request.core;
        core.credentials()
            .ready(self.operation.api, self.signers, now)
    }

    /// Waits for a credential, as long as the caller's deadline allows. Nothing that others need is held meanwhile.
    async fn authenticate(&mut self, ready: BoxFuture<'static, Result<()>>) -> Result<()> {
        let clock = self.request.core.clock();
        let mut wait = Wait::from(clock.now());
        wait.is_for(self, Waiting::Credential, clock.now());
        let ready = ready.instrument(wait.span.clone());
        let ended = match self.deadline {
            Some(deadline) => within(ready, || clock.timer(deadline)).await,
            None => Some(ready.await),
        };
        wait.ends(self, clock.now());
        self.credential_ready(matches!(ended, Some(Ok(()))));
        match ended {
            Some(Ok(())) => Ok(()),
            Some(Err(mut error)) => {
                error.inner_mut().operation = Some(self.operation);
                Err(self.unsent(error))
            }
            None => Err(self.out_of_time()),
        }
    }

    /// The described policy, with as many attempts as the caller wants.
    fn retry(&self) -> Option<Retry> {
        let attempts = self.request.options.attempts;
        self.policy().map(|retry| Retry {
            attempts: attempts.unwrap_or(retry.attempts),
            ..*retry
        })
    }

    /// What is fetched from elsewhere is sent again like the call that has pointed to it.
    fn policy(&self) -> Option<&'static Retry> {
        match &self.request.fetch {
            None => self.operation.retry,
            Some(fetch) => fetch.retry,
        }
    }

    fn error(&self, kind: Kind, text: &str) -> Error {
        Error::of(self.operation, kind, text)
    }

    /// Writes into an error how it came about.
    fn told(&self, mut error: Error) -> Error {
        let inner = error.inner_mut();
        inner.key.clone_from(&self.extra.key);
        inner.attempts = self.made;
        inner.waited = self.waited;
        inner.happened |= self.lost && self.operation.effect != Effect::Read;
        error
    }
}

/// A future that gives up when another one ends first.
async fn within<F: Future>(
    work: F,
    timer: impl FnOnce() -> BoxFuture<'static, ()>,
) -> Option<F::Output> {
    let mut work = pin!(work);
    let mut timer = timer();
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Api;

    /// Each request has one of these on the heap, so it is to stay small.
    #[test]
    fn a_run_is_small() {
        static API: Api = Api {
            base: "https://a.example",
            ..Api::NEW
        };
        static OPERATION: Operation = Operation {
            api: &API,
            ..Operation::NEW
        };
        let core = Builder::new(&API).build().expect("it has a base URL");
        let run = run(Arc::new(Request::new(&core, &OPERATION)), Span::none());
        let size = size_of_val(&run);
        assert!(size <= 1_792, "{size}");
    }
}
