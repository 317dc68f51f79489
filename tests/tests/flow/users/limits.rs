//! What a client has learned of the users API's limit, and what `limits()` shows of it.

use std::time::Duration;

use etiquette_apis::{Limits, users::Client};
use etiquette_standins::{Limit, users as standin};
use futures::future::join_all;
use runtime::testing::{Script, ScriptReply, VirtualClock};

use crate::flow::world::{KEY, MINUTE, live_users, live_users_with, scripted_users, user};

#[tokio::test]
async fn limits_shows_what_the_server_has_told() {
    let live = live_users().await;
    assert!(live.api.limits().buckets.is_empty(), "nothing was sent yet");
    for _ in 0..3 {
        live.api.users().get("user_123").await.unwrap();
    }
    let snapshot = live.api.limits();
    let bucket = &snapshot.buckets[0];
    assert_eq!(snapshot.buckets.len(), 1);
    assert!(bucket.name.ends_with("key"), "{}", bucket.name);
    assert_eq!((bucket.limit, bucket.remaining), (Some(60), Some(57)));
    assert_eq!((bucket.in_flight, bucket.queued, bucket.held), (0, 0, None));
    assert_eq!((snapshot.queued, snapshot.held), (0, None));
    let reset = bucket.reset.unwrap();
    assert!(
        reset > Duration::ZERO && reset <= MINUTE + Duration::from_secs(1),
        "{reset:?}"
    );
}

#[test]
fn limits_shows_how_long_a_refusal_holds() {
    let world = scripted_users();
    let refusal = ScriptReply::empty(429).header("retry-after", "1200");
    world.reply([refusal]);
    world.run(world.api.users().get("user_1")).unwrap_err();
    let snapshot = world.api.limits();
    let held = snapshot.buckets[0].held.unwrap();
    assert!(
        held >= Duration::from_secs(1_200) && held <= Duration::from_secs(1_205),
        "{held:?}"
    );
}

/// What others have used of the same key is learned from the first answer.
#[tokio::test]
async fn what_others_have_used_is_learned() {
    let mut config = standin::Config::default();
    config.settings.limit = Some(Limit::fixed(60, MINUTE));
    let live = live_users_with(config).await;
    let other = Client::builder().key(KEY).with_base_url(live.server.url());
    let other = other.with_clock(live.clock.clone()).build().unwrap();
    for _ in 0..40 {
        other.users().get("user_123").await.unwrap();
    }
    let done = join_all((0..30).map(|_| live.api.users().get("user_123"))).await;
    assert!(done.iter().all(Result::is_ok));
    assert_eq!(live.refused(), 0);
    let windows = live.windows(MINUTE, Duration::ZERO);
    assert_eq!(
        (windows[0], windows.iter().sum::<usize>()),
        (60, 70),
        "{windows:?}"
    );
}

/// Two clients that share a handle share the quota; a clone is the same client.
#[test]
fn a_handle_is_shared_by_clients() {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone());
    let limits = Limits::default();
    let client = || {
        let builder = Client::builder().key(KEY).with_transport(script.clone());
        builder
            .with_clock(clock.clone())
            .with_limits(limits.clone())
            .build()
            .unwrap()
    };
    let (one, other) = (client(), client());
    let mut used = 0;
    script.respond_with(move |request| {
        used = if request.arrived.nanos() >= 60_000_000_000 {
            1
        } else {
            used + 1
        };
        let reset = 1_673_776_800 + (request.arrived.nanos() / 60_000_000_000 + 1) * 60;
        ScriptReply::json(200, user(1))
            .header("x-ratelimit-limit", "10")
            .header("x-ratelimit-remaining", &(10 - used.min(10)).to_string())
            .header("x-ratelimit-reset", &reset.to_string())
    });
    let get = |api: &Client| api.users().get("user_1");
    let calls = (0..12).map(|number| get(if number % 2 == 0 { &one } else { &other }));
    let done = clock.run(join_all(calls));
    assert!(done.iter().all(Result::is_ok));
    let minute = Duration::from_secs(60).as_nanos();
    let first = script.requests();
    let first = first
        .iter()
        .filter(|request| u128::from(request.arrived.nanos()) < minute);
    assert_eq!(first.count(), 10, "both together");
}

/// Row B11: `remaining` is lowered by it and never raised above what was told before.
#[test]
fn remaining_counts_what_is_on_its_way() {
    let world = scripted_users();
    let mut left = 21_u32;
    world.script.respond_with(move |request| {
        if request.arrived.nanos() >= 60_000_000_000 {
            return ScriptReply::json(200, user(1));
        }
        if left == 0 {
            return ScriptReply::empty(429).header("retry-after", "60");
        }
        left -= 1;
        ScriptReply::json(200, user(1))
            .header("x-ratelimit-limit", "60")
            .header("x-ratelimit-remaining", &left.to_string())
            .header("x-ratelimit-reset", "1673776860")
            .after(Duration::from_millis(u64::from(left) * 97 % 400))
    });
    let users = world.api.users();
    let done = world.run(join_all((0..50).map(|_| users.get("user_1"))));
    assert!(done.iter().all(Result::is_ok));
    let early = world.arrivals().iter().filter(|at| **at < MINUTE).count();
    assert_eq!(early, 21, "the server had 21 left, and 21 came");
}

/// Row B12: an answer that is late does not undo what a newer one has told.
#[test]
fn a_late_answer_undoes_nothing() {
    let world = scripted_users();
    let told = |remaining: u32, after: u64| {
        ScriptReply::json(200, user(1))
            .header("x-ratelimit-limit", "60")
            .header("x-ratelimit-remaining", &remaining.to_string())
            .header("x-ratelimit-reset", "1673776860")
            .after(Duration::from_millis(after))
    };
    world.reply([told(9, 0), told(8, 900), told(7, 10)]);
    world.script.respond_with({
        let mut left = 7_u32;
        move |request| {
            if request.arrived.nanos() >= 60_000_000_000 {
                return ScriptReply::json(200, user(1));
            }
            assert!(left > 0, "it came though nothing was left");
            left -= 1;
            told(left, 0)
        }
    });
    let users = world.api.users();
    world.run(users.get("user_1")).unwrap();
    let done = world.run(join_all((0..20).map(|_| users.get("user_1"))));
    assert!(done.iter().all(Result::is_ok));
    let early = world.arrivals().iter().filter(|at| **at < MINUTE).count();
    assert_eq!(early, 10);
}
