//! The kinds of write that the ledger keeps: what each sends, what it expects, and the clients that send it.
//!
//! They come from generated code as it is; nothing here knows of faults or counts anything.

use etiquette_apis::{hive, users};
use etiquette_cases::limits;
use futures::future::LocalBoxFuture;
use runtime::Error;

use crate::faults::Success;
use crate::server::World;
use crate::wire::Wire;

/// Bodies that are longer than this are not read.
const CAP: usize = 65_536;

const USER: &str =
    r#"{"id":"u1","name":"Ada","email":"ada@example.com","createdAt":"2023-01-15T10:30:00Z"}"#;

const SKU: &str = r#"{"id":1,"merchant_sku_id":"a","name":"A","created_at":"2023-01-15T10:30:00Z",
    "batch_tracking_enabled":false,"fulfilled_by":"hive","status":"active",
    "inventory":{"stocked":1,"reserved":0,"total":1},"inventory_per_warehouse":[]}"#;

const ORDER: &str = r#"{"id":1,"merchant_order_id":"o1","status":"fulfillable",
    "created_at":"2023-01-15T10:30:00Z","currency":"EUR","total_price_in_cents":100,
    "total_net_revenue_in_cents":84,"total_tax_in_cents":16,"total_net_refunds_in_cents":0,
    "total_tax_refunds_in_cents":0,"items":[],"shipping_address":{"full_name":"Ada Lovelace",
    "line1":"Street 1","city":"Berlin","country_code":"DE","postal_code":"10115"}}"#;

const SHIPMENT: &str = r#"{"id":1,"merchant_id":1,"warehouse_id":1,
    "estimated_arrival_date":"2023-02-01","delivery_option":"postal","status":"created",
    "barcode":"RS.13","restocking_shipment_items":[]}"#;

/// A kind of write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Write {
    CreateUser,
    CreateSku,
    UpdateSku,
    CancelOrder,
    BulkUpsert,
    DeleteSku,
    ReplaceShipment,
    Export,
}

pub(crate) const ALL: [Write; 8] = [
    Write::CreateUser,
    Write::CreateSku,
    Write::UpdateSku,
    Write::CancelOrder,
    Write::BulkUpsert,
    Write::DeleteSku,
    Write::ReplaceShipment,
    Write::Export,
];

impl Write {
    /// It counts each time.
    pub(crate) fn is_once(self) -> bool {
        matches!(
            self,
            Write::CreateUser | Write::CreateSku | Write::UpdateSku
        )
    }

    pub(crate) fn success(self) -> Success {
        let (status, body) = match self {
            Write::CreateUser => (201, USER),
            Write::CreateSku => (201, SKU),
            Write::UpdateSku => (200, SKU),
            Write::CancelOrder => (200, ORDER),
            Write::ReplaceShipment => (200, SHIPMENT),
            Write::BulkUpsert | Write::Export => (200, "{}"),
            Write::DeleteSku => (204, ""),
        };
        Success { status, body }
    }
}

/// The clients of one run, on one wire.
pub(crate) struct Clients {
    hive: hive::Client,
    users: users::Client,
    limits: limits::Client,
}

impl Clients {
    pub(crate) fn new(world: &World, wire: &Wire, seed: u64) -> Clients {
        let hive = world
            .hive(wire, seed)
            .requests_per_window(10_000)
            .with_body_cap(CAP);
        let limits = limits::Client::builder()
            .key("key")
            .token_requests(10_000)
            .with_body_cap(CAP);
        let limits = limits
            .with_transport(wire.clone())
            .with_clock(world.clock.clone());
        Clients {
            hive: hive.build().expect("a client"),
            users: world
                .users(wire, seed)
                .with_body_cap(CAP)
                .build()
                .expect("a client"),
            limits: limits.with_seed(seed).build().expect("a client"),
        }
    }

    /// Makes a write whose attempts carry its number.
    pub(crate) fn send(
        &self,
        write: Write,
        number: u64,
    ) -> LocalBoxFuture<'static, Result<(), Error>> {
        let name = format!("write {number}");
        let id = i64::try_from(number).expect("it is small");
        macro_rules! numbered {
            ($call:expr) => {{
                let call = $call.with_header("x-write", number.to_string());
                Box::pin(async move { call.await.map(drop) })
            }};
        }
        match write {
            Write::CreateUser => {
                numbered!(
                    self.users
                        .users()
                        .create(&users::NewUser::new(name, "a@example.com"))
                )
            }
            Write::CreateSku => {
                numbered!(self.hive.skus().create(&hive::NewSku::new(name, "a name")))
            }
            Write::UpdateSku => {
                numbered!(
                    self.hive
                        .skus()
                        .update(id, &hive::SkuPatch::new().name(name))
                )
            }
            Write::CancelOrder => numbered!(self.hive.orders().cancel(id)),
            Write::BulkUpsert => {
                let rows = vec![hive::SkuBulkUpsert { name, ..row() }];
                numbered!(
                    self.hive
                        .skus()
                        .bulk_upsert(&hive::BulkUpsertSkusBody::new(rows))
                )
            }
            Write::DeleteSku => numbered!(self.hive.skus().delete(id)),
            Write::ReplaceShipment => {
                let shipment: hive::RestockingShipment =
                    serde_json::from_str(SHIPMENT).expect("a shipment");
                let mut shipment = shipment.to_replacement();
                shipment.supplier_name = Some(name);
                numbered!(self.hive.restocking_shipments().replace(id, &shipment))
            }
            Write::Export => numbered!(self.limits.things().export()),
        }
    }
}

fn row() -> hive::SkuBulkUpsert {
    hive::SkuBulkUpsert {
        merchant_sku_id: "a".to_owned(),
        name: String::new(),
        cost_in_cents: None,
        country_code_of_origin: None,
        hs_code: None,
        barcode: None,
        batch_tracking_enabled: None,
        weight_in_kg: None,
        image_url: None,
    }
}
