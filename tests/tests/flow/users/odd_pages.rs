//! Servers whose pages are odd: sizes that are ignored, totals that lie, pages that come twice. A
//! walk gets all there is or ends in an error, and never ends silently before its end.

use std::collections::BTreeSet;

use etiquette_apis::users::{self, UserSummary};
use etiquette_apis::{Error, Kind};
use etiquette_standins::{Fault as Play, users as standin};
use futures::StreamExt;
use runtime::testing::{RecordedRequest, ScriptReply};
use serde_json::{Value, json};

use crate::flow::world::{Live, Scripted, live_users_with, scripted_users, user_page};

/// Walks to the end or to the first error.
fn walk(world: &Scripted<users::Client>, limit: u64) -> (Vec<String>, Option<Error>) {
    world.run(async {
        let mut items = world.api.users().list().limit(limit).items();
        let mut ids = Vec::new();
        loop {
            match items.next().await {
                Some(Ok(user)) => ids.push(user.id.to_string()),
                Some(Err(error)) => return (ids, Some(error)),
                None => return (ids, None),
            }
        }
    })
}

/// Answers by the offset that is asked for.
fn server(page: impl Fn(u64) -> String + Send + 'static) -> Scripted<users::Client> {
    let world = scripted_users();
    let offset = |request: &RecordedRequest| {
        request
            .query("offset")
            .map_or(0, |offset| offset.parse().unwrap())
    };
    world
        .script
        .respond_with(move |request| ScriptReply::json(200, page(offset(request))));
    world
}

fn ids(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|number| format!("user_{number}")).collect()
}

async fn live(count: usize) -> Live<users::Client> {
    let config = standin::Config {
        users: count,
        ..standin::Config::default()
    };
    live_users_with(config).await
}

/// Row H4: the server gives ten whatever is asked for; or twice as many as were asked for.
#[test]
fn a_server_that_ignores_the_size() {
    for (size, asked) in [(10, 50), (10, 3), (100, 50)] {
        let world = server(move |offset| user_page(offset..(offset + size).min(95), 95, size));
        let (seen, error) = walk(&world, asked);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(seen, ids(0..95), "{size} for {asked}");
        assert_eq!(world.script.count() as u64, 95_u64.div_ceil(size));
    }
}

/// Row H4 over TCP: the size is dropped on its way.
#[tokio::test]
async fn a_stand_in_that_ignores_the_size() {
    let live = live(33).await;
    live.server.on_each(|arrival| {
        let query = arrival.query.as_deref().unwrap_or_default();
        assert!(query.contains("limit=20"), "{query}");
        Some(Play::patch(|body| {
            let data = body["data"].as_array_mut().unwrap();
            data.truncate(10);
            body["limit"] = json!(10);
        }))
    });
    let users: Vec<UserSummary> = live
        .api
        .users()
        .list()
        .limit(20)
        .items()
        .collect_at_most(100)
        .await
        .unwrap();
    assert_eq!((users.len(), live.server.arrivals().len()), (33, 4));
}

/// Row H4: a total that is too large is not believed when nothing more comes.
#[test]
fn a_total_that_is_too_large() {
    let world = server(|offset| user_page(offset..(offset + 10).min(25).max(offset), 1_000, 10));
    let (seen, error) = walk(&world, 10);
    assert!(error.is_none(), "{error:?}");
    assert_eq!((seen, world.script.count()), (ids(0..25), 4));
}

/// Row H4: a total that is too small ends the walk only if just so many have come.
#[test]
fn a_total_that_is_too_small() {
    let world = server(|offset| user_page(offset..(offset + 10).min(25).max(offset), 7, 10));
    let (seen, error) = walk(&world, 10);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(seen, ids(0..25));
}

/// Row H4: a total that changes, is missing, or is no number.
#[test]
fn a_total_that_is_no_total() {
    for total in [
        "null",
        "-1",
        "1e3",
        "\"many\"",
        "18446744073709551616",
        "{}",
    ] {
        let world = server(move |offset| {
            let page = user_page(offset..(offset + 10).min(25).max(offset), 25, 10);
            page.replace("\"total\":25", &format!("\"total\":{total}"))
        });
        let (seen, error) = walk(&world, 10);
        assert!(error.is_none(), "{total}: {error:?}");
        assert_eq!(seen, ids(0..25), "{total}");
    }
}

#[test]
fn an_empty_list_is_one_request() {
    let world = server(|_| user_page(0..0, 0, 10));
    let (seen, error) = walk(&world, 10);
    assert!(seen.is_empty() && error.is_none());
    assert_eq!(world.script.count(), 1);
}

/// Row H1: the same page for every offset.
#[test]
fn a_page_that_comes_twice_is_an_error() {
    let world = server(|_| user_page(0..10, 1_000, 10));
    let (seen, error) = walk(&world, 10);
    assert_eq!(seen, ids(0..10));
    assert_eq!(error.unwrap().kind(), Kind::PagingStalled);
    assert_eq!(world.script.count(), 2);
}

/// Row H1 over TCP: a cache in between that gives the first page for all.
#[tokio::test]
async fn a_cached_page_is_an_error() {
    let live = live(50).await;
    let page = live
        .server
        .act(http::Method::GET, "/users?limit=10&offset=0", None)
        .await;
    let page: Value = serde_json::from_slice(page.body()).unwrap();
    live.server.on_each(move |_| {
        let page = page.clone();
        Some(Play::patch(move |body| *body = page.clone()))
    });
    let mut walk = live.api.users().list().limit(10).items();
    let mut count = 0;
    let error = loop {
        match walk.next().await {
            Some(Ok(_)) => count += 1,
            Some(Err(error)) => break error,
            None => panic!("a silent end after {count} users"),
        }
    };
    assert_eq!((error.kind(), count), (Kind::PagingStalled, 10));
    assert_eq!(live.server.arrivals().len(), 2);
    assert!(
        walk.next().await.is_none(),
        "a walk that cannot advance is over"
    );
}

/// Row H1: two pages in turn. Offsets grow, so the walk has an end, and it is no silent one.
#[test]
fn two_pages_in_turn_end_in_an_error() {
    let world = server(|offset| {
        let start = if offset / 10 % 2 == 0 { 0 } else { 10 };
        user_page(start..start + 10, u64::MAX >> 11, 10)
    });
    let (_, error) = walk(&world, 10);
    assert_eq!(error.unwrap().kind(), Kind::PagingStalled);
    assert!(world.script.count() <= 10_000);
}

/// A page size of zero would never end.
#[test]
fn a_size_of_zero_is_an_error() {
    let world = server(|_| user_page(0..0, 100, 0));
    let (seen, error) = walk(&world, 10);
    assert!(seen.is_empty());
    assert_eq!(error.unwrap().kind(), Kind::PagingStalled);
    assert_eq!(world.script.count(), 1);
}

/// Row H5: rows that are added while a walk by offset goes on shift it; what was on the shifted
/// place comes twice, and nothing that was there is lost.
#[tokio::test]
async fn users_that_are_added_meanwhile() {
    let live = live(30).await;
    let ids = |state: &Value| -> BTreeSet<String> {
        let users = state["users"].as_array().unwrap().iter();
        users
            .map(|user| user["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let before = ids(&live.server.state());
    let mut walk = live.api.users().list().limit(10).items();
    let mut seen = Vec::new();
    while let Some(user) = walk.try_next().await.unwrap() {
        if seen.len() == 5 {
            // It is the oldest by its time, and so the first of the list.
            let body = json!({"name": "Late", "email": "late@example.com"});
            live.server
                .act(http::Method::POST, "/users", Some(&body))
                .await;
        }
        seen.push(user.id.to_string());
    }
    assert_eq!(seen.len(), 31, "one has come twice");
    assert_eq!(BTreeSet::from_iter(seen), before);
}
