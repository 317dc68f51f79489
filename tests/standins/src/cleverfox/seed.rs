//! What a CleverFox stand-in begins with, the same each time.
//!
//! Booleans that nobody has set are null. One time zone in four is a name that no time zone
//! database has; the others know no summer time, so that local times can be calculated here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::fields::Object;
use super::resources::Resource;
use super::store::MINUTE;
use crate::calendar::naive;

/// 2015-01-01T00:00:00, the reference's example of a date, where the seeds begin.
pub(super) const FIRST_ADDED: i64 = 1_420_070_400_000;
const DAY: i64 = 1440 * MINUTE;
/// Each with its distance from UTC in minutes.
const ZONES: [(&str, i64); 4] = [
    ("America/Phoenix", -420),
    ("Asia/Tokyo", 540),
    ("(UTC-06:00) Central Time", -360),
    ("UTC", 0),
];
const FREQUENCIES: [&str; 6] = ["Daily", "Hourly", "Weekly", "Monthy", "Monthly", "One Time"];

pub(super) fn offset_of(zone: &str) -> i64 {
    let known = ZONES.iter().find(|(name, _)| *name == zone);
    known.map_or(0, |(_, minutes)| minutes * MINUTE)
}

pub(super) fn collections(companies: usize) -> BTreeMap<&'static str, Vec<Object>> {
    let mut all: BTreeMap<&'static str, Vec<Object>> = BTreeMap::new();
    let mut add = |collection, record: Value| {
        all.entry(collection).or_default().push(object(record));
    };
    fixed(&mut add);
    for (place, number) in (0..companies).zip(1_i64..) {
        let added = naive(FIRST_ADDED + number * DAY);
        add("companies", company(number, &added));
        add("subscriptions", subscription(number, &added));
        add("companyusers", company_user(number, &added));
        for device_id in [number * 2 - 1, number * 2] {
            add("devices", device(device_id, number, &added));
            add("jobs", job(device_id, place, &added));
            add("jobitems", files_item(device_id * 2 - 1, device_id, &added));
            add("jobitems", database_item(device_id * 2, device_id, &added));
        }
        let kind = (32, "Device Modified");
        add(
            "events",
            event(number, kind, ("DeviceId", number * 2), &added).into(),
        );
    }
    all
}

fn fixed(add: &mut impl FnMut(&'static str, Value)) {
    let added = naive(FIRST_ADDED);
    for (id, name) in [(1, "Server"), (2, "Workstation")] {
        add(
            "plantypes",
            json!({ "PlanTypeId": id, "Name": name, "IsInactive": Value::Null }),
        );
        add(
            "plans",
            json!({
                "PlanId": id, "PlanTypeId": id, "Name": format!("{name} 100"),
                "Details": "Daily backups\r\nThree devices", "IsInactive": Value::Null,
                "DeviceLimit": 3, "StorageLimit": 100, "DownloadLimit": id == 1,
            }),
        );
    }
    add(
        "partners",
        json!({
            "PartnerId": 1, "PlanTypeId": 1, "Name": "Fox Partner", "ApplicationId": Value::Null,
            "IsInactive": Value::Null, "AddedOn": added, "UpdatedOn": Value::Null,
        }),
    );
    for (id, engine) in [(1, "File"), (2, "Folder"), (3, "SqlServer")] {
        add(
            "backuptypes",
            json!({
                "BackupTypeId": id, "Name": format!("{engine} backup"), "EngineType": engine,
                "IsInactive": Value::Null,
            }),
        );
    }
}

fn company(id: i64, added: &str) -> Value {
    json!({
        "CompanyId": id, "PartnerId": 1, "PlanTypeId": 1 + id % 2, "Name": format!("Company {id}"),
        "AddressLine1": format!("{id} Main Street"), "AddressLine2": Value::Null,
        "CityMunicipality": "Springfield", "StateProvidence": "IL", "PostalCode": "62701",
        "Country": "US", "Phone": Value::Null, "ExternalId": format!("ext-{id}"),
        "IsInactive": if id % 3 == 0 { json!(false) } else { Value::Null },
        "AddedOn": added, "UpdatedOn": if id % 2 == 0 { json!(added) } else { Value::Null },
    })
}

fn subscription(id: i64, added: &str) -> Value {
    json!({
        "SubscriptionId": id, "CompanyId": id, "PlanId": 1 + id % 2, "ApplicationId": Value::Null,
        "ExternalId": Value::Null, "IsInactive": Value::Null, "BillingId": 5000 + id,
        "Status": "Active", "PeriodStart": added, "PeriodEnd": naive(FIRST_ADDED + 365 * DAY),
        "AdditionalDevice": 0, "DownloadLimitExpireOn": naive(FIRST_ADDED + 400 * DAY),
        "SendNotificationTo": Value::Null, "SendNotificationBcc": Value::Null,
        "SendNotificationCc": Value::Null, "SendNotificationOnStorageLimit": Value::Null,
        "AddedOn": added, "UpdatedOn": Value::Null,
    })
}

fn company_user(id: i64, added: &str) -> Value {
    json!({
        "CompanyUserId": id, "CompanyId": id, "FirstName": "Ada", "LastName": format!("No {id}"),
        "Email": format!("ada{id}@example.com"), "HomePhone": Value::Null,
        "MobilePhone": Value::Null, "WorkPhone": "555-0100", "IsAccountOwner": true,
        "IsInactive": Value::Null, "AddedOn": added, "UpdatedOn": Value::Null,
    })
}

fn device(id: i64, company: i64, added: &str) -> Value {
    let place = usize::try_from(id).expect("ids are above zero") % ZONES.len();
    let (zone, minutes) = ZONES[place];
    let checked = naive(FIRST_ADDED + id * DAY + minutes * MINUTE);
    json!({
        "DeviceId": id, "CompanyId": company, "SubscriptionId": company,
        "Name": format!("Device {id}"), "TimeZoneId": zone, "ApplicationId": Value::Null,
        "ExternalId": Value::Null, "IsInactive": Value::Null,
        "ApiKey": format!("device-key-{id:04}"),
        "LastApiCheckAt": if id % 5 == 0 { Value::Null } else { checked.into() },
        "SendNotificationTo": "a@example.com;b@example.com", "SendNotificationBcc": Value::Null,
        "SendNotificationCc": Value::Null, "SendNotificationOnJobCompleted": Value::Null,
        "SendNotificationOnJobFailed": true, "SendNotificationOnJobMissed": false,
        "AgentDownloadUrl": format!("https://cleverfoxbackup.com/agents/{id}.msi"),
        "LastAgentDownloadCreated": added, "AddedOn": added, "UpdatedOn": added,
    })
}

fn job(id: i64, place: usize, added: &str) -> Value {
    let frequency = FREQUENCIES[place % FREQUENCIES.len()];
    let monthly = frequency.starts_with("Month");
    let once = frequency == "One Time";
    json!({
        "JobId": id, "DeviceId": id, "Name": format!("Job {id}"), "IsInactive": Value::Null,
        "LastRanOn": Value::Null, "Frequency": frequency, "NextRunOn": "2015-01-02T02:30:00.000",
        "LateAfter": 60, "Every": 1, "OnMonday": frequency == "Weekly", "OnTuesday": Value::Null,
        "OnWednesday": Value::Null, "OnThursday": Value::Null, "OnFriday": Value::Null,
        "OnSaturday": Value::Null, "OnSunday": Value::Null,
        "DayOfMonth": if monthly { json!(15) } else { Value::Null },
        "ExpireOn": if once { json!("2015-06-01T00:00:00.000") } else { Value::Null },
        "CloudKeepLast": 7, "LocalKeepLast": 3, "AddedOn": added, "UpdatedOn": added,
    })
}

fn files_item(id: i64, job: i64, added: &str) -> Value {
    job_item(
        id,
        job,
        added,
        json!({
            "Name": "Documents", "BackupTypeId": 2, "BaseFolder": "C:\\Data",
            "IncludeSubFolders": true, "SearchPatterns": "*.doc\r\n*.xls",
        }),
    )
}

fn database_item(id: i64, job: i64, added: &str) -> Value {
    job_item(
        id,
        job,
        added,
        json!({
            "Name": "Ledger", "BackupTypeId": 3, "ServerName": "SQL01", "DatabaseName": "Ledger",
            "Port": 1433, "AuthenticationMode": "S", "OptionCompress": true,
        }),
    )
}

fn job_item(id: i64, job: i64, added: &str, own: Value) -> Value {
    let mut item = json!({
        "JobItemId": id, "JobId": job, "Name": Value::Null, "BackupTypeId": Value::Null,
        "BaseFolder": Value::Null, "IncludeSubFolders": Value::Null,
        "SearchPatterns": Value::Null, "ExcludeFolders": Value::Null,
        "ExcludePatterns": Value::Null, "NoCompressExtensions": Value::Null,
        "ServerName": Value::Null, "DatabaseName": Value::Null, "Port": Value::Null,
        "AuthenticationMode": Value::Null, "OptionCompress": Value::Null,
        "OptionCopyOnly": Value::Null, "OptionLogOnly": Value::Null,
        "AddedOn": added, "UpdatedOn": added,
    });
    for (name, value) in object(own) {
        item[name] = value;
    }
    item
}

/// What the server adds to a new record.
pub(super) fn server_side(resource: &Resource, id: i64, now: &str) -> Object {
    let mut record =
        object(json!({ (resource.key): id, "AddedOn": now, "UpdatedOn": Value::Null }));
    let own = match resource.path {
        "devices" => json!({
            "ApiKey": format!("device-key-{id:04}"), "LastApiCheckAt": Value::Null,
            "AgentDownloadUrl": format!("https://cleverfoxbackup.com/agents/{id}.msi"),
            "LastAgentDownloadCreated": now, "UpdatedOn": now,
        }),
        "jobs" => json!({ "LastRanOn": Value::Null, "UpdatedOn": now }),
        "jobitems" => json!({ "UpdatedOn": now }),
        "companyusers" => json!({ "IsAccountOwner": Value::Null }),
        "subscriptions" => json!({
            "IsInactive": Value::Null, "BillingId": 5000 + id, "Status": "Active",
            "PeriodStart": now, "PeriodEnd": now, "AdditionalDevice": 0,
            "DownloadLimitExpireOn": now,
        }),
        _ => json!({}),
    };
    record.extend(object(own));
    record
}

/// An event about one record; the ids of all other kinds are null.
pub(super) fn event(id: i64, kind: (i64, &str), about: (&str, i64), now: &str) -> Object {
    let mut event = object(json!({
        "EventId": id, "EventTypeId": kind.0, "EventType": kind.1, "AddedOn": now,
    }));
    for name in [
        "BackupTypeId",
        "CompanyId",
        "CompanyUserId",
        "DeviceId",
        "JobId",
        "JobItemId",
        "LogId",
        "LogItemId",
        "PartnerId",
        "PartnerPlanId",
        "PartnerUserId",
        "PlanId",
        "PlanTypeId",
        "SubscriptionId",
    ] {
        let value = if name == about.0 {
            about.1.into()
        } else {
            Value::Null
        };
        event.insert(name.to_owned(), value);
    }
    event
}

pub(super) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => unreachable!("{other} was written as an object"),
    }
}
