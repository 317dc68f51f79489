//! The clock that a stand-in counts by, handed in by whoever starts it.
//!
//! Nothing in this crate asks the system for the time except through a `Now`, so a test that
//! moves its own clock moves the windows, the `Date` header and every `created_at` with it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
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

/// Lets time pass, for a stand-in that answers slowly on purpose.
#[derive(Clone)]
pub struct Pause {
    wait: Arc<dyn Fn(Duration) -> Waiting + Send + Sync>,
}

type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Pause {
    /// A pause that is whatever `wait` does with its length.
    pub fn new<W>(wait: impl Fn(Duration) -> W + Send + Sync + 'static) -> Self
    where
        W: Future<Output = ()> + Send + 'static,
    {
        Self {
            wait: Arc::new(move |length| Box::pin(wait(length))),
        }
    }

    /// No pause at all: how long it would have been is only noted at the arrival.
    pub fn none() -> Self {
        Self::new(|_| std::future::ready(()))
    }

    /// By tokio's clock, for the programs.
    pub fn with_tokio() -> Self {
        Self::new(tokio::time::sleep)
    }

    pub(crate) async fn pass(&self, length: Duration) {
        (self.wait)(length).await;
    }
}

impl fmt::Debug for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pause")
    }
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
    hand: Arc<watch::Sender<SystemTime>>,
}

impl HandClock {
    /// A clock that shows `start`.
    pub fn new(start: SystemTime) -> Self {
        Self {
            hand: Arc::new(watch::Sender::new(start)),
        }
    }

    /// The clock as a stand-in wants it.
    pub fn now(&self) -> Now {
        let clock = self.clone();
        Arc::new(move || clock.read())
    }

    /// A pause that ends when a test has moved the clock far enough.
    pub fn pause(&self) -> Pause {
        let clock = self.clone();
        Pause::new(move |length| {
            let until = clock.read() + length;
            let mut hand = clock.hand.subscribe();
            async move {
                // The closure that made this holds the sender, so it ends no other way.
                let _ = hand.wait_for(|now| *now >= until).await;
            }
        })
    }

    /// What it shows.
    pub fn read(&self) -> SystemTime {
        *self.hand.borrow()
    }

    /// Moves it forwards.
    pub fn advance(&self, by: Duration) {
        self.hand.send_modify(|hand| *hand += by);
    }

    /// Sets it, backwards too.
    pub fn set(&self, to: SystemTime) {
        self.hand.send_replace(to);
    }
}
