//! The breaker: when nearly nothing comes back from an origin, calls fail at once instead of waiting for their turn to
//! fail.
//!
//! It is told the moment and the randomness and knows nothing of requests. A refusal is no failure: a server that
//! refuses is there. A healthy attempt costs one atomic operation; the lock is taken only around an opening.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::backoff;
use crate::clock::Moment;

/// Attempts are counted by the second, for so many seconds.
const SECONDS: usize = 30;
/// Fewer attempts than this prove nothing.
const FEWEST: u32 = 10;
/// Of a hundred attempts, so many failures open it.
const PERCENT: u32 = 80;
const FIRST_OPEN: Duration = Duration::from_secs(5);
const LONGEST_OPEN: Duration = Duration::from_secs(300);
/// When to come again while a probe is on its way.
const PROBED: Duration = Duration::from_secs(1);

/// One for each client; its clones share it.
#[derive(Debug)]
pub(crate) struct Breaker {
    /// One second each: its number in the upper half, then attempts and failures in 16 bits each.
    seconds: [AtomicU64; SECONDS],
    /// Odd while it is open or half open. It grows with each change, because what was sent before a change says
    /// nothing about what comes after.
    era: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// While it is open or half open: when the probe may go.
    until: Option<Moment>,
    /// A probe is on its way.
    probed: bool,
    /// How often it has opened since it was closed.
    openings: u32,
}

/// How the breaker has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Opened { length: Duration },
    Closed,
}

impl Breaker {
    pub(crate) fn new() -> Breaker {
        Breaker {
            seconds: array::from_fn(|_| AtomicU64::new(0)),
            era: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    /// Whether a call may wait for its turn; otherwise, when to come again.
    pub(crate) fn ask(&self, now: Moment) -> Result<(), Moment> {
        if is_open(self.era()) {
            self.lock().shut_until(now).map_or(Ok(()), Err)
        } else {
            Ok(())
        }
    }

    /// Lets an attempt through. The first one after the pause is the probe: all others wait for what it learns.
    pub(crate) fn enter(&self, now: Moment) -> Result<Pass<'_>, Moment> {
        let mut era = self.era();
        let mut is_probe = false;
        if is_open(era) {
            let mut state = self.lock();
            if let Some(until) = state.shut_until(now) {
                return Err(until);
            }
            era = self.era();
            is_probe = is_open(era);
            state.probed = is_probe;
        }
        Ok(Pass {
            breaker: self,
            era,
            is_probe,
        })
    }

    fn era(&self) -> u64 {
        self.era.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an attempt; true when it is the one too many.
    fn count(&self, failed: bool, now: Moment) -> bool {
        let second = now.nanos() / 1_000_000_000;
        let slot = &self.seconds[usize::try_from(second % SECONDS as u64).unwrap_or(0)];
        let add = |old: u64| {
            let counted = if old >> 32 == second & u64::from(u32::MAX) {
                old
            } else {
                (second & u64::from(u32::MAX)) << 32
            };
            let is_full = counted & 0xFFFF_0000 == 0xFFFF_0000;
            (!is_full).then_some(counted + 0x1_0000 + u64::from(failed))
        };
        let _ = slot.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        failed && self.is_too_much(second)
    }

    fn is_too_much(&self, second: u64) -> bool {
        let (mut attempts, mut failures) = (0, 0);
        for slot in &self.seconds {
            let counted = slot.load(Ordering::Relaxed);
            let age = (second & u64::from(u32::MAX)).wrapping_sub(counted >> 32);
            if age < SECONDS as u64 {
                attempts += (counted >> 16 & 0xFFFF) as u32;
                failures += (counted & 0xFFFF) as u32;
            }
        }
        attempts >= FEWEST && failures * 100 >= attempts * PERCENT
    }

    fn open(&self, state: &mut State, now: Moment, fraction: f64) -> Change {
        state.openings = state.openings.saturating_add(1);
        let length = backoff::ceiling(FIRST_OPEN, 2_000, LONGEST_OPEN, state.openings);
        // Equal jitter: half of it is certain.
        let length = length / 2 + (length / 2).mul_f64(fraction.clamp(0.0, 1.0));
        state.until = Some(now + length);
        self.turn_over(state);
        Change::Opened { length }
    }

    /// Begins a new era, in which nothing is counted yet.
    fn turn_over(&self, state: &mut State) {
        state.probed = false;
        for slot in &self.seconds {
            slot.store(0, Ordering::Relaxed);
        }
        let is_shut = u64::from(state.until.is_some());
        self.era
            .store(((self.era() >> 1) + 1) << 1 | is_shut, Ordering::Release);
    }

    fn end_probe(&self, failed: bool, now: Moment, fraction: f64) -> Change {
        let mut state = self.lock();
        if failed {
            return self.open(&mut state, now, fraction);
        }
        (state.until, state.openings) = (None, 0);
        self.turn_over(&mut state);
        Change::Closed
    }
}

impl State {
    fn shut_until(&self, now: Moment) -> Option<Moment> {
        let until = self.until?;
        match self.probed {
            true => Some(now + PROBED),
            false => Some(until).filter(|until| now < *until),
        }
    }
}

/// Leave for one attempt. Dropped without an end, it says nothing, and a probe is free for another call.
#[derive(Debug)]
#[must_use = "a probe is given back when it is dropped"]
pub(crate) struct Pass<'b> {
    breaker: &'b Breaker,
    era: u64,
    /// It is the probe, and has not ended.
    is_probe: bool,
}

impl Pass<'_> {
    /// The attempt has ended; `failed`: it was not sent, or nobody knows what became of it.
    pub(crate) fn end(
        mut self,
        failed: bool,
        now: Moment,
        fraction: impl FnOnce() -> f64,
    ) -> Option<Change> {
        let breaker = self.breaker;
        if std::mem::take(&mut self.is_probe) {
            return Some(breaker.end_probe(failed, now, fraction()));
        }
        if breaker.era() != self.era || !breaker.count(failed, now) {
            return None;
        }
        let mut state = breaker.lock();
        let is_first = breaker.era() == self.era;
        is_first.then(|| breaker.open(&mut state, now, fraction()))
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            self.breaker.lock().probed = false;
        }
    }
}

fn is_open(era: u64) -> bool {
    era & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: f64 = 0.5;

    fn at(seconds: f64) -> Moment {
        Moment::START + Duration::from_secs_f64(seconds)
    }

    fn attempt(breaker: &Breaker, failed: bool, now: Moment) -> Option<Change> {
        breaker.enter(now).unwrap().end(failed, now, || HALF)
    }

    /// Opens it and gives the moment at which the probe may go.
    fn opened(breaker: &Breaker, now: Moment) -> Moment {
        let changes = (0..10).filter_map(|_| attempt(breaker, true, now));
        let length = Duration::from_millis(3_750);
        assert!(changes.eq([Change::Opened { length }]));
        assert_eq!(breaker.ask(now), Err(now + length));
        now + length
    }

    #[test]
    fn ten_attempts_and_four_fifths_of_them_open_it() {
        for (healthy, failures, opens) in [
            (0, 9, false),
            (0, 10, true),
            (1, 8, false),
            (2, 7, false),
            (2, 8, true),
            (3, 11, false),
            (3, 12, true),
        ] {
            let breaker = Breaker::new();
            let ends = (0..healthy + failures).map(|number| number >= healthy);
            let changes = ends.filter_map(|failed| attempt(&breaker, failed, at(1.0)));
            assert_eq!(changes.count(), usize::from(opens), "{healthy} {failures}");
            assert_eq!(breaker.ask(at(1.0)).is_err(), opens);
        }
    }

    #[test]
    fn half_a_minute_is_remembered() {
        let breaker = Breaker::new();
        let failed = (0..1_000).find(|number| {
            let now = at(f64::from(*number) * 3.5);
            attempt(&breaker, true, now).is_some()
        });
        assert_eq!(failed, None, "nine in half a minute are too few");
        let failed = (0..1_000).find(|number| {
            let now = at(4_000.0 + f64::from(*number) * 3.0);
            attempt(&breaker, true, now).is_some()
        });
        assert_eq!(failed, Some(9));
    }

    #[test]
    fn successes_long_ago_do_not_count() {
        let breaker = Breaker::new();
        (0..200_000).for_each(|_| assert_eq!(attempt(&breaker, false, at(1.0)), None));
        (0..1_000).for_each(|_| assert_eq!(attempt(&breaker, true, at(2.0)), None));
        assert!(
            attempt(&breaker, true, at(31.5)).is_some(),
            "the second of the successes is over"
        );
    }

    #[test]
    fn one_probe_at_a_time() {
        let breaker = Breaker::new();
        let until = opened(&breaker, at(1.0));
        assert!(breaker.enter(at(4.7)).is_err());
        assert_eq!(breaker.ask(until), Ok(()), "asking takes nothing");
        let probe = breaker.enter(until).unwrap();
        assert_eq!(breaker.ask(until).err(), Some(until + PROBED));
        assert_eq!(breaker.enter(until).err(), Some(until + PROBED));
        drop(probe);
        let probe = breaker.enter(until).unwrap();
        assert_eq!(probe.end(false, until, || HALF), Some(Change::Closed));
        assert_eq!(breaker.ask(until), Ok(()));
        assert_eq!(
            attempt(&breaker, true, until),
            None,
            "the old failures are forgotten"
        );
    }

    #[test]
    fn pauses_double_and_a_success_begins_anew() {
        let breaker = Breaker::new();
        let mut until = opened(&breaker, at(0.0));
        let mut lengths = Vec::new();
        for _ in 0..8 {
            match attempt(&breaker, true, until) {
                Some(Change::Opened { length }) => {
                    lengths.push(length.as_millis());
                    until = until + length;
                }
                other => panic!("{other:?}"),
            }
        }
        let quarters = [
            7_500, 15_000, 30_000, 60_000, 120_000, 225_000, 225_000, 225_000,
        ];
        assert_eq!(lengths, quarters);
        assert_eq!(attempt(&breaker, false, until), Some(Change::Closed));
        opened(&breaker, until);
    }

    #[test]
    fn what_was_sent_before_says_nothing() {
        let breaker = Breaker::new();
        let pass = || breaker.enter(at(1.0)).unwrap();
        let (late_success, late_failures) = (pass(), [(); 20].map(|()| pass()));
        let until = opened(&breaker, at(1.0));
        assert_eq!(late_success.end(false, at(2.0), || HALF), None);
        assert_eq!(breaker.ask(at(2.0)), Err(until), "it stays open");
        assert_eq!(attempt(&breaker, false, until), Some(Change::Closed));
        for pass in late_failures {
            assert_eq!(pass.end(true, until, || HALF), None);
        }
        assert_eq!(breaker.ask(until), Ok(()));
    }

    #[test]
    fn threads_send_one_probe() {
        let breaker = Breaker::new();
        let until = opened(&breaker, at(1.0));
        let entered: usize = std::thread::scope(|scope| {
            let enter = || breaker.enter(until).ok();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(enter)).collect();
            let passes = threads.into_iter().map(|thread| thread.join().unwrap());
            // All are kept until the last thread has asked.
            passes.collect::<Vec<_>>().iter().flatten().count()
        });
        assert_eq!(entered, 1);
    }
}
