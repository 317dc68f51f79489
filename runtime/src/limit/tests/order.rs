//! Who comes when: the queue, its order and its bounds.

use super::*;

#[test]
fn nothing_happens_before_the_first_poll() {
    let limits = Limits::new();
    let _unused = limits.enter(entry(&[claim("b", 1, 1)]));
    let mut ticket = limits.enter(entry(&[claim("b", 1, 1)]));
    assert!(admitted(&mut ticket, at(0)).is_some());
}

#[test]
fn no_claim_means_no_wait() {
    let limits = Limits::new();
    for _ in 0..5_000 {
        admitted(&mut limits.enter(entry(&[])), at(0))
            .unwrap()
            .complete(at(0));
    }
}

#[test]
fn a_ticket_names_the_moment_of_its_turn() {
    let limits = Limits::new();
    let want = entry(&[claim("b", 1, 1)]);
    let lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
    let mut ticket = limits.enter(want.clone());
    assert!(poll(&mut ticket, at(1)).is_pending());
    assert_eq!((ticket.next_wake(), ticket.earliest()), (None, None));
    lease.complete(at(2));
    assert!(poll(&mut ticket, at(2)).is_pending());
    let turn = at(62) + Duration::from_millis(60);
    assert_eq!(
        (ticket.next_wake(), ticket.earliest()),
        (Some(turn), Some(turn))
    );
    assert!(poll(&mut ticket, at(62)).is_pending());
    assert!(admitted(&mut ticket, turn).is_some());
}

#[test]
fn the_oldest_comes_first() {
    let limits = Limits::new();
    let want = entry(&[claim("b", 1, 1)]);
    let lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
    let (mut first, mut second) = (limits.enter(want.clone()), limits.enter(want.clone()));
    assert!(poll(&mut first, at(0)).is_pending());
    assert!(poll(&mut second, at(0)).is_pending());
    lease.not_sent();
    assert!(poll(&mut second, at(0)).is_pending());
    assert!(admitted(&mut first, at(0)).is_some());
}

/// Row B2: a later call passes only through buckets that nobody older waits for.
#[test]
fn others_pass_where_nobody_waits() {
    let limits = Limits::new();
    let (one, two) = (claim("one", 1, 1), claim("two", 1, 2));
    let lease = admitted(&mut limits.enter(entry(&[one])), at(0)).unwrap();
    let mut both = limits.enter(entry(&[one, two]));
    assert!(poll(&mut both, at(0)).is_pending());
    // `two` has room for both, so a younger call delays nobody.
    let passing = admitted(&mut limits.enter(entry(&[two])), at(0)).unwrap();
    // The rest is the older call's, which may be called at any time.
    let mut late = limits.enter(entry(&[two]));
    assert!(poll(&mut late, at(0)).is_pending());
    let mut other = limits.enter(entry(&[one]));
    assert!(poll(&mut other, at(0)).is_pending());
    lease.not_sent();
    assert!(poll(&mut late, at(0)).is_pending());
    assert!(poll(&mut other, at(0)).is_pending());
    let lease = admitted(&mut both, at(0)).unwrap();
    assert!(poll(&mut late, at(0)).is_pending());
    passing.not_sent();
    assert!(admitted(&mut late, at(0)).is_some());
    assert!(poll(&mut other, at(0)).is_pending());
    lease.not_sent();
    assert!(admitted(&mut other, at(0)).is_some());
}

/// While the older call waits for one bucket until a known moment, what will be free again by then may be used.
#[test]
fn others_pass_as_long_as_they_delay_nobody() {
    let limits = Limits::new();
    let (one, two) = (claim("one", 1, 1), claim("two", 1, 2));
    admitted(&mut limits.enter(entry(&[two])), at(0))
        .unwrap()
        .complete(at(0));
    admitted(&mut limits.enter(entry(&[one])), at(30))
        .unwrap()
        .complete(at(30));
    let mut both = limits.enter(entry(&[one, two]));
    assert!(poll(&mut both, at(31)).is_pending());
    assert_eq!(both.earliest(), Some(at(90) + Duration::from_millis(60)));
    // One slot of `two` is free now and the other one will be before the older call's turn.
    let first = admitted(&mut limits.enter(entry(&[two])), at(31)).unwrap();
    first.complete(at(31));
    let mut late = limits.enter(entry(&[two]));
    assert!(
        poll(&mut late, at(61)).is_pending(),
        "the last one is the older call's"
    );
    let lease = admitted(&mut both, at(91)).unwrap();
    assert!(poll(&mut late, at(91)).is_pending());
    drop(lease);
    assert!(admitted(&mut late, at(91)).is_some());
}

/// A call that waits long at a gate does not keep the others from what it will need only then.
#[test]
fn a_long_pause_of_one_bucket_leaves_the_other_alone() {
    let limits = Limits::new();
    let (one, two) = (claim("one", 1, 1), claim("two", 1, 1));
    limits.hold(
        Held::Buckets(&[key("one")]),
        at(0),
        Duration::from_secs(600),
        0.0,
    );
    let mut both = limits.enter(entry(&[one, two]));
    assert!(poll(&mut both, at(0)).is_pending());
    let mut ticket = limits.enter(entry(&[two]));
    admitted(&mut ticket, at(0)).unwrap().complete(at(0));
    admitted(&mut ticket, at(500)).unwrap().complete(at(500));
    assert!(
        poll(&mut ticket, at(561)).is_pending(),
        "now it would delay the older one"
    );
    assert!(admitted(&mut both, at(600)).is_some());
}

/// All or nothing: a call that lacks one bucket takes none of the other.
#[test]
fn a_waiting_call_holds_nothing() {
    let limits = Limits::new();
    let (one, two) = (claim("one", 1, 1), claim("two", 3, 4));
    let _lease = admitted(&mut limits.enter(entry(&[one])), at(0)).unwrap();
    let mut both = limits.enter(entry(&[one, two]));
    assert!(poll(&mut both, at(0)).is_pending());
    let seen = limits.snapshot(at(0));
    let free: Vec<_> = seen
        .buckets
        .iter()
        .map(|bucket| (bucket.name.as_str(), bucket.remaining, bucket.queued))
        .collect();
    assert_eq!(free, [("api.one", Some(0), 1), ("api.two", Some(4), 1)]);
}

/// Row B3: a cost that no window can hold waits for an empty bucket instead of for ever.
#[test]
fn a_cost_above_the_quota_takes_all_of_it() {
    let limits = Limits::new();
    let large = entry(&[claim("b", 7, 3)]);
    let lease = admitted(&mut limits.enter(large.clone()), at(0)).unwrap();
    let mut second = limits.enter(large);
    assert!(poll(&mut second, at(0)).is_pending());
    lease.complete(at(0));
    assert!(poll(&mut second, at(60)).is_pending());
    assert!(admitted(&mut second, at(61)).is_some());
}

#[test]
fn claims_on_one_bucket_add_up() {
    let limits = Limits::new();
    let _lease = admitted(
        &mut limits.enter(entry(&[claim("b", 1, 5), claim("b", 2, 5)])),
        at(0),
    )
    .unwrap();
    assert_eq!(limits.snapshot(at(0)).buckets[0].remaining, Some(2));
}

/// Row B19: the queue is bounded; a call that was admitted before is never sent away.
#[test]
fn a_full_queue_takes_no_more() {
    let limits = Limits::new();
    let want = entry(&[claim("b", 1, 1)]);
    let mut refused = limits.enter(want.clone());
    let lease = admitted(&mut refused, at(0)).unwrap();
    let mut queue: Vec<_> = (0..1_024).map(|_| limits.enter(want.clone())).collect();
    assert!(
        queue
            .iter_mut()
            .all(|ticket| poll(ticket, at(0)).is_pending())
    );
    let mut late = limits.enter(want.clone());
    assert!(matches!(
        poll(&mut late, at(0)),
        Poll::Ready(Err(NotAdmitted::QueueFull))
    ));
    drop(late);
    assert!(poll(&mut refused, at(0)).is_pending());
    assert_eq!(limits.snapshot(at(0)).queued, 1_025);
    lease.not_sent();
    // It has kept its age.
    assert!(poll(&mut queue[0], at(0)).is_pending());
    assert!(admitted(&mut refused, at(0)).is_some());
    drop(queue);
    assert_eq!(limits.snapshot(at(0)).queued, 0);
}

/// A future that was polled once and then forgotten does not stop the others for longer than a second each.
#[test]
fn whoever_is_called_and_does_not_come_is_passed_over() {
    let clock = VirtualClock::new();
    let limits = Limits::new();
    let want = entry(&[claim("b", 1, 1)]);
    let lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
    let mut forgotten: Vec<_> = (0..3).map(|_| limits.enter(want.clone())).collect();
    assert!(
        forgotten
            .iter_mut()
            .all(|ticket| poll(ticket, at(0)).is_pending())
    );
    lease.not_sent();
    let lease = clock
        .run(wait_turn(&clock, &mut limits.enter(want.clone())))
        .unwrap();
    assert!(clock.now() <= at(10), "{:?}", clock.now());
    let mut younger = limits.enter(want.clone());
    assert!(poll(&mut younger, clock.now()).is_pending());
    // When they come after all, they are the oldest again.
    assert!(
        forgotten
            .iter_mut()
            .rev()
            .all(|ticket| poll(ticket, clock.now()).is_pending())
    );
    lease.not_sent();
    assert!(poll(&mut younger, clock.now()).is_pending());
    assert!(admitted(&mut forgotten[0], clock.now()).is_some());
}

#[test]
fn a_gate_that_stays_shut_too_long_fails_the_call() {
    let limits = Limits::new();
    let want = Entry {
        max_wait: Duration::from_secs(900),
        ..entry(&[claim("b", 1, 1)])
    };
    let lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
    let mut waiting = limits.enter(want.clone());
    assert!(poll(&mut waiting, at(0)).is_pending());
    let until = limits.hold(
        Held::Buckets(&[key("b")]),
        at(1),
        Duration::from_secs(1_000),
        0.0,
    );
    lease.complete(at(1));
    assert_eq!(until, at(1_001));
    for ticket in [&mut waiting, &mut limits.enter(want.clone())] {
        let result = poll(ticket, at(1));
        assert!(
            matches!(result, Poll::Ready(Err(NotAdmitted::Held { until })) if until == at(1_001)),
            "{result:?}"
        );
    }
    // The gate stays shut for those who come later, who may wait for the rest.
    let mut late = limits.enter(want.clone());
    assert!(poll(&mut late, at(200)).is_pending());
    assert_eq!(late.earliest(), Some(at(1_001)));
    assert_eq!(
        limits.snapshot(at(200)).buckets[0].held,
        Some(Duration::from_secs(801))
    );
}

/// Row B23: a held client does not hold another one, nor a held bucket another bucket.
#[test]
fn a_pause_holds_what_it_names() {
    let limits = Limits::new();
    limits.hold(Held::Client(1), at(0), MINUTE, 0.0);
    limits.hold(Held::Buckets(&[key("x")]), at(0), MINUTE, 0.0);
    let other = |claims: &[Claim]| entry_of(2, claims, None);
    assert!(poll(&mut limits.enter(entry(&[])), at(0)).is_pending());
    assert!(poll(&mut limits.enter(entry(&[claim("y", 1, 1)])), at(0)).is_pending());
    assert!(poll(&mut limits.enter(other(&[claim("x", 1, 1)])), at(0)).is_pending());
    assert!(admitted(&mut limits.enter(other(&[claim("y", 1, 1)])), at(0)).is_some());
    assert_eq!(limits.snapshot(at(0)).held, Some(MINUTE));
    assert!(admitted(&mut limits.enter(entry(&[claim("z", 1, 1)])), at(60)).is_some());
}

#[test]
fn what_is_assumed_counts_once_for_each_scope() {
    let limits = Limits::new();
    limits.assume_used("api.b", 3);
    let want = entry(&[claim("b", 1, 4)]);
    admitted(&mut limits.enter(want.clone()), at(10))
        .unwrap()
        .complete(at(10));
    assert_eq!(limits.snapshot(at(10)).buckets[0].remaining, Some(0));
    assert_eq!(limits.snapshot(at(71)).buckets[0].remaining, Some(4));
    limits.assume_used("api.b", 1);
    let _lease = admitted(&mut limits.enter(want.clone()), at(80)).unwrap();
    assert_eq!(limits.snapshot(at(80)).buckets[0].remaining, Some(2));
}

#[test]
fn of_two_descriptions_the_stricter_one_counts() {
    let limits = Limits::new();
    let _one = admitted(&mut limits.enter(entry(&[claim("b", 1, 5)])), at(0)).unwrap();
    let lower = admitted(&mut limits.enter(entry(&[claim("b", 1, 2)])), at(0)).unwrap();
    let mut third = limits.enter(entry(&[claim("b", 1, 5)]));
    assert!(poll(&mut third, at(0)).is_pending());
    lower.not_sent();
    assert!(admitted(&mut third, at(0)).is_some());
}

/// Scopes that are used once, one credential after the other, do not fill the memory.
#[test]
fn idle_buckets_are_forgotten() {
    let limits = Limits::new();
    for scope in 0..10_000 {
        let key = BucketKey { scope, ..key("b") };
        let want = entry(&[Claim {
            key,
            cost: 1,
            window: Some((5, MINUTE)),
            learns: true,
        }]);
        admitted(&mut limits.enter(want.clone()), at(scope))
            .unwrap()
            .complete(at(scope));
    }
    assert!(limits.snapshot(at(10_000)).buckets.len() < 200);
}

/// Row B21: a clock that steps back makes calls wait, and nothing else.
#[test]
fn a_clock_that_steps_back_is_harmless() {
    let limits = Limits::new();
    let want = entry(&[claim("b", 1, 2)]);
    admitted(&mut limits.enter(want.clone()), at(1_000))
        .unwrap()
        .complete(at(1_000));
    admitted(&mut limits.enter(want.clone()), at(500))
        .unwrap()
        .complete(at(400));
    let mut ticket = limits.enter(want.clone());
    assert!(poll(&mut ticket, at(0)).is_pending());
    assert_eq!(
        ticket.next_wake(),
        Some(at(460) + Duration::from_millis(60))
    );
    limits.hold(Held::Client(1), at(0), MINUTE, 1.0);
    assert!(poll(&mut ticket, Moment::START).is_pending());
    assert!(admitted(&mut ticket, at(461)).is_some());
    assert!(poll(&mut limits.enter(want.clone()), Moment::NEVER).is_ready());
}
