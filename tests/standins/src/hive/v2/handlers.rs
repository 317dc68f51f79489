//! The calls of version 2, most of them those of version 1 with a translation before and behind.
//!
//! The path of an order by the merchant's own id is not documented; chosen here.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, RawQuery, State as Extract};
use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, Uri};
use serde_json::{Value, json};

use super::super::fields::read_body;
use super::super::refusal::Refusal;
use super::super::state::{Object, Record, Shared, State, instant, lock, place};
use super::super::{Answer, answer, orders, restocking_shipments, skus};
use super::listing::{Listing, show_with};
use super::translate::{CHANNELS, complaint, read, show};
use super::{Merchant, Merchants};
use crate::calendar::parse_instant;
use crate::ledger::token;
use crate::query;

pub(super) fn routes(merchants: Merchants, first: String) -> Router {
    let known = Arc::new((merchants, first));
    Router::new().fallback(serve).with_state(known)
}

type Known = Arc<(Merchants, String)>;

async fn serve(
    Extract(known): Extract<Known>,
    method: Method,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let (merchants, first) = &*known;
    let token = token(&headers, "bearer").unwrap_or(first);
    let merchant = merchants.get(token).ok_or(Refusal::NotFound)?;
    let parts = uri.path().split('/').filter(|part| !part.is_empty());
    let parts: Option<Vec<String>> = parts.map(query::segment).collect();
    let parts = parts.ok_or(Refusal::BadRequest)?;
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    if method == Method::GET {
        return get(merchant, &parts, query.as_deref());
    }
    // Only a body that is there has to be JSON; a cancellation has none.
    let mut extras = Object::new();
    let mut sent = Bytes::new();
    if !body.is_empty() {
        let body = read(read_body(&headers, &body)?);
        extras.clone_from(&body);
        sent = Value::Object(body).to_string().into();
    }
    let written = write(merchant, (&method, &parts), headers, sent, extras).await;
    written.map_err(|refusal| match refusal {
        Refusal::Invalid(complaints) => {
            Refusal::Invalid(complaints.iter().map(|words| complaint(words)).collect())
        }
        other @ (Refusal::BadRequest | Refusal::NotFound) => other,
    })
}

fn get(merchant: &Merchant, parts: &[&str], query: Option<&str>) -> Answer {
    let listing = Listing::read(query)?;
    let state = lock(&merchant.state);
    if parts == ["sales_channels"] {
        let channels = CHANNELS
            .iter()
            .map(|(id, name)| json!({ "id": id, "name": name }));
        let channels: Vec<Value> = channels.collect();
        let pagination = json!({ "next_page_url": Value::Null, "limit": channels.len() });
        let body = json!({ "data": channels, "pagination": pagination });
        return answer(StatusCode::OK, &body);
    }
    let records = collection(&state, parts.first().copied().unwrap_or_default())?;
    match *parts {
        [name] => listing.page(records, &format!("{}/{name}", merchant.base)),
        ["orders", "merchant_order_id", id] => {
            let order = records
                .iter()
                .find(|order| order.text("merchant_order_id") == id);
            answer(
                StatusCode::OK,
                &listing.show(order.ok_or(Refusal::NotFound)?),
            )
        }
        [_, id] => {
            let record = State::find(records, id).ok_or(Refusal::NotFound)?;
            answer(StatusCode::OK, &listing.show(record))
        }
        _ => Err(Refusal::NotFound),
    }
}

fn collection<'a>(state: &'a State, name: &str) -> Result<&'a Vec<Record>, Refusal> {
    Ok(match name {
        "orders" => &state.orders,
        "skus" => &state.skus,
        "shipments" => &state.shipments,
        "restocking_shipments" => &state.restocking_shipments,
        "returns" => &state.returns,
        "warehouses" => &state.warehouses,
        _ => return Err(Refusal::NotFound),
    })
}

async fn write(
    merchant: &Merchant,
    (method, parts): (&Method, &[&str]),
    headers: HeaderMap,
    sent: Bytes,
    extras: Object,
) -> Answer {
    let shared = || Extract(Shared::clone(&merchant.state));
    let path = |id: &str| Path(id.to_owned());
    match (method.as_str(), parts) {
        ("POST", ["orders"]) => {
            let extras = read_extras(&extras, true)?;
            let made = orders::create(shared(), headers, sent).await?;
            finish_order(merchant, made, extras).await
        }
        ("PATCH", ["orders", id]) => {
            let extras = read_extras(&extras, false)?;
            let made = orders::update(shared(), path(id), headers, sent).await?;
            finish_order(merchant, made, extras).await
        }
        ("PATCH", ["orders", "merchant_order_id", merchant_id]) => {
            let id = {
                let state = lock(&merchant.state);
                let mut orders = state.orders.iter();
                let order = orders.find(|order| order.text("merchant_order_id") == *merchant_id);
                order.ok_or(Refusal::NotFound)?.id.to_string()
            };
            let extras = read_extras(&extras, false)?;
            let made = orders::update(shared(), path(&id), headers, sent).await?;
            finish_order(merchant, made, extras).await
        }
        ("POST", ["orders", id, "cancel"]) => {
            let made = orders::cancel(shared(), path(id)).await?;
            finish_order(merchant, made, Object::new()).await
        }
        ("POST", ["skus"]) => translated(skus::create(shared(), headers, sent).await?).await,
        ("POST", ["skus", "bulk_upsert"]) => {
            translated(skus::bulk_upsert(shared(), headers, sent).await?).await
        }
        ("PATCH", ["skus", id]) => {
            translated(skus::update(shared(), path(id), headers, sent).await?).await
        }
        ("DELETE", ["skus", id]) => translated(skus::delete(shared(), path(id)).await?).await,
        ("POST", ["restocking_shipments"]) => {
            translated(restocking_shipments::create(shared(), headers, sent).await?).await
        }
        ("PUT", ["restocking_shipments", id]) => {
            let replaced = restocking_shipments::replace(shared(), path(id), headers, sent);
            translated(replaced.await?).await
        }
        _ => Err(Refusal::NotFound),
    }
}

/// What an order of version 2 has beside that of version 1.
fn read_extras(body: &Object, whole: bool) -> Result<Object, Refusal> {
    let mut extras = Object::new();
    match body.get("sales_channel_id") {
        None if !whole => {}
        None | Some(Value::Null) => return Err(Refusal::invalid("Sales channel can't be blank")),
        Some(id)
            if CHANNELS
                .iter()
                .any(|(known, _)| id.as_i64() == Some(*known)) =>
        {
            extras.insert("sales_channel_id".to_owned(), id.clone());
        }
        Some(_) => return Err(Refusal::invalid("Sales channel must exist")),
    }
    match body.get("external_created_at") {
        None if !whole => {}
        None | Some(Value::Null) => {
            extras.insert("external_created_at".to_owned(), Value::Null);
        }
        Some(given) => {
            let at = given.as_str().and_then(parse_instant);
            let at = at.ok_or(Refusal::invalid(
                "External created at is not a date and time",
            ))?;
            extras.insert("external_created_at".to_owned(), instant(at).into());
        }
    }
    Ok(extras)
}

/// Adds the extras to the order that version 1 has just written, and shows it.
async fn finish_order(merchant: &Merchant, made: Response<Body>, extras: Object) -> Answer {
    let (status, body) = taken(made).await;
    let mut state = lock(&merchant.state);
    let id = body["id"].to_string();
    let place = place(&state.orders, &id).ok_or(Refusal::NotFound)?;
    let order = &mut state.orders[place];
    order.json.extend(extras);
    answer(status, &show_with(order, false))
}

/// An answer of version 1 in the words of version 2.
async fn translated(made: Response<Body>) -> Answer {
    let (status, mut body) = taken(made).await;
    if let Some(list) = body.get_mut("data").and_then(Value::as_array_mut) {
        for record in list {
            *record = shown(record.take());
        }
        let data = &body["data"];
        return answer(status, &json!({ "data": data }));
    }
    if body.is_null() {
        let mut reply = Response::new(Body::empty());
        *reply.status_mut() = status;
        return Ok(reply);
    }
    answer(status, &shown(body))
}

fn shown(record: Value) -> Value {
    match record {
        Value::Object(object) => show(object),
        other => other,
    }
}

/// The body as JSON, or null when there is none.
async fn taken(made: Response<Body>) -> (StatusCode, Value) {
    let status = made.status();
    let body = to_bytes(made.into_body(), usize::MAX).await;
    let body = body.expect("handlers answer from memory");
    (status, serde_json::from_slice(&body).unwrap_or_default())
}
