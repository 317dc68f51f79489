//! Row B2, over TCP: two buckets of 250 in five minutes, one for the token and one for the token in the
//! hands of a plugin. No header tells how much is left, so what holds is the client's own count.

use std::time::Duration;

use etiquette_apis::Limits;
use etiquette_apis::zengine::{Client, ClientBuilder};
use etiquette_standins::Limit;
use etiquette_standins::zengine::Config;
use futures::{StreamExt, TryStreamExt};
use runtime::clock::{Clock, Moment};

use crate::flow::world::{KEY, Live, live_zengine, live_zengine_with, zengine_at};

const WINDOW: Duration = Duration::from_secs(300);

async fn counts(api: &Client, calls: usize) {
    let tasks = api.tasks();
    let all = futures::stream::iter(0..calls).map(|_| tasks.count().into_future());
    let all = all.buffer_unordered(8);
    all.try_for_each(async |_| Ok(())).await.unwrap();
}

fn passed<C>(live: &Live<C>) -> Duration {
    Clock::now(&live.clock).since(Moment::START)
}

async fn live(build: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Live<Client> {
    live_zengine_with(Config::default(), build).await
}

/// All of it is used, and nothing more; a plugin's setting is no matter of a client without one.
#[tokio::test]
async fn a_token_makes_250_in_any_five_minutes() {
    let live = live(|builder| builder.plugin_requests_per_window(10)).await;
    counts(&live.api, 600).await;
    assert_eq!(live.server.arrivals().len(), 600);
    assert_eq!(live.server.most_in_any_window(WINDOW), 250);
    assert_eq!(live.refused(), 0);
    assert!((2 * WINDOW..3 * WINDOW).contains(&passed(&live)));
    let arrivals = live.server.arrivals();
    assert!(arrivals.iter().all(|one| one.header("x-plugin").is_none()));
}

#[tokio::test]
async fn a_plugin_makes_250_in_any_five_minutes() {
    let live = live(|builder| builder.plugin("matcher")).await;
    counts(&live.api, 600).await;
    assert_eq!(live.server.most_in_any_window(WINDOW), 250);
    assert_eq!(live.refused(), 0);
    let arrivals = live.server.arrivals();
    let told = arrivals.iter().map(|one| one.header("x-plugin"));
    assert_eq!(told.filter(|name| *name == Some("matcher")).count(), 600);
}

/// A token alone and in the hands of two plugins: what they do together is within the token's bucket, even where the
/// server counts a plugin's calls for both.
#[tokio::test]
async fn plugins_and_their_token_share_its_bucket() {
    let limits = Limits::default();
    let config = Config {
        plugins_count_twice: true,
        ..Config::default()
    };
    let live = live_zengine_with(config, |builder| builder.with_limits(limits.clone())).await;
    let other = |plugin: &str| {
        zengine_at((&live.server, &live.clock), |builder| {
            let builder = builder.token(KEY).plugin(plugin);
            builder.with_limits(limits.clone())
        })
    };
    let (one, two) = (other("matcher"), other("mailer"));
    futures::join!(counts(&live.api, 150), counts(&one, 150), counts(&two, 150));
    assert_eq!(live.server.arrivals().len(), 450);
    assert_eq!(live.server.most_in_any_window(WINDOW), 250);
    assert_eq!(live.refused(), 0);
}

#[tokio::test]
async fn both_buckets_can_be_set() {
    let token = live(|builder| builder.requests_per_window(40)).await;
    counts(&token.api, 100).await;
    assert_eq!(token.server.most_in_any_window(WINDOW), 40);
    let plugin = live(|builder| {
        let builder = builder.plugin("matcher").requests_per_window(100);
        builder.plugin_requests_per_window(30)
    })
    .await;
    counts(&plugin.api, 100).await;
    assert_eq!(plugin.server.most_in_any_window(WINDOW), 30);
}

/// Pages are requests like any others.
#[tokio::test]
async fn each_page_counts() {
    let live = live(|builder| builder.requests_per_window(2)).await;
    let records = live.api.forms().records(51);
    let all: Vec<_> = records.list().items().try_collect().await.unwrap();
    assert_eq!((all.len(), live.server.arrivals().len()), (45, 3));
    assert_eq!(live.server.most_in_any_window(WINDOW), 2);
}

/// Where the server allows less than is described, one refusal holds the bucket as long as it says.
#[tokio::test]
async fn a_refusal_holds_the_bucket() {
    let mut config = Config::default();
    config.settings.limit = Some(Limit::from_first(100, WINDOW));
    let live = live_zengine_with(config, |builder| builder).await;
    let tasks = live.api.tasks();
    for _ in 0..150 {
        tasks.count().await.unwrap();
    }
    assert_eq!(live.refused(), 1);
    let arrivals = live.server.arrivals();
    assert_eq!(arrivals.len(), 151);
    assert_eq!(arrivals[100].status, Some(429));
    let pause = arrivals[101].at.duration_since(arrivals[100].at).unwrap();
    assert!(pause >= WINDOW - Duration::from_secs(1), "{pause:?}");
}

/// A walk that is not made needs no time: the first 250 go out at once.
#[tokio::test]
async fn what_fits_does_not_wait() {
    let live = live_zengine().await;
    counts(&live.api, 250).await;
    assert_eq!(passed(&live), Duration::ZERO);
}
