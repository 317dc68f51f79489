//! The Hive stand-in at large: its refusals to the letter, its limit, its lists and filters.

use std::collections::BTreeSet;
use std::time::{Duration, UNIX_EPOCH};

use etiquette_standins::hive::{Config, start};
use etiquette_standins::{HandClock, Limit, Shape, Standin};
use serde_json::{Value, json};

use crate::client::{Reply, get, send, write};

/// 2024-05-01T12:00:20Z, twenty seconds into a minute.
pub(crate) async fn begin(config: Config) -> (Standin, HandClock) {
    let clock = HandClock::new(UNIX_EPOCH + Duration::from_secs(1_714_564_820));
    (start(config, clock.now()).await.unwrap(), clock)
}

pub(crate) async fn hive() -> Standin {
    begin(Config::default()).await.0
}

/// The complaints of a 422.
pub(crate) fn complaints(reply: &Reply) -> Value {
    assert_eq!(reply.status, 422, "{}", reply.body);
    let body = reply.json();
    assert_eq!(body["success"], false);
    body["errors"].clone()
}

pub(crate) fn ids(page: &Value) -> Vec<i64> {
    let data = page["data"].as_array().unwrap();
    data.iter()
        .map(|record| record["id"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn refusals_are_the_references_to_the_letter() {
    let hive = hive().await;
    assert!(hive.url().ends_with("/merchant_api/v1"));
    let refused = send(&hive, "GET", "/orders", &[], "").await.unwrap();
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.body,
        r#"{"success": false, "errors": ["authentication required"]}"#
    );
    let broken = write(&hive, "POST", "/skus", "{").await;
    assert_eq!(broken.status, 400);
    assert_eq!(
        broken.body,
        r#"{"success": false, "errors": ["bad request"]}"#
    );
    let invalid = write(&hive, "POST", "/skus", "{}").await;
    assert_eq!(invalid.status, 422);
    assert_eq!(
        invalid.body,
        r#"{"success": false, "errors": ["Name can't be blank","Merchant sku can't be blank"]}"#
    );
    for (method, path) in [
        ("GET", "/orders/1"),
        ("GET", "/orders/x"),
        ("PATCH", "/skus/1"),
        ("GET", "/skus/501"),
        ("DELETE", "/orders/10001"),
        ("GET", "/nowhere"),
    ] {
        let missing = write(&hive, method, path, "{}").await;
        assert_eq!(missing.status, 404, "{method} {path}");
        assert_eq!(
            missing.body,
            r#"{"success": false, "errors": ["not found"]}"#
        );
    }
    for query in [
        "page=0",
        "page=x",
        "page=",
        "created_at[lt]=yesterday",
        "created_at[eq]=x",
        "a=%f",
    ] {
        assert_eq!(
            get(&hive, &format!("/orders?{query}")).await.status,
            400,
            "{query}"
        );
    }
    // A plus that is not encoded is a space.
    let plus = "/orders?created_at[lt]=2022-11-01T17:42:07.409+01:00";
    assert_eq!(get(&hive, plus).await.status, 400);
}

#[tokio::test]
async fn the_limit_is_told_as_used_and_max_and_a_wait_has_a_fraction() {
    let (hive, clock) = begin(Config::default()).await;
    for used in 1..=100 {
        let reply = get(&hive, "/warehouses").await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-rate-limit-used"), Some(&*used.to_string()));
        assert_eq!(reply.header("x-rate-limit-max"), Some("100"));
        assert_eq!(reply.header("retry-after"), None);
    }
    clock.advance(Duration::from_millis(36_810));
    let denied = get(&hive, "/warehouses").await;
    assert_eq!(denied.status, 429);
    assert_eq!(denied.header("retry-after"), Some("3.2"));
    assert_eq!(denied.header("x-rate-limit-used"), Some("100"));
    assert_eq!(
        denied.body,
        r#"{"success": false, "errors": ["too many requests"]}"#
    );
    clock.advance(Duration::from_millis(3_200));
    let admitted = get(&hive, "/warehouses").await;
    assert_eq!(admitted.header("x-rate-limit-used"), Some("1"));
}

#[tokio::test]
async fn a_sliding_limit_can_be_set() {
    let mut config = Config::default();
    let (max, window) = (2, Duration::from_secs(10));
    config.settings.limit = Some(Limit {
        max,
        window,
        shape: Shape::Sliding,
    });
    let (hive, clock) = begin(config).await;
    get(&hive, "/warehouses").await;
    clock.advance(Duration::from_secs(6));
    get(&hive, "/warehouses").await;
    assert_eq!(
        get(&hive, "/warehouses").await.header("retry-after"),
        Some("4.0")
    );
    clock.advance(Duration::from_secs(4));
    assert_eq!(get(&hive, "/warehouses").await.status, 200);
    assert_eq!(
        get(&hive, "/warehouses").await.header("retry-after"),
        Some("6.0")
    );
}

#[tokio::test]
async fn pages_end_where_the_page_count_says() {
    let hive = hive().await;
    let mut seen = Vec::new();
    for (page, length) in [(1, 20), (2, 20), (3, 5), (4, 0)] {
        let body = get(&hive, &format!("/orders?page={page}")).await.json();
        let expected = json!({
            "current_page": page, "item_count": 45, "page_count": 3, "items_per_page": 20,
        });
        assert_eq!(body["pagination"], expected);
        let ids = ids(&body);
        assert_eq!(ids.len(), length, "page {page}");
        seen.extend(ids);
    }
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first");
    assert_eq!(seen.len(), 45);

    let (skus, orders) = (20, 0);
    let config = Config {
        skus,
        orders,
        ..Config::default()
    };
    let (full, _) = begin(config).await;
    assert_eq!(
        get(&full, "/skus").await.json()["pagination"]["page_count"],
        1
    );
    assert_eq!(
        get(&full, "/orders").await.json()["pagination"]["page_count"],
        1
    );
    let page_count_when_empty = 0;
    let config = Config {
        orders,
        page_count_when_empty,
        ..Config::default()
    };
    let (empty, _) = begin(config).await;
    assert_eq!(
        get(&empty, "/orders").await.json()["pagination"]["page_count"],
        0
    );
}

#[tokio::test]
async fn creation_filters_hold_at_their_bounds() {
    let hive = hive().await;
    let all = get(&hive, "/orders?page=2").await.json();
    let order = &all["data"][7];
    let bound = order["created_at"].as_str().unwrap().replace('+', "%2B");
    let number = order["id"].as_i64().unwrap() - 10_000;
    for (operator, expected) in [
        ("lt", number - 1),
        ("lte", number),
        ("gt", 45 - number),
        ("gte", 46 - number),
    ] {
        for key in [
            format!("created_at[{operator}]"),
            format!("created_at%5B{operator}%5D"),
        ] {
            let found = get(&hive, &format!("/orders?{key}={bound}")).await.json();
            assert_eq!(found["pagination"]["item_count"], expected, "{key}");
        }
    }
    let only = format!("/orders?created_at[lte]={bound}&created_at[gte]={bound}");
    assert_eq!(ids(&get(&hive, &only).await.json()), [number + 10_000]);
    // The same instant under another offset.
    let utc = "/orders?created_at[lte]=2022-11-01T16:42:07.409Z";
    assert_eq!(ids(&get(&hive, utc).await.json()), [10_001]);
}

#[tokio::test]
async fn list_filters_take_any_of_their_values() {
    let hive = hive().await;
    for (path, expected) in [
        (
            "/skus?merchant_sku_ids[]=SKU-003&merchant_sku_ids%5B%5D=SKU-001",
            vec![503, 501],
        ),
        ("/skus?merchant_sku_ids[]=SKU-003&ids[]=501", vec![]),
        ("/skus?ids[]=502&ids[]=9999", vec![502]),
        ("/orders?ids[]=10005&ids[]=10002", vec![10_005, 10_002]),
        ("/orders?merchant_order_ids[]=M-0003", vec![10_003]),
        ("/shipments?order_ids[]=10004", vec![7004]),
        ("/shipments?merchant_order_ids[]=M-0002", vec![7002]),
        ("/restocking_shipments?ids[]=13", vec![13]),
        ("/returns?ids[]=803", vec![803]),
        ("/warehouses?ids[]=2", vec![2]),
    ] {
        assert_eq!(ids(&get(&hive, path).await.json()), expected, "{path}");
    }
    let unknown = get(&hive, "/warehouses?colour=blue&colours[]=red")
        .await
        .json();
    assert_eq!(ids(&unknown), [2, 1]);
}

#[tokio::test]
async fn batches_are_shown_when_they_are_included() {
    let hive = hive().await;
    for path in ["/orders", "/shipments"] {
        let plain = get(&hive, path).await.json();
        assert_eq!(plain["data"][0]["items"][0].get("batches"), None);
        let full = get(&hive, &format!("{path}?include=batches")).await.json();
        let items = |order: &Value| order["items"].as_array().unwrap().clone();
        let all: Vec<Value> = full["data"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(items)
            .collect();
        assert!(all.iter().all(|item| item["batches"].is_array()));
        let tracked = all
            .iter()
            .find(|item| item["batches"] != json!([]))
            .unwrap();
        let batch = &tracked["batches"][0];
        assert_eq!(batch["quantity"], tracked["quantity"]);
        assert!(batch["expiry_date"].as_str().unwrap().starts_with("2023-"));
        let id = full["data"][0]["id"].as_i64().unwrap();
        let one = get(&hive, &format!("{path}/{id}?include=batches"))
            .await
            .json();
        assert_eq!(one, full["data"][0]);
    }
}

/// The enums of the read-only resources have values with spaces, null and the empty text.
#[tokio::test]
async fn seeds_hold_the_odd_values() {
    let hive = hive().await;
    let state = hive.state();
    let values = |list: &str, member: &str| -> BTreeSet<String> {
        let records = state[list].as_array().unwrap();
        records
            .iter()
            .map(|record| record[member].to_string())
            .collect()
    };
    assert!(values("shipments", "delivery_status").contains(r#""Out for delivery""#));
    assert!(values("shipments", "delivery_status").contains("null"));
    let reasons = values("returns", "return_reason");
    assert!(reasons.contains(r#""""#) && reasons.contains("null") && reasons.len() == 8);
    assert_eq!(values("orders", "status").len(), 3);
    assert_eq!(values("restocking_shipments", "status").len(), 7);
    let first = get(&hive, "/orders/10001").await.json();
    assert_eq!(first["created_at"], "2022-11-01T17:42:07.409+01:00");
    for (path, id) in [
        ("/shipments", 7001),
        ("/returns", 801),
        ("/restocking_shipments", 13),
    ] {
        let one = get(&hive, &format!("{path}/{id}")).await;
        assert_eq!((one.status, one.json()["id"].as_i64()), (200, Some(id)));
        assert_eq!(get(&hive, &format!("{path}/1")).await.status, 404);
    }
    assert_eq!(
        hive.state(),
        begin(Config::default()).await.0.state(),
        "seeds are the same each time"
    );
}
