//! What a Zengine stand-in begins with, the same each time: two workspaces, of which the first has
//! all there is.

use serde_json::{Value, json};

use super::schema::{INVITEES, MEMBERS, RECORDS};
use super::special::nobody;
use super::store::Store;
use crate::calendar::{day, without_colon};

mod rest;

/// 2016-11-10T18:33:41+0000, the reference's example of a date, where the seeds begin.
const FIRST: i64 = 1_478_802_821_000;
const HOUR: i64 = 3_600_000;
const WORKSPACE: &str = "10001";
const CHOICES: [&str; 3] = ["new", "approved", "declined"];

/// Adds an object with its id and dates, some hours after the first.
fn add(store: &mut Store, path: &'static str, ids: &[&str], id: u64, members: Value) {
    let created = without_colon(FIRST + i64::try_from(id % 1000).expect("below a thousand") * HOUR);
    let mut object = json!({
        "id": id, "created": created, "modified": created, "createdByUser": { "id": 1 },
    });
    if let (Value::Object(object), Value::Object(members)) = (&mut object, members) {
        object.extend(members);
    }
    store.put(path, ids, object);
}

pub(super) fn fill(store: &mut Store) {
    people(store);
    forms(store);
    records(store);
    rest::work(store);
    rest::of_records(store);
    rest::of_plugins(store);
    rest::lists(store);
}

fn people(store: &mut Store) {
    for (id, name) in [(1, "ada"), (2, "bob"), (3, "cleo")] {
        let user = user(id, name);
        add(store, "users", &[], id, user);
    }
    for (id, name) in [(10_001, "Grants"), (10_002, "Empty")] {
        add(
            store,
            "workspaces",
            &[],
            id,
            json!({
                "name": name, "description": Value::Null, "isAdmin": true, "isOwner": id == 10_001,
                "isCustomRole": false, "memberId": 501, "logoPath": "",
                "settings": { "logoUrl": Value::Null },
                "metadata": { "lastActivity": without_colon(FIRST) },
            }),
        );
    }
    for (id, name) in [(1, "Owner"), (2, "Admin"), (3, "Member")] {
        add(
            store,
            "workspaces/{}/roles",
            &[WORKSPACE],
            id,
            json!({ "name": name }),
        );
    }
    for (id, user, name) in [(501, 1, "ada"), (502, 2, "bob")] {
        add(
            store,
            MEMBERS,
            &[WORKSPACE],
            id,
            json!({
                "role": { "id": user },
                "user": {
                    "id": user, "username": name, "email": format!("{name}@example.com"),
                    "displayName": name,
                },
            }),
        );
    }
    add(
        store,
        INVITEES,
        &[WORKSPACE],
        601,
        json!({
            "workspace": { "id": 10_001 }, "email": "dora@example.com", "role": { "id": 3 },
            "claimedByUser": nobody(), "notify": Value::Null, "~inviteCode": "invite-0",
        }),
    );
}

fn user(id: u64, name: &str) -> Value {
    json!({
        "resource": Value::Null, "resourceId": Value::Null, "role": Value::Null,
        "username": name, "email": format!("{name}@example.com"), "displayName": name,
        "profile": {
            "firstName": name, "lastName": Value::Null, "city": Value::Null,
            "phone": { "work": Value::Null, "mobile": Value::Null, "home": Value::Null },
        },
        "settings": {
            "avatarUrl": "", "timezone": "America/New_York", "dateFormat": "MM/DD/YYYY",
            "threading": true, "isTourOff": false, "isNewRecordNoticeDisabled": false,
        },
        "metadata": {
            "lastLogin": without_colon(FIRST), "isTourViewed": id == 1,
            "recentlyVisitedWorkspaceIds": WORKSPACE,
        },
    })
}

/// The second form says the id of its workspace as a text.
fn forms(store: &mut Store) {
    for (id, name, singular) in [
        (51, "Applications", "Application"),
        (52, "Schools", "School"),
    ] {
        let workspace = if id == 51 {
            json!(10_001)
        } else {
            json!(WORKSPACE)
        };
        let linked =
            json!([{ "form": { "id": 52 }, "keyField": { "id": 126 }, "type": "belongsTo" }]);
        add(
            store,
            "forms",
            &[],
            id,
            json!({
                "name": name, "singularName": singular, "slug": name.to_lowercase(),
                "previewSlug": format!("preview-{id}"), "purpose": Value::Null, "order": id,
                "isPublic": false, "canCreateRecords": true, "start": without_colon(FIRST),
                "end": without_colon(FIRST + 9000 * HOUR), "objectVersion": "1",
                "workspace": { "id": workspace },
                "permissions": { "create": true, "read": true, "update": true, "delete": true },
                "linkedForms": if id == 51 { linked } else { json!([]) },
                "settings": {
                    "captcha": false, "confirmation": {}, "fieldIdMaps": {}, "layout": {},
                    "newRecordFolderId": 71, "pendingRecordFolderId": Value::Null,
                    "returnUrl": Value::Null, "style": {}, "terminology": {},
                },
            }),
        );
    }
    fields(store);
    parts(store);
}

fn fields(store: &mut Store) {
    for (place, (id, kind, label, rule)) in [
        (121, "text-input", "Title", Some("required")),
        (122, "numeric", "Amount", Some("numeric")),
        (123, "dropdown", "State", None),
        (124, "checkbox", "Agreed", None),
        (125, "date-picker", "Starts", None),
        (126, "linked", "School", None),
        (127, "member", "Reviewer", None),
        (128, "year", "Year", None),
        (129, "text-input", "Contact", Some("emailAddress")),
        (130, "text-input", "Code", Some("unique")),
    ]
    .into_iter()
    .enumerate()
    {
        add(
            store,
            "forms/{}/fields",
            &["51"],
            id,
            field(kind, label, place, rule),
        );
    }
    let city = field("text-input", "City", 0, None);
    add(store, "forms/{}/fields", &["52"], 141, city);
}

/// The folders of the first form, and the records of the second.
fn parts(store: &mut Store) {
    for (id, name) in [(71, "Inbox"), (72, "Done")] {
        add(
            store,
            "forms/{}/folders",
            &["51"],
            id,
            json!({ "name": name, "order": id - 70 }),
        );
    }
    for (place, id) in (0..4).zip(3001..) {
        let city = ["Rome", "Oslo", "Lima", "Bonn"][place];
        add(
            store,
            RECORDS,
            &["52"],
            id,
            record(
                52,
                json!({
                    "name": format!("School {id}"), "folder": Value::Null, "field141": city,
                }),
            ),
        );
    }
}

fn field(kind: &str, label: &str, order: usize, rule: Option<&str>) -> Value {
    let rules = [
        "alpha",
        "alphaNumeric",
        "currencyDollar",
        "emailAddress",
        "numeric",
        "required",
        "unique",
        "zipCode",
    ];
    let validation = rules
        .iter()
        .map(|name| ((*name).to_owned(), (Some(*name) == rule).into()));
    let validation: serde_json::Map<String, Value> = validation.collect();
    json!({
        "type": kind, "label": label, "name": Value::Null, "description": Value::Null,
        "order": order, "control": false, "locked": false, "purpose": Value::Null,
        "rules": Value::Null,
        "settings": { "properties": { "choices": Value::Null }, "validation": validation },
    })
}

fn record(form: u64, own: Value) -> Value {
    let mut record = json!({
        "form": { "id": form }, "workspace": { "id": 10_001 }, "objectVersion": "1",
        "isComplete": true, "isValid": true, "canUpdate": true, "canDelete": true,
        "createdByClient": { "id": 1, "appName": "Web" }, "metadata": { "ipAddress": Value::Null },
    });
    if let (Value::Object(record), Value::Object(own)) = (&mut record, own) {
        record.extend(own);
    }
    record
}

fn records(store: &mut Store) {
    let nobody = json!({ "id": Value::Null, "name": Value::Null });
    let reviewers = [json!({ "id": 1, "name": "ada" }), nobody];
    for (place, number) in (0..store.config.records).zip(1_u64..) {
        let id = 4000 + number;
        let school =
            json!({ "id": 3001 + number % 4, "name": format!("School {}", 3001 + number % 4) });
        let offset = i64::try_from(number).expect("far fewer records than that");
        let folder = if place % 5 == 0 { 72 } else { 71 };
        add(
            store,
            RECORDS,
            &["51"],
            id,
            record(
                51,
                json!({
                    "name": format!("Application {number}"),
                    "folder": { "id": folder },
                    "field121": format!("Title {number}"),
                    "field122": format!("{}.{:02}000000", 2_100_215_000 + number, number % 100),
                    "field123": if place % 7 == 6 { Value::Null } else { CHOICES[place % 3].into() },
                    "field124": place % 2 == 0,
                    "field125": day(17_000 + offset),
                    "field126": if place % 6 == 5 { Value::Null } else { school },
                    "field127": reviewers[usize::from(place % 4 == 3)],
                    "field128": 2016 + number % 3,
                    "field129": format!("a{number}@example.com"),
                    "field130": format!("C-{number:04}"),
                }),
            ),
        );
    }
}
