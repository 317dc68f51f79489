//! Waits for quota and after refusals, as a call sees them.

use std::time::{Duration, SystemTime};

use etiquette_runtime::codegen::{Limits, Operation, Retry};
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::{Kind, Phase};
use futures::future::join_all;

use crate::api::{Bench, CREATE, GET, RETRY, ok};

#[test]
fn a_bucket_spreads_calls_over_its_windows() {
    let bench = Bench::with(|builder| builder.setting("per_minute", 3_u64));
    bench.script.respond_with(|_| ok());
    bench
        .run(join_all((0..7).map(|_| bench.call(&GET))))
        .into_iter()
        .for_each(|reply| reply.unwrap());
    let times: Vec<_> = bench
        .script
        .requests()
        .iter()
        .map(|request| request.arrived.nanos() / 1_000_000_000)
        .collect();
    assert_eq!(times, [0, 0, 0, 60, 60, 60, 120]);
    let snapshot = bench.core.limits_snapshot();
    assert_eq!(
        (snapshot.buckets[0].name.as_str(), snapshot.buckets[0].limit),
        ("shop.minute", Some(3))
    );
}

/// Two clients share a quota when they are given the same handle, and only then.
#[test]
fn limits_are_shared_by_handle() {
    let limits = Limits::new();
    let one = Bench::with(|builder| {
        builder.setting("per_minute", 1_u64);
        builder.limits(limits.clone());
    });
    one.script.respond_with(|_| ok());
    one.run(one.call(&GET)).unwrap();
    assert_eq!(one.seconds(), 0.0);
    one.run(one.call(&GET)).unwrap();
    assert!(one.seconds() >= 60.0);
}

/// The longest wait: the call fails at once and says when to come back; the gate stays shut for others.
#[test]
fn a_refusal_beyond_the_longest_wait_fails_at_once() {
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::text(429, "usage violation").header("retry-after", "3600"));
    let error = bench.run(bench.call(&CREATE)).unwrap_err();
    assert_eq!(
        (error.kind(), error.phase(), error.status()),
        (Kind::Refused, Phase::NotProcessed, Some(429))
    );
    assert!(!error.may_have_happened());
    let at = error
        .retry_at()
        .unwrap()
        .duration_since(bench.clock.now_system())
        .unwrap();
    assert!(
        (Duration::from_secs(3600)..Duration::from_secs(3607)).contains(&at),
        "{at:?}"
    );
    let error = bench.run(bench.call(&GET)).unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), bench.script.count()),
        (Kind::Refused, None, 1)
    );
    assert!(error.retry_at() > Some(SystemTime::UNIX_EPOCH));
    assert_eq!(bench.seconds(), 0.0);
}

#[test]
fn the_caller_can_bound_the_waits() {
    let bench = Bench::new();
    bench
        .script
        .respond_with(|_| ScriptReply::text(429, "").header("retry-after", "40"));
    let error = bench
        .run(bench.call(&GET).with_max_wait(Duration::from_secs(100)))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert_eq!((bench.script.count(), error.attempts()), (3, 3));
    assert!(
        (80.0..95.0).contains(&bench.seconds()),
        "{}",
        bench.seconds()
    );
}

/// Ten refusals are the most that one call sits through, however short.
#[test]
fn refusals_of_one_call_are_counted() {
    let bench = Bench::new();
    bench
        .script
        .respond_with(|_| ScriptReply::text(429, "").header("retry-after", "1"));
    let error = bench.run(bench.call(&GET)).unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Refused, 11));
}

/// A wait for quota beyond the deadline is not begun.
#[test]
fn a_deadline_before_the_quota_ends_the_call_at_once() {
    let bench = Bench::with(|builder| builder.setting("per_minute", 1_u64));
    bench.script.respond_with(|_| ok());
    bench.run(bench.call(&GET)).unwrap();
    let error = bench
        .run(bench.call(&GET).with_deadline(Duration::from_secs(30)))
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), bench.seconds()),
        (Kind::Deadline, 0, 0.0)
    );
}

/// Row B19: a call that was refused is as old as it was. A full queue turns new calls away, never one that waits for
/// its next attempt.
#[test]
fn a_refused_call_keeps_its_place_in_a_full_queue() {
    let bench = Bench::with(|builder| builder.setting("per_minute", 1_u64));
    bench.script.reply(
        ScriptReply::text(429, "slow down")
            .header("retry-after", "5")
            .after(Duration::from_secs(1)),
    );
    bench.script.respond_with(|_| ok());
    let results =
        bench.run(join_all((0..1_100).map(|_| {
            bench.call(&CREATE).with_deadline(Duration::from_secs(600))
        })));
    assert!(results[0].is_ok(), "{:?}", results[0].as_ref().err());
    // The others have filled the queue while the first was on its way.
    let turned_away = results.iter().filter_map(|result| result.as_ref().err());
    assert_eq!(
        turned_away
            .filter(|error| error.kind() == Kind::QueueFull)
            .count(),
        1_100 - 1 - 1_024
    );
}

/// Rows A3, A5: when the time for attempts is used up, a refused write is not handed over once more only to be given up
/// at once: it would be in doubt then, and it is not.
#[test]
fn nothing_is_sent_without_time_for_its_answer() {
    static HASTY: Retry = Retry {
        max_elapsed: Some(Duration::from_secs(10)),
        ..RETRY
    };
    static CREATE_HASTILY: Operation = Operation {
        retry: Some(&HASTY),
        ..CREATE
    };
    let bench = Bench::new();
    let slow = ScriptReply::text(429, "slow down").header("retry-after", "1");
    bench.script.reply(slow.stalls_at(4)).reply(ok());
    let error = bench.run(bench.call(&CREATE_HASTILY)).unwrap_err();
    assert_eq!(
        (error.kind(), error.phase()),
        (Kind::Refused, Phase::NotProcessed)
    );
    assert!(!error.may_have_happened());
    assert_eq!(bench.script.count(), 1);
}

/// Row A25: hedging is not built, so it is off: a read that takes long is sent once.
#[test]
fn a_slow_read_is_sent_once() {
    let bench = Bench::new();
    bench
        .script
        .reply(ok().after(Duration::from_secs(29)))
        .reply(ok());
    let reply = bench.run(bench.call(&GET).send_raw()).unwrap();
    assert_eq!((reply.attempts, bench.script.count()), (1, 1));
}
