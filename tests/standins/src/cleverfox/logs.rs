//! Logs and log items: a hundred thousand of them, each calculated from its number alone.
//!
//! Log n is of device `n mod devices`; it has items 2n-1 and 2n. An hour lies between two logs.

use serde_json::{Value, json};

use super::fields::Object;
use super::seed::{FIRST_ADDED, object, offset_of};
use super::store::{MINUTE, Store, id_of};
use crate::calendar::naive;

/// The items of one log.
pub(super) const ITEMS: u64 = 2;
const HOUR: i64 = 60 * MINUTE;
const STATUSES: [&str; 5] = ["Completed", "Completed", "Failed", "Completed", "Missed"];

/// The log with this number, with what it embeds and its items.
pub(super) fn log(store: &Store, number: u64) -> Value {
    let mut log = bare(store, number);
    for (member, collection, key) in [
        ("Company", "companies", "CompanyId"),
        ("Device", "devices", "DeviceId"),
        ("Subscription", "subscriptions", "SubscriptionId"),
        ("Plan", "plans", "PlanId"),
        ("Job", "jobs", "JobId"),
    ] {
        let id = id_of(&log, key);
        let embedded = store.embed(collection, key, id).unwrap_or(Value::Null);
        log.insert(member.to_owned(), embedded);
    }
    let items = [number * ITEMS - 1, number * ITEMS];
    let items: Vec<Value> = items
        .iter()
        .map(|&item| item_of(store, item).into())
        .collect();
    log.insert("LogItems".to_owned(), items.into());
    log.into()
}

fn bare(store: &Store, number: u64) -> Object {
    let id = i64::try_from(number).expect("far fewer logs than that");
    let devices = store.count("devices").max(1);
    let place = usize::try_from(number).unwrap_or(0) % devices;
    let nothing = Object::new();
    let device = store.all_of("devices").nth(place).unwrap_or(&nothing);
    let zone = device
        .get("TimeZoneId")
        .and_then(Value::as_str)
        .unwrap_or("UTC");
    let job = id_of(device, "DeviceId");
    let subscription = id_of(device, "SubscriptionId");
    let added = FIRST_ADDED + id * HOUR;
    let local = added + offset_of(zone);
    let status = STATUSES[usize::try_from(number).unwrap_or(0) % STATUSES.len()];
    let done = status == "Completed";
    let failed = status == "Failed";
    let sent = |told: bool| {
        if told {
            naive(added + MINUTE).into()
        } else {
            Value::Null
        }
    };
    object(json!({
        "LogId": id,
        "CompanyId": id_of(device, "CompanyId"),
        "DeviceId": id_of(device, "DeviceId"),
        "TimeZoneId": zone,
        "SubscriptionId": subscription,
        "PlanId": 1 + subscription % 2,
        "JobId": job,
        "Name": format!("Job {job}"),
        "ArchiveFolder": "D:\\Archive",
        "UploadFolder": format!("upload/{job}"),
        "Frequency": "Hourly",
        "NextRunOn": naive(local + HOUR),
        "LateAfter": 60,
        "ExpireOn": Value::Null,
        "LocalKeepLast": 3,
        "JobStartedOn": naive(local),
        "JobCompletedOn": if done { naive(local + 4 * MINUTE).into() } else { Value::Null },
        "JobStatus": status,
        "ErrorMessages": if failed { json!("Disk full\r\nRetry later") } else { Value::Null },
        "SendNotificationTo": "a@example.com:b@example.com",
        "SendNotificationBcc": Value::Null,
        "SendNotificationCc": Value::Null,
        "SendNotificationOnJobCompleted": Value::Null,
        "SendNotificationOnJobFailed": true,
        "SendNotificationOnJobMissed": Value::Null,
        "NotificationJobCompletedProcessedOn": Value::Null,
        "NotificationJobFailedProcessedOn": sent(failed),
        "NotificationJobMissedProcessedOn": Value::Null,
        "AddedOn": naive(added),
        "UpdatedOn": naive(added + 5 * MINUTE),
    }))
}

/// The log item with this number, without the address of its files.
pub(super) fn item_of(store: &Store, number: u64) -> Object {
    let id = i64::try_from(number).expect("far fewer log items than that");
    let log = number.div_ceil(ITEMS);
    let added = FIRST_ADDED + i64::try_from(log).unwrap_or(0) * HOUR;
    let database = number.is_multiple_of(2);
    let only = |wanted: bool, text: &str| if wanted { json!(text) } else { Value::Null };
    let devices = u64::try_from(store.count("devices").max(1)).unwrap_or(1);
    object(json!({
        "LogItemId": id,
        "LogId": log,
        "JobItemId": log % devices * 2 + number % 2 + 1,
        "Name": if database { "Ledger" } else { "Documents" },
        "EngineId": if database { 3 } else { 2 },
        "BaseFolder": only(!database, "C:\\Data"),
        "IncludeSubFolders": if database { Value::Null } else { true.into() },
        "SearchPatterns": only(!database, "*.doc\r\n*.xls"),
        "ExcludeFolders": Value::Null,
        "ExcludePatterns": Value::Null,
        "NoCompressExtensions": Value::Null,
        "ServerName": only(database, "SQL01"),
        "DatabaseName": only(database, "Ledger"),
        "Port": if database { 1433.into() } else { Value::Null },
        "AuthenticationMode": only(database, "S"),
        "ServerVersion": only(database, "11.0.2100"),
        "ServerEdition": only(database, "Standard"),
        "OptionCompress": if database { true.into() } else { Value::Null },
        "OptionCopyOnly": Value::Null,
        "OptionLogOnly": Value::Null,
        "BackupFolder": format!("backup/{log}"),
        "BackupFileName": format!("{id}.zip"),
        "BackupFileSize": file_size(store, number),
        "BackupListName": format!("{id}.txt"),
        "BackupListSize": list(number).len(),
        "BackupListCount": number % 7 + 1,
        "AddedOn": naive(added),
        "UpdatedOn": naive(added + 5 * MINUTE),
    }))
}

/// The bytes of a log item's backup file.
pub(super) fn file_size(store: &Store, number: u64) -> usize {
    store.config.file_size + usize::try_from(number % 1000).expect("below a thousand")
}

/// The files that a log item's backup has, one a line.
pub(super) fn list(number: u64) -> String {
    let files = (0..=number % 7).map(|file| format!("C:\\Data\\{number}-{file}.doc\r\n"));
    files.collect()
}
