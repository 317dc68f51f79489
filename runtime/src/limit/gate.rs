//! A gate: it shuts when the server asks for a pause and opens when the pause is over.
//!
//! One stands before each bucket and one before each client. It never opens earlier than the server asked, and after
//! a long pause it lets a single request through first. It reads no clock and no randomness.

use std::time::Duration;

use super::Turn;
use crate::clock::Moment;

/// A pause longer than this ends with a probe.
const LONG: Duration = Duration::from_secs(60);
/// The spread after a pause, at most.
const SPREAD: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Probe {
    #[default]
    Unneeded,
    Needed,
    Out,
}

/// The state of a gate.
#[derive(Debug, Default)]
pub(super) struct Gate {
    until: Moment,
    probe: Probe,
}

impl Gate {
    /// Shuts for `wait` and a spread of at most a tenth of it, so that a fleet does not return at once. A pause that
    /// is already longer stays. Gives the moment of opening.
    pub(super) fn shut(&mut self, now: Moment, wait: Duration, fraction: f64) -> Moment {
        self.until = self.until.max(now + wait + spread(wait, fraction));
        if self.until - now > LONG {
            self.probe = Probe::Needed;
        }
        self.until
    }

    /// When it opens, if it is shut.
    pub(super) fn shut_until(&self, now: Moment) -> Option<Moment> {
        Some(self.until).filter(|until| now < *until)
    }

    /// When a request may pass. While a probe is on its way, nobody knows.
    pub(super) fn turn(&self, now: Moment) -> Turn {
        match (self.shut_until(now), self.probe) {
            (Some(until), _) => Turn::At(until),
            (None, Probe::Out) => Turn::Unknown,
            (None, Probe::Unneeded | Probe::Needed) => Turn::Now,
        }
    }

    /// It is open for everyone.
    pub(super) fn is_idle(&self, now: Moment) -> bool {
        self.shut_until(now).is_none() && self.probe == Probe::Unneeded
    }

    /// Lets a request pass; true when it is the probe.
    pub(super) fn pass(&mut self) -> bool {
        let is_probe = self.probe == Probe::Needed;
        if is_probe {
            self.probe = Probe::Out;
        }
        is_probe
    }

    /// The probe was answered. If the answer has shut the gate again, it stays shut and wants another probe.
    pub(super) fn probe_answered(&mut self) {
        if self.probe == Probe::Out {
            self.probe = Probe::Unneeded;
        }
    }

    /// The probe was given up; the next request is one.
    pub(super) fn probe_lost(&mut self) {
        if self.probe == Probe::Out {
            self.probe = Probe::Needed;
        }
    }
}

/// A part of min(a tenth of the wait, 5 s). What is no number counts as the whole.
fn spread(wait: Duration, fraction: f64) -> Duration {
    let part = if fraction.is_nan() {
        1.0
    } else {
        fraction.clamp(0.0, 1.0)
    };
    (wait / 10).min(SPREAD).mul_f64(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: u64) -> Moment {
        Moment::START + Duration::from_secs(seconds)
    }

    proptest! {
        /// Row B4: never earlier than the server asked, at most min(10 %, 5 s) later.
        #[test]
        fn it_opens_in_time(start in 0_u64..1 << 50, wait in 0_u64..1 << 50, fraction in any::<f64>()) {
            let (start, wait) = (Moment::from_nanos(start), Duration::from_nanos(wait));
            let opens = Gate::default().shut(start, wait, fraction);
            prop_assert!(opens >= start + wait);
            prop_assert!(opens <= start + wait + (wait / 10).min(SPREAD));
        }
    }

    #[test]
    fn the_longer_pause_wins() {
        let mut gate = Gate::default();
        gate.shut(at(0), Duration::from_secs(30), 0.0);
        gate.shut(at(1), Duration::from_secs(5), 0.0);
        assert_eq!(gate.turn(at(29)), Turn::At(at(30)));
        assert_eq!(gate.turn(at(30)), Turn::Now);
        assert_eq!(gate.shut(at(40), Duration::MAX, 1.0), Moment::NEVER);
    }

    #[test]
    fn a_long_pause_ends_with_one_probe_which_may_get_lost() {
        let mut gate = Gate::default();
        gate.shut(at(0), Duration::from_secs(61), 0.0);
        assert_eq!(gate.turn(at(61)), Turn::Now);
        assert!(gate.pass());
        assert_eq!(gate.turn(at(61)), Turn::Unknown);
        gate.probe_lost();
        assert_eq!(gate.turn(at(61)), Turn::Now);
        assert!(gate.pass());
        gate.probe_answered();
        assert_eq!(gate.turn(at(62)), Turn::Now);
        assert!(!gate.pass());
    }

    #[test]
    fn a_refused_probe_leaves_the_gate_shut() {
        let mut gate = Gate::default();
        gate.shut(at(0), Duration::from_secs(90), 0.0);
        assert!(gate.pass());
        gate.shut(at(91), Duration::from_secs(90), 0.0);
        gate.probe_answered();
        assert_eq!(gate.turn(at(100)), Turn::At(at(181)));
        assert_eq!(gate.turn(at(181)), Turn::Now);
    }

    #[test]
    fn a_probe_refused_for_a_short_time_opens_the_gate_after_it() {
        let mut gate = Gate::default();
        gate.shut(at(0), Duration::from_secs(90), 0.0);
        assert!(gate.pass());
        gate.shut(at(91), Duration::from_secs(10), 0.0);
        gate.probe_answered();
        assert_eq!(gate.turn(at(100)), Turn::At(at(101)));
        assert_eq!(gate.turn(at(101)), Turn::Now);
    }
}
