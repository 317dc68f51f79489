//! Restocking shipments: announced by the merchant, replaced as a whole while they are on the way.
//!
//! They have no `created_at` on the wire; lists run by the order of their creation all the same.

use axum::extract::{Path, RawQuery, State as Extract};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::fields::{
    Extent, Field, Kind, complete, nullable, read, read_body, required, sentence_start,
};
use super::listing::{self, Query};
use super::refusal::{Refusal, settle};
use super::state::{
    DAY, FIRST_CREATED, Object, Record, Shared, State, lock, next_id, object, place,
};
use super::{Answer, answer, skus};
use crate::calendar::day;

const ITEMS: &str = "restocking_shipment_items";
const FIRST_ID: i64 = 13;
/// The merchant that the stand-in's key belongs to.
const MERCHANT: i64 = 77;
/// The reference names `created` in its prose only.
const REPLACEABLE: [&str; 2] = ["shipped", "created"];
const STATUSES: [&str; 7] = [
    "shipped",
    "created",
    "delivered",
    "arrived",
    "processing",
    "restocked",
    "cancelled",
];

const FIELDS: [Field; 6] = [
    required("warehouse_id", Kind::Integer),
    required("estimated_arrival_date", Kind::Day),
    required(
        "delivery_option",
        Kind::OneOf(&["postal", "courier", "dropoff", "hive_freight"]),
    ),
    nullable("tracking_code", Kind::Text),
    nullable("po_number", Kind::Text),
    nullable("supplier_name", Kind::Text),
];

const ITEM_FIELDS: [Field; 5] = [
    nullable("sku_id", Kind::Integer),
    nullable("merchant_sku_id", Kind::Text),
    required("announced_quantity", Kind::Count),
    nullable("remarks", Kind::Text),
    nullable("total_cost_in_cents", Kind::Integer),
];

const BATCH_FIELDS: [Field; 3] = [
    nullable("name", Kind::Text),
    nullable("tracking_code", Kind::Text),
    nullable("expiry_date", Kind::Day),
];

pub(super) async fn list(Extract(shared): Extract<Shared>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let state = lock(&shared);
    let wanted = |record: &Record| query.admits("ids", record, "id");
    listing::page(
        &state,
        &query,
        &state.restocking_shipments,
        wanted,
        Record::value,
    )
}

pub(super) async fn fetch(Extract(shared): Extract<Shared>, Path(id): Path<String>) -> Answer {
    let state = lock(&shared);
    let found = State::find(&state.restocking_shipments, &id).ok_or(Refusal::NotFound)?;
    answer(StatusCode::OK, &found.value())
}

pub(super) async fn create(
    Extract(shared): Extract<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let mut state = lock(&shared);
    let body = read_body(&headers, &body)?;
    let written = read_whole(&mut state, &body)?;
    let id = next_id(&state.restocking_shipments, FIRST_ID);
    let mut json = server_side(id, "shipped");
    json.extend(written);
    let created = state.now();
    let record = Record { id, created, json };
    let reply = answer(StatusCode::CREATED, &record.value());
    state.restocking_shipments.push(record);
    reply
}

/// Everything that can be written is written anew, items and their ids too.
pub(super) async fn replace(
    Extract(shared): Extract<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let mut state = lock(&shared);
    let place = place(&state.restocking_shipments, &id).ok_or(Refusal::NotFound)?;
    let body = read_body(&headers, &body)?;
    let status = state.restocking_shipments[place].text("status");
    if !REPLACEABLE.contains(&status) {
        let complaint = "Restocking shipment can only be updated while it is created or shipped";
        return Err(Refusal::invalid(complaint));
    }
    let written = read_whole(&mut state, &body)?;
    let record = &mut state.restocking_shipments[place];
    record.json.extend(written);
    answer(StatusCode::OK, &record.value())
}

fn server_side(id: i64, status: &str) -> Object {
    object(json!({
        "id": id,
        "merchant_id": MERCHANT,
        "status": status,
        "barcode": format!("RS.{id}"),
    }))
}

/// All that a body may write, with null for what it leaves out.
fn read_whole(state: &mut State, body: &Object) -> Result<Object, Refusal> {
    let mut complaints = Vec::new();
    let mut written = read(&FIELDS, Extent::Whole, body, "", &mut complaints);
    if let Some(warehouse) = written.get("warehouse_id") {
        let known = |record: &Record| warehouse.as_i64() == Some(record.id);
        if !state.warehouses.iter().any(known) {
            complaints.push("Warehouse must exist".to_owned());
        }
    }
    let items = body.get(ITEMS).and_then(Value::as_array);
    let items = items.map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        complaints.push(format!("{} can't be blank", sentence_start("", ITEMS)));
    }
    let mut kept = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let owner = format!("{}[{place}]", sentence_start("", ITEMS));
        kept.push(read_item(state, item, &owner, &mut complaints));
    }
    settle(complaints)?;
    complete(&FIELDS, &mut written);
    written.insert(ITEMS.to_owned(), kept.into());
    Ok(written)
}

fn read_item(state: &mut State, item: &Value, owner: &str, complaints: &mut Vec<String>) -> Value {
    let Some(item) = item.as_object() else {
        complaints.push(format!("{owner} is not an object"));
        return Value::Null;
    };
    let mut kept = read(&ITEM_FIELDS, Extent::Whole, item, owner, complaints);
    complete(&ITEM_FIELDS, &mut kept);
    match skus::named_by(&state.skus, &kept) {
        Some(sku) => {
            kept.insert("sku_id".to_owned(), sku.id.into());
            kept.insert(
                "merchant_sku_id".to_owned(),
                sku.text("merchant_sku_id").into(),
            );
        }
        None => complaints.push(format!("{owner} sku must exist")),
    }
    let mut batches = Vec::new();
    let sent = item.get("inventory_batches").and_then(Value::as_array);
    for (place, batch) in sent.into_iter().flatten().enumerate() {
        let owner = format!("{owner} inventory batches[{place}]");
        let Some(batch) = batch.as_object() else {
            complaints.push(format!("{owner} is not an object"));
            continue;
        };
        let mut batch = read(&BATCH_FIELDS, Extent::Whole, batch, &owner, complaints);
        complete(&BATCH_FIELDS, &mut batch);
        batch.insert("id".to_owned(), state.next_part().into());
        batch.insert("arrived_quantity".to_owned(), Value::Null);
        batches.push(batch);
    }
    kept.insert("id".to_owned(), state.next_part().into());
    for counted in ["arrived_quantity", "damaged_quantity", "missing_quantity"] {
        kept.insert(counted.to_owned(), Value::Null);
    }
    let batches = batches.into_iter().map(Value::Object).collect();
    kept.insert("inventory_batches".to_owned(), Value::Array(batches));
    kept.into()
}

/// One of each status in turn; only those that are restocked have been counted.
pub(super) fn seed(state: &mut State, count: usize) {
    for (place, number) in (0..count).zip(0_i64..) {
        let id = FIRST_ID + number;
        let status = STATUSES[place % STATUSES.len()];
        let restocked = status == "restocked";
        let counted = |quantity: i64| {
            if restocked {
                Value::from(quantity)
            } else {
                Value::Null
            }
        };
        let sku = state.skus.get(place % state.skus.len().max(1)).cloned();
        let items: Vec<Value> = sku
            .into_iter()
            .map(|sku| {
                json!({
                    "id": state.next_part(),
                    "sku_id": sku.id,
                    "merchant_sku_id": sku.text("merchant_sku_id"),
                    "announced_quantity": 50,
                    "arrived_quantity": counted(48),
                    "damaged_quantity": counted(1),
                    "missing_quantity": counted(1),
                    "remarks": Value::Null,
                    "total_cost_in_cents": 12_500,
                    "inventory_batches": [],
                })
            })
            .collect();
        let mut json = server_side(id, status);
        json.extend(object(json!({
            "warehouse_id": 1 + number % 2,
            "estimated_arrival_date": day(19_327 + number),
            "delivery_option": if place % 2 == 0 { "courier" } else { "postal" },
            "tracking_code": format!("TR{id}"),
            "po_number": Value::Null,
            "supplier_name": "Webstoff GmbH",
            (ITEMS): items,
        })));
        let created = FIRST_CREATED + number * DAY;
        state
            .restocking_shipments
            .push(Record { id, created, json });
    }
}
