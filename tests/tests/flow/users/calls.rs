//! Creating, getting and listing users over TCP: what the server sees, what the caller gets, and
//! the names and words of the API's own errors.

use etiquette_apis::Kind;
use etiquette_apis::users::{self, Fault, NewUser};
use etiquette_standins::{Answer, Credential, Fault as Play};
use serde_json::{Value, json};

use crate::flow::world::{Live, live_users};

#[tokio::test]
async fn a_user_is_created_read_and_listed() {
    let live = live_users().await;
    let users = live.api.users();
    let new = NewUser::new("Charlie Brown", "charlie@example.com");
    let created = users.create(&new).await.unwrap();
    assert_eq!(created.name, "Charlie Brown");
    let read = users.get(&created.id).await.unwrap();
    assert_eq!(read.created_at, created.created_at);
    assert!(read.updated_at >= read.created_at);
    let page = users.list().await.unwrap();
    assert_eq!(
        (page.items.len(), page.total, page.position),
        (3, Some(3), 0)
    );
    assert!(page.items.contains(&created), "in no certain order");

    let arrivals = live.server.arrivals();
    let lines: Vec<String> = arrivals
        .iter()
        .map(|arrival| format!("{} {}", arrival.method, arrival.path))
        .collect();
    let get = format!("GET /v1/users/{}", created.id);
    assert_eq!(lines, ["POST /v1/users", &get, "GET /v1/users"]);
    let post = &arrivals[0];
    assert_eq!(post.header("content-type"), Some("application/json"));
    assert_eq!(
        serde_json::from_slice::<Value>(&post.body).unwrap(),
        json!({"name": "Charlie Brown", "email": "charlie@example.com"})
    );
    assert!(
        arrivals
            .iter()
            .all(|arrival| arrival.credential == Credential::Right)
    );
    assert!(arrivals[1].body.is_empty() && arrivals[1].header("content-type").is_none());
}

#[tokio::test]
async fn a_list_says_where_it_begins_and_how_long_its_pages_are() {
    let live = live_users().await;
    let page = live.api.users().list().offset(1).limit(7).await.unwrap();
    assert_eq!((page.items.len(), page.position), (1, 1));
    let query = live.server.arrivals()[0].query.clone().unwrap();
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.sort_unstable();
    assert_eq!(pairs, ["limit=7", "offset=1"]);
}

/// The error of one call, and that the server saw it once.
async fn only_error<T: std::fmt::Debug>(
    live: &Live<users::Client>,
    call: impl Future<Output = etiquette_apis::Result<T>>,
) -> etiquette_apis::Error {
    live.server.reset_arrivals();
    let error = call.await.unwrap_err();
    assert_eq!((live.server.arrivals().len(), error.attempts()), (1, 1));
    error
}

fn words(error: &etiquette_apis::Error) -> Vec<&str> {
    error
        .messages()
        .iter()
        .map(|message| message.text.as_str())
        .collect()
}

/// Row G9: one shape of error, with the API's own words.
#[tokio::test]
async fn faults_have_the_apis_names_and_words() {
    let live = live_users().await;
    let users = live.api.users();

    let error = only_error(&live, users.get("user_404")).await;
    assert_eq!(Fault::of(&error), Some(Fault::NotFound));
    assert_eq!((error.kind(), error.status()), (Kind::Api, Some(404)));
    assert_eq!(words(&error), ["User not found"]);
    assert_eq!(
        error.to_string(),
        "the API said no: GET /users/{user_id}: status 404: User not found"
    );

    let taken = NewUser::new("Alice", "alice@example.com");
    let error = only_error(&live, users.create(&taken)).await;
    assert_eq!(Fault::of(&error), Some(Fault::Conflict));
    assert_eq!(words(&error), ["Email already exists"]);
    assert!(!error.may_have_happened() && !error.is_retryable());

    let error = only_error(&live, users.create(&NewUser::new("A", "no email"))).await;
    assert_eq!(Fault::of(&error), Some(Fault::BadRequest));
    assert_eq!(words(&error), ["email is invalid"]);

    let forbidden = Answer::new(403).json(r#"{"error":"This key may only read"}"#);
    live.server.next(Play::Answer(forbidden));
    let error = only_error(&live, users.create(&NewUser::new("A", "a@example.com"))).await;
    assert_eq!(Fault::of(&error), Some(Fault::Forbidden));
    assert_eq!(words(&error), ["This key may only read"]);
    assert_eq!(
        error.body_as::<Value>(),
        Some(json!({"error": "This key may only read"}))
    );
}

#[tokio::test]
async fn a_wrong_key_is_an_error_and_no_second_request() {
    let live = live_users().await;
    let builder = users::Client::builder()
        .key("another-key")
        .with_clock(live.clock.clone());
    let other = builder.with_base_url(live.server.url()).build().unwrap();
    let error = only_error(&live, other.users().get("user_123")).await;
    assert_eq!(Fault::of(&error), Some(Fault::Unauthorized));
    assert_eq!(
        (error.kind(), words(&error)),
        (Kind::Auth, vec!["Unauthorized"])
    );
    assert_eq!(live.server.arrivals()[0].credential, Credential::Wrong);
}

/// Row G9: the body of an error may be missing, and is then no other error.
#[tokio::test]
async fn an_error_may_have_no_body() {
    let live = live_users().await;
    for (status, fault) in [
        (404, Some(Fault::NotFound)),
        (403, Some(Fault::Forbidden)),
        (418, None),
    ] {
        live.server.next(Play::status(status));
        let error = only_error(&live, live.api.users().get("user_123")).await;
        assert_eq!((Fault::of(&error), error.status()), (fault, Some(status)));
        assert!(error.messages().is_empty());
        assert!(
            error.to_string().ends_with(&format!("status {status}")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn send_raw_tells_how_the_value_was_got() {
    let live = live_users().await;
    let new = NewUser::new("Charlie Brown", "charlie@example.com");
    let reply = live.api.users().create(&new).send_raw().await.unwrap();
    assert_eq!(
        (reply.status, reply.attempts, reply.waited.as_nanos()),
        (201, 1, 0)
    );
    assert_eq!(reply.headers["x-ratelimit-remaining"], "59");
    assert_eq!(reply.value.name, "Charlie Brown");

    live.server.next(Play::status(503));
    let reply = live.api.users().list().limit(2).send_raw().await.unwrap();
    assert_eq!(
        (reply.status, reply.attempts, reply.value.items.len()),
        (200, 2, 2)
    );
}

#[tokio::test]
async fn the_client_names_itself_and_what_it_accepts() {
    let live = live_users().await;
    let builder = users::Client::builder()
        .key(live.server.key())
        .with_clock(live.clock.clone());
    let builder = builder
        .with_base_url(live.server.url())
        .with_user_agent("crm/4.2");
    builder.build().unwrap().users().list().await.unwrap();
    let arrival = &live.server.arrivals()[0];
    let agent = arrival.header("user-agent").unwrap();
    assert!(
        agent.starts_with("crm/4.2 etiquette/") && agent.ends_with("(users)"),
        "{agent}"
    );
    assert_eq!(arrival.header("accept"), Some("application/json"));
    assert_eq!(
        arrival.header("host"),
        Some(live.server.address().to_string().as_str())
    );
}
