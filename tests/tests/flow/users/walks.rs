//! Walks over a thousand users while the API allows sixty requests a minute: none is lost, none
//! comes twice, and the server never counts more than it allows.

use std::collections::BTreeSet;
use std::time::Duration;

use etiquette_apis::users::{self, UserSummary};
use etiquette_standins::{Fault as Play, Limit, users as standin};
use futures::{StreamExt, TryStreamExt};
use runtime::testing::{RecordedRequest, ScriptReply};

use crate::flow::world::{Live, MINUTE, Scripted, live_users_with, scripted_users, user_page};

const USERS: usize = 1_000;
const MAX: usize = 60;

async fn thousand(phase: Duration, skew_seconds: i64) -> Live<users::Client> {
    let mut config = standin::Config {
        users: USERS,
        ..standin::Config::default()
    };
    config.settings.limit = Some(Limit::fixed_with_phase(60, MINUTE, phase));
    config.settings.skew_seconds = skew_seconds;
    live_users_with(config).await
}

fn assert_all(users: &[UserSummary]) {
    let ids: BTreeSet<&str> = users.iter().map(|user| user.id.as_str()).collect();
    assert_eq!(
        (users.len(), ids.len()),
        (USERS, USERS),
        "none lost, none twice"
    );
}

/// Row B1, learned: the limit is told by the server alone, and the phase of its window by nobody.
#[tokio::test]
async fn a_thousand_users_in_any_phase_of_the_window() {
    for phase in [0, 1, 17, 30, 59].map(Duration::from_secs) {
        let live = thousand(phase, 0).await;
        let start = live.clock.now_system();
        let users: Vec<UserSummary> = live
            .api
            .users()
            .list()
            .limit(5)
            .items()
            .try_collect()
            .await
            .unwrap();
        assert_all(&users);
        assert_eq!(
            live.server.arrivals().len(),
            200,
            "a page is asked for once"
        );
        let windows = live.windows(MINUTE, phase);
        assert!(
            windows.iter().all(|count| *count <= MAX),
            "{phase:?}: {windows:?}"
        );
        assert_eq!(live.refused(), 0, "{phase:?}");
        let took = live.clock.now_system().duration_since(start).unwrap();
        assert!(took <= 4 * MINUTE, "{phase:?}: {took:?} for 200 requests");
    }
}

/// Rows B9, B1: the server's clock is an hour or ten years from ours; its `Date` says so.
#[tokio::test]
async fn clocks_that_differ_change_nothing() {
    for skew in [3_600, -3_600, 315_576_000, -315_576_000] {
        let live = thousand(Duration::ZERO, skew).await;
        let start = live.clock.now_system();
        let users: Vec<UserSummary> = live
            .api
            .users()
            .list()
            .limit(5)
            .items()
            .try_collect()
            .await
            .unwrap();
        assert_all(&users);
        let windows = live.windows(MINUTE, Duration::ZERO);
        assert!(
            windows.iter().all(|count| *count <= MAX),
            "{skew}: {windows:?}"
        );
        assert_eq!(live.refused(), 0, "{skew}");
        let took = live.clock.now_system().duration_since(start).unwrap();
        assert!(took <= 4 * MINUTE, "{skew}: {took:?} for 200 requests");
    }
}

/// Several walks and calls at once share what the server allows.
#[tokio::test]
async fn callers_at_once_share_the_limit() {
    let live = thousand(Duration::from_secs(23), 0).await;
    let walk = || {
        live.api
            .users()
            .list()
            .limit(10)
            .items()
            .try_collect::<Vec<UserSummary>>()
    };
    let gets = futures::stream::iter(0..150)
        .map(|_| live.api.users().get("user_123"))
        .buffer_unordered(16)
        .try_collect::<Vec<_>>();
    let (one, other, got) = futures::join!(walk(), walk(), gets);
    assert_all(&one.unwrap());
    assert_all(&other.unwrap());
    assert_eq!(got.unwrap().len(), 150);
    let windows = live.windows(MINUTE, Duration::from_secs(23));
    assert!(windows.iter().all(|count| *count <= MAX), "{windows:?}");
    assert_eq!((live.refused(), live.server.arrivals().len()), (0, 350));
}

/// Row H6: the items before a failing page are delivered, then the error; then it goes on there.
#[tokio::test]
async fn a_failing_page_does_not_end_the_walk() {
    let live = thousand(Duration::ZERO, 0).await;
    let mut walk = live.api.users().list().limit(100).items();
    let mut users = Vec::new();
    for _ in 0..250 {
        users.push(walk.try_next().await.unwrap().unwrap());
    }
    let asked = live.server.arrivals().len();
    live.server.next(Play::status(418));
    while users.len() < 300 {
        users.push(walk.try_next().await.unwrap().unwrap());
    }
    let error = walk.try_next().await.unwrap_err();
    assert_eq!(error.status(), Some(418));
    assert_eq!(live.server.arrivals().len(), asked + 1);
    users.extend(walk.try_collect::<Vec<UserSummary>>().await.unwrap());
    assert_all(&users);
    assert_eq!(
        live.server.arrivals().len(),
        11,
        "ten pages and the failing one"
    );
}

/// Row H10: nobody asks for what nobody wants.
#[tokio::test]
async fn a_dropped_walk_asks_for_nothing_more() {
    let live = thousand(Duration::ZERO, 0).await;
    let first: Vec<UserSummary> = live
        .api
        .users()
        .list()
        .items()
        .collect_at_most(15)
        .await
        .unwrap();
    assert_eq!((first.len(), live.server.arrivals().len()), (15, 2));
}

#[tokio::test]
async fn pages_are_a_stream_too() {
    let live = thousand(Duration::ZERO, 0).await;
    let pages = live.api.users().list().offset(900).limit(40).pages();
    let pages: Vec<_> = pages.try_collect::<Vec<_>>().await.unwrap();
    let seen: Vec<_> = pages
        .iter()
        .map(|page| (page.position, page.items.len()))
        .collect();
    assert_eq!(seen, [(900, 40), (940, 40), (980, 20)]);
    assert!(pages.iter().all(|page| page.total == Some(1_000)));
}

/// The users API as a model in virtual time: fixed windows, a latency, and its own count.
fn model(world: &Scripted<users::Client>, latency: Duration) {
    const START: u64 = 1_673_776_800;
    let mut window = (0, 0_u64);
    world.script.respond_with(move |request| {
        let now = START + request.arrived.nanos() / 1_000_000_000;
        if window.0 != now / 60 {
            window = (now / 60, 0);
        }
        let reset = (now / 60 + 1) * 60;
        let reply = if window.1 == 60 {
            ScriptReply::json(429, r#"{"error":"Rate limit exceeded"}"#)
        } else {
            window.1 += 1;
            ScriptReply::json(200, page_of(request))
        };
        reply
            .header("x-ratelimit-limit", "60")
            .header("x-ratelimit-remaining", &(60 - window.1).to_string())
            .header("x-ratelimit-reset", &reset.to_string())
            .after(latency)
    });
}

fn page_of(request: &RecordedRequest) -> String {
    let number = |name, default| {
        let value = request.query(name);
        value.map_or(default, |value| value.parse::<u64>().unwrap())
    };
    let (offset, limit) = (number("offset", 0), number("limit", 10));
    let total = u64::try_from(USERS).unwrap();
    user_page(offset..(offset + limit).min(total), total, limit)
}

/// Row B1, learned, in virtual time: latencies from none to two seconds.
#[test]
fn a_thousand_users_at_any_latency() {
    for latency in [0, 1, 137, 500, 2_000].map(Duration::from_millis) {
        let world = scripted_users();
        model(&world, latency);
        let walk = world.api.users().list().limit(5).items();
        let users: Vec<UserSummary> = world.run(walk.try_collect()).unwrap();
        assert_all(&users);
        let windows: Vec<u64> = world
            .arrivals()
            .iter()
            .map(|arrived| arrived.as_secs() / 60)
            .collect();
        let counts = windows
            .chunk_by(|one, other| one == other)
            .map(<[u64]>::len);
        assert!(counts.max().unwrap() <= MAX, "{latency:?}");
        assert_eq!(world.script.count(), 200, "{latency:?}: no refusals");
        let least = (latency * 200).max(3 * MINUTE);
        assert!(
            world.now() <= least + MINUTE,
            "{latency:?}: {:?}",
            world.now()
        );
    }
}
