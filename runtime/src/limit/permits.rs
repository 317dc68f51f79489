//! Permits: which requests to an API are on their way, counted against the limit that `concurrency` says.
//!
//! One pool serves all clients that share their limits and talk to the same place. A permit is taken within the one
//! admission decision and comes back when its lease ends. Nothing here waits.

use std::time::Duration;

use super::bucket::End;
use super::concurrency::{Limiter, Sample};
use super::{Share, Turn};
use crate::clock::Moment;
use crate::operation::{Concurrency, Then};

/// A pool that nobody has used for so long may be forgotten.
const IDLE: Duration = Duration::from_secs(3_600);

/// See the module.
#[derive(Debug)]
pub(super) struct Pool {
    limiter: Limiter,
    pub(super) in_flight: u32,
    /// Cuts so far, and how many there had been when the API last refused.
    cuts: u64,
    refused_at: u64,
    /// Requests that were on their way when it last refused, and still are.
    suspects: u32,
    /// The last latency.
    usual: Duration,
    used: Moment,
}

/// One request on its way.
#[derive(Debug)]
pub(super) struct Permit {
    operation: &'static str,
    /// Cuts before it was taken.
    cuts: u64,
    alone: bool,
    pub(super) sent: Option<Moment>,
    pub(super) latency: Option<Duration>,
}

impl Pool {
    pub(super) fn new(rules: Concurrency) -> Pool {
        Pool {
            limiter: Limiter::new(rules),
            in_flight: 0,
            cuts: 0,
            refused_at: 0,
            suspects: 0,
            usual: Duration::ZERO,
            used: Moment::START,
        }
    }

    pub(super) fn describe(&mut self, rules: &Concurrency, now: Moment) {
        self.limiter.describe(rules);
        self.used = self.used.max(now);
    }

    pub(super) fn limit(&self) -> u32 {
        self.limiter.permits()
    }

    /// When so many permits are free.
    pub(super) fn room(&self, wanted: u32) -> Turn {
        if self.in_flight.saturating_add(wanted) <= self.limit() {
            Turn::Now
        } else {
            Turn::Unknown
        }
    }

    /// Whether a permit that is taken now would be missing when an older caller's turn comes. It is back after a
    /// latency. A turn that is not known comes when a request ends, and then there is a permit too.
    pub(super) fn delays(&self, turn: Turn, now: Moment) -> bool {
        match turn {
            Turn::Now => true,
            Turn::At(at) => at < now + self.usual,
            Turn::Unknown => false,
        }
    }

    pub(super) fn take(&mut self, share: &Share) -> Permit {
        self.in_flight += 1;
        Permit {
            operation: share.operation,
            cuts: self.cuts,
            alone: self.in_flight <= self.limiter.min(),
            sent: None,
            latency: None,
        }
    }

    /// Takes a permit back and learns from it. What was sent before the last cut shows what that one was for.
    pub(super) fn end(&mut self, permit: &Permit, end: End) {
        let in_flight = self.in_flight;
        self.in_flight = self.in_flight.saturating_sub(1);
        if permit.cuts < self.refused_at {
            self.suspects = self.suspects.saturating_sub(1);
        }
        self.usual = permit.latency.unwrap_or(self.usual);
        if permit.cuts < self.cuts {
            return;
        }
        let is_cut = match (end, permit.latency, permit.sent) {
            (End::Answered(now) | End::Abandoned(now), Some(latency), _) => {
                let sample = Sample {
                    operation: permit.operation,
                    latency,
                    alone: permit.alone,
                    in_flight,
                };
                self.limiter.answered(&sample, now)
            }
            (End::Abandoned(now), None, Some(sent)) => {
                self.limiter.given_up(permit.operation, now - sent)
            }
            (End::Answered(_) | End::Abandoned(_), None, _) | (End::NotSent, _, _) => false,
        };
        self.cuts += u64::from(is_cut);
    }

    /// The API has refused a request, whose permit is still out. Others that were on their way together with it are
    /// refused for the same reason, so that all of them are one cut.
    pub(super) fn refused(&mut self, then: Then, now: Moment) {
        self.limiter.freeze(now + then.grow_after);
        if self.suspects == 0 {
            self.limiter.refused();
            self.cuts += 1;
            self.refused_at = self.cuts;
            self.suspects = self.in_flight;
        }
    }

    /// What it has learned is old.
    pub(super) fn is_idle(&self, now: Moment) -> bool {
        self.in_flight == 0 && now - self.used > IDLE && !self.limiter.is_frozen(now)
    }
}
