//! The clock that a stand-in counts by, handed in by whoever starts it.
//!
//! Nothing in this crate asks the system for the time except through a `Now`, so a test that
//! moves its own clock moves the windows, the `Date` header and every `created_at` with it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Tells the time.
pub type Now = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// The system's clock, for the programs.
pub fn system() -> Now {
    Arc::new(SystemTime::now)
}

/// A clock that reads `start` now and from then on moves with tokio's, which a test may pause.
///
/// It has to be read inside a runtime when that runtime's clock is paused.
pub fn with_tokio(start: SystemTime) -> Now {
    let origin = Instant::now();
    Arc::new(move || start + origin.elapsed())
}

/// An instant moved by a number of seconds.
pub(crate) fn skew(at: SystemTime, seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let moved = if seconds < 0 {
        at.checked_sub(distance)
    } else {
        at.checked_add(distance)
    };
    moved.unwrap_or(at)
}

/// A clock that stands still until a test moves it.
#[derive(Clone, Debug)]
pub struct HandClock {
    hand: Arc<Mutex<SystemTime>>,
}

impl HandClock {
    /// A clock that shows `start`.
    pub fn new(start: SystemTime) -> Self {
        Self {
            hand: Arc::new(Mutex::new(start)),
        }
    }

    /// The clock as a stand-in wants it.
    pub fn now(&self) -> Now {
        let clock = self.clone();
        Arc::new(move || clock.read())
    }

    /// What it shows.
    pub fn read(&self) -> SystemTime {
        *self.hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves it forwards.
    pub fn advance(&self, by: Duration) {
        let mut hand = self.hand.lock().unwrap_or_else(PoisonError::into_inner);
        *hand += by;
    }

    /// Sets it, backwards too.
    pub fn set(&self, to: SystemTime) {
        *self.hand.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}
