//! Reads that ask whether something has changed.

use std::time::Duration;

use etiquette_runtime::Cache;
use etiquette_runtime::Kind;
use etiquette_runtime::codegen::{Builder, Call, Operation, Request};
use etiquette_runtime::testing::{RecordedRequest, ScriptReply};
use etiquette_runtime::value::Json;
use serde_json::json;

use crate::api::{Bench, CHANGE, CREATE, GET, KEY, READ, SHOP};

static LIST: Operation = Operation {
    name: "orders.all",
    path: "/orders",
    ..READ
};

fn bench() -> (Bench, Cache) {
    let cache = Cache::new(100_000);
    let bench = Bench::with(|builder| builder.cache(cache.clone()));
    (bench, cache)
}

fn get(bench: &Bench, id: &str) -> Call<Json> {
    Request::new(&bench.core, &GET).key(&id).call()
}

/// A server with one version of everything: it answers conditions as RFC 9110 §13.1 asks.
fn serve(bench: &Bench, tag: &'static str) {
    bench.script.respond_with(move |request| {
        if request.header("if-none-match") == Some(tag) {
            return ScriptReply::empty(304).header("etag", tag);
        }
        let body = json!({"tag": tag, "path": request.path()}).to_string();
        ScriptReply::json(200, body).header("etag", tag)
    });
}

fn condition(request: &RecordedRequest) -> Option<&str> {
    request.header("if-none-match")
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let (bench, _) = bench();
    serve(&bench, "\"v1\"");
    let first = bench.run(get(&bench, "7").send_raw()).unwrap();
    let second = bench.run(get(&bench, "7").send_raw()).unwrap();
    assert_eq!((&first.value, first.status), (&second.value, 200));
    assert_eq!((second.status, second.attempts), (200, 1));
    assert_eq!(second.headers["content-type"], "application/json");
    // Changed: the new one comes, and is kept.
    serve(&bench, "W/\"v2\"");
    for _ in 0..2 {
        assert_eq!(bench.run(get(&bench, "7")).unwrap()["tag"], "W/\"v2\"");
    }
    let sent = bench.script.requests();
    let conditions: Vec<_> = sent.iter().map(condition).collect();
    let asked = [None, Some("\"v1\""), Some("\"v1\""), Some("W/\"v2\"")];
    assert_eq!(conditions, asked);
}

#[test]
fn a_date_is_a_condition_too() {
    let (bench, _) = bench();
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    bench
        .script
        .reply(
            ScriptReply::json(200, "7")
                .header("last-modified", date)
                .header("date", "Sun, 06 Nov 1994 08:49:38 GMT"),
        )
        .reply(
            ScriptReply::empty(304)
                .header("x-fresh", "1")
                .header("content-length", "0")
                .header("content-type", "text/html"),
        )
        .reply(ScriptReply::empty(304));
    for fresh in [None, Some("1"), Some("1")] {
        let reply = bench.run(get(&bench, "7").send_raw()).unwrap();
        assert_eq!(reply.value, json!(7));
        let found = reply.headers.get("x-fresh").map(|it| it.to_str().unwrap());
        assert_eq!(found, fresh, "fresh headers are kept");
        assert_eq!(reply.headers["content-type"], "application/json");
        assert!(!reply.headers.contains_key("content-length"));
    }
    for request in &bench.script.requests()[1..] {
        assert_eq!(request.header("if-modified-since"), Some(date));
        assert_eq!(condition(request), None);
    }
}

/// Row B1: a read that comes from the cache costs its slot all the same.
#[test]
fn a_slot_is_a_slot() {
    let cache = Cache::new(100_000);
    let bench = Bench::with(|builder| {
        builder.cache(cache);
        builder.setting("per_minute", 2_u32);
    });
    serve(&bench, "\"v1\"");
    for _ in 0..3 {
        bench.run(get(&bench, "7")).unwrap();
    }
    let sent = bench.script.requests();
    assert!(sent[2].arrived - sent[0].arrived >= Duration::from_secs(60));
}

#[test]
fn what_must_not_be_kept_is_not() {
    for (name, value) in [
        ("cache-control", "private, No-Store"),
        ("vary", "accept, *"),
        ("etag", ""),
    ] {
        let (bench, cache) = bench();
        let reply = ScriptReply::json(200, "7").header("etag", "\"v1\"");
        let mut reply = reply.header(name, value);
        if value.is_empty() {
            reply = ScriptReply::json(200, "7");
        }
        bench.script.respond_with(move |_| reply.clone());
        for _ in 0..2 {
            bench.run(get(&bench, "7")).unwrap();
        }
        assert!(
            bench
                .script
                .requests()
                .iter()
                .all(|it| condition(it).is_none()),
            "{name}"
        );
        assert!(format!("{cache:?}").contains("answers: 0"));
    }
    // Nor what came in part, nor what is no 200.
    let (bench, cache) = bench();
    let tagged = |status| ScriptReply::json(status, "{\"id\":7}").header("etag", "\"v1\"");
    bench
        .script
        .reply(tagged(200).truncated_at(3))
        .reply(tagged(200).truncated_at(3))
        .reply(tagged(404))
        .reply(tagged(203));
    bench.run(get(&bench, "7").with_attempts(2)).unwrap_err();
    bench.run(get(&bench, "7")).unwrap_err();
    bench.run(get(&bench, "7")).unwrap();
    assert!(
        bench
            .script
            .requests()
            .iter()
            .all(|it| condition(it).is_none())
    );
    assert!(format!("{cache:?}").contains("answers: 0"));
}

/// Row G10: "not modified" is nothing without what it was compared with.
#[test]
fn not_modified_without_a_copy_is_an_error() {
    for cached in [false, true] {
        let (bench, _) = if cached {
            bench()
        } else {
            (Bench::new(), Cache::new(0))
        };
        bench.script.reply(ScriptReply::empty(304));
        let error = bench.run(get(&bench, "7")).unwrap_err();
        assert_eq!((error.kind(), error.status()), (Kind::Api, Some(304)));
    }
    // Nor with a copy of something else.
    let (bench, _) = bench();
    bench
        .script
        .reply(ScriptReply::json(200, "7").header("etag", "\"v1\""))
        .reply(ScriptReply::empty(304).header("etag", "\"v2\""))
        .reply(ScriptReply::json(200, "8"));
    bench.run(get(&bench, "7")).unwrap();
    let error = bench.run(get(&bench, "7")).unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Decode, Some(304)));
    assert_eq!(bench.run(get(&bench, "7")).unwrap(), json!(8));
    assert_eq!(condition(&bench.script.requests()[2]), None);
}

#[test]
fn each_asks_only_for_its_own() {
    let cache = Cache::new(100_000);
    let benches = ["one-token", "other-token"].map(|token| {
        let seeded = Bench::new();
        let mut builder = Builder::new(&SHOP);
        builder.credential(&KEY, token);
        builder.transport(seeded.script.clone());
        builder.clock(seeded.clock.clone());
        builder.cache(cache.clone());
        let core = builder.build().unwrap();
        Bench { core, ..seeded }
    });
    for bench in &benches {
        serve(bench, "\"v1\"");
        bench.run(get(bench, "7")).unwrap();
        bench.run(get(bench, "8")).unwrap();
        let swedish = get(bench, "7").with_header("Accept-Language", "sv");
        bench.run(swedish).unwrap();
        assert!(
            bench
                .script
                .requests()
                .iter()
                .all(|it| condition(it).is_none())
        );
        // A clone of the client is the same client; a condition of the caller's is the caller's business.
        let clone = bench.core.clone();
        let call = Request::new(&clone, &GET).key(&"7").call::<Json>();
        bench.run(call).unwrap();
        let own = get(bench, "7").with_header("If-None-Match", "\"v0\"");
        bench.run(own).unwrap();
        let own = get(bench, "7").with_header("Cache-Control", "no-store");
        bench.run(own).unwrap();
        let sent = bench.script.requests();
        let asked: Vec<_> = sent[3..].iter().map(condition).collect();
        assert_eq!(asked, [Some("\"v1\""), Some("\"v0\""), None]);
    }
    assert!(!format!("{cache:?}").contains("token"));
}

#[test]
fn a_write_makes_what_is_kept_old() {
    let (bench, _) = bench();
    serve(&bench, "\"v1\"");
    let list = |page: u64| {
        let mut request = Request::new(&bench.core, &LIST);
        request.query("page", &page);
        request.call::<Json>()
    };
    let all = || {
        bench.run(get(&bench, "7")).unwrap();
        bench.run(list(1)).unwrap();
        bench.run(list(2)).unwrap();
    };
    all();
    bench.run(bench.call(&CHANGE)).unwrap();
    all();
    bench.run(bench.call(&CREATE)).unwrap();
    all();
    let sent = bench.script.requests();
    let asked: Vec<bool> = sent.iter().map(|it| condition(it).is_some()).collect();
    let (no, yes) = (false, true);
    assert_eq!(asked, [no, no, no, no, no, yes, yes, no, yes, no, no]);
}

#[test]
fn an_attempt_that_fails_changes_nothing() {
    let (bench, _) = bench();
    serve(&bench, "\"v1\"");
    bench.run(get(&bench, "7")).unwrap();
    bench
        .script
        .reply(ScriptReply::text(503, "down"))
        .reply(ScriptReply::reset());
    let reply = bench.run(get(&bench, "7").send_raw()).unwrap();
    assert_eq!(
        (reply.attempts, reply.value["tag"].as_str()),
        (3, Some("\"v1\""))
    );
    let sent = bench.script.requests();
    assert!(sent[1..].iter().all(|it| condition(it) == Some("\"v1\"")));
}

/// A date has whole seconds: a body of the same second may be changed within it and keep its date, by our own write for
/// one (RFC 9110 §8.8.2.2).
#[test]
fn a_date_of_this_second_is_no_condition() {
    let modified = "Sun, 06 Nov 1994 08:49:37 GMT";
    for date in [modified, "Sun, 06 Nov 1994 08:49:36 GMT", "soon"] {
        let (bench, cache) = bench();
        let reply = ScriptReply::json(200, "7").header("last-modified", modified);
        let reply = reply.header("date", date);
        bench.script.respond_with(move |_| reply.clone());
        for _ in 0..2 {
            bench.run(get(&bench, "7")).unwrap();
        }
        let asked = bench.script.requests()[1]
            .header("if-modified-since")
            .map(str::to_owned);
        assert_eq!(asked, None, "{date:?}");
        assert!(format!("{cache:?}").contains("answers: 0"), "{date:?}");
    }
}
