//! Hive's refusals: a `Retry-After` of fractions of a second, of dates, or none; and reads and
//! writes that go on after it.

use std::time::Duration;

use etiquette_apis::Kind;
use etiquette_apis::hive::{self, Fault, NewSku};
use etiquette_standins::{Answer, Fault as Play, Limit, hive as standin};
use futures::future::join_all;
use runtime::testing::ScriptReply;

use crate::flow::world::{
    KEY, MINUTE, Scripted, hive_page, live_hive, live_hive_with, scripted_hive, warehouse,
};

fn ok() -> ScriptReply {
    ScriptReply::json(200, hive_page(&[warehouse(1)], 1, 1))
}

fn refusal(wait: &str) -> ScriptReply {
    let body = r#"{"success": false, "errors": ["too many requests"]}"#;
    ScriptReply::json(429, body).header("retry-after", wait)
}

/// Between the refusal of a single call and its second arrival.
fn wait_after(world: &Scripted<hive::Client>, refusal: ScriptReply) -> Duration {
    world.reply([refusal, ok()]);
    world.run(world.api.warehouses().list()).unwrap();
    let arrivals = world.arrivals();
    assert_eq!(arrivals.len(), 2);
    arrivals[1] - arrivals[0]
}

/// Row B4: seconds with decimals, never rounded down, at most a tenth more.
#[test]
fn fractions_of_a_second_are_waited_for() {
    for (told, least) in [
        ("3.2", 3_200),
        ("0.5", 500),
        ("1.0001", 1_001),
        ("12.75", 12_750),
    ] {
        let waited = wait_after(&scripted_hive(), refusal(told));
        let least = Duration::from_millis(least);
        assert!(
            waited >= least && waited <= least * 11 / 10,
            "{told}: {waited:?}"
        );
    }
}

/// Row B4: the whole bucket waits, not only the call that was refused.
#[test]
fn other_callers_wait_too() {
    let world = scripted_hive();
    world.reply([refusal("3.2").after(Duration::from_millis(5))]);
    world.script.respond_with(|_| ok());
    world.run(async {
        let warehouses = world.api.warehouses();
        let first = warehouses.list();
        let others = async {
            let mut first = std::pin::pin!(first);
            // The first is on the wire; the others come while its refusal is.
            assert!(futures::poll!(&mut first).is_pending());
            first.await.unwrap();
        };
        let later = async {
            let clock: &dyn runtime::clock::Clock = &world.clock;
            clock.sleep(clock.now() + Duration::from_secs(1)).await;
            let all = join_all((0..20).map(|_| warehouses.list())).await;
            assert!(all.iter().all(Result::is_ok));
        };
        futures::join!(others, later);
    });
    let arrivals = world.arrivals();
    assert_eq!(arrivals.len(), 22);
    let opened = Duration::from_millis(3_205);
    assert!(arrivals[1..].iter().all(|at| *at >= opened), "{arrivals:?}");
}

/// Row B8: a date is rounded up and measured by the answer's own `Date`.
#[test]
fn a_date_is_waited_for() {
    for (date, now) in [
        (
            "Sun, 15 Jan 2023 10:00:07 GMT",
            "Sun, 15 Jan 2023 10:00:00 GMT",
        ),
        (
            "Sunday, 15-Jan-23 22:00:07 GMT",
            "Sunday, 15-Jan-23 22:00:00 GMT",
        ),
        ("Sun Jan 15 03:00:07 2023", "Sun Jan 15 03:00:00 2023"),
    ] {
        let waited = wait_after(&scripted_hive(), refusal(date).header("date", now));
        let seven = Duration::from_secs(7);
        assert!(
            waited >= seven && waited <= seven * 11 / 10,
            "{date}: {waited:?}"
        );
    }
}

/// Row B5: zero, or a date that has passed.
#[test]
fn no_wait_is_no_hot_loop() {
    for told in ["0", "0.0", "0.000001", "Sun, 15 Jan 2023 09:00:00 GMT"] {
        let waited = wait_after(&scripted_hive(), refusal(told));
        assert!(waited >= Duration::from_millis(100), "{told}: {waited:?}");
        assert!(waited <= Duration::from_secs(2), "{told}: {waited:?}");
    }
}

/// Rows B6, B14: no header, or one that makes no sense, is the rest of the minute.
#[test]
fn a_missing_wait_is_a_window() {
    let bare = || ScriptReply::json(429, r#"{"success": false, "errors": []}"#);
    for reply in [
        bare(),
        refusal("-3.2"),
        refusal("3,2"),
        refusal("soon"),
        refusal("3.2s"),
    ] {
        let waited = wait_after(&scripted_hive(), reply);
        assert!(
            waited >= MINUTE && waited <= MINUTE + Duration::from_secs(6),
            "{waited:?}"
        );
    }
}

/// Row B7: a wait of years fails at once, and says when.
#[test]
fn a_wait_of_years_fails_at_once() {
    for told in ["9223372037", "18446744073709551615", &"9".repeat(400)] {
        let world = scripted_hive();
        world.reply([refusal(told)]);
        let error = world.run(world.api.warehouses().list()).unwrap_err();
        assert_eq!((error.kind(), error.status()), (Kind::Refused, Some(429)));
        assert!(error.retry_at().is_some());
        assert_eq!(error.messages()[0].text, "too many requests");
        assert_eq!(world.now(), Duration::ZERO);
        let error = world.run(world.api.warehouses().list()).unwrap_err();
        assert_eq!(
            (error.kind(), world.script.count()),
            (Kind::Refused, 1),
            "the gate is shut"
        );
    }
}

/// Row B9 over TCP: the server's own refusals, since somebody else uses the same key.
#[tokio::test]
async fn a_key_that_others_use_too() {
    let mut config = standin::Config::default();
    config.settings.limit = Some(Limit::fixed_with_phase(
        100,
        MINUTE,
        Duration::from_secs(20),
    ));
    config.settings.limit_headers = false;
    let live = live_hive_with(config).await;
    let other = hive::Client::builder()
        .key(KEY)
        .with_base_url(live.server.url());
    let other = other.with_clock(live.clock.clone()).build().unwrap();
    let many = |api: &hive::Client, count: usize| {
        let warehouses = api.warehouses();
        join_all((0..count).map(move |_| warehouses.list()))
    };
    assert!(many(&other, 70).await.iter().all(Result::is_ok));
    assert!(many(&live.api, 80).await.iter().all(Result::is_ok));
    let refused = live.refused();
    // What was on the wire at once when the first refusal came; never one more.
    assert!((1..=50).contains(&refused), "{refused}");
    let windows = live.windows(MINUTE, Duration::from_secs(20));
    assert_eq!(windows.iter().sum::<usize>(), 150 + refused);
}

/// Row A5: refused writes are sent again, since the description says that they were not processed.
#[tokio::test]
async fn a_refused_write_is_sent_again() {
    let live = live_hive().await;
    live.server
        .next(Play::Answer(Answer::new(429).header("retry-after", "3.2")));
    let sku = live
        .api
        .skus()
        .create(&NewSku::new("A-1", "Article"))
        .await
        .unwrap();
    assert_eq!(sku.merchant_sku_id, "A-1");
    let writes = live.server.writes();
    assert_eq!(writes.len(), 2);
    let gap = writes[1].at.duration_since(writes[0].at).unwrap();
    assert!(
        gap >= Duration::from_millis(3_200) && gap <= Duration::from_millis(3_520),
        "{gap:?}"
    );
    assert_eq!(writes.iter().filter(|write| write.applied).count(), 1);
}

/// A wrong key is told at once, in the API's words.
#[tokio::test]
async fn a_wrong_key_is_told() {
    let live = live_hive().await;
    let builder = hive::Client::builder()
        .key("wrong")
        .with_base_url(live.server.url());
    let api = builder.with_clock(live.clock.clone()).build().unwrap();
    let error = api.warehouses().list().await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::Unauthorized));
    assert_eq!(error.messages()[0].text, "authentication required");
    assert_eq!(live.server.arrivals().len(), 1);
}
