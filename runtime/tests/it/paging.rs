//! Walks over servers that behave and servers that do not.

use etiquette_runtime::codegen::{Operation, Request};
use etiquette_runtime::testing::{RecordedRequest, ScriptReply};
use etiquette_runtime::{Error, Kind};
use futures::{StreamExt, TryStreamExt};

use crate::api::{Bench, LIST_OFFSET, LIST_PAGES, LIST_UNIQUE};

type Item = serde_json::Value;

fn number(request: &RecordedRequest, name: &str, default: usize) -> usize {
    request
        .query(name)
        .map_or(default, |value| value.parse().unwrap())
}

/// Items `from..to` of a list, each `{"id":n}`.
fn items(from: usize, to: usize) -> String {
    let items: Vec<_> = (from..to.max(from))
        .map(|id| format!("{{\"id\":{id}}}"))
        .collect();
    format!("[{}]", items.join(","))
}

/// The users API: offset, limit, total.
fn offset_server(bench: &Bench, total: usize) {
    bench.script.respond_with(move |request| {
        let (offset, limit) = (number(request, "offset", 0), number(request, "limit", 10));
        let data = items(offset, total.min(offset + limit));
        ScriptReply::json(
            200,
            format!(r#"{{"data":{data},"total":{total},"limit":{limit},"offset":{offset}}}"#),
        )
    });
}

fn walk(bench: &Bench, operation: &'static Operation) -> Vec<Result<Item, Error>> {
    let list = Request::new(&bench.core, operation).list::<Item>();
    bench.run(list.items().take(100_000).collect())
}

fn ids(walked: &[Result<Item, Error>]) -> Vec<i64> {
    walked
        .iter()
        .filter_map(|item| item.as_ref().ok())
        .map(|item| item["id"].as_i64().unwrap())
        .collect()
}

fn last_error(walked: &[Result<Item, Error>]) -> Kind {
    walked.last().unwrap().as_ref().unwrap_err().kind()
}

/// Row H1 in its plain form: offset and page numbers, to the last item and no request more.
#[test]
fn both_kinds_are_walked_to_their_end() {
    let bench = Bench::new();
    offset_server(&bench, 25);
    assert_eq!(
        ids(&walk(&bench, &LIST_OFFSET)),
        (0..25).collect::<Vec<_>>()
    );
    let asked: Vec<_> = bench
        .script
        .requests()
        .iter()
        .map(|request| request.uri.query().map(str::to_owned))
        .collect();
    assert_eq!(
        asked,
        [
            None,
            Some("offset=10".to_owned()),
            Some("offset=20".to_owned())
        ]
    );

    let bench = Bench::new();
    bench.script.respond_with(|request| {
        let page = number(request, "page", 1);
        let data = items(page * 10, page * 10 + 10);
        ScriptReply::json(
            200,
            format!(r#"{{"data":{data},"pagination":{{"current_page":{page},"page_count":3}}}}"#),
        )
    });
    assert_eq!(
        ids(&walk(&bench, &LIST_PAGES)),
        (10..40).collect::<Vec<_>>()
    );
    assert_eq!(bench.script.count(), 3);
}

#[test]
fn one_page_is_one_request() {
    let bench = Bench::new();
    offset_server(&bench, 25);
    let mut list = Request::new(&bench.core, &LIST_OFFSET).list::<Item>();
    list.request_mut().start(5);
    list.request_mut().size(7);
    let page = bench.run(list.clone()).unwrap();
    assert_eq!(
        (page.items.len(), page.total, page.position),
        (7, Some(25), 5)
    );
    let reply = bench.run(list.clone().send_raw()).unwrap();
    assert_eq!((reply.value, reply.attempts), (page, 1));
    assert_eq!(bench.script.count(), 2);
    let positions: Vec<_> = bench
        .run(
            list.pages()
                .map_ok(|page| (page.position, page.items.len()))
                .try_collect::<Vec<_>>(),
        )
        .unwrap();
    assert_eq!(positions, [(5, 7), (12, 7), (19, 6)]);
}

/// Rows H9, H10: a bound, and not one request more than it takes.
#[test]
fn collecting_needs_a_bound() {
    let bench = Bench::new();
    offset_server(&bench, 1000);
    let items = Request::new(&bench.core, &LIST_OFFSET)
        .list::<Item>()
        .items();
    assert_eq!(bench.run(items.collect_at_most(15)).unwrap().len(), 15);
    assert_eq!(bench.script.count(), 2);
}

/// Row H1: a server that ignores the position.
#[test]
fn a_page_that_comes_twice_is_an_error() {
    let bench = Bench::new();
    bench.script.respond_with(|_| {
        ScriptReply::json(200, format!(r#"{{"data":{},"total":25}}"#, items(0, 10)))
    });
    let walked = walk(&bench, &LIST_OFFSET);
    assert_eq!(
        (
            ids(&walked).len(),
            last_error(&walked),
            bench.script.count()
        ),
        (10, Kind::PagingStalled, 2)
    );

    let bench = Bench::new();
    bench.script.respond_with(|_| {
        ScriptReply::json(
            200,
            format!(
                r#"{{"data":{},"pagination":{{"current_page":1,"page_count":3}}}}"#,
                items(0, 10)
            ),
        )
    });
    let walked = walk(&bench, &LIST_PAGES);
    assert_eq!(
        (
            ids(&walked).len(),
            last_error(&walked),
            bench.script.count()
        ),
        (10, Kind::PagingStalled, 2)
    );
}

/// Row H1: 10 000 pages are the most, and the end is no silent one.
#[test]
fn endless_lists_end_in_an_error() {
    let bench = Bench::with(|builder| builder.setting("per_minute", 1_000_000_u64));
    bench.script.respond_with(|request| {
        let offset = number(request, "offset", 0);
        ScriptReply::json(
            200,
            format!(
                r#"{{"data":{},"total":99999999}}"#,
                items(offset, offset + 1)
            ),
        )
    });
    let walked = walk(&bench, &LIST_OFFSET);
    assert_eq!(
        (
            ids(&walked).len(),
            last_error(&walked),
            bench.script.count()
        ),
        (10_000, Kind::PagingStalled, 10_000)
    );
}

/// Row H1: a size of zero, and pages that stay empty while more are promised.
#[test]
fn pages_without_items_end_in_an_error() {
    let bench = Bench::new();
    bench
        .script
        .respond_with(|_| ScriptReply::json(200, r#"{"data":[],"total":5,"limit":0}"#));
    assert_eq!(last_error(&walk(&bench, &LIST_OFFSET)), Kind::PagingStalled);
    let bench = Bench::new();
    bench.script.respond_with(|request| {
        let page = number(request, "page", 1);
        ScriptReply::json(200, format!(r#"{{"data":[],"pagination":{{"current_page":{page},"page_count":9223372036854775808}}}}"#))
    });
    let walked = walk(&bench, &LIST_PAGES);
    assert_eq!(
        (last_error(&walked), bench.script.count()),
        (Kind::PagingStalled, 16)
    );
}

/// Row H2: an empty page in the middle is not the end.
#[test]
fn an_empty_page_in_the_middle_is_not_the_end() {
    let bench = Bench::new();
    bench.script.respond_with(|request| {
        let page = number(request, "page", 1);
        let data = if page == 2 {
            "[]".to_owned()
        } else {
            items(page * 10, page * 10 + 2)
        };
        ScriptReply::json(
            200,
            format!(r#"{{"data":{data},"pagination":{{"current_page":{page},"page_count":3}}}}"#),
        )
    });
    assert_eq!(ids(&walk(&bench, &LIST_PAGES)), [10, 11, 30, 31]);
}

/// Row H3: the number of pages shrinks, grows, is 0, negative or absurd.
#[test]
fn page_counts_may_change() {
    for (counts, pages) in [
        (["3", "2", "2", "2", "2"], 2),
        (["2", "3", "4", "4", "4"], 4),
        (["0", "0", "0", "3", "3"], 4),
        (["-1", "-1", "3", "3", "3"], 3),
        (["9223372036854775808", "2", "2", "2", "2"], 2),
        (["\"2\"", "\"2\"", "2", "2", "2"], 2),
    ] {
        let bench = Bench::new();
        bench.script.respond_with(move |request| {
            let page = number(request, "page", 1);
            let data = items(page * 10, page * 10 + 2);
            let count = counts[page - 1];
            ScriptReply::json(200, format!(r#"{{"data":{data},"pagination":{{"current_page":{page},"page_count":{count}}}}}"#))
        });
        let walked = walk(&bench, &LIST_PAGES);
        assert!(walked.iter().all(Result::is_ok), "{counts:?}");
        assert_eq!(
            (bench.script.count(), walked.len()),
            (pages, 2 * pages),
            "{counts:?}"
        );
    }
}

/// Row H4: totals that lie, limits that are ignored.
#[test]
fn totals_and_limits_are_not_believed() {
    for (claimed, size, requests) in [
        (1000, 10, 4),
        (3, 10, 4),
        (0, 10, 4),
        (25, 40, 1),
        (25, 4, 7),
    ] {
        let bench = Bench::new();
        bench.script.respond_with(move |request| {
            let offset = number(request, "offset", 0);
            let data = items(offset, 25.min(offset + size));
            ScriptReply::json(200, format!(r#"{{"data":{data},"total":{claimed}}}"#))
        });
        let walked = walk(&bench, &LIST_OFFSET);
        assert_eq!(
            ids(&walked),
            (0..25).collect::<Vec<_>>(),
            "{claimed} {size}"
        );
        assert_eq!(
            (walked.len(), bench.script.count()),
            (25, requests),
            "{claimed} {size}"
        );
    }
}

/// Row H5: rows that come while the list is walked are delivered once where their key is known.
#[test]
fn repeated_items_are_dropped_by_their_key() {
    let bench = Bench::new();
    let mut rows: Vec<usize> = (0..25).collect();
    bench.script.respond_with(move |request| {
        let offset = number(request, "offset", 0);
        let data: Vec<_> = rows
            .iter()
            .skip(offset)
            .take(10)
            .map(|id| format!("{{\"x\":[{id}],\"id\" : {id}}}"))
            .collect();
        let reply = format!(r#"{{"data":[{}],"total":{}}}"#, data.join(", "), rows.len());
        rows.insert(0, 100 + offset);
        ScriptReply::json(200, reply)
    });
    let walked = walk(&bench, &LIST_UNIQUE);
    assert_eq!(ids(&walked), (0..25).collect::<Vec<_>>());
    assert_eq!(walked.len(), 25);
}

/// Row H6: items before a failing page are delivered, then the error, and the walk goes on with that page.
#[test]
fn a_walk_goes_on_after_an_error() {
    let bench = Bench::new();
    let mut is_broken = true;
    bench.script.respond_with(move |request| {
        let offset = number(request, "offset", 0);
        if offset == 10 && std::mem::take(&mut is_broken) {
            return ScriptReply::json(418, r#"{"error":"short and stout"}"#);
        }
        ScriptReply::json(
            200,
            format!(
                r#"{{"data":{},"total":25}}"#,
                items(offset, 25.min(offset + 10))
            ),
        )
    });
    let walked = walk(&bench, &LIST_OFFSET);
    assert_eq!(ids(&walked), (0..25).collect::<Vec<_>>());
    assert_eq!(walked[10].as_ref().unwrap_err().status(), Some(418));
    assert_eq!((walked.len(), bench.script.count()), (26, 4));
}

/// One item that does not fit costs itself and nothing else.
#[test]
fn one_bad_item_is_one_error() {
    let bench = Bench::new();
    bench
        .script
        .respond_with(|request| match number(request, "offset", 0) {
            0 => ScriptReply::json(200, r#"{"data":[1,null,"hunter2",4],"total":6}"#),
            _ => ScriptReply::json(200, r#"{"data":[5,6],"total":6}"#),
        });
    let list = Request::new(&bench.core, &LIST_OFFSET).list::<i64>();
    let walked: Vec<_> = bench.run(list.clone().items().collect());
    let good: Vec<_> = walked
        .iter()
        .filter_map(|item| item.as_ref().ok().copied())
        .collect();
    assert_eq!(good, [1, 4, 5, 6]);
    let paths: Vec<_> = walked
        .iter()
        .map(|item| item.as_ref().err().and_then(Error::path))
        .collect();
    assert_eq!(
        paths,
        [None, Some("/data/1"), Some("/data/2"), None, None, None]
    );
    assert!(
        !walked[2]
            .as_ref()
            .unwrap_err()
            .to_string()
            .contains("hunter2")
    );
    let error = bench.run(list.clone()).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (Kind::Decode, Some("/data/1"))
    );
    let pages: Vec<_> = bench.run(list.pages().collect());
    assert_eq!(pages.len(), 4);
    assert_eq!(
        (
            &pages[0].as_ref().unwrap().items,
            pages[1].is_err(),
            pages[2].is_err()
        ),
        (&vec![1, 4], true, true)
    );
}

/// A list that is absent is an empty one; a page that is not JSON is an error, and can be asked for again.
#[test]
fn absent_lists_are_empty() {
    let bench = Bench::new();
    bench.script.reply(ScriptReply::json(200, r#"{"total":0}"#));
    assert_eq!(walk(&bench, &LIST_OFFSET).len(), 0);
    bench
        .script
        .reply(ScriptReply::text(200, "<html>"))
        .reply(ScriptReply::json(200, r#"{"total":0,"data":[]}"#));
    let walked = walk(&bench, &LIST_OFFSET);
    assert_eq!((walked.len(), last_error(&walked)), (1, Kind::Decode));
}
