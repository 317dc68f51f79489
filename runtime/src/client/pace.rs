//! How fast a body moves: 64 bytes in each second, looked at in windows of half a minute.
//!
//! It is the same for answers, for downloads and for bodies that are sent. It reads no clock. A window in which nobody
//! looked, or in which the other side had nothing to wait for, is nobody's fault.

use std::time::Duration;

use crate::clock::Moment;

/// A body may begin as slowly as it likes for so long.
const GRACE: Duration = Duration::from_secs(20);
/// Then it is looked at this often.
const WINDOW: Duration = Duration::from_secs(30);
/// Fewer bytes than this in a window are a stall: 64 in each second.
const LEAST: u64 = 30 * 64;
/// Who looks so much later than planned was not looking, and blames nobody.
const LATE: Duration = Duration::from_secs(1);

/// Bytes in one window after the other.
pub(super) struct Pace {
    /// The end of the grace.
    grace: Moment,
    /// When to look.
    pub(super) check: Moment,
    /// What had moved when the window began.
    before: u64,
}

impl Pace {
    /// A body that begins now.
    pub(super) fn new(now: Moment) -> Pace {
        Pace {
            grace: now + GRACE,
            check: now + GRACE + WINDOW,
            before: 0,
        }
    }

    /// What comes during the grace counts for no window.
    pub(super) fn forget_grace(&mut self, moved: u64, now: Moment) {
        if now <= self.grace {
            self.before = moved;
        }
    }

    /// Looks at the window that was to end at `check` and begins the next one.
    pub(super) fn is_stalled(&mut self, moved: u64, now: Moment) -> bool {
        let late = now - self.check;
        let is_slow = moved - self.before < LEAST;
        self.before = moved;
        // A caller that did not poll meanwhile has not looked, and the server is not to blame for that.
        self.check = self.check.max(now) + WINDOW;
        is_slow && late < LATE
    }
}
