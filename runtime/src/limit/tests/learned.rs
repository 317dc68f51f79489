//! Buckets that the server describes.

use std::time::SystemTime;

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::learn::{Observation, read, refused};
use super::*;
use crate::operation::{Bucket, Charge, Learn, Place, Unit};
use crate::retry::Times;

const LEARN: Learn = Learn {
    limit: Some(Place::Header("x-ratelimit-limit")),
    used: None,
    remaining: Some(Place::Header("x-ratelimit-remaining")),
    reset: Some((Place::Header("x-ratelimit-reset"), Unit::EpochSeconds)),
    ..Learn::NEW
};

fn unknown(bucket: &'static str) -> Claim {
    Claim {
        key: key(bucket),
        cost: 1,
        window: None,
        learns: true,
    }
}

fn seen(limit: u32, used: u32) -> Observation {
    Observation {
        limit: Some(limit),
        used: Some(used),
        success: true,
        ..Observation::default()
    }
}

/// A server with fixed windows of a minute that tells what is left of them.
struct Server {
    limit: u32,
    phase: Duration,
    window: Mutex<(u64, u32)>,
    over: Mutex<u32>,
    others: u32,
}

impl Server {
    fn answer(&self, clock: &VirtualClock) -> HeaderMap {
        let shifted = clock.now() + self.phase;
        let number = shifted.nanos() / 60_000_000_000;
        let mut window = self.window.lock().unwrap();
        if window.0 != number {
            *window = (number, self.others);
        }
        window.1 += 1;
        *self.over.lock().unwrap() += u32::from(window.1 > self.limit);
        let left = Duration::from_nanos((number + 1) * 60_000_000_000 - shifted.nanos());
        let now = clock
            .now_system()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let mut headers = HeaderMap::new();
        let mut put = |name: &'static str, text: String| {
            headers.insert(name, HeaderValue::from_str(&text).unwrap());
        };
        put("x-ratelimit-limit", self.limit.to_string());
        put(
            "x-ratelimit-remaining",
            self.limit.saturating_sub(window.1).to_string(),
        );
        put("x-ratelimit-reset", (now + left).as_secs().to_string());
        put("date", httpdate::fmt_http_date(clock.now_system()));
        headers
    }
}

fn run_learned(seed: u64, callers: u32, limit: u32, others: u32) -> (f64, u32) {
    let clock = VirtualClock::new();
    let limits = Limits::new();
    let phase = Duration::from_millis(fastrand::Rng::with_seed(seed).u64(0..60_000));
    let server = Server {
        limit,
        phase,
        window: Mutex::default(),
        over: Mutex::default(),
        others,
    };
    let hours = 3;
    let sent = Mutex::new(0_u32);
    let tasks = (0..callers).map(|number| {
        let (clock, limits, server, sent) = (clock.clone(), limits.clone(), &server, &sent);
        let mut rng = fastrand::Rng::with_seed(seed ^ (u64::from(number) << 40));
        async move {
            while clock.now() < at(hours * 3_600) {
                let mut lease = wait_turn(&clock, &mut limits.enter(entry(&[unknown("b")])))
                    .await
                    .unwrap();
                clock
                    .sleep(clock.now() + random_wait(&mut rng, Duration::from_secs(1)))
                    .await;
                let headers = server.answer(&clock);
                *sent.lock().unwrap() += 1;
                clock
                    .sleep(clock.now() + random_wait(&mut rng, Duration::from_secs(1)))
                    .await;
                // The local wall clock is wrong by years, which must not matter.
                let times = Times::of(&headers, SystemTime::UNIX_EPOCH);
                let seen = read(&LEARN, true, &headers, &|_| None, times, clock.now());
                lease.observe(key("b"), &seen, clock.now(), rng.f64());
                lease.complete(clock.now());
            }
        }
    });
    clock.run(run_all(tasks));
    let ideal = f64::from(limit - others) * hours as f64 * 60.0;
    (
        f64::from(*sent.lock().unwrap()) / ideal,
        *server.over.lock().unwrap(),
    )
}

/// Rows B1 and B9 for a quota that nobody publishes: never above it, and at least 0.90 of it used.
#[test]
fn a_learned_quota_is_kept_and_used() {
    for (callers, limit) in [(1, 5), (16, 5), (4, 50), (16, 100), (16, 250)] {
        for seed in 0..4 {
            let (used, over) = run_learned(seed, callers, limit, 0);
            assert_eq!(over, 0, "{callers} callers, {limit} a minute, seed {seed}");
            assert!(
                used >= 0.90,
                "{callers} callers, {limit} a minute, seed {seed}: {used}"
            );
        }
    }
}

/// What others use of the same quota is left to them, but for those in flight when it runs out.
#[test]
fn others_are_respected() {
    for seed in 0..4 {
        let (used, over) = run_learned(seed, 8, 100, 40);
        assert!(used >= 0.90, "seed {seed}: {used}");
        assert!(over <= 180 * 8, "seed {seed}: {over} refused");
        let (used, over) = run_learned(seed, 1, 40, 15);
        assert_eq!(over, 0, "seed {seed}");
        assert!(used >= 0.90, "seed {seed}: {used}");
    }
}

#[test]
fn it_begins_with_one_and_doubles() {
    let limits = Limits::new();
    let want = entry(&[unknown("b")]);
    for expected in [1, 2, 4, 8] {
        let mut leases = Vec::new();
        while let Some(lease) = admitted(&mut limits.enter(want.clone()), at(0)) {
            leases.push(lease);
        }
        assert_eq!(leases.len(), expected);
        let mut first = leases.remove(0);
        first.observe(key("b"), &seen(1_000, 1), at(0), 0.0);
        first.complete(at(0));
        leases.into_iter().for_each(Lease::not_sent);
    }
}

#[test]
fn it_opens_when_the_first_answer_tells_nothing() {
    let limits = Limits::new();
    let want = entry(&[unknown("b")]);
    let mut lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
    let nothing = Observation::default();
    lease.observe(key("b"), &nothing, at(0), 0.0);
    assert!(
        poll(&mut limits.enter(want.clone()), at(0)).is_pending(),
        "a failure proves nothing"
    );
    lease.observe(
        key("b"),
        &Observation {
            success: true,
            ..nothing
        },
        at(0),
        0.0,
    );
    lease.complete(at(0));
    let open: Vec<_> = (0..5_000)
        .map(|_| admitted(&mut limits.enter(want.clone()), at(0)).unwrap())
        .collect();
    assert_eq!(limits.snapshot(at(0)).buckets[0].limit, None);
    drop(open);
}

/// Row B11: the server lowers the allowance and never raises it above the description's.
#[test]
fn the_server_only_lowers() {
    let limits = Limits::new();
    let want = entry(&[Claim {
        learns: true,
        ..claim("b", 1, 100)
    }]);
    let remaining = |now| limits.snapshot(now).buckets[0].remaining.unwrap();
    let tell = |observation: Observation| {
        let mut lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
        lease.observe(key("b"), &observation, at(0), 0.0);
        lease.complete(at(0));
    };
    tell(seen(1_000, 1));
    assert_eq!(remaining(at(0)), 99);
    tell(seen(100, 52));
    assert_eq!(remaining(at(0)), 48, "50 foreign ones on top of our two");
    tell(seen(100, 3));
    assert_eq!(remaining(at(0)), 47, "what is known to be used stays used");
    tell(seen(60, 54));
    assert_eq!(remaining(at(0)), 6);
    assert_eq!(limits.snapshot(at(0)).buckets[0].limit, Some(60));
    assert_eq!(remaining(at(61)), 60);
}

/// Row B11: what is in flight is not mistaken for someone else's.
#[test]
fn our_own_are_not_counted_twice() {
    let limits = Limits::new();
    let want = entry(&[Claim {
        learns: true,
        ..claim("b", 1, 25)
    }]);
    let mut leases: Vec<_> = (0..20)
        .map(|_| admitted(&mut limits.enter(want.clone()), at(0)).unwrap())
        .collect();
    leases[0].observe(
        key("b"),
        &Observation {
            remaining: Some(5),
            ..Observation::default()
        },
        at(0),
        0.0,
    );
    assert_eq!(limits.snapshot(at(0)).buckets[0].remaining, Some(5));
    leases[1].observe(
        key("b"),
        &Observation {
            remaining: Some(2),
            ..Observation::default()
        },
        at(0),
        0.0,
    );
    assert_eq!(limits.snapshot(at(0)).buckets[0].remaining, Some(2));
}

#[test]
fn nothing_left_shuts_the_gate_until_the_reset() {
    let limits = Limits::new();
    let want = entry(&[unknown("b")]);
    let mut lease = admitted(&mut limits.enter(want.clone()), at(0)).unwrap();
    let last = Observation {
        limit: Some(10),
        remaining: Some(0),
        reset: Some(at(40)),
        ..Observation::default()
    };
    lease.observe(key("b"), &last, at(0), 0.5);
    lease.complete(at(1));
    let mut ticket = limits.enter(want.clone());
    assert!(poll(&mut ticket, at(40)).is_pending());
    assert_eq!(
        ticket.earliest(),
        Some(at(42)),
        "half of a tenth of the wait later"
    );
    assert!(admitted(&mut ticket, at(42)).is_some());
}

proptest! {
    /// Row B12: answers that overtake each other inside a window end in the same state, and it is the lowest.
    #[test]
    fn the_order_of_answers_does_not_matter(order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(), others in 0_u32..60) {
        let limits = Limits::new();
        let want = entry(&[Claim { learns: true, ..claim("b", 1, 100) }]);
        let mut leases: Vec<Option<Lease>> = (0..12).map(|_| admitted(&mut limits.enter(want.clone()), at(0))).collect();
        let mut lowest = u32::MAX;
        for index in order {
            let mut lease = leases[index].take().unwrap();
            let used = others + u32::try_from(index).unwrap() + 1;
            let told = Observation { reset: Some(at(50)), ..seen(100, used) };
            lease.observe(key("b"), &told, at(1), 0.0);
            lease.complete(at(1));
            let remaining = limits.snapshot(at(1)).buckets[0].remaining.unwrap();
            prop_assert!(remaining <= lowest);
            lowest = remaining;
        }
        prop_assert_eq!(lowest, 100 - 12 - others);
    }

    /// Row B12: an older answer never raises a limit that a newer one has lowered.
    #[test]
    fn an_older_answer_does_not_undo_a_newer_one(limits_told in proptest::collection::vec(1_u32..200, 2..8)) {
        let limits = Limits::new();
        let want = entry(&[Claim { learns: true, ..claim("b", 1, 150) }]);
        let mut leases: Vec<_> = limits_told.iter().map(|_| admitted(&mut limits.enter(want.clone()), at(0)).unwrap()).collect();
        for (lease, told) in leases.iter_mut().zip(&limits_told).rev() {
            lease.observe(key("b"), &seen(*told, 1), at(1), 0.0);
        }
        let newest = *limits_told.last().unwrap();
        prop_assert_eq!(limits.snapshot(at(1)).buckets[0].limit, Some(newest.min(150)));
    }

    /// Hostile headers: nothing panics, and what is declared is never exceeded.
    #[test]
    fn any_headers_are_survived(values in proptest::collection::vec(("[ -~]{0,24}", "[0-9]{0,30}", "-?[0-9]{1,12}"), 1..12)) {
        let limits = Limits::new();
        let want = entry(&[Claim { learns: true, ..claim("b", 1, 3) }]);
        let mut now = at(0);
        for (limit, remaining, reset) in values {
            let mut headers = HeaderMap::new();
            for (name, value) in [("x-ratelimit-limit", limit), ("x-ratelimit-remaining", remaining), ("x-ratelimit-reset", reset)] {
                headers.insert(name, HeaderValue::from_str(&value).unwrap());
            }
            let told = read(&LEARN, true, &headers, &|_| None, Times::of(&headers, SystemTime::UNIX_EPOCH), now);
            let held: Vec<_> = std::iter::from_fn(|| admitted(&mut limits.enter(want.clone()), now)).collect();
            prop_assert!(held.len() <= 3);
            for mut lease in held {
                lease.observe(key("b"), &told, now, 1.0);
                lease.complete(now);
            }
            now = now + Duration::from_secs(30);
        }
    }
}

#[test]
fn places_are_read_from_headers_and_bodies() {
    let learn = Learn {
        limit: Some(Place::Header("l")),
        used: Some(Place::Body(&["meta", "used"])),
        remaining: Some(Place::Header("r")),
        reset: Some((Place::Header("s"), Unit::Seconds)),
        ..Learn::NEW
    };
    let mut headers = HeaderMap::new();
    headers.insert("l", HeaderValue::from_static("100"));
    headers.insert("r", HeaderValue::from_static("-1"));
    headers.insert("s", HeaderValue::from_static("1.5"));
    let body = |pointer: &[&str]| (pointer == ["meta", "used"]).then(|| "99999999999".to_owned());
    let times = Times {
        date: None,
        wall: SystemTime::UNIX_EPOCH,
    };
    let told = read(&learn, true, &headers, &body, times, at(1));
    let expected = Observation {
        limit: Some(100),
        used: Some(u32::MAX),
        remaining: None,
        reset: Some(at(2) + Duration::from_millis(500)),
        success: true,
        invalid: 1,
    };
    assert_eq!(told, expected);
    headers.append("l", HeaderValue::from_static("100"));
    assert_eq!(
        read(&learn, true, &headers, &body, times, at(1)).limit,
        None,
        "two headers contradict each other"
    );
}

static TOKEN: Bucket = Bucket {
    name: "token",
    scope: &[],
    window: None,
    learn: Some(Learn {
        remaining: Some(Place::Header("x-token-left")),
        ..Learn::NEW
    }),
};
static PLUGIN: Bucket = Bucket {
    name: "plugin",
    learn: Some(Learn {
        remaining: Some(Place::Header("x-plugin-left")),
        ..Learn::NEW
    }),
    ..TOKEN
};
static PLAIN: Bucket = Bucket {
    name: "plain",
    learn: None,
    ..TOKEN
};

/// Row B23: a refusal that says of some buckets that nothing is left is about those; otherwise about all of the call.
#[test]
fn a_refusal_may_name_its_bucket() {
    let charges = [&TOKEN, &PLUGIN, &PLAIN].map(|bucket| Charge { bucket, cost: 1 });
    let claims = ["token", "plugin", "plain"].map(unknown);
    let named = |token: &str, plugin: &str| -> Vec<&str> {
        let mut headers = HeaderMap::new();
        headers.insert("x-token-left", HeaderValue::from_str(token).unwrap());
        headers.insert("x-plugin-left", HeaderValue::from_str(plugin).unwrap());
        let times = Times::of(&headers, SystemTime::UNIX_EPOCH);
        let keys = refused(&charges, &claims, &headers, &|_| None, times, at(0));
        keys.iter().map(|key| key.bucket).collect()
    };
    assert_eq!(named("0", "5"), ["token"]);
    assert_eq!(named("7", "0"), ["plugin"]);
    assert_eq!(named("0", "0"), ["token", "plugin"]);
    for (token, plugin) in [("7", "5"), ("", "x"), ("-1", "00x")] {
        assert_eq!(named(token, plugin), ["token", "plugin", "plain"]);
    }
    // A bucket that is off for this call is not held.
    let mut headers = HeaderMap::new();
    headers.insert("x-token-left", HeaderValue::from_static("0"));
    let times = Times::of(&headers, SystemTime::UNIX_EPOCH);
    let keys = refused(&charges, &claims[1..], &headers, &|_| None, times, at(0));
    assert_eq!(keys, [key("plugin"), key("plain")]);
}
