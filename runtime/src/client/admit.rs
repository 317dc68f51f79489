//! What stands before an attempt: the breaker, the backoff, gates and quotas.
//!
//! Here is the only sleep. It decides nothing: `retry` and `limit` do, and it waits until they say so or there is no
//! time left. Whatever it holds is given back when the call is dropped.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::Flight;
use super::watch::Wait;
use crate::clock::Moment;
use crate::error::{Error, Kind, Result};
use crate::events::Waiting;
use crate::limit::{Entry, Lease, NotAdmitted, Ticket};
use crate::operation::Effect;
use crate::retry::breaker::{Breaker, Pass};

/// Why a request was not admitted.
pub(super) enum Stop {
    Deadline,
    NotAdmitted(NotAdmitted),
}

impl<'r> Flight<'r> {
    /// What is fetched from elsewhere says nothing of the API.
    fn breaker(&self) -> Option<&'r Breaker> {
        let is_ours = self.request.fetch.is_none();
        self.request.core.breaker().filter(|_| is_ours)
    }

    /// Fails at once while the breaker is open; neither quota nor a place in line is used up then.
    pub(super) fn ask_breaker(&mut self, now: Moment) -> Result<()> {
        match self.breaker().map(|breaker| breaker.ask(now)) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(until)) => Err(self.circuit_open(until)),
        }
    }

    /// Asks again when the turn has come. The lease that was got is given back unsent, if it is open now.
    pub(super) fn enter_breaker(&mut self, now: Moment) -> Result<Option<Pass<'r>>> {
        match self.breaker().map(|breaker| breaker.enter(now)) {
            None => Ok(None),
            Some(Ok(pass)) => Ok(Some(pass)),
            Some(Err(until)) => Err(self.circuit_open(until)),
        }
    }

    /// A call that was going to be sent again gives the error of its last attempt, which says more.
    fn circuit_open(&mut self, until: Moment) -> Error {
        let core = &self.request.core;
        if let Some(spent) = self.spent.take() {
            core.budget().refund(spent);
        }
        let text = "hardly any call of this client has come back lately";
        let mut error = self.last_or(Kind::CircuitOpen, text);
        let clock = core.clock();
        error.inner_mut().retry_at = clock.wall().checked_add(until - clock.now());
        self.told(error)
    }

    pub(super) fn begin_wait(&mut self, now: Moment) -> Wait {
        match &mut self.ticket {
            // The place that it had, so that an attempt after a refusal is as old as the call.
            Some(ticket) => ticket.set_max_wait(self.gate_wait),
            None => self.ticket = Some(self.enter()),
        }
        Wait::from(now)
    }

    fn enter(&self) -> Ticket {
        self.request.core.limits().enter(Entry {
            demand: Arc::clone(&self.demand),
            max_wait: self.gate_wait,
        })
    }

    /// Waits for the backoff, then for gates and quotas.
    pub(super) fn poll_admit(
        &mut self,
        cx: &mut Context<'_>,
        wait: &mut Wait,
    ) -> Poll<Result<Lease, Stop>> {
        let core = &self.request.core;
        loop {
            let now = core.clock().now();
            wait.looked = now;
            if self.deadline.is_some_and(|deadline| now >= deadline) {
                return Poll::Ready(Err(Stop::Deadline));
            }
            let (wake, reason) = match self.not_before.filter(|from| *from > now) {
                Some(from) => (Some(from), Waiting::Backoff),
                None => match ready_or_wake(self.ticket.as_mut(), cx, now) {
                    Ok(admitted) => return Poll::Ready(admitted.map_err(Stop::NotAdmitted)),
                    Err((_, earliest)) if self.deadline.is_some() && earliest > self.deadline => {
                        return Poll::Ready(Err(Stop::Deadline));
                    }
                    Err((wake, _)) => (wake, self.waits_for(now)),
                },
            };
            wait.is_for(self, reason, now);
            let Some(wake) = wake.into_iter().chain(self.deadline).min() else {
                return Poll::Pending;
            };
            ready!(wait.poll_sleep(cx, &**core.clock(), wake));
        }
    }

    /// Asked only for those who look on.
    fn waits_for(&self, now: Moment) -> Waiting {
        let is_seen = self.request.core.is_watched() || tracing::enabled!(tracing::Level::DEBUG);
        let ticket = self.ticket.as_ref().filter(|_| is_seen);
        ticket.map_or(Waiting::Quota, |ticket| ticket.waits_for(now))
    }

    pub(super) fn end_wait(&mut self, wait: Wait, admitted: Result<Lease, Stop>) -> Result<Lease> {
        let now = wait.looked;
        self.waited += now - wait.began;
        self.not_before = None;
        wait.ends(self, now);
        admitted.map_err(|stop| self.not_admitted(&stop))
    }

    fn not_admitted(&mut self, stop: &Stop) -> Error {
        match stop {
            Stop::Deadline => self.out_of_time(),
            Stop::NotAdmitted(NotAdmitted::QueueFull) => {
                self.told(self.error(Kind::QueueFull, "the queue for the API's quota is full"))
            }
            Stop::NotAdmitted(NotAdmitted::Held { until }) => {
                let clock = self.request.core.clock();
                let at = clock.wall().checked_add(*until - clock.now());
                let text = "the API asked to wait for longer than this call may";
                let mut error = self.last_or(Kind::Refused, text);
                error.inner_mut().retry_at = at;
                self.told(error)
            }
        }
    }

    /// There is no time for an attempt: the caller learns why the last one failed, if there was one.
    pub(super) fn out_of_time(&mut self) -> Error {
        let text = "the deadline is over before it could be sent";
        let error = self.last_or(Kind::Deadline, text);
        self.told(error)
    }

    /// The error of the last attempt, which says more, or this one. A write with a key that was going to be sent again
    /// may have been carried out, and without its key it is not to be repeated.
    fn last_or(&mut self, kind: Kind, text: &str) -> Error {
        let Some(mut error) = self.last.take() else {
            return self.error(kind, text);
        };
        if self.lost && matches!(self.operation.effect, Effect::Keyed(_)) {
            error.inner_mut().kind = Kind::Ambiguous;
        }
        error
    }
}

/// The ticket's answer, or when to ask again and the earliest moment at which it can be admitted.
fn ready_or_wake(
    ticket: Option<&mut Ticket>,
    cx: &mut Context<'_>,
    now: Moment,
) -> Result<Result<Lease, NotAdmitted>, (Option<Moment>, Option<Moment>)> {
    let ticket = ticket.expect("the wait has begun with a ticket");
    match ticket.poll_admit(cx, now) {
        Poll::Ready(admitted) => Ok(admitted),
        Poll::Pending => Err((ticket.next_wake(), ticket.earliest())),
    }
}
