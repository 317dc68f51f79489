//! Refusals, concurrency, hints and references, from the description to the wire.

use std::time::Duration;

use etiquette_cases::refusals::Client;
use futures::future::join_all;
use runtime::clock::{Clock, Moment};
use runtime::testing::{Script, ScriptReply, VirtualClock};

struct World {
    clock: VirtualClock,
    script: Script,
    api: Client,
}

fn world() -> World {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone());
    let builder = Client::builder()
        .key("key")
        .with_transport(script.clone())
        .with_clock(clock.clone())
        .with_seed(7);
    World {
        clock,
        script,
        api: builder.build().unwrap(),
    }
}

impl World {
    fn arrivals(&self) -> Vec<Duration> {
        let requests = self.script.requests();
        let since = requests.iter().map(|one| one.arrived.since(Moment::START));
        since.collect()
    }
}

fn refusal() -> ScriptReply {
    ScriptReply::json(429, r#"{"error":{"code":"too~many"}}"#)
        .header("x-kind", "limit")
        .header("x-scope", "shop/1")
}

/// Row B16, from the description: two at first, and never more than four.
#[test]
fn so_many_requests_are_on_their_way_at_once() {
    let world = world();
    let latency = Duration::from_secs(1);
    world
        .script
        .respond_with(move |_| ScriptReply::json(200, "{}").after(latency));
    let calls = (0..60).map(|_| async { world.api.things().ping().await.unwrap() });
    world.clock.run(join_all(calls));
    let arrivals = world.arrivals();
    assert_eq!(arrivals.len(), 60);
    let at_once = |at: &Duration| {
        let there = |other: &&Duration| **other <= *at && *at < **other + latency;
        arrivals.iter().filter(there).count()
    };
    assert_eq!(at_once(&arrivals[0]), 2);
    assert_eq!(arrivals.iter().map(at_once).max(), Some(4));
}

/// Row B15: a refusal is told by its code and all of its headers; then the client waits, and goes on with less.
#[test]
fn a_refusal_is_told_by_all_that_is_described() {
    let near = [
        ScriptReply::json(429, r#"{"error":{"code":"too~many"}}"#).header("x-kind", "limit"),
        ScriptReply::json(429, r#"{"error":{"code":"other"}}"#)
            .header("x-kind", "limit")
            .header("x-scope", "shop/1"),
    ];
    for reply in near {
        let world = world();
        world.script.reply(reply);
        let error = world
            .clock
            .run(async { world.api.things().ping().await.unwrap_err() });
        assert_eq!(error.status(), Some(429));
        assert_eq!(world.script.count(), 1);
    }
    let world = world();
    world.script.reply(refusal());
    world.script.respond_with(|_| ScriptReply::json(200, "{}"));
    let (one, limits) = world.clock.run(async {
        let one = world.api.things().ping().await;
        let limits = world.api.limits();
        (one, limits)
    });
    one.unwrap();
    let arrivals = world.arrivals();
    assert_eq!(arrivals.len(), 2);
    assert!(arrivals[1] >= Duration::from_secs(180), "{arrivals:?}");
    let concurrency = &limits.concurrency[0];
    assert_eq!(concurrency.limit, 1, "{concurrency:?}");
}

#[test]
fn a_good_answer_may_ask_for_a_pause() {
    let world = world();
    world
        .script
        .reply(ScriptReply::json(200, "{}").header("x-backoff", "30"));
    world.script.respond_with(|_| ScriptReply::json(200, "{}"));
    world.clock.run(async {
        world.api.things().ping().await.unwrap();
        world.api.things().ping().await.unwrap();
    });
    let arrivals = world.arrivals();
    assert!(arrivals[1] >= Duration::from_secs(30), "{arrivals:?}");
    assert!(world.clock.now().since(Moment::START) < Duration::from_secs(60));
}

#[test]
fn what_support_asks_for_is_found_in_a_text() {
    let world = world();
    let text = "Your request was denied. You can track this by referencing A-17.";
    world.script.reply(ScriptReply::text(403, text));
    let error = world
        .clock
        .run(async { world.api.things().ping().await.unwrap_err() });
    assert_eq!(error.reference(), Some("A-17"));
}
