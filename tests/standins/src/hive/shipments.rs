//! Shipments: read only. What an order has become in the warehouse.
//!
//! The names of the tracking fields are not documented; chosen here.

use axum::extract::{Path, RawQuery, State as Extract};
use http::StatusCode;
use serde_json::{Value, json};

use super::listing::{self, Query};
use super::refusal::Refusal;
use super::state::{DAY, MINUTE, Record, Shared, State, instant, lock, object};
use super::{Answer, answer};

const STATUSES: [&str; 10] = [
    "shipped",
    "waiting_for_picking",
    "on_hold",
    "picking_assigned",
    "in_picking",
    "picked",
    "in_packing",
    "packed",
    "in_shipping",
    "cancelled",
];

/// These are spelt with spaces and capitals on the wire.
const DELIVERY_STATUSES: [&str; 6] = [
    "Delivered",
    "Information transmitted to the carrier",
    "In transit",
    "Out for delivery",
    "Returned to sender",
    "Action required",
];

pub(super) async fn list(Extract(shared): Extract<Shared>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let state = lock(&shared);
    let wanted = |record: &Record| {
        query.admits_created(record)
            && query.admits("ids", record, "id")
            && query.admits("order_ids", record, "order_id")
            && query.admits("merchant_order_ids", record, "merchant_order_id")
    };
    let show = |record: &Record| listing::show_items(record, query.with_batches);
    listing::page(&state, &query, &state.shipments, wanted, show)
}

pub(super) async fn fetch(
    Extract(shared): Extract<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::read(query.as_deref())?;
    let state = lock(&shared);
    let shipment = State::find(&state.shipments, &id).ok_or(Refusal::NotFound)?;
    answer(
        StatusCode::OK,
        &listing::show_items(shipment, query.with_batches),
    )
}

/// One for each order in turn. Every second one has been shipped; each fourth has an add-on that
/// no order item stands for.
pub(super) fn seed(state: &mut State, count: usize) {
    if state.orders.is_empty() {
        return;
    }
    for (place, number) in (0..count).zip(0_i64..) {
        let order = state.orders[place % state.orders.len()].clone();
        let id = 7001 + number;
        let created = order.created + 30 * MINUTE;
        let status = if place % 2 == 0 {
            STATUSES[0]
        } else {
            STATUSES[place / 2 % STATUSES.len()]
        };
        let shipped = status == "shipped";
        let delivery = DELIVERY_STATUSES[place / 2 % DELIVERY_STATUSES.len()];
        let delivered = shipped && delivery == "Delivered";
        let when = |happened: bool, at: i64| {
            if happened {
                Value::from(instant(at))
            } else {
                Value::Null
            }
        };
        let only_shipped = |text: String| {
            if shipped {
                Value::from(text)
            } else {
                Value::Null
            }
        };
        let json = object(json!({
            "id": id,
            "order_id": order.id,
            "merchant_order_id": order.text("merchant_order_id"),
            "status": status,
            "delivery_status": only_shipped(delivery.to_owned()),
            "shipment_provider": only_shipped("DHL".to_owned()),
            "created_at": instant(created),
            "shipped_at": when(shipped, created + DAY),
            "delivered_at": when(delivered, created + 3 * DAY),
            "tracking_code": only_shipped(format!("0034043{id}")),
            "tracking_url": only_shipped(format!("https://track.example.com/0034043{id}")),
            "items": items(state, &order, place % 4 == 3),
        }));
        state.shipments.push(Record { id, created, json });
    }
}

fn items(state: &mut State, order: &Record, with_add_on: bool) -> Vec<Value> {
    let ordered = order.json.get("items").and_then(Value::as_array);
    let mut items: Vec<Value> = Vec::new();
    for item in ordered.into_iter().flatten() {
        items.push(json!({
            "id": state.next_part(),
            "merchant_item_id": item["merchant_item_id"],
            "sku_id": item["sku_id"],
            "merchant_sku_id": item["merchant_sku_id"],
            "quantity": item["quantity"],
            "batches": item["batches"],
        }));
    }
    if with_add_on && let Some(sku) = state.skus.first().cloned() {
        items.push(json!({
            "id": state.next_part(),
            "merchant_item_id": Value::Null,
            "sku_id": sku.id,
            "merchant_sku_id": sku.text("merchant_sku_id"),
            "quantity": 1,
            "batches": [],
        }));
    }
    items
}
