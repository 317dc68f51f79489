//! Reports what left the warehouse since a day, retries a failed order, and keeps handles, calls and
//! streams in structs of its own: everything of the generated crate can be named and moved.
//!
//! It runs against a scripted transport, so that it needs neither network nor key.

mod script;

use std::collections::BTreeMap;

use etiquette_apis::hive::{
    self, Address, Fault, ListShipments, NewOrder, Order, OrderLineItem, Orders, Shipment,
};
use etiquette_apis::values::Timestamp;
use etiquette_apis::{Call, Items, Result};
use futures::{StreamExt, TryStreamExt};

/// What the application keeps between two runs of its loop.
struct Desk {
    orders: Orders,
    every_minute: ListShipments,
    running: Option<Call<Order>>,
    walk: Option<Items<Shipment>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let (api, clock) = script::client()?;
    let since: Timestamp = "2022-11-01T00:00:00Z".parse()?;
    let mut desk = Desk {
        orders: api.orders(),
        every_minute: api.shipments().list().created_at(since..),
        running: None,
        walk: None,
    };
    clock.run(async {
        report(&mut desk).await?;
        place(&mut desk).await?;
        several(&api).await
    })?;
    println!("done");
    Ok(())
}

async fn report(desk: &mut Desk) -> Result<()> {
    desk.walk = Some(desk.every_minute.clone().items());
    let mut by_status = BTreeMap::<String, usize>::new();
    while let Some(walk) = &mut desk.walk {
        match walk.try_next().await? {
            Some(shipment) => *by_status.entry(shipment.status.to_string()).or_default() += 1,
            None => desk.walk = None,
        }
    }
    println!("shipments by status: {by_status:?}");
    Ok(())
}

async fn place(desk: &mut Desk) -> Result<()> {
    let address = Address::builder()
        .full_name("Charlie Brown")
        .line1("Main St 1")
        .city("Berlin")
        .country_code("DE")
        .postal_code("10115")
        .email("charlie@example.com");
    let line = OrderLineItem::new("1", 2, 995).merchant_sku_id("A-1");
    let new = NewOrder::new("S-1001", address, [line])
        .currency("EUR")
        .tags(["web"]);
    desk.running = Some(desk.orders.create(&new));
    let Some(call) = desk.running.take() else {
        return Ok(());
    };
    match call.await {
        Ok(order) => println!("order {} for {}", order.id, order.shipping_address.city),
        Err(e) if Fault::of(&e) == Some(Fault::Invalid) => println!("refused: {e}"),
        Err(e) if e.may_have_happened() => println!("unclear: look {} up", new.merchant_order_id),
        Err(e) => return Err(e),
    }
    Ok(())
}

async fn several(api: &hive::Client) -> Result<()> {
    let orders = api.orders();
    let got: Vec<Order> = futures::stream::iter([1_i64, 2, 3])
        .map(|id| orders.get(id))
        .buffer_unordered(2)
        .try_collect()
        .await?;
    println!("{} orders at once", got.len());
    Ok(())
}
