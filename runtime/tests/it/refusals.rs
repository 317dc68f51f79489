//! Waits that good answers ask for, and refusals that mean fewer requests at once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use etiquette_runtime::codegen::*;
use etiquette_runtime::events::Event;
use etiquette_runtime::testing::ScriptReply;
use futures::future::join_all;

use crate::api::{Bench, CANARY, KEY, READ, REFUSAL, ok};

static HINTED: Api = Api {
    name: "hinted",
    base: "https://hinted.example",
    credentials: &[&KEY],
    refusal: Some(&REFUSAL),
    hints: &[
        Wait::From(Place::Header("x-pause"), Unit::Millis),
        Wait::From(Place::Body(&["pause"]), Unit::Seconds),
    ],
    ..Api::NEW
};
static SLOW: Bucket = Bucket {
    name: "slow",
    scope: &[Scope::Credential],
    window: Some(Window {
        max: 100,
        max_config: None,
        per: Duration::from_secs(60),
        per_config: None,
    }),
    learn: None,
};
const HINTED_READ: Operation = Operation {
    api: &HINTED,
    retry: None,
    ..READ
};
static MINUTE: Operation = HINTED_READ;
static OTHER: Operation = Operation {
    limit: &[Charge {
        bucket: &SLOW,
        cost: 1,
    }],
    ..HINTED_READ
};
static FREE: Operation = Operation {
    limit: &[],
    ..HINTED_READ
};

fn hinted(set: impl FnOnce(&mut Builder)) -> Bench {
    let mut bench = Bench::new();
    let mut builder = Builder::new(&HINTED);
    builder.credential(&KEY, CANARY);
    builder.transport(bench.script.clone());
    builder.clock(bench.clock.clone());
    builder.seed(7);
    set(&mut builder);
    bench.core = builder.build().unwrap();
    bench
}

fn calls(bench: &Bench, operation: &'static Operation) -> f64 {
    let before = bench.seconds();
    bench.run(bench.call(operation)).unwrap();
    bench.seconds() - before
}

/// A good answer that asks for a pause gets it, in the buckets of its call and nowhere else.
#[test]
fn a_hint_on_a_good_answer_holds_the_buckets_of_the_call() {
    let bench = hinted(|_| {});
    bench.script.reply(ok().header("x-pause", "20000"));
    bench.script.respond_with(|_| ok());
    assert_eq!(calls(&bench, &MINUTE), 0.0);
    assert_eq!(calls(&bench, &OTHER), 0.0);
    assert_eq!(calls(&bench, &FREE), 0.0);
    let waited = calls(&bench, &MINUTE);
    assert!((20.0..=23.0).contains(&waited), "{waited}");
    assert_eq!(calls(&bench, &MINUTE), 0.0);
}

/// A call without buckets holds the client. The next source counts where the first is not there.
#[test]
fn without_buckets_the_client_is_held() {
    let bench = hinted(|_| {});
    bench
        .script
        .reply(ScriptReply::json(200, r#"{"pause": 7.5}"#));
    bench.script.respond_with(|_| ok());
    assert_eq!(calls(&bench, &FREE), 0.0);
    let waited = calls(&bench, &OTHER);
    assert!((7.5..=8.5).contains(&waited), "{waited}");
}

/// Answers that say no may ask too.
#[test]
fn an_error_may_hint() {
    let bench = hinted(|_| {});
    bench
        .script
        .reply(ScriptReply::empty(404).header("x-pause", "30000"));
    bench.script.respond_with(|_| ok());
    bench.run(bench.call(&MINUTE)).unwrap_err();
    assert!(calls(&bench, &MINUTE) >= 30.0);
}

/// Row B7: a pause beyond belief is an hour; whoever may not wait for so long fails at once.
#[test]
fn a_hint_beyond_belief_is_an_hour() {
    let bench = hinted(|_| {});
    bench
        .script
        .reply(ok().header("x-pause", "99999999999999999999"));
    bench.script.respond_with(|_| ok());
    bench.run(bench.call(&MINUTE)).unwrap();
    let error = bench.run(bench.call(&MINUTE)).unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    bench.clock.advance(Duration::from_secs(3_600));
    assert!(calls(&bench, &MINUTE) <= 5.0);
}

/// Row B6: a hint that makes no sense is ignored and counted; none is not even that.
#[test]
fn nonsense_is_ignored_and_counted() {
    let told = Arc::new(Mutex::new((0, Vec::new())));
    let into = Arc::clone(&told);
    let bench = hinted(|builder| {
        builder.events(move |event| match event {
            Event::HintIgnored { count, .. } => into.lock().unwrap().0 += count,
            Event::Paused { hold, .. } => into.lock().unwrap().1.push(hold.as_secs()),
            _ => {}
        });
    });
    for value in ["-1", "soon", "1e3", "0", "5, 10"] {
        bench.script.reply(ok().header("x-pause", value));
        assert_eq!(calls(&bench, &MINUTE), 0.0, "{value}");
    }
    bench.script.respond_with(|_| ok());
    assert_eq!(calls(&bench, &MINUTE), 0.0);
    assert_eq!(*told.lock().unwrap(), (4, vec![]));
    bench.script.reply(ok().header("x-pause", "9000"));
    assert_eq!(calls(&bench, &MINUTE), 0.0);
    assert_eq!(told.lock().unwrap().1.len(), 1);
}

static RULES: Concurrency = Concurrency {
    start: 8,
    min: 1,
    max: Some(8),
    slow_milli: None,
};
static HALVED: Refusal = Refusal {
    statuses: &[429],
    wait: &[Wait::Fixed(Duration::from_secs(180))],
    hold: Hold::Client,
    then: Some(Then {
        grow_after: Duration::from_secs(600),
    }),
    ..Refusal::NEW
};
static CAREFUL: Api = Api {
    name: "careful",
    base: "https://careful.example",
    credentials: &[&KEY],
    refusal: Some(&HALVED),
    concurrency: Some(&RULES),
    ..Api::NEW
};
static ENTITIES: Operation = Operation {
    api: &CAREFUL,
    limit: &[],
    ..READ
};

/// Row B15: after a refusal nothing is sent for as long as the description says; then half as many at once, and no more
/// of them for the time that growth is frozen.
#[test]
fn a_refusal_pauses_and_halves_the_concurrency() {
    let mut bench = Bench::new();
    let mut builder = Builder::new(&CAREFUL);
    builder.credential(&KEY, CANARY);
    builder.transport(bench.script.clone());
    builder.clock(bench.clock.clone());
    builder.seed(7);
    bench.core = builder.build().unwrap();
    let second = Duration::from_secs(1);
    let mut number = 0;
    bench.script.respond_with(move |_| {
        number += 1;
        match number {
            20 => ScriptReply::text(429, "").after(second),
            _ => ok().after(second),
        }
    });
    let all = bench.run(join_all((0..400).map(|_| bench.call(&ENTITIES))));
    assert!(all.iter().all(Result::is_ok));
    let starts: Vec<f64> = bench
        .script
        .requests()
        .iter()
        .map(|request| request.arrived.nanos() as f64 / 1e9)
        .collect();
    let at_once = |from: f64, to: f64| {
        let inside = starts.iter().filter(|at| (from..to).contains(*at));
        inside
            .map(|at| {
                starts
                    .iter()
                    .filter(|other| **other <= *at && **other > at - 1.0)
                    .count()
            })
            .max()
            .unwrap_or(0)
    };
    let refused = starts[19] + 1.0;
    assert_eq!(at_once(0.0, refused), 8);
    let resumed = starts.iter().find(|at| **at > refused).unwrap();
    assert!(*resumed >= refused + 180.0, "{resumed} after {refused}");
    assert!(at_once(refused + 1.0, refused + 600.0) <= 4);
    assert_eq!(bench.core.limits_snapshot().concurrency[0].in_flight, 0);
}
