//! Lists of Zengine over TCP: pages, prefixes of operators, alternatives, orders, masks, relations and counts. What was
//! asked for is read from the ledger, what had to come from the server's own state.

use etiquette_apis::Kind;
use etiquette_apis::zengine::{Direction, Record, Task, TaskStatus};
use etiquette_standins::Arrival;
use etiquette_standins::zengine::Config;
use futures::TryStreamExt;
use serde_json::{Value, json};

use crate::flow::world::{decoded, live_zengine, live_zengine_with};

/// The query's pairs, decoded.
pub(super) fn pairs(arrival: &Arrival) -> Vec<(String, String)> {
    let query = arrival.query.as_deref().unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// The values of a parameter.
pub(super) fn values(arrival: &Arrival, wanted: &str) -> Vec<String> {
    let pairs = pairs(arrival).into_iter();
    pairs
        .filter(|(name, _)| name == wanted)
        .map(|(_, value)| value)
        .collect()
}

/// The ids of those objects of the server's that fit.
pub(super) fn fitting(state: &Value, path: &str, fits: impl Fn(&Value) -> bool) -> Vec<i64> {
    let all = state[path].as_array().unwrap().iter();
    all.filter(|one| fits(one))
        .map(|one| one["id"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn records_are_walked_by_the_total() {
    let live = live_zengine().await;
    let records = live.api.forms().records(51);
    let all: Vec<Record> = records.list().items().try_collect().await.unwrap();
    let ids: Vec<i64> = all.iter().map(|record| record.id).collect();
    assert_eq!(ids, (4001..=4045).collect::<Vec<_>>());
    let arrivals = live.server.arrivals();
    assert_eq!(arrivals.len(), 3, "nothing is asked after the last page");
    assert!(
        arrivals
            .iter()
            .all(|one| one.path == "/v1/forms/51/records")
    );
    assert_eq!(values(&arrivals[2], "page"), ["3"]);
}

/// A limit that the server cuts counts as it is answered; nothing is skipped and nothing comes twice.
#[tokio::test]
async fn a_limit_that_is_cut_counts_as_it_is_answered() {
    let config = Config {
        largest_limit: 7,
        ..Config::default()
    };
    let live = live_zengine_with(config, |builder| builder).await;
    let records = live.api.forms().records(51);
    let walk = records.list().limit(50).items();
    let all: Vec<Record> = walk.try_collect().await.unwrap();
    let ids: Vec<i64> = all.iter().map(|record| record.id).collect();
    assert_eq!(ids, (4001..=4045).collect::<Vec<_>>());
    let arrivals = live.server.arrivals();
    assert_eq!(arrivals.len(), 7);
    assert_eq!(values(&arrivals[0], "limit"), ["50"]);
}

#[tokio::test]
async fn a_limit_that_is_never_served_is_not_sent() {
    let live = live_zengine().await;
    let error = live.api.tasks().list().limit(1_000).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Parameter);
    assert!(live.server.arrivals().is_empty());
    let page = live.api.tasks().list().limit(100).await.unwrap();
    assert_eq!((page.items.len(), page.total), (30, Some(30)));
}

/// A list of nothing has no `data` at all, or an empty one.
#[tokio::test]
async fn a_list_of_nothing_has_no_data() {
    for data_when_empty in [false, true] {
        let config = Config {
            data_when_empty,
            ..Config::default()
        };
        let live = live_zengine_with(config, |builder| builder).await;
        let members = live.api.workspaces().members(10_002);
        let page = members.list().await.unwrap();
        assert_eq!((page.items.len(), page.total), (0, Some(0)));
        let all: Vec<_> = members.list().items().try_collect().await.unwrap();
        assert!(all.is_empty());
        assert_eq!(members.count().await.unwrap(), 0);
        assert_eq!(live.server.arrivals().len(), 3);
    }
}

#[tokio::test]
async fn operators_stand_before_the_name_and_bars_between_values() {
    let live = live_zengine().await;
    let list = live
        .api
        .tasks()
        .list()
        .status_not_in([TaskStatus::Closed, TaskStatus::Archived])
        .priority_in([1, 2])
        .task_contains("Task 1")
        .assigned_to_user_id_ne(3);
    let found: Vec<Task> = list.items().try_collect().await.unwrap();
    let arrivals = live.server.arrivals();
    let sent = pairs(&arrivals[0]);
    for (name, value) in [
        ("not-status", "closed|archived"),
        ("priority", "1|2"),
        ("contains-task", "Task 1"),
        ("not-assignedToUser.id", "3"),
    ] {
        let pair = (name.to_owned(), value.to_owned());
        assert!(sent.contains(&pair), "{pair:?} in {sent:?}");
    }
    let expected = fitting(&live.server.state(), "tasks", |task| {
        !["closed", "archived"].contains(&task["status"].as_str().unwrap())
            && task["priority"].as_i64().unwrap() < 3
            && task["task"].as_str().unwrap().contains("Task 1")
            && task["assignedToUser"]["id"] != 3
    });
    assert!(!expected.is_empty());
    assert_eq!(
        found.iter().map(|task| task.id).collect::<Vec<_>>(),
        expected
    );
}

/// A bar means "or", so a value that has one of its own cannot be said, and is not sent as something else.
#[tokio::test]
async fn a_value_with_a_bar_is_refused() {
    let live = live_zengine().await;
    let records = live.api.forms().records(51);
    let errors = [
        live.api.tasks().list().task_contains("a|b").await.err(),
        records.list().field(121, "a|b").await.err(),
        records.list().name("a|b").await.err(),
    ];
    for error in errors {
        assert_eq!(error.unwrap().kind(), Kind::Parameter);
    }
    assert!(live.server.arrivals().is_empty());
}

#[tokio::test]
async fn sorts_and_directions_are_lists_with_brackets() {
    let live = live_zengine().await;
    let list = live.api.tasks().list();
    let list = list
        .sort(["priority", "order"])
        .direction([Direction::Desc, Direction::Asc]);
    let page = list.limit(100).await.unwrap();
    let arrival = live.server.arrivals().remove(0);
    assert_eq!(values(&arrival, "sort[]"), ["priority", "order"]);
    assert_eq!(values(&arrival, "direction[]"), ["desc", "asc"]);
    let order = |task: &Task| (std::cmp::Reverse(task.priority), task.order);
    assert!(page.items.is_sorted_by_key(order));
    assert_eq!(page.items[0].priority, Some(3));
}

#[tokio::test]
async fn a_mask_gives_what_was_asked_for_and_the_id() {
    let live = live_zengine().await;
    let records = live.api.forms().records(51);
    let list = records.list().limit(2).attributes(["name", "field121"]);
    let page = list.await.unwrap();
    let arrival = live.server.arrivals().remove(0);
    assert_eq!(values(&arrival, "attributes"), ["name,field121"]);
    let first = &page.items[0];
    assert_eq!(
        (first.id, first.name.as_deref()),
        (4001, Some("Application 1"))
    );
    assert_eq!(first.field.keys().collect::<Vec<_>>(), [&121]);
    assert!(first.folder.is_none() && first.created.is_none());

    // What always comes in whole objects may be absent from partial ones.
    let list = live.api.tasks().list().limit(1).attributes(["status"]);
    let page = list.await.unwrap();
    assert_eq!(
        (page.items[0].id, page.items[0].task.as_deref()),
        (901, None)
    );
    assert_eq!(page.items[0].status, Some(TaskStatus::Open));
}

#[tokio::test]
async fn relations_are_embedded_and_left_out() {
    let live = live_zengine().await;
    let workspaces = live.api.workspaces();
    let bare = workspaces.get(10_001).await.unwrap();
    assert!(bare.forms.is_empty() && bare.members.is_empty());
    let whole = workspaces
        .get(10_001)
        .related(["forms", "members", "roles"]);
    let whole = whole.await.unwrap();
    assert_eq!(
        (whole.forms.len(), whole.members.len(), whole.roles.len()),
        (2, 2, 3)
    );
    assert_eq!(
        values(&live.server.arrivals()[1], "related"),
        ["forms,members,roles"]
    );
    let form = live.api.forms().get(51).related(["fields", "folders"]);
    let form = form.await.unwrap();
    assert_eq!((form.form_fields.len(), form.folders.len()), (10, 2));

    let records = live.api.forms().records(51);
    let record = records.get(4001).related(["folder"]).await.unwrap();
    assert_eq!(record.folder.unwrap().name.as_deref(), Some("Done"));
    let record = records.get(4001).related(["null"]).await.unwrap();
    assert!(record.folder.is_none() && record.workspace.is_none());
}

#[tokio::test]
async fn counts_take_the_filters_of_lists() {
    let live = live_zengine().await;
    let tasks = live.api.tasks();
    assert_eq!(tasks.count().await.unwrap(), 30);
    let open = tasks.count().status_in([TaskStatus::Open]).await.unwrap();
    let records = live.api.forms().records(51).count().field(123, "approved");
    let approved = records.await.unwrap();
    let state = live.server.state();
    let expected = fitting(&state, "tasks", |task| task["status"] == "open");
    assert_eq!(open, expected.len() as u64);
    let expected = fitting(&state, "forms/51/records", |one| {
        one["field123"] == json!("approved")
    });
    assert_eq!(approved, expected.len() as u64);
    let paths: Vec<String> = live
        .server
        .arrivals()
        .into_iter()
        .map(|one| one.path)
        .collect();
    assert_eq!(
        paths,
        [
            "/v1/tasks/count",
            "/v1/tasks/count",
            "/v1/forms/51/records/count"
        ]
    );
}
