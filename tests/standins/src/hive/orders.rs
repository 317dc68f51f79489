//! Orders: created once for each `merchant_order_id`, changed in part, cancelled.
//!
//! Changing and cancelling exist, but where they are is not documented; chosen here: `PATCH` on
//! the order and `POST …/cancel`, neither of them once it is fulfilled.

use axum::extract::{Path, RawQuery, State as Extract};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::fields::read_body;
use super::listing::{self, Query};
use super::order_body::{complete_item, read_change, read_new};
use super::refusal::{Refusal, settle};
use super::state::{
    FIRST_CREATED, MINUTE, Object, Record, Shared, State, instant, lock, next_id, object, place,
};
use super::{Answer, answer};
use crate::calendar::parse_instant;

const FIRST_ID: i64 = 10_001;
const STATUSES: [&str; 3] = ["fulfillable", "fulfilled", "unfulfillable"];
const PAYMENTS: [Option<&str>; 4] = [Some("paid"), Some("pending"), Some("refunded"), None];
const TAKEN: &str = "Merchant order has already been taken";

pub(super) async fn list(Extract(shared): Extract<Shared>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let state = lock(&shared);
    let wanted = |record: &Record| {
        query.admits_created(record)
            && query.admits("ids", record, "id")
            && query.admits("merchant_order_ids", record, "merchant_order_id")
    };
    let show = |record: &Record| listing::show_items(record, query.with_batches);
    listing::page(&state, &query, &state.orders, wanted, show)
}

pub(super) async fn fetch(
    Extract(shared): Extract<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::read(query.as_deref())?;
    let state = lock(&shared);
    let order = State::find(&state.orders, &id).ok_or(Refusal::NotFound)?;
    answer(
        StatusCode::OK,
        &listing::show_items(order, query.with_batches),
    )
}

pub(super) async fn create(
    Extract(shared): Extract<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = read_body(&headers, &body)?;
    let mut state = lock(&shared);
    let now = instant(state.now());
    let mut complaints = Vec::new();
    let mut order = read_new(&body, &state.skus, &now, &mut complaints);
    if by_merchant_id(&state.orders, &order).is_some() {
        complaints.push(TAKEN.to_owned());
    }
    settle(complaints)?;
    let id = next_id(&state.orders, FIRST_ID);
    order.insert("id".to_owned(), id.into());
    order.insert("status".to_owned(), "fulfillable".into());
    let record = Record {
        id,
        created: created_at(&order),
        json: order,
    };
    let reply = answer(StatusCode::CREATED, &listing::show_items(&record, false));
    state.orders.push(record);
    reply
}

pub(super) async fn update(
    Extract(shared): Extract<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let mut state = lock(&shared);
    let place = place(&state.orders, &id).ok_or(Refusal::NotFound)?;
    let body = read_body(&headers, &body)?;
    let order = &state.orders[place];
    if order.text("status") == "fulfilled" {
        return Err(Refusal::invalid("Order is already fulfilled"));
    }
    let mut complaints = Vec::new();
    let change = read_change(&body, order, &state.skus, &mut complaints);
    if by_merchant_id(&state.orders, &change).is_some_and(|other| other != place) {
        complaints.push(TAKEN.to_owned());
    }
    settle(complaints)?;
    let order = &mut state.orders[place];
    order.json.extend(change);
    order.created = created_at(&order.json);
    answer(StatusCode::OK, &listing::show_items(order, false))
}

pub(super) async fn cancel(Extract(shared): Extract<Shared>, Path(id): Path<String>) -> Answer {
    let mut state = lock(&shared);
    let place = place(&state.orders, &id).ok_or(Refusal::NotFound)?;
    let order = &mut state.orders[place];
    if order.text("status") == "fulfilled" {
        return Err(Refusal::invalid("Order is already fulfilled"));
    }
    order
        .json
        .insert("status".to_owned(), "unfulfillable".into());
    answer(StatusCode::OK, &listing::show_items(order, false))
}

fn created_at(order: &Object) -> i64 {
    let text = order.get("created_at").and_then(Value::as_str);
    text.and_then(parse_instant)
        .expect("every order is kept with the instant of its creation")
}

fn by_merchant_id(orders: &[Record], written: &Object) -> Option<usize> {
    let id = written.get("merchant_order_id")?;
    orders
        .iter()
        .position(|order| order.json.get("merchant_order_id") == Some(id))
}

/// Seven minutes apart, in all statuses, each of one or two items; every fifth has metadata.
pub(super) fn seed(state: &mut State, count: usize) {
    for (place, number) in (0..count).zip(0_i64..) {
        let id = FIRST_ID + number;
        let created = FIRST_CREATED + number * 7 * MINUTE;
        let items = seed_items(&state.skus, place);
        let total = 1990 + number;
        let metadata = json!({ "gift": true, "note": format!("order {number}") });
        let json = object(json!({
            "id": id,
            "merchant_order_id": format!("M-{:04}", number + 1),
            "customer_order_number": format!("#{}", 1001 + number),
            "status": STATUSES[place % STATUSES.len()],
            "carrier_preference": Value::Null,
            "created_at": instant(created),
            "financial_status": PAYMENTS[place % PAYMENTS.len()],
            "payment_method": "card",
            "currency": "EUR",
            "total_price_in_cents": total,
            "total_net_revenue_in_cents": total * 100 / 119,
            "total_tax_in_cents": total - total * 100 / 119,
            "total_net_refunds_in_cents": 0,
            "total_tax_refunds_in_cents": 0,
            "shipping_address": {
                "first_name": "Ada", "last_name": "Lovelace", "full_name": "Ada Lovelace",
                "email": "ada@example.com", "phone": Value::Null, "company": Value::Null,
                "line1": format!("Torstraße {}", number + 1), "line2": Value::Null,
                "city": "Berlin", "country_code": "DE", "postal_code": "10119",
                "parcel_point_id": Value::Null,
            },
            "items": items,
            "tags": if place % 4 == 0 { json!(["vip"]) } else { json!([]) },
            "custom_metadata": if place % 5 == 0 { metadata } else { Value::Null },
        }));
        state.orders.push(Record { id, created, json });
    }
}

fn seed_items(skus: &[Record], place: usize) -> Vec<Value> {
    let chosen = skus.iter().cycle().skip(place % skus.len().max(1));
    let count = (1 + place % 2).min(skus.len());
    let items = chosen.take(count).enumerate().map(|(number, sku)| {
        let item = json!({
            "merchant_item_id": format!("L{}", number + 1),
            "quantity": 1 + place % 3,
            "price_per_unit_in_cents": 995,
        });
        complete_item(object(item), sku)
    });
    items.collect()
}
