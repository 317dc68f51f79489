//! Every kind of paging in every place, over a server that behaves.

use etiquette_runtime::codegen::{Operation, Paging, PagingKind, Place, Request, SendAt, Stop};
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::{Error, Kind};
use futures::{StreamExt, TryStreamExt};
use serde_json::Value;

use crate::api::{Bench, CANARY, QUERY, READ, TENANT};
use crate::paging_api::*;

fn walk(bench: &Bench, operation: &'static Operation) -> Vec<Result<Value, Error>> {
    bench.run(call(bench, operation).items().take(100_000).collect())
}

fn ids(walked: &[Result<Value, Error>]) -> Vec<u64> {
    walked
        .iter()
        .map(|item| id(item.as_ref().unwrap()))
        .collect()
}

fn rows(count: u64) -> Vec<u64> {
    (0..count).map(|n| 3 * n + 5).collect()
}

/// Row H1 in its plain form: every kind, to the last item, with as many requests as the kind needs.
#[test]
fn every_kind_is_walked_to_its_end() {
    for operation in LISTS {
        let kind = operation.page.unwrap().kind;
        for (count, pages) in [(0, 1), (1, 1), (9, 1), (10, 1), (11, 2), (25, 3), (30, 3)] {
            let bench = bench();
            serve(&bench, operation, rows(count));
            let walked = walk(&bench, operation);
            assert_eq!(ids(&walked), rows(count), "{} {count}", operation.name);
            // By key, nothing but a page that is not full tells the end.
            let more = matches!(kind, PagingKind::Keyset { .. }) && count > 0 && count % SIZE == 0;
            let pages = pages + usize::from(more);
            assert_eq!(bench.script.count(), pages, "{} {count}", operation.name);
        }
    }
}

/// A size is sent where the table says, on each page.
#[test]
fn sizes_are_sent_to_every_place() {
    for operation in LISTS {
        let bench = bench();
        serve(&bench, operation, rows(25));
        let mut list = call(&bench, operation);
        list.request_mut().size(7);
        let pages: Vec<_> = bench.run(list.pages().try_collect()).unwrap();
        let sizes: Vec<_> = pages.iter().map(|page| page.items.len()).collect();
        assert_eq!(sizes, [7, 7, 7, 4], "{}", operation.name);
        let place = operation.page.unwrap().size;
        for request in bench.script.requests() {
            assert_eq!(
                sent(place, &request).as_deref(),
                Some("7"),
                "{}",
                operation.name
            );
        }
    }
}

/// What a policy adds to bodies and headers leaves the rest of them as it is.
#[test]
fn positions_join_what_the_caller_sends() {
    let bench = bench();
    serve(&bench, &LIST_CURSOR_IN_BODY, rows(15));
    walk(&bench, &LIST_CURSOR_IN_BODY);
    let bodies: Vec<_> = bench
        .script
        .requests()
        .iter()
        .map(|request| request.body.clone())
        .collect();
    assert_eq!(bodies[0], r#"{"query":"all"}"#);
    assert_eq!(bodies[1], r#"{"query":"all","page":{"after":"c-10"}}"#);

    let bench = self::bench();
    serve(&bench, &LIST_KEYSET_IN_BODY, rows(15));
    let mut list = call(&bench, &LIST_KEYSET_IN_BODY);
    list.request_mut().size(9);
    bench.run(list.items().try_collect::<Vec<_>>()).unwrap();
    let body = bench.script.requests()[1].body.clone();
    assert_eq!(
        body, r#"{"query":"all","limit":9,"after":29}"#,
        "a number stays a number"
    );

    let bench = self::bench();
    serve(&bench, &LIST_CURSOR, rows(15));
    walk(&bench, &LIST_CURSOR);
    let requests = bench.script.requests();
    assert!(
        requests
            .iter()
            .all(|request| request.header("x-paging") == Some("cursor"))
    );
}

/// A body that is given after the size is sized all the same.
#[test]
fn the_order_of_setters_does_not_matter() {
    let bench = bench();
    serve(&bench, &LIST_OFFSET_IN_BODY, rows(30));
    let mut request = Request::new(&bench.core, &LIST_OFFSET_IN_BODY);
    request.start(20);
    request.size(4);
    let page = bench
        .run(
            request
                .json(&serde_json::json!({"page": {"x": 1}}))
                .list::<Value>(),
        )
        .unwrap();
    assert_eq!(
        (page.items.len(), page.position, page.total),
        (4, 20, Some(30))
    );
    assert_eq!(
        bench.script.requests()[0].body,
        r#"{"page":{"x":1,"from":20,"size":4}}"#
    );
}

/// Single pages by their cursors, as somebody's own pages would be shown; any text is a cursor.
#[test]
fn cursors_can_be_walked_by_hand() {
    let bench = bench();
    serve(&bench, &LIST_CURSOR, rows(25));
    let (mut cursor, mut all) = (None, Vec::new());
    loop {
        let mut list = call(&bench, &LIST_CURSOR);
        if let Some(cursor) = &cursor {
            list.request_mut().cursor(cursor);
        }
        let page = bench.run(list).unwrap();
        all.extend(page.items.iter().map(id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((all, bench.script.count()), (rows(25), 3));

    let bench = self::bench();
    serve(&bench, &LIST_KEYSET, rows(25));
    let mut list = call(&bench, &LIST_KEYSET);
    list.request_mut().cursor(&rows(25)[11]);
    let page = bench.run(list.clone()).unwrap();
    assert_eq!(
        (id(&page.items[0]), page.next_cursor.as_deref()),
        (rows(25)[12], Some("68"))
    );
    list.request_mut().cursor(&"");
    assert_eq!(bench.run(list).unwrap_err().kind(), Kind::Parameter);

    let strange = "a+/=&?#%20\u{e9} b";
    let bench = self::bench();
    let next = serde_json::json!({"data": [{"id": 1}], "meta": {"next": strange}});
    bench
        .script
        .reply(ScriptReply::json(200, next.to_string()))
        .reply(ScriptReply::json(200, r#"{"data":[]}"#));
    assert_eq!(walk(&bench, &LIST_CURSOR).len(), 1);
    let asked = bench.script.requests()[1]
        .query("cursor")
        .map(str::to_owned);
    assert_eq!(asked.as_deref(), Some("a%2B%2F%3D%26%3F%23%2520%C3%A9%20b"));
}

/// A cursor that no header can carry is an error and not another header.
#[test]
fn cursors_do_not_break_out_of_headers() {
    let bench = bench();
    let mut list = call(&bench, &LIST_CURSOR_IN_HEADERS);
    list.request_mut().cursor(&"a\r\nx-evil: 1");
    assert_eq!(bench.run(list).unwrap_err().kind(), Kind::Parameter);
    assert_eq!(bench.script.count(), 0);
}

/// Row E2: the server's URL is followed as it stands, but what signs and what the client adds stands there once.
#[test]
fn next_urls_get_each_parameter_once() {
    static BY_QUERY: Operation = Operation {
        security: &[&[&QUERY]],
        ..BY_NEXT_URL
    };
    let bench = bench_with(|builder| {
        builder.credential(&QUERY, CANARY);
        builder.param(&TENANT, &"t1");
    });
    let secret = "canary-7f3a9%2B%2Fsecret";
    let next = format!(
        r#"{{"data":[{{"id":1}}],"links":{{"next":"https://SHOP.example:443/v2/else?tenant=t1&at=7&%61pi_key={secret}&x={secret}&flag&z=%20#f"}}}}"#
    );
    bench
        .script
        .reply(ScriptReply::json(200, next))
        .reply(ScriptReply::json(200, r#"{"data":[]}"#));
    let mut items = call(&bench, &BY_QUERY).items();
    bench.run(items.try_next()).unwrap();
    let kept = serde_json::to_string(&items.checkpoint()).unwrap();
    assert!(
        !kept.contains("canary") && kept.contains("/v2/else?at=7&flag&z=%20"),
        "{kept}"
    );
    assert_eq!(bench.run(items.try_next()).unwrap(), None);
    let uri = bench.script.requests()[1].uri.to_string();
    assert_eq!(
        uri,
        format!("https://shop.example/v2/else?at=7&flag&z=%20&tenant=t1&api_key={secret}")
    );
}

/// Rows H7, H8: a list in json-server's manner, whose `Link` lines are odd.
#[test]
fn link_headers_lead_on() {
    let bench = bench();
    let page = |link: &str| {
        ScriptReply::json(200, r#"[{"id":1}]"#)
            .header("link", link)
            .header("x-total-count", "3")
    };
    bench
        .script
        .reply(page(
            r#"<broken; rel="next", </v1/things?p=2>; title="x; rel=\"prev\""; rel="last next""#,
        ))
        .reply(
            ScriptReply::json(200, r#"[{"id":2}]"#)
                .header("link", "<https://shop.example/v1/things?p=3>;rel=NEXT"),
        )
        .reply(ScriptReply::json(200, r#"[{"id":3}]"#).header("link", "</v1/things>; rel=first"));
    let mut pages = call(&bench, &LIST_LINK).pages();
    let first = bench.run(pages.try_next()).unwrap().unwrap();
    assert_eq!((first.total, first.position), (Some(3), 0));
    let others: Vec<_> = bench.run(pages.try_collect()).unwrap();
    assert_eq!(
        others
            .iter()
            .map(|page| (id(&page.items[0]), page.position))
            .collect::<Vec<_>>(),
        [(2, 1), (3, 2)]
    );
    let asked: Vec<_> = bench
        .script
        .requests()
        .iter()
        .map(|request| request.uri.to_string())
        .collect();
    assert_eq!(
        asked[1..],
        [
            "https://shop.example/v1/things?p=2",
            "https://shop.example/v1/things?p=3"
        ]
    );

    // Row H7: what cannot be read is not the end of the list.
    for link in [
        "<https://shop.example/v1/things?p=2; rel=\"next\"".to_owned(),
        "</a>;rel=x,".repeat(2000),
    ] {
        let bench = self::bench();
        bench.script.reply(page(&link));
        let mut items = call(&bench, &LIST_LINK).items();
        assert_eq!(
            bench.run(items.try_next()).unwrap_err().kind(),
            Kind::Decode,
            "{}",
            link.len()
        );
    }
}

/// Items that are walked by a key need it, also when they do not fit otherwise.
#[test]
fn keys_are_read_from_the_last_item() {
    static BY_NAME: Paging = Paging {
        kind: PagingKind::Keyset { by: "n" },
        start: Some(SendAt::Query("after")),
        items: &["data"],
        total: Some(Place::Body(&["total"])),
        stop: &[Stop::EmptyPage],
        ..Paging::NEW
    };
    static LIST: Operation = Operation {
        path: "/things",
        page: Some(&BY_NAME),
        ..READ
    };
    let bench = bench();
    for body in [
        r#"{"data":[{"n":1},{"n":-1.50}]}"#,
        r#"{"data":[{"n":"b \u00e9"}]}"#,
        r#"{"data":[{"n":18446744073709551615}]}"#,
        r#"{"data":[{"n":null}]}"#,
    ] {
        bench.script.reply(ScriptReply::json(200, body));
    }
    let walked: Vec<_> = bench.run(
        Request::new(&bench.core, &LIST)
            .list::<Value>()
            .items()
            .collect(),
    );
    let asked: Vec<_> = bench
        .script
        .requests()
        .iter()
        .map(|request| request.uri.query().map(str::to_owned))
        .collect();
    let wanted = [
        None,
        Some("after=-1.50"),
        Some("after=b%20%C3%A9"),
        Some("after=18446744073709551615"),
    ];
    assert_eq!(asked, wanted.map(|query| query.map(str::to_owned)));
    // The last page is given; then it is said that nothing leads on.
    assert_eq!(walked.len(), 6);
    assert_eq!(walked[5].as_ref().unwrap_err().kind(), Kind::PagingStalled);
    assert!(walked[5].as_ref().unwrap_err().to_string().contains("`n`"));

    let bench = self::bench();
    bench
        .script
        .reply(ScriptReply::json(200, r#"{"data":[7,{"n":"x"}]}"#))
        .reply(ScriptReply::json(200, r#"{"data":[]}"#));
    let walked: Vec<_> = bench.run(
        Request::new(&bench.core, &LIST)
            .list::<u32>()
            .items()
            .collect(),
    );
    assert_eq!(
        (
            walked.len(),
            walked[1].is_err(),
            bench.script.requests()[1].query("after")
        ),
        (2, true, Some("x"))
    );
}
