//! Time as the runtime sees it: a monotonic `Moment`, the `Clock` seam and the system's clock; and the `Spawn` seam.
//!
//! Policies never read a clock; the pipeline reads it once and hands the moment in. All arithmetic saturates, so no
//! header of a server and no setting of a caller can make it panic or wrap.

use std::future::Future;
use std::ops::{Add, Sub};
use std::pin::Pin;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A point on a monotonic time line, in nanoseconds since an arbitrary start.
///
/// Moments of one clock can be compared; so can those of all `SystemClock`s of a process, which share their start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// The start of the time line.
    pub const START: Moment = Moment(0);
    /// Later than everything.
    pub const NEVER: Moment = Moment(u64::MAX);

    /// So many nanoseconds after the start.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Moment {
        Moment(nanos)
    }

    /// Nanoseconds since the start.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// The time that has passed since `earlier`; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    /// Ends at [`Moment::NEVER`].
    fn add(self, length: Duration) -> Moment {
        let nanos = u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
        Moment(self.0.saturating_add(nanos))
    }
}

impl Sub<Moment> for Moment {
    type Output = Duration;

    /// Zero when the other moment is later.
    fn sub(self, earlier: Moment) -> Duration {
        self.since(earlier)
    }
}

/// Where the runtime gets its time from.
///
/// The pipeline sleeps only through this trait, so that a test can put a clock of its own in its place.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Moment;

    /// The wall clock. It is read only to understand a date in an answer that has no `Date` of its own.
    fn wall(&self) -> SystemTime;

    /// Ends at `until`, at once when that has passed. This is a policy's wait: for quota, after a refusal, a backoff.
    fn sleep(&self, until: Moment) -> BoxFuture<'static, ()>;

    /// Ends at `until`. This bounds work on the wire: an attempt's timeout.
    fn timer(&self, until: Moment) -> BoxFuture<'static, ()>;

    /// Announces an attempt on the wire, which lasts as long as the returned value. Virtual time stands still
    /// meanwhile; the system's clock does not care.
    fn attempt(&self) -> InFlight;
}

/// An attempt on the wire, as a clock sees it. Dropping it ends the attempt.
#[must_use = "the attempt ends when this is dropped"]
pub struct InFlight {
    end: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl InFlight {
    /// A clock that does not care about attempts.
    pub const fn unwatched() -> InFlight {
        InFlight { end: None }
    }

    /// Calls `end` once, when the attempt is over.
    pub fn watched(end: impl FnOnce() + Send + Sync + 'static) -> InFlight {
        InFlight {
            end: Some(Box::new(end)),
        }
    }
}

impl std::fmt::Debug for InFlight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InFlight")
            .field("watched", &self.end.is_some())
            .finish()
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

/// The system's monotonic clock with tokio's timers.
///
/// Sleeping needs a tokio runtime with its time driver enabled; without one it panics, as tokio's own timers do.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// All clocks of a process count from here, so that clients that share limits agree on what a moment is.
fn process_start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now)
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment::START + process_start().elapsed()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, until: Moment) -> BoxFuture<'static, ()> {
        let clock = *self;
        // Without tokio's budget: a flood must not use up what the timer needs that is to end it.
        let sleep = async move { tokio::time::sleep(until - clock.now()).await };
        Box::pin(tokio::task::unconstrained(sleep))
    }

    fn timer(&self, until: Moment) -> BoxFuture<'static, ()> {
        self.sleep(until)
    }

    fn attempt(&self) -> InFlight {
        InFlight::unwatched()
    }
}

/// Where the runtime runs a task that outlives the call that began it: the renewal of a credential.
pub trait Spawn: Send + Sync + 'static {
    /// Runs the task to its end, whatever becomes of the caller. One that cannot is to drop it: that is an error of
    /// those who wait, and nobody waits for ever.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}

/// Tasks of the tokio runtime in which a call is polled. Outside of one, a task is dropped.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioSpawn;

impl Spawn for TokioSpawn {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(task));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        let late = Moment::from_nanos(u64::MAX - 1);
        assert_eq!(late + Duration::MAX, Moment::NEVER);
        assert_eq!(late + Duration::from_nanos(1), Moment::NEVER);
        assert_eq!(Moment::START - late, Duration::ZERO);
        assert_eq!(
            (Moment::START + Duration::from_secs(3)).since(Moment::START),
            Duration::from_secs(3)
        );
    }

    #[test]
    fn clocks_of_one_process_share_their_start() {
        let (one, two) = (SystemClock, SystemClock);
        let (before, middle, after) = (one.now(), two.now(), one.now());
        assert!(before <= middle && middle <= after);
    }

    #[test]
    fn a_watched_attempt_ends_once() {
        let count = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let counted = std::sync::Arc::clone(&count);
        let guard = InFlight::watched(move || {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        });
        assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 0);
        drop(guard);
        assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 1);
    }
}
