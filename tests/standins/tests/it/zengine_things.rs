//! The Zengine stand-in: secrets that are shown once, webhooks, jobs, files, and the whole table.

use std::time::Duration;

use etiquette_standins::zengine::{Config, Delivery, deliveries, delivery};
use serde_json::{Value, json};

use crate::client::send;
use crate::zengine::{begin, get, write, zengine};

#[tokio::test]
async fn secrets_are_shown_once() {
    let zengine = zengine().await;
    let client = write(
        &zengine,
        "POST",
        "/users/me/clients",
        r#"{"appName":"Mine"}"#,
    )
    .await
    .json();
    let key = client["data"]["apiKey"].as_str().unwrap().to_owned();
    let again = get(
        &zengine,
        &format!("/users/1/clients/{}", client["data"]["id"]),
    )
    .await;
    assert_eq!((again.status, again.body.contains(&key)), (200, false));
    let path = format!("/app_templates?client_id={key}");
    assert_eq!(
        send(&zengine, "GET", &path, &[], "").await.unwrap().status,
        200
    );

    let body = r#"{"email":"eve@example.com","role.id":3,"notify":false}"#;
    let invited = write(&zengine, "POST", "/workspaces/10001/invitees", body)
        .await
        .json();
    assert!(invited["developerMessage"].is_string());
    assert_eq!(invited["data"]["claimedByUser"]["id"], Value::Null);
    let code = invited["data"]["inviteCode"].clone();
    let shown = get(&zengine, "/workspaces/10001/invitees").await;
    assert!(!shown.body.contains(code.as_str().unwrap()));
    let join = json!({ "inviteCode": code }).to_string();
    let joined = write(&zengine, "POST", "/workspaces/10001/members", &join)
        .await
        .json();
    assert_eq!(
        joined,
        json!({ "status": 200, "code": 2000 }),
        "without any data"
    );
    assert_eq!(
        write(&zengine, "POST", "/workspaces/10001/members", &join)
            .await
            .status,
        403
    );
    assert_eq!(
        get(&zengine, "/workspaces/10001/members/count")
            .await
            .json()["totalCount"],
        3
    );
}

#[tokio::test]
async fn webhooks_deliver_changes_of_records_under_their_key() {
    let zengine = zengine().await;
    let body = json!({
        "url": "https://example.com/hook", "workspace.id": 10_001, "form.id": 51,
        "resource": "records",
        "filter": { "and": [{ "prefix": "", "attribute": "field123", "value": "new" }] },
    });
    let hook = write(&zengine, "POST", "/webhooks", &body.to_string())
        .await
        .json()["data"]
        .clone();
    let key = hook["secretKey"].as_str().unwrap();
    assert_eq!(
        (&hook["isActive"], &hook["includeRelated"]),
        (&json!(true), &json!(false))
    );
    assert!(!get(&zengine, "/webhooks").await.body.contains(key));
    write(
        &zengine,
        "PUT",
        "/forms/51/records/4001",
        r#"{"field124":false}"#,
    )
    .await;
    write(
        &zengine,
        "PUT",
        "/forms/51/records/4002",
        r#"{"field124":false}"#,
    )
    .await;
    write(&zengine, "DELETE", "/forms/51/records/4001", "").await;
    let sent = deliveries(&zengine);
    assert_eq!(sent.len(), 2, "the second record is not new");
    let header = ("x-zengine-webhook-key".to_owned(), key.to_owned());
    assert!(sent.iter().all(|one| one.headers.contains(&header)));
    let body: Value = serde_json::from_str(&sent[1].body).unwrap();
    let data = &body["data"][0];
    assert_eq!(
        (&data["action"], &data["record"]["id"]),
        (&json!("delete"), &json!(4001))
    );
    assert_eq!(
        (&data["created"], &data["record"]["folder"]["id"]),
        (&json!("2016-12-01 12:00:00"), &json!(72))
    );
    let log = get(&zengine, "/webhook_events").await.json();
    assert_eq!(log["data"][1]["id"], body["webhookEvent"]["id"]);
    let made: Delivery = delivery("https://example.com", "whsec", 3, 4, &[json!({ "id": 1 })]);
    assert_eq!(made.headers[1].1, "whsec");
    assert!(made.body.contains(r#""webhook":{"id":3}"#));
    let body =
        r#"{"url":"u","workspace.id":10001,"frequency":"daily","start":"2016-12-01T08:00:00"}"#;
    let scheduled = write(&zengine, "POST", "/scheduled_webhooks", body)
        .await
        .json();
    assert_eq!(
        scheduled["data"]["nextScheduled"],
        "2016-12-02T08:00:00+0000"
    );
}

#[tokio::test]
async fn a_job_goes_on_while_time_does() {
    let (zengine, clock) = begin(Config::default()).await;
    let make = async |attributes: &str| {
        let body = format!(r#"{{"form.id":51,"attributes":"{attributes}"}}"#);
        write(&zengine, "POST", "/record_export_jobs", &body)
            .await
            .json()["data"]
            .clone()
    };
    let (good, bad) = (make("name,field121").await, make("field7").await);
    assert_eq!(
        (&good["status"], &good["progress"]),
        (&json!("queued"), &json!(0))
    );
    let ask = async |job: &Value| {
        let path = format!("/record_export_jobs/{}", job["id"]);
        get(&zengine, &path).await.json()["data"].clone()
    };
    clock.advance(Duration::from_secs(15));
    let half = ask(&good).await;
    assert_eq!(
        (&half["status"], &half["progress"], &half["file"]),
        (&json!("in-progress"), &json!(50), &Value::Null)
    );
    clock.advance(Duration::from_secs(15));
    let done = ask(&good).await;
    assert_eq!(
        (&done["status"], &done["file"]["name"]),
        (&json!("completed"), &json!("export-1.csv"))
    );
    let failed = ask(&bad).await;
    assert_eq!(
        (&failed["status"], &failed["errorMessage"]),
        (&json!("failed"), &json!("Attribute field7 does not exist"))
    );
    assert_eq!(
        write(&zengine, "PUT", "/record_export_jobs/1", "{}")
            .await
            .status,
        405
    );
}

#[tokio::test]
async fn files_come_in_parts() {
    let zengine = zengine().await;
    let key = format!("Bearer {}", zengine.key());
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "multipart/form-data; boundary=\"b 1\""),
    ];
    let body = "--b 1\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n\
                --b 1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".txt\"\r\n\
                Content-Type: text/csv\r\n\r\none\r\n--b\r\ntwo\r\n--b 1--\r\n";
    let sent = send(&zengine, "POST", "/forms/51/uploads", &headers, body)
        .await
        .unwrap()
        .json();
    let file = &sent["data"];
    assert_eq!(
        (&file["name"], &file["type"], &file["size"]),
        (&json!("a \"b\".txt"), &json!("text/csv"), &json!(13))
    );
    assert_eq!(
        (&file["fields"]["note"], &file["part"], &file["for"]),
        (&json!("hi"), &json!("file"), &json!("forms/51/uploads"))
    );
    assert_eq!(
        get(&zengine, &format!("/files/{}", file["id"]))
            .await
            .json()["data"]["sum"],
        file["sum"]
    );
    let logo = body.replace("a \\\"b\\\".txt", "logo.png");
    send(&zengine, "POST", "/workspaces/10001/logo", &headers, &logo)
        .await
        .unwrap();
    assert_eq!(
        get(&zengine, "/workspaces/10001").await.json()["data"]["logoPath"],
        "/logos/logo.png"
    );
    let cut = body.strip_suffix("--\r\n").unwrap();
    assert_eq!(
        send(&zengine, "POST", "/forms/51/uploads", &headers, cut)
            .await
            .unwrap()
            .status,
        400
    );
    assert_eq!(
        send(&zengine, "POST", "/forms/7/uploads", &headers, body)
            .await
            .unwrap()
            .status,
        404
    );
    assert_eq!(
        write(&zengine, "POST", "/forms/51/uploads", "{}")
            .await
            .status,
        415
    );
}

const TABLE: [&str; 46] = [
    "activities",
    "app_templates",
    "app_template_install_jobs",
    "binary_export_jobs",
    "binary_export_jobs/1/batches",
    "calculation_settings",
    "data_views",
    "events",
    "files",
    "forms",
    "forms/51/fields",
    "form_field_taxonomy",
    "forms/51/folders",
    "form_groups",
    "forms/51/records",
    "notes",
    "notes/1/replies",
    "notifications",
    "notification_emails",
    "plugins",
    "plugins/81/services",
    "workspace_plugin_links",
    "record_import_files",
    "record_import_jobs",
    "record_export_jobs",
    "scheduled_webhooks",
    "tasks",
    "task_lists",
    "task_priorities",
    "task_statuses",
    "users",
    "users/1/task_preferences",
    "users/1/clients",
    "webhook_events",
    "webhooks",
    "workspaces",
    "workspace_copy_jobs",
    "workspaces/10001/invitees",
    "workspaces/10001/members",
    "workspaces/10001/roles",
    "workspaces/10001/transfer_requests",
    "workspaces/10001/members/501/task_preferences",
    "countries",
    "states",
    "subscriptions",
    "authorizations",
];

/// Every path of the table answers, with a count beside each collection.
#[tokio::test]
async fn all_of_the_table_is_there() {
    let config = Config {
        records: 3,
        ..Config::default()
    };
    let (zengine, clock) = begin(config).await;
    for path in TABLE {
        let list = get(&zengine, &format!("/{path}?limit=100")).await;
        assert_eq!(list.status, 200, "{path}: {}", list.body);
        let list = list.json();
        let count = get(&zengine, &format!("/{path}/count")).await.json();
        assert_eq!(count["totalCount"], list["totalCount"], "{path}");
        if let Some(first) = list["data"].get(0) {
            let one = get(&zengine, &format!("/{path}/{}", first["id"]))
                .await
                .json();
            assert_eq!(one["data"], *first, "{path}");
        }
        clock.advance(Duration::from_secs(300));
    }
    assert_eq!(
        get(&zengine, "/forms/51/records/permissions").await.json()["data"]["read"],
        true
    );
    assert_eq!(
        get(&zengine, "/forms/permissions").await.json()["data"]["create"],
        true
    );
    let sum = "/calculate?form.id=51&operation=sum&attribute=field128&max-id=4002";
    assert_eq!(
        get(&zengine, sum).await.json()["data"]["result"],
        json!(2017.0 + 2018.0)
    );
}
