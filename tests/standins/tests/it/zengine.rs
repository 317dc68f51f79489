//! The Zengine stand-in: its envelope, its queries, and its two buckets.

use std::time::{Duration, UNIX_EPOCH};

use etiquette_standins::zengine::{Config, start};
use etiquette_standins::{Credential, HandClock, Standin};
use serde_json::{Value, json};

use crate::client::send;
pub(crate) use crate::client::{get, write};

/// 2016-12-01T12:00:00Z.
pub(crate) async fn begin(config: Config) -> (Standin, HandClock) {
    let clock = HandClock::new(UNIX_EPOCH + Duration::from_secs(1_480_593_600));
    (start(config, clock.now()).await.unwrap(), clock)
}

pub(crate) async fn zengine() -> Standin {
    begin(Config::default()).await.0
}

fn ids(answer: &Value) -> Vec<u64> {
    let data = answer["data"].as_array().into_iter().flatten();
    data.map(|one| one["id"].as_u64().unwrap()).collect()
}

async fn found(zengine: &Standin, path: &str) -> Vec<u64> {
    let answer = get(zengine, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    ids(&answer.json())
}

#[tokio::test]
async fn everything_is_in_one_envelope() {
    let zengine = zengine().await;
    let one = get(&zengine, "/workspaces/10001").await.json();
    assert_eq!(one["data"]["name"], "Grants", "one is an object");
    assert_eq!(
        (
            &one["status"],
            &one["code"],
            &one["totalCount"],
            &one["limit"],
            &one["offset"]
        ),
        (&json!(200), &json!(2000), &json!(1), &json!(20), &json!(0))
    );
    assert_eq!(one["data"]["created"], "2016-11-10T19:33:41+0000");
    let many = get(&zengine, "/tasks").await.json();
    assert_eq!((ids(&many).len(), &many["totalCount"]), (20, &json!(30)));
    let none = get(&zengine, "/workspaces/10002/members").await;
    assert_eq!(
        none.json(),
        json!({ "status": 200, "code": 2000, "totalCount": 0, "limit": 20 })
    );
    let counted = get(&zengine, "/forms/51/records/count").await;
    assert_eq!(
        counted.json(),
        json!({ "status": 200, "code": 2000, "totalCount": 45 })
    );
    for path in [
        "/workspaces/7",
        "/tasks/x",
        "/nowhere",
        "/workspaces/7/members",
        "/forms/51/records/1",
    ] {
        let missing = get(&zengine, path).await;
        assert_eq!(missing.status, 404, "{path}");
        assert_eq!(
            missing.json(),
            json!({
                "status": 404, "code": 4004, "userMessage": "Error viewing data",
                "developerMessage": "No data was found",
            })
        );
    }
    for (method, path) in [
        ("PATCH", "/tasks/901"),
        ("HEAD", "/tasks"),
        ("POST", "/task_statuses"),
    ] {
        assert_eq!(
            write(&zengine, method, path, "{}").await.status,
            405,
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn formats_verbs_and_wrappings_are_the_references() {
    let zengine = zengine().await;
    assert_eq!(
        get(&zengine, "/workspaces.json").await.json()["totalCount"],
        2
    );
    assert_eq!(get(&zengine, "/workspaces.xml").await.status, 415);
    let pretty = get(&zengine, "/workspaces/10001?pretty=1").await;
    assert!(pretty.body.starts_with("{\n  \""));
    let wrapped = get(&zengine, "/task_statuses/count?callback=cb").await;
    assert!(wrapped.body.starts_with("cb({") && wrapped.body.ends_with("});"));
    let key = format!("Bearer {}", zengine.key());
    let form = [
        ("authorization", key.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = "_method=PUT&status=closed&assignedToUser.id=2";
    let changed = send(&zengine, "POST", "/tasks/901", &form, body)
        .await
        .unwrap()
        .json();
    assert_eq!(
        (
            &changed["data"]["status"],
            &changed["data"]["assignedToUser"]
        ),
        (&json!("closed"), &json!({ "id": 2 }))
    );
    let over = [form[0], ("x-http-method-override", "DELETE")];
    assert_eq!(
        send(&zengine, "POST", "/tasks/901", &over, "")
            .await
            .unwrap()
            .status,
        200
    );
    assert_eq!(get(&zengine, "/tasks/901").await.status, 404);
    let options = send(&zengine, "OPTIONS", "/tasks", &form[..1], "")
        .await
        .unwrap();
    assert_eq!(
        options.header("access-control-allow-methods"),
        Some("GET, POST, PUT, DELETE, OPTIONS")
    );
}

#[tokio::test]
async fn pages_begin_at_one_and_a_limit_is_cut_without_a_word() {
    let config = Config {
        records: 130,
        ..Config::default()
    };
    let (zengine, _) = begin(config).await;
    for (query, limit, offset, count) in [
        ("", 20, 0, 20),
        ("limit=1000", 100, 0, 100),
        ("limit=1000&page=2", 100, 100, 30),
        ("limit=50&page=0", 50, 0, 50),
        ("limit=x&page=7", 20, 120, 10),
        ("limit=0&page=8", 20, 140, 0),
    ] {
        let page = get(&zengine, &format!("/forms/51/records?{query}"))
            .await
            .json();
        assert_eq!(
            (&page["limit"], &page["offset"]),
            (&json!(limit), &json!(offset)),
            "{query}"
        );
        assert_eq!(
            (ids(&page).len(), &page["totalCount"]),
            (count, &json!(130)),
            "{query}"
        );
    }
    let sorted =
        "/forms/51/records?limit=3&sort[]=field128&sort[]=id&direction[]=asc&direction[]=desc";
    assert_eq!(found(&zengine, sorted).await, [4129, 4126, 4123]);
    assert_eq!(
        found(&zengine, "/tasks?sort=due,id&direction=desc,desc&limit=2").await,
        [930, 929]
    );
}

#[tokio::test]
async fn a_mask_keeps_the_id_and_relations_are_put_in() {
    let zengine = zengine().await;
    let masked = get(&zengine, "/tasks/902?attributes=status,workspace.id")
        .await
        .json();
    assert_eq!(
        masked["data"],
        json!({ "id": 902, "status": "in-progress", "workspace": { "id": 10_001 } })
    );
    let task = get(&zengine, "/tasks/902?related=taskList,assignedToUser")
        .await
        .json()["data"]
        .clone();
    assert_eq!(
        (
            &task["taskList"]["name"],
            &task["assignedToUser"]["username"]
        ),
        (&json!("Reviews"), &json!("cleo"))
    );
    assert_eq!(task["workspace"], json!({ "id": 10_001 }));
    let bare = get(&zengine, "/tasks/902?related=null").await.json();
    assert_eq!(
        (
            bare["data"].get("taskList"),
            bare["data"].get("createdByUser")
        ),
        (None, None)
    );
    let workspace = get(
        &zengine,
        "/workspaces/10001?related=forms,members,roles,taskLists",
    )
    .await
    .json();
    let count = |name: &str| workspace["data"][name].as_array().unwrap().len();
    // The second form names its workspace by a text.
    assert_eq!(
        (
            count("forms"),
            count("members"),
            count("roles"),
            count("taskLists")
        ),
        (2, 2, 3, 2)
    );
    assert_eq!(
        get(&zengine, "/workspaces/10001").await.json()["data"].get("forms"),
        None
    );
    assert_eq!(
        get(&zengine, "/forms/52").await.json()["data"]["workspace"]["id"],
        "10001"
    );
    let me = get(&zengine, "/users/me").await.json();
    assert_eq!(
        (&me["data"]["id"], &me["data"]["username"]),
        (&json!(1), &json!("ada"))
    );
}

#[tokio::test]
async fn prefixes_and_bars_choose_objects() {
    let zengine = zengine().await;
    for (query, expected) in [
        ("id=901|903|7", vec![901, 903]),
        ("status=open&id=901|902", vec![901]),
        ("not-status=open|closed|archived&max-id=908", vec![902, 906]),
        ("contains-task=k%202&min-id=926", vec![926, 927, 928, 929]),
        (
            "not-contains-task=1|2&max-order=9",
            vec![903, 904, 905, 906, 907, 908, 909],
        ),
        ("starts-with-task=Task%203&id=903|913", vec![903]),
        ("ends-with-task=3&max-id=912", vec![903]),
        ("min-created=2017-01-01", vec![]),
        ("assignedToUser.id=2&max-id=905", vec![904]),
        ("due=&max-id=905", vec![901, 904]),
    ] {
        assert_eq!(
            found(&zengine, &format!("/tasks?{query}")).await,
            expected,
            "{query}"
        );
    }
    for (query, expected) in [
        ("field122=2100215001.01", vec![4001]),
        ("min-field122=2100215044", vec![4044, 4045]),
        ("field126=School%203002&max-id=4006", vec![4001, 4005]),
        ("field126=3002&max-id=4006", vec![4001, 4005]),
        ("folder.id=72&max-id=4010", vec![4001, 4006]),
        ("field123=&max-id=4010", vec![4007]),
    ] {
        assert_eq!(
            found(&zengine, &format!("/forms/51/records?{query}")).await,
            expected,
            "{query}"
        );
    }
    assert_eq!(
        get(&zengine, "/tasks/count?status=open").await.json()["totalCount"],
        8
    );
}

#[tokio::test]
async fn a_data_filter_nests_five_deep_and_no_deeper() {
    let zengine = zengine().await;
    let ask = async |filter: Value| {
        let filter: String = filter
            .to_string()
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        get(
            &zengine,
            &format!("/forms/51/records?limit=100&filter={filter}"),
        )
        .await
    };
    let leaf = |prefix: &str, attribute: &str, value: &str| {
        json!({
            "prefix": prefix, "attribute": attribute, "value": value,
        })
    };
    let both = json!({ "and": [
        leaf("", "field123", "new"),
        { "or": [leaf("max", "id", "4003"), leaf("min", "id", "4043")] },
    ] });
    assert_eq!(ids(&ask(both).await.json()), [4001, 4043]);
    let linked = json!({ "and": [
        { "prefix": "", "attribute": "field126", "filter": { "and": [leaf("", "field141", "Oslo")] } },
        leaf("max", "id", "4009"),
    ] });
    assert_eq!(ids(&ask(linked).await.json()), [4001, 4005, 4009]);
    let invalid = json!({ "and": [leaf("not-validates", "field123", "required")] });
    assert_eq!(
        ids(&ask(invalid).await.json()),
        [4007, 4014, 4021, 4028, 4035, 4042]
    );
    let nested = |depth: usize| {
        (1..depth).fold(
            json!({ "and": [leaf("", "id", "4001")] }),
            |inner, _| json!({ "or": [inner] }),
        )
    };
    assert_eq!(ids(&ask(nested(5)).await.json()), [4001]);
    let deep = ask(nested(6)).await;
    assert_eq!((deep.status, &deep.json()["code"]), (400, &json!(4000)));
    for wrong in [
        json!({ "and": [{ "prefix": "", "attribute": "id", "value": "1", "filter": { "and": [] } }] }),
        json!({ "and": [{ "prefix": "like", "attribute": "id", "value": "1" }] }),
        json!({ "and": [], "or": [] }),
        json!([]),
    ] {
        assert_eq!(ask(wrong.clone()).await.status, 400, "{wrong}");
    }
    assert_eq!(
        get(&zengine, "/tasks?filter={}").await.status,
        400,
        "records only"
    );
}

#[tokio::test]
async fn a_window_begins_with_its_first_request_and_plugins_have_their_own() {
    let (zengine, clock) = begin(Config::default()).await;
    let key = format!("Bearer {}", zengine.key());
    let plugin = [("authorization", key.as_str()), ("x-plugin", "matcher")];
    clock.advance(Duration::from_secs(17));
    for _ in 0..250 {
        let reply = get(&zengine, "/task_statuses/count").await;
        assert_eq!(reply.status, 200);
        assert!(
            reply
                .headers
                .iter()
                .all(|(name, _)| !name.contains("limit")),
            "nothing is told"
        );
    }
    clock.advance(Duration::from_millis(299_500));
    let denied = get(&zengine, "/task_statuses/count").await;
    assert_eq!(
        (denied.status, denied.header("retry-after")),
        (429, Some("1"))
    );
    assert_eq!(
        (&denied.json()["status"], &denied.json()["code"]),
        (&json!(429), &json!(4029))
    );
    // The same token in a plugin's hands, at the API and at the plugins' origin: one bucket.
    for _ in 0..250 {
        let reply = send(&zengine, "GET", "/task_statuses", &plugin, "")
            .await
            .unwrap();
        assert_eq!(reply.status, 200);
    }
    let called = crate::zengine_oauth::at(
        &zengine,
        "plugins",
        "GET",
        "/workspaces/10001/matcher/match",
        &plugin[..1],
        "",
    )
    .await;
    assert_eq!(called.status, 429);
    clock.advance(Duration::from_millis(500));
    assert_eq!(get(&zengine, "/task_statuses/count").await.status, 200);
    let config = Config {
        plugins_count_twice: true,
        ..Config::default()
    };
    let (zengine, _) = begin(config).await;
    for _ in 0..250 {
        send(&zengine, "GET", "/task_statuses", &plugin, "")
            .await
            .unwrap();
    }
    assert_eq!(get(&zengine, "/task_statuses").await.status, 429);
}

#[tokio::test]
async fn a_token_stands_in_the_header_or_in_the_query() {
    let zengine = zengine().await;
    let key = zengine.key().to_owned();
    let header = format!("Bearer {key}");
    let query = format!("/tasks/count?access_token={key}");
    let wrong = [("authorization", "Bearer other")];
    let right = [("authorization", header.as_str())];
    for (path, headers, status) in [
        ("/tasks/count", &right[..], 200),
        (&query, &[][..], 200),
        (&query, &right[..], 401),
        ("/tasks/count?access_token=other", &[][..], 401),
        ("/tasks/count", &wrong[..], 401),
        ("/tasks/count?client_id=zengine-client", &[][..], 401),
        ("/app_templates?client_id=zengine-client", &[][..], 200),
        ("/app_templates?client_id=other", &[][..], 401),
    ] {
        let reply = send(&zengine, "GET", path, headers, "").await.unwrap();
        assert_eq!(reply.status, status, "{path}");
        if status == 401 {
            assert_eq!(reply.json()["code"], 4001);
        }
    }
    let arrivals = zengine.arrivals();
    assert_eq!(arrivals[1].query.as_deref(), Some("access_token=right"));
    assert_eq!(arrivals[1].secrets, ["query access_token", "query"]);
    assert_eq!(arrivals[3].query.as_deref(), Some("access_token=wrong"));
    assert_eq!(arrivals[6].credential, Credential::Missing);
    assert!(!format!("{arrivals:?}").contains(&key));
}
