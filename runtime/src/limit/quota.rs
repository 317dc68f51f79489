//! The quota of one bucket: a completion-stamped sliding window.
//!
//! A slot is taken before a request is sent and becomes a stamp when its answer has ended; the stamp expires one
//! window later. A request that reuses the slot is therefore sent at least one window after the first one had
//! arrived, so no window of the server, sliding or fixed, ever sees more than `max` of them, whatever the latency.
//! Nothing here knows of callers, queues or gates.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Turn;
use crate::clock::Moment;

/// How much longer than the window a stamp lives: clocks drift, and some servers count both ends of a window.
fn margin(window: Duration) -> Duration {
    (window / 1000).max(Duration::from_millis(50))
}

/// When a slot that was used until `now` may be used again.
pub(super) fn expiry(now: Moment, window: Duration) -> Moment {
    now + window + margin(window)
}

/// Stamps by the moment at which they expire.
#[derive(Debug, Default)]
pub(super) struct Stamps {
    by_expiry: BTreeMap<Moment, u32>,
    live: u64,
}

impl Stamps {
    /// Forgets what has expired.
    pub(super) fn expire(&mut self, now: Moment) {
        while let Some(first) = self.by_expiry.first_entry() {
            if *first.key() > now {
                break;
            }
            self.live -= u64::from(first.remove());
        }
    }

    pub(super) fn add(&mut self, expiry: Moment, count: u32) {
        if count > 0 {
            let here = self.by_expiry.entry(expiry).or_default();
            let added = here.saturating_add(count) - *here;
            *here += added;
            self.live += u64::from(added);
        }
    }

    pub(super) fn live(&self) -> u32 {
        u32::try_from(self.live).unwrap_or(u32::MAX)
    }

    /// When all have expired.
    pub(super) fn last(&self) -> Option<Moment> {
        self.by_expiry.last_key_value().map(|(at, _)| *at)
    }

    fn iter(&self) -> impl Iterator<Item = (Moment, u32)> {
        self.by_expiry.iter().map(|(at, count)| (*at, *count))
    }
}

/// Slots of one bucket.
#[derive(Debug, Default)]
pub(super) struct Slots {
    /// Taken by requests that have not ended.
    pub(super) in_flight: u32,
    /// Our own, used within the window.
    pub(super) own: Stamps,
    /// Used by others, as the server has told.
    pub(super) foreign: Stamps,
}

impl Slots {
    pub(super) fn expire(&mut self, now: Moment) {
        self.own.expire(now);
        self.foreign.expire(now);
    }

    /// Slots that are not free.
    pub(super) fn used(&self) -> u32 {
        self.in_flight
            .saturating_add(self.own.live())
            .saturating_add(self.foreign.live())
    }

    /// When `cost` slots of `max` are free. More than `max` never are.
    pub(super) fn turn(&self, cost: u32, max: u32) -> Turn {
        let wanted = self.used().saturating_add(cost);
        let Some(mut lacking) = wanted.checked_sub(max).filter(|lacking| *lacking > 0) else {
            return Turn::Now;
        };
        let (mut own, mut foreign) = (self.own.iter().peekable(), self.foreign.iter().peekable());
        loop {
            let next = match (own.peek(), foreign.peek()) {
                (Some(a), Some(b)) if b.0 < a.0 => foreign.next(),
                (Some(_), _) => own.next(),
                (None, _) => foreign.next(),
            };
            let Some((at, count)) = next else {
                return Turn::Unknown;
            };
            lacking = lacking.saturating_sub(count);
            if lacking == 0 {
                return Turn::At(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: u64) -> Moment {
        Moment::START + Duration::from_secs(seconds)
    }

    #[test]
    fn a_stamp_outlives_its_window_by_the_margin() {
        assert_eq!(expiry(at(0), MINUTE), at(60) + Duration::from_millis(60));
        assert_eq!(
            expiry(at(0), Duration::from_secs(1)),
            at(1) + Duration::from_millis(50)
        );
        assert_eq!(expiry(Moment::NEVER, Duration::MAX), Moment::NEVER);
    }

    #[test]
    fn it_names_the_moment_at_which_enough_stamps_have_expired() {
        let mut slots = Slots::default();
        assert_eq!(slots.turn(3, 3), Turn::Now);
        slots.in_flight = 1;
        slots.own.add(at(10), 1);
        slots.foreign.add(at(5), 1);
        assert_eq!(slots.turn(1, 4), Turn::Now);
        assert_eq!(slots.turn(1, 3), Turn::At(at(5)));
        assert_eq!(slots.turn(2, 3), Turn::At(at(10)));
        assert_eq!(slots.turn(3, 3), Turn::Unknown);
        assert_eq!(Slots::default().turn(4, 3), Turn::Unknown);
        slots.expire(at(5));
        assert_eq!((slots.used(), slots.foreign.live()), (2, 0));
    }

    /// Row B21: a clock that steps back or stands still expires nothing and underflows nowhere.
    #[test]
    fn a_clock_that_steps_back_keeps_stamps() {
        let mut slots = Slots::default();
        slots.own.add(at(100), 2);
        slots.expire(at(50));
        slots.expire(at(0));
        slots.own.add(at(60), 1);
        slots.own.add(at(60), u32::MAX);
        assert_eq!(slots.own.live(), u32::MAX);
        slots.expire(at(60));
        assert_eq!(slots.turn(1, 1), Turn::At(at(100)));
        slots.expire(at(100));
        assert_eq!(slots.own.live(), 0);
    }
}
