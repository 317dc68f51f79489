//! Retry amplification (rows A15, A16 and R3): how many attempts 10 000 calls make while a server is down, or half of
//! everything fails. Attempts are counted at the transport, whatever became of them. The retry budget alone has to
//! do it, with the breaker off; the breaker makes it far fewer.

use std::time::Duration;

use etiquette_apis::hive;
use futures::stream::{FuturesUnordered, StreamExt};
use runtime::clock::Clock;
use runtime::testing::ScriptReply;
use runtime::transport::Failure;
use runtime::{Error, Kind};

use crate::seeds::{each_seed, replay};
use crate::server::{World, warehouses};
use crate::wire::{Latency, NotSent, Wire};

const CALLS: u32 = 10_000;
const CALLERS: u32 = 8;

/// How attempts fail.
#[derive(Clone, Copy, Debug)]
enum Outage {
    NotSent,
    Reset,
    Unavailable,
}

/// What came of all calls.
#[derive(Clone, Copy, Debug)]
struct Counted {
    attempts: u64,
    /// Requests that reached the server.
    arrived: u64,
    failed: u64,
    /// Calls that failed at once, because the breaker was open.
    at_once: u64,
}

/// Makes all calls while this part of the attempts fails, without the breaker.
fn calls(seed: u64, outage: Outage, part: f64) -> Counted {
    let set = hive::ClientBuilder::without_breaker;
    calls_of(seed, outage, part, set, Duration::ZERO)
}

fn calls_of(
    seed: u64,
    outage: Outage,
    part: f64,
    set: fn(hive::ClientBuilder) -> hive::ClientBuilder,
    pause: Duration,
) -> Counted {
    let mut rng = fastrand::Rng::with_seed(seed);
    let world = World::new();
    let latency = Latency::Uniform(Duration::from_millis(100));
    let wire = Wire::new(&world.script, &world.clock, latency, &mut rng);
    let mut of_wire = rng.fork();
    wire.breaks_with(move |_| {
        let breaks = matches!(outage, Outage::NotSent) && of_wire.f64() < part;
        breaks.then_some(NotSent {
            kind: Failure::Connect,
            after: Duration::from_millis(1),
        })
    });
    let mut of_server = rng.fork();
    world.script.respond_with(move |_| match outage {
        Outage::Reset if of_server.f64() < part => ScriptReply::reset(),
        Outage::Unavailable if of_server.f64() < part => ScriptReply::empty(503),
        Outage::NotSent | Outage::Reset | Outage::Unavailable => warehouses(),
    });
    let client = set(world.hive(&wire, seed))
        .requests_per_window(10_000_000)
        .build()
        .expect("a client");
    let caller = || async {
        let mut errors: Vec<Error> = Vec::new();
        for _ in 0..CALLS / CALLERS {
            if let Err(error) = client.warehouses().list().await {
                errors.push(error);
                if !pause.is_zero() {
                    world.clock.sleep(world.clock.now() + pause).await;
                }
            }
        }
        errors
    };
    let callers: FuturesUnordered<_> = (0..CALLERS).map(|_| caller()).collect();
    let errors: Vec<Error> = world
        .clock
        .run(callers.collect::<Vec<_>>())
        .into_iter()
        .flatten()
        .collect();
    let told: u64 = errors.iter().map(|error| u64::from(error.attempts())).sum();
    if part >= 1.0 {
        assert_eq!(
            told,
            wire.attempts(),
            "errors tell another number of attempts than were made"
        );
    }
    Counted {
        attempts: wire.attempts(),
        arrived: world.script.count() as u64,
        failed: errors.len() as u64,
        at_once: errors
            .iter()
            .filter(|error| error.kind() == Kind::CircuitOpen)
            .count() as u64,
    }
}

/// Row A15: a total outage. Twenty further attempts where nothing was sent, ten where it may have been.
#[test]
fn an_outage_is_not_amplified() {
    for (outage, further) in [
        (Outage::NotSent, 20),
        (Outage::Reset, 10),
        (Outage::Unavailable, 10),
    ] {
        for (seed, counted) in each_seed("an_outage_is_not_amplified", 2, |seed| {
            calls(seed, outage, 1.0)
        }) {
            assert_eq!(counted.failed, u64::from(CALLS), "seed {seed}");
            assert!(
                counted.attempts <= u64::from(CALLS) + further,
                "{outage:?}, seed {seed}: {counted:?}"
            );
            // The budget is there to be used: a client that never retries would pass too.
            assert!(
                counted.attempts > u64::from(CALLS),
                "{outage:?}, seed {seed}: {counted:?}"
            );
            println!("{outage:?}: {counted:?}");
        }
    }
}

/// Row A15: with the breaker, an outage of ten thousand calls costs a few attempts, and all others fail at once: if they
/// come as fast as they can, and if callers pause after each failure, for twenty minutes altogether.
#[test]
fn the_breaker_saves_nearly_all_of_an_outage() {
    const TEST: &str = "the_breaker_saves_nearly_all_of_an_outage";
    for outage in [Outage::NotSent, Outage::Reset, Outage::Unavailable] {
        for (pause, most) in [(0, 30), (1, 60)] {
            let pause = Duration::from_secs(pause);
            for (seed, counted) in
                each_seed(TEST, 2, |seed| calls_of(seed, outage, 1.0, |it| it, pause))
            {
                println!("{outage:?}, {pause:?}: {counted:?}");
                let about = format!("{outage:?}: {counted:?}; {}", replay(TEST, seed));
                assert_eq!(counted.failed, u64::from(CALLS), "{about}");
                assert!(counted.attempts <= most, "{about}");
                assert!(counted.at_once + most >= u64::from(CALLS), "{about}");
            }
        }
    }
}

/// Row A16: half of the attempts fail, and the breaker opens now and then: no more requests than without it, and
/// callers who pause after a failure get nearly as much done.
#[test]
fn half_an_outage_is_not_amplified_with_the_breaker() {
    const TEST: &str = "half_an_outage_is_not_amplified_with_the_breaker";
    for outage in [Outage::NotSent, Outage::Reset, Outage::Unavailable] {
        for (seed, counted) in each_seed(TEST, 2, |seed| {
            calls_of(seed, outage, 0.5, |it| it, Duration::from_secs(1))
        }) {
            println!("{outage:?}: {counted:?}");
            let about = format!("{outage:?}: {counted:?}; {}", replay(TEST, seed));
            let calls = f64::from(CALLS);
            assert!(counted.arrived as f64 <= 1.15 * calls, "{about}");
            assert!(counted.attempts as f64 <= 1.25 * calls, "{about}");
            assert!(counted.failed * 10 < 6 * u64::from(CALLS), "{about}");
        }
    }
}

/// Row A16: half of the attempts fail. The server sees at most 1.15 times as many requests as there are calls; attempts
/// that never left cost half as much, so there may be more of them.
#[test]
fn half_an_outage_is_not_amplified() {
    const TEST: &str = "half_an_outage_is_not_amplified";
    for outage in [Outage::NotSent, Outage::Reset, Outage::Unavailable] {
        for (seed, counted) in each_seed(TEST, 4, |seed| calls(seed, outage, 0.5)) {
            let times = |count: u64| count as f64 / f64::from(CALLS);
            let (arrived, attempts) = (times(counted.arrived), times(counted.attempts));
            println!("{outage:?}: {attempts:.3} attempts and {arrived:.3} requests for each call");
            assert!(
                arrived <= 1.15,
                "{outage:?}: {counted:?}; {}",
                replay(TEST, seed)
            );
            assert!(
                attempts <= 1.25,
                "{outage:?}: {counted:?}; {}",
                replay(TEST, seed)
            );
            assert!(
                counted.failed * 2 < u64::from(CALLS),
                "retries have helped nobody: {counted:?}"
            );
        }
    }
}
