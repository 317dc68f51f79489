//! Restocking shipments: announced, and replaced as a whole while they are on the way.

use serde_json::{Value, json};

use crate::client::{get, send, write};
use crate::hive::{complaints, hive, ids};

fn announced() -> Value {
    json!({
        "warehouse_id": 2, "estimated_arrival_date": "2024-06-01", "delivery_option": "postal",
        "restocking_shipment_items": [{"merchant_sku_id": "SKU-001", "announced_quantity": 5}],
    })
}

#[tokio::test]
async fn a_creation_answers_what_the_server_adds() {
    let hive = hive().await;
    let mut body = announced();
    body["restocking_shipment_items"][0]["inventory_batches"] = json!([{"name": "B1"}]);
    let reply = write(&hive, "POST", "/restocking_shipments", &body.to_string()).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let made = reply.json();
    assert_eq!(
        (&made["id"], &made["barcode"]),
        (&json!(20), &json!("RS.20"))
    );
    assert_eq!(
        (&made["status"], &made["po_number"]),
        (&json!("shipped"), &Value::Null)
    );
    let item = &made["restocking_shipment_items"][0];
    assert_eq!(
        (&item["sku_id"], &item["arrived_quantity"]),
        (&json!(501), &Value::Null)
    );
    assert_eq!(item["inventory_batches"][0]["name"], "B1");
    assert_eq!(item["inventory_batches"][0]["expiry_date"], Value::Null);
    let list = get(&hive, "/restocking_shipments").await.json();
    assert_eq!(ids(&list)[0], 20);
    assert_eq!(list["data"][0], made);
}

#[tokio::test]
async fn a_replacement_keeps_nothing_that_it_leaves_out() {
    let hive = hive().await;
    let before = get(&hive, "/restocking_shipments/13").await.json();
    assert_ne!(before["tracking_code"], Value::Null);
    let reply = write(
        &hive,
        "PUT",
        "/restocking_shipments/13",
        &announced().to_string(),
    )
    .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let after = reply.json();
    for member in ["tracking_code", "po_number", "supplier_name"] {
        assert_eq!(after[member], Value::Null, "{member}");
    }
    for member in ["id", "merchant_id", "status", "barcode"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(
        after["restocking_shipment_items"][0]["announced_quantity"],
        5
    );
    assert_eq!(get(&hive, "/restocking_shipments/13").await.json(), after);
    let part = r#"{"po_number": "7"}"#;
    let expected = json!([
        "Warehouse can't be blank",
        "Estimated arrival date can't be blank",
        "Delivery option can't be blank",
        "Restocking shipment items can't be blank",
    ]);
    let reply = write(&hive, "PUT", "/restocking_shipments/13", part).await;
    assert_eq!(complaints(&reply), expected);
    assert_eq!(
        write(&hive, "PATCH", "/restocking_shipments/13", part)
            .await
            .status,
        404
    );
    assert_eq!(get(&hive, "/restocking_shipments/13").await.json(), after);
}

#[tokio::test]
async fn only_what_is_on_the_way_is_replaced() {
    let hive = hive().await;
    let body = announced().to_string();
    let list = get(&hive, "/restocking_shipments").await.json();
    for shipment in list["data"].as_array().unwrap() {
        let status = shipment["status"].as_str().unwrap();
        let path = format!("/restocking_shipments/{}", shipment["id"]);
        let reply = write(&hive, "PUT", &path, &body).await;
        if ["shipped", "created"].contains(&status) {
            assert_eq!(reply.status, 200, "{status}");
        } else {
            let sentence = "Restocking shipment can only be updated while it is created or shipped";
            assert_eq!(complaints(&reply), json!([sentence]), "{status}");
        }
    }
    assert_eq!(
        write(&hive, "PUT", "/restocking_shipments/1", &body)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn each_mistake_has_its_sentence() {
    let hive = hive().await;
    for (pointer, value, expected) in [
        ("/warehouse_id", json!(3), "Warehouse must exist"),
        (
            "/estimated_arrival_date",
            json!("2023-02-29"),
            "Estimated arrival date is not a date",
        ),
        (
            "/delivery_option",
            json!("drone"),
            "Delivery option is not included in the list",
        ),
        (
            "/restocking_shipment_items/0/merchant_sku_id",
            json!("NONE"),
            "Restocking shipment items[0] sku must exist",
        ),
        (
            "/restocking_shipment_items/0/announced_quantity",
            json!(null),
            "Restocking shipment items[0] announced quantity can't be blank",
        ),
    ] {
        let mut body = announced();
        *body.pointer_mut(pointer).unwrap() = value;
        let reply = write(&hive, "POST", "/restocking_shipments", &body.to_string()).await;
        assert_eq!(complaints(&reply), json!([expected]));
    }
    let untyped = [("authorization", "Bearer hive-key")];
    let body = announced().to_string();
    let reply = send(&hive, "POST", "/restocking_shipments", &untyped, &body)
        .await
        .unwrap();
    assert_eq!(reply.status, 400, "a body must say that it is JSON");
}
