//! Walks that stop and go on: checkpoints, streams that are dropped, pages that are fetched ahead; and estimates.

use std::time::Duration;

use etiquette_runtime::codegen::{Operation, Request};
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::{Checkpoint, Kind};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::api::{Bench, LIST_UNIQUE};
use crate::paging_api::*;

fn rows(count: u64) -> Vec<u64> {
    (0..count).map(|n| 7 * n + 1).collect()
}

/// Through the text that a program would keep, and with nothing else of the walk.
fn kept(checkpoint: &Checkpoint) -> Checkpoint {
    serde_json::from_str(&serde_json::to_string(checkpoint).unwrap()).unwrap()
}

/// Row H6: a program that dies after any item goes on with the next one, in every kind and place.
#[test]
fn a_crash_costs_no_item_and_repeats_none() {
    for operation in LISTS {
        for count in [0, 1, 10, 25, 30] {
            for crash in 0..=usize::try_from(count).unwrap() + 1 {
                let bench = bench();
                serve(&bench, operation, rows(count));
                let mut list = call(&bench, operation).items();
                let mut all = Vec::new();
                for _ in 0..crash {
                    all.extend(bench.run(list.try_next()).unwrap().map(|item| id(&item)));
                }
                let checkpoint = kept(&list.checkpoint());
                drop(list);
                let (before, again) = (bench.script.count(), self::bench());
                serve(&again, operation, rows(count));
                let rest = call(&again, operation).resume(&checkpoint).items();
                let rest: Vec<_> = again.run(rest.collect());
                all.extend(rest.iter().map(|item| id(item.as_ref().unwrap())));
                assert_eq!(all, rows(count), "{} {count} {crash}", operation.name);
                let requests = before + again.script.count();
                assert!(
                    requests <= 6,
                    "{} {count} {crash}: {requests} requests",
                    operation.name
                );
                assert_eq!(checkpoint.is_over(), again.script.count() == 0);
            }
        }
    }
}

/// Row H6: the same for whole pages; and a checkpoint of a walk that was resumed.
#[test]
fn pages_are_resumed_too() {
    for operation in LISTS {
        let bench = bench();
        serve(&bench, operation, rows(45));
        let (mut all, mut checkpoint) = (Vec::new(), None);
        loop {
            let list = call(&bench, operation);
            let list = checkpoint
                .as_ref()
                .map_or(list.clone(), |at| list.resume(at));
            let mut pages = list.pages();
            let Some(page) = bench.run(pages.try_next()).unwrap() else {
                break;
            };
            all.extend(page.items.iter().map(id));
            checkpoint = Some(kept(&pages.checkpoint()));
        }
        assert_eq!(
            (all, bench.script.count()),
            (rows(45), 5),
            "{}",
            operation.name
        );
    }
}

/// Items that do not fit are entries too, and those that were dropped as repeated are not given again.
#[test]
fn odd_entries_are_resumed_in_their_place() {
    let bench = bench();
    bench
        .script
        .respond_with(|request| match request.query("offset") {
            None => ScriptReply::json(
                200,
                r#"{"data":[{"id":1},null,{"id":1},{"id":2},7,{"id":3}],"total":8}"#,
            ),
            Some(_) => ScriptReply::json(200, r#"{"data":[{"id":3},{"id":4}],"total":8}"#),
        });
    #[derive(serde::Deserialize)]
    struct Thing {
        id: u64,
    }
    let list = || Request::new(&bench.core, &LIST_UNIQUE).list::<Thing>();
    let shown =
        |entry: Option<Result<Thing, _>>| entry.map(|entry| entry.map_or(0, |thing| thing.id));
    for crash in 0..8 {
        let mut items = list().items();
        let mut all = Vec::new();
        for _ in 0..crash {
            all.extend(shown(bench.run(items.next())));
        }
        let mut rest = list().resume(&kept(&items.checkpoint())).items();
        while let Some(entry) = shown(bench.run(rest.next())) {
            all.push(entry);
        }
        assert_eq!(all, [1, 0, 2, 0, 3, 4], "{crash}");
    }
    let mut pages = list().pages();
    let mut ids: Vec<u64> = bench
        .run(pages.try_next())
        .unwrap()
        .unwrap()
        .items
        .iter()
        .map(|thing| thing.id)
        .collect();
    let mut rest = list().resume(&kept(&pages.checkpoint())).pages();
    ids.extend(
        bench
            .run(rest.try_next())
            .unwrap()
            .unwrap()
            .items
            .iter()
            .map(|thing| thing.id),
    );
    assert_eq!(ids, [1, 2, 3, 4]);
}

/// A checkpoint belongs to one operation, and its end is an end.
#[test]
fn a_checkpoint_of_something_else_is_refused() {
    let bench = bench();
    serve(&bench, &LIST_CURSOR, rows(15));
    let mut items = call(&bench, &LIST_CURSOR).items();
    bench.run(items.try_next()).unwrap();
    let checkpoint = items.checkpoint();
    let mut other = call(&bench, &LIST_OFFSET).resume(&checkpoint).items();
    let error = bench.run(other.try_next()).unwrap_err();
    assert_eq!(error.kind(), Kind::Parameter);
    assert!(error.to_string().contains("things.cursor"), "{error}");
    assert_eq!(bench.script.count(), 1);

    let page = bench
        .run(call(&bench, &LIST_CURSOR).resume(&checkpoint))
        .unwrap();
    assert_eq!(
        (page.items.len(), page.next_cursor.as_deref()),
        (10, Some("c-10"))
    );
}

/// Row H1: a walk that led nowhere leads nowhere again, and gives nothing twice.
#[test]
fn a_stuck_walk_is_stuck_after_a_crash() {
    let reply = || {
        ScriptReply::json(
            200,
            r#"{"data":[{"id":1}],"links":{"next":"https://evil.example/"}}"#,
        )
    };
    let bench = bench();
    bench.script.reply(reply()).reply(reply()).reply(reply());
    let mut items = call(&bench, &LIST_NEXT_URL).items();
    bench.run(items.try_next()).unwrap();
    let checkpoint = kept(&items.checkpoint());
    let mut rest = call(&bench, &LIST_NEXT_URL).resume(&checkpoint).items();
    assert_eq!(
        bench.run(rest.try_next()).unwrap_err().kind(),
        Kind::CrossOriginLink
    );
    let mut rest = call(&bench, &LIST_NEXT_URL).resume(&checkpoint).pages();
    assert_eq!(
        bench.run(rest.try_next()).unwrap_err().kind(),
        Kind::CrossOriginLink
    );
}

/// Row H10: a stream that is dropped asks for nothing more.
#[test]
fn a_dropped_stream_asks_for_nothing_more() {
    for operation in LISTS {
        let bench = bench();
        serve(&bench, operation, rows(45));
        let mut items = call(&bench, operation).items();
        for _ in 0..10 {
            bench.run(items.try_next()).unwrap();
        }
        drop(items);
        pause(&bench, 3600);
        assert_eq!(bench.script.count(), 1, "{}", operation.name);
    }
}

fn pause(bench: &Bench, seconds: u64) {
    use etiquette_runtime::clock::Clock;
    bench.run(
        bench
            .clock
            .sleep(bench.clock.now() + Duration::from_secs(seconds)),
    );
}

/// A prefetch fetches one page while another is consumed, and no more than one.
#[test]
fn one_page_is_fetched_ahead() {
    for operation in LISTS {
        let bench = bench();
        serve(&bench, operation, rows(45));
        let mut items = call(&bench, operation).with_prefetch(3).items();
        let mut all = Vec::new();
        for (taken, requests) in [(1, 2), (9, 2), (1, 3), (15, 4)] {
            for _ in 0..taken {
                all.extend(bench.run(items.try_next()).unwrap().map(|item| id(&item)));
            }
            pause(&bench, 60);
            assert_eq!(
                bench.script.count(),
                requests,
                "{} {}",
                operation.name,
                all.len()
            );
        }
        // A checkpoint knows nothing of what was fetched ahead.
        let again = self::bench();
        serve(&again, operation, rows(45));
        let rest: Vec<_> = again.run(
            call(&again, operation)
                .resume(&kept(&items.checkpoint()))
                .items()
                .collect(),
        );
        let rest = rest.iter().map(|item| id(item.as_ref().unwrap()));
        assert_eq!(
            all.iter().copied().chain(rest).collect::<Vec<_>>(),
            rows(45),
            "{}",
            operation.name
        );
        while let Some(item) = bench.run(items.try_next()).unwrap() {
            all.push(id(&item));
        }
        assert_eq!(
            (all, bench.script.count()),
            (rows(45), 5),
            "{}",
            operation.name
        );
    }
}

/// The wait for quota passes while a page is consumed, and the answer is here when it is wanted.
#[test]
fn a_prefetch_waits_in_the_meantime() {
    for (prefetch, seconds) in [(0, 3.0 * 50.0 + 2.0 * 5.0 + 5.0), (1, 3.0 * 50.0 + 5.0)] {
        let bench = bench();
        let all = rows(30);
        bench.script.respond_with(move |request| {
            let paging = LIST_CURSOR.page.unwrap();
            answer(paging, &say(paging, &all, request)).after(Duration::from_secs(5))
        });
        let mut pages = call(&bench, &LIST_CURSOR).with_prefetch(prefetch).pages();
        while bench.run(pages.try_next()).unwrap().is_some() {
            pause(&bench, 50);
        }
        assert!(
            (bench.seconds() - seconds).abs() < 0.01,
            "{prefetch}: {}",
            bench.seconds()
        );
    }
}

/// Row H10: a page that is on its way when the stream is dropped is given up, with its slot.
#[test]
fn a_prefetch_is_given_up_with_its_stream() {
    let bench = bench();
    let mut count = 0;
    let all = rows(30);
    bench.script.respond_with(move |request| {
        count += 1;
        let paging = LIST_CURSOR.page.unwrap();
        let reply = answer(paging, &say(paging, &all, request));
        if count == 1 {
            reply
        } else {
            reply.after(Duration::from_secs(20))
        }
    });
    let mut items = call(&bench, &LIST_CURSOR).with_prefetch(1).items();
    bench.run(items.try_next()).unwrap();
    pause(&bench, 1);
    let in_flight = || bench.core.limits_snapshot().buckets[0].in_flight;
    assert_eq!((bench.script.count(), in_flight()), (2, 1));
    drop(items);
    pause(&bench, 1);
    assert_eq!(in_flight(), 0);
    pause(&bench, 3600);
    assert_eq!(bench.script.count(), 2);
}

/// A prefetch that nothing runs is a page that is fetched when it is wanted.
#[test]
fn a_prefetch_without_tasks_is_none() {
    struct Nowhere;
    impl etiquette_runtime::clock::Spawn for Nowhere {
        fn spawn(&self, _: etiquette_runtime::clock::BoxFuture<'static, ()>) {}
    }
    let bench = bench_with(|builder| builder.spawn(Nowhere));
    serve(&bench, &LIST_CURSOR, rows(25));
    let walked: Vec<_> = bench.run(
        call(&bench, &LIST_CURSOR)
            .with_prefetch(1)
            .items()
            .collect(),
    );
    assert_eq!((walked.len(), bench.script.count()), (25, 3));
}

/// An estimate is one request, and says no more than the API does.
#[test]
fn estimates_say_what_the_first_page_tells() {
    let minutes = |count: u64| Some(Duration::from_secs(60 * count));
    let estimated = |operation: &'static Operation, set: &dyn Fn(&mut Request)| {
        let bench = bench_with(|builder| builder.setting("per_minute", 10_u64));
        serve(&bench, operation, rows(234));
        let mut list = call(&bench, operation);
        set(list.request_mut());
        let estimate = bench.run(list.estimate()).unwrap();
        assert_eq!(bench.script.count(), 1);
        (estimate.items, estimate.requests, estimate.least_time)
    };
    let as_it_is = |_: &mut Request| {};
    assert_eq!(
        estimated(&LIST_OFFSET, &as_it_is),
        (Some(234), Some(24), minutes(2))
    );
    assert_eq!(
        estimated(&LIST_OFFSET, &|request| request.size(100)),
        (Some(234), Some(3), minutes(0))
    );
    assert_eq!(
        estimated(&LIST_OFFSET, &|request| request.start(200)),
        (Some(34), Some(4), minutes(0))
    );
    assert_eq!(
        estimated(&LIST_OFFSET, &|request| request.start(230)),
        (Some(4), Some(1), minutes(0))
    );
    assert_eq!(
        estimated(&LIST_PAGE, &as_it_is),
        (None, Some(24), minutes(2))
    );
    assert_eq!(
        estimated(&LIST_PAGE, &|request| request.start(4)),
        (None, Some(21), minutes(2))
    );
    assert_eq!(
        estimated(&LIST_LINK, &as_it_is),
        (Some(234), Some(24), minutes(2))
    );
    assert_eq!(estimated(&LIST_CURSOR, &as_it_is), (None, None, None));
    assert_eq!(
        estimated(&LIST_CURSOR, &|request| request.size(500)),
        (Some(234), Some(1), minutes(0))
    );
    let bench = bench();
    bench
        .script
        .reply(ScriptReply::json(404, json!({"error": "none"}).to_string()));
    let list = Request::new(&bench.core, &LIST_OFFSET).list::<Value>();
    assert_eq!(bench.run(list.estimate()).unwrap_err().status(), Some(404));
}

/// Walks and estimates can be moved to tasks.
#[test]
fn walks_can_be_spawned() {
    fn is_spawned(_: &(impl Send + 'static)) {}
    let bench = bench();
    let list = || call(&bench, &LIST_OFFSET);
    is_spawned(&list().items());
    is_spawned(&list().pages());
    is_spawned(&list().estimate());
    is_spawned(&list().items().collect_at_most(7));
}

/// A checkpoint as somebody else may have written it: of this operation, at this position.
fn forged(operation: &Operation, kind: char, position: &str, numbers: [u64; 4]) -> String {
    let name = format!("shop/{}", operation.name);
    let [received, pages, empty, given] = numbers;
    json!([1, name, kind, position, received, pages, empty, given]).to_string()
}

/// Row H6: a checkpoint comes from outside. What it calls a number is one, or it would be written into a body as it is.
#[test]
fn a_forged_number_is_no_checkpoint() {
    for text in [
        "1,\"admin\":true",
        "1 ",
        " 1",
        "-",
        "1}",
        "[1]",
        "\"1\"",
        "",
        "0x1",
        "1e",
        "NaN",
    ] {
        let forged = forged(&LIST_KEYSET_IN_BODY, 'd', text, [0; 4]);
        assert!(
            serde_json::from_str::<Checkpoint>(&forged).is_err(),
            "{text}"
        );
    }
    for text in ["-1", "1.50", "18446744073709551616", "1e3"] {
        let forged = forged(&LIST_KEYSET_IN_BODY, 'd', text, [0; 4]);
        assert!(
            serde_json::from_str::<Checkpoint>(&forged).is_ok(),
            "{text}"
        );
    }
}

/// Rows E2, H6: nor does a checkpoint lead anywhere that an answer could not lead to, and only lists that are walked by
/// URL are led by one.
#[test]
fn a_forged_url_is_not_followed() {
    let resume = |operation: &'static Operation, place: &str| {
        let bench = bench();
        serve(&bench, operation, rows(25));
        let forged = forged(operation, 'u', place, [0; 4]);
        let checkpoint: Checkpoint = serde_json::from_str(&forged).unwrap();
        let page = bench.run(call(&bench, operation).resume(&checkpoint));
        (page.map_err(|error| error.kind()), bench.script.requests())
    };
    let (page, sent) = resume(&LIST_NEXT_URL, "/v1/things?at=20&limit=10&api_key=forged");
    assert_eq!(page.unwrap().items.len(), 5);
    assert_eq!(
        sent[0].uri.to_string(),
        "https://shop.example/v1/things?at=20&limit=10"
    );
    for (operation, place) in [
        (&LIST_OFFSET, "/v1/things?offset=20"),
        (&LIST_KEYSET_IN_BODY, "/v1/admin"),
        (&LIST_NEXT_URL, "/v1/../admin"),
        (&LIST_NEXT_URL, "/v1/%2e%2E/admin"),
        (&LIST_NEXT_URL, "//evil.example/v1/things"),
        (&LIST_NEXT_URL, "/v1/\\evil"),
    ] {
        let (page, sent) = resume(operation, place);
        assert!(
            page.is_err() && sent.is_empty(),
            "{} {place}",
            operation.name
        );
    }
}

/// Rows H1, H6: counts beyond belief end a walk and break nothing.
#[test]
fn forged_counts_break_nothing() {
    const MOST: u64 = u32::MAX as u64;
    for numbers in [
        [u64::MAX, 0, MOST, 0],
        [u64::MAX, 9_999, MOST, u64::MAX],
        [0, MOST, MOST, u64::MAX - 1],
    ] {
        for operation in [&LIST_CURSOR, &LIST_NEXT_URL, &LIST_OFFSET] {
            let bench = bench();
            let paging = operation.page.unwrap();
            bench.script.respond_with(move |request| {
                let mut said = say(paging, &rows(25), request);
                said.rows.clear();
                answer(paging, &said)
            });
            let forged = forged(operation, 'b', "", numbers);
            let checkpoint: Checkpoint = serde_json::from_str(&forged).unwrap();
            let items = call(&bench, operation).resume(&checkpoint).items();
            let all: Vec<_> = bench.run(items.collect());
            assert!(all.len() <= 1, "{} {numbers:?}", operation.name);
            assert!(bench.script.count() <= 1);
        }
    }
}
