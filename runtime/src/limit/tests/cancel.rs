//! Callers that go away, at every point at which they can.

use futures::FutureExt;

use super::*;

fn idle(limits: &Limits, now: Moment) -> bool {
    let seen = limits.snapshot(now);
    seen.queued == 0 && seen.buckets.iter().all(|bucket| bucket.in_flight == 0)
}

/// Row A21: a ticket that is dropped leaves the queue, and the next one is woken.
#[test]
fn a_dropped_ticket_makes_way() {
    let clock = VirtualClock::new();
    let limits = Limits::new();
    let (one, two) = (claim("one", 1, 1), claim("two", 1, 1));
    let lease = admitted(&mut limits.enter(entry(&[one])), at(0)).unwrap();
    let mut both = limits.enter(entry(&[one, two]));
    assert!(poll(&mut both, at(0)).is_pending());
    // `two` is free, but the older call needs it too; the younger one comes as soon as the older one is gone.
    let mut ticket = limits.enter(entry(&[two]));
    let younger = wait_turn(&clock, &mut ticket);
    let cancel = async {
        clock.sleep(at(0) + Duration::from_millis(200)).await;
        drop(both);
    };
    let (result, ()) = clock.run(async { futures::join!(younger, cancel) });
    assert!(result.is_ok());
    assert_eq!(clock.now(), at(0) + Duration::from_millis(200));
    drop((result, lease));
    assert!(idle(&limits, at(1)));
}

/// Row A21: before it is sent, a lease that is dropped costs nothing; afterwards it counts, with a grace.
#[test]
fn a_dropped_lease_is_given_back_or_stamped() {
    let clock = VirtualClock::new();
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    let limits = Limits::new();
    let want = entry(&[claim("b", 1, 1)]);
    drop(admitted(&mut limits.enter(want.clone()), at(0)).unwrap());
    let mut lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
    lease.mark_sent(&shared);
    clock.advance(Duration::from_secs(7));
    drop(lease);
    let mut ticket = limits.enter(want.clone());
    assert!(poll(&mut ticket, at(7)).is_pending());
    assert_eq!(
        ticket.earliest(),
        Some(at(7 + 5 + 60) + Duration::from_millis(60))
    );
    assert!(idle(&limits, at(1_000)) || limits.snapshot(at(1_000)).queued == 1);
}

/// Row A21: proven not sent, even after it was handed to the transport, it costs nothing.
#[test]
fn what_was_not_sent_is_not_stamped() {
    let shared: Arc<dyn Clock> = Arc::new(VirtualClock::new());
    let limits = Limits::new();
    let want = entry(&[claim("b", 1, 1)]);
    for _ in 0..100 {
        let mut lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
        lease.mark_sent(&shared);
        lease.not_sent();
    }
    assert_eq!(limits.snapshot(at(0)).buckets[0].remaining, Some(1));
}

/// A probe that goes away lets the next one be the probe, in the bucket's gate and in the client's.
#[test]
fn a_dropped_probe_is_released() {
    for what in [Held::Client(1), Held::Buckets(&[key("b")])] {
        let limits = Limits::new();
        let want = entry(&[claim("b", 1, 10)]);
        limits.hold(what, at(0), Duration::from_secs(120), 0.0);
        let probe = admitted(&mut limits.enter(want.clone()), at(120)).unwrap();
        let (mut first, mut second) = (limits.enter(want.clone()), limits.enter(want.clone()));
        assert!(poll(&mut first, at(120)).is_pending());
        assert!(poll(&mut second, at(120)).is_pending());
        drop(probe);
        let probe = admitted(&mut first, at(120)).unwrap();
        assert!(poll(&mut second, at(120)).is_pending());
        probe.complete(at(121));
        assert!(admitted(&mut second, at(121)).is_some());
    }
}

/// Row A21: callers that are cancelled after any number of polls leave nothing behind and stop nobody.
#[test]
fn cancelled_at_every_poll() {
    for polls in 0..12 {
        let clock = VirtualClock::new();
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let limits = Limits::new();
        let done = Mutex::new(0);
        let call = |number: u32| {
            let (clock, limits, shared, done) =
                (clock.clone(), limits.clone(), Arc::clone(&shared), &done);
            async move {
                let claims = [claim("b", 1, 3), claim("c", 1 + number % 2, 4)];
                let want = entry(&claims[..1 + number as usize % 2]);
                let mut lease = wait_turn(&clock, &mut limits.enter(want.clone()))
                    .await
                    .unwrap();
                clock.sleep(clock.now() + Duration::from_millis(100)).await;
                lease.mark_sent(&shared);
                clock.sleep(clock.now() + Duration::from_millis(500)).await;
                lease.complete(clock.now());
                *done.lock().unwrap() += 1;
            }
        };
        // Every second caller goes away at its n-th poll.
        let callers = (0..24).map(|number| {
            let mut call = Box::pin(call(number));
            let mut left = if number % 2 == 0 { polls } else { u32::MAX };
            poll_fn(move |cx| {
                if left == 0 {
                    return Poll::Ready(());
                }
                left -= 1;
                call.poll_unpin(cx)
            })
        });
        clock.run(run_all(callers));
        assert!(*done.lock().unwrap() >= 12, "{polls} polls");
        assert!(idle(&limits, clock.now()), "{polls} polls");
    }
}

/// Row A22: a panic of what the caller has handed in leaves the state usable.
#[test]
fn a_panic_poisons_nothing() {
    struct Bomb;
    impl Clock for Bomb {
        fn now(&self) -> Moment {
            panic!("a clock of the caller's")
        }
        fn wall(&self) -> std::time::SystemTime {
            std::time::SystemTime::UNIX_EPOCH
        }
        fn sleep(&self, _: Moment) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
        fn timer(&self, until: Moment) -> BoxFuture<'static, ()> {
            self.sleep(until)
        }
        fn attempt(&self) -> crate::clock::InFlight {
            crate::clock::InFlight::unwatched()
        }
    }
    let limits = Limits::new();
    let want = entry(&[claim("b", 1, 2)]);
    let shared: Arc<dyn Clock> = Arc::new(Bomb);
    let mut lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
    lease.mark_sent(&shared);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || drop(lease))).is_err());
    assert!(admitted(&mut limits.enter(want.clone()), at(0)).is_some());
}

/// Row B25: threads that take and give back never hold more than there is.
#[test]
fn threads_share_one_truth() {
    let limits = Limits::new();
    let held = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    let mut ticket = limits.enter(entry(&[claim("b", 1, 2)]));
                    if let Poll::Ready(Ok(lease)) = poll(&mut ticket, at(0)) {
                        let now = held.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        assert!(now < 2);
                        held.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                        lease.not_sent();
                    }
                }
            });
        }
    });
    assert!(idle(&limits, at(0)));
}
