//! Permits beside quotas (rows B2, B11, B13, B16 and B19): calls that want a permit and two buckets beside calls that
//! want a permit alone, at a server that tells its quota in `RateLimit` fields and counts in fixed windows.
//!
//! The permits are always used up, and so is the quota. Neither kind of call may starve the other.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use etiquette_cases::refusals;
use futures::future::{join, join_all};
use runtime::clock::{Clock, Moment};
use runtime::testing::{RecordedRequest, ScriptReply};

use crate::seeds::{each_seed, replay};
use crate::server::{MINUTE, World};
use crate::wire::{Latency, Wire};

const LENGTH: Duration = Duration::from_secs(1_200);
/// The most that the description lets be on their way at once.
const AT_ONCE: usize = 4;
const SERVICE: Duration = Duration::from_secs(1);

/// So many of the calls that have buckets in each minute.
struct Server {
    rng: fastrand::Rng,
    max: u32,
    /// How much of the first window is over at the start.
    phase: Duration,
    window: u128,
    used: u32,
    accepted: Vec<Moment>,
    refused: usize,
    /// When each request came and went.
    stays: Vec<(Moment, Moment)>,
}

impl Server {
    fn answer(&mut self, request: &RecordedRequest) -> ScriptReply {
        let now = request.arrived;
        let takes = SERVICE.mul_f64(0.9 + 0.1 * self.rng.f64());
        if request.path().ends_with("/ping") {
            self.stays.push((now, now + takes));
            return ScriptReply::empty(204).after(takes);
        }
        let passed = now + self.phase - Moment::START;
        let window = passed.as_nanos() / MINUTE.as_nanos();
        if window != self.window {
            (self.window, self.used) = (window, 0);
        }
        let left = MINUTE.as_secs() - passed.as_secs() % MINUTE.as_secs();
        let (reply, takes) = if self.used < self.max {
            self.used += 1;
            self.accepted.push(now);
            (ScriptReply::json(200, r#"{"id":1}"#), takes)
        } else {
            self.refused += 1;
            let body = r#"{"error":{"code":"slow_down"}}"#;
            let refusal = ScriptReply::json(429, body).header("x-kind", "limit");
            (
                refusal
                    .header("x-scope", "shop/1")
                    .header("retry-after", &left.to_string()),
                SERVICE / 50,
            )
        };
        self.stays.push((now, now + takes));
        let (max, rest) = (self.max, self.max - self.used);
        reply
            .header("ratelimit-policy", &format!(r#""short";q={max};w=60"#))
            .header("ratelimit", &format!(r#""short";r={rest};t={left}"#))
            .after(takes)
    }
}

impl Server {
    fn new(mut rng: fastrand::Rng) -> Server {
        Server {
            max: rng.u32(10..=40),
            phase: MINUTE.mul_f64(rng.f64()),
            window: 0,
            used: 0,
            accepted: Vec::new(),
            refused: 0,
            stays: Vec::new(),
            rng,
        }
    }

    /// The most requests that were there at once.
    fn crowd(&self) -> usize {
        let there = |at: Moment| {
            let is_there = |(from, to): &&(Moment, Moment)| *from <= at && at < *to;
            self.stays.iter().filter(is_there).count()
        };
        let crowds = self.stays.iter().map(|(from, _)| there(*from));
        crowds.max().unwrap_or(0)
    }

    /// How much of the quota was used after the first minute.
    fn utilisation(&self, end: Moment) -> f64 {
        let begun = Moment::START + MINUTE;
        let counted = self
            .accepted
            .iter()
            .filter(|at| **at >= begun && **at < end);
        let windows = (end - begun).as_secs_f64() / MINUTE.as_secs_f64();
        counted.count() as f64 / (f64::from(self.max) * windows)
    }
}

struct Found {
    max: u32,
    /// The longest that a call took, by kind.
    ping: Duration,
    get: Duration,
    refused: usize,
    utilisation: f64,
}

/// The longest time of a call so far.
#[derive(Default)]
struct Longest(Mutex<Duration>);

impl Longest {
    fn add(&self, length: Duration) {
        let mut longest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *longest = longest.max(length);
    }

    fn get(self) -> Duration {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Pings without end from several callers, and more gets than the quota allows, in the order of their numbers.
fn crowded(seed: u64) -> Found {
    let mut rng = fastrand::Rng::with_seed(seed);
    let world = World::new();
    let wire = Wire::new(&world.script, &world.clock, Latency::None, &mut rng);
    let server = Arc::new(Mutex::new(Server::new(rng.fork())));
    let serving = Arc::clone(&server);
    world.script.respond_with(move |request| {
        let mut server = serving.lock().unwrap_or_else(PoisonError::into_inner);
        server.answer(request)
    });
    let max = server.lock().unwrap_or_else(PoisonError::into_inner).max;
    let builder = refusals::Client::builder().key("key").with_transport(wire);
    let builder = builder.with_clock(world.clock.clone()).with_seed(seed);
    let client = builder.build().expect("a client");
    let (clock, end) = (&world.clock, Moment::START + LENGTH);
    let (ping, get) = (Longest::default(), Longest::default());
    let pings = (0..rng.usize(5..=8)).map(|_| async {
        while clock.now() < end {
            let begun = clock.now();
            client.things().ping().await.expect("all answers are good");
            ping.add(clock.now() - begun);
        }
    });
    // A fifth more than the quota, so that a line grows.
    let count = u32::try_from(LENGTH.as_secs() / 60).expect("it is short") * max * 6 / 5;
    let gets = (0..count).map(|number| {
        let begun = Moment::START + LENGTH.mul_f64(f64::from(number) / f64::from(count));
        let (client, get) = (&client, &get);
        async move {
            clock.sleep(begun).await;
            let call = client.things().get(i64::from(number));
            call.await.expect("a refusal is waited for");
            get.add(clock.now() - begun);
        }
    });
    world.clock.run(join(join_all(pings), join_all(gets)));
    assert_eq!(served(&world), count, "somebody was never served");
    let server = server.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(server.crowd() <= AT_ONCE, "{} at once", server.crowd());
    Found {
        max,
        ping: ping.get(),
        get: get.get(),
        refused: server.refused,
        utilisation: server.utilisation(end),
    }
}

/// How many gets were served, each for the first time in the order of their numbers. What was refused comes again,
/// before those that are younger.
fn served(world: &World) -> u32 {
    let mut next = 0;
    for request in world.script.requests() {
        let number = request.path().rsplit('/').next();
        let Some(number) = number.and_then(|number| number.parse::<u32>().ok()) else {
            continue;
        };
        assert!(number <= next, "{number} has overtaken {next}");
        next = next.max(number + 1);
    }
    next
}

/// Rows B2, B13, B16 and B19: a call without buckets waits for its turn at a permit and never for a quota; one with
/// buckets is not overtaken for ever by those that have none; and the quota that the fields tell is used up.
#[test]
fn neither_permits_nor_quotas_starve_anybody() {
    const TEST: &str = "neither_permits_nor_quotas_starve_anybody";
    let runs = each_seed(TEST, 5, crowded);
    for (seed, found) in &runs {
        let Found {
            max,
            ping,
            get,
            refused,
            utilisation,
        } = found;
        println!(
            "seed {seed}: a ping at most {ping:?}, a get at most {get:?}; {refused} refused, utilisation {utilisation:.3}"
        );
        let again = replay(TEST, *seed);
        // Eight callers share two permits or more. A new window brings older calls, as many as it holds.
        let most = SERVICE * (8 + max) / 2;
        assert!(*ping <= most, "a ping took {ping:?}; {again}");
        // Those beyond the quota wait for a sixth of the whole time, and what is lost by learning.
        assert!(*get <= LENGTH / 3, "a get took {get:?}; {again}");
        assert!(*utilisation >= 0.9, "utilisation {utilisation}; {again}");
    }
}
