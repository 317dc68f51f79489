//! Writes of CleverFox over TCP: what may be created, replaced and deleted, the `Token` that makes a create happen
//! once, and members that are written and never read.

use std::collections::BTreeSet;
use std::time::Duration;

use etiquette_apis::Kind;
use etiquette_apis::cleverfox::{
    CompanyReplacement, CompanyUserReplacement, DeviceReplacement, Fault, Frequency,
    JobItemReplacement, JobReplacement, NewCompany, NewCompanyUser, NewDevice, NewJob, NewJobItem,
    NewSubscription, PartnerReplacement, SubscriptionReplacement,
};
use etiquette_apis::values::DateTime;
use etiquette_standins::{Arrival, Fault as Play};
use serde_json::{Value, json};

use crate::flow::world::{MINUTE, live_cleverfox};

const HOUR: Duration = Duration::from_secs(3_600);

fn body(arrival: &Arrival) -> Value {
    serde_json::from_slice(&arrival.body).unwrap()
}

fn token(arrival: &Arrival) -> String {
    body(arrival)["Token"].as_str().unwrap().to_owned()
}

fn members(arrival: &Arrival) -> BTreeSet<String> {
    body(arrival).as_object().unwrap().keys().cloned().collect()
}

fn count(state: &Value, collection: &str) -> usize {
    state[collection].as_array().unwrap().len()
}

fn company(name: &str) -> NewCompany {
    NewCompany::new(1, 2, name)
        .city("Reno")
        .state_province("NV")
}

fn replacement(name: &str) -> CompanyReplacement {
    CompanyReplacement {
        name: name.to_owned(),
        address_line1: None,
        address_line2: None,
        city: Some("Elko".to_owned()),
        state_province: Some("NV".to_owned()),
        postal_code: None,
        country: None,
        phone: None,
        external_id: None,
        is_inactive: true,
        token: None,
    }
}

/// Names go out as the API spells them; what can be set at creation alone has no place in a replacement, and what a
/// replacement leaves out is cleared.
#[tokio::test]
async fn a_company_is_created_replaced_and_deleted() {
    let live = live_cleverfox().await;
    let companies = live.api.companies();
    let made = companies.create(&company("New")).await.unwrap();
    assert_eq!(
        (made.partner_id, made.plan_type_id, made.is_inactive),
        (1, 2, false)
    );
    assert_eq!(made.state_province.as_deref(), Some("NV"));
    assert_eq!(made.added_on.to_string(), "2023-01-15T10:00:00Z");

    live.clock.advance(MINUTE);
    let replaced = companies
        .replace(made.company_id, &replacement("Renamed"))
        .await
        .unwrap();
    assert_eq!(
        (replaced.name.as_str(), replaced.is_inactive),
        ("Renamed", true)
    );
    assert_eq!(
        (replaced.partner_id, replaced.city.as_deref()),
        (1, Some("Elko"))
    );
    assert_eq!(
        replaced.updated_on.unwrap().to_string(),
        "2023-01-15T10:01:00Z"
    );

    companies.delete(made.company_id).await.unwrap();
    let gone = companies.get(made.company_id).await.unwrap_err();
    assert_eq!(Fault::of(&gone), Some(Fault::NotFound));

    let writes = live.server.writes();
    assert_eq!(writes.len(), 3);
    let names = [
        "CityMunicipality",
        "Name",
        "PartnerId",
        "PlanTypeId",
        "StateProvidence",
        "Token",
    ];
    assert!(
        members(&writes[0]).iter().eq(names),
        "{:?}",
        members(&writes[0])
    );
    assert!((20..=50).contains(&token(&writes[0]).len()));
    let sent = members(&writes[1]);
    assert!(!sent.contains("PartnerId") && !sent.contains("PlanTypeId") && !sent.contains("Token"));
    assert!(sent.contains("AddressLine1"), "it says what it clears");
    assert!(writes[2].body.is_empty());
    assert!(writes.iter().all(|one| one.applied));
    let json = writes[0].header("content-type").unwrap();
    assert!(json.starts_with("application/json"), "{json}");
}

/// Each other resource: created, replaced as a whole, deleted; at the server each happened once.
#[tokio::test]
async fn every_resource_is_written() {
    let live = live_cleverfox().await;
    let api = &live.api;

    let new = NewSubscription::new(3, 1)
        .external_id("S-1")
        .send_notification_to("a@example.com");
    let subscription = api.subscriptions().create(&new).await.unwrap();
    let whole = SubscriptionReplacement {
        application_id: None,
        external_id: Some("S-2".to_owned()),
        send_notification_to: None,
        send_notification_bcc: None,
        send_notification_cc: None,
        send_notification_on_storage_limit: true,
        token: None,
    };
    let id = subscription.subscription_id;
    let subscription = api.subscriptions().replace(id, &whole).await.unwrap();
    assert_eq!(
        (subscription.company_id, subscription.external_id.as_deref()),
        (3, Some("S-2"))
    );
    assert!(
        subscription.send_notification_on_storage_limit
            && subscription.send_notification_to.is_none()
    );

    let new = NewCompanyUser::builder()
        .company_id(3)
        .first_name("Ada")
        .last_name("L")
        .email("ada@example.com");
    let user = api
        .company_users()
        .create(&new.mobile_phone("555-0101"))
        .await
        .unwrap();
    let whole = CompanyUserReplacement {
        first_name: "Ada".to_owned(),
        last_name: "King".to_owned(),
        email: "ada@example.com".to_owned(),
        home_phone: None,
        mobile_phone: None,
        work_phone: None,
        is_inactive: false,
        token: None,
    };
    let user = api
        .company_users()
        .replace(user.company_user_id, &whole)
        .await
        .unwrap();
    assert_eq!((user.last_name.as_str(), user.mobile_phone), ("King", None));
    assert_eq!(live.server.state()["invitations"], 1, "one mail went out");

    let new = NewDevice::builder()
        .company_id(3)
        .subscription_id(id)
        .name("PC")
        .time_zone_id("Asia/Tokyo");
    let device = api.devices().create(&new).await.unwrap();
    assert!(device.agent_download_url.is_none() && !format!("{device:?}").contains("device-key"));
    live.clock.advance(MINUTE);
    let device = api.devices().get(device.device_id).await.unwrap();
    assert!(
        device.agent_download_url.is_some(),
        "a minute later its agent is built"
    );
    let whole = DeviceReplacement {
        name: "PC 2".to_owned(),
        time_zone_id: "Mars/Olympus".to_owned(),
        application_id: None,
        external_id: None,
        is_inactive: false,
        send_notification_to: Some("a@example.com;b@example.com".to_owned()),
        send_notification_bcc: None,
        send_notification_cc: None,
        send_notification_on_job_completed: true,
        send_notification_on_job_failed: false,
        send_notification_on_job_missed: false,
        token: None,
    };
    let device = api
        .devices()
        .replace(device.device_id, &whole)
        .await
        .unwrap();
    assert_eq!(
        (device.time_zone_id.as_str(), device.company_id),
        ("Mars/Olympus", 3)
    );

    for id in 1..=3 {
        let mut whole = PartnerReplacement {
            name: "Fox".to_owned(),
            application_id: Some("app".to_owned()),
            is_inactive: false,
            token: None,
        };
        whole.name.push_str(&id.to_string());
        let partner = api.partners().replace(1, &whole).await.unwrap();
        assert_eq!(partner.name, format!("Fox{id}"));
    }

    api.company_users()
        .delete(user.company_user_id)
        .await
        .unwrap();
    api.devices().delete(device.device_id).await.unwrap();
    api.subscriptions()
        .delete(subscription.subscription_id)
        .await
        .unwrap();
    let writes = live.server.writes();
    assert_eq!(writes.len(), 12);
    assert!(writes.iter().all(|one| one.applied));
    let state = live.server.state();
    let left = ["companyusers", "devices", "subscriptions"].map(|name| count(&state, name));
    assert_eq!(left, [12, 24, 12]);
}

/// Jobs and their items: local times without an offset, misspelt and unknown words that go back as they came, and a
/// password that is written and never shown.
#[tokio::test]
async fn jobs_and_what_they_back_up() {
    let live = live_cleverfox().await;
    let api = &live.api;
    let new = NewJob::builder()
        .device_id(4)
        .name("Nightly")
        .frequency(Frequency::MonthlyMisspelt);
    let new = new
        .next_run_on("2023-02-01T02:30:00".parse::<DateTime>().unwrap())
        .late_after(60)
        .every(1);
    let new = new.cloud_keep_last(7).local_keep_last(3).day_of_month(31);
    let job = api.jobs().create(&new).await.unwrap();
    assert_eq!(
        (job.frequency.to_string(), job.next_run_on.to_string()),
        ("Monthy".to_owned(), "2023-02-01T02:30:00".to_owned())
    );

    let secret = "canary-database";
    let item = NewJobItem::new(job.job_id, 3)
        .name("Ledger")
        .server_name("SQL01")
        .database_name("Ledger");
    let item = item.username("canary-user").password(secret);
    assert!(!format!("{item:?}").contains("canary"));
    let made = api.job_items().create(&item).await.unwrap();
    assert!(!format!("{made:?}").contains("canary"));
    let writes = live.server.writes();
    let sent = body(&writes[1]);
    assert_eq!(
        (&sent["Username"], &sent["Password"]),
        (&json!("canary-user"), &json!(secret))
    );
    let kept = live.server.state()["jobitems"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        (&kept["Username"], &kept["Password"]),
        (&json!("set"), &json!("set"))
    );

    // A replacement says all of it, so that the password it leaves out is gone.
    let whole = JobItemReplacement {
        name: made.name.clone(),
        backup_type_id: 2,
        base_folder: Some("C:\\Data".to_owned()),
        include_sub_folders: true,
        search_patterns: Some("*.doc\r\n*.xls".to_owned()),
        exclude_folders: None,
        exclude_patterns: None,
        no_compress_extensions: None,
        server_name: None,
        database_name: None,
        port: None,
        authentication_mode: None,
        username: None,
        password: None,
        option_compress: false,
        option_copy_only: false,
        option_log_only: false,
        token: None,
    };
    let item = api
        .job_items()
        .replace(made.job_item_id, &whole)
        .await
        .unwrap();
    assert_eq!((item.job_id, item.include_sub_folders), (job.job_id, true));
    let kept = live.server.state()["jobitems"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert!(kept.get("Password").is_none());

    let whole = JobReplacement {
        name: "Once".to_owned(),
        is_inactive: false,
        frequency: Frequency::OneTime,
        next_run_on: job.next_run_on,
        late_after: 0,
        every: 1,
        on_monday: false,
        on_tuesday: false,
        on_wednesday: false,
        on_thursday: false,
        on_friday: false,
        on_saturday: false,
        on_sunday: false,
        day_of_month: None,
        expire_on: Some("2023-03-01T00:00:00".parse().unwrap()),
        cloud_keep_last: 1,
        local_keep_last: 1,
        token: None,
    };
    let job = api.jobs().replace(job.job_id, &whole).await.unwrap();
    assert_eq!(job.expire_on, whole.expire_on);
    api.job_items().delete(item.job_item_id).await.unwrap();
    api.jobs().delete(job.job_id).await.unwrap();
    let state = live.server.state();
    assert_eq!((count(&state, "jobs"), count(&state, "jobitems")), (24, 48));
}

/// What is not valid comes back by field, and was carried out nowhere.
#[tokio::test]
async fn complaints_come_by_field() {
    let live = live_cleverfox().await;
    let new = NewCompany::new(77, 2, " ").external_id("x".repeat(101));
    let error = live.api.companies().create(&new).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::BadRequest));
    let targets: BTreeSet<&str> = error
        .messages()
        .iter()
        .filter_map(|one| one.target.as_deref())
        .collect();
    assert!(
        targets
            .iter()
            .eq(["ExternalId", "Name", "PartnerId"].iter()),
        "{error:?}"
    );
    assert_eq!(count(&live.server.state(), "companies"), 12);
    assert_eq!(live.server.writes().len(), 1);
}

/// Row A7: whatever becomes of an attempt that was not carried out, all attempts bear one token, and one company is
/// made; another call has another token.
#[tokio::test]
async fn one_token_in_all_attempts() {
    let live = live_cleverfox().await;
    for play in [Play::ResetBefore, Play::CloseBefore, Play::status(503)] {
        live.server.next(play);
    }
    let mut tokens = BTreeSet::new();
    for name in ["One", "Two"] {
        let before = live.server.writes().len();
        let made = live
            .api
            .companies()
            .create(&company(name))
            .send_raw()
            .await
            .unwrap();
        let writes = live.server.writes().split_off(before);
        assert_eq!(writes.len() as u32, made.attempts);
        assert!(
            writes.iter().all(|one| one.body == writes[0].body),
            "the same to the byte"
        );
        assert_eq!(made.idempotency_key.as_deref(), Some(&*token(&writes[0])));
        assert_eq!(writes.iter().filter(|one| one.applied).count(), 1);
        tokens.insert(token(&writes[0]));
        if name == "One" {
            assert_eq!(made.attempts, 4);
            assert!(live.server.faults_left() <= 1);
        }
    }
    assert_eq!(tokens.len(), 2);
    assert_eq!(count(&live.server.state(), "companies"), 14);
}

/// Row A7: the answer is lost, so the create goes out again with its token, and 409 says that it was done. The
/// call ends with that, and not with a second company.
#[tokio::test]
async fn a_lost_answer_is_known_to_be_done() {
    let lost = [
        Play::ResetAfter,
        Play::CloseAfter,
        Play::Truncate { keep: 20 },
        Play::Answer(etiquette_standins::Answer::new(504).after_applying()),
    ];
    for play in lost {
        let live = live_cleverfox().await;
        live.server.next(play.clone());
        let new = company("Lost");
        let error = live.api.companies().create(&new).await.unwrap_err();
        assert_eq!(error.kind(), Kind::AlreadyProcessed, "{play:?}: {error}");
        let writes = live.server.writes();
        assert_eq!(writes.len(), 2, "{play:?}");
        assert_eq!(writes[0].body, writes[1].body);
        assert_eq!((writes[0].applied, writes[1].applied), (true, false));
        assert_eq!(error.idempotency_key(), Some(&*token(&writes[0])));
        let state = live.server.state();
        assert_eq!(count(&state, "companies"), 13, "made once");
        assert_eq!(state["companies"][12]["Name"], "Lost");
    }
}

/// Within the hour the caller's own token is known again; afterwards it makes another one.
#[tokio::test]
async fn a_token_is_remembered_for_an_hour() {
    let live = live_cleverfox().await;
    let companies = live.api.companies();
    let create = |name: &str| {
        companies
            .create(&company(name))
            .with_idempotency_key("order-4711")
    };
    assert_eq!(create("Mine").await.unwrap().company_id, 13);
    live.clock.advance(HOUR - MINUTE);
    let error = create("Mine").await.unwrap_err();
    assert_eq!(
        Fault::of(&error),
        Some(Fault::Duplicate),
        "the token is the caller's"
    );
    live.clock.advance(2 * MINUTE);
    assert_eq!(create("Mine").await.unwrap().company_id, 14);
    // The member is the same as the option, and two that differ are none.
    let given = company("Other").token("order-4712");
    companies.create(&given).await.unwrap();
    assert_eq!(token(live.server.writes().last().unwrap()), "order-4712");
    let before = live.server.writes().len();
    let both = companies
        .create(&given)
        .with_idempotency_key("order-4713")
        .await;
    assert_eq!(both.unwrap_err().kind(), Kind::Parameter);
    assert_eq!(live.server.writes().len(), before);
}

/// Row A10: a replacement and a deletion may be repeated; what they do is done once they have an answer.
#[tokio::test]
async fn replacements_and_deletions_are_repeated() {
    let live = live_cleverfox().await;
    live.server.next(Play::CloseAfter);
    let replaced = live
        .api
        .companies()
        .replace(5, &replacement("Five"))
        .await
        .unwrap();
    assert_eq!(replaced.name, "Five");
    let writes = live.server.writes();
    assert_eq!((writes.len(), &writes[0].body), (2, &writes[1].body));
    assert!(body(&writes[0]).get("Token").is_none());

    live.server.next(Play::ResetAfter);
    live.api.companies().delete(5).await.unwrap();
    assert_eq!(live.server.writes().len(), 4);
    assert_eq!(count(&live.server.state(), "companies"), 11);
    let error = live.api.companies().delete(5).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::NotFound));
}
