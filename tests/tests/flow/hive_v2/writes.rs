//! Writes of Hive's second version over TCP: orders of a sales channel, changed by either number, and SKUs by their
//! codes.

use etiquette_apis::hive_v2::{
    Address, BulkUpsertSkusBody, DeliveryOption, Fault, NewOrder, NewOrderLineItem, NewSku, Order,
    OrderPatch, OrderStatus, RestockingShipmentItemReplacement, RestockingShipmentReplacement, Sku,
    SkuBulkUpsert, SkuPatch, SkuRef, SkuStatus,
};
use etiquette_apis::values::Timestamp;
use etiquette_apis::{Kind, Patch, Reconciled};
use etiquette_standins::Fault as Play;
use futures::TryStreamExt;
use serde_json::{Value, json};

use crate::flow::world::{KEY, decoded, live_hive_v2};

fn body(arrival: &etiquette_standins::Arrival) -> Value {
    serde_json::from_slice(&arrival.body).unwrap()
}

fn address() -> Address {
    Address::builder()
        .full_name("Canary Brown")
        .line1("1 Main St")
        .city("Berlin")
        .country_code("DE")
        .postal_code("10115")
}

fn order(number: &str) -> NewOrder {
    let sku = SkuRef::new().sku_code("SKU-002");
    let line = NewOrderLineItem::builder()
        .merchant_item_id("1")
        .quantity(2)
        .price_per_unit_in_cents(250)
        .sku(sku);
    let order = NewOrder::builder()
        .sales_channel_id(2)
        .merchant_order_id(number);
    order
        .shipping_address(address())
        .items([line])
        .external_created_at(
            "2022-11-01T17:42:07.409+01:00"
                .parse::<Timestamp>()
                .unwrap(),
        )
}

#[tokio::test]
async fn an_order_of_a_channel() {
    let live = live_hive_v2().await;
    let made = live.api.orders().create(&order("S 1/ü?#")).await.unwrap();
    assert_eq!(
        (made.sales_channel_id, made.status.clone()),
        (2, OrderStatus::Fulfillable)
    );
    assert_eq!(
        made.external_created_at.unwrap().to_string(),
        "2022-11-01T16:42:07.409Z"
    );
    assert_eq!(made.items[0].sku.sku_code.as_deref(), Some("SKU-002"));
    assert_eq!(made.items[0].sku.id, Some(502));
    assert!(!format!("{made:?}").contains("Canary"));

    // By the number at the merchant, whatever it is made of.
    let patch = OrderPatch::new()
        .customer_order_number("C-7")
        .carrier_preference(Patch::Null);
    let changed = live
        .api
        .orders()
        .update_by_merchant_id("S 1/ü?#", &patch)
        .await
        .unwrap();
    assert_eq!(
        (changed.id, changed.customer_order_number.as_deref()),
        (made.id, Some("C-7"))
    );
    let last = live.server.writes().pop().unwrap();
    assert_eq!(
        last.path,
        "/merchant_api/v2/orders/merchant_order_id/S%201%2F%C3%BC%3F%23"
    );
    assert_eq!(
        decoded(&last.path),
        "/merchant_api/v2/orders/merchant_order_id/S 1/ü?#"
    );
    assert_eq!(
        body(&last),
        json!({"customer_order_number": "C-7", "carrier_preference": null})
    );

    let changed = live
        .api
        .orders()
        .update(made.id, &OrderPatch::new().external_created_at(Patch::Null))
        .await
        .unwrap();
    assert_eq!(
        (
            changed.external_created_at,
            changed.customer_order_number.as_deref()
        ),
        (None, Some("C-7"))
    );
    let cancelled = live.api.orders().cancel(made.id).await.unwrap();
    assert_eq!(cancelled.status, OrderStatus::Unfulfillable);
    let missing = live
        .api
        .orders()
        .update_by_merchant_id("none", &patch)
        .await
        .unwrap_err();
    assert_eq!(Fault::of(&missing), Some(Fault::NotFound));
    assert!(
        live.server
            .writes()
            .iter()
            .all(|one| one.secrets == ["header authorization"])
    );
}

/// Row A2, A11: no key and a lost answer: nothing is sent again, and the order is found by its number.
#[tokio::test]
async fn a_lost_answer_is_looked_up() {
    let live = live_hive_v2().await;
    live.server.next(Play::ResetAfter);
    let error = live.api.orders().create(&order("L-1")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Ambiguous);
    assert!(error.may_have_happened() && !format!("{error} {error:?}").contains(KEY));
    assert_eq!(live.server.writes().len(), 1);

    live.server.next(Play::CloseAfter);
    let found = live
        .api
        .orders()
        .create(&order("L-2"))
        .reconcile()
        .await
        .unwrap();
    let Reconciled::Existing(found) = found else {
        panic!("it was made, though nobody heard of it");
    };
    assert_eq!(found.merchant_order_id, "L-2");
    assert_eq!(live.server.writes().len(), 2);
    let state = live.server.state();
    let orders = state["merchant"]["orders"].as_array().unwrap();
    let made = orders
        .iter()
        .filter(|one| one["merchant_order_id"].as_str().unwrap().starts_with("L-"));
    assert_eq!(made.count(), 2, "each once");

    // A number that is taken is invalid, and says so.
    let taken = live.api.orders().create(&order("L-2")).await.unwrap_err();
    assert_eq!(Fault::of(&taken), Some(Fault::Invalid));
    assert!(!taken.may_have_happened());
}

/// What version 2 asks for besides: a channel, and one of the ids of a SKU.
#[tokio::test]
async fn complaints_are_told() {
    let live = live_hive_v2().await;
    let mut wrong = order("W-1");
    wrong.sales_channel_id = 9;
    let error = live.api.orders().create(&wrong).await.unwrap_err();
    assert_eq!(
        (Fault::of(&error), error.messages()[0].text.as_str()),
        (Some(Fault::Invalid), "Sales channel must exist")
    );
    let before = live.server.writes().len();
    let mut nothing = order("W-2");
    nothing.items[0].sku = SkuRef::new();
    let error = live.api.orders().create(&nothing).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Parameter, "{error}");
    assert_eq!(
        live.server.writes().len(),
        before,
        "a SKU without any id is not sent"
    );
}

#[tokio::test]
async fn skus_by_their_codes() {
    let live = live_hive_v2().await;
    let sku = live
        .api
        .skus()
        .create(&NewSku::new("N-1", "New").hs_code("6109"))
        .await
        .unwrap();
    assert_eq!(
        (sku.sku_code.as_str(), sku.status),
        ("N-1", SkuStatus::Active)
    );
    let sent = body(&live.server.writes()[0]);
    assert_eq!(
        sent,
        json!({"sku_code": "N-1", "name": "New", "hs_code": "6109"})
    );
    let patch = SkuPatch::new().name("Newer").hs_code(Patch::Null);
    let sku = live.api.skus().update(sku.id, &patch).await.unwrap();
    assert_eq!((sku.name.as_str(), sku.hs_code), ("Newer", None));
    let row = SkuBulkUpsert {
        sku_code: "N-1".to_owned(),
        name: "Newest".to_owned(),
        cost_in_cents: Some(5),
        country_code_of_origin: None,
        hs_code: None,
        barcode: None,
        batch_tracking_enabled: None,
        weight_in_kg: None,
        image_url: None,
    };
    live.server.next(Play::ResetAfter);
    live.api
        .skus()
        .bulk_upsert(&BulkUpsertSkusBody::new([row]))
        .await
        .unwrap();
    // A bulk write may be repeated, and is one SKU all the same.
    let all: Vec<Sku> = live.api.skus().list().items().try_collect().await.unwrap();
    let found: Vec<&Sku> = all.iter().filter(|one| one.sku_code == "N-1").collect();
    assert_eq!((found.len(), found[0].name.as_str()), (1, "Newest"));
    assert_eq!(live.server.writes().len(), 4);
    live.api.skus().delete(sku.id).await.unwrap();
    let all: Vec<Sku> = live.api.skus().list().items().try_collect().await.unwrap();
    let gone = all.iter().find(|one| one.id == sku.id).unwrap();
    assert_eq!(gone.status, SkuStatus::Deleted);
}

/// A replacement of a restocking shipment names each SKU by an object.
#[tokio::test]
async fn restocking_is_replaced_as_a_whole() {
    let live = live_hive_v2().await;
    let all = live.api.restocking_shipments().list().items();
    let all: Vec<_> = all.try_collect().await.unwrap();
    let open = all
        .iter()
        .find(|one| matches!(one.status.to_string().as_str(), "created" | "shipped"))
        .unwrap();
    let item = RestockingShipmentItemReplacement {
        announced_quantity: 12,
        sku: SkuRef::new().sku_code("SKU-002"),
        remarks: None,
        total_cost_in_cents: None,
        inventory_batches: Vec::new(),
    };
    let whole = RestockingShipmentReplacement {
        warehouse_id: open.warehouse_id,
        estimated_arrival_date: "2023-02-01".parse().unwrap(),
        delivery_option: DeliveryOption::HiveFreight,
        tracking_code: None,
        po_number: Some("PO-1".to_owned()),
        supplier_name: None,
        restocking_shipment_items: vec![item],
    };
    let sent = live.api.restocking_shipments().replace(open.id, &whole);
    let replaced = sent.await.unwrap();
    assert_eq!(replaced.po_number.as_deref(), Some("PO-1"));
    let items = &replaced.restocking_shipment_items;
    assert_eq!((items.len(), items[0].announced_quantity), (1, 12));
    assert_eq!(items[0].sku.id, Some(502));
    let body = body(&live.server.writes()[0]);
    assert_eq!(
        body["tracking_code"],
        Value::Null,
        "what is left out is cleared"
    );
    assert_eq!(
        body["restocking_shipment_items"][0]["sku"],
        json!({"sku_code": "SKU-002"})
    );
    assert_eq!(live.server.writes().len(), 1);
    let orders: Vec<Order> = live
        .api
        .orders()
        .list()
        .items()
        .try_collect()
        .await
        .unwrap();
    assert!(
        orders
            .iter()
            .all(|one| one.sales_channel_id == 1 || one.sales_channel_id == 2)
    );
}
