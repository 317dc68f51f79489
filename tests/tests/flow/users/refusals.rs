//! Refusals of the users API: a 429 holds the whole bucket until the server's reset, whatever its
//! headers are, and then all calls go on.

use std::time::Duration;

use etiquette_apis::users;
use futures::future::join_all;
use runtime::testing::ScriptReply;

use crate::flow::world::{Scripted, scripted_users, user};

const START: u64 = 1_673_776_800;

fn ok(remaining: u64, reset: u64) -> ScriptReply {
    told(ScriptReply::json(200, user(1)), remaining, reset)
}

fn told(reply: ScriptReply, remaining: u64, reset: u64) -> ScriptReply {
    reply
        .header("x-ratelimit-limit", "60")
        .header("x-ratelimit-remaining", &remaining.to_string())
        .header("x-ratelimit-reset", &(START + reset).to_string())
}

fn refusal() -> ScriptReply {
    ScriptReply::json(429, r#"{"error":"Rate limit exceeded"}"#)
}

/// Sends calls at once and gives the arrivals after those that there were.
fn at_once(world: &Scripted<users::Client>, count: usize) -> Vec<Duration> {
    let before = world.script.count();
    let users = world.api.users();
    let done = world.run(join_all((0..count).map(|_| users.get("user_1"))));
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    world.arrivals().split_off(before)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Row B4: the bucket is held until the reset second, for all callers; a refusal is one request.
#[test]
fn a_refusal_holds_all_callers_until_the_reset() {
    let world = scripted_users();
    world.reply([ok(40, 60), told(refusal(), 0, 30)]);
    world.script.respond_with(|_| ok(30, 90));
    at_once(&world, 1);
    let arrivals = at_once(&world, 8);
    assert_eq!(arrivals.len(), 9, "one was refused");
    let early = arrivals.iter().filter(|at| **at < seconds(30)).count();
    // Those that were on the wire when the refusal came could not know.
    assert!(early <= 2, "{arrivals:?}");
    let first = arrivals.iter().find(|at| **at >= seconds(30)).unwrap();
    assert!(
        *first <= seconds(35),
        "at most a tenth and a second later: {first:?}"
    );
}

/// Row B4: `Retry-After` goes before the reset.
#[test]
fn retry_after_goes_before_the_reset() {
    let world = scripted_users();
    world.reply([
        told(refusal().header("retry-after", "120"), 0, 30),
        ok(59, 180),
    ]);
    let arrivals = at_once(&world, 1);
    assert!(
        arrivals[1] >= seconds(120) && arrivals[1] <= seconds(125),
        "{arrivals:?}"
    );
}

/// Row B5: no wait at all, or a date that has passed, is no hot loop.
#[test]
fn a_refusal_without_a_wait_is_no_hot_loop() {
    for wait in ["0", "Sun, 15 Jan 2023 09:00:00 GMT"] {
        let world = scripted_users();
        let refusals = (0..6).map(|_| refusal().header("retry-after", wait));
        world.reply(refusals);
        world.reply([ScriptReply::json(200, user(1))]);
        let arrivals = at_once(&world, 1);
        assert_eq!(arrivals.len(), 7);
        let gaps: Vec<Duration> = arrivals.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let floors = [100, 200, 400, 800, 1_600, 3_200].map(Duration::from_millis);
        let kept = gaps.iter().zip(floors).all(|(gap, floor)| *gap >= floor);
        assert!(kept, "{wait}: {gaps:?}");
    }
}

/// Row B5: a server that refuses for ever is asked eleven times.
#[test]
fn a_server_that_refuses_for_ever() {
    let world = scripted_users();
    world
        .script
        .respond_with(|_| refusal().header("retry-after", "0"));
    let error = world.run(world.api.users().get("user_1")).unwrap_err();
    assert_eq!(error.kind(), etiquette_apis::Kind::Refused);
    assert_eq!(world.script.count(), 11);
}

/// Row B8: a date is understood in all its three forms, against the answer's own `Date`.
#[test]
fn dates_are_understood_by_the_servers_clock() {
    for date in [
        "Sun, 15 Jan 2023 11:00:10 GMT",
        "Sunday, 15-Jan-23 11:00:10 GMT",
        "Sun Jan 15 11:00:10 2023",
    ] {
        let world = scripted_users();
        // The server's clock is an hour ahead of ours.
        let refusal = refusal().header("date", "Sun, 15 Jan 2023 11:00:00 GMT");
        world.reply([
            refusal.header("retry-after", date),
            ScriptReply::json(200, user(1)),
        ]);
        let arrivals = at_once(&world, 1);
        assert!(
            arrivals[1] >= seconds(10) && arrivals[1] <= seconds(12),
            "{date}: {arrivals:?}"
        );
    }
}

/// Row B9: a reset is measured against the answer's `Date`, whatever our clock says.
#[test]
fn a_reset_is_measured_by_the_servers_clock() {
    for (date, skew) in [
        ("Sun, 15 Jan 2023 09:00:00 GMT", -3_600),
        ("Sun, 15 Jan 2023 11:00:00 GMT", 3_600),
        ("Sat, 15 Jan 2033 10:00:00 GMT", 315_619_200),
    ] {
        let world = scripted_users();
        let reset = START.checked_add_signed(skew + 20).unwrap().to_string();
        let refusal = refusal()
            .header("date", date)
            .header("x-ratelimit-reset", &reset);
        world.reply([refusal, ScriptReply::json(200, user(1))]);
        let arrivals = at_once(&world, 1);
        assert!(
            arrivals[1] >= seconds(20) && arrivals[1] <= seconds(24),
            "{date}: {arrivals:?}"
        );
    }
}

/// Row B14: a refusal without any header is a wait all the same, of at most a minute.
#[test]
fn a_refusal_without_any_header_is_waited_out() {
    let world = scripted_users();
    world.reply([refusal(), ScriptReply::json(200, user(1))]);
    let arrivals = at_once(&world, 1);
    assert!(
        arrivals[1] >= seconds(60) && arrivals[1] <= seconds(66),
        "{arrivals:?}"
    );
}

/// Row B6: what makes no sense is no wait of zero and no wait of years.
#[test]
fn a_wait_that_makes_no_sense_is_ignored() {
    for wait in ["-1", "+5", "1e3", "5, 10", "12abc", "", "soon"] {
        let world = scripted_users();
        world.reply([
            refusal().header("retry-after", wait),
            ScriptReply::json(200, user(1)),
        ]);
        let arrivals = at_once(&world, 1);
        assert!(
            arrivals[1] >= seconds(60) && arrivals[1] <= seconds(66),
            "{wait}: {arrivals:?}"
        );
    }
}

/// A call whose answer is no refusal is not held up by one that came before its turn.
#[test]
fn waited_says_how_long_it_took() {
    let world = scripted_users();
    world.reply([
        refusal().header("retry-after", "10"),
        ScriptReply::json(200, user(1)),
    ]);
    let reply = world
        .run(world.api.users().get("user_1").send_raw())
        .unwrap();
    assert_eq!(reply.attempts, 2);
    assert_eq!(reply.waited, world.now());
    assert!(reply.waited >= seconds(10) && reply.waited <= seconds(11));
}
