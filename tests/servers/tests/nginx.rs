//! A limiter that others wrote: nginx with delays, with refusals, with a bound on connections. What is asserted stands
//! in nginx's log.

use std::time::Duration;

use etiquette_runtime::codegen::{Builder, Core, Operation, Request};
use futures::future::join_all;
use servers::api::{KEY, PATIENT, PLAIN, PLUGIN, QUEUE, READ, TAKE, WAIT};
use servers::nginx::{Entry, Nginx};

fn client(
    api: &'static etiquette_runtime::codegen::Api,
    server: &Nginx,
    plugin: Option<&str>,
) -> Core {
    let mut builder = Builder::new(api);
    builder.base_url(&server.url());
    builder.credential(&KEY, "not-a-real-key");
    if let Some(plugin) = plugin {
        builder.param(&PLUGIN, &plugin);
    }
    builder.seed(7);
    builder.build().expect("all of it can be sent")
}

/// So many calls at once; how many were answered well within a minute.
async fn call(core: &Core, operation: &'static Operation, count: usize) -> usize {
    let calls = (0..count).map(|_| Request::new(core, operation).call_empty());
    let all = tokio::time::timeout(Duration::from_secs(60), join_all(calls)).await;
    all.expect("all calls end within a minute")
        .iter()
        .filter(|one| one.is_ok())
        .count()
}

fn refused(record: &[Entry]) -> Vec<&Entry> {
    record.iter().filter(|entry| entry.status == 429).collect()
}

/// The log tells milliseconds, and an arrival is the difference of two of them.
const GRAIN: f64 = 0.002;

/// The most requests that were on their way at once, as the server saw it, from a moment on.
fn crowd(record: &[Entry], from: f64) -> usize {
    let late = record.iter().filter(|entry| entry.arrived() >= from);
    late.clone()
        .map(|entry| {
            let at = entry.arrived();
            late.clone()
                .filter(|other| other.arrived() <= at && other.ended > at + GRAIN)
                .count()
        })
        .max()
        .unwrap_or(0)
}

/// Row B16: five a second and a queue of eight that delays. A client that takes latency as the signal fills neither the
/// queue nor the line behind it: nobody is refused, and all are served at the limiter's own pace.
#[tokio::test]
async fn delays_slow_the_client_down_before_it_is_refused() {
    let server = Nginx::start(
        "delays",
        "limit_req_zone \"$http_authorization|$http_x_plugin\" zone=slow:1m rate=5r/s;",
        "limit_req zone=slow burst=8;",
    );
    let core = client(&PATIENT, &server, Some("one"));
    assert_eq!(call(&core, &WAIT, 30).await, 30);
    let record = server.record();
    assert_eq!(record.len(), 30, "each was sent once");
    assert_eq!(refused(&record).len(), 0, "{record:?}");
    let lasted = record[29].ended - record[0].arrived();
    assert!(
        lasted < 29.0 / 5.0 + 3.0,
        "the limiter allows five a second; it took {lasted} s"
    );
}

/// Row B2: two plugins with one token have a queue each; neither slows the other down.
#[tokio::test]
async fn plugins_are_limited_apart() {
    let server = Nginx::start(
        "plugins",
        "limit_req_zone \"$http_authorization|$http_x_plugin\" zone=slow:1m rate=5r/s;",
        "limit_req zone=slow burst=8;",
    );
    let (one, two) = (
        client(&PATIENT, &server, Some("one")),
        client(&PATIENT, &server, Some("two")),
    );
    let (first, second) = futures::join!(call(&one, &WAIT, 12), call(&two, &WAIT, 12));
    assert_eq!((first, second), (12, 12));
    let record = server.record();
    assert_eq!(refused(&record).len(), 0, "{record:?}");
    for plugin in ["one", "two"] {
        let own: Vec<&Entry> = record
            .iter()
            .filter(|entry| entry.plugin == plugin)
            .collect();
        let lasted = own[11].ended - own[0].arrived();
        assert!(
            lasted < 11.0 / 5.0 + 2.0,
            "alone it takes 2.2 s; `{plugin}` took {lasted} s"
        );
    }
}

/// Row B4: after a refusal with `Retry-After: 1` nothing arrives for a second, and then all are served.
#[tokio::test]
async fn a_refusal_holds_the_bucket() {
    let server = Nginx::start(
        "refusals",
        "limit_req_zone $http_authorization zone=hundred:1m rate=100r/m;",
        "limit_req zone=hundred burst=3 nodelay; add_header Retry-After 1 always;",
    );
    let core = client(&PLAIN, &server, None);
    assert_eq!(call(&core, &READ, 8).await, 8);
    let record = server.record();
    let refused = refused(&record);
    assert!(!refused.is_empty(), "eight at once are more than four");
    assert_eq!(record.iter().filter(|entry| entry.status == 200).count(), 8);
    for entry in &refused {
        // What was on its way when the refusal arrived could not be called back.
        let early = record.iter().filter(|other| {
            let after = other.arrived() - entry.ended;
            after > 0.05 && after < 0.99
        });
        assert_eq!(early.count(), 0, "{entry:?} in {record:?}");
    }
}

/// Row B15: at most two connections at once. Refused at four, the client halves, and stays there.
#[tokio::test]
async fn refusals_of_a_crowd_halve_the_concurrency() {
    let server = Nginx::start(
        "crowd",
        "limit_conn_zone $http_authorization zone=conc:1m;",
        "limit_conn conc 2; limit_rate 20k;",
    );
    let core = client(&QUEUE, &server, None);
    assert_eq!(call(&core, &TAKE, 12).await, 12);
    let record = server.record();
    let refused = refused(&record);
    assert!(
        (1..=2).contains(&refused.len()),
        "two of the first four are refused, and nobody after: {record:?}"
    );
    let last = refused.iter().map(|entry| entry.ended).fold(0.0, f64::max);
    assert!(crowd(&record, last + 0.05) <= 2, "{record:?}");
    assert_eq!(
        record.iter().filter(|entry| entry.status == 200).count(),
        12
    );
}
