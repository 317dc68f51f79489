//! One bucket: its quota, what was learned of it, and its gate.
//!
//! It answers whether a request finds room and takes note of what becomes of requests. Callers and their order are
//! none of its business.

use std::time::Duration;

use super::Turn;
use super::gate::Gate;
use super::learn::{ASSUMED_WINDOW, Learned, Observation};
use super::quota::{Slots, expiry};
use crate::clock::Moment;

/// A cancelled attempt may still arrive this much later.
const GRACE: Duration = Duration::from_secs(5);

/// An answer that takes longer is unusual.
const USUAL: Duration = Duration::from_secs(30);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    window: Option<(u32, Duration)>,
    learned: Option<Learned>,
    pub(super) slots: Slots,
    pub(super) gate: Gate,
    /// Slots taken since the beginning.
    taken: u64,
    /// How much of what was assumed to be used has been entered.
    assumed: u32,
}

/// What one request holds in one bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holding {
    cost: u32,
    /// Our own slots, this request's included, when it was sent.
    own: u32,
    /// All slots taken until then.
    taken: u64,
    /// The end of the window in which the server counted it, if its answer has told.
    reset: Option<Moment>,
    probe: bool,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Its answer has been read.
    Answered(Moment),
    /// It was given up on its way.
    Abandoned(Moment),
    /// It never left.
    NotSent,
}

impl Bucket {
    /// Makes it obey the description. Of two clients that differ the stricter one wins.
    pub(super) fn describe(&mut self, window: Option<(u32, Duration)>, learns: bool) {
        if let Some((max, per)) = window {
            let (known_max, known_per) = self.window.unwrap_or((max, per));
            self.window = Some((known_max.min(max).max(1), known_per.max(per)));
        }
        if learns && self.learned.is_none() {
            self.learned = Some(Learned::default());
        }
    }

    /// Enters what the caller says that others have used.
    pub(super) fn assume(&mut self, total: u32, now: Moment) {
        let new = total.saturating_sub(self.assumed);
        self.slots.foreign.add(expiry(now, self.per()), new);
        self.assumed = self.assumed.max(total);
    }

    fn per(&self) -> Duration {
        self.window.map_or(ASSUMED_WINDOW, |(_, per)| per)
    }

    /// The quota, as far as it is known: the description's, or a lower one that the server has stated.
    pub(super) fn limit(&self) -> Option<u32> {
        let declared = self.window.map(|(max, _)| max);
        let stated = self.learned.as_ref().and_then(Learned::limit);
        match (declared, stated) {
            (Some(declared), Some(stated)) => Some(declared.min(stated)),
            (one, other) => one.or(other),
        }
    }

    /// A cost above the quota is all of it.
    pub(super) fn cost(&self, cost: u32) -> u32 {
        self.limit().map_or(cost, |max| cost.min(max))
    }

    /// When so many slots are free, whatever the gate. What has expired is forgotten first.
    pub(super) fn room(&mut self, cost: u32, now: Moment) -> Turn {
        self.slots.expire(now);
        // The ramp says nothing about when there will be room, whatever the stamps say.
        if self.window.is_none()
            && self
                .learned
                .as_ref()
                .is_some_and(|learned| self.is_crowded(learned.ramp, cost))
        {
            return Turn::Unknown;
        }
        self.limit()
            .map_or(Turn::Now, |max| self.slots.turn(cost, max))
    }

    fn is_crowded(&self, ramp: u32, cost: u32) -> bool {
        self.slots.in_flight > 0 && self.slots.in_flight.saturating_add(cost) > ramp
    }

    /// When a slot that is taken now is free again, if its answer is not unusually late.
    pub(super) fn back_by(&self, now: Moment) -> Moment {
        expiry(now + USUAL, self.per())
    }

    /// Takes slots for a request that is about to be sent.
    pub(super) fn take(&mut self, cost: u32) -> Holding {
        let cost = self.cost(cost);
        self.slots.in_flight = self.slots.in_flight.saturating_add(cost);
        self.taken = self.taken.wrapping_add(u64::from(cost));
        Holding {
            cost,
            own: self.slots.in_flight.saturating_add(self.slots.own.live()),
            taken: self.taken,
            reset: None,
            probe: self.gate.pass(),
        }
    }

    /// Takes in what the answer to request number `order` tells. Whatever of ours may have reached the server before
    /// it answered is not held against others: slots in use when the request was sent and those taken since.
    pub(super) fn observe(
        &mut self,
        holding: &mut Holding,
        order: u64,
        seen: &Observation,
        now: Moment,
        fraction: f64,
    ) {
        self.slots.expire(now);
        let Some(learned) = &mut self.learned else {
            return;
        };
        let since = u32::try_from(self.taken.wrapping_sub(holding.taken)).unwrap_or(u32::MAX);
        let own = holding.own.saturating_add(since);
        let lesson = learned.take(order, seen, own, self.window, now);
        holding.reset = seen.reset.filter(|reset| *reset > now);
        if let Some((used, until)) = lesson.foreign {
            let known = self.slots.foreign.live();
            self.slots.foreign.add(until, used.saturating_sub(known));
        }
        if let Some(until) = lesson.shut_until {
            self.gate.shut(now, until - now, fraction);
        }
    }

    /// Ends a request: its slots become stamps, unless it never left.
    pub(super) fn end(&mut self, holding: &Holding, end: End) {
        self.slots.in_flight = self.slots.in_flight.saturating_sub(holding.cost);
        if holding.probe {
            match end {
                End::Answered(_) => self.gate.probe_answered(),
                End::Abandoned(_) | End::NotSent => self.gate.probe_lost(),
            }
        }
        let (now, arrived) = match end {
            End::Answered(now) => (now, now),
            End::Abandoned(now) => (now, now + GRACE),
            End::NotSent => return,
        };
        self.slots.expire(now);
        // Without a quota nothing is counted, and nothing would bound the stamps.
        if self.limit().is_some() {
            self.slots
                .own
                .add(self.stamp(holding, arrived), holding.cost);
        }
    }

    /// When the server forgets a request that arrived until `arrived`.
    fn stamp(&self, holding: &Holding, arrived: Moment) -> Moment {
        let known = || {
            self.learned
                .as_ref()
                .and_then(|learned| learned.reset(arrived))
        };
        match self.window {
            Some((_, per)) => expiry(arrived, per),
            None => holding
                .reset
                .or_else(known)
                .filter(|reset| *reset > arrived)
                .unwrap_or_else(|| expiry(arrived, ASSUMED_WINDOW)),
        }
    }

    /// When all that is known to be used is free again.
    pub(super) fn reset(&self, now: Moment) -> Option<Moment> {
        let told = self.learned.as_ref().and_then(|learned| learned.reset(now));
        told.or(self.slots.own.last().max(self.slots.foreign.last()))
    }

    /// Nothing would be lost with it.
    pub(super) fn is_idle(&mut self, now: Moment) -> bool {
        self.slots.expire(now);
        self.slots.used() == 0 && self.assumed == 0 && self.gate.is_idle(now)
    }
}
