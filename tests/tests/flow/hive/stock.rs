//! Restocking shipments, shipments, returns and warehouses of Hive over TCP.

use etiquette_apis::Kind;
use etiquette_apis::hive::{
    DeliveryOption, DeliveryStatus, Fault, NewAnnouncedBatch, NewRestockingShipment,
    NewRestockingShipmentItem, RestockingShipment, RestockingShipmentStatus, Return, ReturnReason,
    ReturnReasonType, Shipment, ShipmentInclude, ShipmentStatus, Warehouse,
};
use etiquette_apis::values::Date;
use etiquette_standins::Fault as Play;
use futures::TryStreamExt;
use serde_json::{Value, json};

use crate::flow::world::live_hive;

fn new() -> NewRestockingShipment {
    let batch = NewAnnouncedBatch::new()
        .name("B-1")
        .expiry_date("2027-01-31".parse::<Date>().unwrap());
    NewRestockingShipment::builder()
        .warehouse_id(1)
        .estimated_arrival_date("2026-12-01".parse::<Date>().unwrap())
        .delivery_option(DeliveryOption::HiveFreight)
        .restocking_shipment_items([NewRestockingShipmentItem::new(40)
            .merchant_sku_id("SKU-001")
            .remarks("fragile")
            .inventory_batches([batch])])
        .po_number("PO-7")
}

fn sent(arrival: &etiquette_standins::Arrival) -> Value {
    serde_json::from_slice(&arrival.body).unwrap()
}

#[tokio::test]
async fn restocking_shipments_are_walked_created_and_got() {
    let live = live_hive().await;
    let api = live.api.restocking_shipments();
    let all: Vec<RestockingShipment> = api.list().items().try_collect().await.unwrap();
    assert_eq!(all.len(), 7);
    let created = api.create(&new()).await.unwrap();
    assert_eq!(created.status, RestockingShipmentStatus::Shipped);
    assert_eq!(
        created.restocking_shipment_items[0].inventory_batches[0]
            .name
            .as_deref(),
        Some("B-1")
    );
    assert_eq!(
        sent(&live.server.writes()[0]),
        json!({
            "warehouse_id": 1, "estimated_arrival_date": "2026-12-01",
            "delivery_option": "hive_freight", "po_number": "PO-7",
            "restocking_shipment_items": [{
                "announced_quantity": 40, "merchant_sku_id": "SKU-001", "remarks": "fragile",
                "inventory_batches": [{"name": "B-1", "expiry_date": "2027-01-31"}],
            }],
        })
    );
    assert_eq!(api.get(created.id).await.unwrap(), created);
    let error = api.get(1).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::NotFound));
}

/// What was read is what is written back; what changes is what the caller changes.
#[tokio::test]
async fn a_replacement_writes_back_what_was_read() {
    let live = live_hive().await;
    let api = live.api.restocking_shipments();
    let created = api.create(&new()).await.unwrap();
    let same = api
        .replace(created.id, &created.to_replacement())
        .await
        .unwrap();
    assert_eq!(same.to_replacement(), created.to_replacement());

    let mut replacement = created.to_replacement();
    replacement.po_number = None;
    replacement.restocking_shipment_items[0].announced_quantity = 41;
    let changed = api.replace(created.id, &replacement).await.unwrap();
    assert_eq!(
        (changed.po_number.clone(), changed.to_replacement()),
        (None, replacement)
    );
    let write = live.server.writes().pop().unwrap();
    assert_eq!(write.method, http::Method::PUT);
    let body = sent(&write);
    assert_eq!(
        body["po_number"],
        Value::Null,
        "it is cleared and not left out"
    );
    assert_eq!(body["tracking_code"], Value::Null);
    let members: Vec<_> = body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert!(
        !members.contains(&"status") && !members.contains(&"id"),
        "{members:?}"
    );
}

/// A replacement is sent again when its answer is lost; the API takes it only on the way.
#[tokio::test]
async fn a_replacement_is_idempotent_and_only_for_what_is_on_its_way() {
    let live = live_hive().await;
    let api = live.api.restocking_shipments();
    let all: Vec<RestockingShipment> = api.list().items().try_collect().await.unwrap();
    for shipment in &all {
        let before = live.server.writes().len();
        live.server.next(Play::ResetAfter);
        let replaced = api.replace(shipment.id, &shipment.to_replacement()).await;
        assert_eq!(live.server.writes().len() - before, 2);
        let is_open = matches!(
            shipment.status,
            RestockingShipmentStatus::Shipped | RestockingShipmentStatus::Created
        );
        match replaced {
            Ok(replaced) => assert!(is_open && replaced.id == shipment.id),
            Err(error) => {
                assert!(!is_open, "{error}");
                assert_eq!(Fault::of(&error), Some(Fault::Invalid));
            }
        }
    }
}

/// Row G4: a value of tomorrow is kept and goes back with the replacement.
#[tokio::test]
async fn an_unknown_way_of_delivery_is_written_back() {
    let live = live_hive().await;
    let api = live.api.restocking_shipments();
    live.server
        .next(Play::set("/delivery_option", json!("drone")));
    let shipment = api.get(13).await.unwrap();
    assert!(
        matches!(&shipment.delivery_option, DeliveryOption::Unknown(value) if value.as_str() == "drone")
    );
    api.replace(13, &shipment.to_replacement())
        .await
        .unwrap_err();
    assert_eq!(sent(&live.server.writes()[0])["delivery_option"], "drone");
}

/// Values on the wire have blanks and capitals.
#[tokio::test]
async fn shipments_are_walked_and_got() {
    let live = live_hive().await;
    let api = live.api.shipments();
    let all: Vec<Shipment> = api.list().items().try_collect().await.unwrap();
    assert_eq!((all.len(), live.server.arrivals().len()), (30, 2));
    for known in [
        DeliveryStatus::InformationTransmittedToTheCarrier,
        DeliveryStatus::InTransit,
        DeliveryStatus::OutForDelivery,
        DeliveryStatus::Delivered,
        DeliveryStatus::ReturnedToSender,
        DeliveryStatus::ActionRequired,
    ] {
        let found = all
            .iter()
            .find(|shipment| shipment.delivery_status.as_ref() == Some(&known));
        let found = found.unwrap_or_else(|| panic!("none is {known}"));
        assert_eq!(found.status, ShipmentStatus::Shipped);
        assert!(
            found
                .shipped_at
                .is_some_and(|shipped| shipped > found.created_at)
        );
    }
    let add_on = all
        .iter()
        .flat_map(|shipment| &shipment.items)
        .find(|item| item.merchant_item_id.is_none());
    assert!(add_on.is_some(), "an add-on belongs to no line of an order");
    assert!(
        all.iter()
            .any(|shipment| shipment.delivery_status.is_none())
    );

    let plain = api.get(7_001).await.unwrap();
    assert!(plain.items.iter().all(|item| item.batches.is_empty()));
    let with = api
        .get(7_001)
        .include(ShipmentInclude::Batches)
        .await
        .unwrap();
    assert!(with.items.iter().any(|item| !item.batches.is_empty()));
    let page = api
        .list()
        .include(ShipmentInclude::Batches)
        .created_at(plain.created_at..)
        .await
        .unwrap();
    assert!(
        page.items
            .iter()
            .all(|shipment| shipment.created_at >= plain.created_at)
    );
    let error = api.get(1).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::NotFound));
}

/// The empty text is a value, and null is none.
#[tokio::test]
async fn returns_are_walked_and_got() {
    let live = live_hive().await;
    let api = live.api.returns();
    let all: Vec<Return> = api.list().items().try_collect().await.unwrap();
    assert_eq!(all.len(), 14);
    let by = |kind: Option<ReturnReasonType>, reason: Option<ReturnReason>| {
        all.iter()
            .filter(|r| r.return_reason_type == kind && r.return_reason == reason)
            .count()
    };
    assert_eq!(
        by(Some(ReturnReasonType::Empty), Some(ReturnReason::Empty)),
        1
    );
    assert!(by(None, None) >= 1);
    assert_eq!(ReturnReason::from(""), ReturnReason::Empty);
    assert_eq!(ReturnReason::Empty.to_string(), "");
    let one = api.get(all[0].id).await.unwrap();
    assert_eq!(one, all[0]);
    assert!(one.order["merchant_order_id"].is_string());
    let kept = &one.return_items[0].extra;
    assert!(
        kept.contains_key("merchant_sku_id"),
        "unknown members are kept: {kept:?}"
    );
}

/// Row G4: what nobody names yet is kept, where the description says so.
#[tokio::test]
async fn warehouses_keep_what_is_not_named() {
    let live = live_hive().await;
    live.server.next(Play::patch(|body| {
        body["data"][0]["opens"] = json!({"at": "08:00", "days": [1, 2]});
        body["data"][1]["name"] = json!("Röntgenstraße");
    }));
    let all: Vec<Warehouse> = live
        .api
        .warehouses()
        .list()
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(
        all[0].extra["opens"],
        json!({"at": "08:00", "days": [1, 2]})
    );
    assert!(all[1].extra.is_empty());
    assert_eq!(all[1].name, "Röntgenstraße");
}

/// All values of tomorrow, wherever an enum stands, cost nothing.
#[tokio::test]
async fn unknown_values_cost_nothing() {
    let live = live_hive().await;
    live.server.next(Play::patch(|body| {
        body["status"] = json!("teleported");
        body["delivery_status"] = json!("Lost in space");
    }));
    let shipment = live.api.shipments().get(7_001).await.unwrap();
    assert_eq!(shipment.status.to_string(), "teleported");
    assert_eq!(
        shipment.delivery_status.unwrap().to_string(),
        "Lost in space"
    );
    live.server.next(Play::set("/status", json!(3)));
    let error = live.api.shipments().get(7_001).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (Kind::Decode, Some("/status"))
    );
}
