//! How many requests are on their way at once, where an API says so.

use std::time::Duration;

use etiquette_runtime::codegen::*;
use etiquette_runtime::events::{Event, Waiting};
use etiquette_runtime::testing::ScriptReply;
use futures::future::join_all;
use futures::poll;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::api::{Bench, CANARY, KEY, READ, REFUSAL, RETRY, ok};

static RULES: Concurrency = Concurrency {
    start: 4,
    min: 1,
    max: Some(4),
    slow_milli: Some(2_000),
};
static FEW: Api = Api {
    name: "few",
    base: "https://few.example",
    credentials: &[&KEY],
    refusal: Some(&REFUSAL),
    concurrency: Some(&RULES),
    ..Api::NEW
};
static LIST: Operation = Operation {
    api: &FEW,
    name: "entities.list",
    limit: &[],
    retry: Some(&RETRY),
    ..READ
};

fn few(set: impl FnOnce(&mut Builder)) -> Bench {
    let mut bench = Bench::new();
    let mut builder = Builder::new(&FEW);
    builder.credential(&KEY, CANARY);
    builder.transport(bench.script.clone());
    builder.clock(bench.clock.clone());
    builder.seed(7);
    set(&mut builder);
    bench.core = builder.build().unwrap();
    bench
}

fn limit(bench: &Bench) -> (u32, u32) {
    let snapshot = bench.core.limits_snapshot();
    (
        snapshot.concurrency[0].limit,
        snapshot.concurrency[0].in_flight,
    )
}

#[test]
fn never_more_at_once_than_the_limit() {
    let waits = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&waits);
    let bench = few(|builder| {
        builder.events(move |event| {
            if matches!(
                event,
                Event::WaitStarted {
                    reason: Waiting::Concurrency,
                    ..
                }
            ) {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
    });
    bench
        .script
        .respond_with(|_| ok().after(Duration::from_secs(1)));
    let all = bench.run(join_all((0..20).map(|_| bench.call(&LIST))));
    assert!(all.iter().all(Result::is_ok));
    let starts: Vec<_> = bench
        .script
        .requests()
        .iter()
        .map(|request| request.arrived.nanos() / 1_000_000_000)
        .collect();
    let wanted: Vec<_> = (0..20).map(|number| number / 4).collect();
    assert_eq!(starts, wanted);
    assert_eq!((limit(&bench), waits.load(Ordering::Relaxed)), ((4, 0), 16));
}

/// Row B16: answers five times as slow take the limit down within ten of them, and it never grows meanwhile.
#[test]
fn slow_answers_take_it_down() {
    let bench = few(|_| {});
    bench
        .script
        .respond_with(|_| ok().after(Duration::from_millis(100)));
    // The smallest latency is known once it was measured alone.
    for _ in 0..5 {
        bench.run(bench.call(&LIST)).unwrap();
    }
    bench.run(join_all((0..40).map(|_| bench.call(&LIST))));
    let (before, _) = limit(&bench);
    bench
        .script
        .respond_with(|_| ok().after(Duration::from_millis(500)));
    let mut last = before;
    for number in 1..=10 {
        bench.run(join_all((0..4).map(|_| bench.call(&LIST))));
        let (now, _) = limit(&bench);
        assert!(now <= last, "{now} after {last}");
        last = now;
        assert!(
            number < 3 || last < before,
            "still {last} after {} answers",
            4 * number
        );
    }
    assert!(last >= 1);
}

/// A call in its backoff or behind a gate holds no permit.
#[test]
fn who_waits_holds_no_permit() {
    let bench = few(|_| {});
    bench
        .script
        .reply(ScriptReply::empty(503).header("retry-after", "60"));
    bench.script.respond_with(|_| ok());
    bench.run(async {
        let mut call = Box::pin(bench.call(&LIST));
        assert!(poll!(&mut call).is_pending());
        assert_eq!(limit(&bench).1, 0);
        call.await.unwrap();
    });
    assert!(bench.seconds() >= 60.0);
}

/// Row A21: each way to lose a call gives its permit back.
#[test]
fn permits_come_back_whatever_happens() {
    let bench = few(|_| {});
    let fates: [fn() -> ScriptReply; 6] = [
        ok,
        ScriptReply::not_sent,
        ScriptReply::reset,
        ScriptReply::stalls,
        || ok().truncated_at(2),
        || ok().stalls_at(2),
    ];
    for fate in fates {
        bench.script.respond_with(move |_| fate());
        let calls = (0..6).map(|_| {
            bench
                .call(&LIST)
                .with_attempts(1)
                .with_timeout(Duration::from_secs(2))
        });
        bench.run(join_all(calls));
        assert_eq!(limit(&bench).1, 0);
        let mut call = Box::pin(bench.call(&LIST));
        let _ = bench.run(async { poll!(&mut call) });
        drop(call);
        assert_eq!(limit(&bench).1, 0);
        bench.clock.advance(Duration::from_secs(600));
    }
    bench.script.respond_with(|_| ok());
    bench.run(bench.call(&LIST)).unwrap();
}
