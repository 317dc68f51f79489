//! The stand-in of Hive's second version: merchants, cursors, and what is called otherwise.

use std::time::{Duration, UNIX_EPOCH};

use etiquette_standins::hive::v2::{Config, STAGING, start};
use etiquette_standins::{HandClock, Standin};
use serde_json::{Value, json};

use crate::client::{Reply, get, send, write};
use crate::zengine_oauth::at;

async fn begin() -> (Standin, HandClock) {
    let clock = HandClock::new(UNIX_EPOCH + Duration::from_secs(1_714_564_820));
    (start(Config::default(), clock.now()).await.unwrap(), clock)
}

fn ids(page: &Value) -> Vec<i64> {
    let data = page["data"].as_array().unwrap();
    data.iter()
        .map(|record| record["id"].as_i64().unwrap())
        .collect()
}

fn order(merchant_id: &str) -> Value {
    json!({
        "merchant_order_id": merchant_id, "sales_channel_id": 2,
        "external_created_at": "2024-04-30T10:00:00Z",
        "shipping_address": {
            "full_name": "Ada Lovelace", "line1": "Torstraße 1", "city": "Berlin", "country_code": "DE", "postal_code": "10119",
        },
        "items": [
            { "merchant_item_id": "a", "sku_code": "SKU-001", "quantity": 1, "price_per_unit_in_cents": 5 },
            { "merchant_item_id": "b", "sku": { "id": 502 }, "quantity": 2, "price_per_unit_in_cents": 5 },
        ],
    })
}

/// Follows the addresses to the end.
async fn walk(hive: &Standin, path: &str) -> (Vec<i64>, usize) {
    let (mut seen, mut pages, mut path) = (Vec::new(), 0, path.to_owned());
    loop {
        let page = get(hive, &path).await.json();
        seen.extend(ids(&page));
        pages += 1;
        match page["pagination"]["next_page_url"].as_str() {
            None => return (seen, pages),
            Some(next) => next
                .strip_prefix(&hive.url())
                .unwrap()
                .clone_into(&mut path),
        }
    }
}

#[tokio::test]
async fn a_cursor_leads_through_a_list_that_grows() {
    let (hive, _) = begin().await;
    let (seen, pages) = walk(&hive, "/orders?limit=10").await;
    assert_eq!((seen.len(), pages), (45, 5));
    assert!(seen.is_sorted_by(|a, b| a > b));
    let (seen, pages) = walk(&hive, "/orders?limit=15").await;
    assert_eq!((seen.len(), pages), (45, 3), "a full last page is the last");
    let first = get(&hive, "/orders").await.json();
    assert_eq!(
        (ids(&first).len(), &first["pagination"]["limit"]),
        (20, &json!(20))
    );
    let next = first["pagination"]["next_page_url"].as_str().unwrap();
    let next = next.strip_prefix(&hive.url()).unwrap().to_owned();
    assert_eq!(
        write(&hive, "POST", "/orders", &order("NEW").to_string())
            .await
            .status,
        201
    );
    let second = get(&hive, &next).await.json();
    assert_eq!(ids(&second)[0], ids(&first)[19] - 1, "nothing has shifted");
    for wrong in ["cursor=x", "cursor=k_", "limit=0", "limit=101", "limit=x"] {
        assert_eq!(
            get(&hive, &format!("/orders?{wrong}")).await.status,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn filters_say_in_and_go_along_with_the_cursor() {
    let (hive, _) = begin().await;
    for (query, expected) in [
        ("order_id[in]=10001,10003", vec![10_003, 10_001]),
        (
            "merchant_order_id%5Bin%5D=M-0002,M-0009",
            vec![10_009, 10_002],
        ),
        (
            "merchant_order_id[in][]=M-0002&merchant_order_id[in][]=M-0004",
            vec![10_004, 10_002],
        ),
        ("created_at[lte]=2022-11-01T16:42:07.409Z", vec![10_001]),
        ("order_id[in]=10001,10003&sales_channel_id[in]=2", vec![]),
    ] {
        let page = get(&hive, &format!("/orders?{query}")).await.json();
        assert_eq!(ids(&page), expected, "{query}");
    }
    let shipped = get(&hive, "/shipments?order_id[in]=10004").await.json();
    assert_eq!(ids(&shipped), [7004]);
    assert_eq!(
        ids(&get(&hive, "/skus?sku_code[in]=SKU-003").await.json()),
        [503]
    );
    let (seen, pages) = walk(&hive, "/orders?limit=4&sales_channel_id[in]=2").await;
    assert_eq!((seen.len(), pages), (15, 4));
    assert!(seen.iter().all(|id| id % 3 == 0));
    assert_eq!(get(&hive, "/orders?created_at[in2]=x").await.status, 400);
}

#[tokio::test]
async fn what_is_called_otherwise_is_so_on_both_ways() {
    let (hive, _) = begin().await;
    let made = write(&hive, "POST", "/orders", &order("NEW").to_string()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    assert_eq!(
        made["items"][0]["sku"],
        json!({ "id": 501, "sku_code": "SKU-001" })
    );
    assert_eq!(made["items"][1]["sku"]["sku_code"], "SKU-002");
    assert_eq!(made["items"][0].get("merchant_sku_id"), None);
    assert_eq!(
        (&made["sales_channel_id"], &made["external_created_at"]),
        (&json!(2), &json!("2024-04-30T11:00:00.000+01:00"))
    );
    let complaints = |reply: &Reply| {
        assert_eq!(reply.status, 422, "{}", reply.body);
        reply.json()["errors"].clone()
    };
    let taken = write(&hive, "POST", "/orders", &order("NEW").to_string()).await;
    assert_eq!(
        complaints(&taken),
        json!(["Merchant order has already been taken"])
    );
    let mut bare = order("BARE");
    bare.as_object_mut().unwrap().remove("sales_channel_id");
    let refused = write(&hive, "POST", "/orders", &bare.to_string()).await;
    assert_eq!(
        complaints(&refused),
        json!(["Sales channel can't be blank"])
    );
    // The name of the first version says nothing here.
    let old = r#"{"name":"A","merchant_sku_id":"OLD"}"#;
    assert_eq!(
        complaints(&write(&hive, "POST", "/skus", old).await),
        json!(["Sku code can't be blank"])
    );
    let sku = write(&hive, "POST", "/skus", r#"{"name":"A","sku_code":"NEW"}"#)
        .await
        .json();
    assert_eq!(
        (&sku["sku_code"], sku.get("merchant_sku_id")),
        (&json!("NEW"), None)
    );
    let bulk = r#"{"skus":[{"name":"B","sku_code":"NEW"}]}"#;
    let bulk = write(&hive, "POST", "/skus/bulk_upsert", bulk).await.json();
    assert_eq!(
        (&bulk["data"][0]["id"], &bulk["data"][0]["sku_code"]),
        (&sku["id"], &json!("NEW"))
    );
}

#[tokio::test]
async fn an_order_is_found_by_the_merchants_own_id() {
    let (hive, _) = begin().await;
    let made = write(&hive, "POST", "/orders", &order("NEW").to_string())
        .await
        .json();
    let path = "/orders/merchant_order_id/NEW";
    let changed = write(
        &hive,
        "PATCH",
        path,
        r#"{"tags":["vip"],"sales_channel_id":1}"#,
    )
    .await
    .json();
    assert_eq!(
        (
            &changed["id"],
            &changed["tags"],
            &changed["sales_channel_id"]
        ),
        (&made["id"], &json!(["vip"]), &json!(1))
    );
    assert_eq!(get(&hive, path).await.json(), changed);
    let cancelled = write(&hive, "POST", &format!("/orders/{}/cancel", made["id"]), "").await;
    assert_eq!(cancelled.json()["status"], "unfulfillable");
    let shipment = get(&hive, "/shipments/7001").await.json();
    assert_eq!(shipment["items"][0]["serial_numbers"], json!([]));
    let returned = get(&hive, "/returns/801").await.json();
    assert!(returned["order"]["items"][0]["sku"]["id"].is_i64());
    assert_eq!(ids(&get(&hive, "/sales_channels").await.json()), [1, 2]);
    for path in ["/orders/1", "/orders/merchant_order_id/X", "/nowhere"] {
        assert_eq!(get(&hive, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn each_merchant_has_a_token_records_and_a_limit() {
    let (hive, _) = begin().await;
    let other = [("authorization", "Bearer hive-v2-other-key")];
    let staging = [("authorization", "Bearer hive-v2-staging-key")];
    assert!(hive.url().ends_with("/merchant_api/v2"));
    for _ in 0..100 {
        assert_eq!(get(&hive, "/warehouses").await.status, 200);
    }
    assert_eq!(get(&hive, "/warehouses").await.status, 429);
    let theirs = send(&hive, "GET", "/orders?limit=100", &other, "")
        .await
        .unwrap();
    assert_eq!(
        (theirs.status, theirs.header("x-rate-limit-used")),
        (200, Some("1"))
    );
    assert_eq!(ids(&theirs.json()).len(), 15);
    assert_eq!(
        send(&hive, "GET", "/orders/10040", &other, "")
            .await
            .unwrap()
            .status,
        404
    );
    assert_eq!(
        send(&hive, "GET", "/orders", &staging, "")
            .await
            .unwrap()
            .status,
        401
    );
    let path = "/merchant_api/v2/orders?limit=4";
    let there = at(&hive, STAGING, "GET", path, &staging, "").await.json();
    let next = there["pagination"]["next_page_url"].as_str().unwrap();
    assert!(next.starts_with(&hive.url_of(STAGING).unwrap()));
    assert_eq!(
        at(&hive, STAGING, "GET", path, &other, "").await.status,
        401
    );
}
