//! Reads that fail and are sent again, within attempts, time and what the server asks for; and the
//! options with which a caller bounds one call.

use std::time::Duration;

use etiquette_apis::Kind;
use etiquette_standins::{Answer, Fault as Play};
use runtime::testing::ScriptReply;

use crate::flow::world::{Scripted, live_users, scripted_hive, scripted_users, user};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ok() -> ScriptReply {
    ScriptReply::json(200, user(1))
}

/// Rows A2, A14: a read is sent again whatever became of it, as long as no whole answer came.
#[tokio::test]
async fn a_read_is_sent_again() {
    for fault in [
        Play::status(503),
        Play::status(500),
        Play::ResetBefore,
        Play::ResetAfter,
        Play::CloseBefore,
        Play::CloseAfter,
        Play::Truncate { keep: 20 },
    ] {
        let live = live_users().await;
        let name = format!("{fault:?}");
        live.server.next(fault.clone());
        live.server.next(fault);
        let user = live.api.users().get("user_123").await.unwrap();
        assert_eq!(user.name, "Alice Smith");
        assert_eq!(live.server.arrivals().len(), 3, "{name}");
    }
}

/// Row A14: what came whole and does not fit will not fit the second time.
#[tokio::test]
async fn a_malformed_answer_is_not_asked_for_again() {
    for fault in [Play::Malformed, Play::Html, Play::set("/name", 7.into())] {
        let live = live_users().await;
        live.server.next(fault);
        let error = live.api.users().get("user_123").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (Kind::Decode, Some(200)));
        assert!(!error.may_have_happened(), "it is a read");
        assert_eq!(live.server.arrivals().len(), 1);
    }
}

/// The description's four attempts, and those that the caller asks for.
#[test]
fn attempts_are_counted() {
    let world = scripted_users();
    world.script.respond_with(|_| ScriptReply::empty(503));
    let call = world.api.users().get("user_1");
    let error = world.run(call.clone()).unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Api, Some(503)));
    assert_eq!((error.attempts(), world.script.count()), (4, 4));
    assert!(error.is_retryable());
    for (asked, made) in [(1, 1), (2, 2), (0, 1)] {
        let before = world.script.count();
        world.run(call.clone().with_attempts(asked)).unwrap_err();
        assert_eq!(world.script.count() - before, made);
    }
}

/// Row A18: any number of attempts ends, without a panic and within the policy's two minutes.
#[test]
fn any_number_of_attempts_ends() {
    for reply in [ScriptReply::not_sent(), ScriptReply::empty(503)] {
        let world = scripted_users();
        world.script.respond_with(move |_| reply.clone());
        let call = world.api.users().get("user_1").with_attempts(u32::MAX);
        let error = world.run(call).unwrap_err();
        assert!(error.attempts() < 200, "{}", error.attempts());
        assert!(world.now() < seconds(120), "{:?}", world.now());
    }
}

/// Row A19: delays lie between nothing and the backoff's ceiling, 200 ms doubled each time.
#[test]
fn delays_stay_below_their_ceiling() {
    for seed in 0..50 {
        let clock = runtime::testing::VirtualClock::new();
        let script = runtime::testing::Script::new(clock.clone());
        let builder = etiquette_apis::users::Client::builder()
            .key("key")
            .with_seed(seed);
        let api = builder
            .with_transport(script.clone())
            .with_clock(clock.clone())
            .build()
            .unwrap();
        script.respond_with(|_| ScriptReply::empty(502));
        clock.run(api.users().get("user_1")).unwrap_err();
        let arrived: Vec<_> = script
            .requests()
            .iter()
            .map(|request| request.arrived)
            .collect();
        let ceilings = [200, 400, 800].map(Duration::from_millis);
        for (pair, ceiling) in arrived.windows(2).zip(ceilings) {
            assert!(pair[1].since(pair[0]) <= ceiling, "seed {seed}");
        }
    }
}

/// Row A19: never shorter than the server asks.
#[test]
fn a_retry_waits_as_long_as_the_server_asks() {
    let world = scripted_users();
    world.reply([ScriptReply::empty(503).header("retry-after", "7"), ok()]);
    world.run(world.api.users().get("user_1")).unwrap();
    assert!(world.arrivals()[1] >= seconds(7), "{:?}", world.arrivals());
    assert!(world.arrivals()[1] <= seconds(8), "{:?}", world.arrivals());
}

/// Row A20: a deadline shorter than the next delay ends the call now, with the error it has.
#[test]
fn a_deadline_does_not_wait_for_nothing() {
    let world = scripted_users();
    world.reply([ScriptReply::empty(503).header("retry-after", "7")]);
    let call = world.api.users().get("user_1").with_deadline(seconds(5));
    let error = world.run(call).unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Api, Some(503)));
    assert_eq!((world.now(), world.script.count()), (Duration::ZERO, 1));
}

/// Row A20: a refusal that lasts longer than the deadline.
#[test]
fn a_deadline_does_not_wait_for_a_gate() {
    let world = scripted_users();
    world.reply([ScriptReply::empty(429).header("retry-after", "30")]);
    let call = world.api.users().get("user_1").with_deadline(seconds(5));
    let error = world.run(call).unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Refused, Some(429)));
    assert!(error.retry_at().is_some());
    assert_eq!((world.now(), world.script.count()), (Duration::ZERO, 1));
}

#[test]
fn a_deadline_bounds_attempts_on_the_wire() {
    let world = scripted_users();
    world.reply([ScriptReply::stalls()]);
    let call = world.api.users().get("user_1").with_deadline(seconds(5));
    let error = world.run(call).unwrap_err();
    assert!(
        matches!(error.kind(), Kind::Deadline | Kind::Timeout),
        "{error:?}"
    );
    assert_eq!((world.now(), world.script.count()), (seconds(5), 1));
}

/// Row A20: a deadline that ends before there is quota ends the call at once.
#[test]
fn a_deadline_does_not_wait_for_quota() {
    let world = scripted_hive();
    world.script.respond_with(|_| ScriptReply::empty(404));
    let get = |id: i64| world.api.orders().get(id);
    world.run(futures::future::join_all((0..100).map(get)));
    assert_eq!(world.script.count(), 100);
    let before = world.now();
    let error = world.run(get(1).with_deadline(seconds(59))).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Deadline, 0));
    assert!(!error.may_have_happened());
    assert_eq!((world.now(), world.script.count()), (before, 100));
    world.run(get(1).with_deadline(seconds(70))).unwrap_err();
    assert_eq!(world.script.count(), 101);
}

/// The timeout is that of one attempt; the retries have their own.
#[test]
fn a_timeout_bounds_each_attempt() {
    let world = scripted_users();
    world.reply([ScriptReply::stalls(), ok().stalls_at(10), ok()]);
    let call = world.api.users().get("user_1").with_timeout(seconds(2));
    world.run(call).unwrap();
    let arrivals = world.arrivals();
    assert_eq!(arrivals.len(), 3);
    assert!(arrivals[1] >= seconds(2) && arrivals[1] <= Duration::from_millis(2_200));
    assert!(arrivals[2] >= seconds(4) && arrivals[2] <= Duration::from_millis(4_600));
}

/// A wait that the server asks for and the caller does not grant fails at once; the gate stays shut.
#[test]
fn a_longest_wait_is_kept() {
    let world = scripted_users();
    world.reply([ScriptReply::empty(429).header("retry-after", "90"), ok()]);
    let call = || world.api.users().get("user_1");
    let impatient = || call().with_max_wait(seconds(60));
    let error = world.run(impatient()).unwrap_err();
    assert_eq!((error.kind(), world.now()), (Kind::Refused, Duration::ZERO));
    let error = world.run(impatient()).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Refused, 0));
    assert!(error.retry_at().is_some());
    assert_eq!((world.now(), world.script.count()), (Duration::ZERO, 1));
    world.run(call()).unwrap();
    assert!(world.arrivals()[1] >= seconds(90));
}

/// A caller who goes away leaves nothing behind that would hold others up.
#[test]
fn a_dropped_call_frees_its_place() {
    let world: Scripted<_> = scripted_users();
    world.reply([ScriptReply::stalls(), ok()]);
    world.run(async {
        let users = world.api.users();
        let mut first = std::pin::pin!(users.get("user_1"));
        assert!(futures::poll!(&mut first).is_pending());
    });
    world.run(world.api.users().get("user_1")).unwrap();
    assert_eq!(world.script.count(), 2);
    assert!(
        world
            .api
            .limits()
            .buckets
            .iter()
            .all(|bucket| bucket.in_flight == 0)
    );
}

/// A redirect of a read is followed within the origin, and never out of it.
#[tokio::test]
async fn a_redirected_read_stays_in_its_origin() {
    let live = live_users().await;
    let to = |place: &str| Play::Answer(Answer::new(302).header("location", place));
    live.server.next(to("/v1/users/user_456"));
    assert_eq!(
        live.api.users().get("user_123").await.unwrap().name,
        "Bob Johnson"
    );
    assert_eq!(live.server.arrivals().len(), 2);
    let port = live.server.address().port();
    for place in [
        format!("http://localhost:{port}/v1/users/user_456"),
        "//evil.example/".into(),
    ] {
        live.server.reset_arrivals();
        live.server.next(to(&place));
        let error = live.api.users().get("user_123").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Redirected);
        assert_eq!(live.server.arrivals().len(), 1);
    }
}
