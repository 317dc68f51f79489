//! The users stand-in: its bodies to the letter, its validation, its pages, its windows.

use std::time::{Duration, UNIX_EPOCH};

use etiquette_standins::users::{Config, start};
use etiquette_standins::{Answer, Credential, Fault, HandClock, Limit, Standin};
use serde_json::json;

use crate::client::{exchange, get, send, write};

/// 2024-05-01T12:00:20Z, twenty seconds into a minute.
fn clock() -> HandClock {
    HandClock::new(UNIX_EPOCH + Duration::from_secs(1_714_564_820))
}

async fn begin(config: Config) -> (Standin, HandClock) {
    let clock = clock();
    (start(config, clock.now()).await.unwrap(), clock)
}

async fn with_users(users: usize) -> Standin {
    let config = Config {
        users,
        ..Config::default()
    };
    begin(config).await.0
}

#[tokio::test]
async fn the_references_examples_come_back_to_the_letter() {
    let users = with_users(2).await;
    let list = get(&users, "/users").await;
    assert_eq!(list.status, 200);
    let expected = json!({
        "data": [
            {"id": "user_123", "name": "Alice Smith", "email": "alice@example.com",
             "createdAt": "2023-01-15T10:30:00Z"},
            {"id": "user_456", "name": "Bob Johnson", "email": "bob@example.com",
             "createdAt": "2023-02-20T14:00:00Z"},
        ],
        "total": 2, "limit": 10, "offset": 0,
    });
    assert_eq!(list.json(), expected);

    let body = r#"{"name": "Charlie Brown", "email": "charlie@example.com", "id": "user_1"}"#;
    let made = write(&users, "POST", "/users", body).await;
    assert_eq!(made.status, 201);
    let expected = json!({
        "id": "user_789", "name": "Charlie Brown", "email": "charlie@example.com",
        "createdAt": "2024-05-01T12:00:20Z",
    });
    assert_eq!(made.json(), expected);

    let one = get(&users, "/users/user_123").await;
    assert_eq!(one.json()["updatedAt"], "2023-01-15T10:30:00Z");
    assert_eq!(one.header("content-type"), Some("application/json"));
    assert_eq!(one.header("date"), Some("Wed, 01 May 2024 12:00:20 GMT"));
}

#[tokio::test]
async fn errors_are_one_member_with_a_message() {
    let users = with_users(2).await;
    let missing = get(&users, "/users/user_9").await;
    assert_eq!(
        (missing.status, &*missing.body),
        (404, r#"{"error":"User not found"}"#)
    );
    let nowhere = get(&users, "/nowhere").await;
    assert_eq!(
        (nowhere.status, &*nowhere.body),
        (404, r#"{"error":"Not found"}"#)
    );
    let wrong = write(&users, "DELETE", "/users", "").await;
    assert_eq!(
        (wrong.status, &*wrong.body),
        (405, r#"{"error":"Method not allowed"}"#)
    );
    for headers in [
        &[][..],
        &[("authorization", "Bearer other")],
        &[("authorization", "Basic users-key")],
        &[
            ("authorization", "Bearer users-key"),
            ("authorization", "Bearer users-key"),
        ],
    ] {
        let reply = send(&users, "GET", "/users", headers, "").await.unwrap();
        assert_eq!(
            (reply.status, &*reply.body),
            (401, r#"{"error":"Unauthorized"}"#)
        );
        assert_eq!(reply.header("x-ratelimit-limit"), Some("60"));
    }
    let lower = [("authorization", "bearer users-key")];
    assert_eq!(
        send(&users, "GET", "/users", &lower, "")
            .await
            .unwrap()
            .status,
        200
    );
}

#[tokio::test]
async fn a_creation_is_validated_and_its_email_is_unique() {
    let users = with_users(2).await;
    for (body, status, message) in [
        ("{", 400, "Malformed JSON"),
        ("[]", 400, "Body must be an object"),
        ("{}", 400, "name is required"),
        (
            r#"{"name": " ", "email": "a@b.c"}"#,
            400,
            "name is required",
        ),
        (r#"{"name": 7, "email": "a@b.c"}"#, 400, "name is required"),
        (r#"{"name": "A"}"#, 400, "email is required"),
        (r#"{"name": "A", "email": "ab.c"}"#, 400, "email is invalid"),
        (
            r#"{"name": "A", "email": "a b@c.d"}"#,
            400,
            "email is invalid",
        ),
        (
            r#"{"name": "A", "email": "bob@example.com"}"#,
            409,
            "Email already exists",
        ),
    ] {
        let reply = write(&users, "POST", "/users", body).await;
        assert_eq!(
            (reply.status, reply.json()),
            (status, json!({ "error": message })),
            "{body}"
        );
    }
    let key = [("authorization", "Bearer users-key")];
    let untyped = send(
        &users,
        "POST",
        "/users",
        &key,
        r#"{"name":"A","email":"a@b.c"}"#,
    );
    let untyped = untyped.await.unwrap();
    assert_eq!(
        untyped.body,
        r#"{"error":"Content-Type must be application/json"}"#
    );
    assert_eq!(users.state()["users"].as_array().unwrap().len(), 2);
    assert!(users.writes().iter().all(|arrival| !arrival.applied));
}

#[tokio::test]
async fn limit_and_offset_cut_the_list_and_are_validated() {
    let users = with_users(125).await;
    let mut seen = Vec::new();
    for (query, expected) in [
        ("", 10),
        ("?limit=100", 100),
        ("?limit=100&offset=100", 25),
        ("?limit=1&offset=124", 1),
        ("?limit=5&offset=125", 0),
        ("?offset=9999999", 0),
    ] {
        let page = get(&users, &format!("/users{query}")).await.json();
        let data = page["data"].as_array().unwrap();
        assert_eq!(
            (data.len(), &page["total"]),
            (expected, &json!(125)),
            "{query}"
        );
        assert!(data.iter().all(|user| user.get("updatedAt").is_none()));
        if query.starts_with("?limit=100") {
            seen.extend(
                data.iter()
                    .map(|user| user["id"].as_str().unwrap().to_owned()),
            );
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 125);
    for limit in [
        "0",
        "101",
        "-1",
        "ten",
        "",
        "+5",
        "1.5",
        "99999999999999999999999",
    ] {
        let reply = get(&users, &format!("/users?limit={limit}")).await;
        let expected = r#"{"error":"limit must be between 1 and 100"}"#;
        assert_eq!((reply.status, &*reply.body), (400, expected), "{limit}");
    }
    let reply = get(&users, "/users?offset=-1").await;
    assert_eq!(
        (reply.status, &*reply.body),
        (400, r#"{"error":"offset must be 0 or more"}"#)
    );
    assert_eq!(get(&users, "/users?limit=%zz").await.status, 400);
}

#[tokio::test]
async fn a_fixed_window_is_told_and_kept() {
    let mut config = Config::default();
    config.settings.limit = Some(Limit::fixed(3, Duration::from_secs(60)));
    let (users, clock) = begin(config).await;
    for remaining in ["2", "1", "0"] {
        let reply = get(&users, "/users").await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-ratelimit-limit"), Some("3"));
        assert_eq!(reply.header("x-ratelimit-remaining"), Some(remaining));
        assert_eq!(reply.header("x-ratelimit-reset"), Some("1714564860"));
    }
    clock.advance(Duration::from_millis(39_999));
    let denied = get(&users, "/users").await;
    assert_eq!(
        (denied.status, &*denied.body),
        (429, r#"{"error":"Rate limit exceeded"}"#)
    );
    assert_eq!(denied.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(denied.header("retry-after"), None);
    clock.advance(Duration::from_millis(1));
    assert_eq!(get(&users, "/users").await.status, 200);
    assert_eq!(users.most_in_any_window(Duration::from_secs(60)), 5);
    assert_eq!(users.most_in_any_window(Duration::from_secs(40)), 4);
}

#[tokio::test]
async fn a_skew_moves_the_date_and_the_reset_but_not_the_arrivals() {
    let mut config = Config::default();
    config.settings.skew_seconds = -3600;
    config.settings.limit = Some(Limit::sliding(1, Duration::from_millis(1500)));
    let (users, clock) = begin(config).await;
    let reply = get(&users, "/users").await;
    assert_eq!(reply.header("date"), Some("Wed, 01 May 2024 11:00:20 GMT"));
    assert_eq!(reply.header("x-ratelimit-reset"), Some("1714561222"));
    assert_eq!(users.arrivals()[0].at, clock.read());
    assert_eq!(get(&users, "/users").await.status, 429);
    clock.advance(Duration::from_millis(1500));
    assert_eq!(get(&users, "/users").await.status, 200);
}

#[tokio::test]
async fn headers_can_be_left_out() {
    let mut config = Config::default();
    config.settings.limit_headers = false;
    config.settings.date = false;
    let (users, _) = begin(config).await;
    let reply = get(&users, "/users").await;
    assert!(
        reply
            .headers
            .iter()
            .all(|(name, _)| !name.contains("rate") && name != "date")
    );
    users.next(Fault::Answer(Answer::new(503).header("date", "never")));
    assert_eq!(get(&users, "/users").await.header("date"), Some("never"));
}

/// Row A7: the same key is answered the same once it has had a success.
#[tokio::test]
async fn an_idempotency_key_creates_once() {
    let users = with_users(0).await;
    let headers = [
        ("authorization", "Bearer users-key"),
        ("content-type", "application/json; charset=utf-8"),
        ("idempotency-key", "k1"),
    ];
    let body = r#"{"name": "A", "email": "a@b.c"}"#;
    let first = send(&users, "POST", "/users", &headers, body)
        .await
        .unwrap();
    let again = send(&users, "POST", "/users", &headers, body)
        .await
        .unwrap();
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    let other = send(&users, "POST", "/users", &headers, "{}")
        .await
        .unwrap();
    assert_eq!(other.status, 422);
    assert_eq!(users.state()["users"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn arrivals_tell_everything_but_the_key() {
    let users = with_users(2).await;
    get(&users, "/users?limit=1").await;
    let body = r#"{"name": "A", "email": "a@b.c"}"#;
    write(&users, "POST", "/users", body).await;
    send(&users, "GET", "/users", &[], "").await.unwrap();
    let arrivals = users.arrivals();
    let told = |place: usize| {
        (
            arrivals[place].sequence,
            arrivals[place].status,
            arrivals[place].applied,
        )
    };
    assert_eq!(
        (told(0), told(1)),
        ((1, Some(200), true), (2, Some(201), true))
    );
    assert_eq!(told(2), (3, Some(401), false));
    assert_eq!(arrivals[0].path, "/v1/users");
    assert_eq!(arrivals[0].query.as_deref(), Some("limit=1"));
    assert_eq!(arrivals[0].header("Authorization"), Some("right"));
    assert_eq!(arrivals[2].credential, Credential::Missing);
    assert_eq!(arrivals[1].body, body);
    assert!(!format!("{arrivals:?}").contains("users-key"));
    assert_eq!(users.writes().len(), 1);
    assert_eq!(users.most_at_once(), 1);
    users.reset_arrivals();
    assert!(users.arrivals().is_empty());
    get(&users, "/users").await;
    assert_eq!(users.arrivals()[0].sequence, 4);
}

#[tokio::test]
async fn a_stopped_stand_in_is_gone() {
    let users = with_users(0).await;
    let address = users.address();
    users.stop().await;
    assert!(exchange(address, b"GET / HTTP/1.1\r\n\r\n").await.is_err());
}
