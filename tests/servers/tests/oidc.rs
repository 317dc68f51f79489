//! An authority that others wrote: `oidc-provider` with tokens of three seconds. Grants and refusals are counted by it.

use std::time::Duration;

use etiquette_runtime::Kind;
use etiquette_runtime::OAuthClient;
use etiquette_runtime::codegen::{Builder, Core, Request};
use futures::future::join_all;
use serde_json::Value;
use servers::api::{GUARDED, GUARDED_READ, KEY, LOGIN, PLAIN};
use servers::oidc::Oidc;
use tokio::time::{sleep, timeout};

const CALLERS: usize = 1_000;
const SECRET: &str = "not-a-real-secret";

fn client(server: &Oidc, secret: &str) -> Core {
    let mut builder = Builder::new(&GUARDED);
    builder.base_url(&server.url);
    builder.credential(
        &LOGIN,
        OAuthClient::new("app", secret).with_token_url(format!("{}/token", server.url)),
    );
    builder.build().expect("all of it can be sent")
}

/// The authority's own count, asked for by a client that takes no part in the test.
async fn record(server: &Oidc, path: &'static str) -> Value {
    static RECORD: etiquette_runtime::codegen::Operation = etiquette_runtime::codegen::Operation {
        api: &PLAIN,
        name: "record",
        path: "/{name}",
        ..etiquette_runtime::codegen::Operation::NEW
    };
    let mut builder = Builder::new(&PLAIN);
    builder.base_url(&server.url);
    builder.credential(&KEY, "not-a-real-key");
    let core = builder.build().expect("all of it can be sent");
    Request::new(&core, &RECORD)
        .key(&path)
        .call::<Value>()
        .await
        .expect("it tells its record")
}

async fn grants(server: &Oidc) -> u64 {
    record(server, "record").await["grants"]
        .as_u64()
        .expect("a number")
}

/// A thousand calls at once; all of them succeed within a minute.
async fn crowd(core: &Core) {
    let calls = (0..CALLERS).map(|_| Request::new(core, &GUARDED_READ).call_empty());
    let all = timeout(Duration::from_secs(60), join_all(calls))
        .await
        .expect("they end within a minute");
    let failed: Vec<String> = all
        .iter()
        .filter_map(|one| one.as_ref().err().map(ToString::to_string))
        .collect();
    assert!(
        failed.is_empty(),
        "{} failed, the first: {}",
        failed.len(),
        failed[0]
    );
}

/// Row E8: over an expiry a thousand callers get one token, and none is turned away.
#[tokio::test]
async fn a_thousand_callers_over_an_expiry_are_one_refresh() {
    let server = Oidc::start();
    let core = client(&server, SECRET);
    Request::new(&core, &GUARDED_READ)
        .call_empty()
        .await
        .expect("the first token");
    assert_eq!(grants(&server).await, 1);
    sleep(Duration::from_millis(3_200)).await;
    crowd(&core).await;
    // They take a second or more, so that the new token may itself come of age meanwhile.
    let count = grants(&server).await;
    assert!((2..=3).contains(&count), "{count}");
    let record = record(&server, "record").await;
    assert_eq!(
        record["served"].as_u64(),
        Some(CALLERS as u64 + 1),
        "{record}"
    );
}

/// Rows E7, E8: a thousand calls whose token is no longer known are one refresh and one replay each.
#[tokio::test]
async fn a_thousand_401s_are_one_refresh() {
    let server = Oidc::start();
    let core = client(&server, SECRET);
    Request::new(&core, &GUARDED_READ)
        .call_empty()
        .await
        .expect("the first token");
    record(&server, "forget").await;
    crowd(&core).await;
    let count = grants(&server).await;
    assert!((2..=3).contains(&count), "{count}");
    let record = record(&server, "record").await;
    assert!(record["rejected"].as_u64() >= Some(1), "{record}");
    assert_eq!(
        record["served"].as_u64(),
        Some(CALLERS as u64 + 1),
        "{record}"
    );
}

/// Row E11: a wrong secret is an error of the credential that says why and never repeats it.
#[tokio::test]
async fn a_wrong_secret_is_said_and_not_shown() {
    let server = Oidc::start();
    let core = client(&server, "another-secret-of-nobody");
    let error = Request::new(&core, &GUARDED_READ)
        .call_empty()
        .await
        .expect_err("nobody gave that secret");
    assert_eq!(error.kind(), Kind::Auth, "{error}");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("invalid_client"), "{shown}");
    assert!(!shown.contains("another-secret"), "{shown}");
    let record = record(&server, "record").await;
    assert_eq!(
        record["served"].as_u64(),
        Some(0),
        "nothing was sent without a token: {record}"
    );
}
