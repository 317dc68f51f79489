//! What there is, by resource: its fields, what it embeds, and what may be done with it.
//!
//! The names are the reference's with its slips (`StateProvidence`, `Monthy`).

use serde_json::Value;

use super::fields::{
    Complaints, Field, Kind, Object, create_only, flag, hidden, nullable, required,
};

/// One kind of record.
pub(super) struct Resource {
    /// As it stands in the path, and the name of the collection.
    pub(super) path: &'static str,
    pub(super) key: &'static str,
    /// What may be written. None at all for what is read only.
    pub(super) fields: &'static [Field],
    /// What is shown inside it: the member, the collection, and the member with the key.
    pub(super) embeds: &'static [(&'static str, &'static str, &'static str)],
    /// The verbs beside `GET`.
    pub(super) verbs: &'static [&'static str],
    /// What a single field cannot tell.
    pub(super) whole: fn(&Object, &mut Complaints),
    /// The number of the event "… Modified"; those of addition and removal are next to it.
    pub(super) event: i64,
}

const ALL: [&str; 3] = ["POST", "PUT", "DELETE"];
const FREQUENCIES: Kind =
    Kind::OneOf(&["Hourly", "Daily", "Weekly", "Monthy", "Monthly", "One Time"]);
const ADDRESSES: Kind = Kind::Text(1000);
const INTEGER: Kind = Kind::Integer;
const NAME: Field = required("Name", Kind::Text(100));

const COMPANY: [Field; 12] = [
    create_only("PartnerId"),
    create_only("PlanTypeId"),
    NAME,
    nullable("AddressLine1", Kind::Text(50)),
    nullable("AddressLine2", Kind::Text(50)),
    nullable("CityMunicipality", Kind::Text(50)),
    nullable("StateProvidence", Kind::Text(50)),
    nullable("PostalCode", Kind::Text(50)),
    nullable("Country", Kind::Text(50)),
    nullable("Phone", Kind::Text(50)),
    nullable("ExternalId", Kind::Text(100)),
    flag("IsInactive"),
];
const COMPANY_USER: [Field; 8] = [
    create_only("CompanyId"),
    required("FirstName", Kind::Text(25)),
    required("LastName", Kind::Text(25)),
    required("Email", Kind::Text(256)),
    nullable("HomePhone", Kind::Text(20)),
    nullable("MobilePhone", Kind::Text(20)),
    nullable("WorkPhone", Kind::Text(20)),
    flag("IsInactive"),
];
const DEVICE: [Field; 13] = [
    create_only("CompanyId"),
    create_only("SubscriptionId"),
    NAME,
    required("TimeZoneId", Kind::Text(50)),
    nullable("ApplicationId", Kind::Text(25)),
    nullable("ExternalId", Kind::Text(100)),
    flag("IsInactive"),
    nullable("SendNotificationTo", ADDRESSES),
    nullable("SendNotificationBcc", ADDRESSES),
    nullable("SendNotificationCc", ADDRESSES),
    flag("SendNotificationOnJobCompleted"),
    flag("SendNotificationOnJobFailed"),
    flag("SendNotificationOnJobMissed"),
];
const DAYS: [&str; 7] = [
    "OnMonday",
    "OnTuesday",
    "OnWednesday",
    "OnThursday",
    "OnFriday",
    "OnSaturday",
    "OnSunday",
];
const JOB: [Field; 18] = [
    create_only("DeviceId"),
    NAME,
    flag("IsInactive"),
    required("Frequency", FREQUENCIES),
    required("NextRunOn", Kind::Naive),
    required("LateAfter", Kind::Range(0, 1439)),
    required("Every", Kind::Range(1, 999)),
    flag(DAYS[0]),
    flag(DAYS[1]),
    flag(DAYS[2]),
    flag(DAYS[3]),
    flag(DAYS[4]),
    flag(DAYS[5]),
    flag(DAYS[6]),
    nullable("DayOfMonth", Kind::Range(1, 31)),
    nullable("ExpireOn", Kind::Naive),
    required("CloudKeepLast", Kind::Range(0, 999)),
    required("LocalKeepLast", Kind::Range(0, 999)),
];
const JOB_ITEM: [Field; 18] = [
    create_only("JobId"),
    nullable("Name", Kind::Text(100)),
    required("BackupTypeId", INTEGER),
    nullable("BaseFolder", Kind::Text(248)),
    flag("IncludeSubFolders"),
    nullable("SearchPatterns", ADDRESSES),
    nullable("ExcludeFolders", ADDRESSES),
    nullable("ExcludePatterns", ADDRESSES),
    nullable("NoCompressExtensions", ADDRESSES),
    nullable("ServerName", Kind::Text(50)),
    nullable("DatabaseName", Kind::Text(128)),
    nullable("Port", INTEGER),
    nullable("AuthenticationMode", Kind::OneOf(&["W", "S"])),
    hidden("Username", 250),
    hidden("Password", 250),
    flag("OptionCompress"),
    flag("OptionCopyOnly"),
    flag("OptionLogOnly"),
];
const SUBSCRIPTION: [Field; 8] = [
    create_only("CompanyId"),
    create_only("PlanId"),
    nullable("ApplicationId", Kind::Text(25)),
    nullable("ExternalId", Kind::Text(100)),
    nullable("SendNotificationTo", ADDRESSES),
    nullable("SendNotificationBcc", ADDRESSES),
    nullable("SendNotificationCc", ADDRESSES),
    flag("SendNotificationOnStorageLimit"),
];
const PARTNER: [Field; 4] = [
    create_only("PlanTypeId"),
    NAME,
    nullable("ApplicationId", Kind::Text(25)),
    flag("IsInactive"),
];

pub(super) const LOGS: &str = "logs";
pub(super) const LOG_ITEMS: &str = "logitems";

pub(super) static RESOURCES: [Resource; 9] = [
    Resource {
        path: "companies",
        key: "CompanyId",
        fields: &COMPANY,
        embeds: &[
            ("Partner", "partners", "PartnerId"),
            ("PlanType", "plantypes", "PlanTypeId"),
        ],
        verbs: &ALL,
        whole: |_, _| {},
        event: 11,
    },
    Resource {
        path: "companyusers",
        key: "CompanyUserId",
        fields: &COMPANY_USER,
        embeds: &[("Company", "companies", "CompanyId")],
        verbs: &ALL,
        whole: |_, _| {},
        event: 21,
    },
    Resource {
        path: "devices",
        key: "DeviceId",
        fields: &DEVICE,
        embeds: &[
            ("Company", "companies", "CompanyId"),
            ("Subscription", "subscriptions", "SubscriptionId"),
        ],
        verbs: &ALL,
        whole: check_device,
        event: 32,
    },
    Resource {
        path: "jobs",
        key: "JobId",
        fields: &JOB,
        embeds: &[("Device", "devices", "DeviceId")],
        verbs: &ALL,
        whole: check_job,
        event: 41,
    },
    Resource {
        path: "jobitems",
        key: "JobItemId",
        fields: &JOB_ITEM,
        embeds: &[("BackupType", "backuptypes", "BackupTypeId")],
        verbs: &ALL,
        whole: check_job_item,
        event: 51,
    },
    Resource {
        path: "subscriptions",
        key: "SubscriptionId",
        fields: &SUBSCRIPTION,
        embeds: &[
            ("Company", "companies", "CompanyId"),
            ("Plan", "plans", "PlanId"),
        ],
        verbs: &ALL,
        whole: |_, _| {},
        event: 61,
    },
    // An empty heading stands where the reference would tell how to create one.
    Resource {
        path: "partners",
        key: "PartnerId",
        fields: &PARTNER,
        embeds: &[("PlanType", "plantypes", "PlanTypeId")],
        verbs: &["PUT"],
        whole: |_, _| {},
        event: 71,
    },
    Resource {
        path: "plans",
        key: "PlanId",
        fields: &[],
        embeds: &[("PlanType", "plantypes", "PlanTypeId")],
        verbs: &[],
        whole: |_, _| {},
        event: 0,
    },
    Resource {
        path: "events",
        key: "EventId",
        fields: &[],
        embeds: &[],
        verbs: &[],
        whole: |_, _| {},
        event: 0,
    },
];

/// Someone has to be told, if anything is to be told.
fn check_device(device: &Object, complaints: &mut Complaints) {
    let on = |flag: &str| device.get(flag) == Some(&Value::Bool(true));
    let told = ["Completed", "Failed", "Missed"];
    let told = told
        .iter()
        .any(|what| on(&format!("SendNotificationOnJob{what}")));
    if told && is_blank(device, "SendNotificationTo") {
        complaints.add("SendNotificationTo", "Required");
    }
}

fn check_job(job: &Object, complaints: &mut Complaints) {
    let frequency = job
        .get("Frequency")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match frequency {
        "Weekly"
            if DAYS
                .iter()
                .all(|day| job.get(*day) != Some(&Value::Bool(true))) =>
        {
            complaints.add("Frequency", "At least one day of the week is required");
        }
        "Monthy" | "Monthly" => demand(job, "DayOfMonth", complaints),
        "One Time" => demand(job, "ExpireOn", complaints),
        _ => {}
    }
}

/// Which engine a backup type has is told by its number here: 1 files, 2 folders, 3 a database.
fn check_job_item(item: &Object, complaints: &mut Complaints) {
    match item.get("BackupTypeId").and_then(Value::as_i64) {
        Some(1 | 2) => {
            demand(item, "BaseFolder", complaints);
            demand(item, "SearchPatterns", complaints);
        }
        Some(3) => {
            demand(item, "ServerName", complaints);
            demand(item, "DatabaseName", complaints);
        }
        Some(_) => complaints.add("BackupTypeId", "Not found"),
        None => {}
    }
}

fn demand(record: &Object, field: &str, complaints: &mut Complaints) {
    if is_blank(record, field) {
        complaints.add(field, "Required");
    }
}

fn is_blank(record: &Object, field: &str) -> bool {
    match record.get(field) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    }
}

/// The resource at a path, but for the logs, which are not stored.
pub(super) fn named(path: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.path == path)
}
