//! What CleverFox answers, over TCP: every resource listed and read, booleans that are null, names as they are spelt,
//! and datetimes without an offset.

use std::collections::BTreeSet;

use etiquette_apis::Kind;
use etiquette_apis::cleverfox::{Client, Device, EngineType, Fault, Frequency, JobStatus};
use etiquette_apis::values::Timestamp;
use etiquette_standins::Credential;
use etiquette_standins::cleverfox::Config;
use futures::TryStreamExt;
use serde_json::Value;

use crate::flow::world::{KEY, live_cleverfox, live_cleverfox_with};

/// Walks a list in pages of a size, and reads its first and last object alone: the ids, in their order.
macro_rules! walked {
    ($api:expr, $resource:ident, $id:ident, $size:expr) => {{
        let list = $api.$resource().list().page_size($size);
        let all: Vec<_> = list.items().try_collect().await.unwrap();
        for one in [all.first().unwrap(), all.last().unwrap()] {
            let read = $api.$resource().get(one.$id).await.unwrap();
            assert_eq!(&read, one, "an object of a list is the object");
        }
        let missing = $api.$resource().get(987_654).await.unwrap_err();
        assert_eq!(Fault::of(&missing), Some(Fault::NotFound));
        all.iter().map(|one| one.$id).collect::<Vec<i64>>()
    }};
}

/// Every resource: the newest first, each once; without a total, a page that is not full ends the walk, or an empty
/// one. The key is the user of Basic.
#[tokio::test]
async fn every_resource_is_listed_and_read() {
    let live = live_cleverfox_with(Config {
        logs: 60,
        ..Config::default()
    })
    .await;
    let api = &live.api;
    let lists: [(Vec<i64>, i64, usize); 11] = [
        (walked!(api, companies, company_id, 5), 12, 3),
        (walked!(api, company_users, company_user_id, 6), 12, 3),
        (walked!(api, partners, partner_id, 25), 1, 1),
        (walked!(api, plans, plan_id, 2), 2, 2),
        (walked!(api, subscriptions, subscription_id, 100), 12, 1),
        (walked!(api, events, event_id, 11), 12, 2),
        (walked!(api, devices, device_id, 10), 24, 3),
        (walked!(api, jobs, job_id, 12), 24, 3),
        (walked!(api, job_items, job_item_id, 25), 48, 2),
        (walked!(api, logs, log_id, 20), 60, 4),
        (walked!(api, log_items, log_item_id, 50), 120, 3),
    ];
    let mut expected = 0;
    for (ids, count, pages) in &lists {
        let newest_first: Vec<i64> = (1..=*count).rev().collect();
        assert_eq!(*ids, newest_first);
        expected += pages + 3;
    }
    let arrivals = live.server.arrivals();
    assert_eq!(arrivals.len(), expected, "no page too many");
    assert!(
        arrivals
            .iter()
            .all(|one| one.credential == Credential::Right)
    );
    assert!(
        arrivals
            .iter()
            .all(|one| one.secrets == ["header authorization"])
    );
    let first = arrivals[0].query.as_deref().unwrap();
    assert!(first.contains("PageSize=5"), "{first}");
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_not_shown() {
    let live = live_cleverfox().await;
    let builder = Client::builder().key("another-canary");
    let api = builder.with_base_url(live.server.url()).build().unwrap();
    let error = api.plans().list().await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::Unauthorized));
    assert_eq!(error.kind(), Kind::Auth);
    assert!(!format!("{error} {error:?} {api:?}").contains("canary"));
    let arrivals = live.server.arrivals();
    assert_eq!(
        (arrivals.len(), arrivals[0].credential),
        (1, Credential::Wrong)
    );
    assert!(!format!("{:?}", live.api).contains(KEY));
}

/// Logs that come while a walk goes on push all others back: none is given twice, none is lost.
#[tokio::test]
async fn pages_that_shift_give_each_log_once() {
    let live = live_cleverfox_with(Config {
        logs: 400,
        log_every: Some(std::time::Duration::from_secs(1)),
        ..Config::default()
    })
    .await;
    let mut walk = live.api.logs().list().items();
    let mut seen = Vec::new();
    while let Some(log) = walk.try_next().await.unwrap() {
        if seen.len() % 25 == 3 {
            live.clock.advance(std::time::Duration::from_secs(7));
        }
        seen.push(log.log_id);
    }
    let once: BTreeSet<i64> = seen.iter().copied().collect();
    assert_eq!(once.len(), seen.len(), "none twice");
    assert!((1..=400).all(|id| once.contains(&id)), "none lost");
    assert!(live.server.arrivals().len() > 17, "the shift cost pages");
}

/// On the wire those booleans are null, which the documentation calls the same as false.
#[tokio::test]
async fn a_null_boolean_is_false() {
    let live = live_cleverfox().await;
    let state = live.server.state();
    let wire = |collection: &str, at: usize, name: &str| state[collection][at][name].clone();
    assert_eq!(wire("companies", 0, "IsInactive"), Value::Null);
    assert_eq!(
        wire("devices", 0, "SendNotificationOnJobCompleted"),
        Value::Null
    );
    assert_eq!(wire("plans", 0, "IsInactive"), Value::Null);
    assert!(!live.api.companies().get(1).await.unwrap().is_inactive);
    let device = live.api.devices().get(1).await.unwrap();
    assert!(!device.is_inactive && !device.send_notification_on_job_completed);
    assert!(device.send_notification_on_job_failed);
    let plan = live.api.plans().get(1).await.unwrap();
    assert!(!plan.is_inactive && plan.download_limit);
    assert!(
        live.api
            .company_users()
            .get(2)
            .await
            .unwrap()
            .is_account_owner
    );
    let item = live.api.job_items().get(2).await.unwrap();
    assert!(item.option_compress && !item.option_copy_only && !item.include_sub_folders);
}

/// Names as the API spells them, and what is embedded: of an embedded object's own objects nothing is told.
#[tokio::test]
async fn names_and_what_is_embedded() {
    let live = live_cleverfox().await;
    let company = live.api.companies().get(4).await.unwrap();
    assert_eq!(company.city.as_deref(), Some("Springfield"));
    assert_eq!(company.state_province.as_deref(), Some("IL"));
    let partner = company.partner.as_ref().unwrap();
    assert_eq!(
        (partner.name.as_str(), &partner.plan_type),
        ("Fox Partner", &None)
    );
    assert_eq!(company.plan_type.as_ref().unwrap().plan_type_id, 1);
    assert!(!format!("{company:?}").contains("Main Street"));

    let jobs: Vec<_> = live.api.jobs().list().items().try_collect().await.unwrap();
    let frequencies: BTreeSet<String> = jobs.iter().map(|job| job.frequency.to_string()).collect();
    let all = ["Daily", "Hourly", "Monthly", "Monthy", "One Time", "Weekly"];
    assert!(frequencies.iter().eq(all.iter()), "{frequencies:?}");
    let misspelt = jobs
        .iter()
        .find(|job| job.frequency == Frequency::MonthlyMisspelt);
    assert_eq!(misspelt.unwrap().day_of_month, Some(15));
    assert_eq!(jobs[0].job_items.len(), 2);
    let item = live.api.job_items().get(2).await.unwrap();
    assert_eq!(
        item.backup_type.unwrap().engine_type,
        Some(EngineType::SqlServer)
    );

    let log = live.api.logs().get(7).await.unwrap();
    assert_eq!(log.log_items.len(), 2);
    assert_eq!(
        (log.job_status, log.frequency),
        (JobStatus::Failed, Frequency::Hourly)
    );
    assert!(log.job.unwrap().device.is_none());
    let event = live.api.events().get(3).await.unwrap();
    assert_eq!(
        (event.event_type_id, event.event_type.as_str()),
        (32, "Device Modified")
    );
    assert_eq!((event.device_id, event.company_id), (Some(6), None));
}

/// Local times of devices: the first of January 2015 and so many days, at midnight in UTC.
fn checked(device: i64) -> Timestamp {
    let seconds = 1_420_070_400 + device * 86_400;
    Timestamp::from_second(seconds).unwrap()
}

/// Times of UTC are instants; local times are civil, and join their zone where it is known. An unknown one loses
/// nothing.
#[tokio::test]
async fn times_without_an_offset() {
    let live = live_cleverfox().await;
    let device = async |id: i64| -> Device { live.api.devices().get(id).await.unwrap() };
    for (id, zone) in [(1, "Asia/Tokyo"), (3, "UTC"), (4, "America/Phoenix")] {
        let device = device(id).await;
        assert_eq!(device.time_zone_id, zone);
        let zoned = device.last_api_check_at_zoned().unwrap().unwrap();
        assert_eq!(zoned.timestamp(), checked(id), "{zone}");
        assert_eq!(zoned.datetime(), device.last_api_check_at.unwrap());
        let company_day = (id + 1) / 2;
        assert_eq!(device.added_on, checked(company_day));
    }
    let never = device(5).await;
    assert!(never.last_api_check_at.is_none() && never.last_api_check_at_zoned().is_none());

    let odd = device(2).await;
    let error = odd.last_api_check_at_zoned().unwrap().unwrap_err();
    assert_eq!(error.zone, "(UTC-06:00) Central Time");
    assert_eq!(Some(error.civil), odd.last_api_check_at);
    assert_eq!(error.civil.to_string(), "2015-01-02T18:00:00");

    // A job's times are in the zone of its device, which stands in the job, and not in the job of a log.
    let job = live.api.jobs().get(4).await.unwrap();
    let next = job.next_run_on_zoned().unwrap();
    assert_eq!(next.timestamp().to_string(), "2015-01-02T09:30:00Z");
    let log = live.api.logs().get(9).await.unwrap();
    let job = log.job.as_ref().unwrap();
    let error = job.next_run_on_zoned().unwrap_err();
    assert_eq!((error.zone.as_str(), error.civil), ("", job.next_run_on));
    // Log 9 is of the tenth device, whose zone has no name that is known; log 10 of the eleventh.
    assert_eq!(log.time_zone_id, "(UTC-06:00) Central Time");
    assert!(log.next_run_on_zoned().unwrap().is_err());
    let log = live.api.logs().get(10).await.unwrap();
    let next = log.next_run_on_zoned().unwrap().unwrap();
    assert_eq!(
        next.timestamp().as_second() - log.added_on.as_second(),
        3_600
    );
    assert!(log.expire_on_zoned().is_none());
}
