//! Pages of Hive's second version, over TCP: each names the next one, filters go along, and what comes meanwhile shifts
//! nothing.

use std::collections::BTreeSet;

use etiquette_apis::Kind;
use etiquette_apis::hive_v2::{Order, OrderInclude, Shipment, ShipmentInclude};
use etiquette_standins::Fault as Play;
use futures::TryStreamExt;
use http::Method;
use serde_json::{Value, json};

use crate::flow::world::{decoded, live_hive_v2};

fn ids(state: &Value, collection: &str) -> BTreeSet<i64> {
    let all = state["merchant"][collection].as_array().unwrap();
    all.iter().map(|one| one["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn every_list_is_walked_by_the_address_of_the_next_page() {
    let live = live_hive_v2().await;
    let state = live.server.state();
    let api = &live.api;
    macro_rules! walked {
        ($resource:ident, $limit:expr) => {{
            let before = live.server.arrivals().len();
            let all: Vec<_> = api
                .$resource()
                .list()
                .limit($limit)
                .items()
                .try_collect()
                .await
                .unwrap();
            let once: BTreeSet<i64> = all.iter().map(|one| one.id).collect();
            assert_eq!(once.len(), all.len());
            assert_eq!(once, ids(&state, stringify!($resource)));
            let pages = live.server.arrivals().len() - before;
            assert_eq!(
                pages,
                all.len().div_ceil($limit).max(1),
                stringify!($resource)
            );
        }};
    }
    walked!(orders, 7);
    walked!(skus, 5);
    walked!(shipments, 100);
    walked!(restocking_shipments, 1);
    walked!(returns, 2);
    walked!(warehouses, 20);
    let arrivals = live.server.arrivals();
    assert!(
        arrivals
            .iter()
            .all(|one| one.secrets == ["header authorization"])
    );
    let second = decoded(arrivals[1].query.as_deref().unwrap());
    assert!(second.starts_with("limit=7&cursor=k"), "{second}");
}

/// Filters of many values and of ranges, on all pages of the walk.
#[tokio::test]
async fn filters_go_along_from_page_to_page() {
    let live = live_hive_v2().await;
    let all: Vec<Order> = live
        .api
        .orders()
        .list()
        .items()
        .try_collect()
        .await
        .unwrap();
    let wanted: BTreeSet<i64> = all
        .iter()
        .map(|order| order.id)
        .filter(|id| id % 3 == 0)
        .collect();
    assert!(wanted.len() > 4);
    live.server.reset_arrivals();
    let list = live
        .api
        .orders()
        .list()
        .id_in(wanted.iter().copied())
        .limit(4);
    let found: Vec<Order> = list.items().try_collect().await.unwrap();
    assert_eq!(
        found.iter().map(|order| order.id).collect::<BTreeSet<_>>(),
        wanted
    );
    for arrival in live.server.arrivals() {
        let query = decoded(arrival.query.as_deref().unwrap());
        assert_eq!(
            query.matches("order_id[in][]=").count(),
            wanted.len(),
            "{query}"
        );
    }
    assert_eq!(live.server.arrivals().len(), wanted.len().div_ceil(4));

    let names = ["a&b=c", all[2].merchant_order_id.as_str(), "ü,x"];
    let page = live.api.orders().list().merchant_order_id_in(names).await;
    // A comma parts values, as the stand-in reads them; what is asked for is there all the same.
    assert_eq!(page.unwrap().items[0].id, all[2].id);
    let middle = all[all.len() / 2].created_at;
    let younger: Vec<Order> = live
        .api
        .orders()
        .list()
        .created_at(middle..)
        .items()
        .try_collect()
        .await
        .unwrap();
    let expected = all
        .iter()
        .filter(|order| order.created_at >= middle)
        .count();
    assert_eq!(younger.len(), expected);
    let shipments: Vec<Shipment> = live
        .api
        .shipments()
        .list()
        .order_id_in([all[0].id, all[1].id])
        .items()
        .try_collect()
        .await
        .unwrap();
    assert!(
        shipments
            .iter()
            .all(|one| one.order_id == all[0].id || one.order_id == all[1].id)
    );
}

/// Orders that come meanwhile shift nothing: a cursor says behind which order a page begins.
#[tokio::test]
async fn what_comes_meanwhile_shifts_nothing() {
    let live = live_hive_v2().await;
    let before = ids(&live.server.state(), "orders");
    let mut walk = live.api.orders().list().limit(6).items();
    let mut seen = Vec::new();
    while let Some(order) = walk.try_next().await.unwrap() {
        if seen.len() % 6 == 2 {
            let body = json!({
                "sales_channel_id": 1,
                "merchant_order_id": format!("late-{}", seen.len()),
                "shipping_address": {"full_name": "C B", "line1": "1", "city": "B", "country_code": "DE", "postal_code": "1"},
                "items": [{"merchant_item_id": "1", "quantity": 1, "price_per_unit_in_cents": 1, "sku": {"id": 501}}],
            });
            let reply = live.server.act(Method::POST, "/orders", Some(&body)).await;
            assert_eq!(reply.status(), 201);
        }
        seen.push(order.id);
    }
    assert_eq!(seen.iter().copied().collect::<BTreeSet<_>>(), before);
    assert_eq!(seen.len(), before.len(), "none twice");
    assert_eq!(
        live.server.arrivals().len(),
        before.len().div_ceil(6),
        "and no page more"
    );
}

/// The address of the next page leads away: the token goes nowhere, and the walk ends with an error.
#[tokio::test]
async fn an_address_elsewhere_is_not_followed() {
    for url in [
        "https://hive.example/merchant_api/v2/orders?cursor=k1_1",
        "//hive.example/merchant_api/v2/orders?cursor=k1_1",
        "http://127.0.0.1:9/merchant_api/v2/orders?cursor=k1_1",
    ] {
        let live = live_hive_v2().await;
        live.server
            .next(Play::set("/pagination/next_page_url", json!(url)));
        let mut walk = live.api.orders().list().limit(3).items();
        let mut count = 0;
        let error = loop {
            match walk.try_next().await {
                Ok(Some(_)) => count += 1,
                Ok(None) => panic!("the walk must not look whole"),
                Err(error) => break error,
            }
        };
        assert_eq!((count, error.kind()), (3, Kind::CrossOriginLink), "{url}");
        assert_eq!(live.server.arrivals().len(), 1);
    }
}

/// Row H1: a page that names itself as the next one ends in an error.
#[tokio::test]
async fn a_circle_is_an_error() {
    let live = live_hive_v2().await;
    let own = format!("{}/orders?limit=3", live.server.url());
    live.server
        .on_each(move |_| Some(Play::set("/pagination/next_page_url", json!(own))));
    let walk = live.api.orders().list().limit(3).items();
    let error = walk.try_collect::<Vec<Order>>().await.unwrap_err();
    assert_eq!(error.kind(), Kind::PagingStalled);
    assert!(live.server.arrivals().len() <= 3);
}

/// Only those who ask for batches get them.
#[tokio::test]
async fn what_is_included_is_asked_for() {
    let live = live_hive_v2().await;
    let plain: Vec<Shipment> = live
        .api
        .shipments()
        .list()
        .items()
        .try_collect()
        .await
        .unwrap();
    let batches = |all: &[Shipment]| -> usize {
        let items = all.iter().flat_map(|one| &one.items);
        items.map(|item| item.batches.len()).sum()
    };
    assert_eq!(batches(&plain), 0);
    let list = live
        .api
        .shipments()
        .list()
        .include(ShipmentInclude::Batches);
    let whole: Vec<Shipment> = list.items().try_collect().await.unwrap();
    assert!(batches(&whole) > 0);
    let order = live.api.orders().list().limit(1).await.unwrap().items[0].id;
    let order = live
        .api
        .orders()
        .get(order)
        .include(OrderInclude::Batches)
        .await
        .unwrap();
    assert!(order.sales_channel_id > 0);
}
