//! Webhooks: what is delivered for a change of records, and how a delivery looks.
//!
//! Nothing is sent from here. What would be sent is kept, for a test to hand to whatever receives
//! it.

use serde_json::{Value, json};

use super::Object;
use super::filter::Filter;
use super::schema::resolve;
use super::store::{ME, Store, id_in, id_of};
use crate::calendar::with_space;
use crate::server::Standin;

/// One request that a webhook makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// A delivery of these data by a webhook, under the key that its creation showed.
pub fn delivery(url: &str, secret_key: &str, webhook: u64, event: u64, data: &[Value]) -> Delivery {
    let body = json!({
        "developerMessage": "",
        "webhook": { "id": webhook },
        "webhookEvent": { "id": event },
        "data": data,
    });
    Delivery {
        url: url.to_owned(),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("x-zengine-webhook-key".to_owned(), secret_key.to_owned()),
        ],
        body: body.to_string(),
    }
}

/// Everything that a stand-in's webhooks have delivered, in order.
pub fn deliveries(standin: &Standin) -> Vec<Delivery> {
    let state = standin.state();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = state["deliveries"].as_array().into_iter().flatten();
    let read = |one: &Value| Delivery {
        url: text(&one["url"]),
        headers: one["headers"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        body: text(&one["body"]),
    };
    all.map(read).collect()
}

/// Delivers a change of a record to every webhook that it concerns.
pub(super) fn notify(store: &mut Store, record: &Object, action: &str) {
    let concerned: Vec<Object> = store
        .all_of("webhooks")
        .filter(|webhook| concerns(store, webhook, record))
        .cloned()
        .collect();
    for webhook in concerned {
        deliver(store, &webhook, record, action);
    }
}

fn concerns(store: &Store, webhook: &Object, record: &Object) -> bool {
    let form = id_in(webhook.get("form"));
    let filter = webhook.get("filter").filter(|filter| filter.is_object());
    let filter = filter.and_then(|filter| Filter::parse(filter).ok());
    webhook.get("isActive") == Some(&Value::Bool(true))
        && id_in(webhook.get("workspace")) == id_in(record.get("workspace"))
        && form.is_none_or(|form| id_in(record.get("form")) == Some(form))
        && filter.is_none_or(|filter| filter.admits(store, record))
}

fn deliver(store: &mut Store, webhook: &Object, record: &Object, action: &str) {
    let reference = |member: &str| json!({ "id": id_in(record.get(member)) });
    let created = with_space(store.now());
    let number = store.deliveries.len() + 1;
    let data = json!({
        "id": number,
        "workspace": reference("workspace"),
        "resource": "records",
        "action": action,
        "createdByUser": { "id": ME },
        "record": { "id": id_of(record), "form": reference("form"), "folder": reference("folder") },
        "created": created,
    });
    let text = |member: &str| {
        webhook
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (events, _, _) = resolve(&["webhook_events"]).expect("it is one of the collections");
    let event = super::store::object(json!({
        "webhook": { "id": id_of(webhook) }, "status": "delivered", "data": [data],
    }));
    let event = store.add(events, &[], event);
    let sent = delivery(
        text("url"),
        text("~secretKey"),
        id_of(webhook),
        event,
        &[data],
    );
    let headers: Object = sent
        .headers
        .into_iter()
        .map(|(n, v)| (n, v.into()))
        .collect();
    store
        .deliveries
        .push(json!({ "url": sent.url, "headers": headers, "body": sent.body }));
}
