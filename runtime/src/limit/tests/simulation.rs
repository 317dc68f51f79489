//! Hours of virtual time: no window of the server ever sees more than the quota, and the quota is used.

use super::*;

struct Load {
    seed: u64,
    callers: u32,
    max: u32,
    one_way: Duration,
    hours: u64,
}

/// Callers that ask again at once, over one bucket.
fn saturate(load: &Load) -> Arrivals {
    let clock = VirtualClock::new();
    let (limits, arrivals) = (Limits::new(), Arrivals::default());
    let end = at(load.hours * 3_600);
    let callers = (0..load.callers).map(|number| {
        let (clock, limits, arrivals) = (clock.clone(), limits.clone(), arrivals.clone());
        let mut rng = fastrand::Rng::with_seed(load.seed ^ (u64::from(number) << 32));
        let entry = entry(&[claim("b", 1, load.max)]);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        async move {
            while clock.now() < end {
                let mut lease = wait_turn(&clock, &mut limits.enter(entry.clone()))
                    .await
                    .unwrap();
                lease.mark_sent(&shared);
                clock
                    .sleep(clock.now() + random_wait(&mut rng, load.one_way))
                    .await;
                arrivals.note(clock.now());
                clock
                    .sleep(clock.now() + random_wait(&mut rng, load.one_way))
                    .await;
                lease.complete(clock.now());
            }
        }
    });
    clock.run(run_all(callers));
    arrivals
}

fn check(load: &Load) -> f64 {
    let arrivals = saturate(load);
    let max = load.max as usize;
    assert!(
        arrivals.most_in_sliding(MINUTE) <= max,
        "seed {}: {}",
        load.seed,
        arrivals.most_in_sliding(MINUTE)
    );
    for phase in [0, 1, 13, 29, 30, 59] {
        assert!(arrivals.most_in_fixed(MINUTE, Duration::from_secs(phase)) <= max);
    }
    arrivals.count() as f64 / (load.max as f64 * load.hours as f64 * 60.0)
}

/// Row B1: arrivals per window, sliding and fixed, and how much of the quota is used.
#[test]
fn a_saturated_quota_is_never_exceeded_and_well_used() {
    for (callers, max) in [
        (1, 1),
        (16, 1),
        (2, 5),
        (16, 5),
        (4, 100),
        (16, 100),
        (8, 250),
        (16, 250),
    ] {
        for seed in 0..2 {
            let load = Load {
                seed,
                callers,
                max,
                one_way: Duration::from_secs(1),
                hours: 3,
            };
            let used = check(&load);
            assert!(
                used >= 0.97,
                "{callers} callers, {max} a minute, seed {seed}: {used}"
            );
        }
    }
}

/// Row B1: the same with answers that take longer than the window.
#[test]
fn slow_answers_do_not_help_to_exceed_it() {
    for (callers, max) in [(16, 1), (16, 5), (16, 100), (1, 250)] {
        for seed in 10..13 {
            check(&Load {
                seed,
                callers,
                max,
                one_way: Duration::from_secs(90),
                hours: 6,
            });
        }
    }
}

/// Row B2: two quotas at once, each with callers of its own; all or nothing, and neither is exceeded or neglected.
#[test]
fn two_buckets_are_taken_together() {
    let clock = VirtualClock::new();
    let limits = Limits::new();
    let (token, plugin) = (Arrivals::default(), Arrivals::default());
    let end = at(4 * 3_600);
    let both = [claim("token", 1, 100), claim("plugin", 2, 30)];
    let callers = (0..12).map(|number: u32| {
        let (clock, limits) = (clock.clone(), limits.clone());
        let (token, plugin) = (token.clone(), plugin.clone());
        let (takes_token, takes_plugin) =
            [(true, true), (true, false), (false, true)][number as usize % 3];
        let claims = match (takes_token, takes_plugin) {
            (true, true) => &both[..],
            (true, false) => &both[..1],
            _ => &both[1..],
        };
        let entry = entry(claims);
        let mut rng = fastrand::Rng::with_seed(u64::from(number));
        async move {
            let mut sent = 0_u32;
            while clock.now() < end {
                let lease = wait_turn(&clock, &mut limits.enter(entry.clone()))
                    .await
                    .unwrap();
                clock
                    .sleep(clock.now() + random_wait(&mut rng, Duration::from_millis(300)))
                    .await;
                if takes_token {
                    token.note(clock.now());
                }
                if takes_plugin {
                    plugin.note(clock.now());
                    plugin.note(clock.now());
                }
                clock
                    .sleep(clock.now() + random_wait(&mut rng, Duration::from_millis(300)))
                    .await;
                lease.complete(clock.now());
                sent += 1;
            }
            sent
        }
    });
    let sent = clock.run(run_all(callers));
    assert!(token.most_in_sliding(MINUTE) <= 100);
    assert!(plugin.most_in_sliding(MINUTE) <= 30);
    assert!(
        token.count() as f64 >= 0.97 * 100.0 * 240.0,
        "{}",
        token.count()
    );
    assert!(
        plugin.count() as f64 >= 0.97 * 30.0 * 240.0,
        "{}",
        plugin.count()
    );
    // Nobody starves: least of all those who need both.
    assert!(sent.iter().all(|sent| *sent > 400), "{sent:?}");
}

/// Row B19: many callers, first come, first served.
#[test]
fn a_thousand_callers_are_served_in_turn() {
    let clock = VirtualClock::new();
    let limits = Limits::new();
    let served = Mutex::new(Vec::new());
    let callers = (0..1_000_u32).map(|number| {
        let (clock, limits, served) = (clock.clone(), limits.clone(), &served);
        async move {
            let lease = wait_turn(&clock, &mut limits.enter(entry(&[claim("b", 1, 50)])))
                .await
                .unwrap();
            served.lock().unwrap().push(number);
            clock.sleep(clock.now() + Duration::from_millis(10)).await;
            lease.complete(clock.now());
        }
    });
    clock.run(run_all(callers));
    assert_eq!(*served.lock().unwrap(), (0..1_000).collect::<Vec<_>>());
    assert!(clock.now() < at(20 * 61), "{:?}", clock.now());
}

/// Rows B4 and B24: after a refusal nobody is sent before the pause is over, and the first soon after.
#[test]
fn a_pause_holds_everyone() {
    for seed in 0..200 {
        let clock = VirtualClock::new();
        let limits = Limits::new();
        let arrivals = Arrivals::default();
        let mut rng = fastrand::Rng::with_seed(seed);
        let pause = Duration::from_millis(rng.u64(0..150_000));
        let (begin, fraction) = (at(rng.u64(1..10)), rng.f64());
        let callers = (0..8).map(|_| {
            let (clock, limits, arrivals) = (clock.clone(), limits.clone(), arrivals.clone());
            async move {
                while clock.now() < at(300) {
                    let lease = wait_turn(&clock, &mut limits.enter(entry(&[claim("b", 1, 100)])))
                        .await
                        .unwrap();
                    arrivals.note(clock.now());
                    clock.sleep(clock.now() + Duration::from_millis(500)).await;
                    lease.complete(clock.now());
                }
            }
        });
        let refusal = async {
            clock.sleep(begin).await;
            let what = if seed % 2 == 0 {
                Held::Client(1)
            } else {
                Held::Buckets(&[key("b")])
            };
            limits.hold(what, clock.now(), pause, fraction)
        };
        let opens = clock.run(async { futures::join!(refusal, run_all(callers)).0 });
        let all = arrivals.0.lock().unwrap();
        assert!(
            all.iter()
                .all(|arrival| *arrival <= begin || *arrival >= begin + pause)
        );
        let first = all
            .iter()
            .find(|arrival| **arrival > begin && **arrival >= opens)
            .unwrap();
        assert!(*first <= begin + pause + (pause / 10).min(Duration::from_secs(5)) + MINUTE);
        if pause > Duration::from_secs(61) {
            let burst = all.iter().filter(|arrival| {
                **arrival >= opens && **arrival < *first + Duration::from_millis(500)
            });
            assert_eq!(
                burst.count(),
                1,
                "after a long pause a single probe goes first"
            );
        }
    }
}
