//! Orders of Hive over TCP: filters, creating, changing in part, cancelling, and the API's own
//! complaints.

use std::ops::Bound;

use etiquette_apis::hive::{
    Address, Fault, FinancialStatus, NewOrder, Order, OrderInclude, OrderLineItem, OrderPatch,
    OrderStatus,
};
use etiquette_apis::values::Timestamp;
use etiquette_apis::{Error, Kind, Patch};
use etiquette_standins::Fault as Play;
use futures::TryStreamExt;
use serde_json::{Value, json};

use crate::flow::world::{decoded, live_hive};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn address() -> Address {
    Address::builder()
        .full_name("Charlie Brown")
        .line1("Main St 1")
        .city("Berlin")
        .country_code("DE")
        .postal_code("10115")
}

fn new(id: &str) -> NewOrder {
    NewOrder::new(
        id,
        address(),
        [OrderLineItem::new("1", 2, 995).merchant_sku_id("SKU-001")],
    )
}

fn words(error: &Error) -> Vec<&str> {
    error
        .messages()
        .iter()
        .map(|message| message.text.as_str())
        .collect()
}

/// The query's pairs, decoded.
fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    let pairs = query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

#[tokio::test]
async fn all_orders_are_walked() {
    let live = live_hive().await;
    let orders: Vec<Order> = live
        .api
        .orders()
        .list()
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!((orders.len(), live.server.arrivals().len()), (45, 3));
    assert!(orders.is_sorted_by_key(|order| std::cmp::Reverse(order.created_at)));
    assert_eq!(orders[44].created_at, at("2022-11-01T17:42:07.409+01:00"));
    assert_eq!(orders[44].shipping_address.city, "Berlin");
}

/// Row F5: each bound of a range is its own parameter; the range's bounds are the API's.
#[tokio::test]
async fn orders_are_filtered_by_a_range() {
    let live = live_hive().await;
    let (from, to) = (
        at("2022-11-01T18:00:00+01:00"),
        at("2022-11-01T19:00:00+01:00"),
    );
    let (first, last) = ("2022-11-01T17:00:00Z", "2022-11-01T18:00:00Z");
    let list = || live.api.orders().list();
    let excluded = (Bound::Excluded(from), Bound::Excluded(to));
    for (call, wanted) in [
        (
            list().created_at(from..to),
            vec![("created_at[gte]", first), ("created_at[lt]", last)],
        ),
        (
            list().created_at(from..=to),
            vec![("created_at[gte]", first), ("created_at[lte]", last)],
        ),
        (
            list().created_at(excluded),
            vec![("created_at[gt]", first), ("created_at[lt]", last)],
        ),
        (list().created_at(from..), vec![("created_at[gte]", first)]),
        (list().created_at(..to), vec![("created_at[lt]", last)]),
        (list().created_at(..), vec![]),
    ] {
        live.server.reset_arrivals();
        let orders: Vec<Order> = call.items().try_collect().await.unwrap();
        let query = live.server.arrivals()[0].query.clone();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        assert_eq!(pairs(query.as_deref()), wanted);
        let names = |name: &str| wanted.iter().any(|(known, _)| known.starts_with(name));
        let after = |order: &Order| !names("created_at[g") || order.created_at >= from;
        let before = |order: &Order| !names("created_at[l") || order.created_at <= to;
        assert!(!orders.is_empty() && orders.iter().all(|order| after(order) && before(order)));
        let is_half = orders.len() < 45;
        assert_eq!(is_half, !wanted.is_empty());
    }
}

/// Rows F3, F5: lists in a query, empty ones and values with everything in them.
#[tokio::test]
async fn lists_in_a_query_are_repeated() {
    let live = live_hive().await;
    let ids = ["SKU-001", "a&b=c", "[]", "é ,;%2F#", ""];
    let call = live
        .api
        .orders()
        .list()
        .merchant_sku_ids(ids)
        .include(OrderInclude::Batches);
    call.await.unwrap();
    let none: [&str; 0] = [];
    live.api
        .orders()
        .list()
        .merchant_sku_ids(none)
        .await
        .unwrap();
    let arrivals = live.server.arrivals();
    let sent = pairs(arrivals[0].query.as_deref());
    let wanted: Vec<_> = ids
        .iter()
        .map(|id| ("merchant_sku_ids[]".to_owned(), (*id).to_owned()))
        .collect();
    assert_eq!(sent[..5], wanted);
    assert_eq!(sent[5], ("include".to_owned(), "batches".to_owned()));
    assert_eq!(arrivals[1].query, None);
}

/// A filter goes with each page of a walk.
#[tokio::test]
async fn a_filter_goes_with_each_page() {
    let live = live_hive().await;
    let call = live
        .api
        .orders()
        .list()
        .created_at(at("2022-11-01T00:00:00Z")..);
    let orders: Vec<Order> = call.items().try_collect().await.unwrap();
    assert_eq!(orders.len(), 45);
    let since = (
        "created_at[gte]".to_owned(),
        "2022-11-01T00:00:00Z".to_owned(),
    );
    for (number, arrival) in live.server.arrivals().iter().enumerate() {
        let mut pairs = pairs(arrival.query.as_deref());
        assert_eq!(pairs.remove(0), since);
        let page = (number > 0).then(|| ("page".to_owned(), (number + 1).to_string()));
        assert_eq!(pairs, Vec::from_iter(page));
    }
}

#[tokio::test]
async fn an_order_is_got_with_and_without_its_batches() {
    let live = live_hive().await;
    let plain = live.api.orders().get(10_001).await.unwrap();
    let with = live
        .api
        .orders()
        .get(10_001)
        .include(OrderInclude::Batches)
        .await
        .unwrap();
    assert_eq!(
        plain, with,
        "no member of an order's line is named for them"
    );
    assert_eq!(
        plain.custom_metadata,
        Some(json!({"gift": true, "note": "order 0"}))
    );
    let queries: Vec<_> = live
        .server
        .arrivals()
        .iter()
        .map(|a| a.query.clone())
        .collect();
    assert_eq!(queries, [None, Some("include=batches".to_owned())]);
    let error = live.api.orders().get(1).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::NotFound));
    assert_eq!(words(&error), ["not found"]);
}

/// What is not given is not in the body; the server's own defaults come back.
#[tokio::test]
async fn an_order_is_created() {
    let live = live_hive().await;
    let order = live.api.orders().create(&new("S-1001")).await.unwrap();
    assert_eq!(
        (order.currency.as_str(), &order.status),
        ("EUR", &OrderStatus::Fulfillable)
    );
    assert_eq!(order.total_price_in_cents, 1_990);
    assert_eq!(
        order.items[0].sku_id,
        Some(501),
        "the server adds the other id"
    );
    let sent: Value = serde_json::from_slice(&live.server.writes()[0].body).unwrap();
    let wanted = json!({
        "merchant_order_id": "S-1001",
        "shipping_address": {
            "full_name": "Charlie Brown", "line1": "Main St 1", "city": "Berlin",
            "country_code": "DE", "postal_code": "10115",
        },
        "items": [{
            "merchant_item_id": "1", "quantity": 2, "price_per_unit_in_cents": 995,
            "merchant_sku_id": "SKU-001",
        }],
    });
    assert_eq!(sent, wanted);
    assert_eq!(live.api.orders().get(order.id).await.unwrap(), order);
}

#[tokio::test]
async fn an_order_is_created_with_all_that_it_can_have() {
    let live = live_hive().await;
    let metadata = json!({"a": [1, {"b": 9_007_199_254_740_993_i64}]});
    let order = new("S-1002")
        .created_at(at("2022-12-24T18:00:00+01:00"))
        .currency("CHF")
        .financial_status(FinancialStatus::Paid)
        .tags(["gift", "web"])
        .total_price_in_cents(9_007_199_254_740_993_i64)
        .custom_metadata(metadata.clone());
    let order = live.api.orders().create(&order).await.unwrap();
    assert_eq!(
        order.total_price_in_cents, 9_007_199_254_740_993,
        "row F11: past 2^53"
    );
    assert_eq!(order.financial_status, Some(FinancialStatus::Paid));
    assert_eq!(order.created_at, at("2022-12-24T17:00:00Z"));
    assert_eq!(
        (order.tags.len(), order.custom_metadata),
        (2, Some(metadata))
    );
}

/// Row G9: all complaints of a 422, in the API's order and words.
#[tokio::test]
async fn complaints_are_kept_one_by_one() {
    let live = live_hive().await;
    let mut nowhere = address();
    nowhere.city.clear();
    let blank = NewOrder::new("", nowhere, [OrderLineItem::new("1", 0, 1).sku_id(1)]);
    let error = live.api.orders().create(&blank).await.unwrap_err();
    assert_eq!(
        (Fault::of(&error), error.kind()),
        (Some(Fault::Invalid), Kind::Api)
    );
    assert_eq!(
        words(&error),
        [
            "Merchant order can't be blank",
            "Shipping address city can't be blank",
            "Items[0] quantity must be greater than 0",
            "Items[0] sku must exist",
        ]
    );
    assert!(
        error
            .to_string()
            .contains("can't be blank; Shipping address city"),
        "{error}"
    );

    live.api.orders().create(&new("S-1")).await.unwrap();
    let error = live.api.orders().create(&new("S-1")).await.unwrap_err();
    assert_eq!(words(&error), ["Merchant order has already been taken"]);
    assert_eq!(Fault::of(&error), Some(Fault::Invalid));
    assert!(!error.may_have_happened());
}

/// A line needs one of two ids; that none is given is found before anything is sent.
#[tokio::test]
async fn a_line_without_an_id_is_not_sent() {
    let live = live_hive().await;
    let order = NewOrder::new("S-1", address(), [OrderLineItem::new("1", 1, 1)]);
    let error = live.api.orders().create(&order).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Parameter);
    assert!(error.to_string().contains("merchant_sku_id"), "{error}");
    assert!(live.server.arrivals().is_empty());
}

/// Absent, null and a value are three things at the server.
#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let live = live_hive().await;
    let before = live.api.orders().get(10_001).await.unwrap();
    assert!(before.customer_order_number.is_some() && before.payment_method.is_some());
    let patch = OrderPatch::new()
        .customer_order_number(Patch::Null)
        .carrier_preference("DHL")
        .financial_status(FinancialStatus::Refunded)
        .tags(["vip", "late"]);
    let order = live.api.orders().update(10_001, &patch).await.unwrap();
    let write = live.server.writes().remove(0);
    assert_eq!(
        (write.method.as_str(), write.path.as_str()),
        ("PATCH", "/merchant_api/v1/orders/10001")
    );
    assert_eq!(
        serde_json::from_slice::<Value>(&write.body).unwrap(),
        json!({
            "customer_order_number": null, "carrier_preference": "DHL",
            "financial_status": "refunded", "tags": ["vip", "late"],
        })
    );
    assert_eq!(order.customer_order_number, None);
    assert_eq!(order.carrier_preference.as_deref(), Some("DHL"));
    assert_eq!(
        order.payment_method, before.payment_method,
        "it was not named"
    );
    assert_eq!(order.items, before.items);

    let nothing = live
        .api
        .orders()
        .update(10_001, &OrderPatch::new())
        .await
        .unwrap();
    assert_eq!(nothing, order);
    assert_eq!(&*live.server.writes()[1].body, b"{}");
    let cleared = OrderPatch::new()
        .carrier_preference(None::<String>)
        .tags([] as [&str; 0]);
    let order = live.api.orders().update(10_001, &cleared).await.unwrap();
    assert_eq!((order.carrier_preference, order.tags.len()), (None, 0));
}

/// A patch of a fulfilled order, and one of an order that is not there.
#[tokio::test]
async fn a_patch_may_be_refused() {
    let live = live_hive().await;
    let patch = OrderPatch::new().currency("CHF");
    let error = live.api.orders().update(10_002, &patch).await.unwrap_err();
    assert_eq!(words(&error), ["Order is already fulfilled"]);
    let error = live.api.orders().update(1, &patch).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::NotFound));
}

/// Cancelling is idempotent by its description, so it is sent again.
#[tokio::test]
async fn an_order_is_cancelled() {
    let live = live_hive().await;
    live.server.next(Play::ResetAfter);
    let order = live.api.orders().cancel(10_001).await.unwrap();
    assert_eq!(order.status, OrderStatus::Unfulfillable);
    let writes = live.server.writes();
    assert_eq!(writes.len(), 2);
    assert!(
        writes
            .iter()
            .all(|write| write.path.ends_with("/orders/10001/cancel"))
    );
    assert!(writes.iter().all(|write| write.body.is_empty()));
    let error = live.api.orders().cancel(10_002).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::Invalid));
}

/// Row A2: creating is not idempotent, and changing is assumed not to be.
#[tokio::test]
async fn creates_and_patches_are_sent_once() {
    let live = live_hive().await;
    live.server.next(Play::ResetAfter);
    let error = live.api.orders().create(&new("S-1")).await.unwrap_err();
    assert!(error.kind() == Kind::Ambiguous && error.may_have_happened());
    live.server.next(Play::status(502));
    let patch = OrderPatch::new().currency("CHF");
    let error = live.api.orders().update(10_001, &patch).await.unwrap_err();
    assert!(error.kind() == Kind::Ambiguous && error.may_have_happened());
    assert_eq!(live.server.writes().len(), 2);
    // What the caller does then: look.
    let orders: Vec<Order> = live
        .api
        .orders()
        .list()
        .items()
        .try_collect()
        .await
        .unwrap();
    assert!(orders.iter().any(|order| order.merchant_order_id == "S-1"));
}

/// An unknown value is kept as it came and is written back as it is.
#[tokio::test]
async fn an_unknown_value_is_written_back() {
    let live = live_hive().await;
    live.server
        .next(Play::set("/financial_status", json!("charged_back")));
    let order = live.api.orders().get(10_001).await.unwrap();
    let status = order.financial_status.unwrap();
    assert!(matches!(&status, FinancialStatus::Unknown(value) if value.as_str() == "charged_back"));
    let patch = OrderPatch::new().financial_status(status);
    live.api.orders().update(10_001, &patch).await.unwrap_err();
    assert_eq!(
        &*live.server.writes()[0].body,
        br#"{"financial_status":"charged_back"}"#
    );
}
