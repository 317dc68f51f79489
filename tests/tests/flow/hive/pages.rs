//! Hive's pages: numbers of pages that shrink, grow, are zero or make no sense, and rows that come
//! while a walk goes on.

use std::collections::BTreeSet;

use etiquette_apis::hive::{self, Order};
use etiquette_apis::{Error, Kind};
use etiquette_standins::hive as standin;
use futures::{StreamExt, TryStreamExt};
use runtime::testing::{RecordedRequest, ScriptReply};
use serde_json::{Value, json};

use crate::flow::world::{
    Scripted, hive_page, live_hive, live_hive_with, scripted_hive, warehouse,
};

/// Walks the warehouses to the end or to the first error.
fn walk(world: &Scripted<hive::Client>) -> (Vec<i64>, Option<Error>) {
    world.run(async {
        let mut items = world.api.warehouses().list().items();
        let mut ids = Vec::new();
        loop {
            match items.next().await {
                Some(Ok(warehouse)) => ids.push(warehouse.id),
                Some(Err(error)) => return (ids, Some(error)),
                None => return (ids, None),
            }
        }
    })
}

fn server(page: impl Fn(u64) -> String + Send + 'static) -> Scripted<hive::Client> {
    let world = scripted_hive();
    let number = |request: &RecordedRequest| {
        request
            .query("page")
            .map_or(1, |page| page.parse().unwrap())
    };
    world
        .script
        .respond_with(move |request| ScriptReply::json(200, page(number(request))));
    world
}

/// Full pages: ids 1 to 20 on the first.
fn full(page: u64) -> Vec<String> {
    (page * 20 - 19..=page * 20).map(warehouse).collect()
}

fn ids(last: i64) -> Vec<i64> {
    (1..=last).collect()
}

/// Row H3: an empty list has one page or none; both are one request.
#[tokio::test]
async fn an_empty_list_has_one_page_or_none() {
    for page_count_when_empty in [0, 1] {
        let config = standin::Config {
            orders: 0,
            page_count_when_empty,
            ..standin::Config::default()
        };
        let live = live_hive_with(config).await;
        let orders: Vec<Order> = live
            .api
            .orders()
            .list()
            .items()
            .try_collect()
            .await
            .unwrap();
        assert_eq!((orders.len(), live.server.arrivals().len()), (0, 1));
    }
}

/// Row H3: the number of pages grows while the walk goes on.
#[test]
fn more_pages_than_at_first() {
    let world = server(|page| hive_page(&full(page), page, (page + 1).min(6)));
    let (seen, error) = walk(&world);
    assert!(error.is_none(), "{error:?}");
    assert_eq!((seen, world.script.count()), (ids(120), 6));
}

/// Row H3: the number of pages shrinks; the last page is given for all that lie behind it.
#[test]
fn fewer_pages_than_at_first() {
    let world = server(|page| match page {
        1 => hive_page(&full(1), 1, 5),
        2 => hive_page(&full(2), 2, 3),
        3 => hive_page(&full(2), 2, 2),
        _ => panic!("page {page} was asked for"),
    });
    let (seen, error) = walk(&world);
    assert!(error.is_none(), "{error:?}");
    assert_eq!((seen, world.script.count()), (ids(40), 3));
}

/// Row H3: an empty page behind the new end.
#[test]
fn an_empty_page_behind_the_end() {
    let world = server(|page| match page {
        1 => hive_page(&full(1), 1, 2),
        _ => hive_page(&[], page, 1),
    });
    let (seen, error) = walk(&world);
    assert!(error.is_none(), "{error:?}");
    assert_eq!((seen, world.script.count()), (ids(20), 2));
}

/// Row H3: a number of pages that is none is not believed; the walk ends where nothing more comes.
#[test]
fn a_number_of_pages_that_is_none() {
    for count in ["0", "-1", "null", "9223372036854775808", "1e3", "\"many\""] {
        let world = server(move |page| {
            let rows = if page <= 3 { full(page) } else { Vec::new() };
            let text = hive_page(&rows, page, 777);
            text.replace("\"page_count\":777", &format!("\"page_count\":{count}"))
        });
        let (seen, error) = walk(&world);
        assert!(error.is_none(), "{count}: {error:?}");
        assert_eq!((seen, world.script.count()), (ids(60), 4), "{count}");
    }
}

/// Row H1: one page for all of them, whatever number it says it has.
#[test]
fn a_page_that_comes_twice_is_an_error() {
    for truthful in [true, false] {
        let world = server(move |page| hive_page(&full(1), if truthful { 1 } else { page }, 9));
        let (seen, error) = walk(&world);
        assert_eq!(seen, ids(20));
        assert_eq!(error.unwrap().kind(), Kind::PagingStalled);
        assert_eq!(world.script.count(), 2);
    }
}

/// Row H1: pages in turn with numbers that pretend to go on. Nothing is given twice, and the end is
/// no silent one.
#[test]
fn pages_in_turn_end_in_an_error() {
    let world = server(|page| hive_page(&full(page % 2 + 1), page, 1_000_000));
    let (seen, error) = walk(&world);
    assert_eq!(seen.len(), 40);
    assert_eq!(error.unwrap().kind(), Kind::PagingStalled);
    assert!(world.script.count() <= 10_000, "{}", world.script.count());
}

/// Another page than was asked for.
#[test]
fn another_page_than_was_asked_for_is_an_error() {
    let world = server(|page| hive_page(&full(page), page + 1, 9));
    let (seen, error) = walk(&world);
    assert!(seen.is_empty());
    assert_eq!(error.unwrap().kind(), Kind::PagingStalled);
}

/// Row H5: orders that come while a walk goes on shift the pages; none is seen twice and none of
/// those that were there is missed.
#[tokio::test]
async fn orders_that_come_meanwhile() {
    let live = live_hive().await;
    let before: BTreeSet<i64> = live.server.state()["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| order["id"].as_i64().unwrap())
        .collect();
    let mut walk = live.api.orders().list().items();
    let mut seen = Vec::new();
    while let Some(order) = walk.try_next().await.unwrap() {
        if seen.len() % 10 == 5 {
            let body = order_body(seen.len());
            let reply = live
                .server
                .act(http::Method::POST, "/orders", Some(&body))
                .await;
            assert_eq!(reply.status(), 201);
        }
        seen.push(order.id);
    }
    let unique: BTreeSet<i64> = seen.iter().copied().collect();
    assert_eq!(unique.len(), seen.len(), "none twice");
    assert!(before.is_subset(&unique), "none lost");
}

fn order_body(number: usize) -> Value {
    json!({
        "merchant_order_id": format!("late-{number}"),
        "shipping_address": {"full_name": "C B", "line1": "1", "city": "B", "country_code": "DE", "postal_code": "1"},
        "items": [{"merchant_item_id": "1", "quantity": 1, "price_per_unit_in_cents": 1, "sku_id": 501}],
    })
}

/// A walk may begin anywhere.
#[tokio::test]
async fn a_walk_begins_where_it_is_told() {
    let live = live_hive().await;
    let orders: Vec<Order> = live
        .api
        .orders()
        .list()
        .page(3)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!((orders.len(), live.server.arrivals().len()), (5, 1));
    let page = live.api.orders().list().page(2).await.unwrap();
    assert_eq!((page.items.len(), page.position, page.total), (20, 2, None));
    let page = live.api.orders().list().page(99).await.unwrap();
    assert!(page.items.is_empty());
}
