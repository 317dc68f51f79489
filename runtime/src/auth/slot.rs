//! A value that is renewed: who may use it, who renews it, and who waits for that.
//!
//! A policy: moments are handed in, and nothing is sent, slept or spawned here. There is one lock; no waker is woken
//! while it is held. At most one renewal is under way at any time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::fault::Fault;
use crate::clock::Moment;
use crate::sync::{Mutex, MutexGuard};

/// A value is given up this long before its end, or a tenth of its life before, if that is less.
const MARGIN: Duration = Duration::from_secs(60);
/// A value is used for so long, however short its life, so that renewals do not follow one another without a pause.
const LEAST: Duration = Duration::from_millis(100);
/// After a renewal that failed, none is begun for so long; twice as long after each further one.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause that a server may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(15 * 60);
/// A value that is rejected this soon was hardly worth its renewal; after a few of them there are pauses.
const YOUNG: Duration = Duration::from_secs(60);
const FREE_STRIKES: u32 = 3;

/// A value as a renewal brought it.
pub(super) struct Fresh<T> {
    pub(super) value: T,
    /// When its life began.
    pub(super) from: Moment,
    /// `None`: nobody knows; it is used until it is rejected.
    pub(super) lifetime: Option<Duration>,
}

struct Held<T> {
    value: Arc<T>,
    generation: u64,
    since: Moment,
    /// It is renewed from here on, and may still be used up to `end` if that fails.
    renew: Moment,
    end: Moment,
    struck: bool,
}

/// Why a renewal begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Missing,
    Expired,
    Rejected,
}

/// What a caller finds.
#[derive(Debug)]
pub(super) enum Entry {
    /// A value that can be used.
    Good,
    /// None, and it is too early for another renewal.
    Failed(Fault),
    /// A renewal of this number is under way.
    Waits(u64),
    /// The caller has to begin the renewal of this number, and may wait for it like everyone else.
    Begins(u64, Reason),
}

pub(super) struct Slot<T>(Mutex<State<T>>);

struct State<T> {
    held: Option<Held<T>>,
    /// The API rejected what is held.
    rejected: bool,
    /// The number of the renewal that is under way, and how many there were.
    flight: Option<u64>,
    flights: u64,
    /// How the last one ended for those who waited.
    last: Result<(), Fault>,
    pause: Option<(Moment, Fault)>,
    failures: u32,
    strikes: u32,
    waiters: BTreeMap<u64, Waker>,
    next_waiter: u64,
}

impl<T> Slot<T> {
    pub(super) fn new() -> Slot<T> {
        Slot(Mutex::new(State {
            held: None,
            rejected: false,
            flight: None,
            flights: 0,
            last: Ok(()),
            pause: None,
            failures: 0,
            strikes: 0,
            waiters: BTreeMap::new(),
            next_waiter: 0,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value and its generation, if it can be used now.
    pub(super) fn good(&self, now: Moment) -> Option<(Arc<T>, u64)> {
        let state = self.lock();
        let held = state.usable(now)?;
        Some((Arc::clone(&held.value), held.generation))
    }

    /// What a caller finds now. Whoever is told to begin a renewal must [`land`](Slot::land) it, whatever happens.
    pub(super) fn enter(&self, now: Moment) -> Entry {
        let mut state = self.lock();
        if state.usable(now).is_some() {
            return Entry::Good;
        }
        if let Some(flight) = state.flight {
            return Entry::Waits(flight);
        }
        if let Some((_, fault)) = state.pause.as_ref().filter(|(until, _)| now < *until) {
            return Entry::Failed(fault.clone());
        }
        state.flights += 1;
        state.flight = Some(state.flights);
        let reason = match &state.held {
            None => Reason::Missing,
            Some(_) if state.rejected => Reason::Rejected,
            Some(_) => Reason::Expired,
        };
        Entry::Begins(state.flights, reason)
    }

    /// The API rejected the value of this generation. A newer one is left alone.
    pub(super) fn reject(&self, generation: u64, now: Moment) {
        let mut state = self.lock();
        let state = &mut *state;
        let Some(held) = &mut state.held else { return };
        if held.generation > generation || state.rejected {
            return;
        }
        state.rejected = true;
        if std::mem::replace(&mut held.struck, true) {
            return;
        }
        let is_young = now.since(held.since) < YOUNG;
        state.strikes = if is_young { state.strikes + 1 } else { 0 };
        if state.strikes > FREE_STRIKES {
            let until = now + doubled(state.strikes - FREE_STRIKES);
            if state.pause.as_ref().is_none_or(|(end, _)| *end < until) {
                let text = "the API rejects again and again what was issued just before";
                state.pause = Some((until, Fault::new(text)));
            }
        }
    }

    /// Ends the renewal: the value is in its place before anyone is woken. Without one, the old value stays.
    pub(super) fn land(&self, result: Result<Fresh<T>, Fault>, now: Moment) {
        let mut state = self.lock();
        state.flight = None;
        state.last = match result {
            Ok(fresh) => {
                state.held = Some(Held::new(fresh, now));
                state.pause = None;
                state.failures = 0;
                Ok(())
            }
            Err(fault) => {
                state.failures = state.failures.saturating_add(1);
                let asked = fault.wait.unwrap_or_default().min(LONGEST_ASKED);
                state.pause = Some((now + doubled(state.failures).max(asked), fault.clone()));
                let is_kept = !state.rejected && state.held.as_ref().is_some_and(|h| now < h.end);
                if is_kept { Ok(()) } else { Err(fault) }
            }
        };
        // One that stays may be tried again: what rejected it may have been wrong.
        state.rejected = false;
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        waiters.into_values().for_each(Waker::wake);
    }

    /// Ready when the renewal of this number has ended. `place` remembers the caller between polls.
    pub(super) fn poll_landed(
        &self,
        flight: u64,
        place: &mut Option<u64>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Fault>> {
        let mut state = self.lock();
        if state.flight != Some(flight) {
            *place = None;
            return Poll::Ready(state.last.clone());
        }
        let id = *place.get_or_insert(state.next_waiter);
        state.next_waiter = state.next_waiter.max(id + 1);
        let before = state.waiters.insert(id, cx.waker().clone());
        drop(state);
        drop(before);
        Poll::Pending
    }

    /// A caller gave up.
    pub(super) fn leave(&self, place: u64) {
        let waker = self.lock().waiters.remove(&place);
        drop(waker);
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiters.len()
    }
}

impl<T> State<T> {
    fn usable(&self, now: Moment) -> Option<&Held<T>> {
        let held = self.held.as_ref().filter(|_| !self.rejected)?;
        let is_paused = || self.pause.as_ref().is_some_and(|(until, _)| now < *until);
        (now < held.renew || now < held.end && is_paused()).then_some(held)
    }
}

impl<T> Held<T> {
    fn new(fresh: Fresh<T>, now: Moment) -> Held<T> {
        // Generations are told apart over all slots of a process, since one stamp stands for all that signed.
        static GENERATION: AtomicU64 = AtomicU64::new(1);
        let (renew, end) = match fresh.lifetime {
            None => (Moment::NEVER, Moment::NEVER),
            Some(lifetime) => {
                let margin = (lifetime / 10).min(MARGIN);
                // However slow its delivery, half of a life is left to use it; without one, a moment.
                let least = now + (lifetime / 2).max(LEAST);
                (
                    (fresh.from + (lifetime - margin)).max(least),
                    (fresh.from + lifetime).max(least),
                )
            }
        };
        Held {
            value: Arc::new(fresh.value),
            generation: GENERATION.fetch_add(1, Ordering::Relaxed),
            since: now,
            renew,
            end,
            struck: false,
        }
    }
}

/// The pause after so many failures.
fn doubled(failures: u32) -> Duration {
    let times = 1_u32
        .checked_shl(failures.saturating_sub(1))
        .unwrap_or(u32::MAX);
    PAUSE.saturating_mul(times).min(LONGEST_PAUSE)
}

#[cfg(test)]
#[cfg(etiquette_loom)]
mod loom;
#[cfg(test)]
#[cfg(not(etiquette_loom))]
mod tests;
