//! The seeds of tasks, and one or two of everything that is less, with the fewest members.
//!
//! It is the same each time, as all seeds are, and refers to what was made before it.

use serde_json::{Value, json};

use super::super::schema::TYPES_OF_FIELD;
use super::super::store::Store;
use super::{FIRST, HOUR, add};
use crate::calendar::without_colon;

const STATUSES: [&str; 4] = ["open", "in-progress", "closed", "archived"];

pub(super) fn work(store: &mut Store) {
    for (id, name) in [(21, "Reviews"), (22, "Payments")] {
        let list = json!({ "name": name, "order": id - 20, "workspace": { "id": 10_001 } });
        add(store, "task_lists", &[], id, list);
    }
    for (place, number) in (0..store.config.tasks).zip(1_u64..) {
        let user = json!({ "id": 1 + number % 3 });
        add(
            store,
            "tasks",
            &[],
            900 + number,
            json!({
                "task": format!("Task {number}"), "workspace": { "id": 10_001 },
                "taskList": { "id": 21 + number % 2 }, "order": number,
                "due": if place % 3 == 0 { Value::Null } else { "2016-12-24".into() },
                "assignedToUser": if place % 4 == 0 { Value::Null } else { user },
                "priority": number % 3 + 1, "status": STATUSES[place % STATUSES.len()],
            }),
        );
    }
    for (id, name) in (1..).zip(["Low", "Normal", "High"]) {
        add(store, "task_priorities", &[], id, json!({ "name": name }));
    }
    for (id, name) in (1..).zip(STATUSES) {
        add(store, "task_statuses", &[], id, json!({ "name": name }));
    }
    add(
        store,
        "data_views",
        &[],
        31,
        json!({
            "name": "All", "form": { "id": 51 }, "order": 1, "isDefault": true,
            "fields": ["field121", "field122"], "filter": {
                "and": [{ "prefix": "", "attribute": "field123", "value": "new" }],
            },
            "sortByFields": ["field121"], "groupByFields": Value::Null,
            "columnWidths": { "field121": 200 },
        }),
    );
}

/// What is said about a record.
pub(super) fn of_records(store: &mut Store) {
    add(
        store,
        "activities",
        &[],
        1,
        json!({
            "resource": "records", "resourceId": 4001, "action": "create",
            "changes": { "from": {}, "to": { "name": "Application 1" } },
            "record": { "id": 4001 }, "createdByClient": { "id": 1 },
        }),
    );
    add(
        store,
        "notes",
        &[],
        1,
        json!({
            "body": "Looks good", "workspace": { "id": 10_001 }, "record": { "id": 4001 },
        }),
    );
    add(
        store,
        "notes/{}/replies",
        &["1"],
        1,
        json!({ "body": "Thanks" }),
    );
    add(
        store,
        "events",
        &[],
        1,
        json!({
            "event": "Deadline", "workspace": { "id": 10_001 }, "start": without_colon(FIRST),
            "end": without_colon(FIRST + HOUR),
        }),
    );
    add(
        store,
        "notifications",
        &[],
        1,
        json!({ "isRead": false, "workspace": { "id": 10_001 } }),
    );
}

/// Plugins, and a job that was done before.
pub(super) fn of_plugins(store: &mut Store) {
    add(
        store,
        "plugins",
        &[],
        81,
        json!({
            "name": "Matcher", "namespace": "matcher", "description": Value::Null,
        }),
    );
    add(
        store,
        "plugins/{}/services",
        &["81"],
        1,
        json!({ "name": "Match", "route": "match" }),
    );
    add(
        store,
        "workspace_plugin_links",
        &[],
        1,
        json!({
            "plugin": { "id": 81 }, "workspace": { "id": 10_001 },
        }),
    );
    add(
        store,
        "binary_export_jobs/{}/batches",
        &["1"],
        1,
        json!({ "name": "batch-1.zip" }),
    );
    add(
        store,
        "binary_export_jobs",
        &[],
        1,
        json!({
            "workspace": { "id": 10_001 }, "form": { "id": 51 }, "status": "completed", "progress": 100,
        }),
    );
}

/// What has nothing but a name.
pub(super) fn lists(store: &mut Store) {
    let in_workspace = json!({ "name": "First", "workspace": { "id": 10_001 } });
    for path in [
        "app_templates",
        "files",
        "form_groups",
        "calculation_settings",
        "subscriptions",
        "record_import_files",
    ] {
        add(store, path, &[], 1, in_workspace.clone());
    }
    add(
        store,
        "authorizations",
        &[],
        1,
        json!({ "client": { "id": 1, "appName": "Web" } }),
    );
    for (id, name, code) in [(1, "Germany", "DE"), (2, "United States", "US")] {
        add(
            store,
            "countries",
            &[],
            id,
            json!({ "name": name, "code": code }),
        );
    }
    for (id, name, code) in [(1, "New York", "NY"), (2, "Texas", "TX")] {
        add(
            store,
            "states",
            &[],
            id,
            json!({ "name": name, "code": code }),
        );
    }
    for (id, name) in (1..).zip(TYPES_OF_FIELD) {
        add(
            store,
            "form_field_taxonomy",
            &[],
            id,
            json!({ "name": name }),
        );
    }
}
