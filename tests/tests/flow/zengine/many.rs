//! Writes of Zengine over many rows, over TCP: lists that are made at once, and changes and deletions by query, which
//! count before they write.

use etiquette_apis::Kind;
use etiquette_apis::zengine::{Client, NewTask, Ref, TaskPatch, TaskRef, TaskStatus};
use etiquette_standins::Arrival;
use http::Method;
use serde_json::{Value, json};

use super::lists::{fitting, pairs};
use crate::flow::world::{Live, live_zengine};

fn closed() -> TaskPatch {
    TaskPatch::default().status(TaskStatus::Closed)
}

fn tasks(live: &Live<Client>, status: &str) -> Vec<i64> {
    fitting(&live.server.state(), "tasks", |task| {
        task["status"] == status
    })
}

async fn add(live: &Live<Client>, status: &str) {
    let body = json!({"task": "Late", "workspace": {"id": 10001}, "status": status});
    let reply = live.server.act(Method::POST, "/tasks", Some(&body)).await;
    assert_eq!(reply.status(), 200);
}

fn said(arrivals: &[Arrival]) -> Vec<String> {
    let arrivals = arrivals.iter();
    arrivals
        .map(|one| {
            let pairs = pairs(one).into_iter();
            let query: Vec<String> = pairs
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!("{} {}?{}", one.method, one.path, query.join("&"))
        })
        .collect()
}

#[tokio::test]
async fn a_list_of_tasks_is_made_by_one_request() {
    let live = live_zengine().await;
    let new = ["One", "Two"].map(|task| {
        let new = NewTask::new(task, Ref::new(10_001));
        new.due(
            "2016-12-24"
                .parse::<etiquette_apis::values::Date>()
                .unwrap(),
        )
    });
    let made = live.api.tasks().create_many(&new).await.unwrap();
    let names: Vec<&str> = made
        .iter()
        .map(|task| match task {
            TaskRef::Task(task) => task.task.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, ["One", "Two"]);
    let writes = live.server.writes();
    assert_eq!(writes.len(), 1);
    let sent: Value = serde_json::from_slice(&writes[0].body).unwrap();
    let one = |task: &str| json!({"task": task, "workspace": {"id": 10001}, "due": "2016-12-24"});
    assert_eq!(sent, json!([one("One"), one("Two")]));
}

/// Row F9: the plan counts with the filters of the write, and the write goes out while the count holds.
#[tokio::test]
async fn a_plan_is_applied_while_its_count_holds() {
    let live = live_zengine().await;
    let expected = tasks(&live, "in-progress");
    let api = live.api.tasks();
    let call = api
        .update_many(&closed())
        .status_in([TaskStatus::InProgress]);
    let plan = call.plan().await.unwrap();
    assert_eq!(plan.count, expected.len() as u64);
    assert!(live.server.writes().is_empty());
    plan.apply().await.unwrap();
    assert_eq!(
        said(&live.server.arrivals()),
        [
            "GET /v1/tasks/count?status=in-progress",
            "GET /v1/tasks/count?status=in-progress",
            "PUT /v1/tasks?status=in-progress",
        ]
    );
    assert_eq!(live.server.writes()[0].body, r#"{"status":"closed"}"#);
    assert!(tasks(&live, "in-progress").is_empty());
    assert!(
        expected
            .iter()
            .all(|id| tasks(&live, "closed").contains(id))
    );
}

/// Row F9: another count than the plan's, and nothing is written.
#[tokio::test]
async fn a_changed_count_writes_nothing() {
    let live = live_zengine().await;
    let api = live.api.tasks();
    let call = api
        .update_many(&closed())
        .status_in([TaskStatus::InProgress]);
    let plan = call.plan().await.unwrap();
    let expected = plan.count;
    add(&live, "in-progress").await;
    let before = live.server.state();
    let error = plan.apply().await.unwrap_err();
    let counted = expected + 1;
    assert_eq!(error.kind(), Kind::CountChanged { expected, counted });
    let error = api.delete_many().id_in([901, 902]).expect(3).await;
    let (expected, counted) = (3, 2);
    let kind = error.unwrap_err().kind();
    assert_eq!(kind, Kind::CountChanged { expected, counted });
    assert!(live.server.writes().is_empty());
    assert_eq!(live.server.state(), before);
}

#[tokio::test]
async fn a_deletion_by_ids_says_them_with_bars() {
    let live = live_zengine().await;
    let api = live.api.tasks();
    let empty = api.delete_many().id_in([]).expect(30).await.unwrap_err();
    assert_eq!(
        empty.kind(),
        Kind::Parameter,
        "no filter is no filter on everything"
    );
    assert!(live.server.arrivals().is_empty());
    let call = api.delete_many().id_in([901, 902, 903]);
    call.expect(3).await.unwrap();
    assert_eq!(
        said(&live.server.arrivals()),
        [
            "GET /v1/tasks/count?id=901|902|903",
            "DELETE /v1/tasks?id=901|902|903",
        ]
    );
    assert_eq!(live.api.tasks().count().await.unwrap(), 27);
}

#[tokio::test]
async fn records_are_deleted_by_their_fields() {
    let live = live_zengine().await;
    let declined = |live: &Live<Client>| {
        fitting(&live.server.state(), "forms/51/records", |one| {
            one["field123"] == "declined" && one["folder"]["id"] == 72
        })
    };
    let expected = declined(&live).len() as u64;
    assert!(expected > 0);
    let records = live.api.forms().records(51);
    let call = records.delete_many().field(123, "declined").folder_id(72);
    call.expect(expected).await.unwrap();
    assert!(declined(&live).is_empty());
    assert_eq!(records.count().await.unwrap(), 45 - expected);
    let said = said(&live.server.arrivals());
    assert_eq!(
        said[1],
        "DELETE /v1/forms/51/records?field123=declined&folder.id=72"
    );
}
