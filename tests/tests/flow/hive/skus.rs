//! SKUs of Hive over TCP: created, changed in part, upserted in bulk, deleted and brought back.

use etiquette_apis::hive::{
    BulkUpsertSkusBody, Fault, FulfilledBy, NewSku, Sku, SkuBulkUpsert, SkuPatch, SkuStatus,
};
use etiquette_apis::{Kind, Patch};
use etiquette_standins::Fault as Play;
use futures::TryStreamExt;
use serde_json::{Value, json};

use crate::flow::world::live_hive;

fn body(arrival: &etiquette_standins::Arrival) -> Value {
    serde_json::from_slice(&arrival.body).unwrap()
}

fn row(id: &str) -> SkuBulkUpsert {
    SkuBulkUpsert {
        merchant_sku_id: id.to_owned(),
        name: format!("Article {id}"),
        cost_in_cents: None,
        country_code_of_origin: None,
        hs_code: None,
        barcode: None,
        batch_tracking_enabled: None,
        weight_in_kg: Some(0.5),
        image_url: None,
    }
}

#[tokio::test]
async fn skus_are_walked_and_looked_up() {
    let live = live_hive().await;
    let skus: Vec<Sku> = live.api.skus().list().items().try_collect().await.unwrap();
    assert_eq!((skus.len(), live.server.arrivals().len()), (25, 2));
    assert!(
        skus.iter()
            .any(|sku| sku.fulfilled_by == FulfilledBy::Other)
    );
    assert!(skus.iter().any(|sku| sku.status == SkuStatus::Deleted));
    assert!(skus.iter().any(|sku| !sku.inventory_batches.is_empty()));

    let page = live
        .api
        .skus()
        .list()
        .merchant_sku_ids(["SKU-002", "SKU-003"])
        .await
        .unwrap();
    let mut ids: Vec<i64> = page.items.iter().map(|sku| sku.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [502, 503]);
    let page = live.api.skus().list().ids([504]).await.unwrap();
    assert_eq!(page.items[0].merchant_sku_id, "SKU-004");
    let queries: Vec<_> = live
        .server
        .arrivals()
        .iter()
        .map(|a| a.query.clone())
        .collect();
    assert_eq!(
        queries[2..],
        [
            Some("merchant_sku_ids%5B%5D=SKU-002&merchant_sku_ids%5B%5D=SKU-003".to_owned()),
            Some("ids%5B%5D=504".to_owned()),
        ]
    );
}

#[tokio::test]
async fn a_sku_is_created_once() {
    let live = live_hive().await;
    let new = NewSku::new("A-1", "Article")
        .weight_in_kg(0.1)
        .batch_tracking_enabled(true);
    let sku = live.api.skus().create(&new).await.unwrap();
    assert_eq!(
        (sku.name.as_str(), sku.weight_in_kg),
        ("Article", Some(0.1))
    );
    assert!(sku.batch_tracking_enabled);
    assert_eq!(
        (sku.fulfilled_by, sku.inventory.total),
        (FulfilledBy::New, 0)
    );
    assert_eq!(
        body(&live.server.writes()[0]),
        json!({"merchant_sku_id": "A-1", "name": "Article", "weight_in_kg": 0.1,
            "batch_tracking_enabled": true})
    );
    let error = live.api.skus().create(&new).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::Invalid));
    let error = live
        .api
        .skus()
        .create(&NewSku::new("", ""))
        .await
        .unwrap_err();
    let words: Vec<_> = error
        .messages()
        .iter()
        .map(|message| message.text.as_str())
        .collect();
    assert_eq!(
        words,
        ["Name can't be blank", "Merchant sku can't be blank"]
    );
}

/// Rows F5, F11: JSON has no NaN and no infinity; nothing is sent.
#[tokio::test]
async fn a_weight_that_is_no_number_is_not_sent() {
    let live = live_hive().await;
    for weight in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = live
            .api
            .skus()
            .create(&NewSku::new("A", "A").weight_in_kg(weight))
            .await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), Kind::Parameter);
        assert!(error.to_string().contains("weight_in_kg"), "{error}");
    }
    assert!(live.server.arrivals().is_empty());
}

#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let live = live_hive().await;
    let patch = SkuPatch::new()
        .name("New name")
        .cost_in_cents(Patch::Null)
        .hs_code("610910");
    let sku = live.api.skus().update(501, &patch).await.unwrap();
    assert_eq!((sku.name.as_str(), sku.cost_in_cents), ("New name", None));
    assert_eq!(
        sku.country_code_of_origin.as_deref(),
        Some("DE"),
        "it was not named"
    );
    assert_eq!(
        body(&live.server.writes()[0]),
        json!({"name": "New name", "cost_in_cents": null, "hs_code": "610910"})
    );
}

/// A deleted SKU is there still, and comes back when it is written.
#[tokio::test]
async fn a_deleted_sku_comes_back() {
    let live = live_hive().await;
    live.api.skus().delete(501).await.unwrap();
    let find = || async {
        live.api
            .skus()
            .list()
            .ids([501])
            .await
            .unwrap()
            .items
            .remove(0)
    };
    assert_eq!(find().await.status, SkuStatus::Deleted);
    let error = live.api.skus().delete(501).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::NotFound));
    live.api
        .skus()
        .update(501, &SkuPatch::new().name("Back"))
        .await
        .unwrap();
    assert_eq!(find().await.status, SkuStatus::Active);

    live.api.skus().delete(502).await.unwrap();
    let sku = live
        .api
        .skus()
        .create(&NewSku::new("SKU-002", "Back too"))
        .await
        .unwrap();
    assert_eq!((sku.id, sku.status), (502, SkuStatus::Active));
}

/// Row A10: what was to be deleted is gone, and the attempt that was lost may have done it.
#[tokio::test]
async fn a_delete_whose_answer_was_lost_has_succeeded() {
    let live = live_hive().await;
    live.server.next(Play::ResetAfter);
    live.api.skus().delete(501).await.unwrap();
    let statuses: Vec<_> = live
        .server
        .writes()
        .iter()
        .map(|write| write.status)
        .collect();
    assert_eq!(statuses, [None, Some(404)]);
}

/// Row G10: a delete is not interested in a body, whether there is one or not.
#[tokio::test]
async fn a_delete_may_answer_anything() {
    let live = live_hive().await;
    for answer in [
        etiquette_standins::Answer::new(204),
        etiquette_standins::Answer::new(200),
        etiquette_standins::Answer::new(202).body("queued"),
    ] {
        live.server.next(Play::Answer(answer));
        live.api.skus().delete(501).await.unwrap();
    }
    live.server.next(Play::Html);
    live.api.skus().delete(501).await.unwrap();
}

/// What is left out becomes null, except for `batch_tracking_enabled`, which keeps its value.
#[tokio::test]
async fn a_bulk_write_clears_what_it_leaves_out() {
    let live = live_hive().await;
    let find = || async {
        live.api
            .skus()
            .list()
            .ids([501])
            .await
            .unwrap()
            .items
            .remove(0)
    };
    let before = find().await;
    assert!(before.batch_tracking_enabled && before.cost_in_cents.is_some());
    let rows = [
        row("SKU-001"),
        SkuBulkUpsert {
            cost_in_cents: Some(7),
            ..row("NEW-1")
        },
    ];
    live.api
        .skus()
        .bulk_upsert(&BulkUpsertSkusBody::new(rows))
        .await
        .unwrap();
    let sent = body(&live.server.writes()[0]);
    assert_eq!(
        sent["skus"][0],
        json!({
            "merchant_sku_id": "SKU-001", "name": "Article SKU-001", "cost_in_cents": null,
            "country_code_of_origin": null, "hs_code": null, "barcode": null,
            "weight_in_kg": 0.5, "image_url": null,
        })
    );
    let after = find().await;
    assert!(after.batch_tracking_enabled, "it kept its value");
    assert_eq!((after.cost_in_cents, after.barcode), (None, None));
    assert_eq!(
        (after.name.as_str(), after.weight_in_kg),
        ("Article SKU-001", Some(0.5))
    );
    let new = live
        .api
        .skus()
        .list()
        .merchant_sku_ids(["NEW-1"])
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(
        (new.cost_in_cents, new.batch_tracking_enabled),
        (Some(7), false)
    );
}

/// A hundred rows are the most, and none is none; the API says so.
#[tokio::test]
async fn a_bulk_write_has_one_to_a_hundred_rows() {
    let live = live_hive().await;
    let rows = |count: usize| BulkUpsertSkusBody::new((0..count).map(|n| row(&format!("B-{n}"))));
    for count in [0, 101] {
        let error = live.api.skus().bulk_upsert(&rows(count)).await.unwrap_err();
        assert_eq!(Fault::of(&error), Some(Fault::Invalid));
        assert_eq!(
            error.messages()[0].text,
            "Skus must have between 1 and 100 items"
        );
    }
    live.api.skus().bulk_upsert(&rows(100)).await.unwrap();
    assert_eq!(live.server.state()["skus"].as_array().unwrap().len(), 125);
}

/// A bulk write by natural keys may be sent again; the second time changes nothing.
#[tokio::test]
async fn a_bulk_write_is_sent_again() {
    let live = live_hive().await;
    live.server.next(Play::CloseAfter);
    live.server.next(Play::status(504));
    let rows = BulkUpsertSkusBody::new([row("B-1"), row("B-2")]);
    live.api.skus().bulk_upsert(&rows).await.unwrap();
    let writes = live.server.writes();
    assert_eq!(writes.len(), 3);
    assert!(writes.iter().all(|write| write.body == writes[0].body));
    assert_eq!(live.server.state()["skus"].as_array().unwrap().len(), 27);
}
