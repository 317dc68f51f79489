//! A server that fails in a prescribed order: 429, 503 with a date, a reset, and at last an answer. What is asserted is
//! when its imposter saw each request.

use std::time::{Duration, SystemTime};

use etiquette_runtime::codegen::{Builder, Core, Request};
use serde_json::{Value, json};
use servers::api::{KEY, PLAIN, READ, WRITE};
use servers::mountebank::Mountebank;

fn client(server: &Mountebank) -> Core {
    let mut builder = Builder::new(&PLAIN);
    builder.base_url(&server.url());
    builder.credential(&KEY, "not-a-real-key");
    builder.seed(7);
    builder.build().expect("all of it can be sent")
}

fn answer(status: u16, headers: Value) -> Value {
    json!({ "is": { "statusCode": status, "headers": headers, "body": "x" } })
}

fn reset() -> Value {
    json!({ "fault": "CONNECTION_RESET_BY_PEER" })
}

async fn bounded<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), call)
        .await
        .expect("it ends within half a minute")
}

/// Rows B4, B8, A2: each wait is at least what was asked for, and a read survives a reset.
#[tokio::test]
async fn each_failure_is_waited_for_as_it_asks() {
    let date = SystemTime::now() + Duration::from_secs(5);
    let server = Mountebank::start(json!([
        answer(429, json!({ "Retry-After": "1" })),
        answer(503, json!({ "Retry-After": httpdate::fmt_http_date(date) })),
        reset(),
        answer(200, json!({})),
    ]))
    .await;
    let core = client(&server);
    let reply = bounded(Request::new(&core, &READ).call_empty().send_raw())
        .await
        .expect("the fourth is an answer");
    assert_eq!(reply.status, 200);
    let record = server.record().await;
    assert_eq!(record.len(), 4, "{record:?}");
    let waits: Vec<i128> = record
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect();
    assert!(
        (1_000..2_000).contains(&waits[0]),
        "one second and a spread: {waits:?}"
    );
    let date = date
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("it is later")
        .as_secs();
    let late = record[2].at - i128::from(date) * 1_000;
    assert!(
        (0..3_000).contains(&late),
        "not before the date: {late} ms, {waits:?}"
    );
    assert!(waits[2] < 2_000, "a backoff of 400 ms at most: {waits:?}");
}

/// Row A2: a write that counts each time is sent once, whatever the reset meant.
#[tokio::test]
async fn a_write_is_not_sent_after_a_reset() {
    let server = Mountebank::start(json!([reset(), answer(200, json!({}))])).await;
    let core = client(&server);
    let error = bounded(Request::new(&core, &WRITE).call_empty())
        .await
        .expect_err("nobody knows what became of it");
    assert!(error.may_have_happened());
    let record = server.record().await;
    assert_eq!(record.len(), 1, "{record:?}");
    assert_eq!(record[0].method, "POST");
}

/// Row A6: neither a 503 with `Retry-After` nor garbage is a reason to send a write again; a refusal is.
#[tokio::test]
async fn a_write_is_sent_again_only_when_it_was_refused() {
    let server = Mountebank::start(json!([
        answer(429, json!({ "Retry-After": "1" })),
        answer(503, json!({ "Retry-After": "1" })),
        answer(200, json!({})),
    ]))
    .await;
    let core = client(&server);
    let error = bounded(Request::new(&core, &WRITE).call_empty())
        .await
        .expect_err("a 503 says nothing");
    assert!(error.may_have_happened());
    assert_eq!(server.record().await.len(), 2);

    let server =
        Mountebank::start(json!([{ "fault": "RANDOM_DATA_THEN_CLOSE" }, answer(200, json!({}))]))
            .await;
    let core = client(&server);
    let error = bounded(Request::new(&core, &WRITE).call_empty())
        .await
        .expect_err("garbage is no answer");
    assert!(error.may_have_happened());
    assert_eq!(server.record().await.len(), 1);
}
