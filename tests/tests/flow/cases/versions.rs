//! Generated writes with versions, idempotency keys and a way to look for what was made, and generated
//! lists of each kind of pages. What was sent is read from the script.

use etiquette_cases::{cursors, keyed, keyset, links, locks};
use futures::TryStreamExt;
use runtime::testing::{RecordedRequest, Script, ScriptReply, VirtualClock};
use runtime::{Kind, Reconciled};

/// A client of a case over a script in virtual time.
macro_rules! scripted {
    ($case:ident, $replies:expr) => {{
        let clock = VirtualClock::new();
        let script = Script::new(clock.clone());
        for reply in $replies {
            script.reply(reply);
        }
        let builder = $case::Client::builder().with_transport(script.clone());
        let api = builder
            .with_clock(clock.clone())
            .with_seed(7)
            .build()
            .unwrap();
        (clock, script, api)
    }};
}

fn ok(text: &str) -> ScriptReply {
    ScriptReply::json(200, text)
}

fn body(request: &RecordedRequest) -> serde_json::Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[test]
fn a_version_that_was_read_goes_into_the_write_with_its_frame() {
    let replies = [
        ok(r#"{"id":"a","title":"T","text":"x"}"#).header("etag", r#"W/"v7""#),
        ok(r#"{"id":"a","title":"U","text":"x"}"#),
        ScriptReply::json(412, r#"{"message":"no","code":"late"}"#),
    ];
    let (clock, script, api) = scripted!(locks, replies);
    let read = clock.run(api.notes().get("a").send_raw()).unwrap();
    assert_eq!(read.version(), Some("v7"));
    let patch = locks::NotePatch::default().title("U");
    let version = read.version().unwrap();
    clock
        .run(api.notes().update("a", &patch).with_version(version))
        .unwrap();
    let stale = clock.run(api.notes().update("a", &patch).with_version("v7"));
    assert_eq!(
        locks::Fault::of(&stale.unwrap_err()),
        Some(locks::Fault::Stale)
    );
    let sent: Vec<_> = script.requests();
    assert_eq!(sent[1].header("if-match"), Some("\"v7\""));
    assert_eq!(sent.len(), 3, "a locked write is sent once");
}

#[test]
fn versions_stand_in_the_query_and_in_the_body_where_the_lock_says_so() {
    let replies = [
        ScriptReply::empty(204),
        ok(r#"{"id":1,"lock_version":4,"title":"T"}"#),
        ok(r#"{"id":1,"lock_version":5,"title":"U"}"#),
    ];
    let (clock, script, api) = scripted!(locks, replies);
    clock
        .run(api.documents().delete("d", "3-abc").purge(true))
        .unwrap();
    let read = clock.run(api.records().get(1).send_raw()).unwrap();
    assert_eq!(read.version(), Some("4"));
    let patch = locks::RecordPatch::default().title("U");
    clock
        .run(api.records().update(1, &patch).with_version("4"))
        .unwrap();
    let sent = script.requests();
    assert_eq!(
        (sent[0].query("rev"), sent[0].query("purge")),
        (Some("3-abc"), Some("true"))
    );
    assert_eq!(
        body(&sent[2]),
        serde_json::json!({"title": "U", "lock_version": 4})
    );
}

#[test]
fn all_attempts_of_a_keyed_write_bear_one_key() {
    let replies = [
        ScriptReply::json(503, "{}"),
        ScriptReply::lost(),
        ok(r#"{"id":1,"amount":5}"#),
        ok(r#"{"id":2,"amount":5}"#),
    ];
    let (clock, script, api) = scripted!(keyed, replies);
    let payment = keyed::NewPayment::new("5".parse::<runtime::value::Decimal>().unwrap());
    clock.run(api.payments().create(&payment)).unwrap();
    let given = api.payments().create(&payment).with_idempotency_key("mine");
    clock.run(given).unwrap();
    let sent = script.requests();
    let keys: Vec<_> = sent
        .iter()
        .map(|one| one.header("idempotency-key").unwrap())
        .collect();
    assert_eq!((keys[0], keys[1]), (keys[1], keys[2]));
    assert_ne!(keys[2], keys[3]);
    assert_eq!(keys[3], "mine");
}

#[test]
fn a_key_in_the_body_is_filled_in_unless_the_caller_gives_it() {
    let done = || ScriptReply::json(409, r#"{"message":"again"}"#);
    let booked = || ok(r#"{"id":1,"room":"r"}"#);
    let (clock, script, api) = scripted!(keyed, [booked(), booked(), ScriptReply::lost(), done()]);
    let booking = keyed::NewBooking::new("r");
    clock.run(api.bookings().create(&booking)).unwrap();
    clock
        .run(api.bookings().create(&booking.clone().token("mine")))
        .unwrap();
    // What was done before cannot be read any more.
    let again = clock.run(api.bookings().create(&booking)).unwrap_err();
    assert_eq!(again.kind(), Kind::AlreadyProcessed);
    let tokens: Vec<String> = script
        .requests()
        .iter()
        .map(|one| body(one)["Token"].to_string())
        .collect();
    assert_eq!(tokens[1], "\"mine\"");
    assert_eq!(tokens[2], tokens[3]);
    assert_ne!(tokens[0], tokens[2]);
}

#[test]
fn a_create_whose_answer_was_lost_is_looked_for() {
    let replies = [
        ScriptReply::lost().applied(),
        ok(r#"[{"id":9,"email":"a@b.example","name":"A","team_id":1}]"#),
    ];
    let (clock, script, api) = scripted!(keyed, replies);
    let user = keyed::NewUser::new("a@b.example", "A", 1);
    let found = clock.run(api.users().create(&user).reconcile()).unwrap();
    assert!(
        matches!(&found, Reconciled::Existing(user) if user.id == 9),
        "{found:?}"
    );
    assert_eq!(script.requests()[1].query("email"), Some("a%40b.example"));
    let sent = script.requests();
    let creates = sent.iter().filter(|one| one.method == http::Method::POST);
    assert_eq!(creates.count(), 1);
}

#[test]
fn cursors_travel_in_headers_bodies_and_queries() {
    let page = |id: u8, next: &str| {
        format!(
            r#"{{"items":[{{"id":{id},"kind":"a"}}],"meta":{{"next_cursor":{next}}},"paging":{{"next":{next}}}}}"#
        )
    };
    let (more, last) = (page(1, r#""c2""#), page(2, "null"));
    let replies = [
        ok(&more).header("x-total-count", "2"),
        ok(&last),
        ok(&more),
        ok(&last),
        ok(&more).header("x-next-mark", "m2"),
        ok(&last),
    ];
    let (clock, script, api) = scripted!(cursors, replies);
    let events = api.events();
    let items = |list: runtime::Items<cursors::Event>| {
        clock.run(list.try_collect::<Vec<_>>()).unwrap().len()
    };
    assert_eq!(items(events.list().limit(1).items()), 2);
    assert_eq!(items(events.all().size(1).items()), 2);
    assert_eq!(items(events.marked().items()), 2);
    let sent = script.requests();
    assert_eq!(
        (sent[0].query("cursor"), sent[1].query("cursor")),
        (None, Some("c2"))
    );
    assert_eq!(
        (sent[1].query("limit"), sent[1].header("x-page-style")),
        (Some("1"), Some("cursor"))
    );
    assert_eq!(body(&sent[2]), serde_json::json!({"paging": {"size": 1}}));
    assert_eq!(
        body(&sent[3]),
        serde_json::json!({"paging": {"size": 1, "after": "c2"}})
    );
    assert_eq!(
        (sent[4].header("x-mark"), sent[5].header("x-mark")),
        (None, Some("m2"))
    );
}

#[test]
fn links_and_keys_lead_to_the_next_page() {
    let rows = r#"[{"id":"a","title":"A"}]"#;
    let next = r#"<https://api.example.com/v1/commits?page=2>; rel="next""#;
    let replies = [
        ok(rows).header("link", next),
        ok(r#"[{"id":"b","title":"B"}]"#),
        ok(r#"{"items":[{"id":"a","title":"A"}],"paging":{"next":"/branches?after=a"}}"#),
        ok(r#"{"items":[{"id":"a","title":"A"},{"id":"b","title":"B"}],"paging":{}}"#),
    ];
    let (clock, script, api) = scripted!(links, replies);
    let commits = api.commits().list().per_page(1).items();
    let branches = api.branches().list().items();
    assert_eq!(clock.run(commits.try_collect::<Vec<_>>()).unwrap().len(), 2);
    assert_eq!(
        clock.run(branches.try_collect::<Vec<_>>()).unwrap().len(),
        2,
        "each row once"
    );
    let sent = script.requests();
    assert_eq!(
        (sent[1].path(), sent[1].query("page")),
        ("/v1/commits", Some("2"))
    );
    assert_eq!(
        (sent[3].path(), sent[3].query("after")),
        ("/v1/branches", Some("a"))
    );

    let full = r#"[{"id":"p1","amount":1},{"id":"p2","amount":2}]"#;
    let (clock, script, api) = scripted!(keyset, [ok(full), ok(r#"[{"id":"p3","amount":3}]"#)]);
    let payments = api.payments().list().limit(2).starting_after("p0").items();
    assert_eq!(
        clock.run(payments.try_collect::<Vec<_>>()).unwrap().len(),
        3
    );
    let sent = script.requests();
    let after: Vec<_> = sent.iter().map(|one| one.query("starting_after")).collect();
    assert_eq!(after, [Some("p0"), Some("p2")]);
}
