//! When and after how long a call is sent again.
//!
//! Policies here take facts and return decisions; the pipeline alone sleeps, sends and reads clocks. Retries and
//! waits after refusals are two things: a refusal uses up no attempts and no budget, only the longest wait.

use std::time::Duration;

pub(crate) mod after;
pub(crate) mod backoff;
pub(crate) mod breaker;
pub(crate) mod budget;
pub(crate) mod effect;

pub(crate) use after::{Hint, Times};
pub(crate) use budget::{Budget, Spent};
pub use effect::Phase;
pub(crate) use effect::{Decision, Evidence, Facts, classify};

/// A longer wait than this is the caller's business, unless a description says otherwise.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// Refusals of one request, at most.
const MOST_REFUSALS: u32 = 10;
/// The gate after a refusal that asks for longer than is believed.
pub(crate) const OVER_CAP_HOLD: Duration = Duration::from_secs(60 * 60);
/// The wait after a refusal that says nothing, at most: windows are rarely longer.
const SILENT_HOLD: Duration = Duration::from_secs(60);
/// The first wait after a refusal that asks for none; it doubles with each.
const FIRST_HOLD: Duration = Duration::from_millis(100);
/// Servers that ask for less are not taken at their word.
const HOT: Duration = Duration::from_secs(1);
const LONGEST_HOLD: Duration = Duration::from_secs(30);

/// The refusals of one request.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    count: u32,
    waited: Duration,
}

/// What a refusal costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    /// How long the gate is shut, in any case.
    pub(crate) hold: Duration,
    /// Whether this request waits for it; otherwise it fails now.
    pub(crate) again: bool,
}

impl Refusals {
    /// Counts a refusal. Never shorter than the server asks and never zero; when the server says nothing, the rest of
    /// the `window`, which is the longest of the refused call's, but at most a minute.
    pub(crate) fn decide(
        &mut self,
        hint: Hint,
        window: Option<Duration>,
        max_wait: Duration,
    ) -> Pause {
        self.count += 1;
        let floor = backoff::ceiling(FIRST_HOLD, 2_000, LONGEST_HOLD, self.count);
        let hold = match hint {
            Hint::After(wait) if wait < HOT => wait.max(floor),
            Hint::After(wait) => wait,
            Hint::OverCap => OVER_CAP_HOLD,
            Hint::Invalid | Hint::Missing => window
                .map_or(SILENT_HOLD, |window| window.min(SILENT_HOLD))
                .max(floor),
        };
        let waited = self.waited.saturating_add(hold);
        let again = hint != Hint::OverCap && self.count <= MOST_REFUSALS && waited <= max_wait;
        if again {
            self.waited = waited;
        }
        Pause { hold, again }
    }

    /// The sum of the waits that were decided.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_WAIT: Duration = LONGEST_WAIT;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_server_is_taken_at_its_word() {
        let mut refusals = Refusals::default();
        let pause = refusals.decide(Hint::After(seconds(120)), None, MAX_WAIT);
        assert_eq!(
            pause,
            Pause {
                hold: seconds(120),
                again: true
            }
        );
        let pause = refusals.decide(Hint::After(seconds(781)), None, MAX_WAIT);
        assert_eq!(
            pause,
            Pause {
                hold: seconds(781),
                again: false
            },
            "the gate is shut all the same"
        );
        assert_eq!(refusals.waited(), seconds(120));
        let pause = refusals.decide(Hint::After(seconds(780)), None, MAX_WAIT);
        assert!(pause.again);
    }

    /// Row B5: a server that asks for no wait does not make a hot loop.
    #[test]
    fn no_wait_is_a_growing_wait() {
        let mut refusals = Refusals::default();
        let holds: Vec<u128> = (0..11)
            .map(|_| refusals.decide(Hint::After(Duration::ZERO), None, MAX_WAIT))
            .filter(|pause| pause.again)
            .map(|pause| pause.hold.as_millis())
            .collect();
        assert_eq!(
            holds,
            [
                100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000
            ]
        );
    }

    /// Row B4: a server that asks for a second means it, also the eighth time.
    #[test]
    fn a_second_is_a_second() {
        let mut refusals = Refusals::default();
        for _ in 0..8 {
            let pause = refusals.decide(Hint::After(HOT), None, MAX_WAIT);
            assert_eq!(pause.hold, HOT);
        }
    }

    /// Row B7: a wait beyond belief fails at once and shuts the gate for an hour.
    #[test]
    fn a_wait_beyond_belief() {
        let pause = Refusals::default().decide(Hint::OverCap, None, Duration::MAX);
        assert_eq!(
            pause,
            Pause {
                hold: seconds(3_600),
                again: false
            }
        );
    }

    /// Row B14: when the server says nothing, the rest of the window, never at once.
    #[test]
    fn silence_is_a_window() {
        for hint in [Hint::Missing, Hint::Invalid] {
            let hold = |window| Refusals::default().decide(hint, window, MAX_WAIT).hold;
            assert_eq!(hold(None), seconds(60));
            assert_eq!(hold(Some(seconds(300))), seconds(60));
            assert_eq!(hold(Some(seconds(10))), seconds(10));
            assert_eq!(hold(Some(Duration::ZERO)), FIRST_HOLD);
        }
    }

    #[test]
    fn ten_refusals_are_enough() {
        let mut refusals = Refusals::default();
        let count = (0..20)
            .filter(|_| {
                refusals
                    .decide(Hint::After(seconds(1)), None, Duration::MAX)
                    .again
            })
            .count();
        assert_eq!(count, 10);
    }
}
