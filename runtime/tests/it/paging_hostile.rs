//! Servers that lead astray, in circles, or nowhere: a walk ends in an error that says so, and no secret leaves.

use etiquette_runtime::codegen::Operation;
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::{Error, Kind};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::api::{Bench, LIST_UNIQUE};
use crate::paging_api::*;

fn walk(bench: &Bench, operation: &'static Operation) -> (Vec<u64>, Option<Kind>) {
    let walked: Vec<Result<Value, Error>> =
        bench.run(call(bench, operation).items().take(100_000).collect());
    let errors = walked.iter().filter(|item| item.is_err()).count();
    let last = walked
        .last()
        .and_then(|item| item.as_ref().err().map(Error::kind));
    assert_eq!(
        errors,
        usize::from(last.is_some()),
        "one error, and it is the last thing"
    );
    (walked.iter().flatten().map(id).collect(), last)
}

/// A page of one item with the given next place, in the form of the operation's table.
fn page(operation: &Operation, number: u64, next: Value) -> ScriptReply {
    let said = Said {
        rows: vec![number],
        next: Some(next),
        total: None,
        page: 1,
        pages: 9,
        size: SIZE,
    };
    answer(operation.page.unwrap(), &said)
}

/// Rows E2, E3, D15: a next URL that leads elsewhere is never asked, the page before it is given, and the error says so.
#[test]
fn foreign_next_urls_are_never_followed() {
    for operation in [&LIST_NEXT_URL, &LIST_BEHIND_BASE, &LIST_LINK] {
        for place in [
            "https://evil.example/v1/things",
            "http://shop.example/v1/things",
            "//evil.example/v1/things",
            "https://shop.example:444/v1/things",
            "https://shop.example@evil.example/v1/things",
            "https://user:pass@shop.example/v1/things",
            "https://shop.example.evil.example/",
            "https://shop.example./v1/things",
            "https:evil.example",
            "/v1/../admin",
            "../admin",
            "%2e%2e/admin",
            "ftp://shop.example/",
            "#",
        ] {
            let bench = bench();
            bench.script.reply(page(operation, 1, json!(place)));
            let walked = walk(&bench, operation);
            assert_eq!(
                walked,
                (vec![1], Some(Kind::CrossOriginLink)),
                "{place} {}",
                operation.name
            );
            assert_eq!(bench.script.count(), 1, "{place}");
        }
    }
    // What no header can hold stands in bodies.
    for place in [
        "\\\\evil.example/",
        "https://evil.example\\@shop.example/",
        "/v1/th ings",
        "/v1/things\r\nx: y",
        "\thttps://evil.example",
    ] {
        let bench = bench();
        bench.script.reply(page(&LIST_NEXT_URL, 1, json!(place)));
        assert_eq!(
            walk(&bench, &LIST_NEXT_URL),
            (vec![1], Some(Kind::CrossOriginLink)),
            "{place:?}"
        );
        assert_eq!(bench.script.count(), 1);
    }
}

/// Row E2: the error repeats nothing of the URL, which may hold a token.
#[test]
fn the_error_does_not_show_the_url() {
    let bench = bench();
    bench.script.reply(page(
        &LIST_NEXT_URL,
        1,
        json!("https://evil.example/?token=hunter2"),
    ));
    let mut items = call(&bench, &LIST_NEXT_URL).items();
    bench.run(items.try_next()).unwrap();
    let error = bench.run(items.try_next()).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("evil"),
        "{shown}"
    );
    assert!(!error.is_retryable() && !error.may_have_happened());
    assert!(bench.run(items.try_next()).unwrap().is_none());
}

/// Row H1: the same cursor for ever, and cycles of 2, 3 and 60. All pages are given once, then the error.
#[test]
fn cycles_end_in_an_error() {
    for operation in [
        &LIST_CURSOR,
        &LIST_CURSOR_IN_BODY,
        &LIST_CURSOR_IN_HEADERS,
        &LIST_NEXT_URL,
        &LIST_LINK,
    ] {
        for length in [1, 2, 3, 60] {
            let bench = bench();
            let mut count = 0;
            bench.script.respond_with(move |_| {
                count += 1;
                page(operation, count, json!(format!("?c={}", count % length)))
            });
            let walked = walk(&bench, operation);
            let all: Vec<u64> = (1..=length + 1).collect();
            assert_eq!(
                walked,
                (all, Some(Kind::PagingStalled)),
                "{length} {}",
                operation.name
            );
        }
    }
}

/// Row H1: longer circles than are remembered, and endless lists, end with the 10 000th page.
#[test]
fn endless_walks_end_with_the_10_000th_page() {
    let bench = bench();
    let mut count = 0;
    bench.script.respond_with(move |_| {
        count += 1;
        page(&LIST_CURSOR, count, json!(format!("c-{}", count % 500)))
    });
    let (all, last) = walk(&bench, &LIST_CURSOR);
    assert_eq!(
        (all.len(), last, bench.script.count()),
        (10_000, Some(Kind::PagingStalled), 10_000)
    );
}

/// Row H1: a server that does not look at the position gives the same page again, whatever its cursors say.
#[test]
fn a_page_that_comes_again_is_an_error() {
    for operation in LISTS {
        let bench = bench();
        let mut count = 0;
        let paging = operation.page.unwrap();
        bench.script.respond_with(move |request| {
            count += 1;
            let mut said = say(paging, &(0..50).collect::<Vec<_>>(), request);
            said.rows = (0..SIZE).collect();
            said.next = said.next.map(|next| {
                next.as_str()
                    .map_or(next.clone(), |text| json!(format!("{text}{count}")))
            });
            answer(paging, &said)
        });
        let (all, last) = walk(&bench, operation);
        assert_eq!(
            (all.len(), last, bench.script.count()),
            (10, Some(Kind::PagingStalled), 2),
            "{}",
            operation.name
        );
    }
}

/// Row H2: an empty page with a next one is not the end; 16 of them are enough.
#[test]
fn empty_pages_are_walked_over_and_counted() {
    for operation in [&LIST_CURSOR, &LIST_NEXT_URL, &LIST_LINK] {
        for (empty, wanted) in [(1, Some(2)), (15, Some(2)), (16, None)] {
            let bench = bench();
            let mut count = 0;
            let paging = operation.page.unwrap();
            bench.script.respond_with(move |_| {
                count += 1;
                let is_last = count == empty + 2;
                let rows = if count == 1 || is_last {
                    vec![count]
                } else {
                    Vec::new()
                };
                let next = (!is_last).then(|| json!(format!("?at={count}")));
                answer(
                    paging,
                    &Said {
                        rows,
                        next,
                        total: None,
                        page: 1,
                        pages: 1,
                        size: SIZE,
                    },
                )
            });
            let (all, last) = walk(&bench, operation);
            match wanted {
                Some(items) => assert_eq!((all.len(), last), (items, None)),
                None => assert_eq!(
                    (all.len(), last, bench.script.count()),
                    (1, Some(Kind::PagingStalled), 17)
                ),
            }
        }
    }
}

/// Row H1: a cursor or URL that is none, where the list should go on.
#[test]
fn a_next_that_is_no_place_is_an_error() {
    for (operation, next) in [
        (&LIST_CURSOR, json!(true)),
        (&LIST_CURSOR, json!({"x": 1})),
        (&LIST_NEXT_URL, json!(7)),
        (&LIST_NEXT_URL, json!(["/v1/things?p=2"])),
    ] {
        let bench = bench();
        bench.script.reply(page(operation, 1, next.clone()));
        assert_eq!(
            walk(&bench, operation),
            (vec![1], Some(Kind::PagingStalled)),
            "{next}"
        );
    }
    for next in [json!(null), json!(""), json!(false)] {
        let bench = bench();
        bench.script.reply(page(&LIST_CURSOR, 1, next.clone()));
        assert_eq!(walk(&bench, &LIST_CURSOR), (vec![1], None), "{next}");
    }
}

/// Row H6: over every kind, an error on a page comes behind all items before it, and the page is asked for again.
#[test]
fn every_kind_goes_on_after_an_error() {
    let rows: Vec<u64> = (0..35).collect();
    for operation in LISTS {
        for prefetch in [0, 1] {
            let bench = bench();
            let (all, mut count) = (rows.clone(), 0);
            let paging = operation.page.unwrap();
            bench.script.respond_with(move |request| {
                count += 1;
                match count {
                    2 => ScriptReply::json(418, r#"{"error":"short and stout"}"#),
                    4 => ScriptReply::text(200, "<html>"),
                    _ => answer(paging, &say(paging, &all, request)),
                }
            });
            let stream = call(&bench, operation).with_prefetch(prefetch).items();
            let walked: Vec<_> = bench.run(stream.collect());
            let errors: Vec<_> = walked
                .iter()
                .enumerate()
                .filter(|(_, item)| item.is_err())
                .map(|(at, _)| at)
                .collect();
            assert_eq!(errors, [10, 21], "{} {prefetch}", operation.name);
            let good: Vec<_> = walked.iter().flatten().map(id).collect();
            assert_eq!(
                (good, bench.script.count()),
                (rows.clone(), 6),
                "{}",
                operation.name
            );
        }
    }
}

/// Row H5: by key, whatever was there all the time comes exactly once, and nothing comes twice.
#[test]
fn by_key_a_list_may_change() {
    for operation in [&LIST_KEYSET, &LIST_KEYSET_IN_BODY] {
        for seed in 0..40 {
            let mut random = fastrand::Rng::with_seed(seed);
            let bench = bench();
            let paging = operation.page.unwrap();
            let mut rows: Vec<u64> = (0..60).map(|n| n * 10).collect();
            let steady: Vec<u64> = rows.iter().copied().filter(|row| row % 20 == 0).collect();
            bench.script.respond_with(move |request| {
                let reply = answer(paging, &say(paging, &rows, request));
                for _ in 0..random.usize(..4) {
                    let at = random.usize(..rows.len());
                    let new = rows[at] + 1;
                    if !rows[at].is_multiple_of(20) {
                        rows.remove(at);
                    } else if !rows.contains(&new) {
                        rows.insert(at + 1, new);
                    }
                }
                reply
            });
            let (all, last) = walk(&bench, operation);
            assert_eq!(last, None, "seed {seed}");
            assert!(all.is_sorted_by(|a, b| a < b), "seed {seed}: {all:?}");
            assert!(
                steady.iter().all(|row| all.contains(row)),
                "seed {seed}: {all:?}"
            );
        }
    }
}

/// Row H5: by offset, rows that go let others be missed, at most as many, and nothing comes twice; rows that come make
/// others come twice, which `unique_by` undoes, and nothing is missed.
#[test]
fn by_offset_a_list_that_changes_shifts() {
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let bench = bench();
        let mut rows: Vec<u64> = (0..60).collect();
        let removed = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = removed.clone();
        bench.script.respond_with(move |request| {
            let reply = answer(&OFFSET, &say(&OFFSET, &rows, request));
            for _ in 0..random.usize(..3) {
                rows.remove(random.usize(..rows.len()));
                count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
            reply
        });
        let (all, last) = walk(&bench, &LIST_OFFSET);
        assert_eq!(last, None, "seed {seed}");
        assert!(all.is_sorted_by(|a, b| a < b), "seed {seed}: {all:?}");
        let missed = 60 - all.len();
        assert!(
            missed <= removed.load(std::sync::atomic::Ordering::Relaxed),
            "seed {seed}: {all:?}"
        );

        let bench = self::bench();
        let mut random = fastrand::Rng::with_seed(seed);
        let mut rows: Vec<u64> = (100..160).collect();
        bench.script.respond_with(move |request| {
            let mut said = say(&OFFSET, &rows, request);
            said.total = Some(rows.len() as u64);
            let items: Vec<_> = said.rows.iter().map(|id| json!({"id": id})).collect();
            let reply = json!({"data": items, "total": said.total});
            for _ in 0..random.usize(..3) {
                rows.insert(0, 1000 + rows.len() as u64);
            }
            ScriptReply::json(200, reply.to_string())
        });
        let (all, last) = walk(&bench, &LIST_UNIQUE);
        assert_eq!((all, last), ((100..160).collect(), None), "seed {seed}");
    }
}
