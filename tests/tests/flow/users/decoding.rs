//! What answers may hold: members of tomorrow, members that are missing, items that do not fit.

use etiquette_apis::users::{self, UserSummary};
use etiquette_apis::{Error, Kind};
use etiquette_standins::{Fault as Play, users as standin};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::flow::world::{Live, live_users, live_users_with};

async fn walk(live: &Live<users::Client>) -> Vec<Result<UserSummary, Error>> {
    live.api
        .users()
        .list()
        .limit(5)
        .items()
        .take(100)
        .collect()
        .await
}

async fn ten() -> Live<users::Client> {
    live_users_with(standin::Config {
        users: 10,
        ..standin::Config::default()
    })
    .await
}

/// Row G4: members that nobody knows yet change nothing.
#[tokio::test]
async fn unknown_members_are_passed_over() {
    let live = live_users().await;
    live.server.on_each(|_| {
        Some(Play::patch(|body| {
            body["next_year"] = json!({"a": [1, {"b": null}], "c": 1e300});
            if let Some(data) = body["data"].as_array_mut() {
                data.iter_mut()
                    .for_each(|user| user["role"] = json!(["admin"]));
            }
        }))
    });
    assert_eq!(
        live.api.users().get("user_123").await.unwrap().name,
        "Alice Smith"
    );
    assert_eq!(live.api.users().list().await.unwrap().items.len(), 2);
    assert_eq!(live.server.arrivals().len(), 2);
}

/// A null in a required place costs one item, not the others.
#[tokio::test]
async fn an_item_that_does_not_fit_costs_no_other() {
    let live = ten().await;
    live.server.next(Play::set("/data/3/name", Value::Null));
    let walked = walk(&live).await;
    assert_eq!(walked.len(), 10);
    let errors: Vec<(usize, &Error)> = walked
        .iter()
        .enumerate()
        .filter_map(|(place, item)| Some((place, item.as_ref().err()?)))
        .collect();
    let [(3, error)] = errors[..] else {
        panic!("{errors:?}")
    };
    assert_eq!(
        (error.kind(), error.path()),
        (Kind::Decode, Some("/data/3/name"))
    );
    assert!(error.to_string().contains("/data/3/name"), "{error}");
    assert_eq!(
        live.server.arrivals().len(),
        2,
        "no page is asked for twice"
    );
}

/// Row G5: each wrong type has its place in the error, and no value.
#[tokio::test]
async fn wrong_types_are_named_by_their_place() {
    let live = ten().await;
    for (at, value) in [
        ("/data/1/id", json!(7)),
        ("/data/1/email", json!(null)),
        ("/data/1/createdAt", json!("canary-date")),
        ("/data/1/createdAt", json!(1_673_776_800)),
        ("/data/1/createdAt", json!("2023-01-15")),
        ("/data/1/name", json!(["canary-date"])),
        ("/data/1", json!("canary-date")),
        ("/data/1", json!(null)),
    ] {
        live.server.next(Play::set(at, value.clone()));
        let walked = walk(&live).await;
        let error = walked[1].as_ref().unwrap_err();
        assert_eq!(error.path(), Some(at), "{value}");
        assert!(
            !format!("{error} {error:?}").contains("canary-date"),
            "{error}"
        );
        assert_eq!(
            walked.iter().filter(|item| item.is_ok()).count(),
            9,
            "{at} {value}"
        );
    }
}

#[tokio::test]
async fn a_missing_member_is_named() {
    let live = ten().await;
    live.server.next(Play::remove("/data/0", "email"));
    let walked = walk(&live).await;
    let error = walked[0].as_ref().unwrap_err();
    assert!(error.path().unwrap().starts_with("/data/0"), "{error:?}");
    assert!(error.to_string().contains("email"), "{error}");
}

/// A single page is whole or an error, so that nobody takes a part for all.
#[tokio::test]
async fn one_page_is_whole_or_an_error() {
    let live = ten().await;
    live.server.next(Play::set("/data/3/name", Value::Null));
    let error = live.api.users().list().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (Kind::Decode, Some("/data/3/name"))
    );
}

/// A list leaves `updatedAt` out, and its items have no such member; a single get without it is an error.
#[tokio::test]
async fn a_single_user_has_what_lists_leave_out() {
    let live = live_users().await;
    let listed = &live.api.users().list().await.unwrap().items[0];
    let read = live.api.users().get(&listed.id).await.unwrap();
    assert_eq!((&read.id, &read.name), (&listed.id, &listed.name));
    for play in [
        Play::set("/updatedAt", Value::Null),
        Play::remove("", "updatedAt"),
    ] {
        live.server.next(play);
        let error = live.api.users().get(&listed.id).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Decode);
        assert!(error.to_string().contains("updatedAt"), "{error}");
    }
}

/// An answer that is no envelope is an error and no empty list.
#[tokio::test]
async fn a_list_that_is_no_envelope_is_an_error() {
    let live = live_users().await;
    for answer in [
        json!([]),
        json!([{"id": "user_1"}]),
        json!(null),
        json!("maintenance"),
        json!({"data": {}}),
        json!({"data": "x"}),
        json!({"data": false}),
    ] {
        let page = answer.clone();
        live.server
            .next(Play::patch(move |body| *body = page.clone()));
        let error = live.api.users().list().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.path()),
            (Kind::Decode, Some("/data")),
            "{answer}"
        );
    }
}
