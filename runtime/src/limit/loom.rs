//! Models of the admission decision: every order in which a few threads can meet at its lock.
//!
//! They run under `--cfg etiquette_loom` alone. A thread that is not woken blocks for ever, which loom reports, so a
//! wake-up that gets lost fails a model. Patience must not hide one: callers here ignore when they might ask again,
//! unless it is the known moment of their turn.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use ::loom::future::block_on;
use ::loom::model::Builder;
use ::loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use ::loom::thread;

use super::*;
use crate::clock::{BoxFuture, Clock, InFlight};

const MINUTE: Duration = Duration::from_secs(60);
const RULES: Concurrency = Concurrency {
    start: 1,
    min: 1,
    max: Some(1),
    slow_milli: None,
};

/// Every interleaving with at most two preemptions.
fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

fn claim(bucket: &'static str, max: u32) -> Claim {
    Claim {
        key: BucketKey {
            api: "api",
            bucket,
            scope: 0,
        },
        cost: 1,
        window: Some((max, MINUTE)),
        learns: false,
    }
}

fn entry(claims: &[Claim], rules: Option<Concurrency>) -> Entry {
    let share = rules.map(|rules| Share {
        key: ShareKey {
            api: "api",
            place: 0,
        },
        rules,
        operation: "op",
    });
    Entry {
        demand: Demand::new(1, claims.to_vec(), share),
        max_wait: Duration::MAX,
    }
}

/// A clock that moves when somebody's turn is known to come later.
struct Time(AtomicU64);

impl Time {
    fn new() -> Arc<Time> {
        Arc::new(Time(AtomicU64::new(0)))
    }

    fn reach(&self, moment: Moment) {
        self.0.fetch_max(moment.nanos(), Ordering::SeqCst);
    }
}

impl Clock for Time {
    fn now(&self) -> Moment {
        Moment::from_nanos(self.0.load(Ordering::SeqCst))
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, _: Moment) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

    fn timer(&self, until: Moment) -> BoxFuture<'static, ()> {
        self.sleep(until)
    }

    fn attempt(&self) -> InFlight {
        InFlight::unwatched()
    }
}

/// Waits in line: until it is woken, or until its turn if that is known.
fn admit(limits: &Limits, time: &Time, entry: Entry) -> Lease {
    let mut ticket = limits.enter(entry);
    block_on(poll_fn(|cx| {
        loop {
            match ticket.poll_admit(cx, time.now()) {
                Poll::Ready(lease) => return Poll::Ready(lease.expect("nobody is sent away")),
                Poll::Pending => match ticket.earliest() {
                    Some(turn) => time.reach(turn),
                    None => return Poll::Pending,
                },
            }
        }
    }))
}

/// Counts who is inside.
struct Inside {
    now: AtomicU32,
    most: u32,
}

impl Inside {
    fn new(most: u32) -> Arc<Inside> {
        let now = AtomicU32::new(0);
        Arc::new(Inside { now, most })
    }

    fn enter(&self) {
        let inside = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        assert!(inside <= self.most, "{inside} at once");
    }

    fn leave(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Threads that enter with one of these entries each, and leave in one of the ways in which a request ends unsent.
fn meet(entries: Vec<Entry>, most: u32) {
    let (limits, time, inside) = (Limits::new(), Time::new(), Inside::new(most));
    let visit = |number: usize, entry: Entry| {
        let (limits, time, inside) = (limits.clone(), Arc::clone(&time), Arc::clone(&inside));
        move || {
            let lease = admit(&limits, &time, entry);
            inside.enter();
            inside.leave();
            if number.is_multiple_of(2) {
                lease.not_sent();
            } else {
                drop(lease);
            }
        }
    };
    let mut visits: Vec<_> = entries
        .into_iter()
        .enumerate()
        .map(|(number, entry)| visit(number, entry))
        .collect();
    let last = visits.pop().expect("somebody comes");
    let threads: Vec<_> = visits.into_iter().map(thread::spawn).collect();
    last();
    for thread in threads {
        thread.join().expect("nobody panics");
    }
    let seen = limits.snapshot(Moment::START);
    assert_eq!(seen.queued, 0);
    assert!(seen.buckets.iter().all(|bucket| bucket.in_flight == 0));
    assert!(seen.concurrency.iter().all(|pool| pool.in_flight == 0));
}

/// Row B25: one slot, and three who want it; whoever waits is woken when it is given back.
#[test]
fn a_slot_is_given_from_one_to_the_next() {
    check(|| {
        let want = entry(&[claim("b", 1)], None);
        meet(vec![want.clone(), want.clone(), want], 1);
    });
}

/// Row B25: two buckets beside one, all or nothing.
#[test]
fn two_buckets_are_taken_together() {
    check(|| {
        let (one, two) = (claim("one", 1), claim("two", 1));
        meet(vec![entry(&[one, two], None), entry(&[one], None)], 1);
    });
}

/// Row B25: a permit is one more claim; those with a bucket and those without wait for the same one.
#[test]
fn a_permit_is_given_from_one_to_the_next() {
    check(|| {
        let plain = entry(&[], Some(RULES));
        let charged = entry(&[claim("b", 2)], Some(RULES));
        meet(vec![plain.clone(), charged, plain], 1);
    });
}

/// Row B25: what was sent is counted for a window, whoever sees it first.
#[test]
fn a_window_never_holds_more_than_the_quota() {
    check(|| {
        let (limits, time) = (Limits::new(), Time::new());
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let visit = || {
            let (limits, time) = (limits.clone(), Arc::clone(&time));
            let arrivals = Arc::clone(&arrivals);
            move || {
                let clock: Arc<dyn Clock> = Arc::clone(&time) as Arc<dyn Clock>;
                let mut lease = admit(&limits, &time, entry(&[claim("b", 1)], None));
                lease.mark_sent(&clock);
                arrivals.lock().expect("nobody panics").push(time.now());
                lease.complete(time.now());
            }
        };
        let threads = [thread::spawn(visit()), thread::spawn(visit())];
        for thread in threads {
            thread.join().expect("nobody panics");
        }
        let arrivals = arrivals.lock().expect("nobody panics");
        assert!(arrivals[0].max(arrivals[1]) - arrivals[0].min(arrivals[1]) > MINUTE);
    });
}

/// Row B25: a caller that goes away while it is being called passes the call on.
#[test]
fn a_caller_that_leaves_makes_way() {
    check(|| {
        let (limits, time) = (Limits::new(), Time::new());
        let want = entry(&[claim("b", 1)], None);
        let lease = admit(&limits, &time, want.clone());
        let mut leaver = limits.enter(want.clone());
        let mut cx = std::task::Context::from_waker(Waker::noop());
        assert!(leaver.poll_admit(&mut cx, Moment::START).is_pending());
        let waits = {
            let (limits, time) = (limits.clone(), Arc::clone(&time));
            thread::spawn(move || admit(&limits, &time, want).not_sent())
        };
        let leaves = thread::spawn(move || drop(leaver));
        lease.not_sent();
        leaves.join().expect("nobody panics");
        waits.join().expect("nobody panics");
        assert_eq!(limits.snapshot(Moment::START).queued, 0);
    });
}

/// Row B25: after a long pause exactly one request is the probe; when it is dropped, another one is.
#[test]
fn there_is_one_probe() {
    check(|| {
        let (limits, time, inside) = (Limits::new(), Time::new(), Inside::new(1));
        limits.hold(Held::Client(1), Moment::START, 2 * MINUTE, 0.0);
        time.reach(Moment::START + 2 * MINUTE);
        let visit = || {
            let (limits, time) = (limits.clone(), Arc::clone(&time));
            let inside = Arc::clone(&inside);
            move || {
                // Neither probe is answered, so that they never meet.
                let lease = admit(&limits, &time, entry(&[], None));
                inside.enter();
                inside.leave();
                drop(lease);
            }
        };
        let thread = thread::spawn(visit());
        visit()();
        thread.join().expect("nobody panics");
        assert!(
            limits
                .lock()
                .clients
                .values()
                .all(|gate| !gate.is_idle(time.now()))
        );
    });
}

/// Row B25: a refusal while others come and go: one cut, and no permit is lost.
#[test]
fn a_refusal_meets_those_on_their_way() {
    check(|| {
        let (limits, time) = (Limits::new(), Time::new());
        let rules = Concurrency {
            start: 4,
            max: Some(4),
            ..RULES
        };
        let want = entry(&[], Some(rules));
        let share = want.demand.share.expect("it has one");
        let then = Then { grow_after: MINUTE };
        let leases = [0, 1].map(|_| admit(&limits, &time, want.clone()));
        let threads = leases.map(|lease| {
            let limits = limits.clone();
            thread::spawn(move || {
                limits.cut(share.key, then, Moment::START);
                lease.complete(Moment::START);
            })
        });
        drop(admit(&limits, &time, want));
        for thread in threads {
            thread.join().expect("nobody panics");
        }
        let seen = &limits.snapshot(Moment::START).concurrency[0];
        assert_eq!(seen.in_flight, 0);
        assert!(seen.limit == 2 || seen.limit == 1, "{seen:?}");
    });
}
