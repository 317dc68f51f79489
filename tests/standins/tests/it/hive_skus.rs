//! SKUs: merging, deletion that is not the end, and the nulls of the bulk upsert.

use serde_json::{Value, json};

use crate::client::{get, write};
use crate::hive::{complaints, hive};

async fn sku(hive: &etiquette_standins::Standin, id: i64) -> Value {
    let page = get(hive, &format!("/skus?ids[]={id}")).await.json();
    page["data"][0].clone()
}

#[tokio::test]
async fn a_creation_fills_what_only_the_server_writes() {
    let hive = hive().await;
    let body =
        r#"{"merchant_sku_id": "NEW", "name": "New", "weight_in_kg": 1, "fulfilled_by": "hive"}"#;
    let reply = write(&hive, "POST", "/skus", body).await;
    assert_eq!(reply.status, 201);
    let expected = json!({
        "id": 526, "merchant_sku_id": "NEW", "name": "New", "weight_in_kg": 1,
        "created_at": "2024-05-01T13:00:20.000+01:00", "cost_in_cents": null,
        "country_code_of_origin": null, "hs_code": null, "barcode": null, "image_url": null,
        "batch_tracking_enabled": false, "fulfilled_by": "new", "status": "active",
        "inventory": {"stocked": 0, "reserved": 0, "total": 0},
        "inventory_per_warehouse": [], "inventory_batches": [],
        "dangerous_good": false, "hazardous_good": false, "h_codes": [], "un_names": [],
    });
    assert_eq!(reply.json(), expected);
    let again = write(&hive, "POST", "/skus", body).await;
    assert_eq!(
        complaints(&again),
        json!(["Merchant sku has already been taken"])
    );
}

#[tokio::test]
async fn a_change_touches_only_what_it_names() {
    let hive = hive().await;
    let mut expected = sku(&hive, 502).await;
    let body = r#"{"name": "Renamed", "barcode": null, "status": "deleted", "unknown": 1}"#;
    let reply = write(&hive, "PATCH", "/skus/502", body).await;
    expected["name"] = json!("Renamed");
    expected["barcode"] = Value::Null;
    assert_eq!((reply.status, reply.json()), (200, expected.clone()));
    assert_eq!(sku(&hive, 502).await, expected);
    let taken = write(
        &hive,
        "PATCH",
        "/skus/502",
        r#"{"merchant_sku_id": "SKU-001"}"#,
    )
    .await;
    assert_eq!(
        complaints(&taken),
        json!(["Merchant sku has already been taken"])
    );
    let null = write(
        &hive,
        "PATCH",
        "/skus/502",
        r#"{"batch_tracking_enabled": null}"#,
    )
    .await;
    assert_eq!(
        complaints(&null),
        json!(["Batch tracking enabled can't be blank"])
    );
}

/// Row A10: the second deletion finds nothing.
#[tokio::test]
async fn a_deleted_sku_stays_and_comes_back() {
    let hive = hive().await;
    for (method, path, body, status) in [
        ("PATCH", "/skus/504", r#"{"name": "Back"}"#, 200),
        (
            "POST",
            "/skus",
            r#"{"merchant_sku_id": "SKU-004", "name": "Back"}"#,
            201,
        ),
        (
            "POST",
            "/skus/bulk_upsert",
            r#"{"skus": [{"merchant_sku_id": "SKU-004", "name": "Back"}]}"#,
            200,
        ),
    ] {
        let gone = write(&hive, "DELETE", "/skus/504", "").await;
        assert_eq!(
            (gone.status, &gone.json()["status"]),
            (200, &json!("deleted"))
        );
        assert_eq!(sku(&hive, 504).await["status"], "deleted");
        assert_eq!(write(&hive, "DELETE", "/skus/504", "").await.status, 404);
        let back = write(&hive, method, path, body).await;
        assert_eq!(back.status, status, "{}", back.body);
        let now = sku(&hive, 504).await;
        assert_eq!(
            (&now["status"], &now["name"]),
            (&json!("active"), &json!("Back"))
        );
    }
    assert_eq!(hive.state()["skus"].as_array().unwrap().len(), 25);
}

#[tokio::test]
async fn a_bulk_upsert_nulls_what_it_leaves_out_but_for_batch_tracking() {
    let hive = hive().await;
    let before = sku(&hive, 504).await;
    assert_eq!(before["batch_tracking_enabled"], true);
    assert_ne!(before["barcode"], Value::Null);
    let body = json!({"skus": [
        {"merchant_sku_id": "SKU-004", "name": "Four"},
        {"merchant_sku_id": "NEW", "name": "New", "batch_tracking_enabled": true, "cost_in_cents": 5},
    ]});
    let reply = write(&hive, "POST", "/skus/bulk_upsert", &body.to_string()).await;
    assert_eq!(reply.status, 200);
    let reply = reply.json();
    assert_eq!(reply["pagination"]["item_count"], 2);
    let four = sku(&hive, 504).await;
    assert_eq!(reply["data"][0], four);
    for member in [
        "cost_in_cents",
        "country_code_of_origin",
        "hs_code",
        "barcode",
        "weight_in_kg",
        "image_url",
    ] {
        assert_eq!(four[member], Value::Null, "{member}");
    }
    for member in [
        "batch_tracking_enabled",
        "inventory",
        "created_at",
        "inventory_batches",
        "fulfilled_by",
    ] {
        assert_eq!(four[member], before[member], "{member}");
    }
    let new = &reply["data"][1];
    assert_eq!(
        (&new["batch_tracking_enabled"], &new["cost_in_cents"]),
        (&json!(true), &json!(5))
    );
    let off =
        r#"{"skus": [{"merchant_sku_id": "NEW", "name": "New", "batch_tracking_enabled": false}]}"#;
    write(&hive, "POST", "/skus/bulk_upsert", off).await;
    assert_eq!(sku(&hive, 526).await["batch_tracking_enabled"], false);
}

#[tokio::test]
async fn a_bulk_upsert_takes_one_to_a_hundred_and_all_or_nothing() {
    let hive = hive().await;
    let before = hive.state();
    let many = |count: usize| {
        let skus = (0..count).map(|n| json!({"merchant_sku_id": format!("B{n}"), "name": "B"}));
        json!({"skus": skus.collect::<Vec<_>>()}).to_string()
    };
    let size = json!(["Skus must have between 1 and 100 items"]);
    for (body, expected) in [
        ("{}".to_owned(), json!(["Skus can't be blank"])),
        (many(0), size.clone()),
        (many(101), size),
        (
            json!({"skus": [{"merchant_sku_id": "A", "name": "A"}, {"merchant_sku_id": "A"}, 3]})
                .to_string(),
            json!([
                "Skus[1] name can't be blank",
                "Skus[1] merchant sku is not unique in the list",
                "Skus[2] is not an object"
            ]),
        ),
    ] {
        let reply = write(&hive, "POST", "/skus/bulk_upsert", &body).await;
        assert_eq!(complaints(&reply), expected);
    }
    assert_eq!(hive.state(), before);
    for _ in 0..2 {
        let reply = write(&hive, "POST", "/skus/bulk_upsert", &many(100)).await;
        assert_eq!(reply.json()["data"].as_array().unwrap().len(), 100);
        assert_eq!(hive.state()["skus"].as_array().unwrap().len(), 125);
    }
}
