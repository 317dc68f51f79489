//! Hive's hundred requests a minute, saturated: the server never counts more in any window, and
//! little of the minute is left unused.

use std::time::Duration;

use etiquette_apis::hive;
use etiquette_standins::{Limit, hive as standin};
use futures::{StreamExt, TryStreamExt};
use runtime::testing::ScriptReply;

use crate::flow::world::{
    KEY, Live, MINUTE, Scripted, hive_page, live_hive_with, scripted_hive, warehouse,
};

const MAX: usize = 100;

/// Makes calls, so many at once, and gives the longest time that the first may have taken.
async fn saturate(api: &hive::Client, calls: usize, at_once: usize) {
    let warehouses = api.warehouses();
    let all = futures::stream::iter(0..calls).map(|_| warehouses.list());
    all.buffer_unordered(at_once)
        .try_for_each(async |_| Ok(()))
        .await
        .unwrap();
}

/// The largest number of arrivals in any window `[t, t + length)`.
fn most(mut arrivals: Vec<Duration>, length: Duration) -> usize {
    arrivals.sort_unstable();
    let inside = |first: usize| {
        arrivals[first..]
            .iter()
            .take_while(|at| **at < arrivals[first] + length)
            .count()
    };
    (0..arrivals.len()).map(inside).max().unwrap_or(0)
}

fn answering(latency: impl Fn(usize) -> Duration + Send + 'static) -> Scripted<hive::Client> {
    let world = scripted_hive();
    let mut count = 0;
    world.script.respond_with(move |_| {
        count += 1;
        ScriptReply::json(200, hive_page(&[warehouse(1)], 1, 1)).after(latency(count))
    });
    world
}

/// Row B1: sixteen callers, latencies from none to two seconds: at most a hundred in any window.
#[test]
fn never_above_the_limit_in_any_window() {
    let latencies: [fn(usize) -> u64; 5] = [
        |_| 0,
        |_| 150,
        |_| 1_000,
        |n| (n as u64 * 7_919) % 480 + 20,
        |n| if n % 9 == 0 { 2_000 } else { 5 },
    ];
    for (number, latency) in latencies.into_iter().enumerate() {
        for at_once in [1, 4, 16] {
            let world = answering(move |n| Duration::from_millis(latency(n)));
            world.run(saturate(&world.api, 400, at_once));
            let arrivals = world.arrivals();
            assert_eq!(arrivals.len(), 400);
            let most = most(arrivals, MINUTE);
            assert!(most <= MAX, "latency {number}, {at_once} at once: {most}");
        }
    }
}

/// What the limit allows is used: 400 calls need three full windows and what they take themselves.
#[test]
fn little_is_left_unused() {
    for (latency, at_once) in [(0, 1), (100, 16), (500, 16), (1_000, 16)] {
        let world = answering(move |_| Duration::from_millis(latency));
        world.run(saturate(&world.api, 400, at_once));
        let latency = Duration::from_millis(latency);
        let rounds = u32::try_from(100_usize.div_ceil(at_once)).unwrap();
        let most = 3 * (MINUTE + latency) + 4 * rounds * latency + Duration::from_secs(4);
        assert!(
            world.now() <= most,
            "{:?} at {latency:?} and {at_once}",
            world.now()
        );
    }
}

/// Row B1: a request takes its time to arrive, differently each time.
#[test]
fn transit_times_do_not_squeeze_requests_together() {
    for transit in [1, 250, 2_000] {
        let world = answering(|n| Duration::from_millis((n as u64 * 31) % 90));
        world.script.transit(Duration::from_millis(transit));
        world.run(saturate(&world.api, 350, 16));
        let most = most(world.arrivals(), MINUTE);
        assert!(most <= MAX, "{transit} ms: {most}");
    }
}

async fn live(limit: Limit) -> Live<hive::Client> {
    let mut config = standin::Config::default();
    config.settings.limit = Some(limit);
    live_hive_with(config).await
}

/// Row B1 over TCP: a window that slides, and fixed ones of several phases.
#[tokio::test]
async fn never_above_the_limit_over_tcp() {
    let fixed = |phase| Limit::fixed_with_phase(100, MINUTE, Duration::from_secs(phase));
    for limit in [Limit::sliding(100, MINUTE), fixed(0), fixed(13), fixed(47)] {
        let live = live(limit).await;
        saturate(&live.api, 330, 16).await;
        assert_eq!(live.server.arrivals().len(), 330, "{limit:?}: no refusals");
        let most = live.server.most_in_any_window(MINUTE);
        assert!(most <= MAX, "{limit:?}: {most}");
        assert!(live.server.most_at_once() <= 16);
    }
}

/// An account manager may grant more, and the builder says so.
#[tokio::test]
async fn a_granted_limit_is_used() {
    let live = live(Limit::sliding(300, MINUTE)).await;
    let builder = hive::Client::builder().key(KEY).requests_per_window(300);
    let builder = builder
        .with_base_url(live.server.url())
        .with_clock(live.clock.clone());
    let api = builder.build().unwrap();
    let before = live.clock.now_system();
    saturate(&api, 300, 16).await;
    assert_eq!(live.clock.now_system(), before, "none had to wait");
    saturate(&api, 300, 16).await;
    assert!(live.server.most_in_any_window(MINUTE) <= 300);
    assert_eq!(live.refused(), 0);
}

/// The server grants less than the description says, and tells so with each answer.
#[tokio::test]
async fn a_lower_limit_is_learned() {
    let live = live(Limit::sliding(40, MINUTE)).await;
    saturate(&live.api, 1, 1).await;
    assert_eq!(live.api.limits().buckets[0].limit, Some(40));
    saturate(&live.api, 150, 16).await;
    assert!(live.server.most_in_any_window(MINUTE) <= 40);
    assert_eq!(live.refused(), 0);
}

/// Clones of a client and handles of it share the bucket; another credential has its own.
#[test]
fn a_credential_has_one_bucket() {
    let world = answering(|_| Duration::ZERO);
    let (one, other) = (world.api.clone(), world.api.clone());
    world.run(async {
        futures::join!(saturate(&one, 90, 4), saturate(&other, 90, 4));
    });
    assert!(most(world.arrivals(), MINUTE) <= MAX);
    assert!(world.now() >= MINUTE);
}

/// Row B19, in part: callers are served in the order in which they came.
#[test]
fn the_queue_is_first_come_first_served() {
    let world = answering(|_| Duration::ZERO);
    world.run(saturate(&world.api, 100, 1));
    let order = std::cell::RefCell::new(Vec::new());
    let orders = world.api.orders();
    world.run(async {
        let calls = (0..150_i64).map(|id| {
            let order = &order;
            let call = orders.get(id);
            async move {
                call.await.unwrap_err();
                order.borrow_mut().push(id);
            }
        });
        futures::future::join_all(calls).await;
    });
    let paths: Vec<String> = world.script.requests()[100..]
        .iter()
        .map(|request| request.path().to_owned())
        .collect();
    let wanted: Vec<String> = (0..150)
        .map(|id| format!("/merchant_api/v1/orders/{id}"))
        .collect();
    assert_eq!(paths, wanted);
    assert!(most(world.arrivals(), MINUTE) <= MAX);
}
