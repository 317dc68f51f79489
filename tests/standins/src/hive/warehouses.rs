//! Warehouses: read only, and few. Their fields are not documented; chosen here.

use axum::extract::{RawQuery, State as Extract};
use serde_json::json;

use super::Answer;
use super::listing::{self, Query};
use super::state::{FIRST_CREATED, Record, Shared, State, lock, object};

pub(super) async fn list(Extract(shared): Extract<Shared>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let state = lock(&shared);
    let wanted = |record: &Record| query.admits("ids", record, "id");
    listing::page(&state, &query, &state.warehouses, wanted, Record::value)
}

pub(super) fn seed(state: &mut State) {
    for (id, name, country) in [(1, "Berlin 1", "DE"), (2, "Roosendaal 1", "NL")] {
        state.warehouses.push(Record {
            id,
            created: FIRST_CREATED,
            json: object(json!({ "id": id, "name": name, "country_code": country })),
        });
    }
}
