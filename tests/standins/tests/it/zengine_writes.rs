//! The Zengine stand-in: writes of one and of many, and records.

use serde_json::{Value, json};

use crate::client::send;
use crate::zengine::{get, write, zengine};

#[tokio::test]
async fn a_change_is_partial_and_names_are_nested_or_dotted() {
    let zengine = zengine().await;
    for body in [r#"{"role":{"id":3}}"#, r#"{"role.id":3}"#] {
        let changed = write(&zengine, "PUT", "/workspaces/10001/members/502", body).await;
        assert_eq!(changed.json()["data"]["role"], json!({ "id": 3 }));
        assert_eq!(changed.json()["data"]["user"]["username"], "bob");
        write(
            &zengine,
            "PUT",
            "/workspaces/10001/members/502",
            r#"{"role.id":2}"#,
        )
        .await;
    }
    let body = r#"{"settings.captcha":true,"settings":{"style":{"color":"red"}}}"#;
    let form = write(&zengine, "PUT", "/forms/51", body).await.json()["data"].clone();
    assert_eq!(
        (&form["settings"]["captcha"], &form["settings"]["style"]),
        (&json!(true), &json!({ "color": "red" }))
    );
    assert_eq!(
        form["settings"]["newRecordFolderId"], 71,
        "structures are merged"
    );
    assert_eq!(
        (&form["objectVersion"], &form["modified"]),
        (&json!("2"), &json!("2016-12-01T12:00:00+0000"))
    );
    let refused = write(
        &zengine,
        "PUT",
        "/tasks/901",
        r#"{"status":"done","workspace.id":7,"task":null}"#,
    )
    .await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.json(),
        json!({
            "status": 403, "code": 4012, "userMessage": "Error saving data",
            "developerMessage": "Validation errors",
            "validationErrors": {
                "status": ["Is not one of the choices"], "task": ["This attribute is required"],
                "workspace": ["No data was found"],
            },
        })
    );
}

#[tokio::test]
async fn writes_can_be_of_many() {
    let zengine = zengine().await;
    let body = json!([
        { "task": "A", "workspace.id": 10_001 },
        { "task": "B", "workspace": { "id": 10_001 }, "due": "2016-12-24" },
    ]);
    let made = write(&zengine, "POST", "/tasks", &body.to_string())
        .await
        .json();
    assert_eq!(
        (&made["totalCount"], &made["data"][1]["id"]),
        (&json!(2), &json!(932))
    );
    assert_eq!(made["data"][0]["status"], "open");
    let half = json!([{ "task": "C", "workspace.id": 10_001 }, { "task": "D" }]);
    let refused = write(&zengine, "POST", "/tasks", &half.to_string())
        .await
        .json();
    assert_eq!(
        refused["validationErrors"],
        json!({ "1.workspace": ["This attribute is required"] })
    );
    assert_eq!(
        get(&zengine, "/tasks/count").await.json()["totalCount"],
        32,
        "whole or not at all"
    );
}

#[tokio::test]
async fn a_query_chooses_what_is_written_and_none_chooses_all() {
    let zengine = zengine().await;
    let open = get(&zengine, "/tasks/count?status=in-progress")
        .await
        .json()["totalCount"]
        .clone();
    let changed = write(
        &zengine,
        "PUT",
        "/tasks?status=in-progress",
        r#"{"status":"closed"}"#,
    )
    .await
    .json();
    assert_eq!(changed["totalCount"], open);
    assert_eq!(
        get(&zengine, "/tasks/count?status=in-progress")
            .await
            .json()["totalCount"],
        0
    );
    let gone = write(&zengine, "DELETE", "/tasks?id=901|902|7", "")
        .await
        .json();
    assert_eq!(
        gone,
        json!({ "status": 200, "code": 2000, "totalCount": 2 })
    );
    // The danger of it: without a query, it is everything.
    let all = write(&zengine, "DELETE", "/tasks", "").await.json();
    assert_eq!(all["totalCount"], 28);
    assert_eq!(get(&zengine, "/tasks").await.json().get("data"), None);
    assert_eq!(
        zengine
            .writes()
            .iter()
            .filter(|arrival| arrival.applied)
            .count(),
        3
    );
}

#[tokio::test]
async fn records_have_their_forms_fields_and_answer_their_ids() {
    let zengine = zengine().await;
    let record = get(&zengine, "/forms/51/records/4003").await.json()["data"].clone();
    assert_eq!(
        (&record["field122"], &record["field126"]),
        (
            &json!("2100215003.03000000"),
            &json!({ "id": 3004, "name": "School 3004" })
        )
    );
    assert_eq!(
        get(&zengine, "/forms/51/records/4004").await.json()["data"]["field127"],
        json!({ "id": null, "name": null })
    );
    let body = r#"{"field121":"New","field122":2100215000,"field126":{"id":3001},"folder.id":72}"#;
    let made = write(&zengine, "POST", "/forms/51/records", body)
        .await
        .json();
    assert_eq!(
        made,
        json!({
            "status": 200, "code": 2000, "totalCount": 1, "limit": 20, "offset": 0, "data": 4046,
        })
    );
    let record = get(&zengine, "/forms/51/records/4046?related=form")
        .await
        .json()["data"]
        .clone();
    assert_eq!(
        (&record["field122"], &record["field126"]["name"]),
        (&json!("2100215000.00000000"), &json!("School 3001"))
    );
    assert_eq!(
        (
            &record["field123"],
            &record["objectVersion"],
            &record["form"]["name"]
        ),
        (&Value::Null, &json!("1"), &json!("Applications"))
    );
}

#[tokio::test]
async fn a_record_that_has_an_id_is_changed_and_wrong_values_are_refused() {
    let zengine = zengine().await;
    // One that has an id already is changed.
    let body = r#"[{"id":4001,"field121":"Newer"},{"field121":"Other"}]"#;
    let made = write(&zengine, "POST", "/forms/51/records", body)
        .await
        .json();
    assert_eq!(made["data"], json!([4001, 4046]));
    assert_eq!(
        get(&zengine, "/forms/51/records/4001").await.json()["data"]["objectVersion"],
        "2"
    );
    let body = r#"{"field122":"many","field129":"nobody","field130":"C-0001","field999":1}"#;
    let refused = write(&zengine, "POST", "/forms/51/records", body)
        .await
        .json();
    assert_eq!(
        refused["validationErrors"],
        json!({
            "field121": ["This attribute is required"], "field122": ["Must be numeric"],
            "field129": ["Must be an email address"], "field130": ["Must be unique"],
            "field999": ["The form has no such field"],
        })
    );
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let zengine = zengine().await;
    let key = format!("Bearer {}", zengine.key());
    let put = async |version: &str| {
        let headers = [
            ("authorization", key.as_str()),
            ("content-type", "application/json"),
            ("x-if-objectversion-matches", version),
        ];
        let body = r#"{"field121":"Changed"}"#;
        send(&zengine, "PUT", "/forms/51/records/4001", &headers, body)
            .await
            .unwrap()
    };
    assert_eq!(put("1").await.json()["data"], 4001);
    let stale = put("1").await;
    assert_eq!((stale.status, &stale.json()["code"]), (412, &json!(4025)));
    assert_eq!(put("2").await.status, 200);
    let plain = write(
        &zengine,
        "PUT",
        "/forms/51/records/4001",
        r#"{"field124":false}"#,
    )
    .await;
    assert_eq!(plain.status, 200);
    assert_eq!(
        get(&zengine, "/forms/51/records/4001").await.json()["data"]["objectVersion"],
        "4"
    );
}
