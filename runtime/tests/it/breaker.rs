//! The breaker as calls see it: when it opens, what fails meanwhile and what that costs, and how it closes.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use etiquette_runtime::clock::{BoxFuture, Clock, InFlight, Moment};
use etiquette_runtime::codegen::{Bucket, Builder, Charge, Operation, Window};
use etiquette_runtime::testing::{Script, ScriptReply, VirtualClock};
use etiquette_runtime::{Error, Kind, Phase};
use futures::future::{join, join_all};
use futures::poll;

use crate::api::{Bench, CREATE, GET, READ, ok};

static PLAIN: Operation = Operation {
    retry: None,
    ..READ
};
static TEN: Bucket = Bucket {
    name: "ten",
    scope: &[],
    window: Some(Window {
        max: 10,
        max_config: None,
        per: Duration::from_secs(1),
        per_config: None,
    }),
    learn: None,
};
static TIGHT: Operation = Operation {
    limit: &[Charge {
        bucket: &TEN,
        cost: 1,
    }],
    ..PLAIN
};

/// A bench and the number of attempts, those counted too that never arrive.
fn counting(
    set: impl FnOnce(&mut Builder),
    reply: fn() -> ScriptReply,
) -> (Bench, Arc<AtomicUsize>) {
    let bench = Bench::with(set);
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    bench.script.respond_with(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        reply()
    });
    (bench, count)
}

fn error(bench: &Bench, operation: &'static Operation) -> Error {
    bench.run(bench.call(operation)).unwrap_err()
}

/// Opens the breaker of a bench and checks that.
fn open(bench: &Bench) {
    for _ in 0..10 {
        bench.script.reply(ScriptReply::reset());
        assert_eq!(error(bench, &PLAIN).kind(), Kind::Truncated);
    }
    assert_eq!(error(bench, &PLAIN).kind(), Kind::CircuitOpen);
}

/// The pause before the probe, from what an error says.
fn pause(bench: &Bench, error: &Error) -> Duration {
    let at = error.retry_at().unwrap();
    at.duration_since(bench.clock.now_system()).unwrap()
}

#[test]
fn an_outage_opens_it_and_calls_fail_at_once() {
    let (bench, count) = counting(|_| {}, ScriptReply::reset);
    for _ in 0..10 {
        assert_eq!(error(&bench, &PLAIN).kind(), Kind::Truncated);
    }
    let before = bench.core.limits_snapshot();
    let found = error(&bench, &PLAIN);
    assert_eq!(
        (
            found.kind(),
            found.phase(),
            found.attempts(),
            found.status()
        ),
        (Kind::CircuitOpen, Phase::NotSent, 0, None)
    );
    assert!(found.is_retryable() && !found.may_have_happened());
    let pause = pause(&bench, &found);
    assert!((2_500..=5_000).contains(&pause.as_millis()), "{pause:?}");
    assert_eq!(bench.core.limits_snapshot(), before, "no quota is used up");
    assert_eq!((count.load(Ordering::Relaxed), bench.seconds()), (10, 0.0));
}

/// It belongs to the origin: clones of a client share it, another client has its own.
#[test]
fn clones_share_it() {
    let bench = Bench::new();
    open(&bench);
    let clone = Bench {
        core: bench.core.clone(),
        clock: bench.clock.clone(),
        script: bench.script.clone(),
    };
    assert_eq!(error(&clone, &PLAIN).kind(), Kind::CircuitOpen);
    let other = Bench::new();
    other.script.reply(ok());
    other.run(other.call(&PLAIN)).unwrap();
}

#[test]
fn one_probe_goes_ahead_and_a_success_closes_it() {
    let bench = Bench::new();
    open(&bench);
    bench.clock.advance(Duration::from_secs(6));
    bench
        .script
        .respond_with(|_| ok().after(Duration::from_secs(1)));
    let results = bench.run(join_all((0..5).map(|_| bench.call(&PLAIN))));
    assert!(results[0].is_ok());
    for result in &results[1..] {
        assert_eq!(result.as_ref().unwrap_err().kind(), Kind::CircuitOpen);
    }
    assert_eq!(bench.script.count(), 11);
    let results = bench.run(join_all((0..5).map(|_| bench.call(&PLAIN))));
    assert!(results.iter().all(Result::is_ok));
}

#[test]
fn a_failed_probe_doubles_the_pause_and_a_success_begins_anew() {
    let bench = Bench::new();
    open(&bench);
    let mut longest = 5.0_f64;
    for _ in 0..9 {
        let wait = pause(&bench, &error(&bench, &PLAIN));
        let wait = wait.as_secs_f64();
        assert!(
            wait >= longest / 2.0 && wait <= longest,
            "{wait} of {longest}"
        );
        bench.clock.advance(Duration::from_secs_f64(wait));
        bench.script.reply(ScriptReply::reset());
        assert_eq!(error(&bench, &PLAIN).kind(), Kind::Truncated);
        longest = (2.0 * longest).min(300.0);
    }
    bench.clock.advance(Duration::from_secs(300));
    bench.script.reply(ok());
    bench.run(bench.call(&PLAIN)).unwrap();
    open(&bench);
    let wait = pause(&bench, &error(&bench, &PLAIN));
    assert!(wait <= Duration::from_secs(5), "{wait:?}");
}

/// Those who stood in line when it opened fail when their turn comes, and what they had got is free again.
#[test]
fn calls_in_line_fail_when_their_turn_comes() {
    let (bench, count) = counting(
        |_| {},
        || ScriptReply::empty(503).after(Duration::from_secs(1)),
    );
    let results = bench.run(join_all((0..15).map(|_| bench.call(&TIGHT))));
    let kinds: Vec<_> = results
        .into_iter()
        .map(|result| result.unwrap_err().kind())
        .collect();
    assert_eq!(kinds[..10], [Kind::Api; 10]);
    assert_eq!(kinds[10..], [Kind::CircuitOpen; 5]);
    assert_eq!(count.load(Ordering::Relaxed), 10);
    let snapshot = bench.core.limits_snapshot();
    assert_eq!((snapshot.buckets[0].in_flight, snapshot.queued), (0, 0));
}

/// A call that would have been sent again gives the error of its last attempt, and when it makes sense to come again.
#[test]
fn a_call_between_two_attempts_gives_its_last_error() {
    let (bench, count) = counting(|_| {}, ScriptReply::not_sent);
    let results = bench.run(join_all((0..5).map(|_| bench.call(&CREATE))));
    let errors: Vec<_> = results.into_iter().map(Result::unwrap_err).collect();
    for error in &errors {
        assert_eq!(
            (error.kind(), error.phase()),
            (Kind::Connect, Phase::NotSent)
        );
        assert!(error.retry_at().is_some() && error.attempts() < 4);
    }
    assert_eq!(errors.iter().map(Error::attempts).sum::<u32>(), 10);
    assert_eq!(count.load(Ordering::Relaxed), 10);
}

/// Refusals, answers that say no, and credentials that are not accepted are signs of life.
#[test]
fn whoever_answers_is_there() {
    for status in [400, 401, 404, 408, 409, 429, 501] {
        let bench = Bench::new();
        bench
            .script
            .respond_with(move |_| ScriptReply::text(status, "").header("retry-after", "1"));
        for _ in 0..30 {
            let call = bench.call(&PLAIN).with_max_wait(Duration::ZERO);
            assert_ne!(bench.run(call).unwrap_err().kind(), Kind::CircuitOpen);
            bench.clock.advance(Duration::from_millis(2_100));
        }
        assert_eq!(bench.script.count(), 30, "{status}");
    }
    let bench = Bench::new();
    for _ in 0..10 {
        bench.script.reply(ScriptReply::empty(503));
        assert_eq!(error(&bench, &PLAIN).kind(), Kind::Api);
    }
    assert_eq!(error(&bench, &PLAIN).kind(), Kind::CircuitOpen);
}

/// Row A15: in a total outage hardly any attempt is made; switched off, the retry budget alone bounds them.
#[test]
fn an_outage_of_ten_thousand_calls() {
    let attempts = |set: fn(&mut Builder)| {
        let (bench, count) = counting(set, ScriptReply::not_sent);
        for _ in 0..10_000 {
            error(&bench, &GET);
        }
        count.load(Ordering::Relaxed)
    };
    let with = attempts(|_| {});
    assert!(with <= 50, "{with}");
    assert_eq!(attempts(Builder::without_breaker), 10_020);
}

/// Row A21: a probe that its caller drops is free for the next call.
#[test]
fn a_dropped_probe_is_released() {
    let bench = Bench::new();
    open(&bench);
    bench.clock.advance(Duration::from_secs(6));
    bench.script.reply(ScriptReply::stalls());
    bench.script.respond_with(|_| ok());
    bench.run(async {
        let mut probe = Box::pin(bench.call(&PLAIN));
        assert!(poll!(&mut probe).is_pending());
        let error = bench.call(&PLAIN).await.unwrap_err();
        assert_eq!(error.kind(), Kind::CircuitOpen);
        drop(probe);
        bench.call(&PLAIN).await.unwrap();
    });
}

/// A clock whose wall jumps by ten years with each look.
#[derive(Clone)]
struct Jumping {
    steady: VirtualClock,
    looks: Arc<AtomicUsize>,
    jumps: bool,
}

impl Clock for Jumping {
    fn now(&self) -> Moment {
        self.steady.now()
    }

    fn wall(&self) -> std::time::SystemTime {
        const DECADE: Duration = Duration::from_secs(10 * 365 * 86_400);
        let steady = self.steady.wall();
        match self.looks.fetch_add(1, Ordering::Relaxed) % 3 {
            1 if self.jumps => steady + DECADE,
            2 if self.jumps => steady - DECADE,
            _ => steady,
        }
    }

    fn sleep(&self, until: Moment) -> BoxFuture<'static, ()> {
        self.steady.sleep(until)
    }

    fn timer(&self, until: Moment) -> BoxFuture<'static, ()> {
        self.steady.timer(until)
    }

    fn attempt(&self) -> InFlight {
        self.steady.attempt()
    }
}

/// Row A26: a wall clock that jumps changes nothing: not the quota, nor gates, backoffs, timeouts or the breaker.
#[test]
fn jumps_of_the_wall_clock_change_nothing() {
    let story = |jumps: bool| {
        let steady = VirtualClock::new();
        let clock = Jumping {
            steady: steady.clone(),
            looks: Arc::default(),
            jumps,
        };
        let script = Script::new(steady.clone());
        let bench = Bench::with(|builder| {
            builder.clock(clock);
            builder.transport(script.clone());
            builder.setting("per_minute", 20_u64);
        });
        let mut number = 0;
        script.respond_with(move |_| {
            number += 1;
            match number % 7 {
                1 => ScriptReply::text(429, "").header("retry-after", "7"),
                2 => ScriptReply::text(503, "")
                    .header("retry-after", "Sun, 15 Jan 2023 10:00:30 GMT"),
                3 => ScriptReply::stalls(),
                _ if number > 60 => ScriptReply::reset(),
                _ => ok(),
            }
        });
        let results = steady.run(join_all((0..70).map(|_| bench.call(&GET))));
        let kinds: Vec<_> = results
            .into_iter()
            .map(|result| result.map_err(|error| error.kind()))
            .collect();
        let arrived: Vec<_> = script
            .requests()
            .iter()
            .map(|request| request.arrived)
            .collect();
        (kinds, arrived)
    };
    let (steady, jumping) = (story(false), story(true));
    assert!(steady.1.len() > 70);
    assert_eq!(steady, jumping);
}

/// The caller's deadline and the attempt's timeout are two things, and the shorter one counts (rows A20 and D1).
#[test]
fn a_deadline_stops_all_waiting_at_once() {
    let bench = Bench::new();
    bench.script.respond_with(|_| ScriptReply::stalls());
    let (one, two) = bench.run(join(
        pin!(bench.call(&PLAIN).with_deadline(Duration::from_secs(3))),
        pin!(bench.call(&PLAIN)),
    ));
    assert_eq!(one.unwrap_err().kind(), Kind::Deadline);
    assert_eq!(two.unwrap_err().kind(), Kind::Timeout);
    assert_eq!(bench.seconds(), 30.0);
}
