//! Returns: read only. They hold the order that came back, and reasons that may be empty texts.

use axum::extract::{Path, RawQuery, State as Extract};
use http::StatusCode;
use serde_json::{Value, json};

use super::listing::{self, Query};
use super::refusal::Refusal;
use super::state::{DAY, Record, Shared, State, instant, lock, object};
use super::{Answer, answer};

/// The order of these is also the order in which a return goes through them.
const STATUSES: [&str; 5] = [
    "on_the_way",
    "arrived",
    "processing",
    "action_required",
    "handling_completed",
];

/// The type and the reason; the empty text is a value of both, as is null.
const REASONS: [(Option<&str>, Option<&str>); 8] = [
    (Some("active"), Some("customer_return")),
    (Some("passive"), Some("not_picked_up")),
    (Some("passive"), Some("invalid_address")),
    (Some("passive"), Some("rejected_by_customer")),
    (Some("passive"), Some("customs_documents_missing")),
    (Some("active"), Some("other")),
    (None, None),
    (Some(""), Some("")),
];

pub(super) async fn list(Extract(shared): Extract<Shared>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let state = lock(&shared);
    let wanted =
        |record: &Record| query.admits_created(record) && query.admits("ids", record, "id");
    listing::page(&state, &query, &state.returns, wanted, Record::value)
}

pub(super) async fn fetch(Extract(shared): Extract<Shared>, Path(id): Path<String>) -> Answer {
    let state = lock(&shared);
    let found = State::find(&state.returns, &id).ok_or(Refusal::NotFound)?;
    answer(StatusCode::OK, &found.value())
}

pub(super) fn seed(state: &mut State, count: usize) {
    if state.orders.is_empty() {
        return;
    }
    for (place, number) in (0..count).zip(0_i64..) {
        let order = state.orders[place % state.orders.len()].clone();
        let id = 801 + number;
        let created = order.created + 10 * DAY;
        let stage = place % STATUSES.len();
        let (kind, reason) = REASONS[place % REASONS.len()];
        let since = |from: usize, days: i64| {
            if stage >= from {
                Value::from(instant(created + days * DAY))
            } else {
                Value::Null
            }
        };
        let on_the_way = stage == 0;
        let json = object(json!({
            "id": id,
            "order": listing::show_items(&order, false),
            "status": STATUSES[stage],
            "return_reason_type": kind,
            "return_reason": reason,
            "created_at": instant(created),
            "received_at": since(1, 2),
            "started_processing_at": since(2, 3),
            "completed_handling_at": since(4, 4),
            "tracking_code": if on_the_way { Value::Null } else { format!("RT{id}").into() },
            "tracking_url": Value::Null,
            "carrier": if on_the_way { Value::Null } else { "DHL".into() },
            "photos": [],
            "return_items": items(state, &order, reason),
            "return_line_items": [],
        }));
        state.returns.push(Record { id, created, json });
    }
}

fn items(state: &mut State, order: &Record, reason: Option<&str>) -> Vec<Value> {
    let ordered = order.json.get("items").and_then(Value::as_array);
    let mut items = Vec::new();
    for item in ordered.into_iter().flatten() {
        items.push(json!({
            "id": state.next_part(),
            "merchant_item_id": item["merchant_item_id"],
            "sku_id": item["sku_id"],
            "merchant_sku_id": item["merchant_sku_id"],
            "quantity": item["quantity"],
            "customer_return_reason": reason,
            "customer_return_message": Value::Null,
        }));
    }
    items
}
