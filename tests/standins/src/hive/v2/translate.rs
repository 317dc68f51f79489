//! Between the records of version 1 and what version 2 says of them.
//!
//! `merchant_sku_id` is called `sku_code`, an item names its SKU by an object, and an order has a
//! sales channel and may have the instant at which it was made elsewhere.

use serde_json::{Value, json};

use super::super::state::{Object, State};

/// The channels of every merchant, which are not documented; chosen here.
pub(super) const CHANNELS: [(i64, &str); 2] = [(1, "Webshop"), (2, "Marketplace")];

const ITEMS: [&str; 3] = ["items", "return_items", "restocking_shipment_items"];

/// Adds what only version 2 knows to the orders of a seed.
pub(super) fn seed(state: &mut State) {
    for order in &mut state.orders {
        let channel = CHANNELS[usize::from(order.id % 3 == 0)].0;
        order
            .json
            .insert("sales_channel_id".to_owned(), channel.into());
        let elsewhere = order
            .json
            .get("created_at")
            .filter(|_| order.id % 2 == 0)
            .cloned();
        order
            .json
            .insert("external_created_at".to_owned(), elsewhere.into());
    }
}

/// A record, or anything inside one, as version 2 shows it.
pub(super) fn show(mut object: Object) -> Value {
    for name in ITEMS {
        if let Some(items) = object.get_mut(name).and_then(Value::as_array_mut) {
            for item in items {
                show_item(item);
            }
        }
    }
    if let Some(code) = object.remove("merchant_sku_id") {
        object.insert("sku_code".to_owned(), code);
    }
    if let Some(Value::Object(order)) = object.get_mut("order").map(Value::take) {
        object.insert("order".to_owned(), show(order));
    }
    object.into()
}

/// Serial numbers are shown of what has been sent, which is where an item has an id of its own.
fn show_item(item: &mut Value) {
    let Some(item) = item.as_object_mut() else {
        return;
    };
    let (id, code) = (item.remove("sku_id"), item.remove("merchant_sku_id"));
    item.insert("sku".to_owned(), json!({ "id": id, "sku_code": code }));
    if item.contains_key("id") && item.contains_key("merchant_item_id") {
        item.insert("serial_numbers".to_owned(), json!([]));
    }
}

/// A body of version 2 as version 1 would have had it.
pub(super) fn read(mut body: Object) -> Object {
    read_code(&mut body);
    for name in ITEMS.iter().chain(&["skus"]) {
        if let Some(items) = body.get_mut(*name).and_then(Value::as_array_mut) {
            for item in items.iter_mut().filter_map(Value::as_object_mut) {
                if let Some(Value::Object(sku)) = item.remove("sku") {
                    let named = [("id", "sku_id"), ("sku_code", "sku_code")];
                    let named = named
                        .iter()
                        .filter_map(|(from, to)| Some((to, sku.get(*from)?)));
                    item.extend(named.map(|(to, value)| ((*to).to_owned(), value.clone())));
                }
                read_code(item);
            }
        }
    }
    body
}

/// The name of version 1 means nothing to version 2.
fn read_code(object: &mut Object) {
    object.remove("merchant_sku_id");
    if let Some(code) = object.remove("sku_code") {
        object.insert("merchant_sku_id".to_owned(), code);
    }
}

/// A complaint of version 1 in the words of version 2.
pub(super) fn complaint(words: &str) -> String {
    words
        .replace("Merchant sku", "Sku code")
        .replace("merchant sku", "sku code")
}
