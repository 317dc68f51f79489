//! A clock for tests: its time moves only when everything else has come to rest.
//!
//! It moves to the next wait and never past it, and stands still while an attempt is on a real wire. Under any
//! executor it moves by itself; with [`VirtualClock::run`] it also drives a future, and then every run is the same.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, SystemTime};

use crate::clock::{BoxFuture, Clock, InFlight, Moment, Spawn};

/// 2023-01-15T10:00:00Z.
const EPOCH: Duration = Duration::from_secs(1_673_776_800);
/// How often the next sleeper looks on before it moves the time, so that every task that is ready runs first.
const LOOKS: u32 = 64;
/// Timeouts over real sockets are this many times as long, since a busy machine is no fault.
const GENEROUS: u32 = 4;

/// Virtual time. Clones share it.
#[derive(Clone)]
pub struct VirtualClock {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    start: SystemTime,
    over_sockets: bool,
}

#[derive(Default)]
struct State {
    now: Moment,
    sleepers: BTreeMap<(Moment, u64), Waker>,
    next: u64,
    attempts: u32,
    /// Looks of the next sleeper since anything has happened.
    looks: u32,
    driven: bool,
    /// What was spawned and has not ended.
    tasks: Vec<BoxFuture<'static, ()>>,
}

impl Default for VirtualClock {
    fn default() -> VirtualClock {
        VirtualClock::new()
    }
}

impl VirtualClock {
    /// For a transport without sockets: attempts and their timeouts take virtual time too. The wall clock starts at
    /// 2023-01-15T10:00:00Z.
    #[must_use]
    pub fn new() -> VirtualClock {
        VirtualClock::starting(SystemTime::UNIX_EPOCH + EPOCH)
    }

    /// Like [`new`](VirtualClock::new), with another start of the wall clock.
    #[must_use]
    pub fn starting(start: SystemTime) -> VirtualClock {
        VirtualClock::build(start, false)
    }

    /// For a transport with real sockets: the time stands still while an attempt is on the wire, and timeouts are
    /// tokio's, several times as long as asked for.
    #[must_use]
    pub fn over_sockets() -> VirtualClock {
        VirtualClock::build(SystemTime::UNIX_EPOCH + EPOCH, true)
    }

    fn build(start: SystemTime, over_sockets: bool) -> VirtualClock {
        VirtualClock {
            shared: Arc::new(Shared {
                state: Mutex::default(),
                start,
                over_sockets,
            }),
        }
    }

    /// The wall clock: its start and the time that has passed.
    #[must_use]
    pub fn now_system(&self) -> SystemTime {
        let passed = self.now() - Moment::START;
        self.shared
            .start
            .checked_add(passed)
            .unwrap_or(self.shared.start)
    }

    /// Moves the time and wakes everyone whose wait is over.
    pub fn advance(&self, by: Duration) {
        let due = {
            let mut state = self.shared.lock();
            let to = state.now + by;
            state.move_to(to)
        };
        due.into_iter().for_each(Waker::wake);
    }

    /// Drives a future to its end on this thread, without any runtime. Whenever nothing is ready, the time moves to
    /// the next wait. Tasks that were spawned on this clock go on as long as it runs.
    ///
    /// # Panics
    ///
    /// When the future waits for something that no wait of this clock brings and no attempt is on the wire.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        let _driven = Driven::begin(&self.shared);
        let alarm = Arc::new(Alarm {
            rung: AtomicBool::new(true),
            thread: std::thread::current(),
        });
        let waker = Waker::from(Arc::clone(&alarm));
        let mut future = pin!(future);
        loop {
            while alarm.rung.swap(false, Ordering::AcqRel) {
                let cx = &mut Context::from_waker(&waker);
                if let Poll::Ready(output) = future.as_mut().poll(cx) {
                    return output;
                }
                self.shared.poll_tasks(cx);
            }
            let (due, on_the_wire) = self.shared.lock().move_to_next();
            assert!(
                !due.is_empty() || on_the_wire || alarm.rung.load(Ordering::Acquire),
                "the future waits for something that no wait of its clock brings"
            );
            if on_the_wire && !alarm.rung.load(Ordering::Acquire) {
                std::thread::park();
            }
            due.into_iter().for_each(Waker::wake);
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Moment {
        self.shared.lock().now
    }

    fn wall(&self) -> SystemTime {
        self.now_system()
    }

    fn sleep(&self, until: Moment) -> BoxFuture<'static, ()> {
        Box::pin(Sleep {
            shared: Arc::clone(&self.shared),
            until,
            key: None,
        })
    }

    fn timer(&self, until: Moment) -> BoxFuture<'static, ()> {
        if !self.shared.over_sockets {
            return self.sleep(until);
        }
        let length = until.since(self.now()).saturating_mul(GENEROUS);
        Box::pin(async move { tokio::time::sleep(length).await })
    }

    fn attempt(&self) -> InFlight {
        if !self.shared.over_sockets {
            return InFlight::unwatched();
        }
        let shared = Arc::clone(&self.shared);
        shared.change(|state| state.attempts += 1);
        InFlight::watched(move || shared.change(|state| state.attempts -= 1))
    }
}

impl Spawn for VirtualClock {
    /// The task goes on whenever [`run`](VirtualClock::run) drives something.
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.shared.lock().tasks.push(task);
    }
}

impl std::fmt::Debug for VirtualClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.shared.lock();
        f.debug_struct("VirtualClock")
            .field("now", &state.now)
            .field("sleepers", &state.sleepers.len())
            .finish()
    }
}

impl Shared {
    /// Polls all tasks, and those that they spawn; they may take the lock meanwhile.
    fn poll_tasks(&self, cx: &mut Context<'_>) {
        let mut waiting = Vec::new();
        loop {
            let next = self.lock().tasks.pop();
            let Some(mut task) = next else { break };
            if task.as_mut().poll(cx).is_pending() {
                waiting.push(task);
            }
        }
        self.lock().tasks = waiting;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something has happened, so the next sleeper looks on again.
    fn change(&self, act: impl FnOnce(&mut State)) {
        let next = {
            let mut state = self.lock();
            act(&mut state);
            state.looks = 0;
            state.next_sleeper()
        };
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

impl State {
    /// Gives those whose wait is over, and the one that has to look on from now.
    fn move_to(&mut self, to: Moment) -> Vec<Waker> {
        self.now = self.now.max(to);
        self.looks = 0;
        let later = self.sleepers.split_off(&(self.now, u64::MAX));
        let due = std::mem::replace(&mut self.sleepers, later).into_values();
        due.chain(self.next_sleeper()).collect()
    }

    /// Those whose wait is the next to end, and whether an attempt on the wire comes before them.
    fn move_to_next(&mut self) -> (Vec<Waker>, bool) {
        if self.attempts > 0 {
            return (Vec::new(), true);
        }
        match self.sleepers.first_key_value() {
            Some((&(until, _), _)) => (self.move_to(until), false),
            None => (Vec::new(), false),
        }
    }

    /// The one that has to look on. Nobody has while a caller of `run` does.
    fn next_sleeper(&self) -> Option<Waker> {
        let first = self
            .sleepers
            .first_key_value()
            .filter(|_| !self.driven && self.attempts == 0);
        first.map(|(_, waker)| waker.clone())
    }
}

struct Driven<'a> {
    shared: &'a Shared,
    before: bool,
}

impl<'a> Driven<'a> {
    fn begin(shared: &'a Shared) -> Driven<'a> {
        let before = std::mem::replace(&mut shared.lock().driven, true);
        Driven { shared, before }
    }
}

impl Drop for Driven<'_> {
    fn drop(&mut self) {
        let before = self.before;
        self.shared.change(|state| state.driven = before);
    }
}

/// The waker of `run`.
struct Alarm {
    rung: AtomicBool,
    thread: Thread,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

struct Sleep {
    shared: Arc<Shared>,
    until: Moment,
    key: Option<(Moment, u64)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        if state.now >= self.until {
            if let Some(key) = self.key.take() {
                state.sleepers.remove(&key);
            }
            return Poll::Ready(());
        }
        let key = self.key.unwrap_or_else(|| {
            state.next += 1;
            state.looks = 0;
            (self.until, state.next)
        });
        self.key = Some(key);
        state.sleepers.insert(key, cx.waker().clone());
        let is_next = state
            .sleepers
            .first_key_value()
            .is_some_and(|(first, _)| *first == key);
        if state.driven || state.attempts > 0 || !is_next {
            return Poll::Pending;
        }
        state.looks += 1;
        if state.looks <= LOOKS {
            drop(state);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let due = state.move_to(self.until);
        drop(state);
        self.key = None;
        due.into_iter().for_each(Waker::wake);
        Poll::Ready(())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.shared.change(|state| {
                state.sleepers.remove(&key);
            });
        }
    }
}

#[cfg(test)]
mod tests;
