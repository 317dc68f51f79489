//! Versions of Zengine's records over TCP: what was read is named by the write, and what somebody else wrote in between
//! is not overwritten.

use etiquette_apis::zengine::{Client, Fault, FieldValue, RecordId, RecordPatch};
use etiquette_apis::{Kind, Result};
use http::Method;
use serde_json::{Value, json};

use crate::flow::world::{Live, live_zengine};

const RECORD: i64 = 4001;

fn titled(title: &str) -> RecordPatch {
    RecordPatch::default().field(121, FieldValue::from(title))
}

/// Somebody else changes the record.
async fn disturb(live: &Live<Client>, state: &str) {
    let body = json!({ "field123": state });
    let path = "/forms/51/records/4001";
    let reply = live.server.act(Method::PUT, path, Some(&body)).await;
    assert_eq!(reply.status(), 200);
}

async fn version(api: &Client) -> Result<String> {
    let read = api.forms().records(51).get(RECORD).send_raw().await?;
    Ok(read.version().unwrap().to_owned())
}

/// The versions that were named, with what became of the writes.
fn named(live: &Live<Client>) -> Vec<(Option<String>, Option<u16>)> {
    let writes = live.server.writes().into_iter();
    writes
        .map(|one| {
            let version = one.header("x-if-objectversion-matches").map(str::to_owned);
            (version, one.status)
        })
        .collect()
}

fn record(live: &Live<Client>) -> Value {
    let state = live.server.state();
    state["forms/51/records"][0].clone()
}

/// A stale version is refused once, and what was written in between stays.
#[tokio::test]
async fn what_was_changed_since_is_not_overwritten() {
    let live = live_zengine().await;
    let read = version(&live.api).await.unwrap();
    disturb(&live, "declined").await;
    let records = live.api.forms().records(51);
    let patch = titled("Mine");
    let error = records
        .update(RECORD, &patch)
        .with_version(&read)
        .await
        .unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::Stale));
    assert_eq!(
        (error.kind(), error.status(), error.code()),
        (Kind::Api, Some(412), Some("4025"))
    );
    assert!(error.is_stale() && !error.may_have_happened());
    assert_eq!(named(&live), [(Some("1".to_owned()), Some(412))]);
    assert_eq!(record(&live)["field121"], "Title 1");
}

/// Read again, and send the change again with the new version.
#[tokio::test]
async fn a_change_is_sent_again_with_the_version_that_was_read_again() {
    let live = live_zengine().await;
    let records = live.api.forms().records(51);
    let patch = titled("Mine");
    let mut disturbances = ["declined", "approved"].into_iter();
    let made = loop {
        let read = version(&live.api).await.unwrap();
        if let Some(state) = disturbances.next() {
            disturb(&live, state).await;
        }
        let written = records.update(RECORD, &patch).with_version(read).await;
        match written {
            Err(error) if error.is_stale() => {}
            other => break other.unwrap(),
        }
    };
    assert_eq!(made, RecordId::Int(RECORD));
    let expected = [("1", 412), ("2", 412), ("3", 200)];
    let expected = expected.map(|(version, status)| (Some(version.to_owned()), Some(status)));
    assert_eq!(named(&live), expected);
    let record = record(&live);
    assert_eq!(record["field121"], "Mine");
    assert_eq!(record["field123"], "approved");
    assert_eq!(record["objectVersion"], "4");
}

/// Without a version, changes of others are not noticed, as the documentation of the call says.
#[tokio::test]
async fn without_a_version_nothing_is_compared() {
    let live = live_zengine().await;
    disturb(&live, "declined").await;
    let records = live.api.forms().records(51);
    records.update(RECORD, &titled("Mine")).await.unwrap();
    assert_eq!(named(&live), [(None, Some(200))]);
}
