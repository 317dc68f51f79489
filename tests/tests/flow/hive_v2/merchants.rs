//! Tokens of Hive's second version belong to merchants: each has records and a quota of its own, and staging is
//! another place.

use etiquette_apis::Kind;
use etiquette_apis::hive_v2::{self, Fault, Order};
use etiquette_standins::hive::v2::{Config, STAGING};
use etiquette_standins::{Credential, Limit};
use futures::{StreamExt, TryStreamExt};

use crate::flow::world::{Live, MINUTE, live_hive_v2};

fn client(live: &Live<hive_v2::Client>, key: &str, url: &str) -> hive_v2::Client {
    let builder = hive_v2::Client::builder().key(key).with_base_url(url);
    let builder = builder.with_clock(live.clock.clone()).with_seed(8);
    builder.build().unwrap()
}

async fn orders(api: &hive_v2::Client) -> Vec<i64> {
    let all: Vec<Order> = api
        .orders()
        .list()
        .limit(100)
        .items()
        .try_collect()
        .await
        .unwrap();
    all.iter().map(|order| order.id).collect()
}

#[tokio::test]
async fn each_merchant_sees_its_own() {
    let live = live_hive_v2().await;
    let config = Config::default();
    let other = client(&live, &config.other_key, &live.server.url());
    let state = live.server.state();
    let count = |who: &str| state[who]["orders"].as_array().unwrap().len();
    assert_eq!(orders(&live.api).await.len(), count("merchant"));
    assert_eq!(orders(&other).await.len(), count("other"));
    assert!(count("other") < count("merchant"));
    let theirs = orders(&live.api).await[0];
    let error = other.orders().get(theirs).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::NotFound));
}

/// Staging has tokens of its own: that of production is refused there, and the other way round.
#[tokio::test]
async fn staging_is_another_place() {
    let live = live_hive_v2().await;
    let config = Config::default();
    let url = format!("{}/merchant_api/v2", live.server.url_of(STAGING).unwrap());
    let staging = client(&live, &config.staging_key, &url);
    let state = live.server.state();
    assert_eq!(
        orders(&staging).await.len(),
        state["staging"]["orders"].as_array().unwrap().len()
    );
    let last = live.server.arrivals().pop().unwrap();
    assert_eq!((last.door, last.credential), (STAGING, Credential::Right));

    for (key, url) in [
        (live.server.key(), url.as_str()),
        (config.staging_key.as_str(), &live.server.url()),
    ] {
        let error = client(&live, key, url).orders().list().await.unwrap_err();
        assert_eq!(
            (error.kind(), Fault::of(&error)),
            (Kind::Auth, Some(Fault::Unauthorized))
        );
        assert_eq!(error.messages()[0].text, "authentication required");
    }
}

/// The environments that the description knows, and the key's own limit.
#[test]
fn environments_have_their_urls() {
    let builder = hive_v2::Client::builder().key("k").staging();
    let text = format!("{:?}", builder.build().unwrap());
    assert!(
        text.contains("https://staging.app.hive.app/merchant_api/v2"),
        "{text}"
    );
    let builder = hive_v2::Client::builder().key("k").production();
    let text = format!("{:?}", builder.build().unwrap());
    assert!(
        text.contains("https://app.hive.app/merchant_api/v2"),
        "{text}"
    );
}

/// Row B1: two merchants, each with a hundred requests a minute: neither waits for the other, none is refused.
#[tokio::test]
async fn each_merchant_has_its_own_quota() {
    let live = live_hive_v2().await;
    let other = client(&live, &Config::default().other_key, &live.server.url());
    let start = live.clock.now_system();
    for api in [&live.api, &other] {
        let calls = futures::stream::iter(0..100).map(|_| api.warehouses().list());
        calls
            .buffer_unordered(8)
            .try_for_each(async |_| Ok(()))
            .await
            .unwrap();
    }
    assert_eq!(live.clock.now_system(), start, "none had to wait");
    live.api.warehouses().list().await.unwrap();
    let waited = live.clock.now_system().duration_since(start).unwrap();
    assert!(
        waited > MINUTE / 2 && waited <= MINUTE + MINUTE / 10,
        "{waited:?}"
    );
    assert_eq!((live.server.arrivals().len(), live.refused()), (201, 0));
}

/// The server's window is another than ours: what it tells is learned, and a refusal is waited out as it says.
#[tokio::test]
async fn a_lower_limit_is_learned() {
    let mut config = Config::default();
    config.settings.limit = Some(Limit::sliding(30, MINUTE));
    let live = crate::flow::world::live_hive_v2_with(config).await;
    let calls = futures::stream::iter(0..90).map(|_| live.api.warehouses().list());
    calls
        .buffered(1)
        .try_for_each(async |_| Ok(()))
        .await
        .unwrap();
    assert!(live.server.most_in_any_window(MINUTE) <= 30);
    assert_eq!(live.refused(), 0);
}
