//! Writes over many rows: a guard counts what the filters select, just before, and nothing is written when the number
//! is another one or a filter has no value. The server counts.

use std::time::Duration;

use etiquette_runtime::Kind;
use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::{RecordedRequest, ScriptReply};
use http::Method;
use serde_json::Value;

use crate::api::{Bench, READ, RETRY};

static COUNT: Operation = Operation {
    name: "tasks.count",
    path: "/tasks/count",
    query: &[("only", "number")],
    ..READ
};
static CLOSE: Operation = Operation {
    name: "tasks.close_many",
    verb: Verb::Put,
    path: "/tasks",
    effect: Effect::Once,
    retry: Some(&RETRY),
    ..READ
};

fn close(bench: &Bench) -> BulkWrite<Value, Unfiltered> {
    let count = Request::new(&bench.core, &COUNT).call_at::<i64>(&["data", "total"]);
    let write = Request::new(&bench.core, &CLOSE).json(&"closed");
    write.call::<Value>().bulk(count)
}

fn by_status(bench: &Bench) -> BulkWrite<Value, Filtered> {
    let mut bulk = close(bench).filtered();
    bulk.filter_mut().query("status", &"in progress");
    bulk
}

/// Counts as it is told, one number after the other, and carries out every write.
fn serve(bench: &Bench, counts: &'static [u64]) {
    let mut counts = counts.iter();
    bench.script.respond_with(move |request| {
        if request.method == Method::GET {
            let count = counts.next().unwrap();
            return ScriptReply::json(200, format!(r#"{{"data":{{"total":{count}}}}}"#));
        }
        ScriptReply::json(200, r#""done""#)
    });
}

fn writes(bench: &Bench) -> Vec<RecordedRequest> {
    let all = bench.script.requests().into_iter();
    all.filter(|request| request.method == Method::PUT)
        .collect()
}

/// Row F9: the count and the write bear the same filters, and nothing else of each other.
#[test]
fn it_counts_and_then_writes() {
    let bench = Bench::new();
    serve(&bench, &[17, 17]);
    let plan = bench.run(by_status(&bench).plan()).unwrap();
    assert_eq!(plan.count, 17);
    assert!(writes(&bench).is_empty(), "a plan writes nothing");
    assert_eq!(bench.run(plan.apply()).unwrap(), "done");
    let paths: Vec<_> = bench
        .script
        .requests()
        .iter()
        .map(|request| format!("{} {}", request.method, request.uri))
        .collect();
    let count = "GET https://shop.example/v1/tasks/count?only=number&status=in%20progress";
    let write = "PUT https://shop.example/v1/tasks?status=in%20progress";
    assert_eq!(paths, [count, count, write]);
    assert_eq!(writes(&bench)[0].body, r#""closed""#);
}

/// Row F9: rows that came or went between the look and the write stop it, and the error has both numbers.
#[test]
fn another_count_writes_nothing() {
    for counts in [&[17, 18][..], &[17, 16], &[17, 0]] {
        let bench = Bench::new();
        let counted = counts[1];
        serve(&bench, Box::leak(counts.into()));
        let plan = bench.run(by_status(&bench).plan()).unwrap();
        let error = bench.run(plan.apply()).unwrap_err();
        let expected = 17;
        assert_eq!(error.kind(), Kind::CountChanged { expected, counted });
        let said = format!("17 rows were expected and there are {counted}");
        assert!(error.to_string().ends_with(&said), "{error}");
        assert!(!error.may_have_happened() && !error.is_retryable());
        assert!(writes(&bench).is_empty());
    }
    let bench = Bench::new();
    serve(&bench, &[4]);
    let error = bench.run(by_status(&bench).expect(3)).unwrap_err();
    assert_eq!(
        error.kind(),
        Kind::CountChanged {
            expected: 3,
            counted: 4
        }
    );
    assert_eq!(bench.script.count(), 1);
}

/// Row F9: a filter that turned out empty is refused before anything is sent, also beside one that is not.
#[test]
fn an_empty_filter_sends_nothing() {
    type Add = fn(&mut Request);
    let empty: [Add; 7] = [
        |request| request.query_joined("id", '|', [0_u64; 0]),
        |_| {},
        |request| request.query("status", &""),
        |request| request.range::<i64>(["a", "b", "c", "d"], &(..)),
        |request| request.query("id[]", &""),
        |request| request.flag("mine", false),
        |request| request.query_joined("id", ',', [""]),
    ];
    for (at, add) in empty.into_iter().enumerate() {
        for beside in [false, true] {
            let bench = Bench::new();
            let mut bulk = close(&bench).filtered();
            if beside {
                bulk.filter_mut().query("owner", &"me");
            }
            add(bulk.filter_mut());
            if beside {
                bulk.filter_mut().query("team", &7);
            }
            for error in [
                bench.run(bulk.clone().plan()).unwrap_err(),
                bench.run(bulk.expect(1)).unwrap_err(),
            ] {
                assert_eq!(error.kind(), Kind::Parameter, "{at}");
                assert!(
                    error.to_string().contains("a filter has no value"),
                    "{error}"
                );
            }
            assert_eq!(bench.script.count(), 0, "{at}");
        }
    }
}

/// What cannot be written is not counted either.
#[test]
fn a_write_that_cannot_be_sent_is_not_counted() {
    let bench = Bench::new();
    let mut bulk = by_status(&bench);
    bulk.request_mut().query("x", &f64::NAN);
    let error = bench.run(bulk.expect(1)).unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Parameter, 0));
}

/// Rows A1 and A5: a write over many rows is sent once, whatever its verb; the count is a read.
#[test]
fn a_lost_write_is_not_sent_again() {
    let bench = Bench::new();
    bench.script.reply(ScriptReply::json(503, "{}"));
    bench
        .script
        .reply(ScriptReply::json(200, r#"{"data":{"total":2}}"#));
    bench.script.reply(ScriptReply::lost());
    let error = bench.run(by_status(&bench).expect(2)).unwrap_err();
    assert_eq!(error.kind(), Kind::Ambiguous);
    assert!(error.may_have_happened());
    assert_eq!((bench.script.count(), writes(&bench).len()), (3, 1));
}

/// A count that is none is an error of the count, and nothing is written.
#[test]
fn a_count_that_is_none_writes_nothing() {
    for body in [
        r#"{"data":{"total":-1}}"#,
        r#"{"data":{}}"#,
        "[]",
        r#"{"data":{"total":"2"}}"#,
    ] {
        let bench = Bench::new();
        bench.script.reply(ScriptReply::json(200, body));
        let error = bench.run(by_status(&bench).expect(2)).unwrap_err();
        assert_eq!(error.kind(), Kind::Decode, "{body}");
        assert!(error.to_string().contains("/tasks/count"), "{error}");
        assert!(writes(&bench).is_empty());
    }
}

/// A deadline bounds count and write together; headers go with both.
#[test]
fn options_hold_for_both() {
    let bench = Bench::new();
    let slow = Duration::from_secs(4);
    bench.script.respond_with(move |request| {
        let text = if request.method == Method::GET {
            r#"{"data":{"total":2}}"#
        } else {
            "1"
        };
        ScriptReply::json(200, text).after(slow)
    });
    let bulk = by_status(&bench).with_header("x-reason", "spring");
    let bulk = bulk
        .with_attempts(1)
        .with_max_wait(slow)
        .with_timeout(slow * 2);
    let error = bench
        .run(bulk.clone().with_deadline(slow + slow / 2).expect(2))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Ambiguous);
    assert_eq!(bench.seconds(), 6.0);
    bench.run(bulk.with_deadline(slow * 3).expect(2)).unwrap();
    let reasons = bench.script.requests();
    assert!(
        reasons
            .iter()
            .all(|request| request.header("x-reason") == Some("spring"))
    );
}
