//! Facts in, decisions out: when a slot renews, who waits, and what a failure leaves behind.

use std::sync::atomic::AtomicUsize;
use std::task::Wake;

use super::*;

fn at(millis: u64) -> Moment {
    Moment::START + Duration::from_millis(millis)
}

fn fresh(value: u32, from: Moment, lifetime: Option<u64>) -> Result<Fresh<u32>, Fault> {
    Ok(Fresh {
        value,
        from,
        lifetime: lifetime.map(Duration::from_millis),
    })
}

/// A slot with this value, got at the start.
fn holding(lifetime: Option<u64>) -> (Slot<u32>, u64) {
    let slot = Slot::new();
    assert!(matches!(
        slot.enter(at(0)),
        Entry::Begins(1, Reason::Missing)
    ));
    slot.land(fresh(1, at(0), lifetime), at(0));
    let (_, generation) = slot.good(at(0)).expect("it has landed");
    (slot, generation)
}

fn is_good(slot: &Slot<u32>, now: Moment) -> bool {
    slot.good(now).is_some()
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A value is given up a tenth of its life before its end, a minute at most.
#[test]
fn a_value_is_renewed_before_it_ends() {
    for (lifetime, used_until) in [
        (1_000, 900),
        (3_000, 2_700),
        (600_000, 540_000),
        (3_600_000, 3_540_000),
    ] {
        let (slot, _) = holding(Some(lifetime));
        assert!(is_good(&slot, at(used_until - 1)), "{lifetime}");
        assert!(!is_good(&slot, at(used_until)), "{lifetime}");
        assert!(matches!(
            slot.enter(at(used_until)),
            Entry::Begins(2, Reason::Expired)
        ));
    }
    assert!(is_good(&holding(None).0, at(u64::MAX / 2_000_000)));
}

/// A value whose delivery took longer than its life can be used all the same.
#[test]
fn half_of_a_life_is_left_however_slow_the_delivery() {
    let slot = Slot::new();
    let _ = slot.enter(at(0));
    slot.land(fresh(1, at(0), Some(3_000)), at(5_000));
    assert!(is_good(&slot, at(6_499)) && !is_good(&slot, at(6_500)));
}

/// Row E8: only the value that was rejected is given up, and once.
#[test]
fn a_late_rejection_leaves_a_newer_value_alone() {
    let (slot, old) = holding(None);
    slot.reject(old, at(1));
    slot.reject(old, at(1));
    let Entry::Begins(flight, Reason::Rejected) = slot.enter(at(1)) else {
        panic!("a rejected value is renewed")
    };
    assert!(matches!(slot.enter(at(1)), Entry::Waits(same) if same == flight));
    slot.reject(old, at(1));
    slot.land(fresh(2, at(1), None), at(2));
    slot.reject(old, at(3));
    let (value, newer) = slot.good(at(3)).unwrap();
    assert!(*value == 2 && newer > old);
}

/// Row E10: the old value stays, those who wait are told, and nobody asks again at once.
#[test]
fn a_failure_keeps_the_old_value_and_pauses() {
    let (slot, old) = holding(Some(100_000));
    slot.reject(old, at(1));
    let Entry::Begins(flight, _) = slot.enter(at(1)) else {
        panic!("a rejected value is renewed")
    };
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let (mut place, cx) = (None, &mut Context::from_waker(&waker));
    assert!(slot.poll_landed(flight, &mut place, cx).is_pending());
    slot.land(Err(Fault::new("the server is away")), at(2));
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    let told = slot.poll_landed(flight, &mut place, cx);
    assert!(matches!(told, Poll::Ready(Err(fault)) if fault.text == "the server is away"));
    // The old value gets another chance; when it is rejected again, the pause counts.
    assert!(is_good(&slot, at(2)));
    slot.reject(old, at(3));
    for now in [3, 500, 1_001] {
        assert!(matches!(slot.enter(at(now)), Entry::Failed(_)), "{now}");
    }
    assert!(matches!(
        slot.enter(at(1_002)),
        Entry::Begins(3, Reason::Rejected)
    ));
}

/// A value that is about to end is used up to its end while its renewal fails, and those who waited may go on.
#[test]
fn a_failed_renewal_ahead_of_time_harms_nobody() {
    let (slot, _) = holding(Some(10_000));
    let Entry::Begins(flight, Reason::Expired) = slot.enter(at(9_000)) else {
        panic!("it is time")
    };
    slot.land(Err(Fault::new("the server is away")), at(9_100));
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(matches!(
        slot.poll_landed(flight, &mut None, cx),
        Poll::Ready(Ok(()))
    ));
    assert!(matches!(slot.enter(at(9_200)), Entry::Good));
    assert!(matches!(slot.enter(at(10_000)), Entry::Failed(_)));
    assert!(matches!(slot.enter(at(10_100)), Entry::Begins(..)));
}

#[test]
fn pauses_double_up_to_a_minute_and_servers_may_ask_for_more() {
    let slot: Slot<u32> = Slot::new();
    let mut now = 0;
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        assert!(matches!(slot.enter(at(now)), Entry::Begins(..)));
        slot.land(Err(Fault::new("no")), at(now));
        assert!(matches!(
            slot.enter(at(now + seconds * 1_000 - 1)),
            Entry::Failed(_)
        ));
        now += seconds * 1_000;
    }
    for (asked, seconds) in [(120, 120), (u64::MAX, 900)] {
        let mut fault = Fault::new("no");
        fault.wait = Some(Duration::from_secs(asked));
        assert!(matches!(slot.enter(at(now)), Entry::Begins(..)));
        slot.land(Err(fault), at(now));
        assert!(matches!(
            slot.enter(at(now + seconds * 1_000 - 1)),
            Entry::Failed(_)
        ));
        now += seconds * 1_000;
    }
    // A success forgets them all.
    assert!(matches!(slot.enter(at(now)), Entry::Begins(..)));
    slot.land(fresh(1, at(now), Some(1_000)), at(now));
    now += 1_000;
    assert!(matches!(slot.enter(at(now)), Entry::Begins(..)));
    slot.land(Err(Fault::new("no")), at(now));
    assert!(matches!(slot.enter(at(now + 1_000)), Entry::Begins(..)));
}

/// An API that rejects whatever is issued does not make us ask for more and more.
#[test]
fn values_that_are_rejected_at_once_make_pauses() {
    let (slot, _) = holding(None);
    let mut renewals = 0;
    for millis in 0..600_000 {
        if let Some((_, generation)) = slot.good(at(millis)) {
            slot.reject(generation, at(millis));
        }
        if let Entry::Begins(..) = slot.enter(at(millis)) {
            renewals += 1;
            slot.land(fresh(renewals, at(millis), None), at(millis));
        }
    }
    assert!((10..25).contains(&renewals), "{renewals}");
    // One that lived for a while is renewed at once.
    assert!(matches!(slot.enter(at(700_000)), Entry::Begins(..)));
    slot.land(fresh(0, at(700_000), None), at(700_000));
    let (_, generation) = slot.good(at(900_000)).unwrap();
    slot.reject(generation, at(900_000));
    assert!(matches!(slot.enter(at(900_000)), Entry::Begins(..)));
}

/// Every subset of six callers leaves: the others are woken, and no place is left behind.
#[test]
fn every_subset_of_callers_may_leave() {
    for leaving in 0..64_u32 {
        let (slot, old) = holding(None);
        slot.reject(old, at(1));
        let Entry::Begins(flight, _) = slot.enter(at(1)) else {
            panic!("a rejected value is renewed")
        };
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let cx = &mut Context::from_waker(&waker);
        let mut places = [None; 6];
        for place in &mut places {
            assert!(slot.poll_landed(flight, place, cx).is_pending());
        }
        for (number, place) in places.iter().enumerate() {
            if leaving >> number & 1 == 1 {
                slot.leave(place.unwrap());
            }
        }
        slot.land(fresh(2, at(1), None), at(2));
        let stayed = 6 - leaving.count_ones();
        assert_eq!(count.0.load(Ordering::SeqCst), stayed as usize);
        assert_eq!(slot.waiting(), 0);
    }
}

/// Row B22: who gives values that live for no time is asked ten times a second, not without end.
#[test]
fn a_value_without_a_life_is_used_for_a_moment() {
    let slot = Slot::new();
    let _ = slot.enter(at(0));
    let fresh = Fresh {
        value: 1,
        from: at(0),
        lifetime: Some(Duration::from_nanos(1)),
    };
    slot.land(Ok(fresh), at(5));
    assert!(is_good(&slot, at(104)) && !is_good(&slot, at(105)));
}
