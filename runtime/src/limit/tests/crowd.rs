//! Many at once: thousands of callers in one process, and many processes after one refusal.

use std::mem::size_of;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use super::super::admission::Line;
use super::*;

/// Row B19: ten thousand callers are served in the order in which they came, and each of them is woken a few times.
#[test]
fn ten_thousand_callers_are_served_in_order() {
    const CALLERS: usize = 10_000;
    for entry in [
        entry(&[claim("b", 1, 1_000)]),
        shared(RULES, &[claim("b", 1, 1_000)]),
    ] {
        let clock = VirtualClock::new();
        let limits = Limits::new().with_queue(CALLERS);
        let polls = AtomicUsize::new(0);
        let served = Mutex::new(Vec::new());
        let callers = (0..CALLERS).map(|number| {
            let (clock, mut ticket) = (clock.clone(), limits.enter(entry.clone()));
            let (polls, served) = (&polls, &served);
            async move {
                let mut turn = std::pin::pin!(wait_turn(&clock, &mut ticket));
                let lease = poll_fn(|cx| {
                    polls.fetch_add(1, Ordering::Relaxed);
                    turn.as_mut().poll(cx)
                });
                let lease = lease.await.unwrap();
                served.lock().unwrap().push(number);
                let sleep = clock.sleep(clock.now() + Duration::from_millis(5));
                sleep.await;
                lease.complete(clock.now());
            }
        });
        clock.run(run_all(callers));
        assert!(served.lock().unwrap().is_sorted());
        let polls = polls.load(Ordering::Relaxed);
        println!("{polls} polls for {CALLERS} callers");
        assert!(polls <= 5 * CALLERS, "{polls}");
        assert_eq!(limits.snapshot(clock.now()).queued, 0);
    }
}

struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Row B19: the end of a request wakes the first of those who wait, not all of them.
#[test]
fn the_end_of_a_request_wakes_one() {
    let limits = Limits::new();
    for want in [
        entry(&[claim("b", 1, 1)]),
        shared(Concurrency { start: 1, ..RULES }, &[]),
    ] {
        let lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
        let wakes = Arc::new(Counter(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&wakes));
        let mut queue: Vec<_> = (0..1_000).map(|_| limits.enter(want.clone())).collect();
        for ticket in &mut queue {
            assert!(
                ticket
                    .poll_admit(&mut Context::from_waker(&waker), at(0))
                    .is_pending()
            );
        }
        assert_eq!(wakes.0.load(Ordering::Relaxed), 0);
        lease.not_sent();
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
    }
}

/// Row B19: what a caller in line costs besides its future: its ticket, its line and its place, with two buckets.
#[test]
fn a_place_in_line_is_small() {
    let claims = 2 * (size_of::<Claim>() + size_of::<(BucketKey, u32)>());
    let line = size_of::<Line>() + 2 * size_of::<usize>();
    // A node of a map is at least half full.
    let place = 2 * size_of::<(u64, Waker)>();
    let all = size_of::<Ticket>() + line + claims + place;
    println!(
        "{all} bytes for a caller in line, {} of them its ticket",
        size_of::<Ticket>()
    );
    assert!(all <= 1_024, "{all}");
}

/// Row B19: the bound can be set, and nobody who fits is sent away.
#[test]
fn the_queue_is_as_long_as_is_said() {
    let limits = Limits::new().with_queue(2);
    let want = entry(&[claim("b", 1, 1)]);
    let _lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
    let mut queue: Vec<_> = (0..3).map(|_| limits.clone().enter(want.clone())).collect();
    let full: Vec<_> = queue
        .iter_mut()
        .map(|ticket| poll(ticket, at(0)).is_ready())
        .collect();
    assert_eq!(full, [false, false, true]);
}

/// Row B24: a fleet that was refused at one moment does not come back at one moment.
#[test]
fn a_fleet_spreads_after_a_refusal() {
    const FLEET: usize = 2_000;
    for (wait, spread) in [(180, 5_000), (60, 5_000), (20, 2_000)] {
        let wait = Duration::from_secs(wait);
        let mut histogram = [0_usize; 10];
        let mut rng = fastrand::Rng::with_seed(wait.as_secs());
        for process in 0..FLEET {
            let limits = Limits::new();
            let buckets = [key("b")];
            let held = [Held::Client(1), Held::Buckets(&buckets)];
            limits.hold(held[process % 2], at(10), wait, rng.f64());
            let mut ticket = limits.enter(entry(&[claim("b", 1, 1)]));
            assert!(poll(&mut ticket, at(10)).is_pending());
            let late = ticket.earliest().unwrap().since(at(10) + wait);
            histogram
                [(late.as_nanos() * 10 / Duration::from_millis(spread).as_nanos()) as usize] += 1;
        }
        println!("after {wait:?}: {histogram:?}");
        let even = FLEET / histogram.len();
        assert!(
            histogram
                .iter()
                .all(|part| (even / 2..even * 2).contains(part)),
            "{histogram:?}"
        );
    }
}

/// Row B23: one client's gate shuts before all its buckets, one bucket's before all clients that share it.
#[test]
fn gates_have_the_scope_that_is_declared() {
    let limits = Limits::new();
    let scoped = |client, bucket, scope| {
        let mut claim = claim(bucket, 1, 9);
        claim.key.scope = scope;
        entry_of(client, &[claim], None)
    };
    let passes = |client, bucket, scope| {
        poll(&mut limits.enter(scoped(client, bucket, scope)), at(0)).is_ready()
    };
    // The same bucket of another credential is another one.
    let mut refused = key("x");
    refused.scope = 1;
    limits.hold(Held::Buckets(&[refused]), at(0), MINUTE, 0.0);
    assert!(!passes(1, "x", 1) && !passes(2, "x", 1));
    assert!(passes(1, "x", 2) && passes(2, "y", 1));
    limits.hold(Held::Client(2), at(0), MINUTE, 0.0);
    assert!(!passes(2, "x", 2) && !passes(2, "y", 1));
    assert!(passes(1, "y", 1));
}
