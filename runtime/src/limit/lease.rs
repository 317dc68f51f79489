//! The two things that the pipeline holds: a ticket while it waits, a lease while its request is on the way.
//!
//! Both give back what they hold when they are dropped, at whatever point a caller cancels. They do not decide.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::admission::{Caller, Outcome};
use super::bucket::End;
use super::grant::Grant;
use super::learn::Observation;
use super::permits::Permit;
use super::{BucketKey, Demand, Entry, Limits};
use crate::clock::{Clock, Moment};
use crate::events::Waiting;

/// Why a call was not admitted and does not wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAdmitted {
    /// Too many wait already.
    QueueFull,
    /// A gate is shut for longer than the call may wait.
    Held { until: Moment },
}

/// A place in line.
#[derive(Debug)]
pub(crate) struct Ticket {
    limits: Limits,
    demand: Arc<Demand>,
    max_wait: Duration,
    /// The place, once the ticket has been polled. It keeps it, so that a call that was refused is not a new one.
    place: Option<u64>,
    stands: bool,
    wake: Option<Moment>,
    earliest: Option<Moment>,
}

impl Ticket {
    pub(super) fn new(limits: Limits, entry: Entry) -> Ticket {
        Ticket {
            limits,
            demand: entry.demand,
            max_wait: entry.max_wait,
            place: None,
            stands: false,
            wake: None,
            earliest: None,
        }
    }

    /// Asks to be admitted. When pending, poll again when woken and at [`next_wake`](Ticket::next_wake). After it was
    /// ready, the ticket may be polled again: the next attempt of the same call has the age of the first.
    pub(crate) fn poll_admit(
        &mut self,
        cx: &mut Context<'_>,
        now: Moment,
    ) -> Poll<Result<Lease, NotAdmitted>> {
        let demand = &*self.demand;
        let outcome = self.limits.change(|state| {
            state.prepare(&demand.claims, demand.share.as_ref(), now);
            let is_new = self.place.is_none();
            let place = *self.place.get_or_insert_with(|| state.next_number());
            let caller = Caller {
                line: &demand.line,
                share: demand.share.as_ref(),
                place,
                is_new,
                max_wait: self.max_wait,
                waker: cx.waker(),
            };
            let outcome = state.poll(&caller, now);
            (outcome, state.take_wakers())
        });
        self.stands = matches!(outcome, Outcome::Wait { .. });
        (self.wake, self.earliest) = (None, None);
        match outcome {
            Outcome::Wait { wake, earliest } => {
                (self.wake, self.earliest) = (wake, earliest);
                Poll::Pending
            }
            Outcome::Refuse(reason) => Poll::Ready(Err(reason)),
            Outcome::Admit { grant, order } => Poll::Ready(Ok(Lease {
                limits: self.limits.clone(),
                demand: Arc::clone(&self.demand),
                grant: Some(grant),
                order,
                clock: None,
            })),
        }
    }

    /// Waits at the gate at most so long from now on.
    pub(crate) fn set_max_wait(&mut self, max_wait: Duration) {
        self.max_wait = max_wait;
    }

    /// What it waits for, for those who look on.
    pub(crate) fn waits_for(&self, now: Moment) -> Waiting {
        self.limits.lock().waits_for(&self.demand.line, now)
    }

    /// When to poll again even if nobody wakes the task.
    pub(crate) fn next_wake(&self) -> Option<Moment> {
        self.wake
    }

    /// The ticket will not be admitted before this moment. `None`: nothing is known.
    pub(crate) fn earliest(&self) -> Option<Moment> {
        self.earliest
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(place) = self.place.filter(|_| self.stands) {
            self.limits.change(|state| {
                state.leave(&self.demand.line, place);
                ((), state.take_wakers())
            });
        }
    }
}

/// All slots of one attempt, and its permit.
///
/// Dropped before [`mark_sent`](Lease::mark_sent), it gives them back unused. Dropped afterwards, without an end, they
/// count as used, some seconds longer than after an answer, since the request may still arrive.
#[must_use = "its slots are given back when it is dropped"]
pub(crate) struct Lease {
    limits: Limits,
    demand: Arc<Demand>,
    /// `None` once it has ended.
    grant: Option<Grant>,
    order: u64,
    /// Present once the request may have been sent; read only by `drop`.
    clock: Option<Arc<dyn Clock>>,
}

impl Lease {
    /// The request is about to be handed to the transport.
    pub(crate) fn mark_sent(&mut self, clock: &Arc<dyn Clock>) {
        if let Some(permit) = self.permit() {
            permit.sent = Some(clock.now());
        }
        self.clock = Some(Arc::clone(clock));
    }

    /// The head of an answer that is worth comparing has arrived: how long it took is a latency of the API. A refusal
    /// or an error that comes quickly would make all others look slow, so only successes are told.
    pub(crate) fn head(&mut self, now: Moment) {
        if let Some(permit) = self.permit() {
            permit.latency = permit.sent.map(|sent| now - sent);
        }
    }

    fn permit(&mut self) -> Option<&mut Permit> {
        self.grant.as_mut()?.permit.as_mut()
    }

    /// Takes in what the answer tells of a bucket. `now` is when the head arrived.
    pub(crate) fn observe(
        &mut self,
        key: BucketKey,
        seen: &Observation,
        now: Moment,
        fraction: f64,
    ) {
        let Some(index) = self.demand.claims.iter().position(|claim| claim.key == key) else {
            return;
        };
        let grant = self.grant.as_mut().expect("the lease has not ended");
        let holding = grant.holdings.get_mut(index);
        let (holding, order) = (holding.expect("each claim has one"), self.order);
        self.limits.change(|state| {
            if let Some(bucket) = state.buckets.get_mut(&key) {
                bucket.observe(holding, order, seen, now, fraction);
            }
            state.call_heads(|line| line.shares(&[key]));
            ((), state.take_wakers())
        });
    }

    /// The answer has ended.
    pub(crate) fn complete(mut self, now: Moment) {
        self.end(End::Answered(now));
    }

    /// The head of an answer has arrived whose body is handed on: the slots count from now, and the permit stays out
    /// until what is given back is dropped.
    pub(crate) fn open(mut self, now: Moment) -> Lease {
        let permit = self.grant.as_mut().and_then(|grant| grant.permit.take());
        let clock = self.clock.clone();
        self.end(End::Answered(now));
        self.clock = clock;
        self.grant = Some(Grant {
            permit,
            ..Grant::default()
        });
        self
    }

    /// The request has provably not left.
    pub(crate) fn not_sent(mut self) {
        self.end(End::NotSent);
    }

    fn end(&mut self, end: End) {
        self.clock = None;
        let grant = self.grant.take().filter(Grant::is_any);
        if let Some(grant) = grant {
            self.limits.change(|state| {
                state.end(&self.demand.line, &grant, end);
                ((), state.take_wakers())
            });
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.grant.as_ref().is_some_and(Grant::is_any) {
            let end = match self.clock.take() {
                Some(clock) => End::Abandoned(clock.now()),
                None => End::NotSent,
            };
            self.end(end);
        }
    }
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lease")
            .field("order", &self.order)
            .field("sent", &self.clock.is_some())
            .finish()
    }
}
