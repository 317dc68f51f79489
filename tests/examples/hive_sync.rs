//! Mirrors the orders of a shop since a day, and brings its SKUs up to date, against a stand-in of the
//! Hive Merchant API on loopback. The limit of 100 requests a minute is virtual.
//!
//! `cargo run --package etiquette-tests --example hive_sync`

use std::sync::Arc;

use etiquette_apis::Patch;
use etiquette_apis::hive::{self, BulkUpsertSkusBody, SkuBulkUpsert, SkuPatch};
use etiquette_apis::values::Timestamp;
use etiquette_standins::{Now, hive as standin};
use runtime::testing::VirtualClock;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    run().await?;
    Ok(())
}

/// Gives what the server has counted: all requests, and the writes among them.
pub(crate) async fn run() -> Result<(usize, usize), Box<dyn std::error::Error>> {
    let clock = VirtualClock::over_sockets();
    let reading = clock.clone();
    let now: Now = Arc::new(move || reading.now_system());
    let server = standin::start(standin::Config::default(), now).await?;
    let api = hive::Client::builder()
        .key(server.key())
        .with_base_url(server.url())
        .with_clock(clock.clone())
        .build()?;

    mirror_orders(&api, "2022-11-01T00:00:00Z".parse()?).await?;
    update_skus(&api).await?;

    let (all, writes) = (server.arrivals().len(), server.writes().len());
    println!("the server counted {all} requests, {writes} of them writes");
    server.stop().await;
    Ok((all, writes))
}

/// Walks all orders since a time; orders that arrive meanwhile shift the pages, none is seen twice.
async fn mirror_orders(api: &hive::Client, since: Timestamp) -> etiquette_apis::Result<()> {
    let mut orders = api.orders().list().created_at(since..).items();
    let (mut count, mut cents) = (0, 0);
    while let Some(order) = orders.try_next().await? {
        count += 1;
        cents += order.total_price_in_cents;
    }
    println!(
        "{count} orders since {since}, {}.{:02} in total",
        cents / 100,
        cents % 100
    );
    Ok(())
}

async fn update_skus(api: &hive::Client) -> Result<(), Box<dyn std::error::Error>> {
    let mut skus = api.skus().list().items();
    let Some(sku) = skus.try_next().await? else {
        return Ok(());
    };

    // A patch: set one member, clear another, leave the rest.
    let patch = SkuPatch::new()
        .name(format!("{} (new)", sku.name))
        .hs_code(Patch::Null);
    let sku = api.skus().update(sku.id, &patch).await?;
    println!(
        "SKU {} is now called {:?}, its HS code is {:?}",
        sku.id, sku.name, sku.hs_code
    );

    // A bulk write clears what it leaves out; so the type asks for every member that would be cleared.
    let rows = ["A-1", "A-2"].map(|id| SkuBulkUpsert {
        merchant_sku_id: id.to_owned(),
        name: format!("Article {id}"),
        cost_in_cents: Some(250),
        country_code_of_origin: Some("DE".to_owned()),
        hs_code: None,
        barcode: None,
        weight_in_kg: Some(0.5),
        image_url: None,
        batch_tracking_enabled: None,
    });
    api.skus()
        .bulk_upsert(&BulkUpsertSkusBody::new(rows))
        .await?;
    println!("two SKUs written");
    Ok(())
}
