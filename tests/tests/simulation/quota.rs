//! A declared quota under saturation (rows B1 and R4): never above N in any window, and almost all of it used.
//!
//! The quota is Hive's, 100 in a minute; requests and answers take up to a second together. 100 hours of virtual time
//! by default, `ETIQUETTE_HOURS` of them on demand.

use std::time::Duration;

use etiquette_apis::hive;
use futures::stream::{FuturesUnordered, StreamExt};
use runtime::clock::{Clock, Moment};

use crate::seeds::{each_seed, number_from, replay};
use crate::server::{MINUTE, World, fullest};
use crate::wire::{Latency, Wire};

const QUOTA: usize = 100;
const HOURS: u64 = 100;
/// The virtual hours of one run; a new client is made for each.
const RUN: u64 = 5;

/// What one run found.
struct Found {
    callers: usize,
    latency: Latency,
    arrivals: Vec<Moment>,
    utilisation: f64,
}

/// Lets so many callers send one request after the other until `end`. The requests are deletions, which read no body.
pub(crate) async fn saturate(world: &World, client: &hive::Client, callers: usize, end: Moment) {
    let caller = || async {
        while world.clock.now() < end {
            let deleted = client.skus().delete(1).await;
            deleted.expect("every answer is a success");
        }
    };
    (0..callers)
        .map(|_| caller())
        .collect::<FuturesUnordered<_>>()
        .collect::<()>()
        .await;
}

/// The latency with which so many callers can still ask for more than the quota.
fn saturating(rng: &mut fastrand::Rng, callers: usize) -> Latency {
    let second = Duration::from_secs(1);
    // One caller is busy for half a minute with a hundred round trips of 0.3 s; two and more have time for 0.6 s.
    match callers {
        1 => match rng.u8(0..3) {
            0 => Latency::Constant(Duration::from_millis(300)),
            1 => Latency::Uniform(Duration::from_millis(600)),
            _ => Latency::Bimodal(second),
        },
        2 => match rng.u8(0..3) {
            0 => Latency::Constant(Duration::from_millis(600)),
            1 => Latency::Uniform(second),
            _ => Latency::Bimodal(second),
        },
        _ => Latency::any(rng, second),
    }
}

fn saturated(seed: u64, hours: u64) -> Found {
    let mut rng = fastrand::Rng::with_seed(seed);
    let world = World::new();
    let callers = 1 + usize::try_from(seed % 16).expect("it is small");
    let latency = saturating(&mut rng, callers);
    let wire = Wire::new(&world.script, &world.clock, latency, &mut rng);
    world.answers_all();
    let client = world.hive(&wire, seed).build().expect("a client");
    let end = Moment::START + Duration::from_secs(hours * 3_600);
    world.clock.run(saturate(&world, &client, callers, end));
    Found {
        callers,
        latency,
        utilisation: world.arrivals.utilisation(QUOTA, MINUTE, end),
        arrivals: world.arrivals.all(),
    }
}

/// Rows B1 and R4: arrivals in every window of a minute, of any phase, and how much of the quota is used.
#[test]
fn a_declared_quota_is_never_exceeded_and_used_up() {
    const TEST: &str = "a_declared_quota_is_never_exceeded_and_used_up";
    let hours = number_from("ETIQUETTE_HOURS", HOURS);
    let runs = each_seed(TEST, hours.div_ceil(RUN), |seed| {
        let found = saturated(seed, RUN);
        let most = fullest(&found.arrivals, MINUTE);
        let about = (found.callers, found.latency);
        assert!(most <= QUOTA, "{most} arrivals in a minute with {about:?}");
        assert!(
            found.utilisation >= 0.97,
            "utilisation {} with {about:?}; {}",
            found.utilisation,
            replay(TEST, seed)
        );
        (found.arrivals.len(), most, found.utilisation)
    });
    let requests: usize = runs.iter().map(|(_, (requests, _, _))| requests).sum();
    let most = runs.iter().map(|(_, (_, most, _))| *most).max();
    let least = runs
        .iter()
        .map(|(_, (_, _, used))| *used)
        .fold(f64::INFINITY, f64::min);
    println!(
        "{} virtual hours in {} runs: {requests} requests, at most {} in a minute, utilisation at least {least:.4}",
        runs.len() as u64 * RUN,
        runs.len(),
        most.unwrap_or(0),
    );
}

/// Row B1: callers that come and go leave windows partly filled, at every phase.
#[test]
fn bursts_and_pauses_never_exceed_the_quota() {
    const TEST: &str = "bursts_and_pauses_never_exceed_the_quota";
    let runs = each_seed(TEST, 40, |seed| {
        let mut rng = fastrand::Rng::with_seed(seed);
        let world = World::new();
        let latency = Latency::any(&mut rng, Duration::from_secs(1));
        let wire = Wire::new(&world.script, &world.clock, latency, &mut rng);
        world.answers_all();
        let client = world.hive(&wire, seed).build().expect("a client");
        let end = Moment::START + Duration::from_secs(1_800);
        let caller = |mut rng: fastrand::Rng| {
            let (world, client) = (&world, &client);
            async move {
                while world.clock.now() < end {
                    let pause = Duration::from_millis(rng.u64(0..150_000));
                    world.clock.sleep(world.clock.now() + pause).await;
                    for _ in 0..rng.u32(1..60) {
                        client
                            .warehouses()
                            .list()
                            .await
                            .expect("every answer is a success");
                    }
                }
            }
        };
        let callers: FuturesUnordered<_> =
            (0..rng.usize(1..=16)).map(|_| caller(rng.fork())).collect();
        world.clock.run(callers.collect::<()>());
        let most = fullest(&world.arrivals.all(), MINUTE);
        assert!(most <= QUOTA, "{most} arrivals in a minute");
        most
    });
    let full = runs.iter().filter(|(_, most)| *most == QUOTA).count();
    assert!(
        full > 0 || runs.len() == 1,
        "no run ever filled a window, so that nothing was tested"
    );
    println!("{} runs, {full} of them filled a window", runs.len());
}

/// The same seed gives the same run, to the nanosecond.
#[test]
fn a_run_can_be_replayed() {
    for seed in [3, 12] {
        let (one, two) = (saturated(seed, 1), saturated(seed, 1));
        assert_eq!(one.arrivals, two.arrivals);
    }
}
