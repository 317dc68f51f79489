//! What a body may say about an order: its own fields, its address and its items.
//!
//! It reads and completes; what an order may become is decided in `orders`.

use serde_json::{Value, json};

use super::fields::{Extent, Field, Kind, complete, filled, nullable, read, required};
use super::skus;
use super::state::{Object, Record, object};

const FIELDS: [Field; 14] = [
    required("merchant_order_id", Kind::Text),
    nullable("customer_order_number", Kind::Text),
    nullable("carrier_preference", Kind::Text),
    filled("created_at", Kind::Instant),
    nullable(
        "financial_status",
        Kind::OneOf(&["paid", "refunded", "pending", "failed"]),
    ),
    nullable("payment_method", Kind::Text),
    filled("currency", Kind::Code(3)),
    filled("total_price_in_cents", Kind::Integer),
    filled("total_net_revenue_in_cents", Kind::Integer),
    filled("total_tax_in_cents", Kind::Integer),
    filled("total_net_refunds_in_cents", Kind::Integer),
    filled("total_tax_refunds_in_cents", Kind::Integer),
    filled("tags", Kind::Texts),
    nullable("custom_metadata", Kind::Anything),
];

const ADDRESS_FIELDS: [Field; 12] = [
    filled("first_name", Kind::Text),
    filled("last_name", Kind::Text),
    filled("full_name", Kind::Text),
    nullable("email", Kind::Text),
    nullable("phone", Kind::Text),
    nullable("company", Kind::Text),
    required("line1", Kind::Text),
    nullable("line2", Kind::Text),
    required("city", Kind::Text),
    required("country_code", Kind::Code(2)),
    required("postal_code", Kind::Text),
    nullable("parcel_point_id", Kind::Text),
];

const ITEM_FIELDS: [Field; 6] = [
    required("merchant_item_id", Kind::Text),
    nullable("sku_id", Kind::Integer),
    nullable("merchant_sku_id", Kind::Text),
    required("quantity", Kind::Count),
    required("price_per_unit_in_cents", Kind::Integer),
    filled("price_per_unit_in_cents_with_discount", Kind::Integer),
];

/// An order to be created, without what only the server writes.
pub(super) fn read_new(
    body: &Object,
    skus: &[Record],
    now: &str,
    complaints: &mut Vec<String>,
) -> Object {
    let mut order = read(&FIELDS, Extent::Whole, body, "", complaints);
    let address = read_address(body.get("shipping_address"), None, complaints);
    let items = read_items(body.get("items"), skus, complaints);
    let total: i64 = items
        .iter()
        .map(|item| {
            let price = item["price_per_unit_in_cents_with_discount"]
                .as_i64()
                .unwrap_or(0);
            price.saturating_mul(item["quantity"].as_i64().unwrap_or(0))
        })
        .fold(0, i64::saturating_add);
    complete(&FIELDS, &mut order);
    let defaults = object(json!({
        "created_at": now,
        "currency": "EUR",
        "total_price_in_cents": total,
        "total_net_revenue_in_cents": total,
        "total_tax_in_cents": 0,
        "total_net_refunds_in_cents": 0,
        "total_tax_refunds_in_cents": 0,
        "tags": [],
    }));
    for (name, value) in defaults {
        order.entry(name).or_insert(value);
    }
    order.insert("shipping_address".to_owned(), address);
    order.insert("items".to_owned(), items.into());
    order
}

/// What a body changes of an order. An address is merged into the one that is there; a list of
/// items takes the place of the old one.
pub(super) fn read_change(
    body: &Object,
    order: &Record,
    skus: &[Record],
    complaints: &mut Vec<String>,
) -> Object {
    let mut change = read(&FIELDS, Extent::Part, body, "", complaints);
    if let Some(sent) = body.get("shipping_address") {
        let old = order
            .json
            .get("shipping_address")
            .and_then(Value::as_object);
        let address = read_address(Some(sent), old, complaints);
        change.insert("shipping_address".to_owned(), address);
    }
    if let Some(sent) = body.get("items") {
        let items = read_items(Some(sent), skus, complaints);
        change.insert("items".to_owned(), items.into());
    }
    change
}

fn read_address(sent: Option<&Value>, old: Option<&Object>, complaints: &mut Vec<String>) -> Value {
    let Some(sent) = sent.and_then(Value::as_object) else {
        complaints.push("Shipping address can't be blank".to_owned());
        return Value::Null;
    };
    let extent = if old.is_some() {
        Extent::Part
    } else {
        Extent::Whole
    };
    let change = read(
        &ADDRESS_FIELDS,
        extent,
        sent,
        "Shipping address",
        complaints,
    );
    let mut address = old.cloned().unwrap_or_default();
    let told = |name: &str| change.contains_key(name);
    // A name that is changed in part must not keep the rest of the old one.
    match (told("first_name") || told("last_name"), told("full_name")) {
        (true, false) => drop(address.remove("full_name")),
        (false, true) => {
            address.remove("first_name");
            address.remove("last_name");
        }
        (true, true) | (false, false) => {}
    }
    address.extend(change);
    if !fill_names(&mut address) {
        complaints.push("Shipping address full name can't be blank".to_owned());
    }
    complete(&ADDRESS_FIELDS, &mut address);
    address.into()
}

/// Tells a whole name from its parts or the parts from the whole; false if there is no name.
fn fill_names(address: &mut Object) -> bool {
    let text = |name: &str| {
        let text = address.get(name).and_then(Value::as_str).map(str::trim);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let (first, last, full) = match (text("first_name"), text("last_name"), text("full_name")) {
        (Some(first), Some(last), full) => {
            let full = full.unwrap_or_else(|| format!("{first} {last}"));
            (first, last, full)
        }
        (first, last, Some(full)) => {
            let (before, after) = full.rsplit_once(' ').unwrap_or(("", &full));
            let first = first.unwrap_or_else(|| before.to_owned());
            let last = last.unwrap_or_else(|| after.to_owned());
            (first, last, full)
        }
        (Some(_) | None, None, None) | (None, Some(_), None) => return false,
    };
    address.insert("first_name".to_owned(), first.into());
    address.insert("last_name".to_owned(), last.into());
    address.insert("full_name".to_owned(), full.into());
    true
}

fn read_items(sent: Option<&Value>, skus: &[Record], complaints: &mut Vec<String>) -> Vec<Value> {
    let sent = sent.and_then(Value::as_array).map(Vec::as_slice);
    let sent = sent.unwrap_or_default();
    if sent.is_empty() {
        complaints.push("Items can't be blank".to_owned());
    }
    let mut items: Vec<Value> = Vec::new();
    for (place, item) in sent.iter().enumerate() {
        let owner = format!("Items[{place}]");
        let Some(item) = item.as_object() else {
            complaints.push(format!("{owner} is not an object"));
            continue;
        };
        let kept = read(&ITEM_FIELDS, Extent::Whole, item, &owner, complaints);
        let id = kept.get("merchant_item_id");
        if id.is_some()
            && items
                .iter()
                .any(|other| other.get("merchant_item_id") == id)
        {
            complaints.push(format!("{owner} merchant item has already been taken"));
        }
        match skus::named_by(skus, &kept) {
            Some(sku) => items.push(complete_item(kept, sku)),
            None => complaints.push(format!("{owner} sku must exist")),
        }
    }
    items
}

/// Both ids of its SKU, a price with discount, and the batches that it would be picked from.
pub(super) fn complete_item(mut item: Object, sku: &Record) -> Value {
    item.insert("sku_id".to_owned(), sku.id.into());
    item.insert(
        "merchant_sku_id".to_owned(),
        sku.text("merchant_sku_id").into(),
    );
    let price = item
        .get("price_per_unit_in_cents")
        .cloned()
        .unwrap_or_default();
    item.entry("price_per_unit_in_cents_with_discount")
        .or_insert(price);
    let stocked = sku.json.get("inventory_batches").and_then(Value::as_array);
    let batches = stocked.into_iter().flatten().take(1).map(|batch| {
        json!({
            "name": batch["name"],
            "tracking_code": batch["tracking_code"],
            "expiry_date": batch["expiry_date"],
            "quantity": item.get("quantity"),
        })
    });
    let batches = batches.collect();
    item.insert("batches".to_owned(), Value::Array(batches));
    item.into()
}
