//! Orders: creation with its defaults, complaints and natural key, merging, cancelling.

use etiquette_standins::Standin;
use serde_json::{Value, json};

use crate::client::{get, write};
use crate::hive::{complaints, hive, ids};

fn new_order() -> Value {
    json!({
        "merchant_order_id": "N-1",
        "shipping_address": {
            "first_name": "Grace", "last_name": "Hopper", "line1": "Main St 1",
            "city": "Arlington", "country_code": "US", "postal_code": "22201",
        },
        "items": [
            {"merchant_item_id": "a", "merchant_sku_id": "SKU-001", "quantity": 2,
             "price_per_unit_in_cents": 500},
            {"merchant_item_id": "b", "sku_id": 502, "quantity": 1,
             "price_per_unit_in_cents": 300, "price_per_unit_in_cents_with_discount": 250},
        ],
        "status": "fulfilled", "id": 5, "some_new_field": [1],
    })
}

/// The complaints about an order, which must not have been created.
async fn complaints_about(hive: &Standin, order: &Value) -> Value {
    let reply = write(hive, "POST", "/orders", &order.to_string()).await;
    assert_eq!(hive.state()["orders"].as_array().unwrap().len(), 45);
    complaints(&reply)
}

#[tokio::test]
async fn a_creation_answers_the_whole_order_with_defaults() {
    let hive = hive().await;
    let reply = write(&hive, "POST", "/orders", &new_order().to_string()).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let order = reply.json();
    assert_eq!(order["id"], 10_046);
    assert_eq!(order["status"], "fulfillable");
    assert_eq!(order["created_at"], "2024-05-01T13:00:20.000+01:00");
    assert_eq!(
        (&order["currency"], &order["tags"]),
        (&json!("EUR"), &json!([]))
    );
    assert_eq!(order["total_price_in_cents"], 1250);
    assert_eq!(order["shipping_address"]["full_name"], "Grace Hopper");
    assert_eq!(order["shipping_address"]["line2"], Value::Null);
    assert_eq!(order["items"][0]["sku_id"], 501);
    assert_eq!(
        order["items"][0]["price_per_unit_in_cents_with_discount"],
        500
    );
    assert_eq!(order["items"][1]["merchant_sku_id"], "SKU-002");
    assert_eq!(order.get("some_new_field"), None);
    let nullable = [
        "customer_order_number",
        "carrier_preference",
        "financial_status",
        "payment_method",
        "custom_metadata",
    ];
    assert!(
        nullable
            .iter()
            .all(|name| order.get(name) == Some(&Value::Null))
    );
    assert_eq!(get(&hive, "/orders/10046").await.json(), order);
    assert_eq!(ids(&get(&hive, "/orders").await.json())[0], 10_046);
}

/// Row A11: a creation that is sent again meets its own natural key.
#[tokio::test]
async fn a_second_creation_with_the_same_merchant_id_is_refused() {
    let hive = hive().await;
    let body = new_order().to_string();
    assert_eq!(write(&hive, "POST", "/orders", &body).await.status, 201);
    let again = write(&hive, "POST", "/orders", &body).await;
    assert_eq!(
        complaints(&again),
        json!(["Merchant order has already been taken"])
    );
    assert_eq!(hive.state()["orders"].as_array().unwrap().len(), 46);
}

/// A place in a good order, what to put there, and what that is met with.
fn mistakes() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "/merchant_order_id",
            json!(""),
            "Merchant order can't be blank",
        ),
        (
            "/merchant_order_id",
            json!(7),
            "Merchant order is not a text",
        ),
        (
            "/shipping_address",
            json!(null),
            "Shipping address can't be blank",
        ),
        (
            "/shipping_address/city",
            json!(null),
            "Shipping address city can't be blank",
        ),
        (
            "/shipping_address/country_code",
            json!("us"),
            "Shipping address country code is invalid",
        ),
        (
            "/shipping_address/first_name",
            json!(""),
            "Shipping address full name can't be blank",
        ),
        ("/items", json!([]), "Items can't be blank"),
        ("/items/0", json!(1), "Items[0] is not an object"),
        (
            "/items/1/quantity",
            json!(0),
            "Items[1] quantity must be greater than 0",
        ),
        (
            "/items/1/quantity",
            json!(1.5),
            "Items[1] quantity is not an integer",
        ),
        ("/items/1/sku_id", json!(99), "Items[1] sku must exist"),
        (
            "/items/0/merchant_sku_id",
            json!("SKU-011"),
            "Items[0] sku must exist",
        ),
        (
            "/items/1/merchant_item_id",
            json!("a"),
            "Items[1] merchant item has already been taken",
        ),
    ]
}

#[tokio::test]
async fn each_mistake_inside_an_order_has_its_sentence() {
    let hive = hive().await;
    for (pointer, value, expected) in mistakes() {
        let mut order = new_order();
        *order.pointer_mut(pointer).unwrap() = value;
        assert_eq!(
            complaints_about(&hive, &order).await,
            json!([expected]),
            "{pointer}"
        );
    }
}

#[tokio::test]
async fn each_mistake_in_a_field_of_its_own_has_its_sentence() {
    let hive = hive().await;
    for (member, value, expected) in [
        (
            "created_at",
            json!("2022-11-01"),
            "Created at is not a date and time",
        ),
        (
            "financial_status",
            json!("free"),
            "Financial status is not included in the list",
        ),
        ("currency", json!(null), "Currency can't be blank"),
        ("currency", json!("EURO"), "Currency is invalid"),
        ("tags", json!([1]), "Tags is not a list of texts"),
        (
            "total_tax_in_cents",
            json!("1"),
            "Total tax in cents is not an integer",
        ),
    ] {
        let mut order = new_order();
        order[member] = value;
        assert_eq!(
            complaints_about(&hive, &order).await,
            json!([expected]),
            "{member}"
        );
    }
}

#[tokio::test]
async fn a_change_is_merged() {
    let hive = hive().await;
    let before = get(&hive, "/orders/10001").await.json();
    let change = json!({
        "tags": ["late"], "payment_method": null, "merchant_order_id": "M-0001",
        "created_at": "2022-11-01T10:00:00Z", "shipping_address": {"first_name": "Augusta"},
    });
    let reply = write(&hive, "PATCH", "/orders/10001", &change.to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let mut expected = before;
    expected["tags"] = json!(["late"]);
    expected["payment_method"] = Value::Null;
    expected["created_at"] = json!("2022-11-01T11:00:00.000+01:00");
    expected["shipping_address"]["first_name"] = json!("Augusta");
    expected["shipping_address"]["full_name"] = json!("Augusta Lovelace");
    assert_eq!(reply.json(), expected);

    let items = json!({"items": new_order()["items"]});
    let reply = write(&hive, "PATCH", "/orders/10001", &items.to_string())
        .await
        .json();
    assert_eq!(reply["items"].as_array().unwrap().len(), 2);
    let name = json!({"shipping_address": {"full_name": "Mary Anne Evans"}}).to_string();
    let reply = write(&hive, "PATCH", "/orders/10001", &name).await.json();
    assert_eq!(reply["shipping_address"]["first_name"], "Mary Anne");
    assert_eq!(reply["shipping_address"]["last_name"], "Evans");
}

#[tokio::test]
async fn a_change_that_cannot_be_is_refused_and_changes_nothing() {
    let hive = hive().await;
    let before = hive.state();
    for (id, change, expected) in [
        (
            10_001,
            json!({"merchant_order_id": "M-0002"}),
            "Merchant order has already been taken",
        ),
        (
            10_001,
            json!({"merchant_order_id": null}),
            "Merchant order can't be blank",
        ),
        (10_001, json!({"items": []}), "Items can't be blank"),
        (10_002, json!({"tags": []}), "Order is already fulfilled"),
    ] {
        let reply = write(
            &hive,
            "PATCH",
            &format!("/orders/{id}"),
            &change.to_string(),
        )
        .await;
        assert_eq!(complaints(&reply), json!([expected]));
    }
    assert_eq!(hive.state(), before);
}

#[tokio::test]
async fn an_order_is_cancelled_until_it_is_fulfilled() {
    let hive = hive().await;
    let reply = write(&hive, "POST", "/orders/10001/cancel", "").await;
    assert_eq!(
        (reply.status, &reply.json()["status"]),
        (200, &json!("unfulfillable"))
    );
    let reply = write(&hive, "POST", "/orders/10002/cancel", "").await;
    assert_eq!(complaints(&reply), json!(["Order is already fulfilled"]));
}

/// New orders push the old ones to later pages: the last of one page is the first of the next.
#[tokio::test]
async fn pages_shift_while_orders_arrive() {
    let hive = hive().await;
    let first = ids(&get(&hive, "/orders?page=1").await.json());
    let reply = hive
        .act(http::Method::POST, "/orders", Some(&new_order()))
        .await;
    assert_eq!(reply.status(), 201);
    let second = ids(&get(&hive, "/orders?page=2").await.json());
    assert_eq!(first.last(), second.first());
    assert_eq!(hive.arrivals().len(), 2);
}
