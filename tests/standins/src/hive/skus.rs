//! SKUs: created, changed in part, upserted in bulk, and deleted without being gone.
//!
//! A deleted SKU stays in the lists and keeps its id; the next creation, change or upsert of it
//! brings it back.

use axum::extract::{Path, RawQuery, State as Extract};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::fields::{Extent, Field, Kind, complete, filled, nullable, read, read_body, required};
use super::listing::{self, Query};
use super::refusal::{Refusal, settle};
use super::state::{
    DAY, FIRST_CREATED, MINUTE, Object, Record, Shared, State, instant, lock, next_id, object,
    place,
};
use super::{Answer, answer};
use crate::calendar::day;

const LARGEST_BULK: usize = 100;
const FIRST_ID: i64 = 501;
const TAKEN: &str = "Merchant sku has already been taken";

/// In the order of the reference's complaints.
const FIELDS: [Field; 9] = [
    required("name", Kind::Text),
    required("merchant_sku_id", Kind::Text),
    nullable("cost_in_cents", Kind::Integer),
    nullable("country_code_of_origin", Kind::Code(2)),
    nullable("hs_code", Kind::Text),
    nullable("barcode", Kind::Text),
    filled("batch_tracking_enabled", Kind::Flag),
    nullable("weight_in_kg", Kind::Number),
    nullable("image_url", Kind::Text),
];

pub(super) async fn list(Extract(shared): Extract<Shared>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let state = lock(&shared);
    let wanted = |record: &Record| {
        query.admits_created(record)
            && query.admits("ids", record, "id")
            && query.admits("merchant_sku_ids", record, "merchant_sku_id")
    };
    listing::page(&state, &query, &state.skus, wanted, Record::value)
}

pub(super) async fn create(
    Extract(shared): Extract<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = read_body(&headers, &body)?;
    let mut complaints = Vec::new();
    let written = read(&FIELDS, Extent::Whole, &body, "", &mut complaints);
    settle(complaints)?;
    let mut state = lock(&shared);
    let known = by_merchant_id(&state.skus, &written);
    if known.is_some_and(|place| is_active(&state.skus[place])) {
        return Err(Refusal::invalid(TAKEN));
    }
    let place = put(&mut state, known, written);
    answer(StatusCode::CREATED, &state.skus[place].value())
}

pub(super) async fn update(
    Extract(shared): Extract<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let mut state = lock(&shared);
    let place = place(&state.skus, &id).ok_or(Refusal::NotFound)?;
    let body = read_body(&headers, &body)?;
    let mut complaints = Vec::new();
    let written = read(&FIELDS, Extent::Part, &body, "", &mut complaints);
    settle(complaints)?;
    if by_merchant_id(&state.skus, &written).is_some_and(|other| other != place) {
        return Err(Refusal::invalid(TAKEN));
    }
    let sku = &mut state.skus[place].json;
    sku.extend(written);
    sku.insert("status".to_owned(), "active".into());
    answer(StatusCode::OK, &state.skus[place].value())
}

/// Answers the SKU as it is then. A SKU that is deleted already is not found. Neither is
/// documented; chosen here.
pub(super) async fn delete(Extract(shared): Extract<Shared>, Path(id): Path<String>) -> Answer {
    let mut state = lock(&shared);
    let place = place(&state.skus, &id).filter(|&place| is_active(&state.skus[place]));
    let place = place.ok_or(Refusal::NotFound)?;
    let sku = &mut state.skus[place].json;
    sku.insert("status".to_owned(), "deleted".into());
    answer(StatusCode::OK, &state.skus[place].value())
}

/// All or nothing. The answer is a list of one page, as collections are; that is chosen here.
pub(super) async fn bulk_upsert(
    Extract(shared): Extract<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let body = read_body(&headers, &body)?;
    let items = body.get("skus").and_then(Value::as_array);
    let items = items.ok_or(Refusal::invalid("Skus can't be blank"))?;
    if items.is_empty() || items.len() > LARGEST_BULK {
        return Err(Refusal::invalid("Skus must have between 1 and 100 items"));
    }
    let mut complaints = Vec::new();
    let written = read_bulk(items, &mut complaints);
    settle(complaints)?;

    let mut state = lock(&shared);
    let mut places = Vec::new();
    for sku in written {
        let known = by_merchant_id(&state.skus, &sku);
        places.push(put(&mut state, known, sku));
    }
    let data: Vec<Value> = places
        .iter()
        .map(|&place| state.skus[place].value())
        .collect();
    let count = data.len();
    let body = json!({
        "data": data,
        "pagination": {
            "current_page": 1, "item_count": count, "page_count": 1, "items_per_page": count,
        },
    });
    answer(StatusCode::OK, &body)
}

fn read_bulk(items: &[Value], complaints: &mut Vec<String>) -> Vec<Object> {
    let mut written: Vec<Object> = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let owner = format!("Skus[{place}]");
        let Some(item) = item.as_object() else {
            complaints.push(format!("{owner} is not an object"));
            continue;
        };
        let sku = read(&FIELDS, Extent::Whole, item, &owner, complaints);
        let id = sku.get("merchant_sku_id");
        if id.is_some()
            && written
                .iter()
                .any(|other| other.get("merchant_sku_id") == id)
        {
            complaints.push(format!("{owner} merchant sku is not unique in the list"));
        }
        written.push(sku);
    }
    written
}

/// Writes a whole SKU over the one at a place, or as a new one. What was left out becomes null,
/// except `batch_tracking_enabled`, which keeps its value.
fn put(state: &mut State, known: Option<usize>, mut written: Object) -> usize {
    complete(&FIELDS, &mut written);
    let place = known.unwrap_or_else(|| {
        let id = next_id(&state.skus, FIRST_ID);
        let created = state.now();
        state.skus.push(blank(id, created));
        state.skus.len() - 1
    });
    let sku = &mut state.skus[place].json;
    sku.extend(written);
    sku.insert("status".to_owned(), "active".into());
    place
}

/// A SKU with the fields that only the server writes.
fn blank(id: i64, created: i64) -> Record {
    let json = object(json!({
        "id": id,
        "created_at": instant(created),
        "batch_tracking_enabled": false,
        "fulfilled_by": "new",
        "status": "active",
        "inventory": { "stocked": 0, "reserved": 0, "total": 0 },
        "inventory_per_warehouse": [],
        "inventory_batches": [],
        "dangerous_good": false,
        "hazardous_good": false,
        "h_codes": [],
        "un_names": [],
    }));
    Record { id, created, json }
}

pub(super) fn is_active(sku: &Record) -> bool {
    sku.text("status") == "active"
}

fn by_merchant_id(skus: &[Record], written: &Object) -> Option<usize> {
    let id = written.get("merchant_sku_id")?;
    skus.iter()
        .position(|sku| sku.json.get("merchant_sku_id") == Some(id))
}

/// The SKU that an item of something else names, by either id or by both.
pub(super) fn named_by<'a>(skus: &'a [Record], item: &Object) -> Option<&'a Record> {
    let given = |member: &str| item.get(member).filter(|value| !value.is_null());
    let (id, merchant_id) = (given("sku_id"), given("merchant_sku_id"));
    if id.is_none() && merchant_id.is_none() {
        return None;
    }
    skus.iter().filter(|sku| is_active(sku)).find(|sku| {
        id.is_none_or(|id| id.as_i64() == Some(sku.id))
            && merchant_id.is_none_or(|id| sku.json.get("merchant_sku_id") == Some(id))
    })
}

/// Every third SKU has batches, every seventh after the first is another's, and every eleventh
/// is deleted.
pub(super) fn seed(state: &mut State, count: usize) {
    for (place, number) in (0..count).zip(0_i64..) {
        let id = FIRST_ID + number;
        let mut sku = blank(id, FIRST_CREATED - 90 * DAY + number * MINUTE);
        let stocked = 10 + number * 7 % 90;
        let tracked = place % 3 == 0;
        let batches = json!([{
            "id": 3000 + number,
            "name": format!("B-{number}"),
            "tracking_code": format!("BT{id}"),
            "expiry_date": day(19_500 + number),
            "stocked_quantities": [{ "warehouse_id": 1, "quantity": stocked }],
        }]);
        sku.json.extend(object(json!({
            "merchant_sku_id": format!("SKU-{:03}", number + 1),
            "name": format!("Article {}", number + 1),
            "cost_in_cents": 250 + number,
            "country_code_of_origin": "DE",
            "hs_code": if place % 2 == 0 { Value::Null } else { "610910".into() },
            "barcode": format!("40{:010}1", number + 1),
            "batch_tracking_enabled": tracked,
            "fulfilled_by": if place % 7 == 6 { "other" } else { "hive" },
            "weight_in_kg": 0.25 + 0.5 * f64::from(u8::try_from(place % 5).expect("below 5")),
            "image_url": Value::Null,
            "status": if place % 11 == 10 { "deleted" } else { "active" },
            "inventory": { "stocked": stocked, "reserved": 2, "total": stocked - 2 },
            "inventory_per_warehouse": [
                { "warehouse_id": 1, "stocked": stocked, "reserved": 2, "total": stocked - 2 },
            ],
            "inventory_batches": if tracked { batches } else { json!([]) },
        })));
        state.skus.push(sku);
    }
}
