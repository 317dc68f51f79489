//! What the application's hook is told, in which order, and that it cannot do harm.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use etiquette_runtime::codegen::{Builder, Effect, Operation, Request, Verb};
use etiquette_runtime::events::{Event, Outcome, Waiting};
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::{Kind, Phase};
use futures::future::join_all;
use futures::poll;

use crate::api::{Any, Bench, CANARY, GET, PLUGIN, READ, ok};

static PLAIN: Operation = Operation {
    retry: None,
    ..READ
};
static DELETE: Operation = Operation {
    verb: Verb::Delete,
    effect: Effect::Idempotent,
    reads_body: false,
    ..READ
};

/// All that a hook was told, one line each.
type Told = Arc<Mutex<Vec<String>>>;

fn line(event: &Event<'_>) -> String {
    let attempt = event.about().attempt;
    let what = match event {
        Event::RequestStarted { .. } => "started".to_owned(),
        Event::AttemptStarted { .. } => "attempt".to_owned(),
        Event::AttemptEnded {
            status,
            phase,
            error_type,
            duration,
            ..
        } => format!("ended {status:?} {phase:?} {error_type:?} after {duration:?}"),
        Event::WaitStarted { reason, .. } => format!("waits for {}", reason.as_str()),
        Event::WaitEnded {
            reason, duration, ..
        } => format!(
            "has waited for {} for {} s",
            reason.as_str(),
            duration.as_secs()
        ),
        Event::Retried { .. } => "again".to_owned(),
        Event::Refused { hold, .. } => format!("refused for {} s", hold.as_secs()),
        Event::BreakerOpened { .. } => "breaker open".to_owned(),
        Event::BreakerClosed { .. } => "breaker closed".to_owned(),
        Event::RequestEnded { outcome, .. } => match outcome {
            Outcome::Done { status, .. } => format!("done {status}"),
            Outcome::Failed { error, .. } => format!("failed {:?}", error.kind()),
            Outcome::Dropped => "dropped".to_owned(),
            other => format!("{other:?}"),
        },
        other => format!("{other:?}"),
    };
    format!("{attempt} {what}")
}

fn told(set: impl FnOnce(&mut Builder)) -> (Bench, Told) {
    let told = Told::default();
    let teller = Arc::clone(&told);
    let bench = Bench::with(|builder| {
        builder.events(move |event| teller.lock().unwrap().push(line(event)));
        set(builder);
    });
    (bench, told)
}

fn lines(told: &Told) -> Vec<String> {
    std::mem::take(&mut told.lock().unwrap())
}

#[test]
fn a_success_is_four_events() {
    let (bench, told) = told(|_| {});
    bench.script.reply(ok().after(Duration::from_millis(20)));
    bench.run(bench.call(&GET)).unwrap();
    assert_eq!(
        lines(&told),
        [
            "0 started",
            "1 attempt",
            "1 ended Some(200) None None after 20ms",
            "1 done 200"
        ]
    );
}

#[test]
fn a_failure_and_a_refusal_are_told_with_their_waits() {
    let (bench, told) = told(|_| {});
    bench
        .script
        .reply(ScriptReply::empty(503))
        .reply(ScriptReply::text(429, "").header("retry-after", "5"))
        .reply(ScriptReply::not_sent())
        .reply(ok());
    bench.run(bench.call(&GET)).unwrap();
    assert_eq!(
        lines(&told),
        [
            "0 started",
            "1 attempt",
            "1 ended Some(503) Some(Unknown) Some(\"503\") after 0ns",
            "1 again",
            "1 waits for backoff",
            "1 has waited for backoff for 0 s",
            "2 attempt",
            "2 ended Some(429) Some(NotProcessed) Some(\"429\") after 0ns",
            "2 refused for 5 s",
            "2 waits for gate",
            "2 has waited for gate for 5 s",
            "3 attempt",
            "3 ended None Some(NotSent) Some(\"connect\") after 0ns",
            "3 again",
            "3 waits for backoff",
            "3 has waited for backoff for 0 s",
            "4 attempt",
            "4 ended Some(200) None None after 0ns",
            "4 done 200"
        ]
    );
}

#[test]
fn waits_for_quota_are_told() {
    let (bench, told) = told(|builder| builder.setting("per_minute", 1_u64));
    bench.script.respond_with(|_| ok());
    bench.run(bench.call(&PLAIN)).unwrap();
    lines(&told);
    bench.run(bench.call(&PLAIN)).unwrap();
    assert_eq!(
        lines(&told)[..4],
        [
            "0 started",
            "0 waits for quota",
            "0 has waited for quota for 60 s",
            "1 attempt"
        ]
    );
}

#[test]
fn a_call_that_is_dropped_has_ended() {
    let (bench, told) = told(|_| {});
    bench.script.reply(ScriptReply::stalls());
    let mut call = Box::pin(bench.call(&PLAIN));
    bench.run(async { assert!(poll!(&mut call).is_pending()) });
    drop(call);
    assert_eq!(lines(&told), ["0 started", "1 attempt", "1 dropped"]);
}

#[test]
fn the_breaker_is_told() {
    let (bench, told) = told(|_| {});
    for _ in 0..10 {
        bench.script.reply(ScriptReply::reset());
        bench.run(bench.call(&PLAIN)).unwrap_err();
    }
    let seen = lines(&told);
    assert_eq!(
        seen.iter().filter(|line| line.contains("breaker")).count(),
        1
    );
    assert_eq!(seen[seen.len() - 3], "1 breaker open");
    bench.run(bench.call(&PLAIN)).unwrap_err();
    assert_eq!(lines(&told), ["0 started", "0 failed CircuitOpen"]);
    bench.clock.advance(Duration::from_secs(6));
    bench.script.reply(ok());
    bench.run(bench.call(&PLAIN)).unwrap();
    let seen = lines(&told);
    assert_eq!(
        seen[2..],
        [
            "1 breaker closed",
            "1 ended Some(200) None None after 0ns",
            "1 done 200"
        ]
    );
}

/// Rows K5 and F15: events name the route by its template. What callers and servers say is in none of them, so nothing
/// of it can end a line of a log.
#[test]
fn events_name_the_route_and_nothing_else() {
    let all = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&all);
    let bench = Bench::with(|builder| {
        builder.param(&PLUGIN, &CANARY);
        builder.events(move |event| {
            let mut all = into.lock().unwrap();
            all.push_str(&format!("{event:?}\n"));
            assert_eq!(event.about().template, "/orders/{id}");
            assert_eq!(
                (event.about().host, event.about().port),
                ("shop.example", 443)
            );
        });
    });
    let hostile = format!("{CANARY}\r\n200 OK\u{1b}[31m");
    bench
        .script
        .reply(ScriptReply::text(503, hostile.clone()).header("x-h", CANARY))
        .reply(ScriptReply::text(404, hostile.clone()).header("x-request-id", CANARY))
        .reply(ScriptReply::json(200, format!("{hostile:?}")));
    for key in ["key-4711", "key-\r\n-4711"] {
        let mut call = Request::new(&bench.core, &GET)
            .key(&key)
            .call::<Any>()
            .with_header("x-mine", CANARY);
        call.request_mut().query("secret", &CANARY);
        let _ = bench.run(call);
    }
    let all = all.lock().unwrap().clone();
    for hidden in ["4711", "canary", "secret", "https", "\r", "\u{1b}"] {
        assert!(!all.contains(hidden), "{hidden:?} is in {all}");
    }
    let events = all.lines().count();
    assert!(
        events >= 10 && all.lines().all(|line| line.contains("about: About")),
        "{all}"
    );
}

/// Row A22: a hook that panics each time leaves everything as it is without one.
#[test]
fn a_panic_of_the_hook_changes_nothing() {
    let story = |set: fn(&mut Builder)| {
        let bench = Bench::with(|builder| {
            builder.setting("per_minute", 15_u64);
            set(builder);
        });
        let mut number = 0;
        bench.script.respond_with(move |_| {
            number += 1;
            match number {
                3 | 8 => ScriptReply::text(429, "").header("retry-after", "4"),
                5 | 6 => ScriptReply::empty(503),
                25..=40 => ScriptReply::reset(),
                _ => ok().after(Duration::from_millis(100)),
            }
        });
        let results =
            bench.run(join_all((0..60).map(|number| {
                bench.call(if number % 3 == 0 { &DELETE } else { &GET })
            })));
        let results: Vec<_> = results
            .into_iter()
            .map(|result| result.map_err(|error| (error.kind(), error.phase(), error.attempts())))
            .collect();
        let requests = bench.script.requests();
        let arrived: Vec<_> = requests.iter().map(|request| request.arrived).collect();
        bench.clock.advance(Duration::from_secs(400));
        let snapshot = bench.core.limits_snapshot();
        assert_eq!((snapshot.queued, snapshot.held), (0, None));
        assert!(snapshot.buckets.iter().all(|bucket| bucket.in_flight == 0));
        bench.script.respond_with(|_| ok());
        bench.run(bench.call(&GET)).unwrap();
        (results, arrived)
    };
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let loud = story(|builder| builder.events(|_| panic!("a hook of the application")));
    std::panic::set_hook(quiet);
    assert_eq!(story(|_| {}), loud);
    assert!(loud.0.iter().any(Result::is_err) && loud.0.iter().any(Result::is_ok));
}

/// A hook may ask the client about its limits, since no lock is held while it is told.
#[test]
fn a_hook_may_use_the_client() {
    let client = Arc::new(Mutex::new(None::<etiquette_runtime::codegen::Core>));
    let seen = Arc::new(Mutex::new(0_usize));
    let (asked, count) = (Arc::clone(&client), Arc::clone(&seen));
    let bench = Bench::with(|builder| {
        builder.setting("per_minute", 2_u64);
        builder.events(move |event| {
            let client = asked.lock().unwrap().clone();
            let queued = client.map_or(0, |client| client.limits_snapshot().queued);
            if matches!(
                event,
                Event::WaitStarted {
                    reason: Waiting::Quota,
                    ..
                }
            ) {
                *count.lock().unwrap() += queued;
            }
        });
    });
    *client.lock().unwrap() = Some(bench.core.clone());
    bench.script.respond_with(|_| ok());
    let results = bench.run(join_all((0..4).map(|_| bench.call(&GET))));
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(*seen.lock().unwrap(), 3, "one waits, then two");
    *client.lock().unwrap() = None;
}

/// The error that a call gives is the one that the hook was told.
#[test]
fn the_error_itself_is_told() {
    let phases = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&phases);
    let bench = Bench::with(|builder| {
        builder.events(move |event| {
            if let Event::RequestEnded {
                outcome: Outcome::Failed { error, .. },
                waited,
                ..
            } = event
            {
                let told = (error.kind(), error.phase(), *waited == error.waited());
                into.lock().unwrap().push(told);
            }
        });
    });
    bench.script.reply(ScriptReply::empty(409));
    bench.run(bench.call(&PLAIN)).unwrap_err();
    assert_eq!(*phases.lock().unwrap(), [(Kind::Api, Phase::Final, true)]);
}
