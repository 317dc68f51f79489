//! The kinds of write that the ledger keeps: what each sends, what it expects, and the clients that send it.
//!
//! They come from generated code as it is, except for an API that may have carried out what it refuses, which no
//! description has; nothing here knows of faults or counts anything.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use etiquette_apis::{hive, users};
use etiquette_cases::{keyed, limits, locks, refusals};
use futures::future::LocalBoxFuture;
use runtime::clock::Clock;
use runtime::testing::RecordedRequest;
use runtime::value::Decimal;
use runtime::{CredentialProvider, CredentialValue, Error};

use crate::faults::{Fault, Special, Success};
use crate::server::World;
use crate::tables;
use crate::wire::Wire;

/// Bodies that are longer than this are not read.
const CAP: usize = 65_536;

const USER: &str = r#"{"id":"u1","name":"Ada","email":"ada@example.com","createdAt":"2023-01-15T10:30:00Z","updatedAt":"2023-01-15T10:30:00Z"}"#;

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

const PAYMENT: &str = r#"{"id":1,"amount":1.50}"#;
const BOOKING: &str = r#"{"id":1,"room":"a"}"#;
const MEMBER: &str = r#"{"id":1,"email":"a@example.com","name":"Ada","team_id":1}"#;
const RECORD: &str = r#"{"id":1,"lock_version":2,"title":"a"}"#;
const DOCUMENT: &str = r#"{"id":"d","_rev":"2","title":"a"}"#;

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
    /// With a key in a header; a repetition gets the first answer.
    Pay,
    Refund,
    /// With a key in the body; a repetition gets 409.
    Book,
    /// With a key in the query; a repetition gets 425 while the first is at work.
    Confirm,
    /// Looked up when it is in doubt.
    Reconcile,
    /// With a version in the body, and in the query.
    UpdateRecord,
    ReplaceDocument,
    /// At most a few at once.
    CreateThing,
    /// Refused writes may have been carried out.
    OddCreate,
    OddReplace,
}

pub(crate) const ALL: [Write; 18] = [
    Write::CreateUser,
    Write::CreateSku,
    Write::UpdateSku,
    Write::CancelOrder,
    Write::BulkUpsert,
    Write::DeleteSku,
    Write::ReplaceShipment,
    Write::Export,
    Write::Pay,
    Write::Refund,
    Write::Book,
    Write::Confirm,
    Write::Reconcile,
    Write::UpdateRecord,
    Write::ReplaceDocument,
    Write::CreateThing,
    Write::OddCreate,
    Write::OddReplace,
];

impl Write {
    /// More than one effect is one too many.
    pub(crate) fn is_single(self) -> bool {
        !matches!(
            self,
            Write::CancelOrder
                | Write::BulkUpsert
                | Write::DeleteSku
                | Write::ReplaceShipment
                | Write::Export
                | Write::OddReplace
        )
    }

    /// What makes the server see that two requests are one: the key of this one, and how long it is known.
    pub(crate) fn key(self, request: &RecordedRequest) -> Option<(String, Duration)> {
        const DAY: Duration = Duration::from_secs(86_400);
        let key = match self {
            Write::Pay | Write::Refund => (request.header("idempotency-key")?.to_owned(), DAY),
            Write::Book => (member(&request.body, "Token"), Duration::from_secs(3_600)),
            Write::Confirm => (request.query("nonce")?.to_owned(), DAY),
            _ => return None,
        };
        Some(key)
    }

    /// The version that a request names.
    pub(crate) fn version(self, request: &RecordedRequest) -> Option<String> {
        match self {
            Write::UpdateRecord => Some(member(&request.body, "lock_version")),
            Write::ReplaceDocument => Some(request.query("rev")?.to_owned()),
            _ => None,
        }
    }

    /// Whether a server could do that without lying: what says that it was carried out was, and the reverse.
    pub(crate) fn meets(self, fault: &Fault) -> bool {
        match fault.special {
            Special::Refusal => self.is_odd() || !fault.applies,
            Special::Conflict => self != Write::Book,
            Special::None | Special::Twice | Special::Foreign | Special::Revoked => true,
        }
    }

    /// Whether the client can know after this that it was not carried out.
    pub(crate) fn is_clear(self, fault: &Fault) -> bool {
        fault.is_clear && !(self.is_odd() && fault.special == Special::Refusal)
    }

    fn is_odd(self) -> bool {
        matches!(self, Write::OddCreate | Write::OddReplace)
    }

    pub(crate) fn success(self) -> Success {
        let (status, body) = match self {
            Write::CreateUser => (201, USER),
            Write::CreateSku => (201, SKU),
            Write::UpdateSku => (200, SKU),
            Write::CancelOrder => (200, ORDER),
            Write::ReplaceShipment => (200, SHIPMENT),
            Write::BulkUpsert | Write::Export => (200, "{}"),
            Write::DeleteSku | Write::Confirm => (204, ""),
            Write::Pay | Write::Refund => (200, PAYMENT),
            Write::Book => (201, BOOKING),
            Write::Reconcile => (201, MEMBER),
            Write::UpdateRecord => (200, RECORD),
            Write::ReplaceDocument => (200, DOCUMENT),
            Write::CreateThing | Write::OddCreate | Write::OddReplace => (200, r#"{"id":1}"#),
        };
        Success { status, body }
    }

    /// What a list of those that were made shows.
    pub(crate) fn listed(applied: u32) -> &'static str {
        match applied {
            0 => "[]",
            _ => r#"[{"id":1,"email":"a@example.com","name":"Ada","team_id":1}]"#,
        }
    }
}

/// A member of a JSON body as text.
fn member(body: &[u8], name: &str) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).expect("it is JSON");
    match &body[name] {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The clients of one run, on one wire.
pub(crate) struct Clients {
    hive: hive::Client,
    users: users::Client,
    limits: limits::Client,
    keyed: keyed::Client,
    locks: locks::Client,
    refusals: refusals::Client,
    odd: tables::Odd,
}

/// Gives tokens `t1`, `t2` and so on, which end after a while, and fails now and then. No two clients share tokens.
fn tokens(world: &World, rng: &mut fastrand::Rng, next: &Arc<Mutex<u64>>) -> CredentialProvider {
    let (clock, next) = (world.clock.clone(), Arc::clone(next));
    let rng = Mutex::new(rng.fork());
    CredentialProvider::new(move |_| {
        let mut rng = rng.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
        *next += 1;
        let token = format!("token-{}", *next);
        let lasts = Duration::from_millis(rng.u64(20_000..600_000));
        let fails = rng.u8(0..20) == 0;
        let asked = clock.sleep(clock.now() + Duration::from_millis(rng.u64(0..2_000)));
        async move {
            asked.await;
            if fails {
                return Err("the vault is shut".into());
            }
            Ok(CredentialValue::new(token)?.valid_for(lasts))
        }
    })
}

impl Clients {
    pub(crate) fn new(world: &World, wire: &Wire, seed: u64) -> Clients {
        let mut rng = fastrand::Rng::with_seed(!seed);
        let next = Arc::new(Mutex::new(0));
        macro_rules! client {
            ($builder:expr) => {
                $builder
                    .with_body_cap(CAP)
                    .with_transport(wire.clone())
                    .with_clock(world.clock.clone())
                    .with_spawn(world.clock.clone())
                    .with_seed(seed)
                    .build()
                    .expect("a client")
            };
        }
        let mut key = || tokens(world, &mut rng, &next);
        Clients {
            hive: client!(
                hive::Client::builder()
                    .key(key())
                    .requests_per_window(10_000)
            ),
            users: client!(users::Client::builder().key(key())),
            limits: client!(limits::Client::builder().key(key()).token_requests(10_000)),
            keyed: client!(keyed::Client::builder()),
            locks: client!(locks::Client::builder()),
            refusals: client!(refusals::Client::builder().key(key())),
            odd: tables::Odd::new(world, wire, seed, CAP),
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
            Write::Pay => {
                let payment = keyed::NewPayment::new(Decimal::from(number));
                numbered!(self.keyed.payments().create(&payment))
            }
            Write::Refund => {
                let refund = keyed::RefundPaymentsBody::new(Decimal::from(number));
                numbered!(self.keyed.payments().refund(id, &refund))
            }
            Write::Book => numbered!(self.keyed.bookings().create(&keyed::NewBooking::new(name))),
            Write::Confirm => numbered!(self.keyed.bookings().confirm(id)),
            Write::Reconcile => {
                let user = keyed::NewUser::new("a@example.com", name, 1);
                let call = self.keyed.users().create(&user);
                let call = call.with_header("x-write", number.to_string()).reconcile();
                Box::pin(async move { call.await.map(drop) })
            }
            Write::UpdateRecord => {
                let patch = locks::RecordPatch::new().title(name);
                numbered!(self.locks.records().update(id, &patch).with_version("1"))
            }
            Write::ReplaceDocument => {
                let document: locks::Document = serde_json::from_str(DOCUMENT).expect("a document");
                let mut document = document.to_replacement();
                document.title = name;
                numbered!(self.locks.documents().replace("d", "1", &document))
            }
            Write::CreateThing => {
                numbered!(self.refusals.things().create(&refusals::Thing::new(id)))
            }
            Write::OddCreate => numbered!(self.odd.create(&name)),
            Write::OddReplace => numbered!(self.odd.replace(id, &name)),
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
