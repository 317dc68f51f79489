//! The records of a Hive stand-in, each kept as the JSON that a read shows.
//!
//! Beside the JSON stand the two things that lists are ordered by. Nothing here checks anything.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use super::{Config, orders, restocking_shipments, returns, shipments, skus, warehouses};
use crate::calendar::{at_offset, millis};
use crate::clock::Now;

/// 2022-11-01T17:42:07.409+01:00, the reference's example of a date, where the seeds begin.
pub(super) const FIRST_CREATED: i64 = 1_667_320_927_409;
pub(super) const MINUTE: i64 = 60_000;
pub(super) const DAY: i64 = 1440 * MINUTE;

pub(super) type Object = Map<String, Value>;
pub(super) type Shared = Arc<Mutex<State>>;

#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) id: i64,
    /// Milliseconds since 1970.
    pub(super) created: i64,
    pub(super) json: Object,
}

impl Record {
    pub(super) fn text(&self, member: &str) -> &str {
        self.json
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    pub(super) fn value(&self) -> Value {
        Value::Object(self.json.clone())
    }
}

pub(super) struct State {
    pub(super) skus: Vec<Record>,
    pub(super) orders: Vec<Record>,
    pub(super) shipments: Vec<Record>,
    pub(super) restocking_shipments: Vec<Record>,
    pub(super) returns: Vec<Record>,
    pub(super) warehouses: Vec<Record>,
    pub(super) page_count_when_empty: usize,
    /// The next id of something inside a record.
    next_part: i64,
    wall: Now,
}

pub(super) fn lock(state: &Shared) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(super) fn seeded(config: &Config, wall: Now) -> Shared {
        let mut state = Self {
            skus: Vec::new(),
            orders: Vec::new(),
            shipments: Vec::new(),
            restocking_shipments: Vec::new(),
            returns: Vec::new(),
            warehouses: Vec::new(),
            page_count_when_empty: config.page_count_when_empty,
            next_part: 9000,
            wall,
        };
        warehouses::seed(&mut state);
        skus::seed(&mut state, config.skus);
        orders::seed(&mut state, config.orders);
        shipments::seed(&mut state, config.shipments);
        restocking_shipments::seed(&mut state, config.restocking_shipments);
        returns::seed(&mut state, config.returns);
        Arc::new(Mutex::new(state))
    }

    pub(super) fn all(&self) -> Value {
        let values = |records: &[Record]| records.iter().map(Record::value).collect::<Vec<_>>();
        json!({
            "skus": values(&self.skus),
            "orders": values(&self.orders),
            "shipments": values(&self.shipments),
            "restocking_shipments": values(&self.restocking_shipments),
            "returns": values(&self.returns),
            "warehouses": values(&self.warehouses),
        })
    }

    pub(super) fn now(&self) -> i64 {
        millis((self.wall)())
    }

    pub(super) fn next_part(&mut self) -> i64 {
        self.next_part += 1;
        self.next_part
    }

    /// The record with an id as it stands in a path.
    pub(super) fn find<'a>(records: &'a [Record], id: &str) -> Option<&'a Record> {
        place(records, id).map(|place| &records[place])
    }
}

pub(super) fn place(records: &[Record], id: &str) -> Option<usize> {
    records
        .iter()
        .position(|record| record.id.to_string() == id)
}

/// One more than the largest id, or `first`.
pub(super) fn next_id(records: &[Record], first: i64) -> i64 {
    records
        .iter()
        .map(|record| record.id + 1)
        .max()
        .unwrap_or(first)
}

/// An instant as Hive writes it: in Berlin's winter time, whatever offset it was sent with.
pub(super) fn instant(millis: i64) -> String {
    at_offset(millis, 60)
}

/// The members of an object that was just written as one.
pub(super) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => unreachable!("{other} was written as an object"),
    }
}
