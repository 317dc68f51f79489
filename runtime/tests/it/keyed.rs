//! Writes with an idempotency key: the same key and the same bytes each time, and what the API says to a repetition.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use etiquette_runtime::codegen::{
    Builder, Call, Effect, IdempotencyKey, Operation, Replay, ReplayMeans, Request, Retry, SendAt,
};
use etiquette_runtime::testing::{RecordedRequest, ScriptReply};
use etiquette_runtime::value::Json;
use etiquette_runtime::{CredentialProvider, CredentialValue, Error, Kind, Phase};
use serde_json::json;

use crate::api::{Any, Bench, CANARY, CREATE, KEY, RETRY, SHOP, ok};
use crate::paging_api::bench_with;

const HOUR: Duration = Duration::from_secs(3600);

static PATIENT: Retry = Retry {
    statuses: &[408, 500, 502, 503, 504],
    attempts: 8,
    max_elapsed: None,
    ..RETRY
};

const fn key(at: SendAt) -> IdempotencyKey {
    IdempotencyKey {
        at,
        within: Some(HOUR),
        replay: None,
    }
}

const fn replay(status: u16, means: ReplayMeans) -> IdempotencyKey {
    IdempotencyKey {
        replay: Some(Replay { status, means }),
        ..key(SendAt::Header("idempotency-key"))
    }
}

const fn create(key: &'static IdempotencyKey) -> Operation {
    Operation {
        effect: Effect::Keyed(key),
        retry: Some(&PATIENT),
        ..CREATE
    }
}

static IN_HEADER: Operation = create(&key(SendAt::Header("idempotency-key")));
static IN_QUERY: Operation = create(&key(SendAt::Query("request id")));
static IN_BODY: Operation = create(&key(SendAt::Body(&["meta", "key"])));
static SHORT: Operation = create(&IdempotencyKey {
    within: Some(Duration::from_secs(60)),
    ..key(SendAt::Header("idempotency-key"))
});
static DONE: Operation = create(&replay(409, ReplayMeans::Done));
static IN_PROGRESS: Operation = create(&replay(409, ReplayMeans::InProgress));
static SILENT: Operation = Operation {
    reads_body: false,
    ..create(&replay(409, ReplayMeans::Done))
};

fn call(bench: &Bench, operation: &'static Operation) -> Call<Any> {
    let body = json!({"name": "x", "price": 1.50});
    Request::new(&bench.core, operation).json(&body).call()
}

fn header(request: &RecordedRequest) -> String {
    request.header("idempotency-key").unwrap().to_owned()
}

fn fail(bench: &Bench, call: Call<Any>) -> Error {
    bench.run(call).unwrap_err()
}

/// Row A7: one key, made before the first attempt, in each place; the same bytes each time; a version 4 UUID.
#[test]
fn the_key_and_the_bytes_are_the_same_each_time() {
    for operation in [&IN_HEADER, &IN_QUERY, &IN_BODY] {
        let bench = Bench::new();
        bench
            .script
            .reply(ScriptReply::lost())
            .reply(ScriptReply::text(503, "down"))
            .reply(ScriptReply::text(408, "slow"))
            .reply(ok().truncated_at(3))
            .reply(ok());
        let reply = bench.run(call(&bench, operation).send_raw()).unwrap();
        let key = reply.idempotency_key.unwrap();
        let sent = bench.script.requests();
        assert_eq!(sent.len(), 5);
        for request in &sent {
            assert_eq!((&request.uri, &request.body), (&sent[0].uri, &sent[0].body));
            assert_eq!(header_or_none(request), header_or_none(&sent[0]));
        }
        let body: Json = serde_json::from_slice(&sent[0].body).unwrap();
        let found = match operation.effect {
            Effect::Keyed(IdempotencyKey { at, .. }) => match at {
                SendAt::Header(_) => header(&sent[0]),
                SendAt::Query(_) => sent[0].query("request%20id").unwrap().to_owned(),
                SendAt::Body(_) => body["meta"]["key"].as_str().unwrap().to_owned(),
            },
            other => panic!("{other:?}"),
        };
        assert_eq!(found, key);
        assert_eq!((&body["name"], &body["price"]), (&json!("x"), &json!(1.5)));
        let parts: Vec<usize> = key.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{key}");
        assert!(key.as_bytes()[14] == b'4' && b"89ab".contains(&key.as_bytes()[19]));
    }
}

fn header_or_none(request: &RecordedRequest) -> Option<&str> {
    request.header("idempotency-key")
}

/// Row A7: each call has a key of its own, also those of clients that were made at the same time, and a clone's is new.
#[test]
fn no_two_calls_share_a_key() {
    let mut keys = HashSet::new();
    for _ in 0..4 {
        let bench = Bench::new();
        bench.script.respond_with(|_| ok());
        let original = call(&bench, &IN_HEADER);
        for _ in 0..8 {
            bench.run(original.clone()).unwrap();
        }
        keys.extend(bench.script.requests().iter().map(header));
    }
    assert_eq!(keys.len(), 8, "clients with one seed repeat themselves");
    keys.clear();
    for _ in 0..64 {
        let seeded = Bench::new();
        seeded.script.respond_with(|_| ok());
        let mut builder = Builder::new(&SHOP);
        builder.credential(&KEY, CANARY);
        builder.transport(seeded.script.clone());
        builder.clock(seeded.clock.clone());
        let bench = Bench {
            core: builder.build().unwrap(),
            ..seeded
        };
        bench.run(call(&bench, &IN_HEADER)).unwrap();
        keys.extend(bench.script.requests().iter().map(header));
    }
    assert_eq!(keys.len(), 64);
}

/// Row A7: a key of the caller's is sent instead, wherever it was put; what cannot be a key is refused before anything
/// is sent.
#[test]
fn a_key_of_the_callers() {
    let bench = Bench::new();
    bench.script.respond_with(|_| ok());
    for operation in [&IN_HEADER, &IN_QUERY, &IN_BODY] {
        let call = call(&bench, operation).with_idempotency_key("order 7/a");
        let reply = bench.run(call.send_raw()).unwrap();
        assert_eq!(reply.idempotency_key.as_deref(), Some("order 7/a"));
    }
    let own = call(&bench, &IN_HEADER).with_header("Idempotency-Key", "own");
    bench.run(own).unwrap();
    let body = json!({"meta": {"key": "in the body", "n": 1}});
    let there = || {
        Request::new(&bench.core, &IN_BODY)
            .json(&body)
            .call::<Any>()
    };
    let reply = bench.run(there().send_raw()).unwrap();
    assert_eq!(reply.idempotency_key.as_deref(), Some("in the body"));
    let same = there().with_idempotency_key("in the body");
    bench.run(same).unwrap();
    let sent = bench.script.requests();
    assert_eq!(header(&sent[0]), "order 7/a");
    assert_eq!(sent[1].query("request%20id"), Some("order%207%2Fa"));
    assert_eq!(header(&sent[3]), "own");
    assert_eq!(sent[4].body, body.to_string());
    assert_eq!(sent[5].body, body.to_string());

    let refused = |call: Call<Any>| {
        let error = fail(&bench, call);
        assert_eq!(
            (error.kind(), error.phase()),
            (Kind::Parameter, Phase::NotSent)
        );
    };
    refused(there().with_idempotency_key("another"));
    let long = "x".repeat(256);
    for bad in ["", " x", "x ", "a\r\nb", "a\0", "é", long.as_str()] {
        refused(call(&bench, &IN_HEADER).with_idempotency_key(bad));
    }
    refused(call(&bench, &CREATE).with_idempotency_key("no place for it"));
    assert_eq!(bench.script.count(), 6);
}

/// Row A7: the error bears the key, and with it the same request is made again.
#[test]
fn the_key_of_a_failed_call_serves_again() {
    let bench = Bench::new();
    bench.script.reply(ScriptReply::lost()).reply(ok());
    let error = fail(&bench, call(&bench, &IN_HEADER).with_attempts(1));
    assert_eq!(
        (error.kind(), error.phase()),
        (Kind::Ambiguous, Phase::Unknown)
    );
    assert!(error.may_have_happened() && !error.is_retryable());
    let key = error.idempotency_key().unwrap();
    bench
        .run(call(&bench, &IN_HEADER).with_idempotency_key(key))
        .unwrap();
    let sent = bench.script.requests();
    assert_eq!(header(&sent[0]), header(&sent[1]));
    assert_eq!(sent[0].body, sent[1].body);
}

/// Row A7: what was not understood bears the key too.
#[test]
fn a_misfit_bears_the_key() {
    let bench = Bench::new();
    bench.script.reply(ScriptReply::json(200, "{"));
    let error = fail(&bench, call(&bench, &IN_HEADER));
    assert_eq!(error.kind(), Kind::Decode);
    assert_eq!(
        error.idempotency_key(),
        Some(&*header(&bench.script.requests()[0]))
    );
}

/// Row A7: a key that the API has forgotten makes nothing safe.
#[test]
fn after_its_time_a_key_is_no_key() {
    // The wait that the API asks for is longer than it remembers.
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::text(503, "down").header("retry-after", "61"));
    let error = fail(&bench, call(&bench, &SHORT));
    assert_eq!((error.kind(), error.status()), (Kind::Ambiguous, Some(503)));
    assert_eq!((bench.script.count(), bench.seconds()), (1, 0.0));

    // Within its time it is sent again.
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::text(503, "down").header("retry-after", "50"))
        .reply(ok());
    bench.run(call(&bench, &SHORT)).unwrap();
    assert_eq!(bench.script.count(), 2);

    // A gate that opens too late: the repetition was decided, and is not sent.
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::lost())
        .reply(ScriptReply::text(429, "later").header("retry-after", "120"));
    let error = fail(&bench, call(&bench, &SHORT));
    assert_eq!(error.kind(), Kind::Ambiguous);
    assert!(error.may_have_happened());
    assert_eq!(bench.script.count(), 2);

    // What was never carried out may be sent at any time.
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::text(429, "later").header("retry-after", "120"))
        .reply(ok());
    bench.run(call(&bench, &SHORT)).unwrap();
    assert_eq!((bench.script.count(), bench.script.applied()), (2, 1));
}

/// Row A8: a 500 that comes again to the byte was kept by the API, and would come each time.
#[test]
fn a_kept_500_is_not_asked_for_again() {
    let bench = Bench::new();
    bench
        .script
        .respond_with(|_| ScriptReply::json(500, r#"{"code":"boom","errors":["id 7"]}"#));
    let error = fail(&bench, call(&bench, &IN_HEADER));
    assert_eq!((error.kind(), error.phase()), (Kind::Api, Phase::Final));
    assert!(error.may_have_happened() && !error.is_retryable());
    assert_eq!((bench.script.count(), error.code()), (2, Some("boom")));

    // Other failures are other tries, a gateway always says the same, and silence says nothing.
    for (status, text) in [(500, "failure"), (503, "failure"), (500, "")] {
        let bench = Bench::new();
        let mut n = 0;
        bench.script.respond_with(move |_| {
            n += usize::from(status == 500);
            let is_silent = text.is_empty();
            ScriptReply::text(
                status,
                if is_silent {
                    String::new()
                } else {
                    format!("{text} {n}")
                },
            )
        });
        let error = fail(&bench, call(&bench, &IN_HEADER));
        assert_eq!((error.kind(), bench.script.count()), (Kind::Ambiguous, 8));
    }
}

/// Row A9: while the first request is being carried out, the same key is sent after a while; never another one.
#[test]
fn in_progress_is_waited_for() {
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::stalls())
        .reply(ScriptReply::text(409, "in progress"))
        .reply(ScriptReply::text(409, "in progress").header("retry-after", "5"))
        .reply(ok());
    let reply = bench.run(call(&bench, &IN_PROGRESS).send_raw()).unwrap();
    assert_eq!((reply.attempts, bench.script.count()), (4, 4));
    assert!(bench.seconds() >= 35.0);
    let keys: HashSet<String> = bench.script.requests().iter().map(header).collect();
    assert_eq!(keys.len(), 1);

    // Before anything was in doubt it is the API's own conflict, unless the key is the caller's.
    bench.script.reply(ScriptReply::text(409, "taken"));
    let error = fail(&bench, call(&bench, &IN_PROGRESS));
    assert_eq!((error.kind(), error.phase()), (Kind::Api, Phase::Final));
    assert!(!error.may_have_happened());
    bench
        .script
        .reply(ScriptReply::text(409, "in progress"))
        .reply(ok());
    let own = call(&bench, &IN_PROGRESS).with_idempotency_key("own");
    bench.run(own).unwrap();
    assert_eq!(bench.script.count(), 7);
}

/// Row A9: a key that was used with another body is an error, and no new key is made.
#[test]
fn a_key_with_another_body_is_an_error() {
    for first in [None, Some(ScriptReply::lost())] {
        let bench = Bench::new();
        let count = 1 + usize::from(first.is_some());
        first.into_iter().for_each(|reply| {
            bench.script.reply(reply);
        });
        bench
            .script
            .reply(ScriptReply::text(422, "other parameters"));
        let error = fail(&bench, call(&bench, &IN_PROGRESS));
        assert_eq!((error.kind(), error.status()), (Kind::Api, Some(422)));
        assert!(!error.is_retryable());
        assert_eq!(bench.script.count(), count);
    }
}

/// Row A9: "done already" to a repetition is a success where nothing is read, and else an error that says so.
#[test]
fn done_already() {
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::lost())
        .reply(ScriptReply::text(409, "seen"));
    let error = fail(&bench, call(&bench, &DONE));
    assert_eq!(
        (error.kind(), error.phase()),
        (Kind::AlreadyProcessed, Phase::Final)
    );
    assert!(error.may_have_happened() && !error.is_retryable());
    assert_eq!(
        error.idempotency_key(),
        Some(&*header(&bench.script.requests()[0]))
    );
    assert!(error.to_string().contains("happened already"), "{error}");

    bench
        .script
        .reply(ScriptReply::lost())
        .reply(ScriptReply::text(409, "seen"));
    let silent = Request::new(&bench.core, &SILENT).json(&"x").call_empty();
    bench.run(silent).unwrap();
    assert_eq!((bench.script.count(), bench.script.applied()), (4, 2));

    // To a first request, or after one that was never sent, it is the API's own conflict.
    for first in [None, Some(ScriptReply::not_sent())] {
        let bench = Bench::new();
        first.into_iter().for_each(|reply| {
            bench.script.reply(reply);
        });
        bench.script.reply(ScriptReply::text(409, "taken"));
        let error = fail(&bench, call(&bench, &DONE));
        assert_eq!((error.kind(), error.status()), (Kind::Api, Some(409)));
        assert!(!error.may_have_happened());
    }
}

/// Rows A7, A17: however often it fails, the server sees as many requests as there were attempts, all with one key.
#[test]
fn the_server_counts_what_the_client_counts() {
    let bench = Bench::new();
    bench.script.respond_with(|_| ScriptReply::lost());
    let error = fail(&bench, call(&bench, &IN_HEADER));
    assert_eq!(error.kind(), Kind::Ambiguous);
    assert_eq!((error.attempts(), bench.script.count()), (8, 8));
    let keys: HashSet<String> = bench.script.requests().iter().map(header).collect();
    assert_eq!(keys.len(), 1);
}

/// Row A7: of two headers with the name of the key the last one is sent, so that is the one which is checked and told.
#[test]
fn the_key_that_is_told_is_the_key_that_is_sent() {
    let twice = |last: &str| {
        let bench = Bench::new();
        bench.script.reply(ScriptReply::text(400, "no"));
        let call = call(&bench, &IN_HEADER)
            .with_header("idempotency-key", "first")
            .with_header("idempotency-key", last);
        let error = fail(&bench, call);
        (error, bench.script.requests())
    };
    let (error, sent) = twice("second");
    assert_eq!(header(&sent[0]), "second");
    assert_eq!(error.idempotency_key(), Some("second"));
    let (error, sent) = twice(&"x".repeat(256));
    assert_eq!((error.kind(), sent.len()), (Kind::Parameter, 0));
}

/// Rows A3, E10: a write that may have happened stays in doubt when its credential cannot be renewed for a repetition.
#[test]
fn doubt_outlives_a_credential() {
    let given = Arc::new(AtomicUsize::new(0));
    let bench = bench_with(|builder| {
        let provider = CredentialProvider::new(move |_| {
            let number = given.fetch_add(1, Ordering::SeqCst);
            async move {
                match number {
                    0 => Ok(CredentialValue::new("first")?.valid_for(Duration::from_secs(10))),
                    _ => Err("the vault is closed".into()),
                }
            }
        });
        builder.credential(&KEY, provider);
    });
    bench.script.reply(ScriptReply::stalls());
    let error = fail(&bench, call(&bench, &IN_HEADER));
    assert_eq!(bench.script.count(), 1);
    assert!(error.may_have_happened() && !error.is_retryable());
    assert_eq!(error.kind(), Kind::Ambiguous, "{error}");
    assert!(error.to_string().contains("the vault is closed"), "{error}");
}
