//! Permits within the one admission decision: who holds them, who waits for them, and when they come back.

use super::*;

const ONE: Concurrency = Concurrency {
    start: 1,
    min: 1,
    max: Some(1),
    slow_milli: None,
};
const THEN: Then = Then {
    grow_after: Duration::from_secs(600),
};

fn in_flight(limits: &Limits) -> (u32, u32) {
    let seen = &limits.snapshot(at(0)).concurrency[0];
    assert_eq!(seen.name, "api");
    (seen.limit, seen.in_flight)
}

/// Row B25: never more than the limit, and each comes back however its request ends.
#[test]
fn a_permit_comes_back_however_a_request_ends() {
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::new());
    let limits = Limits::new();
    let want = shared(ONE, &[]);
    for end in 0..4 {
        let mut lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
        let mut next = limits.enter(want.clone());
        assert!(poll(&mut next, at(0)).is_pending());
        assert_eq!((next.next_wake(), next.earliest()), (None, None));
        assert_eq!(in_flight(&limits), (1, 1));
        match end {
            0 => lease.not_sent(),
            1 => drop(lease),
            2 => {
                lease.mark_sent(&clock);
                drop(lease);
            }
            _ => {
                lease.mark_sent(&clock);
                lease.head(at(0));
                lease.complete(at(0));
            }
        }
        assert_eq!(in_flight(&limits), (1, 0));
        drop(admitted(&mut next, at(0)).unwrap());
    }
}

/// All or nothing: a call that lacks a slot takes no permit, and one that lacks a permit takes no slot.
#[test]
fn permits_and_slots_are_taken_together() {
    let limits = Limits::new();
    let both = shared(RULES, &[claim("b", 1, 1)]);
    let lease = admitted(&mut limits.enter(both.clone()), at(0)).unwrap();
    let mut lacks_slot = limits.enter(both.clone());
    assert!(poll(&mut lacks_slot, at(0)).is_pending());
    assert_eq!(in_flight(&limits), (2, 1));
    drop((lacks_slot, lease));
    let one = shared(ONE, &[]);
    let lease = admitted(&mut limits.enter(one), at(0)).unwrap();
    let mut lacks_permit = limits.enter(shared(ONE, &[claim("b", 1, 1)]));
    assert!(poll(&mut lacks_permit, at(0)).is_pending());
    assert_eq!(limits.snapshot(at(0)).buckets[0].remaining, Some(1));
    drop(lease);
    assert!(admitted(&mut lacks_permit, at(0)).is_some());
}

fn at_place(client: u64, place: u64, rules: Concurrency) -> Entry {
    let share = Share {
        key: ShareKey { place, ..PLACE },
        rules,
        operation: "op",
    };
    entry_of(client, &[], Some(share))
}

/// All clients that share the limits share the permits of a place; another place has its own.
#[test]
fn clients_share_permits_by_place() {
    let limits = Limits::new();
    let other = |client, place| at_place(client, place, ONE);
    let lease = admitted(&mut limits.enter(other(1, 0)), at(0)).unwrap();
    let mut second = limits.clone().enter(other(2, 0));
    assert!(poll(&mut second, at(0)).is_pending());
    let elsewhere = admitted(&mut limits.enter(other(2, 7)), at(0)).unwrap();
    // Without a limit nobody waits.
    drop(admitted(&mut limits.enter(entry(&[])), at(0)).unwrap());
    drop(lease);
    drop(admitted(&mut second, at(0)).unwrap());
    drop(elsewhere);
    assert_eq!(limits.snapshot(at(0)).concurrency.len(), 2);
}

/// The oldest comes first over all lines, whether it wants a bucket besides or not.
#[test]
fn the_oldest_gets_the_permit() {
    let limits = Limits::new();
    let plain = shared(ONE, &[]);
    let lease = admitted(&mut limits.enter(plain.clone()), at(0)).unwrap();
    let mut first = limits.enter(shared(ONE, &[claim("a", 1, 9)]));
    let mut second = limits.enter(plain.clone());
    let mut third = limits.enter(shared(ONE, &[claim("b", 1, 9)]));
    for ticket in [&mut first, &mut second, &mut third] {
        assert!(poll(ticket, at(0)).is_pending());
    }
    lease.not_sent();
    assert!(poll(&mut third, at(0)).is_pending());
    assert!(poll(&mut second, at(0)).is_pending());
    drop(admitted(&mut first, at(0)).unwrap());
    assert!(poll(&mut third, at(0)).is_pending());
    drop(admitted(&mut second, at(0)).unwrap());
    assert!(admitted(&mut third, at(0)).is_some());
}

/// A call that waits long for a slot leaves the permits to the others until its turn is near; then it is first.
#[test]
fn who_waits_for_a_slot_does_not_keep_permits_from_others() {
    let clock = VirtualClock::new();
    let shared_clock: Arc<dyn Clock> = Arc::new(clock.clone());
    let limits = Limits::new();
    let (plain, tight) = (shared(ONE, &[]), shared(ONE, &[claim("b", 1, 1)]));
    let mut lease = admitted(&mut limits.enter(tight.clone()), at(0)).unwrap();
    lease.mark_sent(&shared_clock);
    lease.head(at(2));
    lease.complete(at(2));
    let mut older = limits.enter(tight);
    assert!(poll(&mut older, at(2)).is_pending());
    let turn = at(62) + Duration::from_millis(60);
    assert_eq!(older.earliest(), Some(turn));
    for seconds in [3, 30, 60] {
        drop(admitted(&mut limits.enter(plain.clone()), at(seconds)).unwrap());
    }
    // A request takes two seconds, so that its permit would not be back in time.
    let mut younger = limits.enter(plain);
    assert!(poll(&mut younger, at(61)).is_pending());
    assert_eq!(younger.earliest(), None);
    let lease = admitted(&mut older, turn).unwrap();
    assert!(poll(&mut younger, turn).is_pending());
    drop(lease);
    assert!(admitted(&mut younger, turn).is_some());
}

/// Row B15: refusals of requests that were on their way together are one cut; the next one is another.
#[test]
fn refusals_of_one_moment_are_one_cut() {
    let limits = Limits::new();
    let rules = Concurrency {
        start: 8,
        max: Some(8),
        ..RULES
    };
    let want = shared(rules, &[]);
    let admit = || admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
    let mut together: Vec<_> = (0..8).map(|_| admit()).collect();
    for lease in together.drain(..7) {
        limits.cut(PLACE, THEN, at(1));
        lease.complete(at(1));
    }
    assert_eq!(in_flight(&limits), (4, 1));
    // The last one of them comes late, after one that was sent since then.
    let newer = admit();
    limits.cut(PLACE, THEN, at(2));
    together.pop().unwrap().complete(at(2));
    assert_eq!(in_flight(&limits), (4, 1));
    limits.cut(PLACE, THEN, at(3));
    newer.complete(at(3));
    assert_eq!(in_flight(&limits), (2, 0));
    // Nobody has used another place.
    limits.cut(ShareKey { place: 9, ..PLACE }, THEN, at(3));
}

/// Row B16: what was sent before a cut shows what that one was for, and is no reason for another.
#[test]
fn answers_to_older_requests_are_no_second_reason() {
    let clock = VirtualClock::new();
    let shared_clock: Arc<dyn Clock> = Arc::new(clock.clone());
    let limits = Limits::new();
    let rules = Concurrency {
        start: 8,
        max: Some(8),
        ..RULES
    };
    let want = shared(rules, &[]);
    let send = || {
        let mut lease = admitted(&mut limits.enter(want.clone()), clock.now()).unwrap();
        lease.mark_sent(&shared_clock);
        lease
    };
    let answer = |mut lease: Lease| {
        lease.head(clock.now());
        lease.complete(clock.now());
    };
    for _ in 0..10 {
        let lease = send();
        clock.advance(Duration::from_millis(100));
        answer(lease);
    }
    let together: Vec<_> = (0..8).map(|_| send()).collect();
    clock.advance(Duration::from_secs(5));
    together.into_iter().for_each(answer);
    assert_eq!(in_flight(&limits), (5, 0));
}

/// An answer that is no success tells no latency: a refusal that comes at once makes nobody slow.
#[test]
fn only_heads_that_are_told_count() {
    let clock = VirtualClock::new();
    let shared_clock: Arc<dyn Clock> = Arc::new(clock.clone());
    let limits = Limits::new();
    let want = shared(RULES, &[]);
    for number in 0..60 {
        let mut lease = admitted(&mut limits.enter(want.clone()), clock.now()).unwrap();
        lease.mark_sent(&shared_clock);
        if number % 2 == 0 {
            clock.advance(Duration::from_millis(10));
        } else {
            clock.advance(Duration::from_millis(1_000));
            lease.head(clock.now());
        }
        lease.complete(clock.now());
    }
    assert_eq!(in_flight(&limits), (2, 0));
}

/// Pools of places that nobody talks to any more are forgotten.
#[test]
fn idle_pools_are_forgotten() {
    let limits = Limits::new();
    for place in 0..5_000 {
        let want = at_place(1, place, RULES);
        drop(admitted(&mut limits.enter(want), at(place * 60)).unwrap());
    }
    assert!(limits.snapshot(at(0)).concurrency.len() < 300);
}

/// Row B2: calls that want two buckets and a permit, beside calls that want one of them; nobody starves.
#[test]
fn nobody_starves_for_permits_or_slots() {
    let clock = VirtualClock::new();
    let limits = Limits::new();
    let shared_clock: Arc<dyn Clock> = Arc::new(clock.clone());
    let (one, two) = (claim("one", 1, 60), claim("two", 1, 30));
    let kinds: [&[Claim]; 4] = [&[one, two], &[one], &[two], &[]];
    let rules = Concurrency {
        start: 3,
        max: Some(3),
        slow_milli: None,
        ..RULES
    };
    let end = at(1_800);
    let waits = Arc::new(Mutex::new([(0_u64, Duration::ZERO); 4]));
    let callers = (0..24_u64).map(|number| {
        let (clock, limits, shared_clock) =
            (clock.clone(), limits.clone(), Arc::clone(&shared_clock));
        let (waits, kind) = (Arc::clone(&waits), number as usize % 4);
        let entry = shared(rules, kinds[kind]);
        let mut rng = fastrand::Rng::with_seed(number);
        async move {
            while clock.now() < end {
                let asked = clock.now();
                let mut lease = wait_turn(&clock, &mut limits.enter(entry.clone()))
                    .await
                    .unwrap();
                let waited = clock.now() - asked;
                {
                    let served = &mut waits.lock().unwrap()[kind];
                    *served = (served.0 + 1, served.1.max(waited));
                }
                lease.mark_sent(&shared_clock);
                let latency = random_wait(&mut rng, Duration::from_millis(800));
                let sleep = clock.sleep(clock.now() + latency);
                sleep.await;
                lease.head(clock.now());
                lease.complete(clock.now());
            }
        }
    });
    clock.run(run_all(callers));
    let waits = *waits.lock().unwrap();
    println!("served and longest wait, by kind: {waits:?}");
    // Both buckets, one, the other, none: with its share of a quota each serves hundreds, and no wait is longer than
    // two windows.
    for (served, longest) in waits {
        assert!(served >= 200, "{waits:?}");
        assert!(longest <= Duration::from_secs(125), "{waits:?}");
    }
}
