//! Every list of Zengine that the stand-in has, read by its type: nested paths, and as many of each as the server holds.

use etiquette_apis::zengine::{Client, NewNoteEntry, NewReply, TaskPatch, TaskStatus};
use futures::TryStreamExt;
use serde_json::{Value, json};

use crate::flow::world::live_zengine;

/// Walks each list and gives how many items each had.
macro_rules! walked {
    ($($path:literal: $list:expr),* $(,)?) => {
        vec![$(
            match $list.items().try_collect::<Vec<_>>().await {
                Ok(items) => ($path, items.len()),
                Err(error) => panic!("{}: {error:?}", $path),
            }
        ),*]
    };
}

async fn of_forms(api: &Client) -> Vec<(&'static str, usize)> {
    let forms = api.forms();
    walked![
        "forms": forms.list(),
        "forms/51/fields": forms.fields(51).list(),
        "forms/51/folders": forms.folders(51).list(),
        "forms/51/records": forms.records(51).list(),
        "forms/52/records": forms.records(52).list(),
        "form_groups": api.form_groups().list(),
        "form_field_taxonomy": api.form_field_taxonomy().list(),
        "data_views": api.data_views().list(),
        "calculation_settings": api.calculation_settings().list(),
        "files": api.files().list(),
    ]
}

async fn of_jobs(api: &Client) -> Vec<(&'static str, usize)> {
    walked![
        "record_export_jobs": api.record_export_jobs().list(),
        "record_import_files": api.record_import_files().list(),
        "record_import_jobs": api.record_import_jobs().list(),
        "binary_export_jobs": api.binary_export_jobs().list(),
        "binary_export_jobs/1/batches": api.binary_export_jobs().batches(1).list(),
        "workspace_copy_jobs": api.workspace_copy_jobs().list(),
        "app_templates": api.app_templates().list(),
        "app_template_install_jobs": api.app_template_install_jobs().list(),
        "plugins": api.plugins().list(),
        "plugins/81/services": api.plugins().services(81).list(),
        "workspace_plugin_links": api.workspace_plugin_links().list(),
        "webhooks": api.webhooks().list(),
        "webhook_events": api.webhook_events().list(),
        "scheduled_webhooks": api.scheduled_webhooks().list(),
    ]
}

async fn of_people(api: &Client) -> Vec<(&'static str, usize)> {
    let workspaces = api.workspaces();
    walked![
        "users": api.users().list(),
        "users/1/task_preferences": api.users().task_preferences(1).list(),
        "users/1/clients": api.users().clients(1).list(),
        "subscriptions": api.subscriptions().list(),
        "authorizations": api.authorizations().list(),
        "workspaces": workspaces.list(),
        "workspaces/10001/members": workspaces.members(10_001).list(),
        "workspaces/10001/members/501/task_preferences":
            workspaces.members(10_001).task_preferences(501).list(),
        "workspaces/10001/invitees": workspaces.invitees(10_001).list(),
        "workspaces/10001/roles": workspaces.roles(10_001).list(),
        "workspaces/10001/transfer_requests": workspaces.transfer_requests(10_001).list(),
    ]
}

async fn of_work(api: &Client) -> Vec<(&'static str, usize)> {
    walked![
        "tasks": api.tasks().list(),
        "task_lists": api.task_lists().list(),
        "task_priorities": api.task_priorities().list(),
        "notes": api.notes().list(),
        "notes/1/replies": api.notes().replies(1).list(),
        "events": api.events().list(),
        "activities": api.activities().list(),
        "notifications": api.notifications().list(),
        "notification_emails": api.notification_emails().list(),
    ]
}

#[tokio::test]
async fn every_list_is_read_by_its_type() {
    let live = live_zengine().await;
    let state = live.server.state();
    let mut all = of_forms(&live.api).await;
    all.extend(of_jobs(&live.api).await);
    all.extend(of_people(&live.api).await);
    all.extend(of_work(&live.api).await);
    for (path, count) in &all {
        let held = state[*path].as_array().map_or(0, Vec::len);
        assert_eq!(*count, held, "{path}");
    }
    assert_eq!(all.len(), 44);
    assert!(all.iter().filter(|(_, count)| *count > 0).count() >= 32);
    for (path, _) in &all {
        let path = format!("/v1/{path}");
        assert!(
            live.server.arrivals().iter().any(|one| one.path == path),
            "{path}"
        );
    }
    let fixed = [
        live.api.countries().list().await.unwrap().len(),
        live.api.states().list().await.unwrap().len(),
        live.api.task_statuses().list().await.unwrap().len(),
    ];
    assert_eq!(fixed, [2, 2, 4]);
}

#[tokio::test]
async fn what_is_inside_is_written_inside() {
    let live = live_zengine().await;
    let replies = live.api.notes().replies(1);
    let made = replies.create(&NewReply::new("Welcome")).await.unwrap();
    assert_eq!(made.body, "Welcome");
    replies.delete(made.id).await.unwrap();
    let writes = live.server.writes();
    assert_eq!(writes[0].path, "/v1/notes/1/replies");
    assert_eq!(writes[1].path, format!("/v1/notes/1/replies/{}", made.id));
    assert!(writes.iter().all(|write| write.applied));
    let workspace = etiquette_apis::zengine::Ref::new(10_001);
    let note = NewNoteEntry::new("Seen").workspace(workspace);
    let note = live.api.notes().create(&note).await.unwrap();
    let replies = live.api.notes().replies(note.id);
    assert_eq!(replies.count().await.unwrap(), 0);
}

/// A PUT changes what is given and leaves the rest; null clears.
#[tokio::test]
async fn an_update_is_partial() {
    let live = live_zengine().await;
    let task = |state: &Value| state["tasks"][1].clone();
    let mut expected = task(&live.server.state());
    assert_eq!(expected["due"], "2016-12-24");
    let patch = TaskPatch::default()
        .status(TaskStatus::Archived)
        .due(etiquette_apis::Patch::Null);
    let changed = live.api.tasks().update(902, &patch).await.unwrap();
    assert_eq!(
        (changed.status, changed.due),
        (Some(TaskStatus::Archived), None)
    );
    assert_eq!(changed.task, "Task 2");
    let write = live.server.writes().remove(0);
    assert_eq!(
        (write.method.as_str(), &*write.path),
        ("PUT", "/v1/tasks/902")
    );
    let sent: Value = serde_json::from_slice(&write.body).unwrap();
    assert_eq!(sent, json!({"status": "archived", "due": null}));
    let after = task(&live.server.state());
    expected["status"] = json!("archived");
    expected["due"] = Value::Null;
    expected["modified"] = after["modified"].clone();
    assert_eq!(after, expected);
}
